from __future__ import annotations

from uuid import UUID

import redis as sync_redis

from livecommerce.bus import BusConfig, Redis
from livecommerce.live.presence import FRESH_S, Presence

LIVE = UUID(int=1)
KEY = f"viewers:{{{LIVE}}}"


async def test_processes_add_up_and_each_replaces_its_own_report(redis_url: str) -> None:
    redis = Redis(BusConfig(redis_url))
    one, two = Presence(redis, "one"), Presence(redis, "two")
    assert await one.report(LIVE, 3) == 3
    assert await two.report(LIVE, 4) == 7
    assert await one.report(LIVE, 1) == 5
    assert await two.viewers_of([LIVE, UUID(int=2)]) == {LIVE: 5}
    assert await two.viewers_of([]) == {}
    await redis.close()


async def test_process_that_went_silent_counts_no_more(redis_url: str) -> None:
    redis = Redis(BusConfig(redis_url))
    await Presence(redis, "dead").report(LIVE, 100)
    with sync_redis.Redis.from_url(redis_url) as admin:
        value = admin.hget(KEY, "dead")
        assert value is not None
        count, at = value.decode().split(":")
        admin.hset(KEY, "dead", f"{count}:{int(at) - FRESH_S - 1}")
        assert await Presence(redis, "alive").report(LIVE, 2) == 2
        assert admin.hkeys(KEY) == [b"alive"]
    await redis.close()
