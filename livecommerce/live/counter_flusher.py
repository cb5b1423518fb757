"""From Redis to Postgres: what the hub processes counted. counters.py says what it promises."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from db import (
    SERVICE,
    ConstraintViolated,
    Database,
    DatabaseUnavailable,
    Query,
    Transaction,
    TransactionConflict,
)
from livecommerce.bus import BusUnavailable, Redis
from livecommerce.live import count_metrics as metrics
from livecommerce.live.counters import (
    CHAT,
    INDEX,
    REMEMBER_S,
    VISIT,
    batches_key,
    sources_key,
    viewers_key,
)
from livecommerce.live.tally import Minute, Tally

log = structlog.get_logger(__name__)

# One transaction; what is beyond either goes into the next.
_BATCHES_MAX: Final = 100
_RECORDS_MAX: Final = 5_000
# Whoever counts renews a live session's place in the index each second.
_IDLE_INDEX_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class _Taken:
    id: UUID
    last_number: int


_TAKE_SOURCES: Final = Query("counters.take_sources", _Taken)
_ADVANCE_SOURCES: Final = Query("counters.advance_sources")
_ADD_TO_LIVE_SESSION: Final = Query("counters.add_to_live_session")
_ADD_TO_PERIODS: Final = Query("counters.add_to_periods")
_ADD_REACTIONS: Final = Query("counters.add_reactions")
_ADD_PRODUCT_MINUTES: Final = Query("counters.add_product_minutes")
_ADD_CLICKS: Final = Query("counters.add_clicks")
_KEEP: Final = {
    VISIT: Query("counters.add_visits"),
    CHAT: Query("chat.keep"),
}


Refused = frozenset[tuple[str, str]]
"""Records by kind and id."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it waits in Redis. repeated: which of its taps came by another process before."""

    source: UUID
    number: int
    repeated: tuple[int, ...]
    body: bytes

    @classmethod
    def read(cls, text: bytes) -> Batch:
        source, number, repeated, body = text.split(b"|", 3)
        places = tuple(map(int, repeated.split(b","))) if repeated else ()
        return cls(UUID(source.decode()), int(number), places, body)


class CounterFlusher:
    """Moves batches from Redis to Postgres. Any number may run at once.

    epoch_s: wall clock in seconds.
    """

    def __init__(
        self,
        redis: Redis,
        db: Database,
        epoch_s: Callable[[], float],
        interval_s: float = 2.0,
    ) -> None:
        self._redis = redis
        self._db = db
        self._epoch_s = epoch_s
        self._interval_s = interval_s

    async def run(self) -> None:
        """Flush for ever. Cancel to stop, then `flush` once more."""
        while True:
            try:
                await self.flush()
            except (BusUnavailable, DatabaseUnavailable, TransactionConflict) as error:
                log.warning("flush_delayed", reason=str(error))
            await asyncio.sleep(self._interval_s)

    async def flush(self) -> None:
        """Everything that processes have sent so far, whoever left it behind.

        Raises BusUnavailable, DatabaseUnavailable or TransactionConflict; nothing is lost then.
        """
        ids = await self._redis.repeatable("ZRANGE", INDEX, 0, -1)
        failed = 0
        for live_session_id in [UUID(id.decode()) for id in ids]:
            try:
                while await self._flush_some(live_session_id):
                    pass
            except (BusUnavailable, DatabaseUnavailable, TransactionConflict):
                raise
            except Exception:
                # The top of one live session: what Postgres refuses of it stops no other one.
                metrics.FAILED.inc()
                log.exception("flush_failed", live_session=str(live_session_id))
                failed += 1
        if not failed:
            metrics.FLUSHED_AT.set(self._epoch_s())
            await self._forget_idle()

    async def _flush_some(self, live_session_id: UUID) -> bool:
        """Carry over the oldest batches; whether there were any."""
        waiting = await self._read(live_session_id)
        if not waiting:
            return False
        try:
            newest = await self._write(live_session_id, waiting)
        except ConstraintViolated:
            # One record that Postgres will never take must not hold up all others for ever.
            refused = await self._refused(live_session_id, waiting)
            newest = await self._write(live_session_id, waiting, refused)
        await self._forget(live_session_id, newest)
        return True

    async def _read(self, live_session_id: UUID) -> list[Batch]:
        found = await self._redis.repeatable(
            "LRANGE", batches_key(live_session_id), 0, _BATCHES_MAX - 1
        )
        return [Batch.read(text) for text in found]

    async def _write(
        self, live_session_id: UUID, waiting: list[Batch], refused: Refused = frozenset()
    ) -> Mapping[UUID, int]:
        """Add what is not in the tables yet, without the refused records; the newest number that is
        now, of each source.

        Only so many as one transaction should hold: the rest, which comes after them, stays.
        """
        viewers = int(await self._redis.repeatable("PFCOUNT", viewers_key(live_session_id)))
        async with self._db.acting_as(SERVICE) as tx:
            ids = sorted({batch.source for batch in waiting})
            taken = await tx.all(_TAKE_SOURCES, live_session_id, ids)
            before = {source.id: source.last_number for source in taken}
            newest = dict(before)
            tally = _added(waiting, newest)
            if newest == before:
                return newest
            await tx.run(_ADVANCE_SOURCES, list(newest), list(newest.values()))
            await _add(tx, live_session_id, tally.minutes, viewers)
            for kind, query in _KEEP.items():
                records = tally.records.get(kind, {}).items()
                kept = [record for id_, record in records if (kind, id_) not in refused]
                if kept:
                    await tx.run(query, live_session_id, kept)
        _note_refused(live_session_id, tally, refused)
        return newest

    async def _refused(self, live_session_id: UUID, waiting: list[Batch]) -> Refused:
        """Which records Postgres does not take. The others are kept by it: to keep a record twice
        keeps it once."""
        tally = Tally()
        for batch in waiting:
            tally.absorb(batch.body)
        return frozenset(
            [
                (kind, id_)
                for kind, query in _KEEP.items()
                for id_ in await self._refused_of(
                    query, live_session_id, list(tally.records.get(kind, {}).values())
                )
            ]
        )

    async def _refused_of(
        self, query: Query[Any], live_session_id: UUID, records: list[Mapping[str, Any]]
    ) -> list[str]:
        if not records:
            return []
        try:
            await self._db.acting_as(SERVICE).run(query, live_session_id, records)
        except ConstraintViolated:
            if len(records) == 1:
                return [records[0]["id"]]
            half = len(records) // 2
            return [
                *await self._refused_of(query, live_session_id, records[:half]),
                *await self._refused_of(query, live_session_id, records[half:]),
            ]
        return []

    async def _forget(self, live_session_id: UUID, newest: Mapping[UUID, int]) -> None:
        keys = [batches_key(live_session_id), sources_key(live_session_id)]
        pairs = [value for id_, number in newest.items() for value in (str(id_), number)]
        await self._redis.effect("count_done", keys, [REMEMBER_S, *pairs])

    async def _forget_idle(self) -> None:
        # Counting renews the score before it counts, so nothing with counts is ever this old.
        oldest = int(self._epoch_s()) - _IDLE_INDEX_S
        await self._redis.repeatable("ZREMRANGEBYSCORE", INDEX, "-inf", oldest)


def _added(waiting: Iterable[Batch], newest: dict[UUID, int]) -> Tally:
    """The sum of the batches that are newer than `newest`, which is brought up to them."""
    tally, records = Tally(), 0
    for batch in waiting:
        if batch.number <= newest[batch.source]:
            metrics.REPEATED.inc()
            continue
        records += tally.absorb(batch.body, batch.repeated)
        newest[batch.source] = batch.number
        metrics.FLUSHED.inc()
        if records >= _RECORDS_MAX:
            break
    return tally


def _note_refused(live_session_id: UUID, tally: Tally, refused: Refused) -> None:
    for kind, id_ in refused:
        if id_ in tally.records.get(kind, {}):
            metrics.REFUSED.labels(kind).inc()
            log.error("record_refused", live_session=str(live_session_id), kind=kind, id=id_)


async def _add(
    tx: Transaction, live_session_id: UUID, minutes: Mapping[int, Minute], viewers: int
) -> None:
    every = minutes.values()
    await tx.run(
        _ADD_TO_LIVE_SESSION,
        live_session_id,
        sum(minute.joins for minute in every),
        max((minute.peak for minute in every), default=0),
        sum(minute.messages for minute in every),
        sum(minute.reactions for minute in every),
        viewers,
    )
    await tx.run(_ADD_TO_PERIODS, live_session_id, _periods(minutes))
    kinds: dict[str, int] = {}
    for minute in every:
        for kind, count in minute.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
    if kinds:
        await tx.run(_ADD_REACTIONS, live_session_id, list(kinds), list(kinds.values()))
    products = _products(minutes)
    if not products:
        return
    await tx.run(_ADD_PRODUCT_MINUTES, live_session_id, products)
    clicks: dict[UUID, int] = {}
    for product in products:
        clicks[product["product_id"]] = clicks.get(product["product_id"], 0) + product["clicked"]
    await tx.run(_ADD_CLICKS, live_session_id, list(clicks), list(clicks.values()))


def _periods(minutes: Mapping[int, Minute]) -> list[dict[str, Any]]:
    return [
        {
            "minute": _time(number),
            "joins": minute.joins,
            "leaves": minute.leaves,
            "messages": minute.messages,
            "reactions": minute.reactions,
            "clicked": minute.clicked,
            "watch_ms": minute.watch_ms,
            "peak": minute.peak,
            "viewers_sum": minute.viewers_sum,
            "samples": minute.samples,
        }
        for number, minute in minutes.items()
    ]


def _products(minutes: Mapping[int, Minute]) -> list[dict[str, Any]]:
    return [
        {
            "product_id": id_,
            "minute": _time(number),
            "shown": product.shown,
            "clicked": product.clicked,
            "added_to_cart": product.added_to_cart,
        }
        for number, minute in minutes.items()
        for id_, product in minute.products.items()
    ]


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(60 * minute, UTC)
