"""How many clicks a process counts in a second of its CPU, and whether each is in Postgres after.

Each click has an id of its own, as the page gives it; one in twenty comes a second time, as after a
reconnect, and must not count. The clicks go the way of the hub: a count in memory, batches to Redis
while the clicks go on, from there to Postgres, by the worker of a demo and by us at once.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from livecommerce import clock
from livecommerce.app import parts
from livecommerce.live.counter_flusher import CounterFlusher
from livecommerce.live.counters import Counters
from loadtests.live_stack import go_live, settings_of
from loadtests.stack import Stack, running_stack

CLICKS = 1_000_000
AGAIN_EVERY = 20
# Between two looks at the loop, so that the batches leave meanwhile.
AT_ONCE = 500


def run(clicks: int = CLICKS) -> dict[str, Any]:
    """One measurement; not to be called from within an event loop."""
    with running_stack() as stack:
        return uvloop.run(_measure(stack, clicks))


async def _measure(stack: Stack, clicks: int) -> dict[str, Any]:
    live = await go_live(stack, 1)
    settings = settings_of(stack)
    async with AsyncExitStack() as resources:
        redis, _ = parts.open_redis(resources, settings)
        database = await parts.open_database(resources, settings, pool_size=1)
        counters = Counters(redis, clock.uuid7, clock.epoch_s)
        taps = _taps(clicks)
        running = asyncio.create_task(counters.run())
        began_s, cpu_s = time.perf_counter(), time.process_time()
        for at in range(0, len(taps), AT_ONCE):
            for tap in taps[at : at + AT_ONCE]:
                counters.add_click(live.live_session_id, live.product_id, tap)
            await asyncio.sleep(0)
        await counters.send()
        took_s, spent_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        running.cancel()
        await CounterFlusher(redis, database, clock.epoch_s).flush()
        assert settings.database.url is not None, "the stack says that it is ready"
        owner = await asyncpg.connect(settings.database.url.get_secret_value())
        counted = await owner.fetchval(
            "select sum(clicks) from public.live_session_products where live_session_id = $1",
            live.live_session_id,
        )
        await owner.close()
    return {
        "clicks_per_s": round(len(taps) / spent_s),
        "clicks_per_s_of_the_clock": round(len(taps) / took_s),
        "clicks": clicks,
        "clicks_inexact": abs(clicks - counted),
    }


def _taps(clicks: int) -> list[UUID]:
    """Ids of clicks; one in AGAIN_EVERY twice, a little later."""
    fresh = [UUID(int=number) for number in range(clicks)]
    taps = []
    for number, tap in enumerate(fresh):
        taps.append(tap)
        if number % AGAIN_EVERY == AGAIN_EVERY - 1:
            taps.append(fresh[number - AGAIN_EVERY // 2])
    return taps
