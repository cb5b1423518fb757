"""Connections and transactions: the only way from the program to Postgres.

Three promises hold the rest up:

* Nothing waits for ever. Borrowing a connection, each statement and each lock have a limit; beyond
  it the caller gets DatabaseUnavailable.
* Nothing of one borrower reaches the next. What a transaction sets, its role too, it sets for
  itself only (`set_config(..., true)`), so a connection that is not in a transaction has nothing to
  forget, and giving it back costs no round trip. A session-level SET has no place in this program.
* What is done for a person is done as that person. There are two logins with a pool each: a
  person's statements go through `livecommerce_api`, which has no right of its own and becomes anon
  or authenticated for one transaction; the program's own go through `livecommerce_service`. Neither
  is exempt from row security (see db/logins.py).

Two ways to act, and what they cost:

    await db.acting_as(actor).one(QUERY, ...)       one round trip; also .all and .run
    async with db.acting_as(actor) as transaction:  two round trips more than its queries

For a person the first way takes entry functions only: `select ... from app.<what>_v1($1::text, ..)`
whose first statement is `perform app.act_as_v1(claims)`. The claims are put before the arguments
here. Any statement beside the function would still have the rights of the login, which are none.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import orjson

from db.actor import SERVICE, Actor
from db.errors import DatabaseUnavailable, connecting, translated
from db.logins import (
    API_LOGIN,
    SERVICE_LOGIN,
    LoginFacts,
    not_let_in,
    unfit,
    without_pooler_mark,
)
from db.query import Query, Row

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    # Subscriptable in the stubs only.
    _Connection = PoolConnectionProxy[asyncpg.Record]

_ROLLBACK_TIMEOUT_S = 2
_LOGIN = Query("health.login", LoginFacts)
# The server's ways to say that a login is not let in: no such role, wrong password or a rule of
# pg_hba.conf (class 28), no right to connect (42501), unknown to the pooler (XX000).
_NOT_LET_IN = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InternalServerError,
)

Answer = TypeVar("Answer")


class Transaction:
    """One transaction of one actor; made by `async with Database.acting_as(...)`."""

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


class Acting:
    """What an actor does: statements in a round trip each, or one transaction. For one use."""

    def __init__(self, pool: _Pool, actor: Actor) -> None:
        self._pool = pool
        self._actor = actor
        self._transaction: AbstractAsyncContextManager[Transaction] | None = None

    async def one(self, query: Query[Row], *args: object) -> Row | None:
        """The first row, None when there is none (or when a single column is NULL)."""
        given = self._arguments(query, args)
        return await self._pool.at_once(lambda transaction: transaction.one(query, *given))

    async def all(self, query: Query[Row], *args: object) -> list[Row]:
        given = self._arguments(query, args)
        return await self._pool.at_once(lambda transaction: transaction.all(query, *given))

    async def run(self, query: Query[Any], *args: object) -> int:
        """Run a statement for its effect; the number of rows it touched."""
        given = self._arguments(query, args)
        return await self._pool.at_once(lambda transaction: transaction.run(query, *given))

    def _arguments(self, query: Query[Any], args: tuple[object, ...]) -> tuple[object, ...]:
        """args, behind the claims where an entry function takes them."""
        if self._actor.kind != "service":
            if not query.is_entry:
                raise TypeError(
                    f"{query!r} calls no entry function app.*_v1($1::text, ...): for a person a "
                    "plain statement needs a transaction"
                )
            return (self._actor.claims(), *args)
        if query.is_entry:
            raise TypeError(f"{query!r} calls an entry function, which acts for persons only")
        if self._actor.user_id is not None:
            raise TypeError(f"{query!r} would lose for whom the service works: use a transaction")
        return args

    async def __aenter__(self) -> Transaction:
        """Begin, with role and claims, in one round trip."""
        self._transaction = self._pool.transaction(self._actor)
        return await self._transaction.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        """Commit, or undo after an exception."""
        assert self._transaction is not None, "entered before it is left"
        return await self._transaction.__aexit__(kind, error, traceback)


class Database:
    """The connections of one or two logins to one Postgres. Made by `connect`, ended by `close`."""

    def __init__(self, api: _Pool | None, service: _Pool) -> None:
        self._api = api
        self._service = service

    @classmethod
    async def connect(
        cls,
        *,
        service: str,
        api: str | None = None,
        pool_size: int = 10,
        statement_timeout_ms: int = 5000,
        lock_timeout_ms: int = 3000,
        acquire_timeout_ms: int = 5000,
        application_name: str = "livecommerce",
    ) -> Database:
        """Open a pool for each login and look what it may.

        service, api: the URLs of the two logins (see db.logins_of), also of a unix socket
        (postgresql://user@/name?host=/folder). Without api nothing can be done for a person.
        Behind a pooler in transaction mode (port 6543, or `pgbouncer=true` in the URL) prepared
        statements and start-up settings are given up, which costs a round trip per statement.
        pool_size: the most connections of each login.

        Raises DatabaseUnavailable when the server cannot be reached, and LoginRefused when a login
        is not let in, may less than it needs, or more than it should.
        """
        limits = _Limits(
            pool_size,
            statement_timeout_ms,
            lock_timeout_ms,
            acquire_timeout_ms / 1000,
            application_name,
        )
        own = await _Pool.open(service, SERVICE_LOGIN, limits)
        try:
            for_persons = await _Pool.open(api, API_LOGIN, limits) if api else None
        except BaseException:
            await own.close()
            raise
        return cls(for_persons, own)

    async def close(self) -> None:
        """Give running statements a moment, then close every connection."""
        await asyncio.gather(*(pool.close() for pool in (self._api, self._service) if pool))

    def acting_as(self, actor: Actor) -> Acting:
        """What the actor does; see the head of this module for the two ways."""
        if actor.kind == "service":
            return Acting(self._service, actor)
        if self._api is None:
            raise RuntimeError("this process was started without a login for what persons do")
        return Acting(self._api, actor)

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of the service that sees one moment of the database and changes nothing."""
        return self._service.transaction(SERVICE, " isolation level repeatable read, read only")


@dataclass(frozen=True, slots=True)
class _Limits:
    pool_size: int
    statement_timeout_ms: int
    lock_timeout_ms: int
    acquire_timeout_s: float
    application_name: str

    def of_session(self) -> dict[str, str]:
        return {
            "statement_timeout": str(self.statement_timeout_ms),
            "lock_timeout": str(self.lock_timeout_ms),
            "idle_in_transaction_session_timeout": str(2 * self.statement_timeout_ms),
        }


class _Pool:
    """The connections of one login."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        is_pooled: bool,
        limits: _Limits,
    ) -> None:
        self._pool = pool
        self._is_pooled = is_pooled
        self._acquire_timeout_s = limits.acquire_timeout_s
        self._begin = "begin;"
        if is_pooled:
            for name, value in limits.of_session().items():
                self._begin += f" set local {name} = {value};"

    @classmethod
    async def open(cls, dsn: str, login: str, limits: _Limits) -> _Pool:
        """login: what it is for, API_LOGIN or SERVICE_LOGIN."""
        address, is_pooled = without_pooler_mark(dsn)
        settings = {"application_name": limits.application_name, "timezone": "UTC"}
        with connecting(dsn):
            try:
                pool = await asyncpg.create_pool(
                    address,
                    init_size=min(2, limits.pool_size),
                    min_size=min(2, limits.pool_size),
                    max_size=limits.pool_size,
                    max_queries=1_000_000_000,
                    init=_set_codecs,
                    reset=_nothing_to_forget,
                    timeout=limits.acquire_timeout_s,
                    # The server's own limit comes first; this one is for a silent server.
                    command_timeout=limits.statement_timeout_ms / 1000 + 1,
                    max_cached_statement_lifetime=0,
                    statement_cache_size=0 if is_pooled else 200,
                    server_settings=settings | ({} if is_pooled else limits.of_session()),
                )
            except _NOT_LET_IN as error:
                raise not_let_in(dsn, login, error) from error
        opened = cls(pool, is_pooled, limits)
        try:
            facts = await opened.at_once(lambda transaction: transaction.one(_LOGIN))
            assert facts is not None, "every session has a user"
            if refusal := unfit(dsn, login, facts):
                raise refusal
        except BaseException:
            await opened.close()
            raise
        return opened

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), timeout=3)
        except TimeoutError:
            self._pool.terminate()

    async def at_once(self, work: Callable[[Transaction], Awaitable[Answer]]) -> Answer:
        """One statement that is a transaction of its own, in a single round trip.

        Behind a pooler it is begun and committed in so many words: the driver sends a statement
        in two steps, which only a transaction keeps on one connection of the server.
        """
        async with self._borrowed() as connection:
            if not self._is_pooled:
                return await work(Transaction(connection))
            with translated():
                await connection.execute(self._begin)
            answer = await work(Transaction(connection))
            await _commit(connection)
            return answer

    @asynccontextmanager
    async def transaction(self, actor: Actor, mode: str = "") -> AsyncIterator[Transaction]:
        """One transaction on behalf of the actor: committed at the end, undone by an exception.

        mode: what stands behind BEGIN.
        """
        begin = self._begin.replace("begin", f"begin{mode}", 1)
        begin += f" select set_config('request.jwt.claims', '{actor.claims()}', true)"
        if actor.kind != "service":
            begin += f", set_config('role', '{actor.api_role}', true)"
        async with self._borrowed() as connection:
            with translated():
                await connection.execute(begin)
            yield Transaction(connection)
            await _commit(connection)

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
