"""The hub as its people use it: one or two processes, real clients, real Postgres and Valkey."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from livecommerce import clock
from livecommerce.live.counter_flusher import CounterFlusher
from signaling.rooms import Kind, Room
from tests.livecommerce.live.hub_process import (
    HubProcess,
    Person,
    hub_process,
    new_id,
    person,
    token,
)
from tests.shop.shop_under_test import ShopUnderTest

ADDRESS = {
    "name": "Asha Rao", "phone": "9876543210", "line1": "12, MG Road", "line2": None,
    "landmark": None, "city": "Bengaluru", "state": "Karnataka", "postal_code": "560001",
    "country": "IN",
}  # fmt: skip


def buying(live_session_id: Any, variant_id: Any, shown: int, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "live_session_id": live_session_id,
        "items": [{"variant_id": str(variant_id), "quantity": 1}],
        "address": ADDRESS,
        "payment_method": "cod",
        "shown_total_minor": shown,
    } | more


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


async def test_chat_is_heard_everywhere_once_and_can_be_deleted(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    asha = token(await shop.customer(), "customer", "Asha")
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, asha) as speaker,
        person(two) as listener,
        person(two, token(influencer.user_id, "influencer", "Meera")) as host,
    ):
        for each in (speaker, listener, host):
            await each.call("session.join", live_session_id=live)
        message_id = new_id()
        said = {"live_session_id": live, "id": message_id, "text": " What\u202e  <b>size</b>? "}
        sent = await speaker.call("chat.send", **said)
        await speaker.call("chat.send", **said)
        heard = await listener.hears("chat.posted")
        (posted,) = heard["messages"]
        assert posted["text"] == "What <b>size</b>?"
        assert (posted["name"], posted["is_host"]) == ("Asha", False)
        assert posted == sent["message"] | {"offset": heard["offset"]}
        await host.call("chat.send", live_session_id=live, id=new_id(), text="Size M")
        assert (await listener.hears("chat.posted", 2))["messages"][0]["is_host"]
        await host.call("chat.delete", live_session_id=live, message_id=message_id)
        assert (await listener.hears("chat.deleted"))["message_id"] == message_id
        async with person(one) as newcomer:
            snapshot = await newcomer.call("session.join", live_session_id=live)
            assert [message["text"] for message in snapshot["chat"]] == ["Size M"]


async def test_chat_that_cannot_be_said_is_refused_with_the_reason(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    over = await shop.live_session(await shop.influencer(), status="ended")
    asha = token(await shop.customer())
    async with hub_process(shop.db, redis_url) as hub, person(hub, asha) as speaker:
        empty = await speaker.refusal(
            "chat.send", live_session_id=live, id=new_id(), text=" \u200b "
        )
        assert empty.code == "chat.empty"
        long = await speaker.refusal("chat.send", live_session_id=live, id=new_id(), text="a" * 201)
        assert (long.code, long.details) == ("chat.too_long", {"max_chars": 200})
        late = await speaker.refusal("chat.send", live_session_id=over, id=new_id(), text="hi")
        assert late.code == "session.wrong_state"


async def test_reactions_of_all_processes_are_summed(shop: ShopUnderTest, redis_url: str) -> None:
    live = await shop.live_session(await shop.influencer())
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(await shop.customer())) as a,
        person(two, token(await shop.customer())) as b,
    ):
        for each in (a, b):
            await each.call("session.join", live_session_id=live)
        await asyncio.gather(
            *(each.call("reaction.send", live_session_id=live, count=5) for each in (a, b, a, b))
        )
        count = 0
        while count < 20:
            count = sum(p["count"] for name, p in a.heard if name == "reactions.counted")
            await asyncio.sleep(0.01)
        assert count == 20


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


async def test_viewers_are_counted_over_processes_without_the_host(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(influencer.user_id, "influencer")) as host,
        person(one) as first,
    ):
        await host.call("session.join", live_session_id=live)
        await first.call("session.join", live_session_id=live)
        async with person(two) as second:
            await second.call("session.join", live_session_id=live)
            await _counts(host, 2)
        await _counts(host, 1)


async def _counts(listener: Person, viewers: int) -> None:
    while True:
        counted = [p["viewers"] for name, p in listener.heard if name == "viewers.counted"]
        if counted and counted[-1] == viewers:
            return
        await asyncio.sleep(0.01)


async def test_joins_clicks_and_peak_reach_postgres_and_the_studio(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    product = await shop.product()
    live = await shop.live_session(influencer, product)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub) as viewer,
        person(hub) as other,
    ):
        snapshot = await viewer.call("session.join", live_session_id=live)
        await other.call("session.join", live_session_id=live)
        await viewer.call("session.join", live_session_id=live)
        await viewer.call("session.leave", live_session_id=live)
        await viewer.call("session.recover", live_session_id=live, position=snapshot["position"])
        tap = {"live_session_id": live, "product_id": product.id, "id": new_id()}
        for _ in range(3):
            await viewer.call("product.click", **tap)
        await other.call("product.click", **tap | {"id": new_id()})
        wrong = await viewer.refusal("product.click", **tap | {"product_id": new_id()})
        assert wrong.code == "product.not_in_session"
        await _counts(other, 2)
        await hub.counters.send()
        flusher = CounterFlusher(hub.redis, shop.db, clock.epoch_s)
        await flusher.flush()
        row = await shop.row("select total_joins, peak_viewers from live_sessions")
        assert row == {"total_joins": 2, "peak_viewers": 2}
        assert (await shop.row("select clicks from live_session_products"))["clicks"] == 2
        async with person(hub, token(influencer.user_id, "influencer")) as host:
            sales = (await host.call("session.join", live_session_id=live))["sales"]
            assert (sales["joins"], sales["peak_viewers"]) == (2, 2)
            assert sales["products"][0]["clicks"] == 2


async def test_who_watched_and_what_was_said_is_kept(shop: ShopUnderTest, redis_url: str) -> None:
    product = await shop.product()
    influencer, asha = await shop.influencer(), await shop.customer()
    live = await shop.live_session(influencer, product)
    async with hub_process(shop.db, redis_url) as hub:
        async with (
            person(hub, token(influencer.user_id, "influencer")) as host,
            person(hub, token(asha, "customer", "Asha")) as viewer,
            person(hub) as stranger,
        ):
            for each in (host, viewer, stranger):
                await each.call("session.join", live_session_id=live)
            kept, taken_back = new_id(), new_id()
            await viewer.call("chat.send", live_session_id=live, id=kept, text="which sizes?")
            await viewer.call("chat.send", live_session_id=live, id=taken_back, text="rude")
            await host.call("chat.delete", live_session_id=live, message_id=taken_back)
            await viewer.call("reaction.send", live_session_id=live, count=3)
            await viewer.call(
                "product.click", live_session_id=live, product_id=product.id, id=new_id()
            )
            await stranger.call("session.leave", live_session_id=live)
        hub.visits.end_all()
        await hub.counters.send()
        flusher = CounterFlusher(hub.redis, shop.db, clock.epoch_s)
        await flusher.flush()
        await flusher.flush()

    visits = await shop.sql.fetch(
        "select user_id, viewer_type, is_returning, messages_sent, reactions_sent,"
        " products_clicked, left_at >= joined_at as in_order from live_session_viewers"
        " order by user_id nulls last"
    )
    assert [tuple(row) for row in visits] == [
        (asha, "customer", False, 2, 3, 1, True),
        (None, "anonymous", False, 0, 0, 0, True),
    ]
    chat = await shop.sql.fetch(
        "select id, user_id, username, message, is_deleted, deleted_by from live_session_chat"
        " order by is_deleted"
    )
    assert [tuple(row) for row in chat] == [
        (UUID(kept), asha, "Asha", "which sizes?", False, None),
        (UUID(taken_back), asha, "Asha", "rude", True, influencer.user_id),
    ]
    periods = await shop.sql.fetch(
        "select period_type, viewers_joined, viewers_left, messages_sent, reactions_sent,"
        " products_clicked from live_session_analytics order by period_type"
    )
    assert [tuple(row) for row in periods] == [
        (period, 2, 2, 2, 3, 1) for period in ("day", "hour", "minute")
    ]
    await shop.sql.execute("select private.refresh_live_session_v1($1)", live)
    row = await shop.row(
        "select total_messages, total_reactions, total_unique_viewers from live_sessions"
    )
    assert row == {"total_messages": 2, "total_reactions": 3, "total_unique_viewers": 2}


async def test_signing_up_on_an_open_connection_keeps_its_rooms(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    user_id = await shop.customer()
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        said = {"live_session_id": live, "id": new_id(), "text": "hello"}
        assert (await viewer.refusal("chat.send", **said)).code == "auth.required"
        renewed = await viewer.call("auth.renew", token=token(user_id, "customer", "Ravi"))
        assert renewed["you"] == {
            "role": "customer", "display_name": "Ravi", "user_id": str(user_id), "is_host": False,
        }  # fmt: skip
        await viewer.call("chat.send", **said)
        await viewer.hears("chat.posted")
        host = await viewer.call("auth.renew", token=token(influencer.user_id, "influencer"))
        assert host["you"]["is_host"]
        await viewer.hears("sales.counted")
        assert (await viewer.refusal("auth.renew", token="forged")).code == "auth.invalid"


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


@pytest.mark.parametrize("viewers", [30])
async def test_a_crowd_joins_at_once_and_all_hear_the_same(
    shop: ShopUnderTest, redis_url: str, viewers: int
) -> None:
    live = await shop.live_session(await shop.influencer())
    asha = token(await shop.customer())
    async with hub_process(shop.db, redis_url) as one, hub_process(shop.db, redis_url) as two:
        hubs: list[HubProcess] = [one, two]
        crowd: list[Any] = [person(hubs[n % 2]) for n in range(viewers)]
        people = [await each.__aenter__() for each in crowd]
        try:
            await asyncio.gather(*(p.call("session.join", live_session_id=live) for p in people))
            async with person(one, asha) as speaker:
                for n in range(10):
                    await speaker.call("chat.send", live_session_id=live, id=new_id(), text=str(n))
            for each in people:
                texts: list[str] = []
                while len(texts) < 10:
                    texts = [
                        message["text"]
                        for name, payload in each.heard
                        if name == "chat.posted"
                        for message in payload["messages"]
                    ]
                    await asyncio.sleep(0.005)
                assert texts == [str(n) for n in range(10)]
        finally:
            for context in crowd:
                await context.__aexit__(None, None, None)


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
