"""What is counted of customers. The world's delivered order of customer A is of 200 rupees."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from tests.db.security.acting import attempt
from tests.db.security.statistics.facts import Line, an_order, become, one, refund, uid

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def customer(owner: asyncpg.Connection, name: str = "customer_a") -> tuple[Any, ...]:
    return await one(
        owner,
        "select total_orders, total_spent, customer_tier from customers where id = $1",
        uid(name),
    )


async def test_a_delivery_counts_and_what_is_on_its_way_does_not(
    owner: asyncpg.Connection,
) -> None:
    order_id = await an_order(owner, Line("shirt", price=300))
    assert await customer(owner) == (1, 200, "bronze")
    await become(owner, order_id, "delivered")
    assert await customer(owner) == (2, 500, "bronze")


@pytest.mark.parametrize(
    ("spent", "tier"),
    [
        (9_999, "bronze"),
        (10_000, "silver"),
        (49_999, "silver"),
        (50_000, "gold"),
        (200_000, "platinum"),
    ],
)
async def test_the_tier_follows_what_was_spent(
    owner: asyncpg.Connection, spent: int, tier: str
) -> None:
    await become(owner, await an_order(owner, Line("shirt", price=spent - 200)), "delivered")
    assert await customer(owner) == (2, spent, tier)


async def test_a_full_refund_takes_order_money_and_tier_back(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt", price=60_000))
    await become(owner, order_id, "delivered")
    await refund(owner, order_id, 60_000)
    assert await customer(owner) == (1, 200, "bronze")
    assert await one(
        owner, "select status, payment_status from orders where id = $1", order_id
    ) == ("refunded", "refunded")


async def test_a_partial_refund_takes_its_money_and_tier_back(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt", price=60_000))
    await become(owner, order_id, "delivered")
    await refund(owner, order_id, 55_000)
    assert await customer(owner) == (2, 5_200, "bronze")
    assert await one(
        owner, "select status, payment_status from orders where id = $1", order_id
    ) == ("delivered", "partially_refunded")


async def test_a_refund_that_is_pending_or_failed_takes_nothing(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt", price=300))
    await become(owner, order_id, "delivered")
    refund_id = await refund(owner, order_id, 300, "pending")
    await owner.execute("update refunds set status = 'failed' where id = $1", refund_id)
    assert await customer(owner) == (2, 500, "bronze")


async def test_a_cancelled_order_that_was_paid_stays_cancelled_when_it_is_refunded(
    owner: asyncpg.Connection,
) -> None:
    """It was never a sale, which a refunded order was; its payment says where the money is."""
    order_id = await an_order(owner, Line("shirt", price=300), status="confirmed")
    await become(owner, order_id, "cancelled")
    await refund(owner, order_id, 300)
    assert await one(
        owner, "select status, payment_status from orders where id = $1", order_id
    ) == ("cancelled", "refunded")
    assert await customer(owner) == (1, 200, "bronze")


async def test_more_than_was_paid_cannot_be_refunded(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt", price=300))
    pending = await refund(owner, order_id, 200, "pending")
    insert = "insert into refunds (order_id, amount) values ($1, $2)"
    answer = await attempt(owner, insert, order_id, Decimal(101))
    assert isinstance(answer, asyncpg.CheckViolationError)
    assert "at most ₹100.00" in str(answer)
    assert await attempt(owner, insert, order_id, Decimal(100)) == []
    # What has failed leaves room, and may not come back into room that was given away.
    await owner.execute("update refunds set status = 'failed' where id = $1", pending)
    await refund(owner, order_id, 300, "pending")
    again = await attempt(owner, "update refunds set status = 'pending' where id = $1", pending)
    assert isinstance(again, asyncpg.CheckViolationError)


async def test_the_day_of_delivery_is_indias(owner: asyncpg.Connection) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        await owner.execute(f"set local timezone = '{zone}'")
        order_id = await an_order(owner, Line("shirt"))
        await become(owner, order_id, "delivered")
        assert await owner.fetchval(
            "select actual_delivery_date = (now() at time zone 'Asia/Kolkata')::date"
            " from orders where id = $1",
            order_id,
        )
