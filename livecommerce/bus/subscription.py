"""What a process knows of one live session's bus. Plain: it decides and never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import orjson
import structlog

from livecommerce.facts import Fact, Position

log = structlog.get_logger(__name__)

# A burst of chat while a gap is filled; beyond it a snapshot is cheaper than patience.
_HELD_MAX: Final = 1000

OnFact = Callable[[Fact], None]
OnReset = Callable[[], None]
OnMove = Callable[[Position, bool], None]


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
        self.filling: asyncio.Task[None] | None = None
        self.is_lost = False
        self._held: list[tuple[Position, bytes]] = []

    def take(self, position: Position, body: bytes) -> bool:
        """Deliver, drop or hold one event; True when what came before it must be fetched."""
        if self.is_lost:
            return False
        if self.last is None or self.filling is not None:
            self._hold(position, body)
            return False
        if self.here is not None:
            self._hold(position, body)
            return True
        if position.epoch == self.last.epoch and position.offset <= self.last.offset:
            return False
        if position == Position(self.last.epoch, self.last.offset + 1):
            self._deliver(position, body)
            return False
        self._hold(position, body)
        return True

    def _hold(self, position: Position, body: bytes) -> None:
        self._held.append((position, body))
        if len(self._held) > _HELD_MAX:
            self.lose()

    def _deliver(self, position: Position, body: bytes) -> None:
        self.last = position
        event = orjson.loads(body)
        self._tell(Fact(event["n"], event["d"], position, event.get("v")))

    def deliver_here(
        self, name: str, data: dict[str, Any], version: int | None, new_epoch: Callable[[], str]
    ) -> Position:
        """Deliver what the others cannot hear now."""
        if self.here is None:
            self.here = Position(new_epoch(), 0)
            self.on_moved(self.here, True)
        self.here = Position(self.here.epoch, self.here.offset + 1)
        self._tell(Fact(name, data, self.here, version))
        return self.here

    def _tell(self, fact: Fact) -> None:
        try:
            self.on_fact(fact)
        except Exception:
            # The top of one fact: one that cannot be applied must not cost those after it.
            log.exception("fact_failed", name=fact.name)

    def fill(self, epoch: str, top: int, entries: list[tuple[int, bytes]]) -> bool:
        """Deliver what was missed, then what was held meanwhile; True when that left another gap.

        Starts over when the stream no longer holds it, or went back behind what was delivered.
        """
        assert self.last is not None
        if epoch != self.last.epoch or not _covers(entries, self.last.offset, top):
            self.lose()
            return False
        if self.here is not None:
            self.here = None
            self.on_moved(self.last, False)
        for offset, body in entries:
            self._deliver(Position(epoch, offset), body)
        return self._deliver_held() or self.last.offset < top

    def start(self, position: Position) -> bool:
        """Deliver from here on, first what was held; True when there is a gap already."""
        self.last = position
        return self._deliver_held()

    def _deliver_held(self) -> bool:
        held, self._held = self._held, []
        has_gap = False
        for position, body in held:
            has_gap = self.take(position, body) or has_gap
        return has_gap

    def lose(self) -> None:
        self.is_lost = True
        self._held = []
        self.on_reset()


def _covers(entries: list[tuple[int, bytes]], last: int, top: int) -> bool:
    """Whether the entries follow `last` without a hole, or `last` is the newest there is."""
    if not entries:
        return last == top
    return entries[0][0] == last + 1 and entries[-1][0] - last == len(entries)
