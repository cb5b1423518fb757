"""One timer for all connections: pings, silence, and viewers that have caught up.

Each second one slot of the wheel is pinged and the slot that was pinged `timeout` before is judged,
so ten thousand connections cost one timer and no task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from signaling.closing import SILENT
from signaling.connection import PING_FRAME, Connection

BEAT_S: Final = 1.0


class Heartbeat:
    """`run` must be running.

    caught_up: called with each connection that lagged, skipped something and has drained.
    """

    def __init__(
        self, interval_s: int, timeout_s: int, caught_up: Callable[[Connection], None]
    ) -> None:
        self._timeout_s = timeout_s
        self._caught_up = caught_up
        self._wheel: list[set[Connection]] = [set() for _ in range(interval_s)]
        self._lagging: set[Connection] = set()
        self._next_slot = 0

    def add(self, connection: Connection) -> None:
        # In turn, so that every second has as many pings as any other.
        self._next_slot = (self._next_slot + 1) % len(self._wheel)
        connection.beat_slot = self._next_slot
        self._wheel[self._next_slot].add(connection)

    def remove(self, connection: Connection) -> None:
        self._wheel[connection.beat_slot].discard(connection)
        self._lagging.discard(connection)

    def watch(self, connection: Connection) -> None:
        """Look each second whether this one, which lags, has drained."""
        self._lagging.add(connection)

    async def run(self, beside: Callable[[], None]) -> None:
        """For ever, with `beside` called each second too. Cancel to stop."""
        tick = 0
        while True:
            await asyncio.sleep(BEAT_S)
            tick += 1
            self.beat(tick)
            beside()

    def beat(self, tick: int) -> None:
        """One second's work."""
        now_s = asyncio.get_running_loop().time()
        slots = len(self._wheel)
        self._judge(self._wheel[(tick - self._timeout_s) % slots])
        for connection in self._wheel[tick % slots]:
            connection.last_ping_s = now_s
            connection.write(PING_FRAME)
        for connection in list(self._lagging):
            if connection.caught_up(now_s):
                self._caught_up(connection)
            if not connection.is_behind:
                self._lagging.discard(connection)

    def _judge(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            # A message that is worked on keeps the pong unread; its budget bounds how long.
            if connection.last_heard_s < connection.last_ping_s and not connection.is_busy:
                connection.abort(SILENT.reason)
