"""Two at the same time: what both do counts, nothing counts twice, and nobody is stuck.

Each situation is one interleaving, made by holding transactions open; a contender that has to wait
is known by pg_blocking_pids.
"""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from db.query import blocks
from shop.checkout import DEFAULT_TERMS, prepared
from tests.db.small_shop import SmallShop, contenders, soon
from tests.shop.shop_under_test import a_request

DELIVER = "update orders set status = 'delivered' where id = $1"
# In the order of the array: whoever locks as rows come would lock in this order, too.
DELIVER_ALL = """
update orders o set status = 'delivered'
from unnest($1::uuid[]) with ordinality chosen (id, place) where o.id = chosen.id
"""
REFUND = "insert into refunds (order_id, amount, status) values ($1, $2, 'succeeded')"


@pytest.fixture
def shop(sql: asyncpg.Connection) -> SmallShop:
    return SmallShop(sql)


async def test_two_deliveries_to_one_customer_are_both_counted(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    influencer = await shop.profile("influencer")
    product = await shop.product(wholesaler)
    orders = [await shop.order(customer, product, influencer_id=influencer) for _ in range(2)]
    async with contenders(database_url, 2) as (first, second):
        await first.run(DELIVER, orders[0])
        later = second.begin(DELIVER, orders[1])
        await second.waits()
        await first.commit()
        await soon(later)
        await second.commit()
    row = await shop.sql.fetchrow("select total_orders, total_spent from customers")
    assert row is not None
    assert tuple(row) == (2, Decimal(200))
    assert await shop.value("select total_sales from wholesalers") == Decimal(200)
    assert await shop.value("select total_earnings from influencers") == Decimal(30)


async def test_an_order_that_two_deliver_is_delivered_once(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    influencer = await shop.profile("influencer")
    order = await shop.order(customer, await shop.product(wholesaler), influencer_id=influencer)
    async with contenders(database_url, 2) as (first, second):
        await first.run(DELIVER, order)
        later = second.begin(DELIVER, order)
        await second.waits()
        await first.commit()
        await soon(later)
        await second.commit()
    assert await shop.value("select total_sales from wholesalers") == Decimal(100)
    assert await shop.value("select count(*) from influencer_earnings") == 1
    assert await shop.value("select sum(sold) from private.product_changes") == 1


async def test_deliveries_of_many_lock_wholesalers_in_one_order(
    shop: SmallShop, database_url: str
) -> None:
    customer = await shop.profile("customer")
    low, high = sorted([await shop.profile("wholesaler") for _ in range(2)])
    of_low, of_high = await shop.product(low), await shop.product(high)
    lowest = await shop.order(customer, of_low)
    pair = [await shop.order(customer, of_high), await shop.order(customer, of_low)]
    both = await shop.order(customer, of_low, of_high)
    async with contenders(database_url, 3) as (gate, first, second):
        await gate.run(DELIVER, lowest)
        # Whoever took the higher one before the lower would hold it while waiting, and the one who
        # waits already would come to wait for it.
        one = first.begin(DELIVER, both)
        await first.waits()
        other = second.begin(DELIVER_ALL, pair)
        await second.waits()
        await gate.commit()
        await soon(one)
        await first.commit()
        await soon(other)
        await second.commit()
    sales = await shop.sql.fetch("select total_sales from wholesalers order by id")
    assert [row[0] for row in sales] == [Decimal(300), Decimal(200)]


async def test_two_refunds_give_back_no_more_than_was_paid(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    order = await shop.order(customer, await shop.product(wholesaler))
    async with contenders(database_url, 2) as (first, second):
        await first.run(REFUND, order, Decimal(60))
        later = second.begin(REFUND, order, Decimal(60))
        await second.waits()
        await first.commit()
        with pytest.raises(asyncpg.CheckViolationError, match="at most ₹40"):
            await soon(later)


async def test_two_returns_take_back_no_more_than_was_sold(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    order = await shop.order(
        customer, await shop.product(wholesaler), status="delivered", quantity=3
    )
    item = await shop.id_of("select id from order_items where order_id = $1", order)
    returns = [await _a_return(shop, order) for _ in range(2)]
    add = "insert into return_items (return_id, order_item_id, quantity) values ($1, $2, 2)"
    async with contenders(database_url, 2) as (first, second):
        await first.run(add, returns[0], item)
        later = second.begin(add, returns[1], item)
        await second.waits()
        await first.commit()
        with pytest.raises(asyncpg.CheckViolationError, match="at most 1 of this item"):
            await soon(later)


async def test_a_return_that_a_refund_overtakes_is_refused(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    order = await shop.order(customer, await shop.product(wholesaler), status="delivered")
    async with contenders(database_url, 2) as (first, second):
        await first.run(REFUND, order, Decimal(100))
        later = second.begin(RETURN, order)
        await second.waits()
        await first.commit()
        with pytest.raises(asyncpg.DataError, match="only what was delivered"):
            await soon(later)


async def test_an_order_that_two_cancel_goes_back_to_the_shelf_once(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    product = await shop.product(wholesaler, stock=4)
    order = await shop.order(customer, product, status="confirmed", quantity=2)
    cancel = "update orders set status = 'cancelled' where id = $1"
    async with contenders(database_url, 2) as (first, second):
        await first.run(cancel, order)
        later = second.begin(cancel, order)
        await second.waits()
        await first.commit()
        await soon(later)
        await second.commit()
    assert await shop.stock(product) == 6


async def test_what_comes_back_is_locked_like_what_is_bought(
    shop: SmallShop, database_url: str
) -> None:
    customer, wholesaler = await shop.profile("customer"), await shop.profile("wholesaler")
    products = [await shop.product(wholesaler) for _ in range(6)]
    variants = sorted([await shop.variant_of(product) for product in products])
    order = await shop.order(customer, *products, status="delivered")
    returned = await _a_return(shop, order)
    await shop.sql.execute(
        "insert into return_items (return_id, order_item_id, quantity, quantity_received,"
        " is_restocked) select $1, id, 1, 1, true from order_items where order_id = $2",
        returned,
        order,
    )
    await shop.sql.execute("update returns set status = 'approved'")
    async with contenders(database_url, 2) as (buyer, back):
        await buyer.run(TAKE, variants[:1])
        later = back.begin("update returns set status = 'received'")
        await back.waits()
        # Were a higher one locked already, this would be the deadlock.
        await soon(buyer.run(TAKE, variants[1:]))
        await buyer.commit()
        await soon(later)
        await back.commit()
    assert {await shop.stock(product) for product in products} == {10}


TAKE = "update product_stock set on_hand = on_hand - 1 where variant_id = any ($1::uuid[])"


async def test_two_products_of_one_wholesaler_are_both_counted(
    shop: SmallShop, database_url: str
) -> None:
    wholesaler = await shop.profile("wholesaler")
    add = (
        "insert into products (wholesaler_id, name, wholesale_price, retail_price)"
        " values ($1, 'Cap', 1, 1)"
    )
    async with contenders(database_url, 2) as (first, second):
        await first.run(add, wholesaler)
        later = second.begin(add, wholesaler)
        await second.waits()
        await first.commit()
        await soon(later)
        await second.commit()
    assert await shop.value("select total_products from wholesalers") == 2


async def test_two_reviews_are_both_in_the_rating(shop: SmallShop, database_url: str) -> None:
    product = await shop.product(await shop.profile("wholesaler"))
    buyers = [await shop.profile("customer") for _ in range(2)]
    for buyer in buyers:
        await shop.order(buyer, product, status="delivered")
    say = "insert into reviews (product_id, customer_id, rating) values ($1, $2, $3)"
    async with contenders(database_url, 2) as (first, second):
        await first.run(say, product, buyers[0], 5)
        later = second.begin(say, product, buyers[1], 2)
        await second.waits()
        await first.commit()
        await soon(later)
        await second.commit()
    row = await shop.sql.fetchrow("select average_rating, total_reviews from products")
    assert row is not None
    assert tuple(row) == (Decimal("3.50"), 2)


async def test_two_followers_who_go_are_in_no_deadlock(shop: SmallShop, database_url: str) -> None:
    fans = [await shop.account("customer") for _ in range(2)]
    influencers = sorted([await shop.profile("influencer") for _ in range(6)])
    await shop.sql.execute(
        "insert into follows (user_id, influencer_id)"
        " select f, i from unnest($1::uuid[]) f, unnest($2::uuid[]) i",
        fans,
        influencers,
    )
    lock = "select from influencers where id = any ($1::uuid[]) for no key update nowait"
    async with contenders(database_url, 2) as (gate, leaver):
        await gate.run(lock, influencers[:1])
        later = leaver.begin("delete from auth.users where id = $1", fans[0])
        await leaver.waits()
        # Nothing of what comes after the lowest one is locked yet.
        await soon(gate.run(lock, influencers[1:]))
        await gate.commit()
        await soon(later)
        await leaver.commit()
    counts = await shop.sql.fetch("select followers_count from influencers")
    assert {row[0] for row in counts} == {1}


# ---------------------------------------------------------------------------- carried by the worker


async def test_a_sale_beside_the_carrier_is_carried_next_time(
    shop: SmallShop, database_url: str
) -> None:
    product = await shop.product(await shop.profile("wholesaler"), stock=10)
    take = "update product_stock set on_hand = on_hand - 1"
    async with contenders(database_url, 2) as (carrier, buyer):
        await buyer.run(take)
        await carrier.run("select private.carry_product_facts_v1(100)")
        await carrier.commit()
        await buyer.commit()
    assert await shop.value("select stock_quantity from products where id = $1", product) == 10
    assert await shop.value("select private.carry_product_facts_v1(100)") == 1
    assert await shop.value("select stock_quantity from products where id = $1", product) == 9


async def test_the_carrier_passes_over_a_product_that_is_being_written(
    shop: SmallShop, database_url: str
) -> None:
    wholesaler = await shop.profile("wholesaler")
    written, other = await shop.product(wholesaler), await shop.product(wholesaler)
    await shop.sql.execute("select private.carry_product_facts_v1(100)")
    await shop.sql.execute("update product_stock set on_hand = 3")
    async with contenders(database_url, 2) as (writer, carrier):
        await writer.run("update products set name = 'Cotton shirt' where id = $1", written)
        (row,) = await soon(carrier.run("select private.carry_product_facts_v1(100)"))
        assert row[0] == 1
        await carrier.commit()
        await writer.commit()
    stocks = "select id, stock_quantity from products"
    assert dict(await shop.rows(stocks)) == {written: 10, other: 3}
    await shop.sql.execute("select private.carry_product_facts_v1(100)")
    assert dict(await shop.rows(stocks)) == {written: 3, other: 3}


async def test_a_checkout_writes_no_product_and_stays_beside_the_indexes(
    shop: SmallShop,
) -> None:
    user_id = await shop.account("customer")
    product = await shop.product(await shop.profile("wholesaler"))
    await shop.sql.execute("select private.carry_product_facts_v1(100)")
    before = await shop.value("select xmin::text from products where id = $1", product)
    await shop.sql.execute("select pg_stat_force_next_flush()")
    await shop.sql.execute("select pg_stat_reset_single_table_counters('product_stock'::regclass)")
    # On this connection, which can be told to publish what it counted.
    variant_id = UUID(bytes=(await shop.variant_of(product)).bytes)
    request = prepared(user_id, a_request(lines=[(variant_id, 2)], shown=20_000), DEFAULT_TERMS)
    (placed,) = await shop.sql.fetch(
        blocks("shop")["place_orders"],
        orjson.dumps([request]).decode(),
        orjson.dumps(asdict(DEFAULT_TERMS)).decode(),
    )
    assert placed["outcome"] == "placed"
    assert await shop.value("select xmin::text from products where id = $1", product) == before
    assert await shop.stock(product) == 8
    await shop.sql.execute("select pg_stat_force_next_flush()")
    updates = await shop.sql.fetchrow(
        "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'product_stock'"
    )
    assert updates is not None
    assert tuple(updates) == (1, 1)


# ---------------------------------------------------------------------------------------- audit log


async def test_a_late_commit_is_sealed_later_and_breaks_nothing(
    shop: SmallShop, database_url: str
) -> None:
    rates = "update wholesalers set commission_rate = $2 where id = $1"
    first_one, second_one = [await shop.profile("wholesaler") for _ in range(2)]
    seal = "select private.seal_audit_log_v1(100)"
    async with contenders(database_url, 2) as (late, early):
        await late.run(rates, first_one, Decimal(5))  # has the smaller id
        await early.run(rates, second_one, Decimal(6))
        await early.commit()
        assert await shop.value(seal) == 1
        await late.commit()
    assert await shop.value(seal) == 1
    assert await shop.value(seal) == 0
    assert await _chain(shop) == [(1, 2), (2, 1)]
    assert await shop.sql.fetch("select * from private.broken_audit_link_v1()") == []


async def test_a_second_sealer_leaves_it_to_the_first(shop: SmallShop, database_url: str) -> None:
    await shop.profile("wholesaler")
    await shop.sql.execute("update wholesalers set commission_rate = 5")
    async with contenders(database_url, 2) as (first, second):
        seal = "select private.seal_audit_log_v1(100)"
        assert (await first.run(seal))[0][0] == 1
        assert (await soon(second.run(seal)))[0][0] == 0
        await first.commit()
    assert await _chain(shop) == [(1, 1)]


async def _chain(shop: SmallShop) -> list[tuple[Any, ...]]:
    return await shop.rows(
        "select position, audit_id - (select min(id) - 1 from audit_log) from audit_chain"
        " order by position"
    )


# ----------------------------------------------------------------------------------------- profiles


async def test_a_cart_that_is_being_filled_keeps_its_profile(
    shop: SmallShop, database_url: str
) -> None:
    user_id = await shop.account("customer")
    customer = await shop.id_of("select id from customers where user_id = $1", user_id)
    variant = await shop.variant_of(await shop.product(await shop.profile("wholesaler")))
    async with contenders(database_url, 2) as (first, second):
        await first.run(
            "insert into cart (customer_id, product_id, variant_id)"
            " select $1, product_id, id from product_variants where id = $2",
            customer,
            variant,
        )
        later = second.begin(NEW_PROFILE, user_id)
        await second.waits()
        await first.commit()
        with pytest.raises(asyncpg.UniqueViolationError):
            await soon(later)
    assert await shop.value("select count(*) from cart") == 1


async def test_of_two_new_profiles_the_first_stays(shop: SmallShop, database_url: str) -> None:
    user_id = await shop.account("customer")
    async with contenders(database_url, 2) as (first, second):
        (row,) = await first.run(NEW_PROFILE, user_id)
        later = second.begin(NEW_PROFILE, user_id)
        await second.waits()
        await first.commit()
        with pytest.raises(asyncpg.UniqueViolationError):
            await soon(later)
    assert await shop.value("select id from customers") == row["id"]


NEW_PROFILE = """
insert into customers (user_id, email, first_name) values ($1, 'a@example.in', 'Asha') returning id
"""


# --------------------------------------------------------------------------------------- partitions


async def test_a_partition_is_made_beside_who_writes(shop: SmallShop, database_url: str) -> None:
    async with contenders(database_url, 2) as (writer, maker):
        await writer.run(
            "insert into live_session_chat (live_session_id, message)"
            " values (gen_random_uuid(), 'Hello')"
        )
        (row,) = await soon(maker.run(MAKE, "2040-02-01"))
        assert row[0] == "live_session_chat_204002"
        await maker.commit()


async def test_two_who_make_the_same_partition_make_one(shop: SmallShop, database_url: str) -> None:
    async with contenders(database_url, 2) as (first, second):
        await first.run(MAKE, "2040-02-01")
        later = second.begin(MAKE, "2040-02-01")
        await second.waits()
        await first.commit()
        (row,) = await soon(later)
    assert row[0] is None


MAKE = "select private.make_month_partition_v1('live_session_chat', $1::text::date)"
RETURN = """
insert into returns (return_number, order_id, customer_id, reason)
select '', id, customer_id, 'damaged' from orders where id = $1 returning id
"""


async def _a_return(shop: SmallShop, order: UUID) -> Any:
    return await shop.value(RETURN, order)
