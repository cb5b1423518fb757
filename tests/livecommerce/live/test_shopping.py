"""The bag over Socket.IO, ordering what is in it, and the clicks that are remembered."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from db import DatabaseUnavailable
from livecommerce.live.shopping import Touches
from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.livecommerce.live.ordering import ADDRESS
from tests.shop.shop_under_test import ShopUnderTest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_a_bag_filled_in_a_live_session_is_ordered_with_a_coupon_and_earns_there(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, product = await shop.influencer(), await shop.product(price="1000", stock=5)
    live = await shop.live_session(influencer, product)
    await shop.sql.execute(
        "insert into private.coupons (code, title, kind, amount_minor, funded_by)"
        " values ('DIWALI', 'Diwali', 'fixed', 15000, 'platform')"
    )
    variant = str(product.variant_id)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as buyer,
    ):
        add = {"id": new_id(), "variant_id": variant, "quantity": 2, "live_session_id": str(live)}
        put = await buyer.call("cart.add", **add)
        assert (await buyer.call("cart.add", **add))["cart"]["pieces"] == 2
        (line,) = put["cart"]["lines"]
        assert line["quantity"] == 2 and line["hold_until_ms"] is not None
        lines = [{"variant_id": variant, "quantity": 2, "live_session_id": str(live)}]
        off = await buyer.call("coupon.check", code="diwali", lines=lines)
        assert off["discount_minor"] == 15_000
        placed = await buyer.call(
            "order.place",
            id=new_id(),
            items=lines,
            address=ADDRESS,
            payment_method="cod",
            shown_total_minor=185_000,
            coupon_code="DIWALI",
            from_cart=True,
        )
        assert placed["order"]["discount_minor"] == 15_000
        assert (await buyer.call("cart.get"))["cart"]["lines"] == []
    sold = await shop.row("select live_session_id, attribution_kind from order_items")
    assert sold == {"live_session_id": live, "attribution_kind": "in_session"}
    assert await shop.count("private.stock_holds") == 0


async def test_a_bag_is_changed_emptied_and_merged(shop: ShopUnderTest, redis_url: str) -> None:
    product = await shop.product()
    variant = str(product.variant_id)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as buyer,
        person(hub) as anonymous,
        person(hub, token((await shop.influencer()).user_id, "influencer")) as host,
    ):
        merge = {"id": new_id(), "lines": [{"variant_id": variant, "quantity": 3}]}
        await buyer.call("cart.merge", **merge)
        merged = await buyer.call("cart.merge", **merge)
        assert merged["cart"]["pieces"] == 3
        changed = await buyer.call("cart.update", variant_id=variant, quantity=1)
        assert changed["cart"]["pieces"] == 1
        assert (await buyer.refusal("cart.update", variant_id=variant, quantity=11)).code == (
            "cart.quantity_invalid"
        )
        emptied = await buyer.call("cart.remove", variant_ids=[variant])
        assert emptied["cart"]["lines"] == []
        assert (await anonymous.refusal("cart.get")).code == "auth.required"
        assert (await host.refusal("cart.get")).code == "auth.forbidden"
        unknown = {"code": "NOPE", "lines": [{"variant_id": variant, "quantity": 1}]}
        assert (await buyer.refusal("coupon.check", **unknown)).code == "order.coupon_unknown"


async def test_the_click_of_a_customer_is_remembered_and_no_other(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as buyer,
        person(hub) as anonymous,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        for each in (anonymous, host, buyer):
            await each.call("session.join", live_session_id=live)
            await each.call(
                "product.click", live_session_id=live, product_id=product.id, id=new_id()
            )
        while await shop.count("private.touches") < 1:
            await asyncio.sleep(0.01)
    touch = await shop.row("select kind, live_session_id, product_id from private.touches")
    assert touch == {"kind": "live", "live_session_id": live, "product_id": product.id}


class Away:
    """A database that cannot be reached, until it can."""

    def __init__(self) -> None:
        self.written: list[int] = []
        self.is_away = True

    def acting_as(self, actor: object) -> "Away":
        return self

    async def one(self, query: object, users: list[UUID], *rest: object) -> int:
        if self.is_away:
            raise DatabaseUnavailable("away")
        self.written.append(len(users))
        return len(users)


async def test_clicks_wait_for_a_database_that_is_away_each_once_and_bounded() -> None:
    away: Any = Away()
    touches = Touches(away, lambda: NOW)
    customer, live = uuid4(), uuid4()
    for _ in range(3):
        touches.note(customer, UUID(int=1), live)
    await touches.flush()
    touches.note(customer, UUID(int=2), live)
    away.is_away = False
    await touches.flush()
    await touches.flush()
    assert away.written == [2]
    for i in range(20_500):
        touches.note(customer, UUID(int=i), live)
    await touches.flush()
    assert away.written == [2, 20_000]
