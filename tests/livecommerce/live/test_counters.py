from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import redis as sync_redis

from livecommerce import clock
from livecommerce.bus import BusConfig, BusUnavailable, Redis
from livecommerce.live.counters import CounterFlusher, Counters
from tests.shop.shop_under_test import ShopUnderTest


class Crash(Exception):
    """Stands for kill -9."""


@dataclass
class Counting:
    shop: ShopUnderTest
    redis: Redis
    live: UUID
    product: UUID

    def counters(self, redis: Redis | None = None) -> Counters:
        return Counters(redis or self.redis, clock.uuid7, clock.epoch_s)

    def flusher(self) -> CounterFlusher:
        return CounterFlusher(self.redis, self.shop.db, clock.uuid7, clock.epoch_s)

    async def totals(self) -> tuple[int, int, int]:
        """Joins, peak and clicks as Postgres has them."""
        row = await self.shop.row(
            "select total_joins, peak_viewers, clicks from live_sessions l"
            " join live_session_products p on p.live_session_id = l.id where l.id = $1",
            self.live,
        )
        return row["total_joins"], row["peak_viewers"], row["clicks"]

    async def count(self, joins: int, peak: int, clicks: int) -> None:
        counters = self.counters()
        for _ in range(joins):
            counters.add_join(self.live)
        for _ in range(clicks):
            counters.add_click(self.live, self.product, clock.uuid7())
        counters.raise_peak(self.live, peak)
        await counters.send()


@pytest.fixture
async def counting(shop: ShopUnderTest, redis_url: str) -> AsyncIterator[Counting]:
    redis = Redis(BusConfig(redis_url))
    product = await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    yield Counting(shop, redis, live, product.id)
    await redis.close()


async def test_counts_of_two_processes_add_up_and_peaks_do_not(counting: Counting) -> None:
    await counting.count(joins=2, peak=5, clicks=3)
    await counting.count(joins=1, peak=4, clicks=1)
    await counting.flusher().flush()
    assert await counting.totals() == (3, 5, 4)
    await counting.count(joins=1, peak=2, clicks=0)
    await counting.flusher().flush()
    assert await counting.totals() == (4, 5, 4)


async def test_flush_leaves_nothing_in_redis_and_flushing_nothing_changes_nothing(
    counting: Counting, redis_url: str
) -> None:
    await counting.count(joins=2, peak=1, clicks=1)
    for _ in range(3):
        await counting.flusher().flush()
    assert await counting.totals() == (2, 1, 1)
    assert await counting.shop.count("private.metric_batches") == 1
    with sync_redis.Redis.from_url(redis_url) as admin:
        left = {key.decode() for key in admin.scan_iter("m:{*")}
    assert all(":seen:" in key for key in left)


STEPS = ["_cut", "_pending", "_read", "_write", "_forget", "_forget_idle"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_flusher_that_dies_at_any_step_loses_and_doubles_nothing(
    counting: Counting, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counting.count(joins=3, peak=7, clicks=2)
    dying = counting.flusher()
    do = getattr(dying, step)

    async def die(*args: Any) -> Any:
        if when == "after":
            await do(*args)
        raise Crash

    monkeypatch.setattr(dying, step, die)
    with pytest.raises(Crash):
        await dying.flush()
    await counting.count(joins=1, peak=1, clicks=1)
    await counting.flusher().flush()
    assert await counting.totals() == (4, 7, 3)
    await counting.flusher().flush()
    assert await counting.totals() == (4, 7, 3)


async def test_flusher_that_dies_in_the_transaction_changes_nothing(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db import Transaction

    await counting.count(joins=3, peak=7, clicks=2)
    run = Transaction.run
    runs = 0

    async def die_at_the_clicks(self: Transaction, query: Any, *args: object) -> int:
        nonlocal runs
        runs += 1
        if query.name == "counters.add_clicks":
            raise Crash
        return await run(self, query, *args)

    monkeypatch.setattr(Transaction, "run", die_at_the_clicks)
    with pytest.raises(Crash):
        await counting.flusher().flush()
    monkeypatch.undo()
    assert runs == 3
    assert await counting.totals() == (0, 0, 0)
    await counting.flusher().flush()
    assert await counting.totals() == (3, 7, 2)


async def test_many_flushers_at_once_while_counting_are_exact(counting: Counting) -> None:
    async def flush_often() -> None:
        for _ in range(10):
            await counting.flusher().flush()

    async def count_often() -> None:
        for _ in range(20):
            await counting.count(joins=1, peak=1, clicks=2)

    await asyncio.gather(*(flush_often() for _ in range(4)), *(count_often() for _ in range(3)))
    await counting.flusher().flush()
    assert await counting.totals() == (60, 1, 120)


class LosesReplies(Redis):
    """Every second effect happens, but its reply does not come."""

    def __init__(self, config: BusConfig) -> None:
        super().__init__(config)
        self.lost = 0
        self._calls = 0

    async def effect(
        self, script: str, keys: Sequence[str], args: Sequence[str | bytes | int]
    ) -> Any:
        answer = await super().effect(script, keys, args)
        self._calls += 1
        if self._calls % 2:
            self.lost += 1
            raise BusUnavailable("the reply was lost")
        return answer


async def test_batch_whose_reply_was_lost_is_counted_once(
    counting: Counting, redis_url: str
) -> None:
    redis = LosesReplies(BusConfig(redis_url))
    counters = counting.counters(redis)
    for _ in range(5):
        counters.add_join(counting.live)
        await counters.send()
        counters.add_join(counting.live)
        await counters.send()
    await counters.send()
    await counters.send()
    await redis.close()
    await counting.flusher().flush()
    assert redis.lost >= 4
    assert (await counting.totals())[0] == 10


async def test_tap_that_is_sent_again_is_counted_once(counting: Counting) -> None:
    counters = counting.counters()
    tap = clock.uuid7()
    for _ in range(5):
        counters.add_click(counting.live, counting.product, tap)
    counters.add_click(counting.live, counting.product, clock.uuid7())
    await counters.send()
    await counting.flusher().flush()
    assert (await counting.totals())[2] == 2
