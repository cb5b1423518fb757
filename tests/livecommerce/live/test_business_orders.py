"""Who buys for a business gives its GSTIN, and an order never has one that cannot be."""

from __future__ import annotations

from tests.livecommerce.live.hub_process import hub_process, person, token
from tests.livecommerce.live.ordering import buying
from tests.shop.shop_under_test import ShopUnderTest

RIGHT = "27AAPFU0939F1ZV"


async def test_a_mistyped_gstin_makes_no_order_and_a_right_one_is_written_on_it(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    product = await shop.product()
    live = await shop.live_session(influencer, product)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as buyer,
    ):
        order = buying(live, product.variant_id, 129900, buyer_gstin="27AAPFU0939F1ZO")
        refused = await buyer.refusal("order.place", **order)
        assert refused.code == "order.gstin_invalid"
        assert refused.details is not None
        assert refused.details["reason"] == "gst.check_digit"
        # The key is still free: the same order, put right.
        placed = await buyer.call("order.place", **order | {"buyer_gstin": "27 aapfu0939f 1zv"})
    (order_row,) = await shop.sql.fetch("select id::text, buyer_gstin from public.orders")
    assert (order_row["id"], order_row["buyer_gstin"]) == (placed["order"]["id"], RIGHT)
