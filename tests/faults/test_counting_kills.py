"""Counting exactly while processes, flushers and Redis are killed, frozen and restarted."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from livecommerce import clock
from livecommerce.bus import BusConfig, Redis
from livecommerce.embedded import Valkey, choose_account, choose_place, find_valkey
from livecommerce.live.counter_flusher import CounterFlusher
from livecommerce.live.counters import Counters
from livecommerce.live.presence import Presence
from tests.faults.counting_processes import (
    FRESH_S,
    Place,
    count_for_ever,
    flush_for_ever,
    flush_until,
    watch_for_ever,
)
from tests.faults.sweep import Injection
from tests.livecommerce.live.conftest import shop
from tests.shop.shop_under_test import ShopUnderTest

__all__ = ["shop"]

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.faults.counting_processes"])


@dataclass
class Counting:
    shop: ShopUnderTest
    place: Place
    redis: Redis

    def counters(self) -> Counters:
        return Counters(self.redis, clock.uuid7, clock.epoch_s)

    def click(self, counters: Counters, clicks: int) -> None:
        for _ in range(clicks):
            counters.add_click(self.place.live_session_id, self.place.product_id, clock.uuid7())

    async def flush(self) -> None:
        await CounterFlusher(self.redis, self.shop.db, clock.epoch_s).flush()

    async def clicks(self) -> int:
        """As Postgres has them, in all three tables the same."""
        row = await self.shop.row(
            "select p.clicks,"
            " (select coalesce(sum(clicked), 0)::integer from private.product_minutes)"
            " as by_minute,"
            " (select coalesce(sum(products_clicked), 0)::integer"
            " from live_session_analytics where period_type = 'minute') as of_all"
            " from live_session_products p where p.live_session_id = $1",
            self.place.live_session_id,
        )
        assert row["clicks"] == row["by_minute"] == row["of_all"]
        return int(row["clicks"])


@pytest.fixture
async def counting(
    shop: ShopUnderTest, database_url: str, redis_url: str
) -> AsyncIterator[Counting]:
    product = await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    redis = Redis(BusConfig(redis_url))
    yield Counting(shop, Place(database_url, redis_url, live, product.id), redis)
    await redis.close()


@pytest.mark.timeout(300)
async def test_flusher_killed_after_any_await_loses_and_doubles_nothing(
    counting: Counting, record_property: Callable[[str, object], None]
) -> None:
    counters, counted, point = counting.counters(), 0, 0
    while True:
        point += 1
        counting.click(counters, point)
        counted += point
        await counters.send()
        dying = _processes.Process(
            target=flush_until, args=(counting.place, Injection(point, "after", "exit"))
        )
        dying.start()
        await asyncio.to_thread(dying.join)
        assert dying.exitcode in (0, -signal.SIGKILL)
        await counting.flush()
        assert await counting.clicks() == counted, f"killed after await {point}"
        if dying.exitcode == 0:
            break
    assert point > 15
    record_property("tried", f"counting: a flusher killed after each of its {point - 1} awaits")


@dataclass
class Child:
    process: BaseProcess
    ear: Connection
    last: Any = None

    async def hear(self, words: int) -> None:
        """Wait until it has said so many things."""
        for _ in range(words):
            self.last = await asyncio.to_thread(self.ear.recv)

    async def kill(self) -> None:
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        try:
            while True:  # What it said before its end.
                self.last = self.ear.recv()
        except EOFError:
            self.ear.close()


def started(target: Callable[..., None], *args: object) -> Child:
    ear, mouth = _processes.Pipe(duplex=False)
    process = _processes.Process(target=target, args=(*args, mouth))
    process.start()
    mouth.close()
    return Child(process, ear)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(3))
async def test_killed_counters_lose_at_most_what_they_had_not_sent(
    counting: Counting, seed: int
) -> None:
    random = Random(seed)
    at_least = at_most = 0
    for _ in range(3):
        flushers = [started(flush_for_ever, counting.place) for _ in range(2)]
        counting_one = started(count_for_ever, counting.place, random.randint(1, 200))
        await counting_one.hear(random.randint(2, 20))
        for flusher in flushers:
            await flusher.hear(random.randint(1, 6))
            await flusher.kill()
        await counting_one.kill()
        counted, with_redis = counting_one.last
        at_least, at_most = at_least + with_redis, at_most + counted
        await counting.flush()
        clicks = await counting.clicks()
        assert at_least <= clicks <= at_most
        at_least = at_most = clicks


async def test_viewers_of_a_killed_process_are_gone_by_themselves(counting: Counting) -> None:
    dying = started(watch_for_ever, counting.place, 40)
    await dying.hear(1)
    living = Presence(counting.redis, "living", FRESH_S)
    live = counting.place.live_session_id
    assert await living.report(live, 2) == 42
    await dying.kill()
    sums = [await living.report(live, 2)]
    while sums[-1] != 2:
        await asyncio.sleep(0.02)
        sums.append(await living.report(live, 2))
    assert set(sums) <= {42, 2}


@dataclass
class OwnValkey:
    """A Valkey of this test alone, to be killed."""

    valkey: Valkey
    server: Any

    async def restart(self) -> None:
        self.server.send(signal.SIGKILL)
        await self.server.exited()
        self.server = await self.valkey.start()


@pytest.fixture(params=[True, False], ids=["keeps_a_log", "keeps_nothing"])
async def own_valkey(request: pytest.FixtureRequest) -> AsyncIterator[OwnValkey]:
    program = find_valkey()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="lc-test-", ignore_cleanup_errors=True) as directory:
        place = choose_place(Path(directory), choose_account(None))
        own = OwnValkey(Valkey(place, program, durable=request.param), None)
        own.server = await own.valkey.start()
        yield own
        await own.valkey.stop(own.server)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(2))
async def test_redis_killed_and_started_again_costs_no_click_of_living_processes(
    counting: Counting, own_valkey: OwnValkey, seed: int
) -> None:
    counting.redis = Redis(BusConfig(own_valkey.valkey.url))
    counters, random, counted = [counting.counters() for _ in range(2)], Random(seed), 0
    for _ in range(6):
        for each in counters:
            clicks = random.randint(0, 50)
            counting.click(each, clicks)
            counted += clicks
            if random.random() < 0.7:
                await each.send()
        if random.random() < 0.5:
            await counting.flush()
        if random.random() < 0.7:
            await own_valkey.restart()
    for _ in range(2):
        for each in counters:
            await each.send()
        await counting.flush()
    assert await counting.clicks() == counted
    await counting.redis.close()


async def test_redis_that_was_frozen_does_late_what_is_sent_again_and_counts_it_once(
    counting: Counting, own_valkey: OwnValkey
) -> None:
    counting.redis = Redis(BusConfig(own_valkey.valkey.url, socket_timeout_s=0.2))
    counters = counting.counters()
    for _ in range(3):
        counting.click(counters, 5)
        own_valkey.server.send(signal.SIGSTOP)
        await counters.send()
        counting.click(counters, 5)
        await counters.send()
        own_valkey.server.send(signal.SIGCONT)
        await counters.send()
        await counters.send()
        await counting.flush()
    assert await counting.clicks() == 30
    await counting.redis.close()
