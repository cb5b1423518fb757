"""Brings the schema of a database up to the migration files of this release.

Files are named YYYYMMDDHHMMSS_name.sql and run in that order, each in a transaction of its own
together with its line in `private.schema_migrations`. A file that has run must never change: its
checksum is compared at every start. An advisory lock lets any number of processes start at once;
it belongs to the transaction, because behind a pooler nothing else is ours for longer.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from db.actor import SERVICE
from db.errors import MigrationRefused, connecting, translated
from db.pool import Database, without_pooler_mark
from db.query import Query

_FOLDER = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{14})_([a-z0-9_]+)\.sql")
# Any number will do, as long as no other program on the same database picks it.
_ADVISORY_LOCK = 0x6C69_7665_636F

_HISTORY_TABLE = """
create schema if not exists private;
create table if not exists private.schema_migrations (
  version text primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now()
);
alter table private.schema_migrations enable row level security;
"""


@dataclass(frozen=True, slots=True)
class _Applied:
    version: str
    sha256: str


_IS_MIGRATED = Query("health.is_migrated", bool)
_APPLIED = Query("health.applied_migrations", _Applied)


@dataclass(frozen=True, slots=True)
class Migration:
    version: str
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations_in(folder: Path) -> tuple[Migration, ...]:
    """The migration files of a folder in order. Raises MigrationRefused for a name out of shape."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationRefused(f"{path.name} is not named YYYYMMDDHHMMSS_name.sql")
        found.append(Migration(match[1], match[2], path.read_text(encoding="utf-8")))
    return tuple(found)


def still_to_run(
    migrations: tuple[Migration, ...], applied: dict[str, str]
) -> tuple[Migration, ...]:
    """The migrations that are not in the history. applied: checksum by version.

    Raises MigrationRefused when a file that has run was changed, is missing, or when a new one is
    older than one that has run: the schemas of two installations would differ.
    """
    known = {migration.version: migration for migration in migrations}
    if len(known) < len(migrations):
        raise MigrationRefused("two migration files have the same version")
    for version, sha256 in applied.items():
        if version not in known:
            raise MigrationRefused(
                f"the database has migration {version}, which this release does not know; "
                "it belongs to a newer release"
            )
        if known[version].sha256 != sha256:
            raise MigrationRefused(
                f"{version}_{known[version].name}.sql was changed after it had been applied"
            )
    newest = max(applied, default="")
    pending = tuple(m for m in migrations if m.version not in applied)
    late = [m.version for m in pending if m.version < newest]
    if late:
        raise MigrationRefused(
            f"migration {late[0]} is older than {newest}, which has been applied"
        )
    return pending


async def migrate(dsn: str, folder: Path = _FOLDER) -> list[str]:
    """Apply what is missing; the names of the files applied here, in order.

    Raises MigrationRefused for an edited history and DatabaseUnavailable without a server. When a
    file fails, nothing of it stays, and the files before it do.
    """
    address, _ = without_pooler_mark(dsn)
    migrations, applied = migrations_in(folder), []
    with connecting(dsn):
        connection = await asyncpg.connect(address, timeout=10, statement_cache_size=0)
    with translated():
        try:
            while (name := await _apply_next(connection, migrations)) is not None:
                applied.append(name)
        finally:
            await connection.close(timeout=5)
    return applied


async def pending_migrations(database: Database, folder: Path = _FOLDER) -> tuple[Migration, ...]:
    """The migrations of this release that the database lacks. Raises MigrationRefused."""
    wanted = migrations_in(folder)
    async with database.acting_as(SERVICE) as transaction:
        if not await transaction.one(_IS_MIGRATED):
            return wanted
        applied = {row.version: row.sha256 for row in await transaction.all(_APPLIED)}
    return still_to_run(wanted, applied)


async def _apply_next(
    connection: asyncpg.Connection[asyncpg.Record], migrations: tuple[Migration, ...]
) -> str | None:
    """Apply the oldest file that is missing; its name, or None when none is."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _ADVISORY_LOCK)
        await connection.execute(_HISTORY_TABLE)
        rows = await connection.fetch("select version, sha256 from private.schema_migrations")
        pending = still_to_run(migrations, {row["version"]: row["sha256"] for row in rows})
        if not pending:
            return None
        migration = pending[0]
        # A migration that cannot have its lock soon would hold up every request behind it.
        await connection.execute("set local lock_timeout = '5s'")
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into private.schema_migrations (version, name, sha256) values ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.sha256,
        )
    return f"{migration.version}_{migration.name}"
