"""What a cart line costs, and how many a cart holds."""

from __future__ import annotations

from decimal import Decimal

import asyncpg
import pytest

from tests.db.security.acting import as_identity, attempt
from tests.db.security.statistics.facts import uid

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("status", "special", "own_price", "price"),
    [
        ("live", 60, None, 60),
        ("paused", 60, None, 60),
        ("ended", 60, None, 90),  # the special price is over, the sale is not
        ("live", 95, None, 90),  # never dearer than outside
        ("live", 60, 130, 130),  # a variant with a price of its own keeps it
        ("live", None, None, 90),
    ],
)
async def test_a_cart_line_costs_what_the_server_asks(
    owner: asyncpg.Connection,
    status: str,
    special: int | None,
    own_price: int | None,
    price: int,
) -> None:
    await owner.execute("update products set sale_price = 90 where id = $1", uid("lamp"))
    await owner.execute(
        "update product_variants set price = $2 where id = $1",
        uid("large lamp"),
        None if own_price is None else Decimal(own_price),
    )
    await owner.execute(
        "update live_session_products set special_price = $2 where live_session_id = $1",
        uid("morning"),
        None if special is None else Decimal(special),
    )
    if status != "live":
        await owner.execute(
            "update live_sessions set status = $2 where id = $1", uid("morning"), status
        )
    async with as_identity(owner, "customer_a"):
        assert (
            await owner.fetchval(
                "insert into cart (customer_id, product_id, variant_id, live_session_id)"
                " values ($1, $2, $3, $4) returning unit_price",
                uid("customer_a"),
                uid("lamp"),
                uid("large lamp"),
                uid("morning"),
            )
            == price
        )


async def test_a_cart_line_is_priced_again_when_it_changes(owner: asyncpg.Connection) -> None:
    await owner.execute("update products set retail_price = 120 where id = $1", uid("shirt"))
    async with as_identity(owner, "customer_a"):
        assert await owner.fetchval("update cart set quantity = 2 returning total_price") == 240


async def test_a_cart_holds_a_hundred_lines(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into product_variants (product_id, label, color)"
        " select $1, n::text, n::text from generate_series(1, 100) n",
        uid("lamp"),
    )
    fill = (
        "insert into cart (customer_id, product_id, variant_id)"
        " select $1, product_id, id from product_variants where product_id = $2"
        " and color::integer between $3 and $4"
    )
    async with as_identity(owner, "customer_a"):
        await owner.execute(fill, uid("customer_a"), uid("lamp"), 1, 99)
        answer = await attempt(owner, fill, uid("customer_a"), uid("lamp"), 100, 100)
    assert isinstance(answer, asyncpg.ProgramLimitExceededError)
