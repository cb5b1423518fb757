"""Faults at the awaits of the driver: before the Nth one or after it, of every kind.

What is wrapped is the driver, not the program: the connections and pools of asyncpg count how often
they are awaited, and spoil the one that a test names. A reset ends the server's side of the
connection, a cancellation is one of the task, an exit that of the process.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar
from unittest.mock import patch

import asyncpg

T = TypeVar("T")

Fault = Literal["reset", "timeout", "cancelled", "left", "exit"]
When = Literal["before", "after"]

APPLICATION: Final = "swept"
EXIT_STATUS: Final = 9
_is_connecting: ContextVar[bool] = ContextVar("is_connecting", default=False)


@dataclass(frozen=True)
class Injection:
    """point: which await, from 1. cancelled: the task that awaits. left: the one that asked for all
    of it (somebody closed the page). exit: at once, without a word to anybody."""

    point: int
    when: When
    fault: Fault


class Sweep:
    """killer: a connection of a superuser that no fault concerns."""

    def __init__(self, killer: asyncpg.Connection) -> None:
        self._killer = killer
        self._injection: Injection | None = None
        self._asker: asyncio.Task[Any] | None = None
        self._is_on = False
        self.points: list[str] = []

    async def spoil(self, injection: Injection, asker: asyncio.Task[Any], work: Awaitable[T]) -> T:
        """Do it, with this fault on its way."""
        self._injection, self._asker, self._is_on, self.points = injection, asker, True, []
        try:
            return await work
        finally:
            self._is_on = False

    @property
    def has_fired(self) -> bool:
        return self._injection is not None and len(self.points) >= self._injection.point

    @property
    def place(self) -> str:
        """The await that was spoilt, in words."""
        assert self._injection is not None
        return f"{self._injection} {self.points[self._injection.point - 1]}"

    async def around(
        self,
        name: str,
        call: Callable[[], Awaitable[T]],
        pid: int | None = None,
        give_back: Callable[[T], Awaitable[object]] | None = None,
    ) -> T:
        """pid: of the connection's server process. give_back: what is done with the result of a
        call that nobody waits for any more."""
        if not self._is_on or _is_connecting.get():
            return await call()
        self.points.append(name)
        injection = self._injection
        if injection is None or len(self.points) != injection.point:
            return await call()
        if injection.when == "before":
            await self._spoil_before(injection.fault, pid)
            return await call()
        result = await call()
        await self._spoil_after(injection.fault, pid, result, give_back)
        return result

    async def _spoil_before(self, fault: Fault, pid: int | None) -> None:
        if fault == "reset":
            await self._reset(pid)  # The call itself finds out.
        elif fault == "timeout":
            raise TimeoutError
        else:
            self._stop(fault)

    async def _spoil_after(
        self,
        fault: Fault,
        pid: int | None,
        result: T,
        give_back: Callable[[T], Awaitable[object]] | None,
    ) -> None:
        if fault == "reset":
            await self._reset(pid)
            if give_back is None:
                raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")
        elif fault == "timeout":
            if give_back is not None:
                await give_back(result)
            raise TimeoutError
        else:
            self._stop(fault)

    async def _reset(self, pid: int | None) -> None:
        """End the server's side, and wait until it is gone; of all connections without a pid."""
        await self._killer.fetch(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = $1 and datname = current_database()"
            " and pid = coalesce($2, pid)",
            APPLICATION,
            pid,
        )

    def _stop(self, fault: Fault) -> None:
        if fault == "exit":
            os._exit(EXIT_STATUS)
        task = self._asker if fault == "left" else asyncio.current_task()
        assert task is not None
        task.cancel()


class _Pool:
    """A pool of the driver whose awaits count."""

    def __init__(self, pool: asyncpg.Pool, sweep: Sweep) -> None:
        self._pool = pool
        self._sweep = sweep

    async def acquire(self, *, timeout: float) -> Any:
        async def acquired() -> Any:
            return await self._pool.acquire(timeout=timeout)

        return await self._sweep.around("acquire", acquired, give_back=self._pool.release)

    async def release(self, connection: Any, *, timeout: float) -> None:
        pid = None if connection.is_closed() else connection.get_server_pid()

        async def released() -> None:
            await self._pool.release(connection, timeout=timeout)

        try:
            await self._sweep.around("release", released, pid)
        except TimeoutError:
            # As the driver does with a connection that does not answer when it is given back.
            if connection._con is not None:
                connection.terminate()
            raise

    async def close(self) -> None:
        await self._pool.close()

    def terminate(self) -> None:
        self._pool.terminate()


def _connection_class(sweep: Sweep) -> type[asyncpg.Connection]:
    class Connection(asyncpg.Connection):
        __slots__ = ()

        async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:
            return await self._counted(super().execute, query, *args, timeout=timeout)

        async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
            return await self._counted(super().fetch, query, *args, **options)

        async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
            return await self._counted(super().fetchrow, query, *args, **options)

        async def _counted(self, method: Any, query: str, *args: Any, **options: Any) -> Any:
            name = " ".join(query.split())[:70]
            pid = None if self.is_closed() else self.get_server_pid()
            return await sweep.around(name, lambda: method(query, *args, **options), pid)

    return Connection


@contextmanager
def swept(sweep: Sweep) -> Iterator[None]:
    """Pools that are made meanwhile count their awaits."""
    create_pool = asyncpg.create_pool

    async def counted(*args: Any, init: Any, **options: Any) -> _Pool:
        async def made_ready(connection: Any) -> None:
            # Part of connecting, which the driver also does by itself, whenever it likes.
            token = _is_connecting.set(True)
            try:
                await init(connection)
            finally:
                _is_connecting.reset(token)

        made = create_pool(
            *args, init=made_ready, connection_class=_connection_class(sweep), **options
        )
        return _Pool(await made, sweep)

    with patch("asyncpg.create_pool", counted):
        yield
