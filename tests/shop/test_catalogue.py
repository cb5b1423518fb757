from decimal import Decimal
from uuid import uuid4

from shop.catalogue import (
    LiveSessionSales,
    ProductSales,
    ProductText,
    eligible_products,
    live_products,
    live_session_sales,
)
from tests.shop.shop_under_test import Product, ShopUnderTest, a_request, place_order


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


async def test_products_carry_their_texts_in_the_languages_of_the_pages(
    shop: ShopUnderTest,
) -> None:
    shirt, mug, lamp = [await shop.product(name=name) for name in ("Shirt", "Mug", "Lamp")]
    await translate(shop, shirt, "hi", "शर्ट", "हल्की")
    await translate(shop, shirt, "ta", "சட்டை")
    await translate(shop, mug, "hi-IN", "मग")
    live = await shop.live_session(await shop.influencer(), shirt, mug, lamp)
    shown = await live_products(shop.db, live)
    assert [product.translations for product in shown] == [
        {"hi": ProductText("शर्ट", "हल्की")},
        {"hi": ProductText("मग", None)},
        {},
    ]
    await translate(shop, mug, "hi", "प्याला")
    assert (await live_products(shop.db, live))[1].translations["hi"].name == "प्याला"


async def translate(
    shop: ShopUnderTest, product: Product, locale: str, name: str, short: str | None = None
) -> None:
    await shop.sql.execute(
        "insert into product_translations (product_id, locale, name, short_description)"
        " values ($1, $2, $3, $4)",
        product.id,
        locale,
        name,
        short,
    )


async def test_an_unknown_live_session_shows_nothing(shop: ShopUnderTest) -> None:
    assert await live_products(shop.db, uuid4()) == ()


async def test_products_are_found_by_a_part_of_their_name(shop: ShopUnderTest) -> None:
    await shop.product(name="Linen shirt")
    mug = await shop.product(name="100% ceramic mug", price="349", mrp="499")
    await shop.sql.execute("update products set is_live_stream_eligible = name <> 'Hidden mug'")
    asking = (await shop.influencer()).user_id
    (found,) = await eligible_products(shop.db, asking, " MUG ")
    assert (found.id, found.price_minor, found.compare_at_minor) == (mug.id, 34900, 49900)
    assert found.wholesaler_name == "Jaipur Cottons"
    # The search is text, not a pattern.
    assert [p.id for p in await eligible_products(shop.db, asking, "00% c")] == [mug.id]
    assert await eligible_products(shop.db, asking, "%") == ()
    assert len(await eligible_products(shop.db, asking)) == 2


async def test_products_are_found_by_their_name_in_another_language(shop: ShopUnderTest) -> None:
    await shop.product(name="Linen shirt")
    sandals = await shop.product(name="Leather sandals")
    hidden = await shop.product(name="Old sandals")
    await shop.sql.execute("update products set is_active = false where id = $1", hidden.id)
    for product in (sandals, hidden):
        await translate(shop, product, "hi", "चमड़े की सैंडल, ROZ के लिए")
    asking = (await shop.influencer()).user_id
    # Parts of words, several words, any case, one letter written as two signs, and too short a word
    # for an index of trigrams, which begins the name.
    for search in ("सैंडल", "ंडल  चमड़े", "roz", "चम\u095cे", "चम"):
        assert [p.id for p in await eligible_products(shop.db, asking, search)] == [sandals.id]
    for search in ("सैंडल कुर्ता", "की_सैंडल", "डल"):
        assert await eligible_products(shop.db, asking, search) == ()
    (found,) = await eligible_products(shop.db, asking, "Leather")
    assert found.translations["hi"].name == "चमड़े की सैंडल, ROZ के लिए"


async def test_sales_come_from_the_orders(shop: ShopUnderTest) -> None:
    customer, shirt, mug = await shop.customer(), await shop.product(), await shop.product()
    live = await shop.live_session(await shop.influencer(), shirt, mug)
    assert await live_session_sales(shop.db, live) == LiveSessionSales(0, 0, 0, ())
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

    assert (sales.orders, sales.revenue_minor, sales.paid_minor) == (2, 4 * 129900, 0)
    assert set(sales.products) == {
        ProductSales(shirt.id, 2, 3 * 129900),
        ProductSales(mug.id, 1, 129900),
    }


async def test_sales_are_what_customers_pay_and_what_of_it_is_paid(shop: ShopUnderTest) -> None:
    customer, shirt, mug = await shop.customer(), await shop.product(), await shop.product()
    live = await shop.live_session(await shop.influencer(), shirt, mug)
    paid = await place_order(
        shop.db, customer, a_request(shirt, quantity=2, shown=2 * 129900, live_session_id=live)
    )
    await place_order(shop.db, customer, a_request(mug, live_session_id=live))
    await shop.sql.execute("update order_items set discount = 99.90 where order_id = $1", paid.id)
    await shop.sql.execute(
        "update private.order_item_splits set paid_minor = paid_minor - 9990,"
        " discount_minor = 9990, base_minor = base_minor - 9990,"
        " wholesaler_minor = wholesaler_minor - 9990 where order_id = $1",
        paid.id,
    )
    sales = await live_session_sales(shop.db, live)
    assert (sales.revenue_minor, sales.paid_minor) == (3 * 129900 - 9990, 0)

    payment_id = await shop.sql.fetchval(
        "update private.payments set status = 'collected' where order_id = $1 returning id",
        paid.id,
    )
    await shop.sql.execute("select private.ledger_cod_collected_v1($1, null)", payment_id)
    sales = await live_session_sales(shop.db, live)
    assert (sales.revenue_minor, sales.paid_minor) == (3 * 129900 - 9990, 2 * 129900 - 9990)

    await shop.sql.execute(
        "update private.ledger_lines set refunded_quantity = 1, refunded_minor = 124905"
        " where order_id = $1",
        paid.id,
    )
    await shop.sql.execute("update order_items set quantity_cancelled = 1 where discount = 0")
    sales = await live_session_sales(shop.db, live)
    assert (sales.orders, sales.revenue_minor) == (1, 2 * 129900 - 9990)
    assert sales.paid_minor == 124905


async def test_the_periods_of_a_live_session_follow_its_orders(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    live = await shop.live_session(await shop.influencer(), shirt)
    order = await place_order(shop.db, customer, a_request(shirt, live_session_id=live))
    periods = "select period_type, orders_placed, revenue_generated from live_session_analytics"

    await shop.sql.execute("select private.refresh_live_session_v1($1)", live)
    sold = {tuple(row) for row in await shop.sql.fetch(periods)}
    assert sold == {(period, 1, Decimal(1299)) for period in ("minute", "hour", "day")}

    await shop.sql.execute("update orders set status = 'cancelled' where id = $1", order.id)
    await shop.sql.execute("select private.refresh_live_session_v1($1)", live)
    sold = {tuple(row) for row in await shop.sql.fetch(periods)}
    assert sold == {(period, 0, 0) for period in ("minute", "hour", "day")}
