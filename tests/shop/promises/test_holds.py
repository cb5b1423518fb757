import asyncio
from uuid import UUID

import pytest

from shop.holds import Promised, holds_of_customer, place_hold, release_hold
from shop.refusal import ShopRefused
from tests.shop.promises.promises_under_test import buy, let_holds_expire, sweep, told
from tests.shop.shop_under_test import Product, ShopUnderTest, a_request, place_order

PRICE = 129900


async def hold(
    shop: ShopUnderTest, user_id: UUID, product: Product, quantity: int = 1, **more: UUID
) -> Promised:
    return await place_hold(
        shop.db, user_id, product.variant_id, quantity, more.get("live_session_id")
    )


async def refusal_of(work: object) -> ShopRefused:
    with pytest.raises(ShopRefused) as refused:
        await work  # type: ignore[misc]
    return refused.value


async def test_what_is_held_for_one_cannot_be_bought_by_another(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=1)
    await hold(shop, await shop.customer(), shirt)

    refused = await refusal_of(buy(shop, await shop.customer(), shirt, PRICE))

    assert refused.code == "order.sold_out"
    assert refused.details["available"] == 0
    assert await shop.stock(shirt.variant_id) == 1


async def test_b06_ones_own_hold_never_stands_in_ones_way(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=2), await shop.customer()
    await hold(shop, asha, shirt, 2)

    order = await buy(shop, asha, shirt, 2 * PRICE, quantity=2)

    assert order.items[0].quantity == 2
    assert await shop.stock(shirt.variant_id) == 0
    assert await shop.count("private.stock_holds") == 0


async def test_what_is_left_of_a_hold_after_buying_stays_held(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    await hold(shop, asha, shirt, 3)

    await buy(shop, asha, shirt, 2 * PRICE, quantity=2)

    assert await shop.sql.fetchval("select quantity from private.stock_holds") == 1
    assert (await refusal_of(buy(shop, await shop.customer(), shirt, PRICE))).code == (
        "order.sold_out"
    )


async def test_an_order_that_waits_for_its_money_keeps_the_hold_until_it_is_paid(
    shop: ShopUnderTest,
) -> None:
    shirt, asha = await shop.product(stock=1), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    await hold(shop, asha, shirt)
    await shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")

    request = a_request(shirt, PRICE, payment_method="test", live_session_id=live)
    order = await place_order(shop.db, asha, request)
    refused = await refusal_of(buy(shop, await shop.customer(), shirt, PRICE))
    took = await shop.sql.fetchval("select private.take_stock_of_order_v1($1)", order.id)

    assert refused.code == "order.sold_out"
    assert took
    assert await shop.stock(shirt.variant_id) == 0
    assert await shop.count("private.stock_holds") == 0


async def test_b06_ones_own_hold_leaves_room_for_holding_more(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    await hold(shop, asha, shirt, 2)

    more = await hold(shop, asha, shirt, 3)

    assert (more.hold.quantity, more.missing) == (3, 0)


async def test_b08_an_expired_hold_counts_for_nothing_though_nobody_swept(
    shop: ShopUnderTest,
) -> None:
    shirt = await shop.product(stock=1)
    await hold(shop, await shop.customer(), shirt)
    await let_holds_expire(shop)

    other = await shop.customer()
    held = await hold(shop, other, shirt)
    await buy(shop, other, shirt, PRICE)

    assert held.hold.quantity == 1
    assert await shop.stock(shirt.variant_id) == 0


async def test_a_hold_takes_what_there_is_and_says_what_is_missing(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=3)
    await hold(shop, await shop.customer(), shirt, 1)

    promised = await hold(shop, await shop.customer(), shirt, 5)

    assert (promised.hold.quantity, promised.missing) == (2, 3)


async def test_nothing_is_held_of_what_is_sold_out(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=1)
    await hold(shop, await shop.customer(), shirt)

    refused = await refusal_of(hold(shop, await shop.customer(), shirt))

    assert (refused.code, refused.details["available"]) == ("order.sold_out", 0)
    assert await shop.count("private.stock_holds") == 1


async def test_a_quantity_is_of_all_and_not_in_addition(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=9), await shop.customer()
    await hold(shop, asha, shirt, 4)

    less = await hold(shop, asha, shirt, 1)

    assert less.hold.quantity == 1
    assert (await hold(shop, await shop.customer(), shirt, 9)).hold.quantity == 8


async def test_asking_again_goes_on_but_not_for_ever(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=9), await shop.customer()
    await hold(shop, asha, shirt)
    await shop.sql.execute(
        "update private.stock_holds set created_at = now() - interval '25 minutes',"
        " expires_at = now() + interval '1 minute'"
    )

    await hold(shop, asha, shirt)

    left_s = await shop.sql.fetchval(
        "select extract(epoch from expires_at - now())::integer from private.stock_holds"
    )
    assert 290 <= left_s <= 300  # half an hour after it began, and not ten minutes from now


async def test_an_expired_hold_begins_anew(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=9), await shop.customer()
    await hold(shop, asha, shirt, 3)
    await shop.sql.execute(
        "update private.stock_holds set created_at = now() - interval '1 hour',"
        " expires_at = now() - interval '1 minute'"
    )

    promised = await hold(shop, asha, shirt, 1)

    left_s = await shop.sql.fetchval(
        "select extract(epoch from expires_at - now())::integer from private.stock_holds"
    )
    assert promised.hold.quantity == 1
    assert 590 <= left_s <= 600


async def test_where_whoever_pays_first_is_served_nothing_is_held(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=1)
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")

    refused = await refusal_of(hold(shop, await shop.customer(), shirt, live_session_id=live))

    assert refused.code == "hold.first_paid"
    assert refused.details["available"] == 1
    assert await shop.count("private.stock_holds") == 0


async def test_the_policy_of_a_buyer_outdoes_that_of_the_live_session(
    shop: ShopUnderTest,
) -> None:
    shirt, hoarder = await shop.product(stock=1), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.sql.execute(
        "update customers set hold_policy = 'first_paid' where user_id = $1", hoarder
    )

    refused = await refusal_of(hold(shop, hoarder, shirt, live_session_id=live))

    assert refused.code == "hold.first_paid"


async def test_staff_hold_whatever_the_policy_is(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=1), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")

    promised = await place_hold(shop.db, asha, shirt.variant_id, 1, live, "staff")

    assert promised.hold.quantity == 1


async def test_the_live_session_says_for_how_long(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=1), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.sql.execute("update live_sessions set hold_ttl_s = 120")

    await hold(shop, asha, shirt, live_session_id=live)

    left_s = await shop.sql.fetchval(
        "select extract(epoch from expires_at - now())::integer from private.stock_holds"
    )
    assert 110 <= left_s <= 120


async def test_what_is_not_for_sale_is_not_held(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=1)
    await shop.sql.execute("update products set is_active = false")

    refused = await refusal_of(hold(shop, await shop.customer(), shirt))

    assert refused.code == "order.product_unavailable"


async def test_only_customers_hold(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=1)

    refused = await refusal_of(hold(shop, await shop.user("admin"), shirt))

    assert refused.code == "order.not_customer"


async def test_as_many_are_held_as_there_are_when_many_ask_at_once(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=5)
    customers = [await shop.customer() for _ in range(25)]

    answers = await asyncio.gather(
        *(hold(shop, customer, shirt) for customer in customers), return_exceptions=True
    )

    held = [answer for answer in answers if isinstance(answer, Promised)]
    refused = [answer for answer in answers if isinstance(answer, ShopRefused)]
    assert (len(held), len(refused)) == (5, 20)
    assert await shop.sql.fetchval("select sum(quantity) from private.stock_holds") == 5


async def test_two_tabs_of_one_customer_share_one_hold(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=5), await shop.customer()

    await asyncio.gather(*(hold(shop, asha, shirt, 2) for _ in range(8)))

    rows = await shop.sql.fetch("select quantity from private.stock_holds")
    assert [row["quantity"] for row in rows] == [2]


async def test_holders_and_buyers_in_a_rush_never_sell_a_piece_twice(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=6)
    customers = [await shop.customer() for _ in range(24)]

    async def hold_and_buy(user_id: UUID) -> None:
        await hold(shop, user_id, shirt)
        await buy(shop, user_id, shirt, PRICE)

    answers = await asyncio.gather(
        *(hold_and_buy(customer) for customer in customers[:12]),
        *(buy(shop, customer, shirt, PRICE) for customer in customers[12:]),
        return_exceptions=True,
    )

    bought = sum(not isinstance(answer, BaseException) for answer in answers)
    assert all(isinstance(a, ShopRefused) for a in answers if isinstance(a, BaseException))
    assert bought + await shop.stock(shirt.variant_id) == 6
    assert await shop.count("orders") == bought
    assert await shop.count("private.stock_holds") == 0


async def test_b07_a_hold_is_given_back_exactly_once(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    await hold(shop, asha, shirt, 3)

    released = await asyncio.gather(
        *(release_hold(shop.db, asha, shirt.variant_id) for _ in range(10))
    )

    assert sorted(released) == [0] * 9 + [3]
    assert await shop.stock(shirt.variant_id) == 3
    assert (await hold(shop, await shop.customer(), shirt, 3)).missing == 0


async def test_b07_released_bought_and_swept_at_once_a_hold_ends_once(
    shop: ShopUnderTest,
) -> None:
    shirt, asha = await shop.product(stock=2), await shop.customer()
    for _ in range(5):
        await hold(shop, asha, shirt, 1)
        await shop.sql.execute("update product_stock set on_hand = 2")
        await asyncio.gather(
            buy(shop, asha, shirt, PRICE),
            release_hold(shop.db, asha, shirt.variant_id),
            release_hold(shop.db, asha, shirt.variant_id),
        )
        assert await shop.stock(shirt.variant_id) == 1
        assert await shop.count("private.stock_holds") == 0


async def test_an_expired_hold_gives_nothing_back(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    await hold(shop, asha, shirt, 3)
    await let_holds_expire(shop)

    assert await release_hold(shop.db, asha, shirt.variant_id) == 0


async def test_the_sweep_takes_what_is_over_and_leaves_the_rest(shop: ShopUnderTest) -> None:
    shirt, mug = await shop.product(stock=3), await shop.product("Mug", stock=3)
    asha = await shop.customer()
    await hold(shop, asha, shirt)
    await let_holds_expire(shop)
    await hold(shop, asha, mug)

    assert await sweep(shop) == 1
    assert await sweep(shop) == 0
    assert await shop.sql.fetchval("select variant_id from private.stock_holds") == mug.variant_id


async def test_a_customer_finds_his_holds_of_a_live_session(shop: ShopUnderTest) -> None:
    shirt, mug = await shop.product(stock=3), await shop.product("Mug", stock=3)
    live = await shop.live_session(await shop.influencer(), shirt)
    asha = await shop.customer()
    await hold(shop, asha, shirt, 2, live_session_id=live)
    await hold(shop, asha, mug)

    (found,) = await holds_of_customer(shop.db, asha, live)

    assert (found.variant_id, found.quantity, found.waiting) == (shirt.variant_id, 2, 0)
    assert await holds_of_customer(shop.db, await shop.customer(), live) == ()


async def test_the_room_hears_what_is_left_and_the_customer_what_is_his(
    shop: ShopUnderTest,
) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.live_session(await shop.influencer(), shirt, status="scheduled")
    await shop.sql.execute("delete from private.availability_changes")
    await hold(shop, asha, shirt, 2, live_session_id=live)

    assert await shop.sql.fetchval("select private.tell_availability_v1(100)") == 1
    assert await shop.sql.fetchval("select private.tell_availability_v1(100)") == 0

    assert await told(shop, "stock.changed") == [
        {"product_id": str(shirt.id), "variant_id": str(shirt.variant_id), "stock": 1, "in": live}
    ]
    (changed,) = await told(shop, "hold.changed")
    assert changed["user_id"] == str(asha)
    assert changed["hold"]["quantity"] == 2


async def test_the_room_hears_of_stock_that_comes_back(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=3)
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.sql.execute("delete from private.availability_changes")

    await shop.sql.execute("update product_stock set on_hand = 8")
    await shop.sql.execute("select private.tell_availability_v1(100)")

    assert [(fact["in"], fact["stock"]) for fact in await told(shop, "stock.changed")] == [
        (live, 8)
    ]
