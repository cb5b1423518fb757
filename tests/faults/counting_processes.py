"""Processes that count and flush, to be killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

from db import Database, logins_of
from livecommerce import clock
from livecommerce.bus import BusConfig, Redis
from livecommerce.live.counter_flusher import CounterFlusher
from livecommerce.live.counters import Counters
from livecommerce.live.presence import Presence
from tests.faults.sweep import Injection, Sweep, swept

FRESH_S = 1


@dataclass(frozen=True)
class Place:
    """Where is counted, and what."""

    database_url: str
    redis_url: str
    live_session_id: UUID
    product_id: UUID


class _Killing(Sweep):
    """Ends the process as kill -9 does."""

    def __init__(self) -> None:
        nobody: Any = None  # No connection is reset here.
        super().__init__(nobody)

    def _stop(self, fault: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class _SweptRedis(Redis):
    """Redis whose awaits count, too."""

    def __init__(self, config: BusConfig, sweep: Sweep) -> None:
        super().__init__(config)
        self._sweep = sweep

    async def effect(
        self, script: str, keys: Sequence[str], args: Sequence[str | bytes | int]
    ) -> Any:
        return await self._sweep.around(
            script, lambda: super(_SweptRedis, self).effect(script, keys, args)
        )

    async def repeatable(self, *command: str | bytes | int | float) -> Any:
        return await self._sweep.around(
            str(command[0]), lambda: super(_SweptRedis, self).repeatable(*command)
        )


def flush_until(place: Place, injection: Injection) -> None:
    """Flush, but be killed at the injection; comes to an end when it is not reached."""
    asyncio.run(_flush_until(place, injection))


async def _flush_until(place: Place, injection: Injection) -> None:
    sweep = _Killing()
    logins = logins_of(place.database_url)
    with swept(sweep):
        db = await Database.connect(service=logins.service, pool_size=1)
    redis = _SweptRedis(BusConfig(place.redis_url), sweep)
    asker = asyncio.current_task()
    assert asker is not None
    flusher = CounterFlusher(redis, db, clock.epoch_s)
    await sweep.spoil(injection, asker, flusher.flush())
    await redis.close()
    await db.close()


def count_for_ever(place: Place, clicks: int, tell: Connection) -> None:
    """Count so many clicks, send them, tell how many were counted before and how many are with
    Redis now; again and again."""
    asyncio.run(_count_for_ever(place, clicks, tell))


async def _count_for_ever(place: Place, clicks: int, tell: Connection) -> None:
    counters = Counters(Redis(BusConfig(place.redis_url)), clock.uuid7, clock.epoch_s)
    counted = 0
    while True:
        tell.send((counted + clicks, counted))
        for _ in range(clicks):
            counters.add_click(place.live_session_id, place.product_id, clock.uuid7())
        await counters.send()
        counted += clicks


def flush_for_ever(place: Place, tell: Connection) -> None:
    """Flush again and again, and say so each time."""
    asyncio.run(_flush_for_ever(place, tell))


async def _flush_for_ever(place: Place, tell: Connection) -> None:
    db = await Database.connect(service=logins_of(place.database_url).service, pool_size=1)
    flusher = CounterFlusher(Redis(BusConfig(place.redis_url)), db, clock.epoch_s)
    while True:
        tell.send("flushing")
        await flusher.flush()


def watch_for_ever(place: Place, viewers: int, tell: Connection) -> None:
    """Have so many viewers, and say how many there are in all each time."""
    asyncio.run(_watch_for_ever(place, viewers, tell))


async def _watch_for_ever(place: Place, viewers: int, tell: Connection) -> None:
    presence = Presence(Redis(BusConfig(place.redis_url)), str(os.getpid()), FRESH_S)
    while True:
        tell.send(await presence.report(place.live_session_id, viewers))
