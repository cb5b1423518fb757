"""Rooms while something happens between two of their reads."""

import asyncio

import pytest

from livecommerce.live import rooms
from signaling.rooms import Kind, Room
from tests.livecommerce.live.hub_process import hub_process, person, token
from tests.shop.shop_under_test import ShopUnderTest


async def test_special_prices_end_with_the_live_session(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product, special_price="999")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub) as viewer,
    ):
        before = await viewer.call("session.join", live_session_id=live)
        assert before["products"][0]["price_minor"] == 99900
        await host.call("session.end", live_session_id=live)
        await viewer.hears("sync.gap")
        after = await viewer.call("session.join", live_session_id=live)
        assert after["products"][0]["price_minor"] == 129900


async def test_what_is_heard_while_a_room_is_read_anew_holds(
    shop: ShopUnderTest, redis_url: str
) -> None:
    product = await shop.product(stock=5)
    live = await shop.live_session(await shop.influencer(), product, status="scheduled")
    about = {"product_id": str(product.id)}
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        async with shop.sql.transaction():
            # The products are read first; reading the live session then waits for this lock.
            await shop.sql.execute("lock table influencers in access exclusive mode")
            await shop.sql.execute("update live_sessions set title = 'Weaves'")
            await hub.bus.append(live, "session.changed", {}, "1")
            while not await shop.sql.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0)
            stock = about | {"variant_id": str(product.variant_id), "stock": 1}
            await hub.bus.append(live, "stock.changed", stock, "2")
            await hub.bus.append(live, "product.pinned", about, "3")
            await viewer.hears("product.pinned")
        await viewer.hears("sync.gap")
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert snapshot["live_session"]["title"] == "Weaves"
        assert snapshot["products"][0]["stock"] == 1
        assert snapshot["pinned"] == str(product.id)


async def test_room_that_somebody_enters_at_the_last_moment_stays(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    async with hub_process(shop.db, redis_url) as hub, person(hub):
        room = await hub.rooms.open(live)
        room.empty_ticks = rooms.UNLOAD_AFTER_TICKS
        ticking = asyncio.create_task(hub.rooms._tick(live, room, 1))
        await asyncio.sleep(0)
        (connection_id,) = hub.gateway._connections
        hub.gateway.enter(connection_id, Room(Kind.LIVE_SESSION, live))
        await ticking
        assert await hub.rooms.open(live) is room


async def test_rooms_of_a_full_process_are_read_anew_all_the_same(
    shop: ShopUnderTest, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await shop.live_session(await shop.influencer())
    async with hub_process(shop.db, redis_url) as hub:
        room = await hub.rooms.open(live)
        monkeypatch.setattr(rooms, "ROOMS_MAX", 1)
        room.is_lost = True
        assert await hub.rooms.open(live) is not room


async def test_who_stood_where_the_bus_broke_while_a_room_was_read_gets_no_part(
    shop: ShopUnderTest, redis_url: str
) -> None:
    product = await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    async with hub_process(shop.db, redis_url) as hub:
        async with shop.sql.transaction():
            await shop.sql.execute("lock table products in access exclusive mode")
            opening = asyncio.create_task(hub.rooms.open(live))
            while not await shop.sql.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0)
            before = hub.bus._subscriptions[live].last
            assert before is not None
            hub.bus.tell_here(live, "product.pinned", {"product_id": str(product.id)}, "1")
        room = await opening
        assert room.ready.position.epoch != before.epoch
        assert room.recovery.since(before, for_moderator=False) is None
        # From where it went on, all is known.
        assert room.recovery.start.epoch != before.epoch
        assert room.recovery.since(room.recovery.start, for_moderator=False) is not None
