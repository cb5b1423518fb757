"""What is counted of products: sales, stock, ratings, and what comes back to the shelf."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from tests.db.security.acting import as_identity, attempt
from tests.db.security.statistics.facts import Line, an_order, become, one, uid

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def carried(owner: asyncpg.Connection, product: str) -> tuple[Any, ...]:
    """Stock, sales and status of a product once the worker has carried them over."""
    await owner.fetchval("select private.carry_product_facts_v1(1000)")
    return await one(
        owner,
        "select stock_quantity, total_sales, status from products where id = $1",
        uid(product),
    )


async def test_sales_stock_and_status_of_a_product_are_carried_over(
    owner: asyncpg.Connection,
) -> None:
    stock = "update product_stock set on_hand = $2 where variant_id = $1"
    _, sold, _ = await carried(owner, "shirt")
    order_id = await an_order(owner, Line("shirt", 3))
    await become(owner, order_id, "delivered")
    await owner.execute(stock, uid("variant shirt"), 0)
    assert await carried(owner, "shirt") == (0, sold + 3, "out_of_stock")
    await owner.execute(stock, uid("variant shirt"), 4)
    await become(owner, order_id, "refunded")
    assert await carried(owner, "shirt") == (4, sold, "active")


async def test_a_product_that_was_taken_out_of_sale_does_not_come_back_with_its_stock(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute("update products set status = 'discontinued' where id = $1", uid("shirt"))
    for on_hand in (0, 5):
        await owner.execute(
            "update product_stock set on_hand = $2 where variant_id = $1",
            uid("variant shirt"),
            on_hand,
        )
        assert (await carried(owner, "shirt"))[2] == "discontinued"


async def test_the_moves_of_stock_add_up_to_what_is_on_hand(owner: asyncpg.Connection) -> None:
    for on_hand in (0, 7, 3):
        await owner.execute(
            "update product_stock set on_hand = $2 where variant_id = $1",
            uid("variant shirt"),
            on_hand,
        )
    assert (
        await owner.fetchval(
            "select sum(delta) from private.stock_moves where variant_id = $1", uid("variant shirt")
        )
        == 3
    )


async def test_the_rating_is_of_published_reviews(owner: asyncpg.Connection) -> None:
    async def rating() -> tuple[Any, ...]:
        return await one(
            owner, "select average_rating, total_reviews from products where id = $1", uid("shirt")
        )

    assert await rating() == (4, 1)
    async with as_identity(owner, "customer_b"):
        review_id = await owner.fetchval(
            "insert into reviews (customer_id, product_id, rating) values ($1, $2, 1) returning id",
            uid("customer_b"),
            uid("shirt"),
        )
        assert await one(
            owner,
            "select is_verified_purchase, author_name from reviews where id = $1",
            review_id,
        ) == (True, "customer_b")
    assert await rating() == (Decimal("2.50"), 2)
    await owner.execute("update reviews set rating = 2 where id = $1", review_id)
    assert await rating() == (Decimal("3.00"), 2)
    await owner.execute("update reviews set status = 'hidden' where id = $1", review_id)
    assert await rating() == (4, 1)
    await owner.execute("delete from reviews where product_id = $1", uid("shirt"))
    assert await rating() == (0, 0)


@pytest.mark.parametrize(
    ("received", "is_restocked", "back"), [(2, True, 2), (1, True, 1), (2, False, 0)]
)
async def test_what_came_back_and_is_fit_for_sale_goes_to_the_shelf(
    owner: asyncpg.Connection, received: int, is_restocked: bool, back: int
) -> None:
    async def on_hand() -> int:
        return int(
            (
                await one(
                    owner,
                    "select on_hand from product_stock where variant_id = $1",
                    uid("variant shirt"),
                )
            )[0]
        )

    before = await on_hand()
    order_id = await an_order(owner, Line("shirt", 2))
    await become(owner, order_id, "delivered")
    return_id = await owner.fetchval(
        "insert into returns (order_id, customer_id, reason) values ($1, $2, 'damaged')"
        " returning id",
        order_id,
        uid("customer_a"),
    )
    await owner.execute(
        "insert into return_items (return_id, order_item_id, quantity, quantity_received,"
        " is_restocked) select $1, id, 2, $3, $4 from order_items where order_id = $2",
        return_id,
        order_id,
        received,
        is_restocked,
    )
    for status in ("approved", "received", "refunded"):
        await owner.execute("update returns set status = $2 where id = $1", return_id, status)
    assert await on_hand() == before + back
    moves = await owner.fetch("select delta from private.stock_moves where order_id = $1", order_id)
    assert [row["delta"] for row in moves] == ([back] if back else [])
    number, decided, came = await one(
        owner,
        "select return_number, decided_at is not null, received_at is not null from returns"
        " where id = $1",
        return_id,
    )
    assert (number[:4], decided, came) == ("RET-", True, True)


async def test_a_line_is_returned_once_in_all_returns_together(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt", 3))
    await become(owner, order_id, "delivered")

    async def a_return() -> uuid.UUID:
        return_id: uuid.UUID = await owner.fetchval(
            "insert into returns (order_id, customer_id, reason) values ($1, $2, 'other')"
            " returning id",
            order_id,
            uid("customer_a"),
        )
        return return_id

    insert = (
        "insert into return_items (return_id, order_item_id, quantity)"
        " select $1, id, $3 from order_items where order_id = $2"
    )
    first, second = await a_return(), await a_return()
    await owner.execute(insert, first, order_id, 2)
    answer = await attempt(owner, insert, second, order_id, 2)
    assert isinstance(answer, asyncpg.CheckViolationError)
    await owner.execute("update returns set status = 'rejected' where id = $1", first)
    assert await attempt(owner, insert, second, order_id, 3) == []


async def test_only_what_was_delivered_can_be_returned(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt"))
    answer = await attempt(
        owner,
        "insert into returns (order_id, customer_id, reason) values ($1, $2, 'other')",
        order_id,
        uid("customer_a"),
    )
    assert isinstance(answer, asyncpg.InvalidParameterValueError)
    assert "only what was delivered" in str(answer)
