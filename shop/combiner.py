"""Orders of many customers, written together.

Thousands tap "buy" in the same second, and what one order costs the database is mostly what any
call costs: a round trip, a commit, the lock on the stock of the one hot product. So requests wait a
few milliseconds for each other and go as one call, which judges them in the order in which they
came (private.place_orders_v4). While calls are under way the next batch grows, so the size of the
batches follows the load by itself: a lone order waits for nobody but the window.

A batch fails as a whole or not at all. When it failed for what was in it, each of its orders is
sent alone, so that one cannot take its neighbours with it; the key of an order makes that safe.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar
from uuid import UUID

import structlog

from db import DatabaseUnavailable, TransactionConflict
from shop.refusal import ShopRefused

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
Request: TypeAlias = dict[str, Any]
WriteBatch: TypeAlias = Callable[[Sequence[Request]], Awaitable[list[Answer]]]

# Conflicts are coincidences (rows are locked in one order everywhere), and rarely come twice.
_ATTEMPTS: Final = 4
_RETRY_AFTER_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class CombinerConfig:
    """window_s: how long the first of a batch waits for others. batch_size: orders of one call at
    most. calls: how many at once; two keep the database busy while one is committed. waiting: how
    many orders may wait; beyond it they are refused at once."""

    window_s: float = 0.002
    batch_size: int = 256
    calls: int = 2
    waiting: int = 10_000


DEFAULT_CONFIG: Final = CombinerConfig()


@dataclass(slots=True)
class _Waiting(Generic[Answer]):
    user_id: UUID
    request: Request
    answer: asyncio.Future[Answer]


class Combiner(Generic[Answer]):
    """write_batch: one transaction for all, one answer each, in their order. Requests of one
    customer never share a batch, so that what the first did counts for the second."""

    def __init__(
        self, write_batch: WriteBatch[Answer], config: CombinerConfig = DEFAULT_CONFIG
    ) -> None:
        self._write_batch = write_batch
        self._config = config
        self._waiting: deque[_Waiting[Answer]] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def place(self, user_id: UUID, request: Request) -> Answer:
        """The database's answer. Raises ShopRefused order.busy when too many wait already, and what
        the database raises when the order failed alone, too.

        Who is cancelled while waiting is not taken out: the order may be placed, as it may be when
        a connection is lost, and its key says so to whoever asks again.
        """
        if len(self._waiting) >= self._config.waiting:
            raise ShopRefused(
                "order.busy",
                "Very many people are buying right now. Please try again in a moment.",
                retry_after_s=_RETRY_AFTER_S,
            )
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(user_id, request, answer))
        self._schedule()
        return await answer

    async def close(self) -> None:
        """Wait until everything that was asked is answered."""
        while self._waiting or self._calls:
            self._send()
            if self._calls:
                await asyncio.wait(self._calls)
        if self._timer is not None:
            self._timer.cancel()

    def _schedule(self) -> None:
        if len(self._calls) >= self._config.calls:
            return  # The end of a call sends the next batch.
        if len(self._waiting) >= self._config.batch_size:
            self._send()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._config.window_s, self._send)

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and len(self._calls) < self._config.calls:
            call = asyncio.get_running_loop().create_task(self._write(self._next_batch()))
            self._calls.add(call)
            call.add_done_callback(self._ended)

    def _ended(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.result()
        if self._waiting:
            self._send()

    def _next_batch(self) -> list[_Waiting[Answer]]:
        """The longest-waiting requests; a second one of the same customer stays in its place."""
        batch: list[_Waiting[Answer]] = []
        seen: set[UUID] = set()
        later: list[_Waiting[Answer]] = []
        while self._waiting and len(batch) < self._config.batch_size:
            one = self._waiting.popleft()
            if one.user_id in seen:
                later.append(one)
            else:
                seen.add(one.user_id)
                batch.append(one)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _write(self, batch: list[_Waiting[Answer]]) -> None:
        try:
            answers = await self._attempted([one.request for one in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, DatabaseUnavailable):
                _fail(batch, error)
                return
            log.warning("checkout.batch_failed", orders=len(batch), reason=type(error).__name__)
            await self._write_one_by_one(batch)
            return
        except BaseException:
            # The program ends: nobody may wait for an answer that cannot come.
            _fail(batch, DatabaseUnavailable("the server is stopping"))
            raise
        for one, answer in zip(batch, answers, strict=True):
            if not one.answer.done():
                one.answer.set_result(answer)

    async def _write_one_by_one(self, batch: list[_Waiting[Answer]]) -> None:
        try:
            for one in batch:
                await self._write([one])
        finally:
            # Whoever is not answered by now will not be: the program ends.
            _fail(batch, DatabaseUnavailable("the server is stopping"))

    async def _attempted(self, requests: list[Request]) -> list[Answer]:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._write_batch(requests)
            except TransactionConflict:
                continue
        return await self._write_batch(requests)


def _fail(batch: Sequence[_Waiting[Any]], error: Exception) -> None:
    for one in batch:
        if not one.answer.done():
            one.answer.set_exception(error)
