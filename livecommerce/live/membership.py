"""Which rooms of a live session a connection is in, by what its person may do there.

Whoever is put out loses all of them at once, in every process: each hears of it from the bus and
looks at its own connections. The same is done for who is made a moderator, or is one no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from livecommerce.facts import Fact
from livecommerce.live import chat_state
from livecommerce.live.permissions import NOTHING, Permission
from livecommerce.live.playback import Playback
from livecommerce.live.room import RoomState
from livecommerce.live.sessions import OVER
from signaling import chat_payloads as wire
from signaling.gateway import Gateway
from signaling.rooms import Kind, Room

_BY_RIGHT: Final = (
    (Kind.HOST, Permission.SEE_ORDERS),
    (Kind.MODERATORS, Permission.MODERATE_CHAT),
)
_OF_LIVE_SESSION: Final = (Kind.LIVE_SESSION, Kind.HOST, Kind.MODERATORS)


IsFollowing = Callable[[UUID, UUID], bool | None]


class Membership:
    """Of this process's connections. Nothing here waits.

    is_following: of an influencer's and a person's id, as far as it is known.
    """

    def __init__(self, gateway: Gateway, playback: Playback, is_following: IsFollowing) -> None:
        self._gateway = gateway
        self._playback = playback
        self._is_following = is_following

    def settle(self, connection_id: str, state: RoomState) -> None:
        """Have a connection in the rooms of a live session that it has joined which are its own,
        and in no other."""
        live_session_id = state.live_session.id
        user_id = self._person_of(connection_id)
        if not may_enter(state, user_id):
            self.leave(connection_id, live_session_id)
            return
        rights = rights_of(state, user_id)
        for kind, right in _BY_RIGHT:
            room = Room(kind, live_session_id)
            if right in rights:
                self._gateway.enter(connection_id, room)
            else:
                self._gateway.leave(connection_id, room)

    def settle_all(self, state: RoomState) -> None:
        """After the state was read anew: what was decided meanwhile was told to nobody here."""
        live_session_id = state.live_session.id
        concerned = (
            self._gateway.members(Room(Kind.LIVE_SESSION, live_session_id))
            if state.is_private
            else self._of_people(state, (*state.chat.members, *state.chat.moderators))
        )
        for kind, _ in _BY_RIGHT:
            concerned |= self._gateway.members(Room(kind, live_session_id))
        for connection_id in concerned:
            self.settle(connection_id, state)
        self._settle_playback(state)

    def _settle_playback(self, state: RoomState) -> None:
        live_session_id = state.live_session.id
        if state.live_session.status in OVER:
            self._playback.end(live_session_id)
        elif state.is_private:
            self._playback.cut_all_but(live_session_id, state.host_user_id)
        else:
            banned = [each.user_id for each in state.chat.members.values() if each.is_banned]
            self._playback.cut(live_session_id, banned)

    def own_connections(self, state: RoomState) -> int:
        """How many of the influencer are there, who is no viewer."""
        return len(self._of_people(state, (state.host_user_id,)))

    def leave(self, connection_id: str, live_session_id: UUID) -> None:
        for kind in _OF_LIVE_SESSION:
            self._gateway.leave(connection_id, Room(kind, live_session_id))

    def after(self, before: RoomState, state: RoomState, fact: Fact) -> None:
        """Carry out what a fact that has led from one state to the other means for somebody's
        connections."""
        if fact.name == "member.changed":
            self._person_changed(before, state, UUID(fact.data["member"]["user_id"]))
        elif fact.name == "moderator.changed":
            self._person_changed(before, state, UUID(fact.data["moderator"]["user_id"]))

    def _person_changed(self, before: RoomState, state: RoomState, user_id: UUID) -> None:
        live_session_id = state.live_session.id
        if chat_state.is_banned(state.chat, user_id):
            # Whoever has no connection here may watch all the same.
            self._playback.cut(live_session_id, (user_id,))
        connections = self._of_people(state, (user_id,))
        if not connections:
            return
        person = Room(Kind.PERSON, user_id)
        you = self._standing(state, user_id)
        if chat_state.is_banned(state.chat, user_id):
            banned = wire.PersonBanned(live_session_id=live_session_id)
            self._gateway.publish(person, "person.banned", banned)
        elif you != self._standing(before, user_id):
            # Whoever is hidden is not told, not even that something changed.
            changed = wire.StandingChanged(live_session_id=live_session_id, you=you)
            self._gateway.publish(person, "standing.changed", changed)
        for connection_id in connections:
            self.settle(connection_id, state)

    def _standing(self, state: RoomState, user_id: UUID) -> wire.ChatStanding:
        is_following = self._is_following(state.live_session.influencer.id, user_id)
        return chat_state.standing(state.chat, user_id, state.host_user_id, is_following)

    def _of_people(self, state: RoomState, user_ids: tuple[UUID, ...]) -> frozenset[str]:
        """Their connections that have joined the live session."""
        found: frozenset[str] = frozenset()
        for user_id in user_ids:
            found |= self._gateway.members(Room(Kind.PERSON, user_id))
        live_session_id = state.live_session.id
        return frozenset(
            each for each in found if self._gateway.is_in_live_session(each, live_session_id)
        )

    def _person_of(self, connection_id: str) -> UUID | None:
        rooms = self._gateway.rooms_of(connection_id)
        return next((room.id for room in rooms if room.kind is Kind.PERSON), None)


def may_enter(state: RoomState, user_id: UUID | None) -> bool:
    """Whether somebody may be in a live session; user_id None for who is not signed in."""
    if user_id is None:
        return not state.is_private
    if state.is_private and user_id != state.host_user_id:
        return False
    return not chat_state.is_banned(state.chat, user_id)


def rights_of(state: RoomState, user_id: UUID | None) -> Permission:
    if user_id is None:
        return NOTHING
    return chat_state.permissions_of(state.chat, user_id, state.host_user_id)
