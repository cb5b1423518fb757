"""How long a request waits while the schema of a running shop with a million orders changes.

Three others go on buying, moving orders along and reading their orders, each a request after the
other, while the migrations run one by one. What counts is the longest request that each of them
meets: whoever waits for a lock waits in there.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

import db
from loadtests.large_shop import Size, id_of

Connection: TypeAlias = "asyncpg.Connection[Any]"

MIGRATIONS = Path(db.__file__).parent / "migrations"
FIRST_RELEASE = "20261122999999"
"""The migrations up to here made the schema of the first release."""
PAUSE_S = 0.005
LULL_S = 2.0
"""Requests alone, before the first migration: what the machine does by itself."""

# In the order of the checkout: who is asking, what is asked for, then what is written.
_QUOTE = """
select p.id, v.id as variant_id, p.wholesaler_id, p.name, v.label
from public.customers c cross join public.products p
join public.product_variants v on v.product_id = p.id and v.position = 0
join public.wholesalers w on w.id = p.wholesaler_id
where c.id = $1 and p.id = $2
"""
_ORDER = """
insert into public.orders (id, customer_id, order_number, subtotal, shipping_cost, total_amount,
                           status, payment_status, payment_method, shipping_address)
values (private.uuid7(), $1, '', 500, 49, 549, 'pending', 'pending', 'cod', '{}') returning id
"""
_ITEM = """
insert into public.order_items (id, order_id, product_id, variant_id, wholesaler_id, product_name,
                                variant_label, quantity, unit_price)
values (private.uuid7(), $1, $2, $3, $4, $5, $6, 1, 500)
"""
_ANSWER = """
insert into private.idempotency (customer_id, key, request_hash, response)
values ($1, gen_random_uuid(), '\\x00', '{}')
"""
_FACT = "insert into private.outbox (topic, payload) values ('order.placed', '{}')"
_MOVE = """
update public.orders set status = 'confirmed', payment_status = 'paid'
where id = (select id from public.orders where status = 'pending' and customer_id = $1
            order by created_at limit 1)
"""
_READ = """
select o.id, o.total_minor, array(select i.product_name from public.order_items i
                                  where i.order_id = o.id)
from public.orders o join public.customers c on c.id = o.customer_id
where c.user_id = $1 order by o.created_at desc limit 20
"""


@dataclass(frozen=True, slots=True)
class Request:
    """began and ended: seconds of the machine's monotonic clock, the same in every process."""

    kind: str
    began: float
    ended: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """The longest request that met a migration, and what went wrong with others."""

    title: str
    took_s: float
    longest_ms: float
    longest_kind: str
    requests: int
    errors: tuple[str, ...]


async def measure(
    url: str, size: Size, folder: Path, tell: Callable[[str], None]
) -> list[Measured]:
    """Apply the rest of the migrations to a database that has those of the first release.

    folder: holds these, and gets the others one by one.
    """
    with _running_shop(url, size) as pipe:
        await asyncio.sleep(LULL_S)
        spans = [("(none)", time.monotonic() - LULL_S, time.monotonic())]
        for path in sorted(MIGRATIONS.glob("*.sql")):
            if path.name < FIRST_RELEASE:
                continue
            shutil.copy(path, folder)
            began = time.monotonic()
            await db.migrate(url, folder, tell=tell)
            spans.append((path.stem, began, time.monotonic()))
            # So that who waited for this one is counted with it alone.
            await asyncio.sleep(0.2)
        pipe.send("stop")
        requests: list[Request] = await asyncio.to_thread(pipe.recv)
    return [_measured(title, began, ended, requests) for title, began, ended in spans]


def _measured(title: str, began: float, ended: float, requests: list[Request]) -> Measured:
    met = [r for r in requests if r.began < ended and r.ended > began]
    longest = max(met, key=lambda r: r.ended - r.began)
    return Measured(
        title,
        round(ended - began, 2),
        round((longest.ended - longest.began) * 1000, 1),
        longest.kind,
        len(met),
        tuple(sorted({r.error for r in met if r.error})),
    )


def first_release() -> Path:
    """A new folder with the migrations of the first release."""
    folder = Path(tempfile.mkdtemp(prefix="lc-migrations-"))
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < FIRST_RELEASE:
            shutil.copy(path, folder)
    return folder


@contextmanager
def _running_shop(url: str, size: Size) -> Iterator[Pipe[Any, Any]]:
    """The requests run in a process of their own, so that no work of ours delays them."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(url, size, theirs))
    process.start()
    try:
        assert ours.recv() == "open"
        yield ours
    finally:
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()
        ours.close()


def _serve(url: str, size: Size, pipe: Pipe[Any, Any]) -> None:
    pipe.send(asyncio.run(_requests(url, size, pipe)))


async def _requests(url: str, size: Size, pipe: Pipe[Any, Any]) -> list[Request]:
    found: list[Request] = []
    stopping = asyncio.Event()
    async with _connection(url) as one, _connection(url) as two, _connection(url) as three:
        work = [
            asyncio.create_task(_repeat("buy", _buy, one, size, found, stopping)),
            asyncio.create_task(_repeat("move", _move, two, size, found, stopping)),
            asyncio.create_task(_repeat("read", _read, three, size, found, stopping)),
        ]
        pipe.send("open")
        await asyncio.to_thread(pipe.recv)
        stopping.set()
        await asyncio.gather(*work)
    return found


async def _repeat(
    kind: str,
    request: Any,
    connection: Connection,
    size: Size,
    found: list[Request],
    stopping: asyncio.Event,
) -> None:
    number = 0
    while not stopping.is_set():
        number += 1
        began, error = time.monotonic(), None
        try:
            await request(connection, 1 + number * 7919 % size.customers, size)
        except asyncpg.PostgresError as failed:
            error = f"{kind}: {failed}"
        found.append(Request(kind, began, time.monotonic(), error))
        await asyncio.sleep(PAUSE_S)


async def _buy(connection: Connection, number: int, size: Size) -> None:
    customer_id = id_of("customer", number)
    async with connection.transaction():
        product_id = id_of("product", 1 + number % size.products)
        line = await connection.fetchrow(_QUOTE, customer_id, product_id)
        assert line is not None, "the shop was filled"
        order_id = await connection.fetchval(_ORDER, customer_id)
        await connection.execute(_ITEM, order_id, *line.values())
        await connection.execute(_ANSWER, customer_id)
        await connection.execute(_FACT)


async def _move(connection: Connection, number: int, _: Size) -> None:
    await connection.execute(_MOVE, id_of("customer", number))


async def _read(connection: Connection, number: int, _: Size) -> None:
    await connection.fetch(_READ, id_of("customer user", number))


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[Connection]:
    # Plans of a statement that was prepared before a table changed are refused: the program's pool
    # prepares again by itself in a new transaction, here nothing is kept.
    connection = await asyncpg.connect(url, statement_cache_size=0)
    try:
        yield connection
    finally:
        await connection.close(timeout=5)
