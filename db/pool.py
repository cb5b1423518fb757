"""Connections and transactions: the only way from the program to Postgres.

Two promises hold the rest up:

* Nothing waits for ever. Borrowing a connection, each statement and each lock have a limit; beyond
  it the caller gets DatabaseUnavailable.
* Nothing of one borrower reaches the next. What a transaction sets, it sets for itself only
  (`set_config(..., true)`), so a connection that is not in a transaction has nothing to forget, and
  giving it back costs no round trip. A session-level SET has no place in this program.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
import orjson

from db.actor import Actor
from db.errors import DatabaseUnavailable, connecting, translated
from db.query import Query, Row

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    # Subscriptable in the stubs only.
    _Connection = PoolConnectionProxy[asyncpg.Record]

_ROLLBACK_TIMEOUT_S = 2


class Transaction:
    """One transaction of one actor; made by Database.acting_as."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    async def all(self, query: Query[Row], *args: object) -> list[Row]:
        with translated():
            return [query.read(record) for record in await self._connection.fetch(query.sql, *args)]

    async def one(self, query: Query[Row], *args: object) -> Row | None:
        """The first row, None when there is none (or when a single column is NULL)."""
        with translated():
            record = await self._connection.fetchrow(query.sql, *args)
        return None if record is None else query.read(record)

    async def run(self, query: Query[Any], *args: object) -> int:
        """Run a statement for its effect; the number of rows it touched."""
        with translated():
            status = await self._connection.execute(query.sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


class Database:
    """A pool of connections to one Postgres. Made by `connect`, ended by `close`."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        begin: str,
        is_pooled: bool,
        acquire_timeout_s: float,
    ) -> None:
        self._pool = pool
        self._begin = begin
        self._is_pooled = is_pooled
        self._acquire_timeout_s = acquire_timeout_s

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        pool_size: int = 10,
        statement_timeout_ms: int = 5000,
        lock_timeout_ms: int = 3000,
        acquire_timeout_ms: int = 5000,
        application_name: str = "livecommerce",
    ) -> Database:
        """Open the pool.

        dsn: a URL, also of a unix socket (postgresql://user@/name?host=/folder). Behind a pooler in
        transaction mode (port 6543, or `pgbouncer=true` in the URL) prepared statements and
        start-up settings are given up, which costs a round trip per statement.
        Raises DatabaseUnavailable when the server cannot be reached or does not let us in.
        """
        address, is_pooled = without_pooler_mark(dsn)
        limits = {
            "statement_timeout": str(statement_timeout_ms),
            "lock_timeout": str(lock_timeout_ms),
            "idle_in_transaction_session_timeout": str(2 * statement_timeout_ms),
        }
        with connecting(dsn):
            pool = await asyncpg.create_pool(
                address,
                init_size=min(2, pool_size),
                min_size=min(2, pool_size),
                max_size=pool_size,
                max_queries=1_000_000_000,
                init=_set_codecs,
                reset=_nothing_to_forget,
                timeout=acquire_timeout_ms / 1000,
                # The server's own limit comes first; this one is for a server that says nothing.
                command_timeout=statement_timeout_ms / 1000 + 1,
                max_cached_statement_lifetime=0,
                statement_cache_size=0 if is_pooled else 200,
                server_settings={"application_name": application_name, "timezone": "UTC"}
                | ({} if is_pooled else limits),
            )
        begin = "begin;"
        if is_pooled:
            begin += "".join(f" set local {name} = {value};" for name, value in limits.items())
        return cls(pool, begin, is_pooled, acquire_timeout_ms / 1000)

    async def close(self) -> None:
        """Give running statements a moment, then close every connection."""
        try:
            await asyncio.wait_for(self._pool.close(), timeout=3)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def acting_as(self, actor: Actor) -> AsyncIterator[Transaction]:
        """One transaction on behalf of the actor: committed at the end, undone by an exception.

        Costs two round trips beside the queries: begin and claims in one, commit.
        """
        async with self._borrowed() as connection:
            with translated():
                await connection.execute(
                    f"{self._begin} select set_config('request.jwt.claims', "
                    f"'{actor.claims()}', true)"
                )
            yield Transaction(connection)
            await _commit(connection)

    async def call(self, query: Query[Row], *args: object) -> Row | None:
        """One statement that is a transaction of its own, in a single round trip.

        For database functions that do a whole use case and set their actor's claims themselves.
        Behind a pooler it is begun and committed in so many words: the driver sends a statement
        in two steps, which only a transaction keeps on one connection of the server.
        """
        async with self._borrowed() as connection:
            if not self._is_pooled:
                return await Transaction(connection).one(query, *args)
            with translated():
                await connection.execute(self._begin)
            row = await Transaction(connection).one(query, *args)
            await _commit(connection)
            return row

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[_Connection]:
        with translated():
            connection = await self._pool.acquire(timeout=self._acquire_timeout_s)
        try:
            yield connection
        except BaseException as error:
            await _undo(connection, error)
            raise
        finally:
            with translated():
                await self._pool.release(connection, timeout=self._acquire_timeout_s)


async def _undo(connection: _Connection, error: BaseException) -> None:
    """Take the connection out of its failed transaction, or give it up when nobody answers."""
    is_answered = isinstance(error.__cause__, asyncpg.PostgresError)
    # An InterfaceError: the connection was lost, and the driver has taken it back by itself.
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        if isinstance(error, DatabaseUnavailable) and not is_answered:
            connection.terminate()
        elif connection.is_in_transaction():
            await connection.execute("rollback", timeout=_ROLLBACK_TIMEOUT_S)


async def _commit(connection: _Connection) -> None:
    """Commit, and stay until the answer is there even when cancelled meanwhile.

    A commit that was sent cannot be taken back; leaving early would hand a busy connection on.
    """
    commit = asyncio.ensure_future(connection.execute("commit"))
    cancelled: asyncio.CancelledError | None = None
    while not commit.done():
        try:
            await asyncio.wait({commit})
        except asyncio.CancelledError as error:
            cancelled = error
    with translated():
        status = commit.result()
    if cancelled:
        raise cancelled
    if status != "COMMIT":
        raise RuntimeError("commit of a transaction in which a statement had failed")


async def _nothing_to_forget(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Stands in for the driver's reset of a connection, which would cost a round trip."""


async def _set_codecs(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    # The driver looks the types up, which behind a pooler holds in a transaction only.
    async with connection.transaction():
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            format="binary",
            encoder=_jsonb_of,
            decoder=lambda data: orjson.loads(memoryview(data)[1:]),
        )
        # The driver's own UUID is a subclass that serializers which look at the exact type refuse.
        await connection.set_type_codec(
            "uuid",
            schema="pg_catalog",
            format="binary",
            encoder=lambda value: value.bytes,
            decoder=lambda data: uuid.UUID(bytes=bytes(data)),
        )


def _jsonb_of(value: object) -> bytes:
    # The leading byte is the version of jsonb's binary form.
    return b"\x01" + orjson.dumps(value)


def without_pooler_mark(dsn: str) -> tuple[str, bool]:
    """The URL as the driver takes it, and whether a pooler in transaction mode stands behind it."""
    parts = urlsplit(dsn)
    options = parse_qsl(parts.query)
    kept = [(name, value) for name, value in options if name != "pgbouncer"]
    is_pooled = ("pgbouncer", "true") in options or parts.netloc.endswith(":6543")
    return urlunsplit(parts._replace(query=urlencode(kept, safe="/"))), is_pooled
