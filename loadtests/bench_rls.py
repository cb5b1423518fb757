"""What acting as a person costs: a read through an entry function against the same read bare.

Both go through `Database.acting_as(...).all(...)`, in one round trip, on one connection of each
login. The bare one names the customer in its condition and runs as the service. The other switches
to the person, and row security finds out which rows are theirs. The rows are the same.

The read with the budget is the head of an order list: of 10,000 orders the 20 newest of a customer
by their index, each with what its line shows. Beside it stands the page "my orders" as it is, with
the items of every order.
"""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import asyncpg

import db
from db import SERVICE, Actor, Database, Query, logins_of
from livecommerce.embedded import scratch_postgres
from loadtests.large_shop import Size, fill_first, fill_rest, id_of

SHOP = Size(
    orders=10_000,
    products=500,
    customers=500,
    live_sessions=200,
    wholesalers=10,
    influencers=200,
)
CUSTOMER = 7
NEWEST = 20
ROUNDS = 7
READS = 300
WARM_UP = 50

ENTRY = """
create function app.bench_orders_v1(claims text, p_limit integer)
returns table (id uuid, order_number text, status text, payment_status text, payment_method text,
               subtotal_minor bigint, shipping_minor bigint, total_minor bigint,
               shipping_address jsonb, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query
    select o.id, o.order_number::text, o.status::text, o.payment_status::text,
           o.payment_method::text, o.subtotal_minor, o.shipping_minor, o.total_minor,
           o.shipping_address, o.created_at
    from public.orders o
    where o.customer_id = (select private.my_customer_id())
    order by o.created_at desc, o.id desc limit p_limit;
end $$;
grant execute on function app.bench_orders_v1(text, integer) to livecommerce_api;
"""
STATEMENTS = {
    "bare": "select id, order_number::text as order_number, status::text as status,"
    " payment_status::text as payment_status, payment_method::text as payment_method,"
    " subtotal_minor, shipping_minor, total_minor, shipping_address, created_at"
    " from public.orders where customer_id = $1 order by created_at desc, id desc limit $2",
    "entry": "select id, order_number, status, payment_status, payment_method, subtotal_minor,"
    " shipping_minor, total_minor, shipping_address, created_at"
    " from app.bench_orders_v1($1::text, $2)",
    "bare_page": "select private.order_json_v1(o.id) as order_json from public.orders o"
    " where o.customer_id = $1 order by o.created_at desc, o.id desc limit $2",
}

Read = Callable[[], Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: uuid.UUID
    order_number: str
    status: str
    payment_status: str
    payment_method: str
    subtotal_minor: int
    shipping_minor: int
    total_minor: int
    shipping_address: dict[str, Any]
    created_at: datetime.datetime


def run() -> dict[str, float]:
    """The p50 of both in microseconds, and how many times the bare one the other takes."""
    return asyncio.run(_run())


async def _run() -> dict[str, float]:
    async with scratch_postgres() as owner:
        await db.migrate(owner)
        await _fill(owner)
        logins = logins_of(owner)
        database = await Database.connect(api=logins.api, service=logins.service, pool_size=1)
        try:
            return await _measured(database)
        finally:
            await database.close()


async def _fill(owner: str) -> None:
    connection = await asyncpg.connect(owner)
    try:
        for fill in (fill_first, fill_rest):
            await fill(connection, SHOP, lambda text: None)
        await connection.execute(ENTRY)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _measured(database: Database) -> dict[str, float]:
    with mock.patch.object(db.query, "blocks", lambda file: STATEMENTS):
        bare, entry = Query("bench.bare", OrderRow), Query("bench.entry", OrderRow)
        bare_page = Query("bench.bare_page", dict)
    page = Query("shop.orders_of_user", dict)
    customer_id = id_of("customer", CUSTOMER)
    person = Actor("customer", id_of("customer user", CUSTOMER))

    def as_service(query: Query[Any]) -> Read:
        return lambda: database.acting_as(SERVICE).all(query, customer_id, NEWEST)

    def as_person(query: Query[Any]) -> Read:
        return lambda: database.acting_as(person).all(query, NEWEST)

    bare_s, entry_s, ratio = await _compared(as_service(bare), as_person(entry))
    _, _, page_ratio = await _compared(as_service(bare_page), as_person(page))
    return {
        "rls_bare_p50_us": round(bare_s * 1e6),
        "rls_entry_p50_us": round(entry_s * 1e6),
        "rls_overhead_ratio": round(ratio, 3),
        "my_orders_rls_ratio": round(page_ratio, 3),
    }


async def _compared(bare: Read, entry: Read) -> tuple[float, float, float]:
    """The p50 of both in seconds, and their ratio: each the median of several rounds."""
    rows = await bare()
    assert len(rows) > NEWEST / 2, "the customer has orders"
    assert rows == await entry(), "both read the same"
    rounds = [await _round(bare, entry) for _ in range(ROUNDS)]
    ratios = [entry_s / bare_s for bare_s, entry_s in rounds]
    print(f"as a person / bare, by round: {' '.join(f'{ratio:.2f}' for ratio in sorted(ratios))}")
    return (
        statistics.median(bare_s for bare_s, _ in rounds),
        statistics.median(entry_s for _, entry_s in rounds),
        statistics.median(ratios),
    )


async def _round(bare: Read, entry: Read) -> tuple[float, float]:
    """The p50 of each in seconds. They take turns, so that a busy moment hits both."""
    samples: dict[Read, list[float]] = {bare: [], entry: []}
    for turn in range(WARM_UP + READS):
        for read, taken in samples.items():
            began_s = time.perf_counter()
            await read()
            if turn >= WARM_UP:
                taken.append(time.perf_counter() - began_s)
    return statistics.median(samples[bare]), statistics.median(samples[entry])


if __name__ == "__main__":
    print(run())
