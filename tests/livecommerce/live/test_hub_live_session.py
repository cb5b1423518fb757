"""A live session on the hub: its states, its pins, and who may touch them."""

from __future__ import annotations

from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


async def test_snapshot_holds_what_a_newcomer_needs(shop: ShopUnderTest, redis_url: str) -> None:
    influencer = await shop.influencer()
    product = await shop.product(stock=[3, 4])
    live = await shop.live_session(influencer, product, special_price="999")
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert snapshot["live_session"]["status"] == "live"
        assert snapshot["live_session"]["influencer"] == {
            "id": str(influencer.id),
            "display_name": "Meera",
        }
        (shown,) = snapshot["products"]
        assert (shown["price_minor"], shown["compare_at_minor"], shown["stock"]) == (
            99900,
            199900,
            7,
        )
        assert len(shown["variants"]) == 2
        assert snapshot["you"] == {
            "role": "anonymous", "display_name": None, "user_id": None, "is_host": False,
        }  # fmt: skip
        assert snapshot["sales"] is None
        assert snapshot["media"] == {"source": None, "available": False}
        assert snapshot["viewers"] == 1
        assert snapshot["pinned"] is None


async def test_unknown_live_session_is_refused(shop: ShopUnderTest, redis_url: str) -> None:
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        for _ in range(2):
            refused = await viewer.refusal("session.join", live_session_id=new_id())
            assert refused.code == "session.not_found"


async def test_states_of_a_live_session_and_what_viewers_hear(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    product = await shop.product()
    live = await shop.live_session(influencer, product, status="scheduled", special_price="999")
    host_token = token(influencer.user_id, "influencer", "Meera")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, host_token) as host,
        person(hub) as viewer,
    ):
        await host.call("session.join", live_session_id=live)
        before = await viewer.call("session.join", live_session_id=live)
        assert before["products"][0]["price_minor"] == 129900
        started = await host.call("session.start", live_session_id=live)
        assert started["live_session"]["status"] == "live"
        heard = await viewer.hears("session.started")
        assert heard["live_session"] == started["live_session"]
        # The special price holds from the start on: whoever is there is told to look again.
        await viewer.hears("sync.gap")
        # Whoever was away then cannot be told by events what changed beside them.
        back = await viewer.call(
            "session.recover", live_session_id=live, position=before["position"]
        )
        after = back["snapshot"]
        assert after["products"][0]["price_minor"] == 99900
        assert (await host.call("session.start", live_session_id=live)) == started
        for event, heard_as, status in (
            ("session.pause", "session.paused", "paused"),
            ("session.resume", "session.resumed", "live"),
            ("session.end", "session.ended", "ended"),
        ):
            answer = await host.call(event, live_session_id=live)
            assert answer["live_session"]["status"] == status
            heard = await viewer.hears(heard_as)
            assert heard["live_session"] == answer["live_session"]
            assert heard["offset"] > after["position"]["offset"]
        assert (await host.refusal("session.resume", live_session_id=live)).code == (
            "session.wrong_state"
        )


async def test_second_live_session_of_an_influencer_is_refused_with_the_first(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    first = await shop.live_session(influencer)
    second = await shop.live_session(influencer, status="scheduled")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        refused = await host.refusal("session.start", live_session_id=second)
        assert refused.code == "session.already_live"
        assert refused.details == {"live_session_id": str(first)}


async def test_another_influencer_may_not_touch_the_live_session(
    shop: ShopUnderTest, redis_url: str
) -> None:
    product = await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    stranger = await shop.influencer()
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(stranger.user_id, "influencer")) as other,
    ):
        for event, more in (
            ("session.pause", {}),
            ("session.end", {}),
            ("product.pin", {"product_id": product.id}),
            ("product.unpin", {"product_id": product.id}),
            ("chat.delete", {"message_id": new_id()}),
            ("webrtc.publish", {"sdp": "v=0"}),
        ):
            refused = await other.refusal(event, live_session_id=live, **more)
            assert refused.code == "auth.forbidden"
        snapshot = await other.call("session.join", live_session_id=live)
        assert not snapshot["you"]["is_host"]
        assert snapshot["sales"] is None


async def test_pin_reaches_viewers_on_every_process_and_newcomers(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    shirt, scarf = await shop.product("Shirt"), await shop.product("Scarf")
    live = await shop.live_session(influencer, shirt, scarf)
    stranger = await shop.product("Not here")
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(influencer.user_id, "influencer")) as host,
        person(two) as viewer,
    ):
        await viewer.call("session.join", live_session_id=live)
        await host.call("product.pin", live_session_id=live, product_id=shirt.id)
        assert (await viewer.hears("product.pinned"))["product_id"] == str(shirt.id)
        await host.call("product.pin", live_session_id=live, product_id=scarf.id)
        assert (await viewer.hears("product.pinned", 2))["product_id"] == str(scarf.id)
        refused = await host.refusal("product.pin", live_session_id=live, product_id=stranger.id)
        assert refused.code == "product.not_in_session"
        async with person(one) as newcomer:
            snapshot = await newcomer.call("session.join", live_session_id=live)
            assert snapshot["pinned"] == str(scarf.id)
        await host.call("product.unpin", live_session_id=live, product_id=scarf.id)
        assert (await viewer.hears("product.unpinned"))["product_id"] == str(scarf.id)


async def test_live_session_changed_in_the_studio_is_shown_to_those_who_wait(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt, scarf = await shop.product("Shirt"), await shop.product("Scarf")
    live = await shop.live_session(await shop.influencer(), shirt, status="scheduled")
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        async with shop.sql.transaction():
            await shop.sql.execute(
                "insert into live_session_products (live_session_id, product_id) values ($1, $2)",
                live,
                scarf.id,
            )
            await shop.sql.execute(
                "insert into private.outbox (topic, live_session_id, payload)"
                " values ('session.changed', $1, '{}')",
                live,
            )
        await viewer.hears("sync.gap")
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert {product["name"] for product in snapshot["products"]} == {"Shirt", "Scarf"}


async def test_live_session_that_broke_off_is_over(shop: ShopUnderTest, redis_url: str) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product, status="error")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        snapshot = await host.call("session.join", live_session_id=live)
        assert snapshot["live_session"]["status"] == "error"
        for event, more in (
            ("session.start", {}),
            ("session.end", {}),
            ("product.pin", {"product_id": product.id}),
            ("chat.send", {"id": new_id(), "text": "hello"}),
            ("webrtc.publish", {"sdp": "v=0"}),
        ):
            refused = await host.refusal(event, live_session_id=live, **more)
            assert (event, refused.code) == (event, "session.wrong_state")
