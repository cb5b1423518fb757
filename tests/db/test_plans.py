"""Every page query keeps to indexes: the plans it runs with, as those who ask, are held here.

Not the time: that is what `make bench-database` measures. The shop is small. So that Postgres plans
as for a large one, a page of a table read from end to end costs twenty times what it would;
nothing is forbidden, and a query without an index still shows.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from db import SERVICE
from db.query import blocks, catalogue_files
from livecommerce.embedded import Postgres
from loadtests.bench_database import large_scans
from loadtests.large_shop import Size, fill_first, fill_rest
from loadtests.page_queries import NOT_PAGES, PAGES, PageQuery, Visitor
from loadtests.plans import LARGE, explained

SIZE = Size(orders=10_000, products=3_000, customers=3_000, live_sessions=1_000)
CALLS = 10
WRITES = re.compile(r"^\s*(insert|update|delete)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def large_shop(background: Any, postgres_server: Postgres, migrated_template: str) -> Iterator[str]:
    """The URL of a database with a shop of some size in it, for reading."""
    name, template = "large_shop", migrated_template
    background.run(_execute(postgres_server.url, f'create database {name} template "{template}"'))
    url = postgres_server.url_of(name)
    background.run(_fill(url))
    yield url
    background.run(_execute(postgres_server.url, f"drop database {name} with (force)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await fill_first(connection, SIZE, lambda line: None)
    await fill_rest(connection, SIZE, lambda line: None)
    await connection.close()


@pytest.fixture
async def owner(large_shop: str) -> Any:
    connection = await asyncpg.connect(large_shop, server_settings={"seq_page_cost": "20"})
    yield connection
    await connection.close()


@pytest.mark.parametrize("page", PAGES, ids=[f"{page.name}-{page.actor}" for page in PAGES])
async def test_a_page_reads_no_large_table_from_end_to_end(
    page: PageQuery, owner: asyncpg.Connection
) -> None:
    visitor = Visitor(SIZE, datetime.now(UTC))
    assert sorted(await large_scans(owner, page, visitor, CALLS, page.most_rows)) == []


def test_every_query_that_reads_is_known_to_stand_behind_a_page_or_not() -> None:
    known = {page.name for page in PAGES} | set(NOT_PAGES)
    unknown = [
        f"{file}.{name}"
        for file in catalogue_files()
        for name, sql in blocks(file).items()
        if file not in NOT_PAGES and f"{file}.{name}" not in known and not writes(sql)
    ]
    assert unknown == [], "list them in loadtests/page_queries.py"


def test_nothing_is_listed_that_is_not_in_the_catalogue() -> None:
    names = {f"{file}.{name}" for file in catalogue_files() for name in blocks(file)}
    listed = {page.name for page in PAGES} | set(NOT_PAGES)
    assert listed - names - set(catalogue_files()) == set()


def writes(sql: str) -> bool:
    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    return WRITES.match("\n".join(lines)) is not None


async def test_every_table_that_grows_is_watched(owner: asyncpg.Connection) -> None:
    """What `large_shop` fills with a thousand rows or more, and what would have as many later."""
    rows = await owner.fetch(
        "select c.relname, greatest(c.reltuples, 0) as rows from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = 'public' and c.relkind = 'r'"
    )
    assert {row["relname"] for row in rows if row["rows"] >= 1000} - LARGE == set()


async def test_a_scan_of_a_large_table_is_seen_in_a_function_that_is_called(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "create function pg_temp.all_notes() returns bigint language plpgsql as "
        "$$ begin return (select count(*) from public.orders where notes = 'x'); end $$;"
        "grant execute on function pg_temp.all_notes() to public"
    )
    _, statements = await explained(owner, "select pg_temp.all_notes()", SERVICE)
    assert [scan for one in statements for scan in one.large_scans()] == ["Seq Scan on orders"]
