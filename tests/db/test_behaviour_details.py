"""What the database does by itself at the edges: months and zones, odd accounts, goods that come
back, statements that move very many rows."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db import migrate
from tests.db.small_shop import SmallShop

MIGRATIONS = Path(__file__).parents[2] / "db" / "migrations"


@pytest.fixture(scope="module")
def own_database(background: Any, postgres_server: Any, migrated_template: str) -> str:
    """One database for the module: each test is rolled back."""
    name = "behaviour_details"
    background.run(_create(postgres_server.url, name, migrated_template))
    return str(postgres_server.url_of(name))


async def _create(url: str, name: str, template: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f'create database "{name}" template "{template}"')
    await connection.close()


@pytest.fixture
async def shop(own_database: str) -> AsyncIterator[SmallShop]:
    connection = await asyncpg.connect(own_database)
    transaction = connection.transaction()
    await transaction.start()
    yield SmallShop(connection)
    await transaction.rollback()
    await connection.close()


async def ready(shop: SmallShop) -> None:
    """What waits for the commit is done now."""
    await shop.sql.execute("set constraints all immediate")
    await shop.sql.execute("set constraints all deferred")


async def a_product(shop: SmallShop, stock: int = 10) -> uuid.UUID:
    product = await shop.product(await shop.profile("wholesaler"), stock)
    await ready(shop)
    return product


# -------------------------------------------------------------------------------------------- stock


async def test_stock_cannot_be_given_to_another_variant(shop: SmallShop) -> None:
    product = await a_product(shop, stock=7)
    other = await shop.id_of(
        "insert into product_variants (product_id, label) values ($1, 'Blue') returning id", product
    )
    with pytest.raises(asyncpg.DataError, match="stays that of the variant"):
        await shop.sql.execute("update product_stock set variant_id = $1", other)


async def test_an_update_that_changes_no_stock_moves_nothing(shop: SmallShop) -> None:
    await a_product(shop)
    await shop.sql.execute("delete from private.product_changes")
    await shop.sql.execute("update product_stock set on_hand = on_hand")
    assert await shop.value("select count(*) from private.stock_moves") == 1
    assert await shop.value("select count(*) from private.product_changes") == 0


async def test_a_product_changed_before_its_commit_has_the_stock_it_was_given_last(
    shop: SmallShop,
) -> None:
    product = await shop.product(await shop.profile("wholesaler"), stock=5)
    await shop.sql.execute(
        "update products set stock_quantity = 8, sku = 'L-8' where id = $1", product
    )
    await ready(shop)
    assert await shop.stock(product) == 8
    assert await shop.value("select sku from product_variants") == "L-8"


async def test_a_product_whose_sku_is_another_variants_is_taken(shop: SmallShop) -> None:
    taken = await a_product(shop)
    await shop.sql.execute("update product_variants set sku = 'L-1' where product_id = $1", taken)
    product = await shop.product(await shop.profile("wholesaler"))
    await shop.sql.execute("update products set sku = 'L-1' where id = $1", product)
    await ready(shop)
    skus = await shop.rows("select product_id, sku from product_variants")
    assert dict(skus) == {taken: "L-1", product: None}


async def test_what_is_cancelled_before_it_is_shipped_goes_back_to_the_shelf(
    shop: SmallShop,
) -> None:
    customer, product = await shop.profile("customer"), await a_product(shop, stock=1)
    packed = await shop.order(customer, product, status="processing", quantity=3)
    await shop.sql.execute("update orders set status = 'cancelled'")
    assert await shop.stock(product) == 4
    assert await shop.rows(
        "select delta, order_id from private.stock_moves where order_id is not null"
    ) == [(3, packed)]


async def test_what_is_under_way_when_it_is_cancelled_is_not_on_the_shelf(shop: SmallShop) -> None:
    product = await a_product(shop, stock=1)
    await shop.order(await shop.profile("customer"), product, status="shipped")
    await shop.sql.execute("update orders set status = 'cancelled'")
    assert await shop.stock(product) == 1


async def test_goods_of_a_variant_without_stock_go_back_to_the_shelf(shop: SmallShop) -> None:
    product = await a_product(shop)
    await shop.order(await shop.profile("customer"), product, status="confirmed")
    await shop.sql.execute("delete from product_stock")
    await shop.sql.execute("update orders set status = 'cancelled'")
    assert await shop.stock(product) == 1


# ----------------------------------------------------------------------------------- very many rows


async def test_orders_delivered_together_write_their_wholesaler_once(shop: SmallShop) -> None:
    influencer = await shop.profile("influencer")
    product = await a_product(shop)
    for _ in range(3):
        await shop.order(await shop.profile("customer"), product, influencer_id=influencer)
    await _count_updates(shop, "wholesalers", "influencers")
    await shop.sql.execute("update orders set status = 'delivered'")
    assert await _updates(shop) == {"wholesalers": 1, "influencers": 1}
    assert await shop.value("select total_sales from wholesalers") == Decimal(300)
    assert await shop.value("select total_earnings from influencers") == Decimal(45)
    assert await shop.value("select count(*) from customers where total_orders = 1") == 3
    assert await shop.value("select sum(sold) from private.product_changes") == 3


async def test_orders_cancelled_together_write_their_stock_once(shop: SmallShop) -> None:
    customer, product = await shop.profile("customer"), await a_product(shop, stock=0)
    for _ in range(3):
        await shop.order(customer, product, status="pending")
    await _count_updates(shop, "product_stock")
    await shop.sql.execute("update orders set status = 'cancelled'")
    assert await _updates(shop) == {"product_stock": 1}
    assert await shop.stock(product) == 3
    assert await shop.value("select count(distinct order_id) from private.stock_moves") == 3


async def test_products_added_together_are_counted_together(shop: SmallShop) -> None:
    wholesaler = await shop.profile("wholesaler")
    await _count_updates(shop, "wholesalers")
    await shop.sql.execute(
        "insert into products (wholesaler_id, name, wholesale_price, retail_price)"
        " select $1, 'Cap ' || n, 1, 1 from generate_series(1, 5) n",
        wholesaler,
    )
    assert await _updates(shop) == {"wholesalers": 1}
    assert await shop.value("select total_products from wholesalers") == 5


async def test_a_product_that_goes_over_is_counted_at_the_other_wholesaler(
    shop: SmallShop,
) -> None:
    product = await a_product(shop)
    heir = await shop.profile("wholesaler")
    await shop.sql.execute("update products set wholesaler_id = $1 where id = $2", heir, product)
    counts = await shop.sql.fetch("select id = $1, total_products from wholesalers", heir)
    assert {tuple(row) for row in counts} == {(True, 1), (False, 0)}


async def _count_updates(shop: SmallShop, *tables: str) -> None:
    await shop.sql.execute("create temp table counted_updates (name text) on commit drop")
    await shop.sql.execute(
        "create function pg_temp.count_update() returns trigger language plpgsql as"
        " $$ begin insert into counted_updates values (tg_table_name); return null; end $$"
    )
    for table in tables:
        await shop.sql.execute(
            f"create trigger counted_here after update on {table}"
            " for each row execute function pg_temp.count_update()"
        )


async def _updates(shop: SmallShop) -> dict[str, int]:
    rows = await shop.sql.fetch("select name, count(*) from counted_updates group by name")
    return {row["name"]: row["count"] for row in rows}


# --------------------------------------------------------------------------------- money that moves


async def test_a_cancelled_order_stays_cancelled_when_its_money_is_given_back(
    shop: SmallShop,
) -> None:
    order = await shop.order(
        await shop.profile("customer"), await a_product(shop), status="cancelled"
    )
    await shop.sql.execute(
        "insert into refunds (order_id, amount, status) values ($1, 100, 'succeeded')", order
    )
    row = await shop.sql.fetchrow("select status, payment_status from orders")
    assert row is not None
    assert tuple(row) == ("cancelled", "refunded")


async def test_nothing_is_given_back_of_what_was_not_paid(shop: SmallShop) -> None:
    order = await shop.order(
        await shop.profile("customer"), await a_product(shop), payment="pending"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="nothing was paid"):
        await shop.sql.execute("insert into refunds (order_id, amount) values ($1, 1)", order)


async def test_a_refund_takes_back_what_is_left_of_a_commission(shop: SmallShop) -> None:
    influencer = await shop.profile("influencer")
    order = await shop.order(
        await shop.profile("customer"), await a_product(shop), influencer_id=influencer
    )
    await shop.sql.execute("update orders set status = 'delivered'")
    await shop.sql.execute(
        "insert into influencer_earnings (influencer_id, order_id, order_item_id, earning_type,"
        " amount) select influencer_id, order_id, order_item_id, 'clawback', -5"
        " from influencer_earnings"
    )
    await shop.sql.execute(
        "insert into refunds (order_id, amount, status) values ($1, 100, 'succeeded')", order
    )
    assert await shop.value("select min(amount) from influencer_earnings") == Decimal(-10)
    assert await shop.value("select total_earnings from influencers") == 0


async def test_an_earning_that_is_corrected_corrects_the_total(shop: SmallShop) -> None:
    influencer = await shop.profile("influencer")
    await shop.sql.execute(
        "insert into influencer_earnings (influencer_id, earning_type, amount)"
        " values ($1, 'bonus', 50), ($1, 'tip', 8)",
        influencer,
    )
    await shop.sql.execute("update influencer_earnings set amount = 40 where amount = 50")
    assert await shop.value("select total_earnings from influencers") == Decimal(48)
    await shop.sql.execute("delete from influencer_earnings where amount = 8")
    assert await shop.value("select total_earnings from influencers") == Decimal(40)


# --------------------------------------------------------------------------------------------- cart


async def test_a_live_session_can_go_while_what_it_showed_is_not_for_sale(
    shop: SmallShop,
) -> None:
    customer, influencer = await shop.profile("customer"), await shop.profile("influencer")
    product = await a_product(shop)
    live_session = await shop.id_of(
        "insert into live_sessions (influencer_id, title) values ($1, 'Sale') returning id",
        influencer,
    )
    await shop.sql.execute(
        "insert into cart (customer_id, product_id, live_session_id, quantity)"
        " values ($1, $2, $3, 2)",
        customer,
        product,
        live_session,
    )
    await shop.sql.execute("update products set is_active = false")
    await shop.sql.execute("delete from live_sessions")
    await shop.sql.execute("update cart set quantity = 1")
    assert await shop.value("select quantity from cart where live_session_id is null") == 1
    with pytest.raises(asyncpg.DataError, match="not for sale"):
        await shop.sql.execute("update cart set quantity = 3")


async def test_a_quantity_that_no_cart_can_hold_is_refused_with_a_sentence(
    shop: SmallShop,
) -> None:
    customer, product = await shop.profile("customer"), await a_product(shop)
    with pytest.raises(asyncpg.DataError, match="more than a cart can hold"):
        await shop.sql.execute(
            "insert into cart (customer_id, product_id, quantity) values ($1, $2, 2147483647)",
            customer,
            product,
        )


# ------------------------------------------------------------------------------- months and days


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
@pytest.mark.parametrize("style", ["ISO, MDY", "SQL, DMY"])
async def test_the_months_of_partitions_are_the_same_in_every_zone(
    shop: SmallShop, zone: str, style: str
) -> None:
    await shop.sql.execute(f"set local timezone = '{zone}'; set local datestyle = '{style}'")
    for day in ("2039-12-01", "2040-01-01"):
        await shop.sql.execute(
            "select private.make_month_partition_v1('live_session_viewers', $1)",
            date.fromisoformat(day),
        )
    await shop.sql.execute(
        "insert into live_session_viewers (live_session_id, joined_at)"
        " values (gen_random_uuid(), '2039-12-31 23:59:59.999999+00'),"
        " (gen_random_uuid(), '2040-01-01 00:00+00')"
    )
    parts = await shop.sql.fetch(
        "select tableoid::regclass::text from live_session_viewers order by 1"
    )
    assert [row[0] for row in parts] == [
        "private.live_session_viewers_203912",
        "private.live_session_viewers_204001",
    ]


async def test_a_partition_is_as_closed_as_its_table(shop: SmallShop) -> None:
    name = await shop.value(
        "select private.make_month_partition_v1('live_session_chat', '2040-01-01')"
    )
    row = await shop.sql.fetchrow(
        "select relrowsecurity, has_table_privilege('anon', oid, 'select'),"
        " has_table_privilege('authenticated', oid, 'select')"
        " from pg_class where oid = ('private.' || $1::text)::regclass",
        name,
    )
    assert row is not None
    assert tuple(row) == (True, False, False)


async def test_the_month_that_runs_is_never_dropped(shop: SmallShop) -> None:
    dropped = await shop.value(
        "select private.drop_month_partitions_v1('live_session_chat', '2999-01-01', false)"
    )
    assert dropped == []
    await shop.sql.execute(
        "insert into live_session_chat (live_session_id, message) values (gen_random_uuid(), 'Hi')"
    )


@pytest.mark.parametrize(
    "function",
    [
        "drop_month_partitions_v1($1, '2000-01-01', false)",
        "make_month_partition_v1($1, '2040-01-01')",
    ],
)
async def test_months_are_of_the_two_tables_only(shop: SmallShop, function: str) -> None:
    with pytest.raises(asyncpg.DataError, match="not partitioned by month"):
        await shop.sql.execute(f"select private.{function}", "orders")


@pytest.mark.parametrize(
    ("first", "pattern", "days", "end", "until", "expected"),
    [
        ("2027-01-31", "monthly", None, None, "2027-05-01",
         ["01-31", "02-28", "03-31", "04-30"]),
        ("2028-01-30", "monthly", None, None, "2028-03-31", ["01-30", "02-29", "03-30"]),
        ("2028-02-29", "monthly", None, None, "2028-04-30", ["02-29", "03-29", "04-29"]),
        ("2027-03-01", "weekly", None, "2027-03-15", "2027-12-31", ["03-01", "03-08", "03-15"]),
        ("2027-03-01", "custom", [0, 3], None, "2027-03-10", ["03-03", "03-07", "03-10"]),
        ("2027-03-01", "daily", None, "2027-03-02", "2027-12-31", ["03-01", "03-02"]),
        ("2027-03-01", None, None, None, "2027-12-31", ["03-01"]),
        ("2027-03-01", None, None, None, "2027-02-28", []),
    ],
)  # fmt: skip
async def test_the_days_of_a_plan(
    shop: SmallShop,
    first: str,
    pattern: str | None,
    days: list[int] | None,
    end: str | None,
    until: str,
    expected: list[str],
) -> None:
    rows = await shop.sql.fetch(
        "select to_char(d, 'MM-DD') from private.schedule_days($1, $2, $3, $4, '2027-01-01', $5) d",
        date.fromisoformat(first),
        pattern,
        days,
        end and date.fromisoformat(end),
        date.fromisoformat(until),
    )
    assert [row[0] for row in rows] == expected


async def test_a_day_without_a_midnight_is_a_day_of_a_plan(shop: SmallShop) -> None:
    # In Beirut clocks go from 23:59 to 1:00 on 28 March 2027.
    await shop.sql.execute("set local timezone = 'Asia/Beirut'")
    days = await shop.sql.fetch(
        "select d::text from private.schedule_days('2027-03-27', 'daily', null, '2027-03-29',"
        " '2027-03-27', '2027-03-29') d"
    )
    assert [row[0] for row in days] == ["2027-03-27", "2027-03-28", "2027-03-29"]


@pytest.mark.parametrize(
    "plan",
    [
        "true, 'custom', null, null",
        "true, 'custom', '{}', null",
        "true, 'custom', '{7}', null",
        "true, 'daily', null, '2026-12-31'",
        "true, null, null, null",
    ],
)
async def test_a_plan_that_cannot_be_is_refused(shop: SmallShop, plan: str) -> None:
    influencer = await shop.profile("influencer")
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.sql.execute(
            "insert into live_session_schedules (influencer_id, title, first_date, start_time,"
            " end_time, is_recurring, recurrence_pattern, days_of_week, recurrence_end_date)"
            f" values ($1, 'Sale', '2027-01-01', '10:00', '11:00', {plan})",
            influencer,
        )


async def test_a_zone_that_does_not_exist_is_refused(shop: SmallShop) -> None:
    await shop.profile("influencer")
    with pytest.raises(asyncpg.DataError, match="not a time zone"):
        await shop.sql.execute("update influencer_settings set timezone = 'Asia/Kolkatta'")


# ------------------------------------------------------------------------------------------ people


async def test_names_that_are_no_texts_are_passed_over(shop: SmallShop) -> None:
    user_id = uuid.uuid4()
    odd = {"display_name": {"a": 1}, "full_name": ["x"], "name": 5, "first_name": "  ",
           "last_name": None}  # fmt: skip
    await shop.sql.execute(
        "insert into auth.users (id, email, raw_user_meta_data) values ($1, 'asha@example.in', $2)",
        user_id,
        json.dumps(odd),
    )
    row = await shop.sql.fetchrow("select first_name, last_name from customers")
    assert row is not None
    assert tuple(row) == ("asha", None)


async def test_who_gets_no_profile_is_signed_up_all_the_same(shop: SmallShop) -> None:
    await shop.sql.execute(
        "alter table customers add constraint nobody_called_asha check (first_name <> 'Asha')"
    )
    user_id = uuid.uuid4()
    await shop.sql.execute(
        'insert into auth.users (id, raw_user_meta_data) values ($1, \'{"name": "Asha"}\')', user_id
    )
    assert await shop.value("select count(*) from auth.users where id = $1", user_id) == 1
    assert await shop.value("select count(*) from customers") == 0


async def test_a_profile_that_its_person_wrote_is_not_replaced(shop: SmallShop) -> None:
    user_id = await shop.account("customer")
    written = await shop.id_of(
        "insert into customers (user_id, email, city) values ($1, 'a', 'Pune') returning id",
        user_id,
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        async with shop.sql.transaction():
            await shop.sql.execute(
                "insert into customers (user_id, email) values ($1, 'a')", user_id
            )
    assert await shop.value("select id from customers") == written


async def test_an_influencer_with_a_goal_of_ones_own_is_not_replaced(shop: SmallShop) -> None:
    user_id = await shop.account("influencer")
    await shop.sql.execute(
        "update influencer_goals set target_value = 7, created_at = now() - interval '1 s'"
        " where goal_type = 'sales' or goal_type = 'earnings'"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await shop.sql.execute("insert into influencers (user_id, email) values ($1, 'a')", user_id)


async def test_a_follower_count_is_shown_by_who_wants_it_shown(shop: SmallShop) -> None:
    influencer = await shop.profile("influencer")
    await shop.sql.execute("update influencer_settings set show_follower_count = false")
    await shop.sql.execute(
        "insert into follows (user_id, influencer_id) values ($1, $2)",
        await shop.account("customer"),
        influencer,
    )
    shown = "select followers_count from public_profiles"
    assert await shop.value(shown) is None
    await shop.sql.execute("update influencer_settings set show_follower_count = true")
    assert await shop.value(shown) == 1


@pytest.mark.parametrize(
    ("event", "metadata"),
    [
        ({"user_id": "?", "claims": {}}, {"role": "customer"}),
        ({"claims": {"app_metadata": None}}, {"role": "customer"}),
        ({"user_id": None, "claims": {"app_metadata": ["x"]}}, {"role": "customer"}),
        ({"user_id": "x", "claims": {"app_metadata": {"role": ""}}}, {"role": "customer"}),
        ({"claims": {"app_metadata": {"role": "admin", "a": 1}}}, {"role": "admin", "a": 1}),
    ],
)
async def test_a_token_gets_a_role_whatever_it_was_asked_for_with(
    shop: SmallShop, event: dict[str, Any], metadata: dict[str, Any]
) -> None:
    answer = await shop.value("select private.access_token_hook_v1($1)", json.dumps(event))
    assert json.loads(answer)["claims"]["app_metadata"] == metadata


@pytest.mark.parametrize("event", [{}, {"claims": None}, {"claims": "x"}])
async def test_an_event_without_claims_is_handed_back(
    shop: SmallShop, event: dict[str, Any]
) -> None:
    answer = await shop.value("select private.access_token_hook_v1($1)", json.dumps(event))
    assert json.loads(answer) == event


# --------------------------------------------------------------------------------------- audit log


async def test_totals_are_not_in_the_log_and_rates_are(shop: SmallShop) -> None:
    await shop.profile("influencer")
    await shop.sql.execute("update influencers set total_viewers = 5")
    await shop.sql.execute("update influencers set commission_rate = 9")
    assert await shop.rows("select after ->> 'commission_rate' from audit_log") == [("9.00",)]


async def test_a_row_that_was_slipped_past_the_queue_is_found(shop: SmallShop) -> None:
    await shop.profile("wholesaler")
    await shop.sql.execute("update wholesalers set commission_rate = 5")
    await shop.sql.execute("select private.seal_audit_log_v1(10)")
    assert await shop.rows("select * from private.broken_audit_link_v1()") == []
    await shop.sql.execute("alter table audit_log disable trigger unsealed")
    await shop.sql.execute("update wholesalers set commission_rate = 6")
    assert await shop.rows("select * from private.broken_audit_link_v1()") == [
        (2, "a row was never sealed")
    ]


async def test_nobody_but_the_sealer_takes_a_row_out_of_the_queue(shop: SmallShop) -> None:
    await shop.sql.execute("set local role service_role")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await shop.sql.execute("delete from private.audit_unsealed")


# ---------------------------------------------------------------------------- what was there before


async def test_what_was_there_before_is_kept_and_counted(
    empty_database_url: str, tmp_path: Path
) -> None:
    for migration in MIGRATIONS.glob("2026112[12]*.sql"):
        shutil.copy(migration, tmp_path)
    await migrate(empty_database_url, tmp_path)
    connection = await asyncpg.connect(empty_database_url, statement_cache_size=0)
    shop = SmallShop(connection)
    try:
        await connection.execute(OLD_SHOP)
        await migrate(empty_database_url)
        # Lines that differed only by what they left open are one, and were touched when they were.
        cart = await shop.rows("select quantity, updated_at = '2026-01-02' from cart")
        assert cart == [(5, True)]
        assert await shop.rows("select status, category, priority from queries") == [
            ("open", "general", "medium")
        ]
        assert await shop.value("select total_sales from wholesalers") == Decimal(200)
        assert await shop.value("select total_earnings from influencers") == Decimal(30)
        assert await shop.value("select earned_at from influencer_earnings") == datetime(
            2026, 1, 4, 18, 30, tzinfo=UTC
        )
        await connection.execute("select private.carry_product_facts_v1(100)")
        assert await shop.rows("select total_sales, stock_quantity from products") == [(2, 10)]
    finally:
        await connection.close()


OLD_SHOP = """
insert into auth.users (id) select gen_random_uuid() from generate_series(1, 3);
insert into customers (user_id, email) select id, '' from auth.users order by id limit 1;
insert into wholesalers (user_id, email, business_name)
select id, '', 'Jaipur Cottons' from auth.users order by id limit 1 offset 1;
insert into influencers (user_id, email) select id, '' from auth.users order by id limit 1 offset 2;
insert into products (wholesaler_id, name, wholesale_price, retail_price, stock_quantity, color)
select id, 'Linen shirt', 60, 100, 10, 'Red' from wholesalers;
insert into cart (customer_id, product_id, quantity, unit_price, selected_color, added_at,
                  updated_at)
select c.id, p.id, l.quantity, 100, l.color, null, '2026-01-02'
from customers c, products p, (values (2, null), (3, 'Red')) l (quantity, color);
insert into queries (subject, message, status, category, priority, created_at)
values ('Where is it?', 'My order', null, null, null, null);
insert into orders (customer_id, subtotal, total_amount, status, actual_delivery_date, order_number,
                    shipping_address)
select id, 200, 200, 'delivered', '2026-01-05', '', '{}' from customers;
insert into order_items (order_id, product_id, wholesaler_id, influencer_id, product_name, quantity,
                         unit_price, influencer_commission)
select o.id, p.id, p.wholesaler_id, i.id, p.name, 2, 100, 30
from orders o, products p, influencers i;
"""
