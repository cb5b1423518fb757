"""Joins, clicks, messages, viewers and time watched: counted in a process, sent to Redis once a
second, flushed to Postgres from there (counter_flusher.py).

Records go the same way: a visit, a message of the chat for the replay.

Exactly once, whatever dies when, as long as this process lives; the figures of its last second are
lost when it is killed, and nothing is ever counted twice:

1. What was counted becomes a batch with the next number of its source, which is this process and
   live session. One script takes it in when it follows the newest that Redis knows of the source,
   and notes which of its taps came by another process before.
   A batch whose reply was lost is sent again; so are those that Redis took in and lost.
2. A flusher reads the oldest batches and, in one Postgres transaction, notes the newest number of
   each source and adds the batches that are newer than what was noted before.
3. Only then they are forgotten in Redis, and here when Redis says so.

Whoever crashes between any two steps leaves batches that the next flusher takes through steps 2
and 3. Two flushers at once wait for each other at the sources' rows, and the second adds nothing.
tests/faults/counting_model.py tries every order in which all this can happen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import structlog

from livecommerce.bus import BusUnavailable, Redis
from livecommerce.live import count_metrics as metrics
from livecommerce.live.count_source import Source
from livecommerce.live.recent_ids import RecentIds
from livecommerce.live.tally import ADDED_TO_CART, CLICKED, Minute, Tally

log = structlog.get_logger(__name__)

# Records, by kind.
VISIT: Final = "visit"
CHAT: Final = "chat"
INDEX: Final = "counting:live_sessions"
# Sources and viewers are remembered this long after the last batch.
REMEMBER_S: Final = 2 * 86_400
_SEND_EVERY_S: Final = 1.0
# About 15 MB. Beyond it the newest are dropped: figures must not take the memory of the picture.
_RECORDS_MAX: Final = 50_000
# What waits in Redis for Postgres, of one live session. Beyond it each process keeps its own.
_WAITING_BYTES_MAX: Final = 32_000_000
_IDLE_SENDS: Final = 600


class Counters:
    """What one hub process counts. Nothing but `send` waits.

    new_id: makes an id that nothing else has. epoch_s: wall clock in seconds.
    """

    def __init__(
        self,
        redis: Redis,
        new_id: Callable[[], UUID],
        epoch_s: Callable[[], float],
        waiting_bytes_max: int = _WAITING_BYTES_MAX,
    ) -> None:
        self._redis = redis
        self._new_id = new_id
        self._epoch_s = epoch_s
        self._waiting_bytes_max = waiting_bytes_max
        self._sources: dict[UUID, Source] = {}
        self._records = 0
        self._taps = RecentIds()
        self._sending = asyncio.Lock()

    # ---- counting

    def add_join(self, live_session_id: UUID) -> None:
        self._minute(live_session_id).joins += 1

    def add_leave(self, live_session_id: UUID, minute: int) -> None:
        """minute: since 1970, in which somebody left."""
        self._source(live_session_id).tally.minute(minute).leaves += 1

    def add_click(self, live_session_id: UUID, product_id: UUID, click_id: UUID) -> None:
        """Count a tap; one with an id that came before is not counted."""
        self._tap(live_session_id, product_id, CLICKED, click_id)

    def add_to_cart(self, live_session_id: UUID, product_id: UUID, change_id: UUID) -> None:
        """Count that the product was put into a cart; change_id as in add_click."""
        self._tap(live_session_id, product_id, ADDED_TO_CART, change_id)

    def add_shown(self, live_session_id: UUID, product_id: UUID, visits: int) -> None:
        """Count that the product was pinned before the eyes of so many visits."""
        self._minute(live_session_id).product(product_id).shown += visits

    def add_message(self, live_session_id: UUID) -> None:
        self._minute(live_session_id).messages += 1

    def add_reactions(self, live_session_id: UUID, kind: str, count: int) -> None:
        self._minute(live_session_id).react(kind, count)

    def add_watch_time(self, live_session_id: UUID, minute: int, watch_ms: int) -> None:
        """minute: since 1970, in which they watched."""
        self._source(live_session_id).tally.minute(minute).watch_ms += watch_ms

    def sample_viewers(self, live_session_id: UUID, viewers: int) -> None:
        """So many are there now, of all processes."""
        minute = self._minute(live_session_id)
        minute.peak = max(minute.peak, viewers)
        minute.viewers_sum += viewers
        minute.samples += 1

    def see(self, live_session_id: UUID, viewer: bytes) -> None:
        """Count a viewer once; viewer: whatever is the same for the same person."""
        hashed = blake2b(viewer, digest_size=16).digest()
        if not self._source(live_session_id).see(hashed):
            metrics.DROPPED.labels("viewer").inc()

    def keep(self, live_session_id: UUID, kind: str, record: Mapping[str, Any]) -> None:
        """Keep a record of one of the kinds above; its id names it, and a later one of the same id
        takes its place."""
        if self._records >= _RECORDS_MAX:
            metrics.DROPPED.labels(kind).inc()
        elif self._source(live_session_id).tally.keep(kind, record):
            self._records += 1

    def tally(self, live_session_id: UUID) -> Tally:
        """What was counted and is in no batch yet."""
        return self._source(live_session_id).tally

    def waiting_viewers(self, live_session_id: UUID) -> int:
        """How many viewers were seen and are in no batch yet, each once."""
        return self._source(live_session_id).waiting_viewers

    def held(self, live_session_id: UUID) -> int:
        """How many batches there are that Postgres may not have."""
        return self._source(live_session_id).held

    def _tap(self, live_session_id: UUID, product_id: UUID, what: str, tap_id: UUID) -> None:
        now_s = self._epoch_s()
        if self._taps.is_new(tap_id.int, now_s):
            tally = self._source(live_session_id).tally
            tally.tap(int(now_s) // 60, product_id, what, tap_id)

    def _minute(self, live_session_id: UUID) -> Minute:
        return self._source(live_session_id).tally.minute(int(self._epoch_s()) // 60)

    def _source(self, live_session_id: UUID) -> Source:
        source = self._sources.get(live_session_id)
        if source is None:
            source = self._sources[live_session_id] = Source(self._new_id())
        return source

    # ---- sending

    async def run(self) -> None:
        """Send every second, for ever. Cancel to stop, then `send` once more."""
        while True:
            await asyncio.sleep(_SEND_EVERY_S)
            await self.send()

    async def send(self) -> None:
        """Send what was counted; what Redis does not confirm stays and is sent again."""
        async with self._sending:
            for live_session_id, source in list(self._sources.items()):
                try:
                    await self._send(live_session_id, source)
                except BusUnavailable as error:
                    log.warning(
                        "counts_delayed", live_session=str(live_session_id), reason=str(error)
                    )
                    break
            metrics.WAITING.set(self._records)

    async def _send(self, live_session_id: UUID, source: Source) -> None:
        while True:
            self._records -= source.cut()
            if not source.held:
                # Nothing is on its way: a live session that is over is let go after a while.
                source.idle_sends += 1
                if source.idle_sends > _IDLE_SENDS:
                    del self._sources[live_session_id]
                return
            source.idle_sends = 0
            thought, wanted = source.told, len(source.untold)
            source.heard(*await self._tell(live_session_id, source))
            if wanted and source.told == thought:
                metrics.FULL.inc()
                return
            if not source.untold and not source.is_counting:
                return

    async def _tell(self, live_session_id: UUID, source: Source) -> tuple[int, int]:
        # Before the counts, so that no flusher ever overlooks them.
        await self._redis.repeatable("ZADD", INDEX, int(self._epoch_s()), str(live_session_id))
        args: list[str | bytes | int] = [
            str(source.id),
            source.told,
            self._waiting_bytes_max,
            REMEMBER_S,
        ]
        for batch in source.untold:
            args += [batch.number, batch.body, batch.viewers, batch.taps]
        keys = [
            batches_key(live_session_id),
            sources_key(live_session_id),
            viewers_key(live_session_id),
            f"counting:{{{live_session_id}}}:taps",
        ]
        told, flushed = await self._redis.effect("count_batch", keys, args)
        return told, flushed


def batches_key(live_session_id: UUID) -> str:
    return f"counting:{{{live_session_id}}}:batches"


def sources_key(live_session_id: UUID) -> str:
    return f"counting:{{{live_session_id}}}:sources"


def viewers_key(live_session_id: UUID) -> str:
    return f"counting:{{{live_session_id}}}:viewers"
