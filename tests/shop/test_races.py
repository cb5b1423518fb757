"""Many at once for the last pieces: what was written is whole, and nothing was written twice."""

import asyncio
import uuid
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from livecommerce.maintenance.checks import check
from shop import cart, coupons
from shop.cart import Wish
from shop.checkout import Checkout, OrderRequest, ShopTerms
from shop.combiner import CombinerConfig
from shop.coupons import Asked
from shop.orders import Order
from shop.refusal import ShopRefused
from tests.shop.promises.promises_under_test import let_holds_expire, sweep
from tests.shop.shop_under_test import Product, ShopUnderTest, a_request, place_order
from tests.shop.test_batches import TOGETHER
from tests.shop.test_coupons import make as make_coupon

TERMS = ShopTerms()
PRICE = 129900


async def fill_cart(shop: ShopUnderTest, customer: UUID, *products: Product) -> None:
    for product in products:
        await cart.add(shop.db, customer, uuid.uuid4(), Wish(product.variant_id, 1), TERMS)


async def outcome(shop: ShopUnderTest, customer: UUID, request: OrderRequest) -> Order | str:
    """As a hub of its own answers, beside all others."""
    try:
        return await place_order(shop.db, customer, request)
    except ShopRefused as refusal:
        return refusal.code


async def broken(shop: ShopUnderTest) -> list[str]:
    return [verdict.invariant for verdict in await check(shop.db) if verdict.offences]


async def what_was_written(shop: ShopUnderTest) -> Counter[tuple[int, int, int, int]]:
    """Of each order: its lines, its pieces, what it took from the stock, its payments."""
    rows = await shop.sql.fetch(
        "select (select count(*) from order_items i where i.order_id = o.id),"
        " (select sum(quantity) from order_items i where i.order_id = o.id),"
        " (select -sum(delta) from private.stock_moves m where m.order_id = o.id),"
        " (select count(*) from private.payments p where p.order_id = o.id) from orders o"
    )
    return Counter(tuple(row) for row in rows)


async def test_b04_b05_carts_that_race_for_the_last_pieces_leave_whole_orders_or_nothing(
    shop: ShopUnderTest,
) -> None:
    shirt, mug = await shop.product(stock=9), await shop.product("Mug", stock=7)
    hubs = [Checkout(shop.db, TERMS, CombinerConfig(batch_size=5)) for _ in range(2)]
    buyers = [await shop.customer() for _ in range(24)]
    for buyer in buyers:
        await fill_cart(shop, buyer, shirt, mug)

    async def buy(n: int, customer: UUID) -> str:
        lines = [(shirt.variant_id, 1), (mug.variant_id, 1)][:: 1 if n % 3 else -1]
        method = "test" if n % 4 < 2 else "cod"
        request = a_request(shown=2 * PRICE, lines=lines, payment_method=method)
        try:
            await hubs[n % 2].place(customer, replace(request, from_cart=True))
        except ShopRefused as refusal:
            return refusal.code
        return "placed"

    answers = await asyncio.gather(*(buy(n, customer) for n, customer in enumerate(buyers)))
    assert Counter(answers) == {"placed": 7, "order.sold_out": 17}
    assert await what_was_written(shop) == {(2, 2, 2, 1): 7}
    assert [await shop.stock(one.variant_id) for one in (shirt, mug)] == [2, 0]
    # Who got nothing has the cart still, whole; who bought has none.
    kept = await shop.sql.fetch(
        "select c.user_id, count(*) as lines from cart k join customers c on c.id = k.customer_id"
        " group by c.user_id"
    )
    left = {buyer for buyer, answer in zip(buyers, answers, strict=True) if answer != "placed"}
    assert {row["user_id"]: row["lines"] for row in kept} == dict.fromkeys(left, 2)
    assert await broken(shop) == []


async def test_b04_an_order_whose_payment_cannot_be_written_is_not_there(
    shop: ShopUnderTest,
) -> None:
    shirt = await shop.product(stock=9)
    # No constraint of ours refuses a payment that checkout writes, so one is made up.
    await shop.sql.execute(
        "create function pg_temp.never() returns trigger language plpgsql as"
        " $$ begin raise exception 'never'; end $$"
    )
    await shop.sql.execute(
        "create trigger never before insert on private.payments for each row"
        " when (new.provider = 'upi') execute function pg_temp.never()"
    )
    hub = Checkout(shop.db, TERMS, TOGETHER)
    buyers = [await shop.customer() for _ in range(6)]
    for buyer in buyers:
        await fill_cart(shop, buyer, shirt)
    requests = [
        replace(a_request(shirt, payment_method="upi" if n % 3 == 0 else "cod"), from_cart=True)
        for n in range(6)
    ]
    answers: list[Any] = await asyncio.gather(
        *(hub.place(*attempt) for attempt in zip(buyers, requests, strict=True)),
        return_exceptions=True,
    )
    failed = [n for n, answer in enumerate(answers) if isinstance(answer, Exception)]
    assert failed == [0, 3]
    assert await what_was_written(shop) == {(1, 1, 1, 1): 4}
    assert (await shop.stock(shirt.variant_id), await shop.count("cart")) == (5, 2)
    assert await broken(shop) == []
    # Its key is free: the customer taps again when all is well.
    await shop.sql.execute("drop trigger never on private.payments")
    assert isinstance(await outcome(shop, buyers[0], requests[0]), Order)


async def test_b10_an_expired_hold_an_earlier_order_and_two_buyers_at_once(
    shop: ShopUnderTest,
) -> None:
    """Of six: two are sold, four were held until a moment ago, one is held now; three are free."""
    shirt = await shop.product(stock=6)
    late, holder, *buyers = [await shop.customer() for _ in range(4)]
    two = [a_request(shirt, 2 * PRICE, quantity=2) for _ in range(4)]
    assert isinstance(await outcome(shop, await shop.customer(), two[0]), Order)
    for customer, quantity, lasts in ((late, 4, "-1 second"), (holder, 1, "1 hour")):
        await shop.sql.execute(
            "insert into private.stock_holds (id, variant_id, customer_id, quantity, expires_at)"
            " select gen_random_uuid(), $1, id, $2, now() + $3::text::interval from customers"
            " where user_id = $4",
            shirt.variant_id,
            quantity,
            lasts,
            customer,
        )
    with pytest.raises(ShopRefused) as refused:
        await place_order(shop.db, buyers[0], a_request(shirt, 4 * PRICE, quantity=4))
    assert refused.value.details["available"] == 3
    async with shop.sql.transaction():
        # Both have looked, and see three, before one of them can take any.
        await shop.sql.execute("select from product_stock for update")
        racing = [
            asyncio.create_task(outcome(shop, buyer, request))
            for buyer, request in zip(buyers, two[1:3], strict=True)
        ]
        await shop.until_waiting(2)
    answers = await asyncio.gather(*racing)
    assert sorted(isinstance(answer, Order) for answer in answers) == [False, True]
    assert "order.sold_out" in answers
    # What ran out has no claim, and what is held still is none of what is left.
    assert await outcome(shop, late, two[3]) == "order.sold_out"
    assert isinstance(await outcome(shop, late, a_request(shirt)), Order)
    assert await outcome(shop, buyers[0], a_request(shirt)) == "order.sold_out"
    assert isinstance(await outcome(shop, holder, a_request(shirt)), Order)
    assert await shop.stock(shirt.variant_id) == 0
    assert await what_was_written(shop) == {(1, 2, 2, 1): 2, (1, 1, 1, 1): 2}
    await let_holds_expire(shop)
    await sweep(shop)
    assert await shop.stock(shirt.variant_id) == 0
    assert await broken(shop) == []


async def test_b14_a_cart_that_is_changed_by_many_at_once_has_its_discount_once(
    shop: ShopUnderTest,
) -> None:
    customer = await shop.customer()
    shirt, mug = await shop.product(stock=50), await shop.product("Mug", price="349", stock=50)
    await make_coupon(shop, kind="percent", percent_bp=1000, max_discount_minor=1_000_000, quota=10)

    async def preview() -> coupons.Preview:
        lines = (await cart.cart_of(shop.db, customer, TERMS)).lines
        asked = [Asked(line.variant_id, line.quantity) for line in lines]
        return await coupons.check(shop.db, customer, "DIWALI", asked)

    async def change(n: int) -> coupons.Preview:
        await fill_cart(shop, customer, mug if n % 2 else shirt)
        return await preview()

    await asyncio.gather(*(change(n) for n in range(8)))
    goods = 4 * (PRICE + 34900)
    seen = await preview()
    assert (seen.eligible_minor, seen.discount_minor) == (goods, goods // 10)

    request = a_request(
        shown=goods - seen.discount_minor, lines=[(shirt.variant_id, 4), (mug.variant_id, 4)]
    )
    request = replace(request, coupon_code="DIWALI", from_cart=True)
    tabs = [replace(request, key=uuid.uuid4()) for _ in range(4)]
    answers = await asyncio.gather(*(outcome(shop, customer, tab) for tab in tabs))
    [order] = [answer for answer in answers if isinstance(answer, Order)]
    assert Counter(answer for answer in answers if isinstance(answer, str)) == {
        "order.coupon_used": 3
    }
    assert order.total_minor == goods - goods // 10
    assert sum(item.discount_minor for item in order.items) == order.discount_minor == goods // 10
    uses = await shop.sql.fetch("select discount_minor from private.coupon_redemptions")
    assert [row["discount_minor"] for row in uses] == [goods // 10]
    assert await broken(shop) == []
