"""The hub while Redis has lost everything, the relay lags or there is no media process."""

from __future__ import annotations

import asyncio

from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


async def test_video_without_a_media_process_is_refused_at_once(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        assert (await host.refusal("webrtc.watch", live_session_id=live)).code == "media.no_source"
        assert (await host.refusal("webrtc.publish", live_session_id=live, sdp="v=0")).code == (
            "service.unavailable"
        )
        for event, more in (("webrtc.answer", {"sdp": "v=0"}), ("webrtc.restart", {})):
            refused = await host.refusal(event, peer_id="gone.peer", **more)
            assert refused.code == "media.no_peer"
        assert await host.call("webrtc.close", peer_id="gone.peer") == {}


async def test_room_is_read_anew_after_redis_lost_everything(
    shop: ShopUnderTest, redis_url: str
) -> None:
    import redis as sync_redis

    live = await shop.live_session(await shop.influencer())
    asha = token(await shop.customer())
    async with hub_process(shop.db, redis_url) as hub, person(hub, asha) as viewer:
        before = await viewer.call("session.join", live_session_id=live)
        await viewer.call("chat.send", live_session_id=live, id=new_id(), text="one")
        with sync_redis.Redis.from_url(redis_url) as admin:
            admin.flushall()
        await viewer.call("chat.send", live_session_id=live, id=new_id(), text="two")
        await viewer.hears("sync.gap")
        back = await viewer.call(
            "session.recover", live_session_id=live, position=before["position"]
        )
        after = back["snapshot"]
        assert after["position"]["epoch"] != before["position"]["epoch"]
        # The process still knows what Redis has forgotten.
        assert [message["text"] for message in after["chat"]] == ["one", "two"]


async def test_facts_committed_while_redis_was_away_arrive_later(
    shop: ShopUnderTest, redis_url: str
) -> None:
    """The outbox holds them; nobody kicks for them either, as after a crash of the hub."""
    product = await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        await shop.sql.execute(
            "insert into private.outbox (topic, live_session_id, payload)"
            " values ('product.pinned', $1, jsonb_build_object('product_id', $2::uuid))",
            live,
            product.id,
        )
        assert (await viewer.hears("product.pinned"))["product_id"] == str(product.id)
        left = "select count(*) as n from private.outbox where published_at is null"
        while (await shop.row(left))["n"]:
            await asyncio.sleep(0.01)
