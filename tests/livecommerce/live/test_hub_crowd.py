"""What the people of one live session hear of each other: chat, reactions, who they are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.livecommerce.live.hub_process import HubProcess, hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


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
