"""What is said in a chat and by which rules, as its people see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.livecommerce.live.chat_under_test import chat_of
from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.livecommerce.live.ordering import buying
from tests.shop.shop_under_test import ShopUnderTest, a_request, place_order

# ---- messages


async def test_cleared_chat_is_empty_for_all_and_for_newcomers(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        await chat.say(asha.client, "One")
        await chat.act("chat.clear")
        await asha.client.hears("chat.cleared")
        await chat.say(asha.client, "Two")
        await chat.host.hears("chat.posted", 2)
        assert await chat.shown_to_a_newcomer() == ["Two"]


async def test_pinned_message_stays_on_top_until_it_is_unpinned_or_gone(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        message = (await chat.say(asha.client, "Size chart is in the first product"))["message"]
        await chat.host.hears("chat.posted")
        await chat.act("chat.pin", message_id=message["id"])
        assert (await asha.client.hears("chat.pinned"))["message"]["text"] == message["text"]
        async with hub_process(shop.db, redis_url) as three, person(three) as newcomer:
            assert (await chat.snapshot(newcomer))["chat_state"]["pinned"]["id"] == message["id"]
        await chat.act("chat.unpin")
        await asha.client.hears("chat.unpinned")
        await chat.act("chat.pin", message_id=message["id"])
        await asha.client.hears("chat.pinned", 2)
        await chat.act("chat.delete", message_id=message["id"])
        await asha.client.hears("chat.deleted")
        assert (await chat.snapshot(asha.client))["chat_state"]["pinned"] is None
        refused = await chat.host.refusal(
            "chat.pin", live_session_id=chat.live, message_id=message["id"]
        )
        assert refused.code == "chat.not_found"


async def test_announcement_is_said_once_and_may_stay_on_top(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha, ravi = await chat.person("Asha"), await chat.moderator("Ravi")
        told = {"id": new_id(), "text": "Deal in five minutes", "is_pinned": True}
        await chat.act("chat.announce", ravi.client, **told)
        await chat.act("chat.announce", ravi.client, **told)
        heard = (await asha.client.hears("chat.announced"))["message"]
        assert (heard["text"], heard["marks"]) == (told["text"], ["moderator", "announcement"])
        await asha.client.hears("chat.pinned")
        assert await chat.shown_to_a_newcomer() == [told["text"]]
        assert [name for name, _ in asha.client.heard].count("chat.announced") == 1
        refused = await asha.client.refusal("chat.announce", live_session_id=chat.live, **told)
        assert refused.code == "auth.forbidden"


async def test_held_message_is_shown_when_a_moderator_has_approved_it(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha, ravi = await chat.person("Asha"), await chat.moderator("Ravi")
        await chat.act("filter.change", add=["cheap copy"])
        assert (await ravi.client.hears("filter.changed"))["terms"] == ["cheap copy"]
        sent = await chat.say(asha.client, "No cheap copy?", id=(message_id := new_id()))
        assert sent["is_held"]
        assert (await chat.say(asha.client, "No cheap copy?", id=message_id))["is_held"]
        held = (await ravi.client.hears("chat.held"))["held"]
        assert (held["message"]["text"], held["matched"]) == ("No cheap copy?", "cheap copy")
        assert (await chat.snapshot(chat.host))["chat_state"]["held"] == [held]
        assert (await chat.snapshot(asha.client))["chat_state"]["held"] == []
        assert await chat.shown_to_a_newcomer() == []
        await chat.act("chat.review", ravi.client, message_id=message_id, is_approved=True)
        decided = await asha.client.hears("chat.decided")
        assert (decided["message_id"], decided["is_approved"]) == (message_id, True)
        posted = (await asha.client.hears("chat.posted"))["messages"]
        assert [message["id"] for message in posted] == [message_id]
        await chat.host.hears("chat.reviewed")
        refused = await chat.host.refusal(
            "chat.review", live_session_id=chat.live, message_id=message_id, is_approved=False
        )
        assert refused.code == "chat.already_reviewed"
        assert [name for name, _ in ravi.client.heard].count("chat.held") == 1
        assert not [name for name, _ in asha.client.heard if name == "chat.held"]


async def test_refused_message_is_never_shown_and_too_many_do_not_wait(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        ids = [(await chat.say(asha.client, "You b.i.t.c.h"))["message"]["id"] for _ in range(3)]
        assert (await chat.refused(asha.client, "bitch")).code == "chat.review_full"
        await chat.act("chat.review", message_id=ids[0], is_approved=False)
        assert not (await asha.client.hears("chat.decided"))["is_approved"]
        assert await chat.shown_to_a_newcomer() == []
        assert (await chat.say(asha.client, "bitch"))["is_held"]


# ---- rules


async def test_rules_of_the_chat_hold_for_viewers_and_not_for_moderators(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha, ravi = await chat.person("Asha"), await chat.moderator("Ravi")
        number = 0

        async def rules(**changes: Any) -> None:
            nonlocal number
            number += 1
            settings = (await chat.act("chat.configure", ravi.client, **changes))["settings"]
            assert (await asha.client.hears("chat.configured", number))["settings"] == settings

        await rules(is_enabled=False)
        assert (await chat.refused(asha.client)).code == "chat.off"
        await chat.say(ravi.client)
        await rules(is_enabled=True, links="moderators")
        assert (await chat.refused(asha.client, "see shop.com")).code == "chat.links"
        await chat.say(ravi.client, "see shop.com")
        await rules(links="none")
        assert (await chat.refused(ravi.client, "see shop.com")).code == "chat.links"
        linked = {"live_session_id": chat.live, "id": new_id(), "text": "see shop.com"}
        assert (await ravi.client.refusal("chat.announce", **linked)).code == "chat.links"
        named = await chat.person("Asha shop.com")
        assert (await chat.refused(named.client)).code == "chat.name"
        await rules(links="allow", filter="refuse")
        assert (await chat.refused(asha.client, "sh1t, bullshit")).code == "chat.words"
        await rules(filter="off")
        await chat.say(asha.client, "bullshit")
        snapshot = await chat.snapshot(asha.client)
        assert snapshot["chat_state"]["settings"] == {
            "is_enabled": True, "slow_mode_s": 0, "audience": "everyone", "links": "allow",
            "filter": "off",
        }  # fmt: skip
        refused = await asha.client.refusal(
            "chat.configure", live_session_id=chat.live, slow_mode_s=5
        )
        assert refused.code == "auth.forbidden"


async def test_slow_mode_counts_a_person_on_all_processes_and_a_repeated_message_once(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        also_asha = await chat.connect(token(asha.user_id, "customer", "Asha"), chat.one)
        await chat.act("chat.configure", slow_mode_s=300)
        await asha.client.hears("chat.configured")
        message_id = new_id()
        await chat.say(asha.client, "One", id=message_id)
        await chat.say(asha.client, "One", id=message_id)
        await also_asha.hears("chat.posted")
        for client in (asha.client, also_asha):
            refused = await chat.refused(client, "Two")
            assert refused.code == "chat.slow_mode"
            assert 0 < (refused.retry_after_s or 0) <= 300
        await chat.say(chat.host, "One")
        await chat.say(chat.host, "Two")


async def test_followers_write_as_soon_as_they_follow(shop: ShopUnderTest, redis_url: str) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        await chat.act("chat.configure", audience="followers")
        await asha.client.hears("chat.configured")
        assert (await chat.refused(asha.client)).code == "chat.followers_only"
        following = {"influencer_id": chat.influencer.id}
        answer = await asha.client.call("influencer.follow", **following)
        assert answer == {"is_following": True, "followers": 1}
        assert (await asha.client.hears("follow.changed"))["is_following"]
        await chat.say(asha.client)
        answer = await asha.client.call("influencer.unfollow", **following)
        assert answer == {"is_following": False, "followers": 0}


async def test_only_who_has_bought_writes_where_buyers_do(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    product = await shop.product()
    live = await shop.live_session(influencer, product)
    asha_id, ravi_id = await shop.customer(), await shop.customer()
    lines = [(UUID(str(product.variant_id)), 1)]
    bought = a_request(lines=lines, live_session_id=UUID(str(live)))
    await place_order(shop.db, asha_id, bought)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer", "Meera")) as host,
        person(hub, token(asha_id)) as asha,
        person(hub, token(ravi_id)) as ravi,
    ):
        for each in (host, asha, ravi):
            await each.call("session.join", live_session_id=live)
        await host.call("chat.configure", live_session_id=live, audience="buyers")
        await ravi.hears("chat.configured")
        saying = {"live_session_id": live, "text": "Hi"}
        refused = await ravi.refusal("chat.send", id=new_id(), **saying)
        assert refused.code == "chat.buyers_only"
        sent = await asha.call("chat.send", id=new_id(), **saying)
        assert sent["message"]["marks"] == ["buyer"]
        await ravi.call("order.place", **buying(live, product.variant_id, 129900))
        sent = await ravi.call("chat.send", id=new_id(), **saying)
        assert sent["message"]["marks"] == ["buyer"]
