"""Figures of our Gateway in a process of its own: chat in batches, memory, a crowd that drops."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from loadtests import fan_out
from loadtests.fan_out import Server
from loadtests.swarm.crowd import Crowd, Target
from loadtests.swarm.modes import MESSAGE_MARK
from loadtests.swarm.tally import Tally

CROWD = 5_000
SETTLE_S = 3.0
READ_EVERY_S = 0.5
# The last batch waits for its window, and then for its turn.
LAST_BATCH_S = 10.0


@asynccontextmanager
async def crowded(
    viewers: int, headers: Mapping[str, str], server: Server, tally: Tally
) -> AsyncIterator[Crowd]:
    """A full room of the server."""
    target = Target(server.url, ("session.join", {"live_session_id": fan_out.LIVE}), headers)
    crowd = Crowd(target, tally, sample_every=0)
    try:
        await crowd.open(viewers)
        yield crowd
    finally:
        await crowd.close()


async def measure_batched(per_s: float, seconds: float, viewers: int = CROWD) -> dict[str, Any]:
    """CPU per chat message and viewer while chat runs through its lane, everything included.

    The clients read twice a second. At this pace they would else be asleep when a frame comes, and
    the server would be charged for waking them, which it never does for a phone.
    """
    tally = Tally(MESSAGE_MARK)
    async with (
        fan_out.running(fan_out.python_server("ours")) as server,
        crowded(viewers, fan_out.PLAIN, server, tally) as crowd,
    ):
        reading = asyncio.create_task(crowd.read_now_and_then(READ_EVERY_S))
        await server.ask("chat", per_s=per_s, seconds=2)
        await asyncio.sleep(1)
        frames = tally.frames
        tally.aim(round(viewers * per_s * seconds))
        before_s = fan_out.cpu_s(server.pid)
        said = (await server.ask("chat", per_s=per_s, seconds=seconds))["said"]
        async with asyncio.timeout(LAST_BATCH_S):
            await tally.reached.wait()
        reading.cancel()
        spent_s = fan_out.cpu_s(server.pid) - before_s
        frames = tally.frames - frames
    events = said * viewers
    return {
        "us_per_event_batched": round(spent_s / events * 1e6, 2),
        "batched_messages_in_a_frame": round(events / frames, 1),
        "batched_us_per_frame": round(spent_s / frames * 1e6, 2),
    }


async def measure_memory_and_drop(viewers: int = CROWD) -> dict[str, Any]:
    """Memory of an idle browser's connection; then all of them go at once, twice.

    The first time while the server runs. The second time (`frozen`) while it is stopped, so that it
    finds all of them ended in one look; charged in CPU, for the clock goes on meanwhile.
    """
    async with fan_out.running(fan_out.python_server("ours")) as server:
        tally = Tally()
        # What is allocated once, whoever comes: not a connection's.
        async with crowded(100, fan_out.BROWSER, server, tally):
            await asyncio.sleep(1)
        await server.ask("collect")
        empty_kb = fan_out.rss_kb(server.pid)
        async with crowded(viewers, fan_out.BROWSER, server, tally) as crowd:
            await asyncio.sleep(SETTLE_S)
            full_kb = fan_out.rss_kb(server.pid)
            await server.ask("watched")
            await asyncio.sleep(SETTLE_S)
            quiet = await server.ask("watched")
            await crowd.close()
            await asyncio.sleep(SETTLE_S)
            dropped = await server.ask("watched")
            left_kb = fan_out.rss_kb(server.pid)
        await server.ask("unwatched")
        async with crowded(viewers, fan_out.BROWSER, server, tally) as crowd:
            await server.ask("watched")
            os.kill(server.pid, signal.SIGSTOP)
            await crowd.close()
            os.kill(server.pid, signal.SIGCONT)
            await asyncio.sleep(SETTLE_S)
            frozen = await server.ask("watched")
    return {
        "rss_kb_idle": round((full_kb - empty_kb) / viewers, 1),
        "drop_block_ms": round(dropped["wall_ms"], 1),
        "drop_block_cpu_ms": round(dropped["cpu_ms"], 1),
        "drop_garbage_ms": round(dropped["garbage_ms"], 1),
        "drop_frozen_block_cpu_ms": round(frozen["cpu_ms"], 1),
        "quiet_block_ms": round(quiet["wall_ms"], 1),
        "rss_mb_empty_full_left": [kb // 1024 for kb in (empty_kb, full_kb, left_kb)],
    }
