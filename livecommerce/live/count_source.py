"""What one process has counted of one live session, until Postgres holds it. Pure.

A source numbers its batches 1, 2, 3, ... and keeps each until it hears that Postgres has it, not
only until Redis has: should Redis lose its last second, or all, the batches are sent once more.
Whoever takes batches in, takes those that follow the newest number it knows of the source, so a
batch that comes again adds nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from livecommerce.live.tally import Tally

# One call of the script; ten thousand viewers who leave at once are twenty of them.
RECORDS_PER_BATCH: Final = 500
VIEWERS_PER_BATCH: Final = 2_000
# Ids of viewers that wait for Redis. Beyond it they are no longer taken in, and the estimate of how
# many there are misses them.
VIEWERS_MAX: Final = 50_000
# Batches that Redis has and Postgres not yet: minutes of a flusher that is down. Beyond it the
# oldest are left to Redis alone.
HELD_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """viewers: 16 bytes each, of those who were seen. taps: see tally.Cut."""

    number: int
    body: bytes
    viewers: bytes
    taps: bytes


class Source:
    """id: names this process and live session in what it sends, anew at each start."""

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.tally = Tally()
        self.told = 0
        self.idle_sends = 0
        self._number = 0
        self._held: deque[Batch] = deque()
        self._viewers: dict[bytes, None] = {}

    def see(self, viewer: bytes) -> bool:
        """viewer: 16 bytes, the same for the same person. False when there are too many."""
        if len(self._viewers) >= VIEWERS_MAX and viewer not in self._viewers:
            return False
        self._viewers[viewer] = None
        return True

    @property
    def is_counting(self) -> bool:
        """Whether there is something that is in no batch yet."""
        return bool(self.tally or self._viewers)

    @property
    def waiting_viewers(self) -> int:
        return len(self._viewers)

    @property
    def held(self) -> int:
        """How many batches there are that Postgres may not have."""
        return len(self._held)

    @property
    def untold(self) -> list[Batch]:
        """What Redis does not have, as far as this process knows."""
        return [batch for batch in self._held if batch.number > self.told]

    def cut(self) -> int:
        """Make a batch of what was counted, unless one is on its way; how many records it has."""
        if not self.is_counting or (self._held and self._held[-1].number > self.told):
            return 0
        cut = self.tally.cut(RECORDS_PER_BATCH)
        viewers = list(self._viewers)[:VIEWERS_PER_BATCH]
        for viewer in viewers:
            del self._viewers[viewer]
        self._number += 1
        self._held.append(Batch(self._number, cut.body, b"".join(viewers), cut.taps))
        if len(self._held) > HELD_MAX:
            self._held.popleft()
        return cut.records

    def heard(self, told: int, flushed: int) -> None:
        """Redis has the batches up to `told`, which is less than before when it has lost some, and
        Postgres those up to `flushed`."""
        self.told = told
        while self._held and self._held[0].number <= flushed:
            self._held.popleft()
