"""How many are there: the sum of what processes that live have told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import redis as sync_redis

from livecommerce.bus import BusConfig, Redis
from livecommerce.live.presence import FRESH_S, Presence

LIVE = UUID(int=1)
KEY = f"viewers:{{{LIVE}}}"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = Redis(BusConfig(redis_url))
    yield redis
    await redis.close()


async def test_processes_add_up_and_each_replaces_its_own_report(redis: Redis) -> None:
    one, two = Presence(redis, "one"), Presence(redis, "two")
    assert await one.report(LIVE, 3) == 3
    assert await two.report(LIVE, 4) == 7
    assert await one.report(LIVE, 1) == 5
    assert await two.viewers_of([LIVE, UUID(int=2)]) == {LIVE: 5}
    assert await two.viewers_of([]) == {}


@pytest.mark.parametrize("told_s_ago", [FRESH_S + 1, -FRESH_S - 1])
async def test_report_of_long_ago_or_of_a_clock_that_was_set_back_counts_no_more(
    redis: Redis, redis_url: str, told_s_ago: int
) -> None:
    await Presence(redis, "dead").report(LIVE, 100)
    with sync_redis.Redis.from_url(redis_url) as admin:
        value = admin.hget(KEY, "dead")
        assert value is not None
        count, at = value.decode().split(":")
        admin.hset(KEY, "dead", f"{count}:{int(at) - told_s_ago}")
        assert await Presence(redis, "alive").report(LIVE, 2) == 2
        assert admin.hkeys(KEY) == [b"alive"]


async def test_process_that_leaves_counts_no_more_at_once(redis: Redis, redis_url: str) -> None:
    leaving, staying = Presence(redis, "leaving"), Presence(redis, "staying")
    await leaving.report(LIVE, 5)
    await staying.report(LIVE, 2)
    await leaving.leave()
    assert await staying.viewers_of([LIVE]) == {LIVE: 2}
    with sync_redis.Redis.from_url(redis_url) as admin:
        assert admin.hkeys(KEY) == [b"staying"]


async def test_leaving_where_nothing_was_told_tells_nothing(redis: Redis, redis_url: str) -> None:
    await Presence(redis, "stranger").leave()
    with sync_redis.Redis.from_url(redis_url) as admin:
        assert admin.keys() == []


async def test_count_that_is_less_than_none_is_none(redis: Redis) -> None:
    other = Presence(redis, "other")
    await other.report(LIVE, 3)
    assert await Presence(redis, "one").report(LIVE, -2) == 3
