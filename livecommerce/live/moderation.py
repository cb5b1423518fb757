"""What the influencer and moderators do about a chat and its people: the contract's rows about it.

Whoever lacks the right is refused by what this process knows, which costs nothing; the database
judges once more where the act is done, since rights may have been taken back meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from db import SERVICE, Database
from livecommerce.live import chat_gate, chat_records
from livecommerce.live.chat import clean_text, record_of
from livecommerce.live.chat_message import announcement
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.counters import Counters
from livecommerce.live.membership import rights_of
from livecommerce.live.permissions import NOTHING, Permission, of_names
from livecommerce.live.room import RoomState
from livecommerce.live.rooms import HostedRoom
from livecommerce.live.sessions import OVER, not_yours
from livecommerce.live.word_filter import words_of_term
from livecommerce.relay import Relay
from signaling import chat_payloads
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.gateway import Handler
from signaling.refusals import Refused


class Moderation:
    """open_room: the room, if the caller may be there; raises Refused. epoch_ms: wall clock.
    max_chars: of an announcement, as a reader counts them."""

    def __init__(
        self,
        db: Database,
        relay: Relay,
        counters: Counters,
        open_room: Callable[[Caller, UUID], Awaitable[HostedRoom]],
        epoch_ms: Callable[[], int],
        max_chars: int,
    ) -> None:
        self._db = db
        self._relay = relay
        self._counters = counters
        self._open_room = open_room
        self._epoch_ms = epoch_ms
        self._max_chars = max_chars

    def table(self) -> Mapping[str, Handler]:
        return {
            "chat.delete": self.delete,
            "chat.clear": self.clear,
            "chat.pin": self.pin,
            "chat.unpin": self.unpin,
            "chat.announce": self.announce,
            "chat.review": self.review,
            "chat.configure": self.configure,
            "chat.mute": self.mute,
            "chat.unmute": self._undo("unmute"),
            "chat.ban": self._put_away("ban"),
            "chat.unban": self._undo("unban"),
            "chat.hide": self._put_away("hide"),
            "chat.unhide": self._undo("unhide"),
            "filter.change": self.change_filter,
            "moderator.appoint": self.appoint,
            "moderator.dismiss": self.dismiss,
            "people.list": self.people,
            "moderation.list": self.acts,
        }

    # ---- messages

    async def delete(self, caller: Caller, payload: chat_payloads.ChatDelete) -> wire.Empty:
        _, by = await self._moderated(caller, payload)
        await chat_records.delete_message(
            self._db, payload.live_session_id, by.user_id, payload.message_id
        )
        return self._told()

    async def clear(self, caller: Caller, payload: wire.InLiveSession) -> wire.Empty:
        _, by = await self._moderated(caller, payload)
        await chat_records.clear(self._db, payload.live_session_id, by.user_id)
        return self._told()

    async def pin(self, caller: Caller, payload: chat_payloads.MessageChoice) -> wire.Empty:
        state, by = await self._moderated(caller, payload)
        _require_not_over(state)
        found = (each for each in state.chat.messages if each.id == payload.message_id)
        message = next(found, None)
        if message is None or "hidden" in message.marks:
            raise Refused("chat.not_found", "There is no such message.")
        await chat_records.pin(self._db, payload.live_session_id, by.user_id, message)
        return self._told()

    async def unpin(self, caller: Caller, payload: wire.InLiveSession) -> wire.Empty:
        _, by = await self._moderated(caller, payload)
        await chat_records.pin(self._db, payload.live_session_id, by.user_id, None)
        return self._told()

    async def announce(self, caller: Caller, payload: chat_payloads.ChatAnnounce) -> wire.ChatSent:
        state, by = await self._moderated(caller, payload)
        _require_not_over(state)
        text = clean_text(payload.text, self._max_chars)
        linked = chat_gate.link_refusal(state.chat, text)
        if linked is not None:
            raise linked
        message = announcement(
            state.chat,
            by,
            payload.id,
            text,
            self._epoch_ms(),
            is_host=by.user_id == state.host_user_id,
        )
        await chat_records.announce(
            self._db,
            payload.live_session_id,
            by.user_id,
            message,
            record_of(message),
            is_pinned=payload.is_pinned,
        )
        self._told()
        return wire.ChatSent(message=message, is_held=False, claim=None)

    async def review(self, caller: Caller, payload: chat_payloads.ChatReview) -> wire.Empty:
        _, by = await self._moderated(caller, payload)
        await chat_records.review(
            self._db,
            payload.live_session_id,
            by.user_id,
            payload.message_id,
            is_approved=payload.is_approved,
        )
        if payload.is_approved:
            self._counters.add_message(payload.live_session_id)
        return self._told()

    # ---- rules

    async def configure(
        self, caller: Caller, payload: chat_payloads.ChatConfigure
    ) -> chat_payloads.SettingsOk:
        _, by = await self._moderated(caller, payload)
        changes = payload.model_dump(exclude={"live_session_id"}, exclude_none=True)
        settings = await chat_records.configure(
            self._db, payload.live_session_id, by.user_id, changes
        )
        self._told()
        return chat_payloads.SettingsOk(settings=settings)

    async def change_filter(
        self, caller: Caller, payload: chat_payloads.FilterChange
    ) -> chat_payloads.FilterOk:
        _, by = await self._moderated(caller, payload)
        for term in payload.add:
            if not words_of_term(term):
                raise Refused(
                    "filter.invalid",
                    "A word has two letters or more, a phrase at most six words.",
                    details={"term": term},
                )
        terms = await chat_records.change_terms(
            self._db, payload.live_session_id, by.user_id, payload.add, payload.remove
        )
        self._told()
        return chat_payloads.FilterOk(terms=terms)

    # ---- people

    async def mute(self, caller: Caller, payload: chat_payloads.ChatMute) -> wire.Wire:
        until = self._now() + timedelta(seconds=payload.duration_s)
        return await self._decide(caller, payload, "mute", until=until, reason=payload.reason)

    def _put_away(
        self, act: chat_payloads.Act
    ) -> Callable[[Caller, chat_payloads.ChatBan], Awaitable[wire.Wire]]:
        async def handler(caller: Caller, payload: chat_payloads.ChatBan) -> wire.Wire:
            return await self._decide(
                caller, payload, act, everywhere=payload.everywhere, reason=payload.reason
            )

        return handler

    def _undo(
        self, act: chat_payloads.Act
    ) -> Callable[[Caller, chat_payloads.MemberChoice], Awaitable[wire.Wire]]:
        async def handler(caller: Caller, payload: chat_payloads.MemberChoice) -> wire.Wire:
            return await self._decide(caller, payload, act)

        return handler

    async def _decide(
        self,
        caller: Caller,
        payload: chat_payloads.MemberChoice,
        act: chat_payloads.Act,
        **more: Any,
    ) -> chat_payloads.MemberOk:
        _, by = await self._moderated(caller, payload)
        member = await chat_records.decide_about_member(
            self._db, payload.live_session_id, by.user_id, payload.user_id, act, **more
        )
        self._told()
        return chat_payloads.MemberOk(member=member)

    async def appoint(
        self, caller: Caller, payload: chat_payloads.ModeratorAppoint
    ) -> chat_payloads.ModeratorOk:
        _, by = await self._moderated(caller, payload)
        moderator = await chat_records.appoint(
            self._db,
            payload.live_session_id,
            by.user_id,
            payload.user_id,
            of_names(payload.permissions),
            everywhere=payload.everywhere,
        )
        self._told()
        return chat_payloads.ModeratorOk(moderator=moderator)

    async def dismiss(self, caller: Caller, payload: chat_payloads.MemberChoice) -> wire.Empty:
        _, by = await self._moderated(caller, payload)
        await chat_records.appoint(
            self._db,
            payload.live_session_id,
            by.user_id,
            payload.user_id,
            NOTHING,
            everywhere=False,
        )
        return self._told()

    async def people(self, caller: Caller, payload: wire.InLiveSession) -> chat_payloads.PeopleOk:
        await self._moderated(caller, payload)
        # From where it is written: whoever has just done something looks whether it is done.
        async with self._db.acting_as(SERVICE) as tx:
            chat = await chat_records.read_chat(tx, payload.live_session_id, ChatRoom())
        return chat_payloads.PeopleOk(
            moderators=tuple(chat.moderators.values()),
            members=tuple(chat.members.values()),
            terms=chat.words.terms,
        )

    async def acts(
        self, caller: Caller, payload: chat_payloads.ModerationAsk
    ) -> chat_payloads.ModerationOk:
        await self._moderated(caller, payload)
        return await chat_records.acts(self._db, payload.live_session_id, payload.before_id)

    # ----

    async def _moderated(
        self, caller: Caller, payload: wire.InLiveSession
    ) -> tuple[RoomState, Identity]:
        """Raises Refused for who does not look after the chat."""
        state = (await self._open_room(caller, payload.live_session_id)).ready
        assert caller.identity is not None, "the contract's roles of these events are signed in"
        if Permission.MODERATE_CHAT not in rights_of(state, caller.identity.user_id):
            raise not_yours(is_private=state.is_private)
        return state, caller.identity

    def _told(self) -> wire.Empty:
        """What was written is on its way to the hubs."""
        self._relay.kick()
        return wire.Empty()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._epoch_ms() / 1000, UTC)


def _require_not_over(state: RoomState) -> None:
    if state.live_session.status in OVER:
        raise Refused("session.wrong_state", "This live session is over.")
