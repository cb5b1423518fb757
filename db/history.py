"""The migration files of a release held against the history in a database: pure decisions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db.errors import MigrationRefused
from db.statements import NeverEnds, Statement, statements_of

NO_TRANSACTION = "-- no-transaction"
"""The first line of a file whose statements run one by one, each on its own: what is built
CONCURRENTLY cannot be part of a transaction."""

_FILE_NAME = re.compile(r"(\d{14})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    version: str
    name: str
    sql: str

    @property
    def full_name(self) -> str:
        return f"{self.version}_{self.name}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        return self.sql.split("\n", 1)[0].rstrip() != NO_TRANSACTION

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Raises MigrationRefused when a quote in the file never ends."""
        try:
            return statements_of(self.sql)
        except NeverEnds as fault:
            raise MigrationRefused(f"{self.full_name}.sql: {fault}") from fault


@dataclass(frozen=True, slots=True)
class Applied:
    """A line of the history."""

    version: str
    name: str
    sha256: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class MigrationState:
    """A migration as `migrate --status` tells it: applied, waiting, or at odds with the history.

    in_transaction: None when this release does not have the file.
    """

    full_name: str
    in_transaction: bool | None
    applied_at: datetime | None
    fault: str | None


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
    migrations: Sequence[Migration], applied: Mapping[str, str]
) -> tuple[Migration, ...]:
    """The migrations that are not in the history. applied: checksum by version.

    Raises MigrationRefused when a file that has run was changed, is missing, or when a new one is
    older than one that has run: the schemas of two installations would differ.
    """
    for fault in _faults(migrations, applied).values():
        raise MigrationRefused(fault)
    return tuple(m for m in migrations if m.version not in applied)


def states_of(
    migrations: Sequence[Migration], history: Sequence[Applied]
) -> tuple[MigrationState, ...]:
    """Every migration that the release or the database knows, in order of their versions."""
    lines = {line.version: line for line in history}
    files = {migration.version: migration for migration in migrations}
    faults = _faults(migrations, {line.version: line.sha256 for line in history})
    found = []
    for version in sorted(lines | files):
        file, line = files.get(version), lines.get(version)
        name = file.name if file else line.name if line else ""
        found.append(
            MigrationState(
                f"{version}_{name}",
                file.in_transaction if file else None,
                line.applied_at if line else None,
                faults.get(version),
            )
        )
    return tuple(found)


def _faults(migrations: Sequence[Migration], applied: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, as a sentence by version."""
    faults: dict[str, str] = {}
    known: dict[str, Migration] = {}
    for migration in migrations:
        if migration.version in known:
            faults[migration.version] = (
                f"two migration files have the same version {migration.version}"
            )
        known[migration.version] = migration
    for version, sha256 in applied.items():
        if version not in known:
            faults[version] = (
                f"the database has migration {version}, which this release does not know; "
                "it belongs to a newer release"
            )
        elif known[version].sha256 != sha256:
            faults[version] = (
                f"{known[version].full_name}.sql was changed after it had been applied"
            )
    newest = max(applied, default="")
    for version in known:
        if version not in applied and version < newest:
            faults[version] = f"migration {version} is older than {newest}, which has been applied"
    return faults
