"""Joins, clicks, messages, peaks: counted in a process, added up in Redis, flushed to Postgres.

Records go the same way: a visit that is over, a message of the chat for the replay.

Exactly once from Redis on, whatever dies when:

1. Each process sends what it counted in the last second as one batch with an id. A batch whose
reply was
   lost is sent again with the same id and content, and added once. (What a killed process had
   counted in its last second is lost; nothing is ever counted twice.)
2. A flusher cuts the current counts off under a batch id, by one script: they are renamed, and the
id is
   noted as pending.
3. It reads the batch and, in one Postgres transaction, takes the batch id and adds the numbers. A
batch
   id that was taken before adds nothing.
4. Only then the batch is deleted in Redis.

Whoever crashes between any two steps leaves a pending batch, which the next flusher takes through
steps 3 and 4. Two flushers at once collide on the batch id, where one of them adds nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, Transaction
from livecommerce.bus import BusUnavailable, Redis

log = structlog.get_logger(__name__)

JOINS: Final = "joins"
PEAK: Final = "peak"
MESSAGES: Final = "messages"
REACTIONS: Final = "reactions"
LEAVES: Final = "leaves"
_CLICK: Final = "click:"
# Records, by the kind that begins their field.
VISIT: Final = "visit"
CHAT: Final = "chat"
CHAT_DELETED: Final = "chat-deleted"
_INDEX: Final = "m:live_sessions"
_SEND_EVERY_S: Final = 1.0
_REMEMBER_BATCH_S: Final = 3600
# Ids of taps that a client may send again after a reconnect; 20,000 are minutes of a very busy
# session.
_CLICK_IDS_MAX: Final = 20_000
_IDLE_INDEX_S: Final = 86_400
# One call of the script; ten thousand viewers who leave at once are twenty of them.
_RECORDS_PER_BATCH: Final = 500
# About 15 MB. Beyond it the newest are dropped: figures must not take the memory of the picture.
_RECORDS_MAX: Final = 50_000

_CLAIM_BATCH = Query("counters.claim_batch", UUID)
_ADD_TO_LIVE_SESSION = Query("counters.add_to_live_session")
_ADD_TO_PERIODS = Query("counters.add_to_periods")
_ADD_CLICKS = Query("counters.add_clicks")
_KEEP = {
    VISIT: Query("counters.add_visits"),
    CHAT: Query("counters.add_chat"),
    CHAT_DELETED: Query("counters.delete_chat"),
}


class Counters:
    """What one hub process counts. `add` and `raise_peak` never wait.

    new_id: makes an id that no other batch has. epoch_s: wall clock in seconds.
    """

    def __init__(
        self, redis: Redis, new_id: Callable[[], UUID], epoch_s: Callable[[], float]
    ) -> None:
        self._redis = redis
        self._new_id = new_id
        self._epoch_s = epoch_s
        self._counts: dict[UUID, Counter[str]] = {}
        self._records: dict[UUID, dict[str, bytes]] = {}
        self._unsent: dict[UUID, tuple[UUID, dict[str, int | bytes]]] = {}
        self._click_ids: OrderedDict[UUID, None] = OrderedDict()

    def add_join(self, live_session_id: UUID) -> None:
        self._of(live_session_id)[JOINS] += 1

    def add_click(self, live_session_id: UUID, product_id: UUID, click_id: UUID) -> None:
        """Count a tap; one with an id that came before is not counted."""
        if click_id in self._click_ids:
            return
        self._click_ids[click_id] = None
        if len(self._click_ids) > _CLICK_IDS_MAX:
            self._click_ids.popitem(last=False)
        self._of(live_session_id)[f"{_CLICK}{product_id}"] += 1

    def add(self, live_session_id: UUID, field: str, count: int = 1) -> None:
        """Count MESSAGES or REACTIONS."""
        self._of(live_session_id)[field] += count

    def keep(self, live_session_id: UUID, kind: str, record: dict[str, Any]) -> None:
        """Keep a record of one of the kinds above; its id names it."""
        if sum(map(len, self._records.values())) >= _RECORDS_MAX:
            log.warning("record_dropped", live_session=str(live_session_id), kind=kind)
            return
        if kind == VISIT:
            self._of(live_session_id)[LEAVES] += 1
        records = self._records.setdefault(live_session_id, {})
        records[f"{kind}:{record['id']}"] = orjson.dumps(record)

    def raise_peak(self, live_session_id: UUID, viewers: int) -> None:
        counts = self._of(live_session_id)
        counts[PEAK] = max(counts[PEAK], viewers)

    def _of(self, live_session_id: UUID) -> Counter[str]:
        return self._counts.setdefault(live_session_id, Counter())

    async def run(self) -> None:
        """Send every second, for ever. Cancel to stop, then `send` once more."""
        while True:
            await asyncio.sleep(_SEND_EVERY_S)
            await self.send()

    async def send(self) -> None:
        """Send what was counted; what Redis does not confirm stays and is sent again."""
        for live_session_id in {*self._counts, *self._records, *self._unsent}:
            try:
                while live_session_id in self._records or live_session_id in self._unsent:
                    await self._send(live_session_id)
                if live_session_id in self._counts:
                    await self._send(live_session_id)
            except BusUnavailable as error:
                log.warning("counts_delayed", live_session=str(live_session_id), reason=str(error))
                return

    async def _send(self, live_session_id: UUID) -> None:
        if live_session_id not in self._unsent:
            batch: dict[str, int | bytes] = dict(self._counts.pop(live_session_id, {}))
            records = self._records.pop(live_session_id, {})
            for field in list(records)[:_RECORDS_PER_BATCH]:
                batch[field] = records.pop(field)
            if records:
                self._records[live_session_id] = records
            self._unsent[live_session_id] = (self._new_id(), batch)
        batch_id, numbers = self._unsent[live_session_id]
        # Before the counts, so that no flusher ever overlooks them.
        await self._redis.repeatable("ZADD", _INDEX, int(self._epoch_s()), str(live_session_id))
        pairs = [value for pair in numbers.items() for value in pair]
        await self._redis.effect(
            "count_batch",
            [_current_key(live_session_id), f"m:{{{live_session_id}}}:seen:{batch_id}"],
            [_REMEMBER_BATCH_S, *pairs],
        )
        del self._unsent[live_session_id]


class CounterFlusher:
    """Moves counts from Redis to Postgres. Any number may run at once.

    new_id, epoch_s: as in Counters.
    """

    def __init__(
        self,
        redis: Redis,
        db: Database,
        new_id: Callable[[], UUID],
        epoch_s: Callable[[], float],
        interval_s: float = 2.0,
    ) -> None:
        self._redis = redis
        self._db = db
        self._new_id = new_id
        self._epoch_s = epoch_s
        self._interval_s = interval_s

    async def run(self) -> None:
        """Flush for ever. Cancel to stop, then `flush` once more."""
        while True:
            try:
                await self.flush()
            except (BusUnavailable, DatabaseUnavailable) as error:
                log.warning("flush_delayed", reason=str(error))
            await asyncio.sleep(self._interval_s)

    async def flush(self) -> None:
        """Everything counted so far, and everything that an earlier flusher left behind.

        Raises BusUnavailable or DatabaseUnavailable; nothing is lost then.
        """
        ids = await self._redis.repeatable("ZRANGE", _INDEX, 0, -1)
        for live_session_id in [UUID(id.decode()) for id in ids]:
            await self._cut(live_session_id)
            for batch_id in await self._pending(live_session_id):
                await self._write(
                    live_session_id, batch_id, await self._read(live_session_id, batch_id)
                )
                await self._forget(live_session_id, batch_id)
        await self._forget_idle()

    async def _cut(self, live_session_id: UUID) -> None:
        batch_id = self._new_id()
        await self._redis.effect(
            "count_cut",
            [
                _current_key(live_session_id),
                _batch_key(live_session_id, batch_id),
                _pending_key(live_session_id),
            ],
            [str(batch_id)],
        )

    async def _pending(self, live_session_id: UUID) -> list[UUID]:
        ids = await self._redis.repeatable("SMEMBERS", _pending_key(live_session_id))
        return sorted(UUID(id.decode()) for id in ids)

    async def _read(self, live_session_id: UUID, batch_id: UUID) -> dict[str, bytes]:
        fields: dict[bytes, bytes] = await self._redis.repeatable(
            "HGETALL", _batch_key(live_session_id, batch_id)
        )
        return {field.decode(): value for field, value in fields.items()}

    async def _write(self, live_session_id: UUID, batch_id: UUID, fields: dict[str, bytes]) -> None:
        records: dict[str, list[Any]] = {kind: [] for kind in _KEEP}
        clicks: dict[UUID, int] = {}
        numbers: Counter[str] = Counter()
        for field, value in fields.items():
            kind, _, id_ = field.partition(":")
            if kind in records:
                records[kind].append(orjson.loads(value))
            elif field.startswith(_CLICK):
                clicks[UUID(id_)] = int(value)
            else:
                numbers[field] = int(value)
        async with self._db.acting_as(SERVICE) as tx:
            if await tx.one(_CLAIM_BATCH, batch_id, live_session_id) is None:
                return
            await self._add(tx, live_session_id, numbers, clicks)
            # In the order of _KEEP: what was said before what was taken back.
            for kind, query in _KEEP.items():
                if records[kind]:
                    await tx.run(query, live_session_id, records[kind])

    async def _add(
        self,
        tx: Transaction,
        live_session_id: UUID,
        numbers: Counter[str],
        clicks: dict[UUID, int],
    ) -> None:
        joins, messages, reactions = numbers[JOINS], numbers[MESSAGES], numbers[REACTIONS]
        peak = numbers.get(PEAK)
        await tx.run(_ADD_TO_LIVE_SESSION, live_session_id, joins, peak or 0, messages, reactions)
        await tx.run(
            _ADD_TO_PERIODS,
            live_session_id,
            joins,
            peak,
            numbers[LEAVES],
            messages,
            reactions,
            sum(clicks.values()),
            datetime.fromtimestamp(self._epoch_s(), UTC),
        )
        await tx.run(_ADD_CLICKS, live_session_id, list(clicks), list(clicks.values()))

    async def _forget(self, live_session_id: UUID, batch_id: UUID) -> None:
        await self._redis.effect(
            "count_done",
            [_batch_key(live_session_id, batch_id), _pending_key(live_session_id)],
            [str(batch_id)],
        )

    async def _forget_idle(self) -> None:
        # Counting renews the score before it counts, so nothing with counts is ever this old.
        oldest = int(self._epoch_s()) - _IDLE_INDEX_S
        await self._redis.repeatable("ZREMRANGEBYSCORE", _INDEX, "-inf", oldest)


def _current_key(live_session_id: UUID) -> str:
    return f"m:{{{live_session_id}}}:cur"


def _batch_key(live_session_id: UUID, batch_id: UUID) -> str:
    return f"m:{{{live_session_id}}}:b:{batch_id}"


def _pending_key(live_session_id: UUID) -> str:
    return f"m:{{{live_session_id}}}:pending"
