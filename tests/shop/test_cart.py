"""The cart: one on every device, priced anew at every look, honest about what has changed."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shop import cart
from shop.cart import Cart, CartLine, Wish
from shop.checkout import ShopTerms
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import Product, ShopUnderTest

TERMS = ShopTerms(max_quantity=10, shipping_minor=4900)


async def added(
    shop: ShopUnderTest,
    user_id: UUID,
    product: Product,
    quantity: int = 1,
    live: UUID | None = None,
    change_id: UUID | None = None,
) -> Cart:
    wish = Wish(product.variant_id, quantity, live)
    return await cart.add(shop.db, user_id, change_id or uuid.uuid4(), wish, TERMS)


async def line_of(shop: ShopUnderTest, user_id: UUID) -> CartLine:
    (line,) = (await cart.cart_of(shop.db, user_id, TERMS)).lines
    return line


async def deal(shop: ShopUnderTest, live: UUID, product: Product, price: int, **more: Any) -> UUID:
    values = {"ends_at": datetime.now(UTC) + timedelta(minutes=5)} | more
    columns = "".join(f", {name}" for name in values)
    places = "".join(f", ${i}" for i, _ in enumerate(values, start=4))
    deal_id: UUID = await shop.sql.fetchval(
        f"insert into private.deals (live_session_id, product_id, price{columns})"
        f" values ($1, $2, $3{places}) returning id",
        live,
        product.id,
        price,
        *values.values(),
    )
    return deal_id


async def test_a_cart_is_priced_by_the_server_with_shipping_in_the_total(
    shop: ShopUnderTest,
) -> None:
    customer = await shop.customer()
    product = await shop.product(price="1299", stock=5)
    put = await added(shop, customer, product, 2)
    assert (put.subtotal_minor, put.shipping_minor, put.total_minor) == (259800, 4900, 264700)
    (line,) = put.lines
    assert (line.quantity, line.can_order, line.unit_price_minor, line.mrp_minor) == (
        2,
        2,
        129900,
        199900,
    )
    assert line.changes == () and line.wholesaler_name == "Jaipur Cottons"
    assert put == await cart.cart_of(shop.db, customer, TERMS)


async def test_an_empty_cart_costs_nothing(shop: ShopUnderTest) -> None:
    empty = await cart.cart_of(shop.db, await shop.customer(), TERMS)
    assert (empty.lines, empty.total_minor) == ((), 0)


async def test_an_addition_that_is_sent_twice_adds_once(shop: ShopUnderTest) -> None:
    customer, product, change = await shop.customer(), await shop.product(), uuid.uuid4()
    await asyncio.gather(*(added(shop, customer, product, 2, change_id=change) for _ in range(4)))
    assert (await line_of(shop, customer)).quantity == 2


async def test_additions_of_many_devices_at_once_all_count_up_to_the_most(
    shop: ShopUnderTest,
) -> None:
    customer, product = await shop.customer(), await shop.product(stock=50)
    await asyncio.gather(*(added(shop, customer, product, 1) for _ in range(8)))
    assert (await line_of(shop, customer)).quantity == 8
    await added(shop, customer, product, 9)
    assert (await line_of(shop, customer)).quantity == TERMS.max_quantity


async def test_a_quantity_is_set_and_zero_takes_the_line_away(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    await added(shop, customer, product, 4)
    put = await cart.update(shop.db, customer, product.variant_id, 2, TERMS)
    assert put.lines[0].quantity == 2
    put = await cart.update(shop.db, customer, product.variant_id, 0, TERMS)
    assert put.lines == ()


@pytest.mark.parametrize("quantity", [-1, 11])
async def test_a_quantity_beyond_the_bounds_is_refused(shop: ShopUnderTest, quantity: int) -> None:
    customer, product = await shop.customer(), await shop.product()
    with pytest.raises(ShopRefused) as refused:
        await cart.update(shop.db, customer, product.variant_id, quantity, TERMS)
    assert refused.value.code == "cart.quantity_invalid" and refused.value.details["max"] == 10


async def test_what_is_not_for_sale_is_refused_and_may_be_added_later(shop: ShopUnderTest) -> None:
    customer, product, change = await shop.customer(), await shop.product(), uuid.uuid4()
    await shop.sql.execute("update products set is_active = false")
    with pytest.raises(ShopRefused) as refused:
        await added(shop, customer, product, change_id=change)
    assert refused.value.code == "cart.product_unavailable"
    await shop.sql.execute("update products set is_active = true")
    assert (await added(shop, customer, product, change_id=change)).pieces == 1


async def test_only_customers_have_a_cart(shop: ShopUnderTest) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    for doing in (
        added(shop, influencer.user_id, product),
        cart.cart_of(shop.db, influencer.user_id, TERMS),
    ):
        with pytest.raises(ShopRefused) as refused:
            await doing
        assert refused.value.code == "cart.not_customer"


async def test_a_cart_holds_a_hundred_lines(shop: ShopUnderTest) -> None:
    customer, one_more = await shop.customer(), await shop.product()
    many = await shop.product(stock=[1] * 100)
    wishes = [Wish(variant_id, 1) for variant_id in many.variant_ids]
    await cart.merge(shop.db, customer, uuid.uuid4(), wishes, TERMS)
    with pytest.raises(ShopRefused) as refused:
        await added(shop, customer, one_more)
    assert refused.value.code == "cart.full"
    await cart.remove(shop.db, customer, [many.variant_id], TERMS)
    assert (await added(shop, customer, one_more)).pieces == 100


# ---------------------------------------------------------------------------- what has changed


async def test_a_changed_price_is_shown_beside_the_one_of_before(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product(price="1299")
    await added(shop, customer, product)
    await shop.sql.execute("update products set sale_price = 1399")
    line = await line_of(shop, customer)
    assert (line.unit_price_minor, line.was_minor, line.changes) == (
        139900,
        129900,
        ("price_changed",),
    )
    await cart.update(shop.db, customer, product.variant_id, 2, TERMS)
    assert (await line_of(shop, customer)).changes == ()


async def test_too_few_left_orders_what_there_is_and_says_so(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product(stock=5, price="100")
    await added(shop, customer, product, 4)
    await shop.sql.execute("update product_stock set on_hand = 3")
    found = await cart.cart_of(shop.db, customer, TERMS)
    line = found.lines[0]
    assert (line.quantity, line.can_order, line.changes) == (4, 3, ("few_left",))
    assert found.subtotal_minor == 30000
    await shop.sql.execute("update product_stock set on_hand = 0")
    found = await cart.cart_of(shop.db, customer, TERMS)
    assert (found.lines[0].can_order, found.lines[0].changes) == (0, ("sold_out",))
    assert found.total_minor == 0


async def test_what_is_no_longer_for_sale_stays_with_the_reason(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    await added(shop, customer, product)
    await shop.sql.execute("update products set is_active = false")
    line = await line_of(shop, customer)
    assert (line.can_order, line.changes) == (0, ("not_for_sale",))
    assert (await cart.remove(shop.db, customer, [product.variant_id], TERMS)).lines == ()


async def test_b32_a_deal_that_is_over_says_so_by_the_clock_of_the_database(
    shop: ShopUnderTest,
) -> None:
    customer, product = await shop.customer(), await shop.product(price="1299")
    live = await shop.live_session(await shop.influencer(), product)
    deal_id = await deal(shop, live, product, 999, customer_limit=3)
    put = await added(shop, customer, product, live=live)
    line = put.lines[0]
    assert (line.unit_price_minor, line.changes) == (99900, ())
    assert line.deal is not None and (line.deal.id, line.deal.customer_limit) == (deal_id, 3)
    await shop.sql.execute(
        "update private.deals set starts_at = now() - interval '2 hours',"
        " ends_at = now() - interval '1 second'"
    )
    line = await line_of(shop, customer)
    assert (line.unit_price_minor, line.was_minor, line.changes, line.deal) == (
        129900,
        99900,
        ("deal_over",),
        None,
    )


async def test_more_than_a_deal_allows_counts_what_it_allows(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    await deal(shop, live, product, 999, customer_limit=2)
    line = (await added(shop, customer, product, 3, live)).lines[0]
    assert (line.can_order, line.changes) == (2, ("over_limit",))


# ---------------------------------------------------------------------------- holds and touches


async def test_in_a_live_session_that_holds_the_pieces_are_promised_until_they_go(
    shop: ShopUnderTest,
) -> None:
    customer, other, product = (
        await shop.customer(),
        await shop.customer(),
        await shop.product(stock=3),
    )
    live = await shop.live_session(await shop.influencer(), product)
    line = (await added(shop, customer, product, 2, live)).lines[0]
    assert line.hold_until_ms is not None and line.available == 3
    theirs = (await added(shop, other, product, 3)).lines[0]
    assert (theirs.available, theirs.changes) == (1, ("few_left",))

    await cart.update(shop.db, customer, product.variant_id, 1, TERMS)
    assert (await line_of(shop, other)).available == 2
    await cart.remove(shop.db, customer, [product.variant_id], TERMS)
    assert (await line_of(shop, other)).available == 3


async def test_first_paid_first_served_promises_nothing(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    await shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")
    line = (await added(shop, customer, product, 1, live)).lines[0]
    assert line.hold_until_ms is None
    assert await shop.count("private.stock_holds") == 0


async def test_b08_a_hold_that_ran_out_is_ignored_though_its_row_is_there(
    shop: ShopUnderTest,
) -> None:
    customer, other, product = (
        await shop.customer(),
        await shop.customer(),
        await shop.product(stock=1),
    )
    live = await shop.live_session(await shop.influencer(), product)
    await added(shop, customer, product, 1, live)
    await shop.sql.execute("update private.stock_holds set expires_at = now() - interval '1 s'")
    assert (await added(shop, other, product)).lines[0].available == 1
    assert (await line_of(shop, customer)).hold_until_ms is None


async def test_a_line_carries_the_last_live_session_that_put_it_there(
    shop: ShopUnderTest,
) -> None:
    customer, product = await shop.customer(), await shop.product()
    first = await shop.live_session(await shop.influencer(), product)
    second = await shop.live_session(await shop.influencer(), product)
    await added(shop, customer, product, live=first)
    await shop.sql.execute("update cart set touched_at = now() - interval '1 hour'")
    assert (await line_of(shop, customer)).live_session_id == first
    # From a page of the shop: the live session still earns.
    await added(shop, customer, product)
    assert (await line_of(shop, customer)).live_session_id == first
    await added(shop, customer, product, live=second)
    row = await shop.row(
        "select live_session_id, touched_at > now() - interval '1 minute' as now from cart"
    )
    assert row == {"live_session_id": second, "now": True}


async def test_a_live_session_that_does_not_show_the_product_is_no_touch(
    shop: ShopUnderTest,
) -> None:
    customer, product = await shop.customer(), await shop.product()
    live = await shop.live_session(await shop.influencer(), await shop.product("Kurta"))
    line = (await added(shop, customer, product, live=live)).lines[0]
    assert line.live_session_id is None
    assert (await shop.row("select touched_at from cart"))["touched_at"] is None


# ---------------------------------------------------------------------------- merging


async def test_a_cart_of_before_the_log_in_is_summed_into_the_one_that_is_there(
    shop: ShopUnderTest,
) -> None:
    customer, shirt, kurta = (
        await shop.customer(),
        await shop.product(),
        await shop.product("Kurta"),
    )
    live = await shop.live_session(await shop.influencer(), shirt)
    await added(shop, customer, shirt, 8)
    before, change = datetime.now(UTC) - timedelta(hours=2), uuid.uuid4()
    wishes = [
        Wish(shirt.variant_id, 5, live, before),
        Wish(kurta.variant_id, 2),
        Wish(uuid.uuid4(), 1),
    ]
    await cart.merge(shop.db, customer, change, wishes, TERMS)
    merged = await cart.merge(shop.db, customer, change, wishes, TERMS)
    assert [(line.name, line.quantity) for line in merged.lines] == [
        ("Linen shirt", 10),
        ("Kurta", 2),
    ]
    row = await shop.row("select touched_at from cart where live_session_id is not null")
    assert row["touched_at"] == before


async def test_a_touch_from_the_future_counts_from_now(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    later = datetime.now(UTC) + timedelta(days=90)
    wish = Wish(product.variant_id, 1, live, later)
    await cart.merge(shop.db, customer, uuid.uuid4(), [wish], TERMS)
    row = await shop.row("select touched_at <= now() as sane from cart")
    assert row["sane"] is True


async def test_merging_leaves_out_what_is_not_for_sale_and_what_does_not_fit(
    shop: ShopUnderTest,
) -> None:
    customer, many = await shop.customer(), await shop.product(stock=[1] * 101)
    gone = await shop.product("Kurta")
    await shop.sql.execute("update products set is_active = false where id = $1", gone.id)
    wishes = [Wish(gone.variant_id, 1), *(Wish(id_, 1) for id_ in many.variant_ids)]
    merged = await cart.merge(shop.db, customer, uuid.uuid4(), wishes, TERMS)
    assert len(merged.lines) == cart.MAX_LINES
    assert all(line.product_id == many.id for line in merged.lines)


# ---------------------------------------------------------------------------- clicks


async def test_clicks_of_customers_are_kept_newest_first_by_kind(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, product)
    over = await shop.live_session(await shop.influencer(), product, status="ended")
    now = datetime.now(UTC)
    await cart.note_touches(
        shop.db,
        [
            (customer, product.id, live, now - timedelta(minutes=1)),
            (customer, product.id, live, now - timedelta(minutes=3)),
            (customer, product.id, over, now - timedelta(minutes=2)),
            (influencer.user_id, product.id, live, now),
        ],
    )
    await cart.note_touches(shop.db, [(customer, product.id, live, now - timedelta(minutes=9))])
    rows = await shop.sql.fetch(
        "select kind, live_session_id, touched_at from private.touches order by kind"
    )
    assert [tuple(row) for row in rows] == [
        ("live", live, now - timedelta(minutes=1)),
        ("replay", over, now - timedelta(minutes=2)),
    ]
