"""What the parts of a live session's engagement stand on: the room, who is there, who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn, Protocol
from uuid import UUID

from livecommerce.live import chat_state
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.engagement_metrics import TURNED_AWAY, WAITING, Kind
from livecommerce.live.permissions import Permission
from livecommerce.live.room import RoomState
from livecommerce.live.sessions import not_yours
from shop.combiner import Answer, Combiner, CombinerConfig
from shop.refusal import ShopRefused
from signaling.caller import Caller, Identity
from signaling.refusals import Refused

# Twenty milliseconds are noticed by nobody, and five hundred people in them are one transaction.
# One call at a time: of two votes of one person the later one is written later.
TOGETHER: Final = CombinerConfig(window_s=0.02, batch_size=500, calls=1, waiting=20_000)


class _Hosted(Protocol):
    """Of a hosted room, what is looked at here."""

    @property
    def ready(self) -> RoomState: ...


class Ground:
    """open_room: the room, if the caller may know of it; raises Refused. is_there: whether a
    connection has joined a live session."""

    def __init__(
        self,
        open_room: Callable[[Caller, UUID], Awaitable[_Hosted]],
        is_there: Callable[[str, UUID], bool],
    ) -> None:
        self._open_room = open_room
        self._is_there = is_there

    async def room_of(self, caller: Caller, live_session_id: UUID) -> RoomState:
        """The room, which the caller is in. Raises Refused for who is not, among them everybody who
        was put out."""
        hosted = await self._open_room(caller, live_session_id)
        if not self._is_there(caller.connection_id, live_session_id):
            raise Refused("session.not_joined", "Join the live session first.")
        return hosted.ready

    async def as_participant(self, caller: Caller, live_session_id: UUID) -> Identity:
        """Raises Refused as room_of does."""
        await self.room_of(caller, live_session_id)
        return identity_of(caller)

    async def chat_of(self, caller: Caller, live_session_id: UUID) -> ChatRoom:
        """The chat, for its rules. Raises Refused for who may not know of the live session."""
        return (await self._open_room(caller, live_session_id)).ready.chat

    async def as_moderator(self, caller: Caller, live_session_id: UUID) -> Identity:
        """Raises Refused for who does not look after the live session."""
        room = (await self._open_room(caller, live_session_id)).ready
        identity = identity_of(caller)
        rights = chat_state.permissions_of(room.chat, identity.user_id, room.host_user_id)
        if Permission.MODERATE_CHAT not in rights:
            raise not_yours(is_private=room.is_private)
        return identity


async def together(
    kind: Kind, combiner: Combiner[Answer], user_id: UUID, request: dict[str, Any]
) -> Answer:
    """The database's answer to one request among many. Raises Refused when too many wait."""
    waiting = WAITING.labels(kind)
    with waiting.track_inprogress():
        try:
            return await combiner.place(user_id, request)
        except ShopRefused as refused:
            TURNED_AWAY.labels(kind).inc()
            raise Refused("service.unavailable", retry_after_s=refused.retry_after_s) from refused


def refuse(answer: dict[str, Any], sentences: dict[str, tuple[str, str]]) -> NoReturn:
    """sentences: by outcome of the database's function, the code and what a person is told."""
    code, sentence = sentences[answer["outcome"]]
    details = {key: value for key, value in answer.items() if key != "outcome"}
    raise Refused(code, sentence, details=details or None)


def identity_of(caller: Caller) -> Identity:
    assert caller.identity is not None, "the contract's roles of these events are signed in"
    return caller.identity
