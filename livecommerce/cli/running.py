"""What the commands have in common: whose settings, how work is run, and how it is refused."""

import argparse
import asyncio
import contextlib
import importlib
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from livecommerce import logs
from livecommerce import settings as configuration
from livecommerce.settings import BAD_CONFIGURATION, Settings

if TYPE_CHECKING:
    from db import Database


class AddCommand(Protocol):
    """Adds one command to the parser; more: what argparse takes besides."""

    def __call__(
        self, name: str, run: Callable[[argparse.Namespace], int], text: str, **more: Any
    ) -> argparse.ArgumentParser: ...


def run_work(work: Any, name: str, *, on_uvloop: bool = True) -> int:
    """Run a coroutine on uvloop where there is one; a failure is logged once.

    on_uvloop=False is for work that starts Postgres: uvloop starts no process as another user.
    What can happen to anybody (a database that is away, a port that is taken) is one line; only
    what we did not foresee comes with a traceback.
    """
    import db

    run: Callable[..., None] = asyncio.run
    with contextlib.suppress(ImportError):
        if on_uvloop:
            run = importlib.import_module("uvloop").run
    try:
        run(work)
    except db.DatabaseUrlRefused as error:
        return refuse(str(error))
    except Exception as error:
        log = logs.get_logger("livecommerce")
        tell = log.error if isinstance(error, _foreseen()) else log.exception
        tell(f"{name} failed: {error}")
        return 1
    return 0


def _foreseen() -> tuple[type[Exception], ...]:
    from db import DatabaseUnavailable, LoginRefused, MigrationRefused
    from livecommerce.accounts.sealing_keys import SealingKeysInvalid
    from livecommerce.app.parts import PortRefused
    from livecommerce.bus import BusUnavailable
    from livecommerce.database_types.command import TypesRefused
    from livecommerce.embedded import AccountRefused, PlaceRefused, ServerFailed

    return (
        *(DatabaseUnavailable, LoginRefused, MigrationRefused, BusUnavailable),
        *(PortRefused, SealingKeysInvalid, OSError),
        *(AccountRefused, PlaceRefused, ServerFailed, TypesRefused),
    )


def with_database(
    name: str,
    act: "Callable[[Database, Settings], Awaitable[int]]",
    *,
    could_not: int = 1,
) -> int:
    """Run a command on one connection of the service login; could_not: when there is none."""
    from contextlib import AsyncExitStack

    from livecommerce.app import parts

    settings = settings_of_the_shop()
    if settings.database.url is None and settings.database.service_url is None:
        return refuse("DATABASE_URL is not set; it says which database to look after.")
    logs.configure(settings.log.level, settings.log.format, process=name)
    code = could_not

    async def run() -> None:
        nonlocal code
        async with AsyncExitStack() as stack:
            database = await parts.open_database(
                stack,
                settings,
                pool_size=1,
                statement_timeout_ms=settings.maintenance.statement_timeout_ms,
            )
            code = await act(database, settings)

    failed = run_work(run(), name)
    return could_not if failed else code


def require_databases(settings: Settings) -> None:
    """Only the demo brings databases of its own."""
    missing = [
        name
        for name, is_named in (
            ("DATABASE_URL", names_database(settings)),
            ("REDIS_URL", settings.redis.url is not None),
        )
        if not is_named
    ]
    if missing:
        raise SystemExit(
            refuse(f"{' and '.join(missing)} must be set; `livecommerce demo` needs neither.")
        )


def settings_of_the_shop() -> Settings:
    """The settings; where they name no database, those of the demo that runs here."""
    from livecommerce.demo import demo_variables

    settings = configuration.report()
    database = settings.database
    if database.url or database.api_url or database.service_url:
        return settings
    running = demo_variables(settings.data.dir)
    if running is None:
        return settings
    print("livecommerce: this is about the demo that runs here", file=sys.stderr)
    return configuration.load({**os.environ, **running[1]})


def names_database(settings: Settings) -> bool:
    """With both logins named the owner is not needed."""
    database = settings.database
    return database.url is not None or (
        database.api_url is not None and database.service_url is not None
    )


def refuse(text: str) -> int:
    print(f"livecommerce: {text}", file=sys.stderr)
    return BAD_CONFIGURATION
