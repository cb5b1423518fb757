"""Who the connections of one process are, and for how long.

An access token says who somebody is until a time. When that has come the connection is anonymous
again: it keeps what everybody may hear, leaves what only this person, a host or a moderator may,
and is told, so that it can renew. A log-in that was ended (log-out, a closed account) closes the
connection instead, since whoever is at the other end may not be that person at all.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Hashable
from typing import Final, TypeVar
from uuid import UUID

from signaling import metrics
from signaling import payloads as wire
from signaling.caller import Identity
from signaling.closing import LOGIN_ENDED, REPLACED
from signaling.connection import Connection
from signaling.fanout import Fanout, event_frame
from signaling.limits import Parties, PartyLimits
from signaling.rooms import Kind, Room

Key = TypeVar("Key", bound=Hashable)

# What is heard by right of who one is.
_BY_RIGHT: Final = frozenset((Kind.PERSON, Kind.HOST, Kind.MODERATORS))


class Identities:
    """limits: of one person's connections together; beyond `connections` the one that has been
    silent the longest is closed for good, so that a phone whose old sockets hang is never locked
    out. epoch_s: wall clock in seconds.
    """

    def __init__(
        self,
        fanout: Fanout,
        limits: PartyLimits,
        idle_max: int,
        epoch_s: Callable[[], float],
    ) -> None:
        self.on_expired: Callable[[str], None] = lambda connection_id: None
        """Called with the id of a connection that has just become anonymous; must not wait."""
        self._fanout = fanout
        self._limits = limits
        self._persons: Parties[UUID] = Parties(limits, idle_max)
        self._epoch_s = epoch_s
        self._connections_of: dict[UUID, dict[Connection, None]] = {}
        self._due: dict[int, dict[Connection, None]] = {}
        """By the second in which an identity has run out."""

    def assign(self, connection: Connection, identity: Identity) -> None:
        """Say who a connection is from now on; its rooms stay, except that of the person it was."""
        now_s = asyncio.get_running_loop().time()
        self._forget(connection)
        connection.identity = identity
        connection.person = self._persons.enter(identity.user_id, now_s)
        self._due.setdefault(_due_s(identity), {})[connection] = None
        self._fanout.enter(connection, Room(Kind.PERSON, identity.user_id), None)
        same_person = self._connections_of.setdefault(identity.user_id, {})
        others = [each for each in same_person if not each.closed]
        same_person[connection] = None
        if others and len(others) >= self._limits.connections:
            min(others, key=lambda each: each.last_heard_s).shut(REPLACED)

    def drop(self, connection: Connection) -> None:
        """The connection has ended."""
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        identity = connection.identity
        if identity is None:
            return
        self._fanout.leave(connection, Room(Kind.PERSON, identity.user_id))
        self._persons.leave(identity.user_id)
        connection.identity = connection.person = None
        _take_out(self._connections_of, identity.user_id, connection)
        _take_out(self._due, _due_s(identity), connection)

    # ---- expiry

    def expire(self) -> None:
        """Make anonymous whose time has come. To be called each second."""
        now_s = self._epoch_s()
        for second in [each for each in self._due if each <= now_s]:
            for connection in tuple(self._due[second]):
                self._expire(connection)

    def _expire(self, connection: Connection) -> None:
        self._forget(connection)
        for room in tuple(self._fanout.rooms.of(connection)):
            if room.kind in _BY_RIGHT:
                self._fanout.leave(connection, room)
        metrics.EXPIRED.inc()
        if connection.is_ready and not connection.closed:
            self._fanout.write(connection, _EXPIRED)
            self.on_expired(connection.sid)

    # ---- revocation

    def end(self, user_id: UUID, is_ended: Callable[[Identity], bool]) -> int:
        """Close a person's connections whose identity is one of those; how many there were."""
        ended = [
            connection
            for connection in self._connections_of.get(user_id, ())
            if connection.identity is not None and is_ended(connection.identity)
        ]
        for connection in ended:
            connection.shut(LOGIN_ENDED)
            # What it says from here on, and what is said to it, is nobody's.
            self._forget(connection)
        return len(ended)


def _due_s(identity: Identity) -> int:
    return math.ceil(identity.expires_at_s)


def _take_out(index: dict[Key, dict[Connection, None]], key: Key, connection: Connection) -> None:
    del index[key][connection]
    if not index[key]:
        del index[key]


_EXPIRED: Final = event_frame("auth.expired", wire.Empty())
