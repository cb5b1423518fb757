from uuid import uuid4

from shop.catalogue import (
    LiveSessionSales,
    ProductSales,
    eligible_products,
    live_products,
    live_session_sales,
)
from shop.checkout import place_order
from tests.shop.shop_under_test import ShopUnderTest, a_request


async def test_a_live_session_shows_its_products_in_order(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=[2, 3])
    mug = await shop.product(name="Mug", price="349", mrp="349", stock=0)
    live = await shop.live_session(await shop.influencer(), shirt, mug, special_price="999")
    await shop.sql.execute(
        "update live_session_products set is_featured = true, pinned_at = now()"
        " where product_id = $1",
        mug.id,
    )

    first, second = await live_products(shop.db, live)

    assert (first.id, first.name, first.stock, first.is_pinned) == (
        shirt.id,
        "Linen shirt",
        5,
        False,
    )
    assert (first.price_minor, first.compare_at_minor, first.currency) == (99900, 199900, "INR")
    assert first.image_url == "/images/products/x.webp"
    assert [(v.id, v.label, v.price_minor, v.stock) for v in first.variants] == [
        (shirt.variant_ids[0], "Size 0", 99900, 2),
        (shirt.variant_ids[1], "Size 1", 99900, 3),
    ]
    assert (second.id, second.stock, second.is_pinned) == (mug.id, 0, True)
    assert second.compare_at_minor is None


async def test_the_special_price_is_not_shown_before_the_start(shop: ShopUnderTest) -> None:
    shirt = await shop.product()
    live = await shop.live_session(
        await shop.influencer(), shirt, status="scheduled", special_price="999"
    )
    (shown,) = await live_products(shop.db, live)
    assert shown.price_minor == 129900


async def test_what_is_shown_is_what_is_charged(shop: ShopUnderTest) -> None:
    customer = await shop.customer()
    shirt = await shop.product(stock=[5, 5, 5], variant_prices=[None, "799", "1800"])
    live = await shop.live_session(await shop.influencer(), shirt, special_price="899.99")
    (shown,) = await live_products(shop.db, live)
    assert shown.price_minor == 79900
    for variant in shown.variants:
        request = a_request(
            lines=[(variant.id, 1)], shown=variant.price_minor, live_session_id=live
        )
        assert (await place_order(shop.db, customer, request)).total_minor == variant.price_minor


async def test_a_product_that_is_not_for_sale_is_not_shown(shop: ShopUnderTest) -> None:
    shirt, mug = await shop.product(), await shop.product(name="Mug")
    live = await shop.live_session(await shop.influencer(), shirt, mug)
    await shop.sql.execute("update products set is_active = false where id = $1", shirt.id)
    assert [product.id for product in await live_products(shop.db, live)] == [mug.id]


async def test_an_unknown_live_session_shows_nothing(shop: ShopUnderTest) -> None:
    assert await live_products(shop.db, uuid4()) == ()


async def test_products_are_found_by_a_part_of_their_name(shop: ShopUnderTest) -> None:
    await shop.product(name="Linen shirt")
    mug = await shop.product(name="100% ceramic mug", price="349", mrp="499")
    await shop.sql.execute("update products set is_live_stream_eligible = name <> 'Hidden mug'")
    (found,) = await eligible_products(shop.db, " MUG ")
    assert (found.id, found.price_minor, found.compare_at_minor) == (mug.id, 34900, 49900)
    assert found.wholesaler_name == "Jaipur Cottons"
    # The search is text, not a pattern.
    assert len(await eligible_products(shop.db, "%")) == 1
    assert len(await eligible_products(shop.db)) == 2


async def test_sales_come_from_the_orders(shop: ShopUnderTest) -> None:
    customer, shirt, mug = await shop.customer(), await shop.product(), await shop.product()
    live = await shop.live_session(await shop.influencer(), shirt, mug)
    assert await live_session_sales(shop.db, live) == LiveSessionSales(0, 0, ())
    both = a_request(
        lines=[(shirt.variant_id, 2), (mug.variant_id, 1)],
        shown=3 * 129900,
        live_session_id=live,
    )
    await place_order(shop.db, customer, both)
    await place_order(shop.db, customer, a_request(shirt, live_session_id=live))
    cancelled = await place_order(shop.db, customer, a_request(mug, live_session_id=live))
    await shop.sql.execute("update orders set status = 'cancelled' where id = $1", cancelled.id)
    await place_order(shop.db, customer, a_request(mug))

    sales = await live_session_sales(shop.db, live)

    assert (sales.orders, sales.revenue_minor) == (2, 4 * 129900)
    assert set(sales.products) == {
        ProductSales(shirt.id, 2, 3 * 129900),
        ProductSales(mug.id, 1, 129900),
    }
