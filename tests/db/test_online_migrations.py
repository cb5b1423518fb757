"""A shop that goes on selling while its schema changes: each migration, with a checkout in its way.

How long a request waits is measured by `make bench-database`. Here are the two things that make it
short: a migration that cannot have its locks at once gives way, and none asks for the locks of a
checkout in another order than a checkout does, which under steady traffic would let it never come
to its end.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

import db
from loadtests.bench_migrations import FIRST_RELEASE, MIGRATIONS

WRITTEN_BY_A_CHECKOUT = [
    "orders",
    "order_items",
    "order_item_splits",
    "payments",
    "idempotency",
    "outbox",
    "cart",
    "stock_holds",
    "waitlist",
    "coupon_redemptions",
    "deal_purchases",
    "deal_counts",
    "deals",
    "coupon_counts",
    "stock_moves",
    "product_stock",
]
"""In the order in which it writes to them (private.place_judged_v4)."""

NEWER = [path for path in sorted(MIGRATIONS.glob("*.sql")) if path.name > FIRST_RELEASE]

PEOPLE = """
insert into auth.users (id, email) values ('00000000-0000-7000-8000-000000000001', 'a@shop.test');
insert into public.customers (id, user_id, email) values
  ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'a@shop.test')
on conflict do nothing;
"""
ORDER = """
insert into public.orders (customer_id, order_number, subtotal, total_amount, shipping_address)
select id, '', 1, 1, '{}' from public.customers limit 1 returning id
"""
ITEM = """
insert into public.order_items (order_id, product_name, quantity, unit_price)
values ($1, 'Kurta', 1, 1)
"""
WAITING = """
select l.pid, c.relname as table_name
from pg_locks l join pg_stat_activity a on a.pid = l.pid and a.datname = current_database()
left join pg_class c on c.oid = l.relation
where not l.granted and l.pid <> all ($1::integer[])
"""
HELD = """
select c.relname from pg_locks l join pg_class c on c.oid = l.relation
where l.granted and l.pid = $1 and c.relname = any ($2::text[])
  and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    # Nothing prepared is kept: the tables change under it.
    connection = await asyncpg.connect(url, statement_cache_size=0)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The migrations of the first release; a test adds the others one by one."""
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < FIRST_RELEASE:
            shutil.copy(path, tmp_path)
    return tmp_path


async def until_it_waits(
    watcher: asyncpg.Connection, others: list[int], migrating: asyncio.Task[list[str]]
) -> asyncpg.Record | None:
    """The lock that the migration waits for; None when it came to its end without."""
    while not migrating.done():
        waiting = await watcher.fetchrow(WAITING, others)
        if waiting is not None:
            return waiting
    return None


async def test_checkouts_go_on_while_a_migration_waits_for_one_of_them(
    empty_database_url: str, folder: Path
) -> None:
    url = empty_database_url
    await db.migrate(url, folder)
    waited_for, overtaken = set(), []
    async with connected(url) as first, connected(url) as second, connected(url) as watcher:
        await first.execute(PEOPLE)
        others = [each.get_server_pid() for each in (first, second, watcher)]
        for path in NEWER:
            shutil.copy(path, folder)
            checkout = first.transaction()
            await checkout.start()
            order_id = await first.fetchval(ORDER)

            migrating = asyncio.create_task(db.migrate(url, folder))
            lock = await until_it_waits(watcher, others, migrating)
            if lock is not None:
                waited_for.add(lock["table_name"])
                if lock["table_name"] in WRITTEN_BY_A_CHECKOUT:
                    place = WRITTEN_BY_A_CHECKOUT.index(lock["table_name"])
                    later = WRITTEN_BY_A_CHECKOUT[place + 1 :]
                    held = {row[0] for row in await watcher.fetch(HELD, lock["pid"], later)}
                    overtaken += [f"{path.stem}: {table}" for table in sorted(held)]
                # The first checkout is still open: only because the migration gives way
                # does the second come to its end, and the first as well.
                async with second.transaction():
                    await second.execute(ITEM, await second.fetchval(ORDER))
            await first.execute(ITEM, order_id)
            await checkout.commit()
            assert await migrating == [path.stem]
    assert "orders" in waited_for
    assert overtaken == []
