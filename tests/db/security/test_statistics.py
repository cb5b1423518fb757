"""What the database counts by itself, from facts: totals, tiers, ratings, earnings, stock."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from tests.db.security.acting import as_identity, attempt
from tests.db.security.world import account, named

pytestmark = pytest.mark.asyncio(loop_scope="session")


def uid(name: str) -> uuid.UUID:
    return uuid.UUID(named(name))


async def one(sql: asyncpg.Connection, statement: str, *args: object) -> tuple[Any, ...]:
    row = await sql.fetchrow(statement, *args)
    assert row is not None
    return tuple(row)


@dataclass(frozen=True)
class Line:
    product: str
    quantity: int = 1
    price: int = 100
    influencer: str | None = None
    commission: int = 0
    live_session: str | None = None


SELLERS = {"shirt": "wholesaler_a", "lamp": "wholesaler_b"}


async def an_order(
    owner: asyncpg.Connection, *lines: Line, customer: str = "customer_a", status: str = "shipped"
) -> uuid.UUID:
    """A paid order on its way."""
    total = sum(line.price * line.quantity for line in lines)
    order_id: uuid.UUID = await owner.fetchval(
        "insert into orders (customer_id, subtotal, total_amount, status, payment_status,"
        " shipping_address) values ($1, $2, $2, $3, 'paid', '{}') returning id",
        uid(customer),
        Decimal(total),
        status,
    )
    for line in lines:
        await owner.execute(
            "insert into order_items (order_id, product_id, variant_id, wholesaler_id,"
            " product_name, quantity, unit_price, influencer_id, influencer_commission,"
            " live_session_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            order_id,
            uid(line.product),
            uid(f"variant {line.product}"),
            uid(SELLERS[line.product]),
            line.product,
            line.quantity,
            Decimal(line.price),
            uid(line.influencer) if line.influencer else None,
            Decimal(line.commission),
            uid(line.live_session) if line.live_session else None,
        )
    return order_id


async def become(owner: asyncpg.Connection, order_id: uuid.UUID, status: str) -> None:
    await owner.execute("update orders set status = $2 where id = $1", order_id, status)


async def refund(
    owner: asyncpg.Connection, order_id: uuid.UUID, amount: int, status: str = "succeeded"
) -> uuid.UUID:
    refund_id: uuid.UUID = await owner.fetchval(
        "insert into refunds (order_id, amount, status) values ($1, $2, $3) returning id",
        order_id,
        Decimal(amount),
        status,
    )
    return refund_id


async def customer(owner: asyncpg.Connection, name: str = "customer_a") -> tuple[Any, ...]:
    return await one(
        owner,
        "select total_orders, total_spent, customer_tier from customers where id = $1",
        uid(name),
    )


async def carried(owner: asyncpg.Connection, product: str) -> tuple[Any, ...]:
    """Stock, sales and status of a product once the worker has carried them over."""
    await owner.fetchval("select private.carry_product_facts_v1(1000)")
    return await one(
        owner,
        "select stock_quantity, total_sales, status from products where id = $1",
        uid(product),
    )


# ---------------------------------------------------------------------------------------- customers

# The world's delivered order of customer A: 200 rupees.


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


# ------------------------------------------------------------------------- wholesalers, influencers


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


# ----------------------------------------------------------------------------------------- products


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


# --------------------------------------------------------------------------------- returns to stock


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


# ------------------------------------------------------------------------------------ live sessions


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


# --------------------------------------------------------------------------------------------- cart


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


# --------------------------------------------------------------------------- notes, log and numbers


@pytest.mark.parametrize(
    ("table", "about", "row"),
    [("orders", "order", "mixed"), ("queries", "query", "query customer_a")],
)
async def test_an_internal_note_is_kept_from_the_customer(
    owner: asyncpg.Connection, table: str, about: str, row: str
) -> None:
    async with as_identity(owner, "service"):
        await owner.execute(
            f"update {table} set internal_notes = 'Calls often' where id = $1", uid(row)
        )
    async with as_identity(owner, "customer_a"):
        assert (
            await owner.fetchval(f"select internal_notes from {table} where id = $1", uid(row))
            is None
        )
        assert await owner.fetch("select body from staff_notes") == []
    async with as_identity(owner, "admin"):
        notes = await owner.fetch(
            "select body from staff_notes where about = $1 and about_id = $2 order by created_at",
            about,
            uid(row),
        )
    assert "Calls often" in [note["body"] for note in notes]


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("wholesalers", "wholesaler_a", "commission_rate", 7),
        ("wholesalers", "wholesaler_a", "is_verified", True),
        ("influencers", "influencer_a", "commission_rate", 20),
        ("customers", "customer_a", "is_active", False),
        ("products", "shirt", "retail_price", 120),
        ("queries", "query customer_a", "priority", "urgent"),
        ("returns", "return mixed", "status", "approved"),
        ("refunds", "refund mixed", "status", "failed"),
    ],
)
async def test_what_touches_money_rights_and_people_is_logged(
    owner: asyncpg.Connection, table: str, row: str, column: str, value: object
) -> None:
    literal = f"'{value}'" if isinstance(value, str) else str(value)
    await owner.fetch(
        "select set_config('request.jwt.claims', $1, true)",
        json.dumps({"sub": account("admin"), "role": "service_role"}),
    )
    await owner.execute(f"update {table} set {column} = {literal} where id = $1", uid(row))
    log = await owner.fetch(
        "select actor_user_id, before ? $3 and after ? $3 as names_it, after ->> $3 as after"
        " from audit_log where table_name = $1 and row_id = $2",
        table,
        uid(row),
        column,
    )
    assert [(entry["actor_user_id"], entry["names_it"]) for entry in log] == [
        (uuid.UUID(account("admin")), True)
    ]
    assert log[0]["after"].lower().startswith(str(value).lower())


async def test_a_sealed_value_is_named_in_the_log_and_never_copied(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "update wholesalers set pan_number = 'sealed:v1:abc' where id = $1", uid("wholesaler_a")
    )
    assert await one(
        owner,
        "select before ->> 'pan_number', after ->> 'pan_number' from audit_log where row_id = $1",
        uid("wholesaler_a"),
    ) == (None, "sealed")


async def test_a_change_of_nothing_that_matters_is_not_logged(owner: asyncpg.Connection) -> None:
    await owner.execute("update wholesalers set city = 'Pune' where id = $1", uid("wholesaler_a"))
    assert await owner.fetch("select 1 from audit_log where row_id = $1", uid("wholesaler_a")) == []


@pytest.mark.parametrize("table", ["audit_log", "audit_chain"])
@pytest.mark.parametrize(
    "change", ["update {} set {} = {}", "delete from {}", "truncate {} cascade"]
)
async def test_nobody_changes_the_log_not_even_its_owner(
    owner: asyncpg.Connection, table: str, change: str
) -> None:
    column = "action" if table == "audit_log" else "hash"
    statement = change.format(table, column, column)
    assert isinstance(await attempt(owner, statement), asyncpg.InsufficientPrivilegeError)


async def test_the_number_of_an_order_has_indias_date(owner: asyncpg.Connection) -> None:
    """At any moment one of these zones has another date than India."""
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        await owner.execute(f"set local timezone = '{zone}'")
        order_id = await an_order(owner, Line("shirt"))
        number, day = await one(
            owner,
            "select order_number, to_char(now() at time zone 'Asia/Kolkata', 'YYYYMMDD')"
            " from orders where id = $1",
            order_id,
        )
        prefix, date, count = number.split("-")
        assert (prefix, date) == ("ORD", day)
        assert len(count) == 6
        assert count.isdigit()
