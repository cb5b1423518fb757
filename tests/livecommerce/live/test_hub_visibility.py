"""Live sessions that are not for everybody."""

from __future__ import annotations

from signaling.rooms import Kind, Room
from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.livecommerce.live.ordering import buying
from tests.shop.shop_under_test import ShopUnderTest


async def test_private_live_session_is_for_its_influencer_only(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product)
    await shop.sql.execute("update live_sessions set visibility = 'private'")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer", "Meera")) as host,
        person(hub, token(await shop.customer())) as viewer,
        person(hub, token((await shop.influencer()).user_id, "influencer")) as other,
        person(hub) as nobody,
    ):
        snapshot = await host.call("session.join", live_session_id=live)
        assert snapshot["you"]["is_host"]
        unknown = await nobody.refusal("session.join", live_session_id=new_id())
        tap = {"product_id": product.id, "id": new_id()}
        for stranger, event, more in (
            (nobody, "session.join", {}),
            (nobody, "product.click", tap),
            (nobody, "webrtc.watch", {}),
            (viewer, "session.join", {}),
            (viewer, "session.recover", {"position": snapshot["position"]}),
            (viewer, "chat.send", {"id": new_id(), "text": "hello"}),
            (viewer, "reaction.send", {"count": 1}),
            (viewer, "order.place", buying(live, product.variant_id, 129900)),
            (other, "session.join", {}),
            (other, "session.pause", {}),
            (other, "session.end", {}),
            (other, "product.pin", {"product_id": product.id}),
            (other, "chat.delete", {"message_id": new_id()}),
            (other, "webrtc.publish", {"sdp": "v=0"}),
        ):
            refused = await stranger.refusal(event, **{"live_session_id": live} | more)
            # The same as for a live session that does not exist.
            assert (event, refused.code) == (event, unknown.code)
        await host.call("chat.send", live_session_id=live, id=new_id(), text="Only me")
        await host.call("product.click", live_session_id=live, **tap)
        await host.call("product.pin", live_session_id=live, product_id=product.id)
        await host.hears("product.pinned")
        assert not viewer.heard and not nobody.heard
        # Who was the influencer on this connection and is somebody else now hears no more.
        await host.call("auth.renew", token=token(await shop.customer()))
        refused = await host.refusal("session.join", live_session_id=live)
        assert refused.code == "session.not_found"
        assert hub.gateway.size(Room(Kind.LIVE_SESSION, live)) == 0


async def test_unlisted_live_session_is_for_whoever_has_the_link(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    await shop.sql.execute("update live_sessions set visibility = 'unlisted'")
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert snapshot["live_session"]["id"] == str(live)


async def test_live_session_that_becomes_private_sends_those_out_who_wait(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, status="scheduled")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub) as viewer,
    ):
        for each in (host, viewer):
            await each.call("session.join", live_session_id=live)
        await shop.sql.execute("update live_sessions set visibility = 'private'")
        for each in (host, viewer):
            await each.hears("sync.gap")
        assert hub.gateway.size(Room(Kind.LIVE_SESSION, live)) == 1
        refused = await viewer.refusal("session.join", live_session_id=live)
        assert refused.code == "session.not_found"
        assert (await host.call("session.join", live_session_id=live))["you"]["is_host"]
