"""What the contract's chat.send does.

It runs for every message of ten thousand people, so it asks nobody: the rules of the chat, who is
muted and who has bought are at hand. Only a message that is held for review goes to Postgres, and
whoever writes where only followers or buyers may waits for an answer about themselves, once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from db import Database
from livecommerce.bus import BusUnavailable, SessionBus
from livecommerce.live import chat_gate, chat_records, chat_rules, chat_state
from livecommerce.live.chat_gate import Speaker
from livecommerce.live.chat_message import composed
from livecommerce.live.counters import CHAT, Counters
from livecommerce.live.membership import rights_of
from livecommerce.live.permissions import Permission
from livecommerce.live.promises import Promises
from livecommerce.live.rooms import HostedRoom
from livecommerce.live.sessions import OVER
from livecommerce.live.standings import Standings
from livecommerce.live.visits import Visits
from livecommerce.relay import Relay
from signaling import chat_payloads
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.gateway import Handler
from signaling.refusals import Refused

OpenRoom = Callable[[Caller, UUID], Awaitable[HostedRoom]]


class Chat:
    """open_room: the room, if the caller may be there; raises Refused. epoch_ms: wall clock.
    max_chars: of a message, as a reader counts them."""

    def __init__(
        self,
        db: Database,
        relay: Relay,
        bus: SessionBus,
        counters: Counters,
        visits: Visits,
        promises: Promises,
        standings: Standings,
        open_room: OpenRoom,
        epoch_ms: Callable[[], int],
        max_chars: int,
    ) -> None:
        self._db = db
        self._relay = relay
        self._bus = bus
        self._counters = counters
        self._visits = visits
        self._promises = promises
        self._standings = standings
        self._open_room = open_room
        self._epoch_ms = epoch_ms
        self._max_chars = max_chars

    def table(self) -> Mapping[str, Handler]:
        return {"chat.send": self.send}

    async def send(self, caller: Caller, payload: chat_payloads.ChatSend) -> wire.ChatSent:
        hosted = await self._open_room(caller, payload.live_session_id)
        if hosted.ready.live_session.status in OVER:
            raise Refused("session.wrong_state", "This live session is over.")
        assert caller.identity is not None, "the contract's roles of this event are signed in"
        text = clean_text(payload.text, self._max_chars)
        speaker = await self._speaker(hosted, caller.identity, payload.id)
        chat, now_ms = hosted.ready.chat, self._epoch_ms()
        refused = chat_gate.refusal(chat, speaker, text, now_ms)
        if refused is not None:
            raise refused
        message = composed(chat, speaker, caller.identity, payload, text, now_ms)
        matched = chat_gate.matched_term(chat, speaker, text)
        if matched is not None:
            await chat_records.hold(self._db, payload.live_session_id, message, matched)
            self._relay.kick()
            return wire.ChatSent(message=chat_state.unmarked(message), is_held=True, claim=None)
        if await self._post(hosted, message):
            self._keep(caller, payload.live_session_id, message)
        claim = await self._promises.answer_claim(caller, hosted.ready, message.text)
        return wire.ChatSent(message=chat_state.unmarked(message), is_held=False, claim=claim)

    async def _speaker(self, hosted: HostedRoom, identity: Identity, message_id: UUID) -> Speaker:
        state = hosted.ready
        influencer_id, user_id = state.live_session.influencer.id, identity.user_id
        is_host = user_id == state.host_user_id
        moderates = Permission.MODERATE_CHAT in rights_of(state, user_id)
        settings = state.chat.settings
        if settings.audience == "everyone" or moderates:
            standing = self._standings.badge(influencer_id, user_id)
        else:
            needs = "is_follower" if settings.audience == "followers" else "is_buyer"
            standing = await self._standings.of(influencer_id, user_id, needs)
        wait_s = 0.0
        if settings.slow_mode_s:
            wait_s = hosted.pace.wait_s(user_id, message_id, settings.slow_mode_s, self._epoch_ms())
        return Speaker(
            user_id=user_id,
            is_host=is_host,
            moderates=moderates,
            is_follower=standing is not None and standing.is_follower,
            is_buyer=standing is not None and standing.is_buyer,
            wait_s=wait_s,
            name=identity.display_name,
        )

    async def _post(self, hosted: HostedRoom, message: wire.ChatMessage) -> bool:
        """False when a message with this id was posted before, by whomever: it stays as it was."""
        # Before it is told, so that what comes meanwhile from the same person waits its turn.
        hosted.pace.note(message.author_id, message.id, message.sent_at_ms)
        try:
            said = await self._bus.say(
                hosted.ready.live_session.id,
                "chat.posted",
                message.model_dump(mode="json"),
                f"chat:{message.id}",
            )
        except BusUnavailable:
            hosted.pace.forget(message.author_id, message.id)
            raise
        return said.is_new

    def _keep(self, caller: Caller, live_session_id: UUID, message: wire.ChatMessage) -> None:
        """For the replay and the figures."""
        self._counters.add_message(live_session_id)
        self._visits.note(caller.connection_id, live_session_id, "messages_sent")
        self._counters.keep(live_session_id, CHAT, record_of(message))


def record_of(message: wire.ChatMessage) -> dict[str, Any]:
    """As private.keep_chat_v1 takes it."""
    return {
        "id": str(message.id),
        "user_id": str(message.author_id),
        "username": message.name,
        "message": message.text,
        "message_type": "system" if "announcement" in message.marks else "chat",
        "is_influencer": message.is_host,
        "is_moderator": "moderator" in message.marks,
        "is_hidden": "hidden" in message.marks,
        "parent_message_id": str(message.reply_to.message_id) if message.reply_to else None,
        "sent_at": datetime.fromtimestamp(message.sent_at_ms / 1000, UTC).isoformat(),
    }


def clean_text(text: str, max_chars: int) -> str:
    """The text as it is kept and shown. Raises Refused."""
    cleaned = chat_rules.clean(text)
    fault = chat_rules.fault(cleaned, max_chars)
    if fault == "chat.empty":
        raise Refused(fault, "Please write something first.")
    if fault is not None:
        raise Refused(
            fault,
            f"Please use at most {max_chars} characters.",
            details={"max_chars": max_chars},
        )
    return cleaned
