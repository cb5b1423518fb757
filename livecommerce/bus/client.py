"""Plain access to Redis.

Commands with effects are never repeated by the client library (it would repeat ten times, also
after effects whose reply was lost); reads and idempotent writes are. An effect whose reply is lost
may or may not have happened: BusUnavailable says no more than that, and whoever must know sends the
same id again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import redis.asyncio as aioredis
import redis.exceptions
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

log = structlog.get_logger(__name__)

# What is said of a connection that ended while it was in use.
_ENDED: Final = ("the handler is closed", "'NoneType' object has no attribute")
_LUA: Final = Path(__file__).parent.parent / "lua"


class BusUnavailable(Exception):
    """Redis, or the process behind it, did not answer in time. Effects may or may not have
    happened.
    """

    retry_after_s = 1.0


@dataclass(frozen=True, slots=True)
class BusConfig:
    """url: redis://, rediss:// or unix://. socket_timeout_s: for one command and its reply.
    stream_max: events kept per live session for late readers, about. keep_s: seconds without an
      event after which a live session's bus is forgotten. dedupe_s: how long a publish id is
      remembered.
    """

    url: str
    socket_timeout_s: float = 0.5
    stream_max: int = 5000
    keep_s: int = 86_400
    dedupe_s: int = 600


class Redis:
    """Connections to one server; `effect` is sent once, `repeatable` may be sent again."""

    def __init__(self, config: BusConfig) -> None:
        self._effects_pool = _pool(config, Retry(NoBackoff(), 0))
        self._reads_pool = _pool(config, Retry(ExponentialBackoff(cap=0.2, base=0.02), 2))
        self._effects = aioredis.Redis.from_pool(self._effects_pool)
        self._reads = aioredis.Redis.from_pool(self._reads_pool)
        self._scripts = {
            path.stem: self._effects.register_script(path.read_text())
            for path in sorted(_LUA.glob("*.lua"))
        }

    async def close(self) -> None:
        await self._effects.aclose()
        await self._reads.aclose()

    async def effect(
        self, script: str, keys: Sequence[str], args: Sequence[str | bytes | int]
    ) -> Any:
        """Run livecommerce/lua/<script>.lua, once. Raises BusUnavailable."""
        call = self._scripts[script](keys=list(keys), args=list(args))
        return await _answered(cast(Awaitable[Any], call))

    async def repeatable(self, *command: str | bytes | int | float) -> Any:
        """Run a read or an idempotent write. Raises BusUnavailable."""
        call = self._reads.execute_command(*command)
        return await _answered(call)

    async def repeatable_all(
        self, commands: Sequence[Sequence[str | bytes | int | float]]
    ) -> list[Any]:
        """Several of them in one round trip; not atomic."""
        pipeline = self._reads.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        answers = await _answered(pipeline.execute())
        return cast(list[Any], answers)

    async def publish(self, channel: str, body: bytes) -> int:
        """Publish once; how many subscribers the server has for the channel."""
        return cast(int, await _answered(self._effects.publish(channel, body)))

    async def publish_sharded(self, channel: str, body: bytes) -> None:
        """The same on a sharded channel."""
        await _answered(self._effects.execute_command("SPUBLISH", channel, body))

    async def ping(self) -> None:
        await self.repeatable("PING")

    def subscriber(self) -> aioredis.connection.AbstractConnection:
        """A connection of its own for a subscription, not yet connected."""
        connection = self._effects_pool.make_connection()
        return cast(aioredis.connection.AbstractConnection, connection)


def _pool(config: BusConfig, retry: Retry) -> aioredis.BlockingConnectionPool:
    return aioredis.BlockingConnectionPool.from_url(
        config.url,
        max_connections=16,
        timeout=config.socket_timeout_s,
        socket_timeout=config.socket_timeout_s,
        socket_connect_timeout=config.socket_timeout_s,
        retry=retry,
        # Subscriptions arrive as plain arrays; with protocol 3 they would bypass read_response.
        protocol=2,
    )


async def library_call(call: Awaitable[Any]) -> Any:
    """Await a call of the client library, without two of its traps.

    A cancellation: the library sends through asyncio.wait_for, which until Python 3.11 swallows one
    that comes in the moment in which its work is done. Whoever loops would then never stop. A
    connection that ends while it is in use: uvloop says RuntimeError to who writes, and the library
    finds that it has no writer any more; here both are a ConnectionError.
    """
    task = asyncio.current_task()
    assert task is not None, "calls are made from tasks"
    asked = task.cancelling()
    try:
        return await call
    except (RuntimeError, AttributeError) as error:
        if not any(words in str(error) for words in _ENDED):
            raise
        raise ConnectionResetError(str(error)) from error
    finally:
        if task.cancelling() > asked:
            raise asyncio.CancelledError


async def _answered(call: Awaitable[Any]) -> Any:
    try:
        return await library_call(call)
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        raise BusUnavailable(str(error)) from error
    except redis.exceptions.RedisError as error:
        # It answers, but cannot do its work now: full, no disk, a replica, a cluster in trouble.
        log.error("redis_refuses", reason=str(error))
        raise BusUnavailable(str(error)) from error
