"""Whether somebody may put a question into the queue. Pure.

A question is read by everybody as soon as it is asked, so what the chat would hold for review is
refused here. Whether the chat is open, and to whom, does not matter: a live session may well have
questions and no chat.
"""

from __future__ import annotations

from uuid import UUID

from livecommerce.live import chat_gate, chat_state
from livecommerce.live.links import has_link
from livecommerce.live.permissions import Permission
from livecommerce.live.room import RoomState
from signaling import engagement_payloads as wire
from signaling.caller import Identity
from signaling.refusals import Refused


def refusal(
    room: RoomState, user_id: UUID, text: str, now_ms: int, name: str = ""
) -> Refused | None:
    """Why somebody may not ask this now; None when they may. The influencer and who moderates may
    always, unless they are muted; only where nobody posts links, they do not either."""
    chat = room.chat
    until_ms = chat_state.muted_until_ms(chat, user_id)
    if until_ms is not None and until_ms > now_ms:
        return Refused(
            "chat.muted",
            "You cannot write here for a while.",
            retry_after_s=(until_ms - now_ms) / 1000,
            details={"until_ms": until_ms},
        )
    linked = chat_gate.link_refusal(chat, text)
    if linked is not None:
        return linked
    rights = chat_state.permissions_of(chat, user_id, room.host_user_id)
    if Permission.MODERATE_CHAT in rights:
        return None
    if chat.settings.links != "allow" and has_link(text):
        return Refused("chat.links", "Links are not allowed here.")
    if chat.settings.filter != "off" and chat_gate.unwanted(chat, text) is not None:
        return Refused("chat.words", "Please say it in other words.")
    return chat_gate.name_refusal(chat, name, may_wait=False)


def unheard(payload: wire.QuestionAsk, identity: Identity, text: str, now_ms: int) -> wire.Question:
    """What is answered to somebody whose question nobody is to see."""
    return wire.Question(
        id=payload.id,
        text=text,
        name=identity.display_name,
        role=identity.role,
        author_id=identity.user_id,
        upvotes=0,
        status="open",
        asked_at_ms=now_ms,
        revision=1,
    )
