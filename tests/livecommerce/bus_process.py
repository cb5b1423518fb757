"""What one process has of Redis, as tests drive it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from livecommerce.bus import BusConfig, Listener, Redis, Rpc, SessionBus
from livecommerce.facts import KNOWN, Fact, Position

LIVE = UUID("00000000-0000-7000-8000-000000000001")
names = (f"n{i}" for i in itertools.count())


@dataclass
class Process:
    """What one process has of Redis."""

    redis: Redis
    listener: Listener
    bus: SessionBus
    rpc: Rpc
    heard: list[Fact] = field(default_factory=list)
    resets: list[None] = field(default_factory=list)
    moves: list[tuple[Position, bool]] = field(default_factory=list)

    async def join(self) -> Position:
        return await self.bus.subscribe(
            LIVE, self.heard.append, lambda: self.resets.append(None), self.note_move
        )

    def note_move(self, position: Position, is_degraded: bool) -> None:
        self.moves.append((position, is_degraded))

    def texts(self) -> list[Any]:
        return [fact.data["text"] for fact in self.heard if fact.name != KNOWN]

    async def has_heard(self, count: int) -> None:
        while len(self.heard) < count:
            await asyncio.sleep(0.002)


@asynccontextmanager
async def process(url: str, **options: Any) -> AsyncIterator[Process]:
    config = BusConfig(url, **options)
    redis = Redis(config)
    listener = Listener(redis)
    bus = SessionBus(redis, listener, config, lambda: next(names))
    rpc = Rpc(redis, listener, next(names), lambda: next(names))
    task = asyncio.create_task(listener.run())
    while not listener.is_connected:
        await asyncio.sleep(0.002)
    try:
        yield Process(redis, listener, bus, rpc)
    finally:
        await bus.unsubscribe(LIVE)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await redis.close()


async def say(at: Process, text: Any, publish_id: str | None = None) -> Position:
    return await at.bus.append(LIVE, "chat.posted", {"text": text}, publish_id or next(names))
