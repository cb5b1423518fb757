"""Which connections are in which room, indexed both ways so that leaving costs what one was in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from signaling.connection import Connection

# A browser is in one live session, the host's room and its own; twenty leaves room for a wall of
# them.
ROOMS_PER_CONNECTION = 20


class Kind(Enum):
    LIVE_SESSION = "live_session"
    """Everyone who joined the live session `id`."""
    HOST = "host"
    """The influencer's own connections to the live session `id`."""
    PERSON = "person"
    """All connections of the signed-in person `id`."""


@dataclass(frozen=True, slots=True)
class Room:
    kind: Kind
    id: UUID


class Rooms:
    """Membership of this process's connections."""

    def __init__(self) -> None:
        self._members: dict[Room, dict[str, Connection]] = {}
        self._rooms_of: dict[str, set[Room]] = {}

    def enter(self, connection: Connection, room: Room) -> bool:
        """False when the connection is in too many rooms already."""
        rooms = self._rooms_of.setdefault(connection.sid, set())
        if len(rooms) >= ROOMS_PER_CONNECTION and room not in rooms:
            return False
        rooms.add(room)
        self._members.setdefault(room, {})[connection.sid] = connection
        return True

    def leave(self, sid: str, room: Room) -> None:
        self._rooms_of.get(sid, set()).discard(room)
        members = self._members.get(room)
        if members is None:
            return
        members.pop(sid, None)
        if not members:
            del self._members[room]

    def drop(self, sid: str) -> frozenset[Room]:
        """Take a connection out of all its rooms and answer which they were."""
        rooms = frozenset(self._rooms_of.get(sid, ()))
        for room in rooms:
            self.leave(sid, room)
        self._rooms_of.pop(sid, None)
        return rooms

    def members(self, room: Room) -> Collection[Connection]:
        members = self._members.get(room)
        return () if members is None else members.values()

    def of(self, sid: str) -> frozenset[Room]:
        return frozenset(self._rooms_of.get(sid, ()))

    def __contains__(self, room: Room) -> bool:
        return room in self._members
