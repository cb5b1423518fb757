"""What a process knows of one live session's bus. Plain: it decides and never waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from livecommerce.bus import metrics
from livecommerce.facts import KNOWN, Fact, Position

log = structlog.get_logger(__name__)

# A burst of chat while a gap is filled; beyond it a snapshot is cheaper than patience.
_HELD_MAX: Final = 1000
# What was told here and comes again from the bus, of ten minutes without Redis; what is beyond is
# known by its subject's version, or a message by its id.
_TOLD_HERE_MAX: Final = 10_000
# Events that come twice, because they were read from the stream while they were on their way.
_MARKS_MAX: Final = 1000

OnFact = Callable[[Fact], None]
OnReset = Callable[[], None]
OnMove = Callable[[Position, bool], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is published. before: the mark of the event before it. mark: stands for it
    and all that came before."""

    position: Position
    before: str
    mark: str
    body: bytes


class Subscription:
    """on_fact, on_reset, on_moved: see SessionBus.subscribe.

    While Redis is away, what this process says is delivered here alone, under an epoch of its own
    (`here`); when Redis is back, it goes on where it stood.
    """

    def __init__(self, on_fact: OnFact, on_reset: OnReset, on_moved: OnMove) -> None:
        self.on_fact = on_fact
        self.on_reset = on_reset
        self.on_moved = on_moved
        self.here: Position | None = None
        self.ready = asyncio.Event()
        self.last: Position | None = None
        self.mark = ""
        self.filling: asyncio.Task[None] | None = None
        self.is_lost = False
        self._held: list[Entry] = []
        self._marks: deque[str] = deque(maxlen=_MARKS_MAX)
        """Of the latest events, the last one's at the end."""
        self._told_here: dict[str, Position] = {}
        """By publish id, where that was told which the bus will tell again."""

    def take(self, entry: Entry) -> bool:
        """Deliver, drop or hold one event; True when Redis must be asked what there is.

        What is not held then is in the answer, as it was appended before.
        """
        if self.is_lost:
            return False
        if self.last is None or self.filling is not None:
            self._hold(entry)
            return False
        if self.here is None and self._follows(entry):
            self._deliver(entry.position, entry.mark, entry.body)
            return False
        return self.here is not None or not self._is_known(entry)

    def _follows(self, entry: Entry) -> bool:
        assert self.last is not None
        following = Position(self.last.epoch, self.last.offset + 1)
        return entry.position == following and entry.before == self.mark

    def _is_known(self, entry: Entry) -> bool:
        # Not by its number alone: Redis may have lost that event and given its number to another.
        assert self.last is not None
        back = self.last.offset - entry.position.offset
        is_kept = 0 <= back < len(self._marks) and entry.position.epoch == self.last.epoch
        return is_kept and self._marks[-1 - back] == entry.mark

    def _hold(self, entry: Entry) -> None:
        self._held.append(entry)
        if len(self._held) > _HELD_MAX:
            self.lose()

    def _deliver(self, position: Position, mark: str, body: bytes) -> None:
        self.last, self.mark = position, mark
        self._marks.append(mark)
        event = orjson.loads(body)
        here = self._told_here.pop(event.get("p"), None)
        if here is not None:
            self._tell(Fact(KNOWN, {"epoch": here.epoch, "offset": here.offset}, position))
        else:
            self._tell(Fact(event["n"], event["d"], position, event.get("v")))

    def deliver_here(
        self,
        name: str,
        data: dict[str, Any],
        publish_id: str,
        version: int | None,
        new_epoch: Callable[[], str],
    ) -> Position:
        """Deliver what the others cannot hear now."""
        if self.here is None:
            self.here = Position(new_epoch(), 0)
            self._move(self.here, is_degraded=True)
        self.here = Position(self.here.epoch, self.here.offset + 1)
        self._told_here[publish_id] = self.here
        if len(self._told_here) > _TOLD_HERE_MAX:
            del self._told_here[next(iter(self._told_here))]
        self._tell(Fact(name, data, self.here, version))
        return self.here

    def _tell(self, fact: Fact) -> None:
        try:
            self.on_fact(fact)
        except Exception:
            # The top of one fact: one that cannot be applied must not cost those after it.
            log.exception("fact_failed", name=fact.name)

    def _move(self, position: Position, *, is_degraded: bool) -> None:
        metrics.MOVED.inc()
        self.on_moved(position, is_degraded)

    def fill(self, epoch: str, top: int, mark: str, entries: list[tuple[int, str, bytes]]) -> bool:
        """Deliver what was missed, then what was held meanwhile; True when that left another gap.

        mark: of what Redis holds at the offset of the last event that was told here. Starts over
        when that is not what was told, or the stream no longer holds what came after it. Under
        another epoch it goes on when both are as they should be.
        """
        assert self.last is not None
        if mark != self.mark or not _covers(entries, self.last.offset, top):
            self.lose()
            return False
        if self.here is not None and epoch == self.last.epoch:
            # Told here since Redis was asked: the same place would stand for two.
            return True
        if epoch != self.last.epoch:
            self.here = None
            self.last = Position(epoch, self.last.offset)
            self._move(self.last, is_degraded=False)
        for offset, its_mark, body in entries:
            self._deliver(Position(epoch, offset), its_mark, body)
        return self._deliver_held(top) or self.last.offset < top

    def start(self, position: Position, mark: str) -> bool:
        """Deliver from here on, first what was held; True when there is a gap already."""
        self.last, self.mark = position, mark
        self._marks.append(mark)
        return self._deliver_held(position.offset)

    def _deliver_held(self, top: int) -> bool:
        """top: up to which offset all is known."""
        assert self.last is not None
        held, self._held = self._held, []
        has_gap = False
        for entry in held:
            if entry.position.offset > top:
                has_gap = self.take(entry) or has_gap
            elif entry.position.epoch != self.last.epoch:
                # Of before, or of a Redis that has just begun anew.
                has_gap = True
        return has_gap

    def lose(self) -> None:
        metrics.LOST.inc()
        self.is_lost = True
        self._held = []
        self.on_reset()


def _covers(entries: list[tuple[int, str, bytes]], last: int, top: int) -> bool:
    """Whether the entries follow `last` without a hole, or `last` is the newest there is."""
    if not entries:
        return last == top
    return entries[0][0] == last + 1 and entries[-1][0] - last == len(entries)
