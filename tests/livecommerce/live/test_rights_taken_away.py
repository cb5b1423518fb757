"""Who was a moderator while away gets, on coming back, what everybody gets."""

from __future__ import annotations

import asyncio
from typing import Any

from livecommerce.live.membership import rights_of
from livecommerce.live.permissions import NOTHING
from tests.livecommerce.live.chat_under_test import Chat, Who, chat_of
from tests.livecommerce.live.hub_process import HubProcess, hub_process, person, token
from tests.shop.shop_under_test import ShopUnderTest


def told(answer: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The names of the events, and the texts of the messages."""
    names = [event["name"] for event in answer["events"]]
    texts = [
        message["text"]
        for event in answer["events"]
        for message in event["payload"].get("messages", ())
    ]
    return names, texts


async def recovered(chat: Chat, who: Who, on: HubProcess, position: Any) -> dict[str, Any]:
    async with person(on, token(who.user_id, "customer", who.name)) as back:
        answer = await back.call("session.recover", live_session_id=chat.live, position=position)
        assert answer["snapshot"] is None
        return answer


async def test_who_is_no_moderator_any_more_recovers_nothing_that_only_moderators_see(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        ravi, tara = await chat.moderator("Ravi"), await chat.moderator("Tara")
        asha, sita = await chat.person("Asha"), await chat.person("Sita")
        await chat.act("filter.change", add=["loot"], remove=[])
        await chat.act("chat.configure", filter="hold")
        await chat.act("chat.hide", user_id=sita.user_id)
        await chat.host.hears("member.changed")
        position = (await chat.snapshot(ravi.client))["position"]
        for each in (ravi, tara):
            await each.client.client.close()
        assert (await chat.say(asha.client, "What a loot"))["is_held"]
        await chat.say(sita.client, "Psst")
        await chat.say(asha.client, "Hello")
        await chat.act("moderator.dismiss", user_id=ravi.user_id)
        for hub in (chat.one, chat.two):
            state = (await hub.rooms.open(chat.live)).ready
            while rights_of(state, ravi.user_id) is not NOTHING:
                await asyncio.sleep(0.005)
                state = (await hub.rooms.open(chat.live)).ready
        # One that hosts the live session only now reads what was missed from the stream.
        async with hub_process(shop.db, redis_url) as third:
            for hub in (chat.one, chat.two, third):
                names, texts = told(await recovered(chat, tara, hub, position))
                assert "chat.held" in names
                assert sorted(texts) == ["Hello", "Psst"]
                answer = await recovered(chat, ravi, hub, position)
                names, texts = told(answer)
                assert set(names) == {"chat.posted"}
                assert texts == ["Hello"]
                assert answer["standing"]["permissions"] == []
                assert answer["sales"] is None
                async with person(hub, token(ravi.user_id, "customer", "Ravi")) as back:
                    snapshot = await back.call("session.join", live_session_id=chat.live)
                    assert [each["text"] for each in snapshot["chat"]] == ["Hello"]
                    assert snapshot["chat_state"]["held"] == []
