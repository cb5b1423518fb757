"""Which connections are in which room, indexed both ways so that leaving costs what one was in."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from enum import Enum
from typing import Final
from uuid import UUID

from signaling.connection import Connection

# A browser is in one live session; twenty is a wall of them.
ROOMS_PER_CONNECTION = 20


class Kind(Enum):
    LIVE_SESSION = "live_session"
    """Everyone who joined the live session `id`."""
    HOST = "host"
    """Who may see the orders of the live session `id`: its influencer's own connections, and those
    of moderators with that right."""
    MODERATORS = "moderators"
    """Who looks after the chat of the live session `id`: its influencer and moderators."""
    PERSON = "person"
    """All connections of the signed-in person `id`."""


@dataclass(frozen=True, slots=True)
class Room:
    kind: Kind
    id: UUID

    def __hash__(self) -> int:
        # Those of the two fields are made in Python, and a crowd that goes asks for many. The
        # rooms of one live session differ by their kind, which tells them apart well enough.
        return hash(self.id.int)


def _unheard(connection_id: str, live_session_id: UUID) -> None:
    """Nobody counts."""


class Rooms:
    """Membership of this process's connections.

    most: rooms that a connection may be in. on_left: told of each connection that is no longer in a
    live session, by their ids; must not wait.
    """

    def __init__(self) -> None:
        self._members: dict[Room, dict[Connection, None]] = {}
        self._rooms_of: dict[Connection, set[Room]] = {}
        self.on_left: Callable[[str, UUID], None] = _unheard
        self.most = ROOMS_PER_CONNECTION

    def enter(self, connection: Connection, room: Room) -> bool:
        """False when the connection is in too many live sessions already. Other rooms do not
        count: they follow from those, and by them somebody is found who is to be put out.
        """
        rooms = self._rooms_of.setdefault(connection, set())
        if room.kind is Kind.LIVE_SESSION and room not in rooms:
            live_sessions = sum(each.kind is Kind.LIVE_SESSION for each in rooms)
            if live_sessions >= self.most:
                return False
        rooms.add(room)
        self._members.setdefault(room, {})[connection] = None
        return True

    def leave(self, connection: Connection, room: Room) -> None:
        self._rooms_of.get(connection, set()).discard(room)
        members = self._members.get(room)
        if members is None:
            return
        was_there = members.pop(connection, _ABSENT) is None
        if not members:
            del self._members[room]
        if was_there and room.kind is Kind.LIVE_SESSION:
            self.on_left(connection.sid, room.id)

    def drop(self, connection: Connection) -> frozenset[Room]:
        """Take a connection out of all its rooms and answer which they were."""
        rooms = frozenset(self._rooms_of.get(connection, ()))
        for room in rooms:
            self.leave(connection, room)
        self._rooms_of.pop(connection, None)
        return rooms

    def members(self, room: Room) -> Set[Connection]:
        """In the order in which they came."""
        members = self._members.get(room)
        return _NOBODY if members is None else members.keys()

    def of(self, connection: Connection) -> Set[Room]:
        return self._rooms_of.get(connection, _NOWHERE)

    def __contains__(self, room: Room) -> bool:
        return room in self._members


_NOBODY: Final[frozenset[Connection]] = frozenset()
_NOWHERE: Final[frozenset[Room]] = frozenset()
_ABSENT: Final = object()
