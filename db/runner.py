"""Brings the schema of a database up to the migration files of this release.

Files are named YYYYMMDDHHMMSS_name.sql and run in that order, each in a transaction of its own
together with its line in `private.schema_migrations`. A file that has run must never change: its
checksum is compared at every start.

Any number of processes may start at once. An advisory lock lets one of them work; it belongs to a
transaction, because behind a pooler nothing else is ours for longer. The others ask again now and
then instead of waiting inside a statement: a statement holds a snapshot, and an index that is built
CONCURRENTLY waits for every older snapshot to go away, so both would wait for ever.

A running shop goes on meanwhile. Whoever waits for a lock on a table holds up every request behind
it, so a file that cannot have its locks at once is undone and tried again later. A file whose first
line is `-- no-transaction` is for what Postgres does beside running requests (CREATE INDEX
CONCURRENTLY and its kin). Its statements run one by one on a second connection while the first
holds the advisory lock and, at the end, writes the history: a crash in between is mended by the
next run, which drops what was half built and runs all of the file again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from db.actor import SERVICE
from db.errors import (
    DatabaseUnavailable,
    MigrationRefused,
    connecting,
    is_unavailable,
    translated,
)
from db.history import (
    Applied,
    Migration,
    MigrationState,
    migrations_in,
    states_of,
    still_to_run,
)
from db.logins import LOGINS, set_passwords, without_pooler_mark
from db.pool import Database
from db.query import Query
from db.statements import Statement

_FOLDER = Path(__file__).parent / "migrations"
# Any number will do, as long as no other program on the same database picks it.
_ADVISORY_LOCK = 0x6C69_7665_636F

_HISTORY_TABLE = """
create schema if not exists private;
create table private.schema_migrations (
  version text primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now()
);
alter table private.schema_migrations enable row level security;
"""
_HISTORY_EXISTS = "select to_regclass('private.schema_migrations') is not null"
_HISTORY = """
select version, name, sha256, applied_at from private.schema_migrations order by version
"""
# A table may take minutes to rewrite, and the connection that holds the lock idles meanwhile.
# Asked of the catalogue, because the last of them is unknown before PostgreSQL 17.
_WITHOUT_TIME_LIMITS = """
select set_config(name, '0', true) from pg_settings
where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
"""
_INVALID_INDEX = """
select format('%I.%I', n.nspname, c.relname)
from pg_class t
join pg_index i on i.indrelid = t.oid
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where t.oid = to_regclass($1) and c.relname = $2 and not i.indisvalid
"""
_BUILDS_INDEX = re.compile(
    r"create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?"
    r"(?P<name>\"[^\"]+\"|[\w$]+)\s+on\s+(?:only\s+)?(?P<table>[\w$\".]+)",
    re.IGNORECASE,
)

_SHORTEST_WAIT_MS = 100
_LONGEST_PAUSE_S = 5.0
_BESIDE_REQUESTS_MS = 600_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a migration waits for what others hold.

    lock_ms: for its locks, all of a file together. It counts from the beginning of the file, since
    the first lock is held while the next is waited for; but each statement has a tenth of a second.
    attempts: how often a file is tried, with growing pauses: about two minutes.
    turn_s: for another process that migrates the same database.
    """

    lock_ms: int = 500
    attempts: int = 30
    turn_s: float = 600.0

    def pause_s(self, attempt: int) -> float:
        return min(_LONGEST_PAUSE_S, 0.1 * 1.5**attempt)


Tell = Callable[[str], None]
_PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class _AppliedChecksum:
    version: str
    sha256: str


_IS_MIGRATED = Query("health.is_migrated", bool)
_APPLIED = Query("health.applied_migrations", _AppliedChecksum)


def _to_nobody(_: str) -> None:
    """Who does not listen is told nothing."""


async def migrate(
    dsn: str,
    folder: Path = _FOLDER,
    *,
    tell: Tell = _to_nobody,
    patience: Patience = _PATIENCE,
    passwords_of: Collection[str] = LOGINS,
) -> list[str]:
    """Apply what is missing; the names of the files applied here, in order.

    tell: hears one line for each file that has run, and for each wait.
    passwords_of: the logins that get the password that logins_of derives, where the URL has one.
    Raises MigrationRefused for an edited history or a statement that Postgres refuses, and
    DatabaseUnavailable without a server or when a lock cannot be had. When a file fails, nothing of
    it stays (of one without a transaction: what the next run needs no more), and the files before
    it do.
    """
    migrations, applied = migrations_in(folder), []
    connection = await _connected(dsn)
    with translated():
        try:
            run = _Run(dsn, connection, migrations, tell, patience)
            while (name := await run.apply_next()) is not None:
                applied.append(name)
        finally:
            await connection.close(timeout=5)
    await set_passwords(dsn, passwords_of)
    return applied


async def migration_states(dsn: str, folder: Path = _FOLDER) -> tuple[MigrationState, ...]:
    """Which migrations have run, wait, or do not fit; changes nothing.

    Raises DatabaseUnavailable, and MigrationRefused for a file name out of shape.
    """
    migrations = migrations_in(folder)
    connection = await _connected(dsn)
    with translated():
        try:
            async with connection.transaction(readonly=True):
                if not await connection.fetchval(_HISTORY_EXISTS):
                    return states_of(migrations, ())
                rows = await connection.fetch(_HISTORY)
        finally:
            await connection.close(timeout=5)
    return states_of(migrations, [Applied(**row) for row in rows])


async def pending_migrations(database: Database, folder: Path = _FOLDER) -> tuple[Migration, ...]:
    """The migrations of this release that the database lacks. Raises MigrationRefused."""
    wanted = migrations_in(folder)
    async with database.acting_as(SERVICE) as transaction:
        if not await transaction.one(_IS_MIGRATED):
            return wanted
        applied = {row.version: row.sha256 for row in await transaction.all(_APPLIED)}
    return still_to_run(wanted, applied)


class _Run:
    """One call of `migrate`, on its connection."""

    def __init__(
        self,
        dsn: str,
        connection: asyncpg.Connection[asyncpg.Record],
        migrations: tuple[Migration, ...],
        tell: Tell,
        patience: Patience,
    ) -> None:
        self._dsn = dsn
        self._connection = connection
        self._migrations = migrations
        self._tell = tell
        self._patience = patience

    async def apply_next(self) -> str | None:
        """Apply the oldest file that is missing; its name, or None when none is."""
        attempt = 1
        while True:
            migration: Migration | None = None
            try:
                async with self._turn():
                    migration = await self._oldest_missing()
                    if migration is None:
                        return None
                    await self._apply(migration)
                return migration.full_name
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
                if migration is None:  # not by a file: something holds the history itself
                    raise
                if attempt >= self._patience.attempts:
                    raise DatabaseUnavailable(
                        f"{migration.full_name} could not have its locks in {attempt} attempts: a "
                        "transaction that stays open holds a table that it changes "
                        "(pg_stat_activity, the oldest xact_start); nothing of it was applied"
                    ) from error
            self._tell(
                f"{migration.full_name} waits for a lock "
                f"(attempt {attempt} of {self._patience.attempts})"
            )
            await asyncio.sleep(self._patience.pause_s(attempt))
            attempt += 1

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A transaction in which we are the only process that migrates."""
        clock = asyncio.get_running_loop().time
        until, has_told = clock() + self._patience.turn_s, False
        while True:
            async with self._connection.transaction(isolation="read_committed"):
                if await self._connection.fetchval(
                    "select pg_try_advisory_xact_lock($1)", _ADVISORY_LOCK
                ):
                    await self._connection.execute(_WITHOUT_TIME_LIMITS)
                    yield
                    return
            if clock() > until:
                raise DatabaseUnavailable(
                    "another process migrates this database and does not come to an end"
                )
            if not has_told:
                self._tell("another process migrates this database; waiting for it")
                has_told = True
            await asyncio.sleep(0.2)

    async def _oldest_missing(self) -> Migration | None:
        # The table is looked for first: to make it again, if only to find it there, takes a lock
        # that would hold up every health check until the file has run.
        if not await self._connection.fetchval(_HISTORY_EXISTS):
            await self._connection.execute(_HISTORY_TABLE)
        applied = {row["version"]: row["sha256"] for row in await self._connection.fetch(_HISTORY)}
        return next(iter(still_to_run(self._migrations, applied)), None)

    async def _apply(self, migration: Migration) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        if migration.in_transaction:
            await self._run_together(migration)
        else:
            await self._run_one_by_one(migration)
        await self._connection.execute(
            "insert into private.schema_migrations (version, name, sha256) values ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.sha256,
        )
        self._tell(f"applied {migration.full_name} in {clock() - began:.1f} s")

    async def _run_together(self, migration: Migration) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        for statement in migration.statements:
            spent_ms = round((clock() - began) * 1000)
            wait_ms = max(_SHORTEST_WAIT_MS, self._patience.lock_ms - spent_ms)
            sql = f"set local lock_timeout = {wait_ms}; {statement.text}"
            with _naming(migration, statement, sql):
                await self._connection.execute(sql)

    async def _run_one_by_one(self, migration: Migration) -> None:
        """Run a file beside the requests. Its statements wait for transactions, not in their way.

        That is why they may wait for long, and why a wait that was too long is final.
        """
        beside = await _connected(self._dsn, _limits_beside_requests(self._connection))
        # The driver leaves the last query of a transaction open, and its snapshot with it, for
        # which the build beside would wait for ever. A statement sent in one piece closes it.
        await self._connection.execute("select 1")
        try:
            for statement in migration.statements:
                await self._drop_half_built(beside, migration, statement)
                with _naming(migration, statement, statement.text):
                    await beside.execute(statement.text)
        except asyncpg.LockNotAvailableError as error:
            raise DatabaseUnavailable(
                f"{migration.full_name} waited {_BESIDE_REQUESTS_MS // 60_000} minutes for "
                "transactions that are older than itself (pg_stat_activity, the oldest xact_start)"
            ) from error
        finally:
            await beside.close(timeout=5)

    async def _drop_half_built(
        self,
        beside: asyncpg.Connection[asyncpg.Record],
        migration: Migration,
        statement: Statement,
    ) -> None:
        """An index whose building was interrupted stays, unused, and keeps its name."""
        builds = _BUILDS_INDEX.match(statement.text)
        if builds is None:
            return
        async with beside.transaction():
            invalid = await beside.fetchval(
                _INVALID_INDEX, builds["table"], _identifier(builds["name"])
            )
        if invalid is not None:
            self._tell(f"{migration.full_name} drops {invalid}, which was half built")
            await beside.execute(f"drop index concurrently if exists {invalid}")


def _identifier(written: str) -> str:
    return written[1:-1] if written.startswith('"') else written.lower()


async def _connected(
    dsn: str, settings: dict[str, str] | None = None
) -> asyncpg.Connection[asyncpg.Record]:
    with connecting(dsn):
        address, is_pooled = without_pooler_mark(dsn)
        # A pooler refuses settings at the start, and has no place for any that last.
        return await asyncpg.connect(
            address,
            timeout=10,
            statement_cache_size=0,
            server_settings={} if is_pooled else settings,
        )


def _limits_beside_requests(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, str]:
    """Settings of a connection that runs statements outside transactions, from its start on."""
    limits = {
        "statement_timeout": "0",
        "lock_timeout": str(_BESIDE_REQUESTS_MS),
        # A server process whose program was killed in the middle of a build gives it up.
        "client_connection_check_interval": "10s",
    }
    if connection.get_server_version().major >= 17:
        limits["transaction_timeout"] = "0"
    return limits


@contextmanager
def _naming(migration: Migration, statement: Statement, sql: str) -> Iterator[None]:
    """Turns what Postgres has against a statement into MigrationRefused, with file and line.

    sql: as sent, with nothing before the statement that has lines.
    """
    try:
        yield
    except asyncpg.DeadlockDetectedError:
        raise
    except asyncpg.PostgresError as error:
        if is_unavailable(error):
            raise
        error.detail = None  # it quotes rows, with people's addresses in them
        line = statement.line + sql.count("\n", 0, max(0, int(error.position or 1) - 1))
        within = f" ({error.context.splitlines()[0]})" if error.context else ""
        raise MigrationRefused(
            f"{migration.full_name}.sql, line {line}: {error}{within}"
        ) from error
