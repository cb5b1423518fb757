"""`make bench-database`: a million orders, their pages, and migrations under requests.

It has a Postgres of its own in a temporary place. First it measures how long requests wait while
the schema changes from the first release's to this one's, then how long the query of each page
takes, as the people who ask, under row security. See bench_migrations and page_queries.

    python -m loadtests.bench_database [--orders N] [--only migrations|pages]
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

import db
from db import Actor, Database, Query, logins_of
from livecommerce.embedded.scratch import scratch_postgres
from loadtests import bench_migrations, large_shop
from loadtests.large_shop import Size
from loadtests.page_queries import PAGES, PageQuery, Visitor
from loadtests.plans import explained

MILLION = Size()
CALLS = 300
EXPLAINED = 10

Tell = Callable[[str], None]


def run(orders: int = MILLION.orders, only: str | None = None) -> dict[str, float]:
    """The longest wait under a migration, and the slowest page's 95th percentile."""
    return asyncio.run(_run(size_of(orders), only, _progress()))


def size_of(orders: int) -> Size:
    """A shop whose parts are to each other as those of the one with a million orders."""
    share = orders / MILLION.orders
    return Size(
        orders=orders,
        products=max(2000, round(MILLION.products * share)),
        customers=max(2000, round(MILLION.customers * share)),
        live_sessions=max(1000, round(MILLION.live_sessions * share)),
    )


async def _run(size: Size, only: str | None, tell: Tell) -> dict[str, float]:
    figures: dict[str, float] = {}
    folder = bench_migrations.first_release()
    try:
        async with scratch_postgres() as url:
            if only == "pages":
                await db.migrate(url)
            else:
                await db.migrate(url, folder)
            await _fill(url, size, tell, is_first_release=only != "pages")
            if only != "pages":
                figures |= _told(await bench_migrations.measure(url, size, folder, tell), tell)
            if only != "migrations":
                await _fill_rest(url, size, tell)
                figures |= await measure_pages(url, size, tell)
    finally:
        shutil.rmtree(folder)
    return figures


async def _fill(url: str, size: Size, tell: Tell, *, is_first_release: bool) -> None:
    connection = await asyncpg.connect(url)
    try:
        await large_shop.fill_first(connection, size, tell)
        if is_first_release:
            await large_shop.fill_first_queries(connection, size, tell)
        await connection.execute("vacuum (analyze)", timeout=600)
        tell("vacuum analyze")
    finally:
        await connection.close()


async def _fill_rest(url: str, size: Size, tell: Tell) -> None:
    connection = await asyncpg.connect(url)
    try:
        await large_shop.fill_rest(connection, size, tell)
    finally:
        await connection.close()


def _told(measured: list[bench_migrations.Measured], tell: Tell) -> dict[str, float]:
    tell("the longest request that met each migration:")
    print(f"  {'migration':<48} {'took s':>7} {'requests':>8} {'longest ms':>10}", flush=True)
    for one in measured:
        print(
            f"  {one.title:<48} {one.took_s:>7.2f} {one.requests:>8} {one.longest_ms:>10.1f}"
            f" {one.longest_kind}",
            *one.errors,
            sep="\n    FAILED " if one.errors else "",
            flush=True,
        )
    return {
        "migration_blocked_max_ms": max(one.longest_ms for one in measured[1:]),
        "migration_failed_requests": sum(len(one.errors) for one in measured),
    }


async def measure_pages(url: str, size: Size, tell: Tell) -> dict[str, float]:
    """Each page query through the program's own pool, and whether its plans keep to indexes."""
    logins = logins_of(url)
    database = await Database.connect(api=logins.api, service=logins.service, pool_size=2)
    owner = await asyncpg.connect(url)
    tell(f"page queries, {CALLS} calls each:")
    print(f"  {'query':<34} {'asked by':<11} {'p50 ms':>8} {'p95 ms':>8}", flush=True)
    slowest, scans = 0.0, 0
    try:
        for page in PAGES:
            visitor = Visitor(size, datetime.now(UTC))
            found = await large_scans(owner, page, visitor, EXPLAINED, most_rows=5 * page.most_rows)
            samples = sorted([await _timed(database, page, visitor) for _ in range(CALLS)])
            p95 = samples[int(len(samples) * 0.95)]
            print(
                f"  {page.name:<34} {page.actor:<11} {statistics.median(samples):>8.2f}"
                f" {p95:>8.2f}",
                *sorted(found),
                sep="\n    NO INDEX: " if found else "",
                flush=True,
            )
            slowest, scans = max(slowest, p95), scans + len(found)
    finally:
        await owner.close()
        await database.close()
    return {"page_query_p95_ms": round(slowest, 1), "page_query_scans": scans}


async def _timed(database: Database, page: PageQuery, visitor: Visitor) -> float:
    """Milliseconds of one call by the way that the program takes."""
    query, actor, args = Query(page.name), visitor.actor(page.actor), page.args(visitor)
    began = time.perf_counter()
    if query.is_entry or actor.kind == "service":
        await database.acting_as(actor).all(query, *args)
    else:
        async with database.acting_as(actor) as transaction:
            await transaction.all(query, *args)
    return (time.perf_counter() - began) * 1000


async def large_scans(
    owner: asyncpg.Connection[Any],
    page: PageQuery,
    visitor: Visitor,
    calls: int,
    most_rows: int,
) -> set[str]:
    """Where a page query reads (nearly) all of a large table, of so many calls.

    More than five, please: it is from the sixth on that Postgres may settle for a plan that is the
    same for all arguments.
    """
    found: set[str] = set()
    rows = 0
    for _ in range(calls):
        actor: Actor = visitor.actor(page.actor)
        count, statements = await explained(owner, page.sql, actor, *page.args(visitor))
        rows += count
        for statement in statements:
            beginning = " ".join(statement.text.split())[:100]
            found |= {
                f"{scan}: {beginning}"
                for scan in statement.large_scans()
                if page.walks is None or not scan.endswith(f" by {page.walks}")
            }
            found |= {f"{read}: {beginning}" for read in statement.large_reads(most_rows)}
    if rows < page.rows:
        found.add(f"{rows} rows came back, at least {page.rows} were to")
    return found


def _progress() -> Tell:
    """Prints a line with the seconds since the line before."""
    last = time.monotonic()

    def tell(line: str) -> None:
        nonlocal last
        now = time.monotonic()
        print(f"[{now - last:6.1f} s] {line}", flush=True)
        last = now

    return tell


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(prog="make bench-database", description=__doc__)
    parser.add_argument("--orders", type=int, default=MILLION.orders)
    parser.add_argument("--only", choices=("migrations", "pages"))
    arguments = parser.parse_args()
    figures = run(arguments.orders, arguments.only)
    budgets = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["database"]
    print(figures)
    over = [name for name, limit in budgets.items() if figures.get(name, 0) > limit]
    for name in over:
        print(f"OVER BUDGET: {name} is {figures[name]}, its budget is {budgets[name]}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
