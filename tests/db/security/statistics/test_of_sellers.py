"""What is counted of wholesalers and influencers, and of live sessions."""

from __future__ import annotations

import uuid
from decimal import Decimal

import asyncpg
import pytest

from tests.db.security.acting import as_identity, attempt
from tests.db.security.statistics.facts import Line, an_order, become, one, refund, uid
from tests.db.security.world import account

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_each_wholesaler_of_a_mixed_order_is_credited_its_own_lines(
    owner: asyncpg.Connection,
) -> None:
    async def sales() -> list[int]:
        return [
            (await one(owner, "select total_sales from wholesalers where id = $1", uid(name)))[0]
            for name in ("wholesaler_a", "wholesaler_b")
        ]

    before = await sales()
    order_id = await an_order(owner, Line("shirt", 2, 100), Line("lamp", 1, 70), Line("lamp", 1, 5))
    await become(owner, order_id, "delivered")
    assert [now - then for now, then in zip(await sales(), before, strict=True)] == [200, 75]
    await become(owner, order_id, "refunded")
    assert await sales() == before


async def test_an_influencer_earns_on_delivery_and_pays_back_on_refund(
    owner: asyncpg.Connection,
) -> None:
    async def earned(name: str) -> int:
        return int(
            (await one(owner, "select total_earnings from influencers where id = $1", uid(name)))[0]
        )

    before = await earned("influencer_a")
    order_id = await an_order(
        owner,
        Line("shirt", 2, 100, "influencer_a", 30),
        Line("lamp", 1, 100, "influencer_b", 15),
        Line("lamp", 1, 100),
    )
    assert await earned("influencer_a") == before
    await become(owner, order_id, "delivered")
    assert await earned("influencer_a") == before + 30
    rows = await owner.fetch(
        "select earning_type, amount, gross_sales, commission_rate, status"
        " from influencer_earnings where order_id = $1 order by amount",
        order_id,
    )
    assert [tuple(row) for row in rows] == [
        ("commission", 15, 100, 15, "pending"),
        ("commission", 30, 200, 15, "pending"),
    ]
    await refund(owner, order_id, 400)
    assert await earned("influencer_a") == before
    assert await owner.fetchval(
        "select sum(amount) from influencer_earnings where order_id = $1", order_id
    ) == Decimal(0)
    assert (
        await owner.fetchval(
            "select count(*) from influencer_earnings where order_id = $1"
            " and earning_type = 'clawback'",
            order_id,
        )
        == 2
    )


async def test_a_commission_is_earned_once(owner: asyncpg.Connection) -> None:
    order_id = await an_order(owner, Line("shirt", 1, 100, "influencer_a", 15))
    await become(owner, order_id, "delivered")
    answer = await attempt(
        owner,
        "insert into influencer_earnings (influencer_id, order_item_id, earning_type, amount)"
        " select influencer_id, order_item_id, earning_type, amount from influencer_earnings"
        " where order_id = $1",
        order_id,
    )
    assert isinstance(answer, asyncpg.UniqueViolationError)


async def test_a_wholesaler_has_as_many_products_as_it_has(owner: asyncpg.Connection) -> None:
    async def counts() -> list[int]:
        return [
            (await one(owner, "select total_products from wholesalers where id = $1", uid(name)))[0]
            for name in ("wholesaler_a", "wholesaler_b")
        ]

    assert await counts() == [2, 2]
    await owner.execute(
        "insert into products (wholesaler_id, name, wholesale_price, retail_price)"
        " values ($1, 'x', 1, 1)",
        uid("wholesaler_a"),
    )
    assert await counts() == [3, 2]
    await owner.execute(
        "update products set wholesaler_id = $1 where name = 'x'", uid("wholesaler_b")
    )
    assert await counts() == [2, 3]
    await owner.execute("delete from products where name = 'x'")
    assert await counts() == [2, 2]


async def test_followers_are_counted_and_shown(owner: asyncpg.Connection) -> None:
    async def shown() -> int:
        return int(
            (
                await one(
                    owner,
                    "select followers_count from public_profiles where id = $1",
                    uid("influencer_a"),
                )
            )[0]
        )

    before = await shown()
    async with as_identity(owner, "customer_b"):
        await owner.execute(
            "insert into follows (user_id, influencer_id) values ($1, $2)",
            uuid.UUID(account("customer_b")),
            uid("influencer_a"),
        )
    assert await shown() == before + 1
    await owner.execute("delete from follows where influencer_id = $1", uid("influencer_a"))
    assert await shown() == 0


async def test_a_live_session_ends_with_its_totals(owner: asyncpg.Connection) -> None:
    line = Line("lamp", 2, 100, "influencer_b", 30, "morning")
    await an_order(owner, line, Line("shirt", 1, 50, "influencer_b", 5, "morning"))
    await become(
        owner, await an_order(owner, line, customer="customer_b", status="confirmed"), "cancelled"
    )
    await owner.execute(
        "update live_session_products set clicks = 4 where live_session_id = $1", uid("morning")
    )
    await owner.execute(
        "update live_sessions set status = 'ended', duration_minutes = 30, total_joins = 9,"
        " end_time = now() where id = $1",
        uid("morning"),
    )
    assert await one(
        owner,
        "select total_orders, total_sales_generated, total_clicks, total_products_showcased,"
        " conversion_rate from live_sessions where id = $1",
        uid("morning"),
    ) == (1, 250, 4, 1, 25)
    assert await one(
        owner,
        "select orders_generated, revenue_generated from live_session_products"
        " where live_session_id = $1",
        uid("morning"),
    ) == (1, 200)
    # With the world's one that ended before: of no length that is known.
    assert await one(
        owner,
        "select total_live_sessions, average_session_duration, total_viewers from influencers"
        " where id = $1",
        uid("influencer_b"),
    ) == (2, 30, 9)


async def test_an_influencer_is_on_air_once(owner: asyncpg.Connection) -> None:
    answer = await attempt(
        owner,
        "insert into live_sessions (influencer_id, title, status) values ($1, 'second', 'paused')",
        uid("influencer_b"),
    )
    assert isinstance(answer, asyncpg.UniqueViolationError)
    assert answer.constraint_name == "live_sessions_one_on_air"
