"""`livecommerce types`: write the types of the database, or say whether they are up to date."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import db
from db import Database
from livecommerce.database import logins
from livecommerce.database_types.catalogue import read_catalogue
from livecommerce.database_types.typescript import source
from livecommerce.embedded import scratch_postgres
from livecommerce.settings import Settings

FILE = Path(__file__).parents[1] / "web" / "types" / "database.ts"


class TypesRefused(Exception):
    """The types cannot be written, or are not those of the database; the text says what to do."""


async def run(settings: Settings, output: Path, *, only_check: bool) -> str:
    """Write the file, or with only_check compare it. Returns what to tell the person.

    Without DATABASE_URL a Postgres of our own is started, migrated and thrown away again.
    Raises TypesRefused, what `db` raises for a database that is away or not ours to use, and what
    scratch_postgres raises.
    """
    _require_folder(output)  # before anything is started
    return _put(await _current(settings), output, only_check=only_check)


def _require_folder(output: Path) -> None:
    if not output.parent.is_dir():
        raise TypesRefused(f"there is no folder {output.parent}; name a file with --output.")


def _put(text: str, output: Path, *, only_check: bool) -> str:
    before = output.read_text(encoding="utf-8") if output.exists() else None
    if text == before:
        return f"{output} is up to date"
    if only_check:
        raise TypesRefused(f"{output} is not what the schema gives; `livecommerce types` mends it.")
    output.write_text(text, encoding="utf-8")
    return f"wrote {output}"


async def _current(settings: Settings) -> str:
    """The text for the database of the settings, else for the migrations of this release."""
    async with AsyncExitStack() as stack:
        if settings.database.url is not None or settings.database.service_url is not None:
            url = logins(settings).service
        else:
            embedded = settings.embedded
            owner = await stack.enter_async_context(
                scratch_postgres(embedded.user, embedded.pg_bin)
            )
            await db.migrate(owner)
            url = db.logins_of(owner).service
        database = await Database.connect(service=url, pool_size=1)
        stack.push_async_callback(database.close)
        if pending := await db.pending_migrations(database):
            raise TypesRefused(
                f"the database lacks {len(pending)} migrations; run `livecommerce migrate` first."
            )
        return source(await read_catalogue(database))
