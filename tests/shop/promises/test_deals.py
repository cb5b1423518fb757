import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from db import SERVICE
from livecommerce.maintenance.repeated import TICK_DEALS
from shop.deals import Deal, deals_of_live_session, stop_deal
from shop.holds import place_hold
from shop.refusal import ShopRefused
from tests.shop.promises.promises_under_test import a_deal, buy, tick, told
from tests.shop.shop_under_test import Influencer, Product, ShopUnderTest

PRICE, DEAL_PRICE = 129900, 99900


class Show:
    """A live session on air that shows one product."""

    def __init__(
        self, shop: ShopUnderTest, influencer: Influencer, live: UUID, shirt: Product
    ) -> None:
        self.shop, self.influencer, self.live, self.shirt = shop, influencer, live, shirt

    async def deal(self, **changes: Any) -> Deal:
        return await a_deal(self.shop, self.influencer, self.live, self.shirt, **changes)

    async def refusal(self, **changes: Any) -> ShopRefused:
        with pytest.raises(ShopRefused) as refused:
            await self.deal(**changes)
        return refused.value

    async def buy(self, user_id: UUID, shown: int = DEAL_PRICE, **more: Any) -> Any:
        return await buy(self.shop, user_id, self.shirt, shown, live_session_id=self.live, **more)

    async def running(self) -> tuple[Deal, ...]:
        return await deals_of_live_session(self.shop.db, self.live)


@pytest.fixture
async def show(shop: ShopUnderTest) -> Show:
    influencer = await shop.influencer()
    shirt = await shop.product(stock=5)
    return Show(shop, influencer, await shop.live_session(influencer, shirt), shirt)


async def test_a_deal_begins_and_everybody_hears_of_it(show: Show) -> None:
    deal = await show.deal(total_limit=3, customer_limit=1)

    assert (deal.price_minor, deal.total_limit, deal.customer_limit, deal.sold) == (
        DEAL_PRICE,
        3,
        1,
        0,
    )
    assert deal.ends_at_ms - deal.starts_at_ms == 600_000
    (fact,) = await told(show.shop, "deal.started")
    assert fact["in"] == show.live
    assert Deal.from_json(fact["deal"]) == deal
    assert await show.running() == (deal,)


async def test_buyers_in_the_live_session_pay_the_price_of_the_deal(show: Show) -> None:
    await show.deal()

    order = await show.buy(await show.shop.customer())

    assert order.items[0].unit_price_minor == DEAL_PRICE


async def test_the_same_deal_sent_twice_begins_once(show: Show) -> None:
    key = uuid.uuid4()

    first, second = await show.deal(id=key), await show.deal(id=key)

    assert first == second
    assert len(await told(show.shop, "deal.started")) == 1


async def test_an_id_is_good_for_one_deal(show: Show) -> None:
    key = uuid.uuid4()
    await show.deal(id=key)

    assert (await show.refusal(id=key, price_minor=5)).code == "deal.key_reused"


async def test_one_product_has_one_price_at_a_time(show: Show) -> None:
    await show.deal(variant_id=show.shirt.variant_id)

    assert (await show.refusal()).code == "deal.overlaps"


async def test_two_deals_begun_in_the_same_moment_are_one(show: Show) -> None:
    answers = await asyncio.gather(*(show.deal() for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(answer, Deal) for answer in answers) == 1
    assert len(await show.running()) == 1


@pytest.mark.parametrize("price_minor", [PRICE, PRICE + 1])
async def test_a_deal_is_cheaper_than_without_it(show: Show, price_minor: int) -> None:
    refused = await show.refusal(price_minor=price_minor)

    assert refused.code == "deal.price_not_lower"
    assert refused.details["price_minor"] == PRICE


async def test_another_influencer_begins_and_ends_nothing(show: Show) -> None:
    other = Show(show.shop, await show.shop.influencer(), show.live, show.shirt)
    deal = await show.deal()

    assert (await other.refusal()).code == "auth.forbidden"
    with pytest.raises(ShopRefused) as refused:
        await stop_deal(show.shop.db, other.influencer.user_id, show.live, deal.id)
    assert refused.value.code == "auth.forbidden"
    assert len(await show.running()) == 1


async def test_a_private_live_session_is_unknown_to_other_influencers(show: Show) -> None:
    await show.shop.sql.execute("update live_sessions set visibility = 'private'")
    other = Show(show.shop, await show.shop.influencer(), show.live, show.shirt)

    assert (await other.refusal()).code == "session.not_found"


async def test_deals_run_while_somebody_is_on_air(show: Show) -> None:
    await show.shop.sql.execute("update live_sessions set status = 'ended', end_time = now()")

    assert (await show.refusal()).code == "session.wrong_state"


async def test_a_deal_is_about_what_is_shown(show: Show) -> None:
    mug = await show.shop.product("Mug")

    assert (await show.refusal(product_id=mug.id)).code == "product.not_in_session"
    assert (await show.refusal(variant_id=mug.variant_id)).code == "deal.invalid"


# ---- stock set aside


async def test_what_is_set_aside_is_kept_from_who_buys_elsewhere(show: Show) -> None:
    await show.deal(variant_id=show.shirt.variant_id, total_limit=4, is_set_aside=True)
    asha, ravi = await show.shop.customer(), await show.shop.customer()

    with pytest.raises(ShopRefused) as refused:
        await buy(show.shop, asha, show.shirt, 2 * PRICE, quantity=2)
    await show.buy(ravi, 4 * DEAL_PRICE, quantity=4)
    await buy(show.shop, asha, show.shirt, PRICE)

    assert (refused.value.code, refused.value.details["available"]) == ("order.sold_out", 1)
    assert await show.shop.stock(show.shirt.variant_id) == 0


async def test_what_is_set_aside_is_not_held_for_who_shops_elsewhere(show: Show) -> None:
    await show.deal(variant_id=show.shirt.variant_id, total_limit=4, is_set_aside=True)
    elsewhere, there = await show.shop.customer(), await show.shop.customer()

    outside = await place_hold(show.shop.db, elsewhere, show.shirt.variant_id, 3, None)
    inside = await place_hold(show.shop.db, there, show.shirt.variant_id, 4, show.live)

    assert (outside.hold.quantity, outside.missing) == (1, 2)
    assert (inside.hold.quantity, inside.missing) == (4, 0)


async def test_no_more_is_set_aside_than_is_free(show: Show) -> None:
    await place_hold(show.shop.db, await show.shop.customer(), show.shirt.variant_id, 2, None)

    refused = await show.refusal(variant_id=show.shirt.variant_id, total_limit=4, is_set_aside=True)

    assert (refused.code, refused.details["available"]) == ("deal.stock_short", 3)
    assert await show.shop.count("private.deals") == 0
    assert await told(show.shop, "deal.started") == []


async def test_only_a_number_of_one_variant_is_set_aside(show: Show) -> None:
    assert (await show.refusal(total_limit=2, is_set_aside=True)).code == "deal.invalid"
    assert (
        await show.refusal(variant_id=show.shirt.variant_id, is_set_aside=True)
    ).code == "deal.invalid"


async def test_stock_set_aside_for_a_deal_that_is_over_is_everybodys(show: Show) -> None:
    deal = await show.deal(variant_id=show.shirt.variant_id, total_limit=5, is_set_aside=True)
    await stop_deal(show.shop.db, show.influencer.user_id, show.live, deal.id)

    await buy(show.shop, await show.shop.customer(), show.shirt, 5 * PRICE, quantity=5)

    assert await show.shop.stock(show.shirt.variant_id) == 0


# ---- how deals end


async def pass_time(show: Show, ago: timedelta) -> None:
    await show.shop.sql.execute(
        "update private.deals set starts_at = starts_at - $1::interval,"
        " ends_at = ends_at - $1::interval",
        ago,
    )


async def test_b32_a_deal_is_over_when_the_clock_of_the_database_says_so(show: Show) -> None:
    deal = await show.deal()
    await pass_time(show, timedelta(seconds=600))

    with pytest.raises(ShopRefused) as refused:  # nobody has ticked
        await show.buy(await show.shop.customer(), deal_id=deal.id)

    assert refused.value.code == "order.deal_ended"
    assert refused.value.details["reason"] == "time"
    assert await show.running() == ()


async def test_b32_a_deal_that_was_announced_has_not_begun(show: Show) -> None:
    deal = await show.deal(starts_in_s=60)

    order = await show.buy(await show.shop.customer(), PRICE)

    assert order.items[0].unit_price_minor == PRICE
    assert await show.running() == (deal,)


async def test_b32_the_end_that_is_told_is_the_one_that_was_promised(show: Show) -> None:
    deal = await show.deal()
    await pass_time(show, timedelta(seconds=605))

    assert await tick(show.shop) == 1
    assert await tick(show.shop) == 0

    (fact,) = await told(show.shop, "deal.ended")
    assert (fact["deal_id"], fact["reason"], fact["in"]) == (str(deal.id), "time", show.live)
    assert fact["ended_at_ms"] == deal.ends_at_ms - 605_000


async def test_several_workers_end_a_deal_once(show: Show) -> None:
    await show.deal()
    await pass_time(show, timedelta(hours=1))

    async with show.shop.db.acting_as(SERVICE) as one:
        await one.one(TICK_DEALS, 100)
        async with show.shop.db.acting_as(SERVICE) as other:
            await other.one(TICK_DEALS, 100)

    assert len(await told(show.shop, "deal.ended")) == 1


async def test_a_deal_that_is_stopped_says_so_and_stays_stopped(show: Show) -> None:
    deal = await show.deal()

    for _ in range(2):
        await stop_deal(show.shop.db, show.influencer.user_id, show.live, deal.id)

    (fact,) = await told(show.shop, "deal.ended")
    assert fact["reason"] == "stopped"
    with pytest.raises(ShopRefused) as refused:
        await show.buy(await show.shop.customer(), deal_id=deal.id)
    assert refused.value.code == "order.deal_ended"


async def test_there_is_no_deal_of_that_id(show: Show) -> None:
    with pytest.raises(ShopRefused) as refused:
        await stop_deal(show.shop.db, show.influencer.user_id, show.live, uuid.uuid4())
    assert refused.value.code == "deal.not_found"


async def test_the_end_of_the_live_session_ends_its_deals(show: Show) -> None:
    await show.deal()

    await show.shop.sql.execute("update live_sessions set status = 'ended', end_time = now()")

    assert [fact["reason"] for fact in await told(show.shop, "deal.ended")] == ["session_ended"]


async def test_the_last_piece_of_a_deal_ends_it(show: Show) -> None:
    await show.deal(total_limit=2)

    await show.buy(await show.shop.customer(), 2 * DEAL_PRICE, quantity=2)
    await tick(show.shop)

    assert {fact["reason"] for fact in await told(show.shop, "deal.ended")} == {"sold_out"}
    assert await show.running() == ()


async def test_a_deal_dies_when_the_last_piece_goes_elsewhere(show: Show) -> None:
    await show.deal()
    await buy(show.shop, await show.shop.customer(), show.shirt, 5 * PRICE, quantity=5)

    await tick(show.shop)

    assert [fact["reason"] for fact in await told(show.shop, "deal.ended")] == ["sold_out"]


async def test_how_many_are_sold_is_told_once_for_all_since(show: Show) -> None:
    deal = await show.deal(total_limit=5)
    for _ in range(3):
        await show.buy(await show.shop.customer())

    await tick(show.shop)
    await tick(show.shop)

    counted = await told(show.shop, "deal.counted")
    assert [(fact["deal_id"], fact["sold"]) for fact in counted] == [(str(deal.id), 3)]
    assert await show.running() == (replace(deal, sold=3),)


# ---- prices beside deals


async def test_a_price_that_is_edited_on_the_screen_is_told(show: Show) -> None:
    await show.shop.sql.execute("update products set sale_price = 1199, retail_price = 1899")

    (fact,) = await told(show.shop, "price.changed")
    assert fact == {
        "product_id": str(show.shirt.id),
        "variant_id": str(show.shirt.variant_id),
        "price_minor": 119900,
        "mrp_minor": 189900,
        "in": show.live,
    }


async def test_a_special_price_is_told_in_its_live_session_alone(show: Show) -> None:
    await show.shop.live_session(await show.shop.influencer(), show.shirt)

    await show.shop.sql.execute(
        "update live_session_products set special_price = 899 where live_session_id = $1",
        show.live,
    )

    assert [(f["in"], f["price_minor"]) for f in await told(show.shop, "price.changed")] == [
        (show.live, 89900)
    ]


async def test_a_variants_own_price_is_told(show: Show) -> None:
    await show.shop.sql.execute("update product_variants set price = 1499")

    assert [f["price_minor"] for f in await told(show.shop, "price.changed")] == [149900]


async def test_a_price_that_nobody_sees_is_not_told(show: Show) -> None:
    await show.shop.sql.execute("update live_sessions set status = 'ended', end_time = now()")

    await show.shop.sql.execute("update products set sale_price = 1199")

    assert await told(show.shop, "price.changed") == []
