"""What media processes and hubs tell each other."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from livecommerce import clock
from livecommerce.broadcaster import GREETING, Broadcaster
from media.peer import Peer, PeerLost
from signaling.refusals import Refused
from tests.livecommerce.live.hub_process import (
    Person,
    hub_process,
    new_id,
    person,
    token,
)
from tests.livecommerce.live.media_process import media_process, publish, watch
from tests.shop.shop_under_test import ShopUnderTest


async def test_published_picture_is_announced_watched_restarted_and_ended(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    async with (
        hub_process(shop.db, redis_url) as hub,
        media_process(redis_url) as media,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub) as viewer,
    ):
        await viewer.call("session.join", live_session_id=live)
        assert (await viewer.refusal("webrtc.watch", live_session_id=live)).code == (
            "media.no_source"
        )
        publisher = await publish(host, live)
        changed = await viewer.hears("media.changed")
        assert (changed["source"], changed["available"]) == (media.incarnation, True)
        subscriber, offered = await watch(viewer, live)
        assert offered["source"] == media.incarnation
        restarted = await viewer.call("webrtc.restart", peer_id=offered["peer_id"])
        assert "a=ice-ufrag" in restarted["sdp"]
        async with person(hub) as newcomer:
            snapshot = await newcomer.call("session.join", live_session_id=live)
            assert snapshot["media"] == {"source": media.incarnation, "available": True}
        await viewer.call("webrtc.close", peer_id=offered["peer_id"])
        await asyncio.wait_for(subscriber.closed, 10)
        await host.call("session.end", live_session_id=live)
        assert not (await viewer.hears("media.changed", 2))["available"]
        await asyncio.wait_for(publisher.closed, 10)
        publisher.close()


async def test_offer_that_is_no_sdp_is_refused_with_the_reason(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    waiting = await shop.live_session(influencer, status="scheduled")
    async with (
        hub_process(shop.db, redis_url) as hub,
        media_process(redis_url),
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        bad = await host.refusal("webrtc.publish", live_session_id=live, sdp="hello")
        assert bad.code == "media.bad_sdp"
        early = await host.refusal("webrtc.publish", live_session_id=waiting, sdp="v=0")
        assert early.code == "session.wrong_state"


async def test_clean_stop_of_a_node_takes_its_pictures_off(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        async with media_process(redis_url):
            publisher = await publish(host, live)
            assert (await host.hears("media.changed"))["available"]
        assert not (await host.hears("media.changed", 2))["available"]
        publisher.close()


async def test_killed_node_says_at_its_next_start_what_is_gone(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        async with media_process(redis_url) as first:
            publisher = await publish(host, live)
            await host.hears("media.changed")
            await first.kill()
            gone = await host.refusal("webrtc.watch", live_session_id=live)
            assert (gone.code, gone.retry_after_s) == ("media.no_source", 1)
            async with media_process(redis_url) as second:
                lost = await host.hears("media.changed", 2)
                assert (lost["source"], lost["available"]) == (first.incarnation, False)
                publisher.close()
                publisher = await publish(host, live)
                back = await host.hears("media.changed", 3)
                assert (back["source"], back["available"]) == (second.incarnation, True)
                publisher.close()


async def test_old_publisher_does_not_take_the_broadcast_back(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as hub,
        media_process(redis_url) as media,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        ids: list[str] = []

        async def go_on(continues: str | None) -> Peer:
            """Publish as a browser does; a takeover names nothing that it goes on from."""

            async def exchange(offer: str) -> str:
                answer = await host.call(
                    "webrtc.publish", live_session_id=live, sdp=offer, continues=continues
                )
                ids.append(answer["peer_id"])
                sdp: str = answer["sdp"]
                return sdp

            peer = Peer()
            await peer.publish(exchange)
            return peer

        laptop = await go_on(None)
        laptop_again = await go_on(ids[0])
        phone = await go_on(None)
        await asyncio.wait_for(laptop_again.closed, 10)
        refused = await host.refusal(
            "webrtc.publish", live_session_id=live, sdp="v=0", continues=ids[1]
        )
        assert refused.code == "media.elsewhere"
        phone_again = await go_on(ids[2])
        phone_again.close()
        while media.sfu.stats().publishers:
            await asyncio.sleep(0.01)
        # Nobody is on air: whoever wants may go on.
        laptop_at_last = await go_on(ids[1])
        for peer in (laptop, phone, laptop_at_last):
            peer.close()


async def test_picture_is_known_again_after_redis_has_lost_everything(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    async with (
        hub_process(shop.db, redis_url) as hub,
        media_process(redis_url) as media,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub) as viewer,
    ):
        await host.call("session.join", live_session_id=live)
        publisher = await publish(host, live)
        await host.hears("media.changed")
        await hub.redis.repeatable("FLUSHALL")
        while (offered := await watched(viewer, live)) is None:
            await asyncio.sleep(0.02)
        assert offered["source"] == media.incarnation
        publisher.close()


async def watched(viewer: Person, live: UUID) -> dict[str, Any] | None:
    """The offer to watch, or None while there is no picture."""
    try:
        return await viewer.call("webrtc.watch", live_session_id=live)
    except Refused as refused:
        assert refused.code == "media.no_source"
        return None


async def test_broadcaster_goes_live_prepares_the_stage_and_survives_kills(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    product = await shop.product()
    live = await shop.live_session(influencer, product, status="scheduled")

    async def broadcast(exchange: Any, until: asyncio.Event) -> None:
        peer = Peer()
        try:
            await peer.publish(exchange, timeout_s=3)
            over: asyncio.Future[Any] = asyncio.ensure_future(until.wait())
            ended: asyncio.Future[Any] = peer.closed
            await asyncio.wait({over, ended}, return_when=asyncio.FIRST_COMPLETED)
            over.cancel()
            if peer.closed.done():
                raise PeerLost(peer.closed.result())
        finally:
            peer.close()

    def broadcaster(url: str) -> Broadcaster:
        return Broadcaster(
            url,
            live,
            product.id,
            new_token=lambda: token(influencer.user_id, "influencer", "Meera"),
            new_id=clock.uuid7,
            broadcast=broadcast,
        )

    stopped = asyncio.Event()
    async with hub_process(shop.db, redis_url) as hub, media_process(redis_url) as first:
        task = asyncio.create_task(broadcaster(hub.url).run(stopped))
        async with person(hub) as viewer:
            await viewer.call("session.join", live_session_id=live)
            snapshot = await viewer.call("session.join", live_session_id=live)
            while snapshot["media"] != {"source": first.incarnation, "available": True}:
                await asyncio.sleep(0.02)
                snapshot = await viewer.call("session.join", live_session_id=live)
            assert snapshot["live_session"]["status"] == "live"
            assert snapshot["pinned"] == str(product.id)
            assert [message["text"] for message in snapshot["chat"]] == [GREETING]

            await first.kill()
            async with media_process(redis_url) as second:
                while not any(
                    name == "media.changed"
                    and (payload["source"], payload["available"]) == (second.incarnation, True)
                    for name, payload in viewer.heard
                ):
                    await asyncio.sleep(0.01)

                # The hub's sockets all go; the picture does not.
                for connection in list(hub.gateway._connections.values()):
                    connection.abort("test")
                async with person(hub) as late:
                    snapshot = await late.call("session.join", live_session_id=live)
                    assert snapshot["media"]["source"] == second.incarnation
                    while hub.gateway.connection_count < 2:
                        await asyncio.sleep(0.01)
                    assert second.sfu.stats().publishers == 1
                    watching, _ = await watch(late, live)
                    watching.close()
                    async with person(
                        hub, token(influencer.user_id, "influencer", "Meera")
                    ) as host:
                        await host.call("session.end", live_session_id=live)
                        await late.hears("session.ended")
                        said = {"live_session_id": live, "id": new_id(), "text": "bye"}
                        assert (await host.refusal("chat.send", **said)).code == (
                            "session.wrong_state"
                        )
                    while second.sfu.stats().publishers:
                        await asyncio.sleep(0.01)
            stopped.set()
            await task
