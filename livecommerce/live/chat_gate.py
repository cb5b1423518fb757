"""Whether something may be said in a chat. Pure: the state of the chat in, a refusal or a verdict
out.

The influencer and who moderates the chat may always write, and what they wrote is not looked
through; only where nobody may post links, they may not either. A name stands before every message,
so it is looked through as the message is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from livecommerce.live import chat_state
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.links import has_link, is_address_in_name
from livecommerce.live.unwanted_words import UNWANTED
from livecommerce.live.word_filter import WordFilter
from signaling.refusals import Refused

_EVERYWHERE_UNWANTED: Final = WordFilter(UNWANTED)


@dataclass(frozen=True, slots=True)
class Speaker:
    """is_host: the influencer. moderates: looks after this chat. wait_s: until slow mode lets the
    next message pass. name: as it is shown."""

    user_id: UUID
    is_host: bool
    moderates: bool
    is_follower: bool
    is_buyer: bool
    wait_s: float
    name: str = ""


def refusal(chat: ChatRoom, speaker: Speaker, text: str, now_ms: int) -> Refused | None:
    """Why somebody may not say this now; None when they may."""
    linked = link_refusal(chat, text)
    if linked is not None:
        return linked
    if speaker.is_host:
        return None
    muted = _if_muted(chat, speaker, now_ms)
    if muted is not None or speaker.moderates:
        return muted
    settings = chat.settings
    if not settings.is_enabled:
        return Refused("chat.off", "The chat is switched off.")
    if settings.audience == "followers" and not speaker.is_follower:
        return Refused("chat.followers_only", "Only followers can write here. Follow to join in.")
    if settings.audience == "buyers" and not speaker.is_buyer:
        return Refused("chat.buyers_only", "Only customers who have ordered can write here.")
    if speaker.wait_s > 0:
        return _slow(speaker.wait_s, settings.slow_mode_s)
    if settings.links == "moderators" and has_link(text):
        return Refused("chat.links", "Only moderators post links in this chat.")
    if settings.filter == "refuse" and unwanted(chat, text) is not None:
        return Refused("chat.words", "Please say it in other words.")
    return name_refusal(chat, speaker.name, may_wait=True)


def link_refusal(chat: ChatRoom, *texts: str) -> Refused | None:
    """Where nobody posts links, not even the influencer."""
    if chat.settings.links == "none" and any(map(has_link, texts)):
        return Refused("chat.links", "Links are not allowed in this chat.")
    return None


def name_refusal(chat: ChatRoom, name: str, *, may_wait: bool) -> Refused | None:
    """Why everybody must not read somebody's name here; None when they may. may_wait: what comes
    with it may wait for review instead."""
    settings = chat.settings
    has_words = settings.filter == "refuse" or (settings.filter == "hold" and not may_wait)
    if (settings.links != "allow" and is_address_in_name(name)) or (
        has_words and unwanted(chat, name) is not None
    ):
        return Refused("chat.name", "Your name cannot be shown here. Please choose another one.")
    return None


def matched_term(chat: ChatRoom, speaker: Speaker, text: str) -> str | None:
    """For which word a message waits for review; None when it need not."""
    if speaker.is_host or speaker.moderates or chat.settings.filter != "hold":
        return None
    return unwanted(chat, text) or unwanted(chat, speaker.name)


def unwanted(chat: ChatRoom, text: str) -> str | None:
    return chat.words.match(text) or _EVERYWHERE_UNWANTED.match(text)


def _if_muted(chat: ChatRoom, speaker: Speaker, now_ms: int) -> Refused | None:
    until_ms = chat_state.muted_until_ms(chat, speaker.user_id)
    if until_ms is None or until_ms <= now_ms:
        return None
    return Refused(
        "chat.muted",
        "You cannot write here for a while.",
        retry_after_s=(until_ms - now_ms) / 1000,
        details={"until_ms": until_ms},
    )


def _slow(wait_s: float, every_s: int) -> Refused:
    unit = "second" if every_s == 1 else "seconds"
    return Refused(
        "chat.slow_mode",
        f"Slow mode: one message every {every_s} {unit}.",
        retry_after_s=max(0.1, wait_s),
        details={"every_s": every_s},
    )
