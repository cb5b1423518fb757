"""The hub's garbage collection, in moments in which nobody waits for an answer.

Left to itself, Python looks for cycles after every so many new objects. In a flash sale that is
when thousands of orders are under way, none of which is garbage: it was a third of the work of the
hub, and with thousands of connections one look at everything stands in the way of everybody for a
quarter of a second. Here the same is done in a second in which hardly anybody waits: a look at what
is new since the last one, and now and then at everything.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Final, Literal

LOOK_EVERY_S: Final = 1.0
# Where more people than this wait for an answer there is something better to do.
FEW: Final = 8
# Fewer new objects than this are not worth a look; a connection has about a hundred.
WORTH_A_LOOK: Final = 10_000
# Some 30 MB, if all of it were garbage: then they wait after all.
TOO_MANY: Final = 300_000
# What has become old since the last look at everything, beside a quarter of what was old then.
WORTH_A_FULL_LOOK: Final = 100_000


def generation_due(new: int, waiting: int, aged: int, old: int) -> Literal[1, 2] | None:
    """What to collect now, if anything: 1, what is new, or 2, everything. Pure.

    new: objects since the last look. waiting: people for an answer. aged: objects that have become
    old since the last look at everything, which left `old`.
    """
    if new < WORTH_A_LOOK or (waiting > FEW and new < TOO_MANY):
        return None
    return 2 if aged + new > max(WORTH_A_FULL_LOOK, old // 4) else 1


class GarbageCollection:
    """Replaces the automatic one while `run` runs. waiting: how many people wait for an answer."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._waiting = waiting
        self._aged = 0
        self._old = 0

    async def run(self) -> None:
        """Look every second, for ever. Cancel to stop."""
        gc.disable()
        try:
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                self.look()
        finally:
            gc.enable()

    def look(self) -> None:
        """Collect what is due."""
        new = gc.get_count()[0]
        generation = generation_due(new, self._waiting(), self._aged, self._old)
        if generation is None:
            return
        collected = gc.collect(generation)
        if generation == 1:
            self._aged += max(0, new - collected)
        else:
            self._aged = 0
            self._old = len(gc.get_objects(generation=2))
