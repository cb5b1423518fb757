"""The commands about the schema of the database."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from livecommerce import logs
from livecommerce import settings as configuration
from livecommerce.cli.running import AddCommand, refuse, run_work, settings_of_the_shop
from livecommerce.settings import BAD_CONFIGURATION, Settings

if TYPE_CHECKING:
    from db import MigrationState

MIGRATIONS_WAIT = 3
"""Exit code of `migrate --status`, for scripts."""


def add_to(add: AddCommand) -> None:
    migrate = add("migrate", _migrate, "bring the database up to date")
    migrate.epilog = (
        "Exit codes: 0 up to date (--plan: said what it would do); 1 refused or the database is "
        f"away; 3 --status: migrations wait; {BAD_CONFIGURATION} DATABASE_URL is missing or wrong."
    )
    asked = migrate.add_mutually_exclusive_group()
    asked.add_argument(
        "--status", action="store_true", help="list every migration and when it ran; change nothing"
    )
    asked.add_argument(
        "--plan", action="store_true", help="list what would run, in order; change nothing"
    )
    schema = add("schema", _schema, "print the schema that all migrations together make, as SQL")
    schema.add_argument(
        "--page", action="store_true", help="as a page with diagrams (Markdown, Mermaid)"
    )
    types = add("types", _types, "write the TypeScript types of the database")
    types.add_argument(
        "--output",
        type=Path,
        help="the file to write (default: livecommerce/web/types/database.ts)",
    )
    types.add_argument(
        "--check", action="store_true", help="write nothing; fail when the file is out of date"
    )


def _migrate(options: argparse.Namespace) -> int:
    settings = settings_of_the_shop()
    if options.status or options.plan:
        return _describe_migrations(settings, only_waiting=options.plan)
    return apply_migrations(settings)


def apply_migrations(settings: Settings) -> int:
    from livecommerce.database import derived_logins
    from livecommerce.migration import bring_up_to_date

    url = settings.database.url
    if url is None:
        return refuse("DATABASE_URL is not set; it says which database to bring up to date.")
    logs.configure(settings.log.level, settings.log.format, process="migrate")

    async def apply() -> None:
        if not await bring_up_to_date(
            url.get_secret_value(), tell=_say, passwords_of=derived_logins(settings)
        ):
            print("nothing to apply")

    return run_work(apply(), "migrate")


def _describe_migrations(settings: Settings, *, only_waiting: bool) -> int:
    """--status and --plan."""
    from db import MigrationState, migration_states

    url = settings.database.url
    if url is None:
        return refuse("DATABASE_URL is not set; it says which database to look at.")
    logs.configure(settings.log.level, settings.log.format, process="migrate")
    states: list[MigrationState] = []

    async def ask() -> None:
        states.extend(await migration_states(url.get_secret_value()))

    code = run_work(ask(), "migrate")
    if code != 0:
        return code
    is_waiting = any(state.applied_at is None for state in states)
    shown = [s for s in states if s.applied_at is None or s.fault] if only_waiting else states
    print("\n".join(map(_in_words, shown)) or "nothing to apply")
    if any(state.fault for state in states):
        return 1
    return MIGRATIONS_WAIT if is_waiting and not only_waiting else 0


def _in_words(state: "MigrationState") -> str:
    if state.fault:
        return f"{state.full_name}  REFUSED: {state.fault}"
    if state.applied_at is not None:
        return f"{state.full_name}  applied {state.applied_at:%Y-%m-%d %H:%M:%S} UTC"
    if state.in_transaction:
        return f"{state.full_name}  waits"
    return f"{state.full_name}  waits; runs beside requests, statement by statement"


def _say(line: str) -> None:
    print(line, flush=True)


def _schema(options: argparse.Namespace) -> int:
    from db import migrate
    from db.catalogue import read_catalogue
    from db.schema_dump import schema_sql
    from db.schema_page import schema_page
    from livecommerce.embedded import scratch_postgres

    settings = configuration.report()
    logs.configure(settings.log.level, settings.log.format, process="schema")

    async def describe() -> None:
        async with scratch_postgres(settings.embedded.user, settings.embedded.pg_bin) as owner:
            await migrate(owner)
            catalogue = await read_catalogue(owner)
        sys.stdout.write(schema_page(catalogue) if options.page else schema_sql(catalogue))

    return run_work(describe(), "schema", on_uvloop=False)


def _types(options: argparse.Namespace) -> int:
    from livecommerce.database_types import command

    settings = configuration.report()
    logs.configure(settings.log.level, settings.log.format, process="types")

    async def write() -> None:
        print(await command.run(settings, options.output or command.FILE, only_check=options.check))

    return run_work(write(), "types", on_uvloop=False)
