"""Orders placed on the hub, and what others hear of them."""

from __future__ import annotations

import asyncio

from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.livecommerce.live.ordering import ADDRESS, buying
from tests.shop.shop_under_test import ShopUnderTest


async def test_order_takes_stock_and_everyone_hears_of_it(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    product = await shop.product(stock=2)
    live = await shop.live_session(influencer, product)
    user_id = await shop.customer()
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(user_id)) as buyer,
        person(hub) as viewer,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        for each in (buyer, viewer, host):
            await each.call("session.join", live_session_id=live)
        wish = buying(live, product.variant_id, 129900)
        placed = await buyer.call("order.place", **wish)
        again = await buyer.call("order.place", **wish)
        assert (placed["outcome"], again) == ("placed", placed | {"outcome": "duplicate"})
        order = placed["order"]
        assert (order["total_minor"], order["payment_status"]) == (129900, "pending")
        stock = await viewer.hears("stock.changed")
        assert (stock["variant_id"], stock["stock"]) == (str(product.variant_id), 1)
        assert (await buyer.call("order.get", order_id=order["id"]))["order"] == order
        while not any(
            payload["sales"]["orders"] == 1
            for name, payload in host.heard
            if name == "sales.counted"
        ):
            await asyncio.sleep(0.01)
        assert all(name != "sales.counted" for name, _ in viewer.heard)
        async with person(hub) as newcomer:
            snapshot = await newcomer.call("session.join", live_session_id=live)
            assert snapshot["products"][0]["stock"] == 1


async def test_order_that_cannot_be_is_refused_with_the_new_state(
    shop: ShopUnderTest, redis_url: str
) -> None:
    product = await shop.product(stock=1)
    live = await shop.live_session(await shop.influencer(), product)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as buyer,
    ):
        changed = await buyer.refusal("order.place", **buying(live, product.variant_id, 1))
        assert changed.code == "order.price_changed"
        assert changed.details is not None
        assert changed.details["total_minor"] == 129900
        await buyer.call("order.place", **buying(live, product.variant_id, 129900))
        gone = await buyer.refusal("order.place", **buying(live, product.variant_id, 129900))
        assert gone.code == "order.sold_out"
        assert (await buyer.refusal("order.get", order_id=new_id())).code == "order.not_found"
        bad = buying(live, product.variant_id, 129900, address=ADDRESS | {"postal_code": "1"})
        assert (await buyer.refusal("order.place", **bad)).code == "order.address_invalid"
