"""From one event to thousands of sockets: encoded and framed once, the same bytes for all.

A room of a few hundred is written to at once. A larger one is written to in turns of `TURN_WRITES`
sockets, between which the loop looks at everything else: a pass over ten thousand sockets takes a
hundred milliseconds. Who is still to be written to stands in a queue, with the first frame that it
lacks; a frame that is published meanwhile is added for everybody, and whoever stands in the queue
gets all that it lacks in one write. So a room has one order for all, an overload makes writes
longer rather than more, and a pin waits for one pass and not for every batch of chat before it.

Between two turns something may be written to a single connection (an acknowledgement). What the
connection lacks from its rooms goes first, so that for each connection the order of the calls is
the order on the wire.

Whoever enters a room has just taken its state, up to some position; of what waits in the lanes it
gets only what is newer.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from signaling import metrics
from signaling import payloads as wire
from signaling.connection import Connection, text_frame
from signaling.contract import OUTWARD_BY_NAME, Lane, Merge, Outward
from signaling.lanes import Departure, RoomLanes, before, since
from signaling.rooms import Kind, Room, Rooms

# About four milliseconds of writing.
TURN_WRITES: Final = 512


def event_frame(name: str, payload: wire.Wire) -> bytes:
    """A complete frame of a Socket.IO event packet, ready for every transport."""
    return text_frame(f'42["{name}",{payload.model_dump_json()}]'.encode())


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes for a room. before: where a viewer that has not got it stands; None when it is in no
    history. latest: the name of the value of which only the newest counts; '' for others."""

    bytes: bytes
    lane: Lane
    before: wire.Position | None
    latest: str = ""

    @property
    def may_skip(self) -> bool:
        return self.lane in (Lane.CHAT, Lane.STATE)


class _Pass:
    """The writing of one room that is not done yet."""

    __slots__ = ("_first", "frames", "queue")

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque()
        """Those that somebody in the queue lacks."""
        self._first = 0
        self.queue: dict[Connection, int] = {}
        """By connection the number of the first frame that it lacks, which never falls along the
        queue."""

    def add(self, frame: Frame, members: Iterable[Connection]) -> None:
        number = self._first + len(self.frames)
        self.frames.append(frame)
        queue = self.queue
        for connection in members:
            if connection not in queue:
                queue[connection] = number

    def take(self, connection: Connection) -> tuple[Frame, ...]:
        """What a connection lacks; it has it then."""
        number = self.queue.pop(connection, None)
        return () if number is None else self._from(number)

    def next_batch(self, most: int) -> tuple[tuple[Frame, ...], list[Connection]]:
        """Connections that lack the same frames, those that have waited longest; they have them
        then."""
        number = next(iter(self.queue.values()))
        batch = []
        for connection, lacking_from in islice(self.queue.items(), most):
            if lacking_from != number:
                break
            batch.append(connection)
        for connection in batch:
            del self.queue[connection]
        while self._first < number:
            # Nobody lacks these any more.
            self.frames.popleft()
            self._first += 1
        return self._from(number), batch

    def _from(self, number: int) -> tuple[Frame, ...]:
        return tuple(islice(self.frames, number - self._first, None))


@dataclass(frozen=True, slots=True)
class _Timer:
    """due_s is kept beside the handle, because of what is due at once uvloop makes one that does
    not know it."""

    due_s: float
    handle: asyncio.Handle


class Fanout:
    """The rooms of one process, and everything that is written to more than one connection."""

    def __init__(self) -> None:
        self.rooms = Rooms()
        self._lanes: dict[Room, RoomLanes] = {}
        self._timers: dict[Room, _Timer] = {}
        self._newcomers: dict[Room, dict[Connection, wire.Position]] = {}
        self._passes: dict[Room, _Pass] = {}
        """In the order in which they take turns."""
        self._skipped: dict[Connection, dict[Room, wire.Position]] = {}
        """Where a connection stood in its rooms before the first frame that it did not get."""
        self._values: dict[Connection, dict[tuple[Room, str], bytes]] = {}
        """The newest of each value that a connection did not get."""

    # ---- rooms

    def enter(self, connection: Connection, room: Room, heard: wire.Position | None) -> bool:
        """False when the connection is in too many rooms. heard: up to where it knows the room."""
        is_new = connection not in self.rooms.members(room)
        if not self.rooms.enter(connection, room):
            return False
        lanes = self._lanes.get(room)
        if heard is not None and lanes is not None and lanes.has_ordered:
            self._newcomers.setdefault(room, {})[connection] = heard
        if heard is not None and not is_new:
            # It knows already what it still lacked.
            self._skipped.get(connection, {}).pop(room, None)
            if room in self._passes:
                self._passes[room].take(connection)
        return True

    def leave(self, connection: Connection, room: Room) -> None:
        self.rooms.leave(connection, room)
        self._forget(connection, room)

    def drop(self, connection: Connection) -> None:
        """Out of all rooms."""
        self._skipped.pop(connection, None)
        self._values.pop(connection, None)
        for room in self.rooms.drop(connection):
            self._forget(connection, room)

    def _forget(self, connection: Connection, room: Room) -> None:
        if room in self._passes:
            self._passes[room].take(connection)
        if room in self._newcomers:
            self._newcomers[room].pop(connection, None)
        self._skipped.get(connection, {}).pop(room, None)
        values = self._values.get(connection, {})
        for key in [key for key in values if key[0] == room]:
            del values[key]
        if room not in self.rooms and room not in self._timers:
            self._lanes.pop(room, None)

    def tell_gaps(self, connection: Connection) -> None:
        """It has drained: give it the newest of each value that it did not get, and tell it where
        it stood before what else it lacks.
        """
        for frame in self._values.pop(connection, {}).values():
            self.write(connection, frame)
        for room, position in self._skipped.pop(connection, {}).items():
            self.write(connection, _gap(room, position))

    # ---- out

    def publish(
        self, room: Room, name: str, payload: wire.Wire, *, only_moderators: bool = False
    ) -> None:
        """See Gateway.publish."""
        members = self.rooms.members(room)
        if not members:
            return
        event = OUTWARD_BY_NAME[name]
        assert isinstance(payload, event.payload), f"{name} carries {event.payload.__name__}"
        lanes = self._lanes.get(room)
        if lanes is None:
            lanes = self._lanes[room] = RoomLanes()
        now_s = asyncio.get_running_loop().time()
        self._depart(
            room, lanes.push(event, payload, now_s, len(members), only_moderators=only_moderators)
        )
        self._schedule(room, lanes)

    def write(self, connection: Connection, frame: bytes) -> None:
        """To one connection, after everything that was published to it before."""
        if self._passes:
            self.catch_up(connection)
        connection.write(frame)

    def catch_up(self, connection: Connection) -> None:
        for room in self.rooms.of(connection):
            waiting = self._passes.get(room)
            if waiting is not None and (frames := waiting.take(connection)):
                self._write_all(room, [connection], frames)

    def _schedule(self, room: Room, lanes: RoomLanes) -> None:
        due_s = lanes.next_due_s()
        timer = self._timers.get(room)
        if due_s is None or (timer is not None and timer.due_s <= due_s):
            return
        if timer is not None:
            timer.handle.cancel()
        handle = asyncio.get_running_loop().call_at(due_s, self._flush, room)
        self._timers[room] = _Timer(due_s, handle)

    def _flush(self, room: Room) -> None:
        self._timers.pop(room, None)
        lanes = self._lanes[room]
        self._depart(room, lanes.due(asyncio.get_running_loop().time()))
        if room in self.rooms or lanes.next_due_s() is not None:
            self._schedule(room, lanes)
        else:
            del self._lanes[room]

    def _depart(self, room: Room, departures: tuple[Departure, ...]) -> None:
        if not departures:
            return
        apart = self._tell_apart(room, departures)
        frames = tuple(
            _frame(each.event, each.payload) for each in departures if each.payload is not None
        )
        if not frames:
            return
        members = self.rooms.members(room)
        waiting = self._passes.get(room)
        if waiting is None and len(members) <= TURN_WRITES:
            self._write_all(room, [each for each in members if each not in apart], frames)
            return
        if waiting is None:
            if not self._passes:
                asyncio.get_running_loop().call_soon(self._turn)
            waiting = self._passes[room] = _Pass()
        for frame in frames:
            waiting.add(frame, (each for each in members if each not in apart))

    def _tell_apart(self, room: Room, departures: tuple[Departure, ...]) -> Collection[Connection]:
        """Write to those who do not hear what everybody hears; who they are."""
        newcomers: dict[Connection, wire.Position] = {}
        if any(each.event.lane is not Lane.STATE for each in departures):
            newcomers = self._newcomers.pop(room, newcomers)
        moderators = self.rooms.members(Room(Kind.MODERATORS, room.id))
        for connection, heard in newcomers.items():
            told = [
                (each.event, since(each.for_moderators, heard))
                if connection in moderators
                else (each.event, since(each.payload, heard))
                for each in departures
            ]
            self._write_apart(room, [connection], told)
        if all(each.unabridged is None for each in departures):
            return newcomers
        members = self.rooms.members(room)
        others = [each for each in moderators if each in members and each not in newcomers]
        self._write_apart(room, others, [(each.event, each.for_moderators) for each in departures])
        return {*others, *newcomers}

    def _write_apart(
        self,
        room: Room,
        connections: Collection[Connection],
        told: Iterable[tuple[Outward, wire.Wire | None]],
    ) -> None:
        frames = [_frame(event, payload) for event, payload in told if payload is not None]
        for connection in connections:
            self.catch_up(connection)
        self._write_all(room, connections, frames)

    # ---- writing

    def _turn(self) -> None:
        """Write to some sockets, then let the loop look at everything else."""
        left = TURN_WRITES
        room, waiting = next(iter(self._passes.items()))
        try:
            while left > 0 and waiting.queue:
                frames, batch = waiting.next_batch(left)
                left -= len(batch)
                self._write_all(room, batch, frames)
        finally:
            # Whatever went wrong with one batch, the others have their turns.
            del self._passes[room]
            if waiting.queue:
                self._passes[room] = waiting  # behind the others
            if self._passes:
                asyncio.get_running_loop().call_soon(self._turn)

    def _write_all(
        self, room: Room, connections: Collection[Connection], frames: Sequence[Frame]
    ) -> None:
        if not frames:
            return
        joined = frames[0].bytes if len(frames) == 1 else b"".join(each.bytes for each in frames)
        size, write = len(joined), os.write
        slow = []
        for connection in connections:
            try:
                sent = write(connection.fd, joined)
            except OSError:
                # Something is held, the kernel is full, or the peer is gone.
                if not connection.is_on_time or not connection.write(joined):
                    slow.append(connection)
            else:
                if sent < size:
                    connection.leave_to_transport(joined[sent:])
        for frame in frames:
            metrics.frames(frame.lane.value).inc(len(connections) - len(slow))
        for connection in slow:
            self._write_to_slow(room, connection, frames)

    def _write_to_slow(self, room: Room, connection: Connection, frames: Sequence[Frame]) -> None:
        for frame in frames:
            skipped = self._skipped.get(connection, {})
            if room in skipped and frame.before is not None and not frame.may_skip:
                # What is written now has a later place. Should the connection be cut off before it
                # has drained, its client must know from where to recover.
                connection.write(_gap(room, skipped.pop(room)))
            if connection.write(frame.bytes, may_skip=frame.may_skip):
                metrics.frames(frame.lane.value).inc()
                continue
            metrics.skipped(frame.lane.value).inc()
            if connection.closed:
                continue
            if frame.latest:
                self._values.setdefault(connection, {})[room, frame.latest] = frame.bytes
            if frame.before is not None:
                self._skipped.setdefault(connection, {}).setdefault(room, frame.before)


def _gap(room: Room, position: wire.Position) -> bytes:
    return event_frame("sync.gap", wire.SyncGap(live_session_id=room.id, position=position))


def _frame(event: Outward, payload: wire.Wire) -> Frame:
    is_value = event.lane is Lane.STATE and event.merge is Merge.LATEST
    latest = event.name if is_value else ""
    return Frame(event_frame(event.name, payload), event.lane, before(payload), latest)
