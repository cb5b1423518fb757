"""Viewers, joins, clicks and visits, from connections to Postgres and the studio."""

from __future__ import annotations

import asyncio
from uuid import UUID

from livecommerce import clock
from livecommerce.live.counter_flusher import CounterFlusher
from tests.livecommerce.live.hub_process import Person, hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


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
