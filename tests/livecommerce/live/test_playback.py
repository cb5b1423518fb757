"""The server itself cuts the video of whoever may not watch, or send, any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest
from structlog.testing import capture_logs

from livecommerce import clock
from livecommerce.live.closed_accounts import ClosedAccounts
from livecommerce.live.playback import UNTOLD
from livecommerce.live.sessions import LiveSessions
from livecommerce.media_registry import NODES_KEY, NodeInfo, node_key, source_key
from media.peer import Peer
from tests.livecommerce.live.chat_under_test import Chat, chat_of
from tests.livecommerce.live.hub_process import HubProcess, hub_process, person, token
from tests.livecommerce.live.media_process import MediaProcess, media_process, publish, watch
from tests.shop.shop_under_test import ShopUnderTest

CUT_S = 30


@dataclass
class OnAir:
    chat: Chat
    media: MediaProcess
    publisher: Peer

    async def viewers(self, count: int) -> None:
        """Wait until so many are sent the picture."""
        while self.media.sfu.stats().subscribers != count:
            await asyncio.sleep(0.01)

    async def over(self) -> None:
        await asyncio.wait_for(self.publisher.closed, CUT_S)
        while self.media.sfu.stats().publishers:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def on_air(shop: ShopUnderTest, redis_url: str) -> AsyncIterator[OnAir]:
    async with media_process(redis_url) as media, chat_of(shop, redis_url) as chat:
        publisher = await publish(chat.host, chat.live)
        await chat.host.hears("media.changed")
        yield OnAir(chat, media, publisher)
        publisher.close()


async def test_whoever_is_banned_watches_no_more_and_nobody_else_is_cut_off(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        asha, ravi = await chat.person("Asha"), await chat.person("Ravi", on=chat.one)
        also_asha = await chat.connect(token(asha.user_id, "customer", "Asha"), chat.one)
        unknown = await chat.connect(None, chat.two)
        hers = [(await watch(each, chat.live))[0] for each in (asha.client, also_asha)]
        others = [(await watch(each, chat.live))[0] for each in (ravi.client, unknown)]
        await stage.viewers(4)
        await chat.act("chat.ban", user_id=asha.user_id)
        for peer in hers:
            await asyncio.wait_for(peer.closed, CUT_S)
        await stage.viewers(2)
        assert not any(peer.closed.done() for peer in others)
        for client in (asha.client, also_asha):
            refused = await client.refusal("webrtc.watch", live_session_id=chat.live)
            assert refused.code == "session.banned"


async def test_whoever_is_banned_after_their_socket_went_watches_no_more(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        asha = await chat.person("Asha")
        peer, _ = await watch(asha.client, chat.live)
        await asha.client.client.close()
        assert not peer.closed.done()
        await chat.act("chat.ban", user_id=asha.user_id)
        await asyncio.wait_for(peer.closed, CUT_S)


async def test_whoever_began_to_watch_before_signing_in_is_cut_off_too(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        viewer, asha = await chat.connect(None, chat.two), await shop.customer()
        peer, _ = await watch(viewer, chat.live)
        await viewer.call("auth.renew", token=token(asha, "customer", "Asha"))
        await viewer.client.close()
        while str(asha) not in whose(stage.media):
            await asyncio.sleep(0.01)
        await chat.act("chat.ban", user_id=asha)
        await asyncio.wait_for(peer.closed, CUT_S)


def whose(media: MediaProcess) -> set[str | None]:
    return {viewer for peers in media.node._watching.values() for viewer in peers.values()}


async def test_a_ban_that_comes_while_somebody_asks_to_watch_gives_them_no_picture(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat, asked, may_answer = stage.chat, asyncio.Event(), asyncio.Event()
        asha = await chat.person("Asha")
        late(stage.media, "watch", asked, may_answer)
        cuts = answers(stage.media, "cut")
        asking = asyncio.create_task(asha.client.refusal("webrtc.watch", live_session_id=chat.live))
        await asked.wait()
        await chat.act("chat.ban", user_id=asha.user_id)
        # Both hubs have said so, before the peer is there.
        for _ in range(2):
            await cuts.get()
        may_answer.set()
        assert (await asking).code == "session.banned"
        await stage.viewers(0)
        assert not stage.media.node._watching


def late(media: MediaProcess, method: str, asked: asyncio.Event, may: asyncio.Event) -> None:
    """Have a media process take its time over a call."""
    methods: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = dict(media.node._methods)
    answer = methods[method]

    async def slowly(*given: Any) -> dict[str, Any]:
        asked.set()
        await may.wait()
        return await answer(*given)

    media.node._methods = methods | {method: slowly}


def answers(media: MediaProcess, method: str) -> asyncio.Queue[dict[str, Any]]:
    """What a media process answers to a call, from now on."""
    methods: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = dict(media.node._methods)
    answer, given_back = methods[method], asyncio.Queue[dict[str, Any]]()

    async def noting(*given: Any) -> dict[str, Any]:
        answered = await answer(*given)
        given_back.put_nowait(answered)
        return answered

    media.node._methods = methods | {method: noting}
    return given_back


async def test_a_ban_that_no_hub_heard_of_holds_as_soon_as_one_hosts_the_live_session(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        asha = await chat.person("Asha")
        peer, _ = await watch(asha.client, chat.live)
        await shop.sql.execute(
            "insert into private.chat_members (influencer_id, live_session_id, user_id, is_banned)"
            " values ($1, $2, $3, true)",
            chat.influencer.id,
            chat.live,
            asha.user_id,
        )
        assert not peer.closed.done()
        async with hub_process(shop.db, redis_url) as third, person(third) as newcomer:
            await newcomer.call("session.join", live_session_id=chat.live)
            await asyncio.wait_for(peer.closed, CUT_S)


async def test_in_a_live_session_that_becomes_private_only_the_influencer_watches_on(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        asha, unknown = await chat.person("Asha"), await chat.connect(None, chat.one)
        others = [(await watch(each, chat.live))[0] for each in (asha.client, unknown)]
        own, _ = await watch(chat.host, chat.live)
        await stage.viewers(3)
        await shop.sql.execute("update live_sessions set visibility = 'private'")
        for peer in others:
            await asyncio.wait_for(peer.closed, CUT_S)
        await stage.viewers(1)
        assert not own.closed.done()
        own.close()


# ---- media processes that cannot be told


async def knows(hub: HubProcess, live: UUID, *, is_alive: bool) -> None:
    """Have Redis say that a media process, which answers nobody, carries a live session."""
    await hub.redis.repeatable("HSET", source_key(live), "source", "x", "available", "1")
    if is_alive:
        await hub.redis.repeatable("SADD", NODES_KEY, "media-1")
        info = orjson.dumps(asdict(NodeInfo("media-1", "x", 0, 0)))
        await hub.redis.repeatable("SET", node_key("media-1"), info)


async def test_a_media_process_that_cannot_be_told_is_told_again(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live, asha = UUID(int=1), UUID(int=2)
    told: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    async def serve(method: str, params: dict[str, Any]) -> dict[str, Any]:
        told.put_nowait((method, params))
        return {}

    async with hub_process(shop.db, redis_url) as hub:
        await knows(hub, live, is_alive=True)
        playback = hub.rooms.playback
        with capture_logs() as lines:
            playback.cut(live, (asha,))
            while not [line for line in lines if line["event"] == "playback_delayed"]:
                await asyncio.sleep(0.01)
        await hub.rpc.serve("x", serve, lambda: None)
        wanted = {"live_session_id": str(live), "viewers": [str(asha)]}
        assert await told.get() == ("cut", wanted)
        while playback._tasks:
            await asyncio.sleep(0.01)
        assert told.empty()


async def test_a_media_process_that_is_dead_is_not_told_for_ever(
    shop: ShopUnderTest, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livecommerce.live.playback._SILENT_MAX", 2)
    monkeypatch.setattr("livecommerce.live.playback._RETRY_S", 0.01)
    async with hub_process(shop.db, redis_url) as hub:
        await knows(hub, UUID(int=1), is_alive=False)
        playback = hub.rooms.playback
        playback.cut(UUID(int=1), (UUID(int=2),))
        assert playback._tasks
        while playback._tasks:
            await asyncio.sleep(0.01)


async def test_no_more_wait_to_be_told_than_there_is_room_for(
    shop: ShopUnderTest, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livecommerce.live.playback._WAITING_MAX", 3)
    counted = UNTOLD.labels("too_many")
    before = counted._value.get()
    async with hub_process(shop.db, redis_url) as hub:
        for number in range(5):
            hub.rooms.playback.cut(UUID(int=number), (UUID(int=2),))
        assert len(hub.rooms.playback._tasks) == 3
        assert counted._value.get() == before + 2


async def test_who_watches_by_a_connection_is_forgotten_with_it(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        asha = await chat.person("Asha")
        for _ in range(10):
            await asha.client.call("webrtc.watch", live_session_id=chat.live)
        peers = chat.two.rooms.playback._peers
        assert [len(each) for joined in peers.values() for each in joined.values()] == [4]
        await asha.client.client.close()
        while peers:
            await asyncio.sleep(0.01)
        assert len(stage.media.node._watching[str(chat.live)]) == 10
        await chat.host.call("session.end", live_session_id=chat.live)
        while stage.media.node._watching:
            await asyncio.sleep(0.01)


# ---- what is over


CLOSING = {
    "ban": "update auth.users set banned_until = now() + interval '1 hour' where id = $1",
    "soft deletion": "update auth.users set deleted_at = now() where id = $1",
    "profile switched off": "update influencers set is_active = false where user_id = $1",
}


@pytest.mark.parametrize("how", CLOSING)
@pytest.mark.parametrize("status", ["live", "paused"])
async def test_what_an_influencer_has_on_air_ends_with_her_account(
    shop: ShopUnderTest, redis_url: str, how: str, status: str
) -> None:
    async with on_air(shop, redis_url) as stage:
        chat = stage.chat
        asha = await chat.person("Asha")
        peer, _ = await watch(asha.client, chat.live)
        if status == "paused":
            await chat.host.call("session.pause", live_session_id=chat.live)
        await shop.sql.execute(CLOSING[how], chat.influencer.user_id)
        assert await look(shop) == 1
        chat.one.relay.kick()
        ended = await asha.client.hears("session.ended")
        assert ended["live_session"]["status"] == "ended"
        await stage.over()
        await asyncio.wait_for(peer.closed, CUT_S)
        assert await look(shop) == 0


async def look(shop: ShopUnderTest) -> int:
    return await ClosedAccounts(LiveSessions(shop.db), clock.now).once()


LEAVING = {
    "another password": "update auth.users set encrypted_password = 'other' where id = $1",
    "a ban that is over": "update auth.users set banned_until = now() - interval '1 s'"
    " where id = $1",
    "log-out": "insert into private.ended_logins (user_id) values ($1)",
}


@pytest.mark.parametrize("how", LEAVING)
async def test_what_is_on_air_outlives_a_log_in(shop: ShopUnderTest, how: str) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer)
    await shop.sql.execute(LEAVING[how], influencer.user_id)
    assert await look(shop) == 0
    assert await status_of(shop, live) == "live"


async def status_of(shop: ShopUnderTest, live: UUID) -> str:
    status: str = await shop.sql.fetchval(
        "select status::text from live_sessions where id = $1", live
    )
    return status


async def test_who_was_let_in_to_send_just_before_the_end_is_cut_off(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with media_process(redis_url) as media, chat_of(shop, redis_url) as chat:

        async def exchange(offer: str) -> str:
            answer = await chat.host.call("webrtc.publish", live_session_id=chat.live, sdp=offer)
            await chat.host.call("session.end", live_session_id=chat.live)
            sdp: str = answer["sdp"]
            return sdp

        peer = Peer()
        await peer.publish(exchange)
        await OnAir(chat, media, peer).over()


async def test_the_end_that_comes_while_somebody_asks_to_send_lets_them_not(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with media_process(redis_url) as media, chat_of(shop, redis_url) as chat:
        asked, may_answer = asyncio.Event(), asyncio.Event()
        late(media, "publish", asked, may_answer)
        codes: list[str] = []

        async def exchange(offer: str) -> str:
            refused = await chat.host.refusal(
                "webrtc.publish", live_session_id=chat.live, sdp=offer
            )
            codes.append(refused.code)
            raise refused

        phone = await chat.connect(token(chat.influencer.user_id, "influencer"), chat.two)
        sending = asyncio.create_task(Peer().publish(exchange))
        await asked.wait()
        await phone.call("session.end", live_session_id=chat.live)
        may_answer.set()
        await asyncio.wait({sending})
        assert sending.exception() is not None
        assert codes == ["session.wrong_state"]
        assert not media.sfu._peers
