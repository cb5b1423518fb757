"""What the pages of the shop call left is what can be had: not what others were promised."""

from typing import Any
from uuid import UUID

from db import ANONYMOUS, Actor
from shop.holds import place_hold
from shop.pages import wishlist
from shop.search import Wanted, find_products, product_for_sale
from shop.wishlist import set_wish
from tests.shop.promises.promises_under_test import a_deal, let_holds_expire
from tests.shop.shop_under_test import Product, ShopUnderTest


async def left(shop: ShopUnderTest, product: Product, actor: Actor = ANONYMOUS) -> list[int]:
    """Pieces of the product, then of each variant, as its page shows them."""
    found = await product_for_sale(shop.db, actor, product.id)
    return [found["stock"], *(variant["stock"] for variant in found["variants"])]


async def cards(shop: ShopUnderTest, **wanted: Any) -> list[dict[str, Any]]:
    found = await find_products(shop.db, ANONYMOUS, Wanted(sort="newest", **wanted), 24)
    return [dict(card) for card in found.products]


async def test_b06_b08_what_is_held_for_one_is_left_for_nobody_else(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=[5, 1]), await shop.customer()
    await place_hold(shop.db, asha, shirt.variant_ids[0], 3, None)
    await place_hold(shop.db, asha, shirt.variant_ids[1], 1, None)

    assert await left(shop, shirt) == [2, 2, 0]
    assert await left(shop, shirt, Actor("customer", await shop.customer())) == [2, 2, 0]
    assert await left(shop, shirt, Actor("customer", asha)) == [6, 5, 1], "her own"
    await let_holds_expire(shop)
    assert await left(shop, shirt) == [6, 5, 1]


async def test_what_a_deal_keeps_for_its_buyers_is_not_left_in_the_shop(
    shop: ShopUnderTest,
) -> None:
    influencer = await shop.influencer()
    shirt = await shop.product(stock=[4, 4])
    live = await shop.live_session(influencer, shirt)
    await a_deal(
        shop, influencer, live, shirt, variant_id=UUID(str(shirt.variant_id)), total_limit=3,
        is_set_aside=True,
    )  # fmt: skip

    assert await left(shop, shirt) == [5, 1, 4]
    one_by_one = [
        await shop.sql.fetchval("select private.available_v1($1, null, null)", variant_id)
        for variant_id in shirt.variant_ids
    ]
    assert one_by_one == [1, 4], "the page and the bag agree"


async def test_a_card_of_what_is_all_held_says_sold_out_and_is_not_among_what_is_in_stock(
    shop: ShopUnderTest,
) -> None:
    shirt, saree = await shop.product(stock=1), await shop.product(stock=2)
    await place_hold(shop.db, await shop.customer(), shirt.variant_id, 1, None)

    shown = {card["id"]: (card["in_stock"], card["stock"]) for card in await cards(shop)}

    assert shown == {str(shirt.id): (False, 0), str(saree.id): (True, 2)}
    assert [card["id"] for card in await cards(shop, in_stock=True)] == [str(saree.id)]


async def test_a_wishlist_shows_what_is_left_and_what_can_be_bought_from_it(
    shop: ShopUnderTest,
) -> None:
    asha = await shop.customer()
    shirt, saree = await shop.product(stock=5), await shop.product(stock=[1, 1])
    for product in (shirt, saree):
        await set_wish(shop.db, asha, product.id, True)
    await place_hold(shop.db, await shop.customer(), shirt.variant_id, 4, None)

    newest, first = (await wishlist(shop.db, Actor("customer", asha))).rows

    assert (newest.product["id"], newest.only_variant_id) == (str(saree.id), None)
    assert (first.product["stock"], first.only_variant_id) == (1, shirt.variant_id)
