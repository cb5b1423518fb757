"""A live session from its first viewer to the figures that its influencer sees."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from db import Actor
from livecommerce import clock
from livecommerce.http.figures_routes import FIGURES, PRODUCT_MINUTES
from livecommerce.live.counter_flusher import CounterFlusher
from tests.livecommerce.live.hub_process import HubProcess, hub_process, new_id, person, token
from tests.livecommerce.live.ordering import ADDRESS
from tests.shop.shop_under_test import ShopUnderTest, a_request, place_order


async def flushed(hub: HubProcess, shop: ShopUnderTest) -> None:
    hub.visits.settle(hub.rooms.pinned)
    await hub.counters.send()
    await CounterFlusher(hub.redis, shop.db, clock.epoch_s).flush()


async def figures(shop: ShopUnderTest, user_id: UUID, live: UUID) -> Any:
    return await shop.db.acting_as(Actor("influencer", user_id)).one(FIGURES, live, 10)


async def test_everything_that_happens_is_in_the_figures(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, product = await shop.influencer(), await shop.product(price="1000", stock=5)
    live = await shop.live_session(influencer, product)
    asha, browser = await shop.customer(), new_id()
    line = {"variant_id": str(product.variant_id), "quantity": 1, "live_session_id": str(live)}
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub, token(asha)) as buyer,
        person(hub) as stranger,
    ):
        for each in (host, buyer):
            await each.call("session.join", live_session_id=live)
        await host.call("product.pin", live_session_id=live, product_id=product.id)
        await buyer.hears("product.pinned")
        hub.visits.settle(hub.rooms.pinned)
        await stranger.call("session.join", live_session_id=live, client_id=browser)
        async with person(hub) as again:  # The same browser, in another tab.
            await again.call("session.join", live_session_id=live, client_id=browser)
        await buyer.call("product.click", live_session_id=live, product_id=product.id, id=new_id())
        add = {"id": new_id(), **line}
        for _ in range(2):  # The second time as after a lost answer.
            await buyer.call("cart.add", **add)
        await buyer.call(
            "order.place",
            id=new_id(),
            items=[line],
            address=ADDRESS,
            payment_method="cod",
            shown_total_minor=100_000,
        )
        await flushed(hub, shop)
        counted = await figures(shop, influencer.user_id, live)
        assert (counted["joins"], counted["unique_viewers"]) == (3, 2)
        assert counted["unique_customers"] == 1
        assert counted["watch_time_ms"] > 0
        way = {"shown": 3, "clicked": 1, "added_to_cart": 1, "ordered": 1}
        (counted_product,) = counted["products"]
        assert counted_product.items() >= {"product_id": str(product.id), **way}.items()
        assert sum(minute["joins"] for minute in counted["minutes"]) == 3
        assert (
            sum(minute["watch_time_ms"] for minute in counted["minutes"])
            == (counted["watch_time_ms"])
        )
    minutes = await shop.sql.fetch(
        "select sum(shown) as shown, sum(clicked) as clicked, sum(added_to_cart) as added_to_cart"
        " from private.product_minutes"
    )
    assert dict(minutes[0]) == {"shown": 3, "clicked": 1, "added_to_cart": 1}


async def test_figures_are_nobody_elses(shop: ShopUnderTest) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product())
    other = await shop.influencer()
    assert await figures(shop, other.user_id, live) is None


async def test_visits_that_end_count_their_time_to_the_millisecond(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product())
    async with hub_process(shop.db, redis_url) as hub:
        async with person(hub) as one, person(hub) as two:
            for each in (one, two):
                await each.call("session.join", live_session_id=live)
            assert hub.visits.here(live) == 2
            await one.call("session.leave", live_session_id=live)
            assert hub.visits.here(live) == 1
        while hub.gateway.connection_count:
            await asyncio.sleep(0.01)
        assert hub.visits.here(live) == 0
        hub.visits.end_all()
        await flushed(hub, shop)
    await shop.sql.execute("select private.refresh_live_session_v1($1)", live)
    row = await shop.row(
        "select (select sum(watch_time_ms) from live_session_analytics where period_type = 'day')"
        " as watched, (select sum(extract(epoch from left_at - joined_at) * 1000)"
        " from live_session_viewers) as visited, total_unique_viewers as people from live_sessions"
    )
    assert row["watched"] == row["visited"] > 0
    assert row["people"] == 2


async def test_customers_of_a_killed_process_are_known_exactly(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    customers = [await shop.customer() for _ in range(3)]
    async with hub_process(shop.db, redis_url) as hub:
        for customer in customers:
            for _ in range(2):
                async with person(hub, token(customer)) as viewer:
                    await viewer.call("session.join", live_session_id=live)
        await flushed(hub, shop)  # And from here on nothing more is heard of them.
        counted = await figures(shop, influencer.user_id, live)
        assert counted["unique_customers"] == 3


@pytest.mark.parametrize(
    ("change", "ordered"),
    [
        ("select 1", 2),
        ("update orders set status = 'cancelled' where id = $1", 1),
        ("update orders set payment_method = 'upi' where id = $1", 1),
        ("update order_items set quantity_cancelled = quantity where order_id = $1", 1),
    ],
    ids=["placed", "cancelled", "not paid", "all pieces called off"],
)
async def test_only_orders_that_stand_are_at_the_end_of_the_way(
    shop: ShopUnderTest, change: str, ordered: int
) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product)
    lines = [(UUID(str(product.variant_id)), 1)]
    _, order_id = [
        (
            await place_order(
                shop.db,
                await shop.customer(),
                a_request(lines=lines, live_session_id=UUID(str(live))),
            )
        ).id
        for _ in "12"
    ]
    await shop.sql.execute(change, *([order_id] if "$1" in change else []))
    counted = await figures(shop, influencer.user_id, live)
    assert [each["ordered"] for each in counted["products"]] == [ordered]
    minutes = await shop.db.acting_as(Actor("influencer", influencer.user_id)).all(
        PRODUCT_MINUTES, live, product.id, 10
    )
    assert sum(minute.ordered for minute in minutes) == ordered


async def test_reactions_are_in_the_figures_by_their_kind(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as asha,
    ):
        await asha.call("session.join", live_session_id=live)
        for kind, count in (("heart", 5), ("fire", 2), ("heart", 1)):
            await asha.call("reaction.send", live_session_id=live, kind=kind, count=count)
        await flushed(hub, shop)
    counted = await figures(shop, influencer.user_id, live)
    assert (counted["reactions"], counted["reactions_by_kind"]) == (8, {"heart": 6, "fire": 2})
    assert await figures(shop, await shop.user("influencer"), live) is None
