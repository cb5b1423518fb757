"""Outbox rows on their way to the session bus.

Whoever changes a fact in Postgres writes a row in the same transaction. The relay appends it to the
live session's bus and marks it, so the room hears of everything that was committed and of nothing
that was not. A crash between the append and the mark repeats the append; the row's id is the
publish id, so it stays one event. Each hub kicks its own relay right after a commit (the fast
path); the worker sweeps for what was left over. Rows that another relay holds are skipped, so
relays never wait for each other; facts about the same thing may then arrive out of order and are
told apart by their version, which is the row's id.

While Redis is away the rows wait, and each hub tells those whom it serves what it reads there: so
that a pin, a price and the end of a live session reach everybody without it. When Redis is back the
rows go their usual way; who has heard a fact knows it by its version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, TransactionConflict
from livecommerce.bus import BusUnavailable, SessionBus

log = structlog.get_logger(__name__)

# Rows are locked while they are appended, so a batch is what Redis takes in a few milliseconds.
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """at_ms: when it became true."""

    id: int
    topic: str
    live_session_id: UUID | None
    payload: dict[str, Any]
    at_ms: int = 0


# About all that was said until then, whenever the word of it comes.
_JUDGED_BY_TIME: Final = frozenset(("chat.cleared", "chat.purged"))
_CLAIM = Query("outbox.claim", OutboxRow)
_MARK = Query("outbox.mark_published")
_WAITING = Query("outbox.waiting", OutboxRow)
# More than a relay reads of what waits, so that what was told is not told again.
_TOLD_MAX: Final = 10_000


def worth_telling(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The rows without those that say less than a later one does.

    The stock of a variant is told as what there is and not as a difference, and in a flash sale it
    changes more often than anybody could read: of what waits together the newest will do.
    """
    newest = {_stock_of(row): row.id for row in rows if row.topic == "stock.changed"}
    return [row for row in rows if row.topic != "stock.changed" or newest[_stock_of(row)] == row.id]


def _stock_of(row: OutboxRow) -> tuple[UUID | None, object]:
    return row.live_session_id, row.payload.get("variant_id")


class Relay:
    """interval_s: how often to look for rows that nobody kicked for. beside: kicked with it, for
    work of another kind that the same commits make."""

    def __init__(
        self,
        db: Database,
        bus: SessionBus,
        interval_s: float = 1.0,
        beside: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._interval_s = interval_s
        self._beside = beside
        self._kicked = asyncio.Event()
        self._told: dict[int, None] = {}
        """Rows that were told here while Redis was away, in the order of the telling."""

    def kick(self) -> None:
        """There are rows now."""
        self._kicked.set()
        if self._beside is not None:
            self._beside()

    async def run(self) -> None:
        """Relay for ever. Cancel to stop; rows that were claimed are then released."""
        while True:
            self._kicked.clear()
            try:
                while await self.sweep() == _BATCH:
                    pass
            except BusUnavailable as error:
                log.warning("relay_delayed", reason=str(error))
            except (DatabaseUnavailable, TransactionConflict) as error:
                log.warning("relay_delayed", reason=str(error))
                await asyncio.sleep(self._interval_s)
            if self._bus.is_away:
                await self._tell_here()
            else:
                self._told.clear()
            try:
                # Not wait_for, which until Python 3.11 can swallow a cancellation.
                async with asyncio.timeout(self._interval_s):
                    await self._kicked.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> int:
        """Publish one batch; how many rows. Raises DatabaseUnavailable or BusUnavailable."""
        async with self._db.acting_as(SERVICE) as tx:
            rows = await tx.all(_CLAIM, _BATCH)
            for row in worth_telling(rows):
                await self._append(row)
            if rows:
                await tx.run(_MARK, [row.id for row in rows])
        return len(rows)

    async def _tell_here(self) -> None:
        """What waits, to those whom this process serves."""
        try:
            rows = await self._db.acting_as(SERVICE).all(_WAITING, _BATCH)
        except (DatabaseUnavailable, TransactionConflict) as error:
            log.warning("relay_delayed", reason=str(error))
            return
        for row in worth_telling([row for row in rows if row.id not in self._told]):
            with suppress(BusUnavailable):  # nobody here is in that live session
                if row.live_session_id is not None:
                    self._bus.tell_here(
                        row.live_session_id, row.topic, _data_of(row), _publish_id(row), row.id
                    )
                elif (word := _word_of(row)) is not None:
                    self._bus.tell_person_here(*word)
        self._told |= dict.fromkeys(row.id for row in rows)
        while len(self._told) > _TOLD_MAX:
            del self._told[next(iter(self._told))]

    async def _append(self, row: OutboxRow) -> None:
        if row.live_session_id is None:
            word = _word_of(row)
            if word is not None:
                await self._bus.tell_person(*word)
            return  # About no live session: nobody's room hears it.
        await self._bus.append(
            row.live_session_id, row.topic, _data_of(row), _publish_id(row), version=row.id
        )


def _data_of(row: OutboxRow) -> dict[str, Any]:
    return row.payload | {"until_ms": row.at_ms} if row.topic in _JUDGED_BY_TIME else row.payload


def _publish_id(row: OutboxRow) -> str:
    return f"outbox:{row.id}"


def _word_of(row: OutboxRow) -> tuple[UUID, str, dict[str, Any]] | None:
    """To whom, what and with which data; None for a row about no person."""
    user_id = row.payload.get("user_id")
    if user_id is None:
        return None
    data = {key: value for key, value in row.payload.items() if key != "user_id"}
    return UUID(user_id), row.topic, data
