import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from db import Database, logins_of
from livecommerce.embedded import Postgres, choose_account, choose_place
from livecommerce.embedded.postgres import OLDEST_MAJOR

if TYPE_CHECKING:
    from tests.conftest import Background


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    logins = logins_of(database_url)
    database = await Database.connect(api=logins.api, service=logins.service, pool_size=4)
    yield database
    await database.close()


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


# --------------------------------------------------- the system's Postgres, beside the wheel's


USR = Path("/usr")


def system_postgres(usr: Path = USR) -> Path | None:
    """The programs of the system's Postgres, the oldest that we run on: Debian 12 has 15."""
    found = {
        int(path.parts[-3]): path.parent
        for path in (usr / "lib" / "postgresql").glob("*/bin/postgres")
        if path.parts[-3].isdigit() and int(path.parts[-3]) >= OLDEST_MAJOR
    }
    return found[min(found)] if found else None


def lacking(usr: Path, environment: Mapping[str, str]) -> set[str]:
    """Marks of tests that cannot run here.

    In CI none is left out: there a machine that lacks something is itself the fault.
    """
    if environment.get("CI", "").lower() not in ("", "0", "false"):
        return set()
    programs = system_postgres(usr)
    if programs is None:
        return {"system_postgres", "plpgsql_check"}
    control = Path("share/postgresql") / programs.parent.name / "extension/plpgsql_check.control"
    return set() if (usr / control).exists() else {"plpgsql_check"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    marks = lacking(USR, os.environ)
    out = [item for item in items if any(item.get_closest_marker(mark) for mark in marks)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session")
def system_postgres_server(background: "Background") -> Iterator[Postgres]:
    """The system's Postgres, running. Its roles are those that any test on it has made."""
    programs = system_postgres()
    assert programs is not None, "no Postgres of the system: apt-get install postgresql"
    with own_cluster(background, programs) as postgres:
        yield postgres


@contextmanager
def own_cluster(background: "Background", programs: Path) -> Iterator[Postgres]:
    """A Postgres with data of its own, for one test or many."""
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    try:
        place = choose_place(directory, choose_account(None))
        postgres = Postgres(place, programs, durable=False)
        running = background.run(postgres.start())
        try:
            yield postgres
        finally:
            background.run(postgres.stop(running))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
