"""A giveaway as the people of a live session see it, over two hub processes."""

from __future__ import annotations

from typing import Any

from livecommerce.live import drawing
from livecommerce.live.people import People
from tests.livecommerce.live.hub_process import hub_process, new_id, person, running, token
from tests.shop.shop_under_test import ShopUnderTest


def a_giveaway(live: Any, **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "live_session_id": live, "prize": "A shirt", "duration_s": 60} | more


async def test_a_giveaway_is_opened_entered_drawn_and_can_be_checked(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(meera.user_id, "influencer")) as host,
        person(one, token(await shop.customer())) as asha,
        person(two, token(await shop.customer(), name="Ravi")) as ravi,
        person(two) as stranger,
    ):
        for each in (asha, ravi, stranger):
            await each.call("session.join", live_session_id=live)
        opened = (await host.call("giveaway.open", **a_giveaway(live, winners_max=2)))["giveaway"]
        heard = await stranger.hears("giveaway.opened")
        mine = {"live_session_id": live, "giveaway_id": opened["id"]}
        entries = [
            (await each.call("giveaway.enter", id=new_id(), **mine))["entry_id"]
            for each in (asha, ravi)
        ]
        again = (await asha.call("giveaway.enter", id=new_id(), **mine))["entry_id"]
        counted = await stranger.hears("giveaway.counted")
        returning = await ravi.call("session.join", live_session_id=live)
        drawn = (await host.call("giveaway.draw", **mine))["giveaway"]
        once_more = (await host.call("giveaway.draw", **mine))["giveaway"]
        told = await stranger.hears("giveaway.drawn")

    assert heard["giveaway"] == opened
    assert (opened["seed"], opened["drawn_at_ms"]) == (None, None)
    assert again == entries[0]
    assert 1 <= counted["giveaway"]["entries"] <= 2
    assert returning["engagement"]["mine"]["entry_id"] == entries[1]
    assert told["giveaway"] == drawn == once_more
    assert sorted(winner["entry_id"] for winner in drawn["winners"]) == sorted(entries)
    assert {winner["name"] for winner in drawn["winners"]} == {"Asha", "Ravi"}
    assert drawing.faults(drawn | {"entry_ids": sorted(entries)}) == ()


async def test_who_won_is_told_so_wherever_they_are(shop: ShopUnderTest, redis_url: str) -> None:
    meera, winner = await shop.influencer(), await shop.customer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        running(People(shop.db, hub.bus, hub.gateway, hub.rooms.standings).run()),
        person(hub, token(meera.user_id, "influencer")) as host,
        person(hub, token(winner)) as phone,
        person(hub, token(winner)) as laptop,
    ):
        await phone.call("session.join", live_session_id=live)
        opened = (await host.call("giveaway.open", **a_giveaway(live)))["giveaway"]
        mine = {"live_session_id": live, "giveaway_id": opened["id"]}
        entered = await phone.call("giveaway.enter", id=new_id(), **mine)
        await host.call("giveaway.draw", **mine)
        won = await laptop.hears("giveaway.won")

    assert (won["prize"], won["place"]) == ("A shirt", 1)
    assert won["entry_id"] == entered["entry_id"]


async def test_what_cannot_be_is_refused(shop: ShopUnderTest, redis_url: str) -> None:
    meera, rival = await shop.influencer(), await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
        person(hub, token(rival.user_id, "influencer")) as other,
        person(hub, token(await shop.customer())) as asha,
    ):
        foreign = await other.refusal("giveaway.open", **a_giveaway(live))
        no_prize = await host.refusal("giveaway.open", **a_giveaway(live, prize="\u200b"))
        opened = (await host.call("giveaway.open", **a_giveaway(live, needs="order")))["giveaway"]
        second = await host.refusal("giveaway.open", **a_giveaway(live))
        mine = {"live_session_id": live, "giveaway_id": opened["id"]}
        outside = await asha.refusal("giveaway.enter", id=new_id(), **mine)
        await asha.call("session.join", live_session_id=live)
        unfit = await asha.refusal("giveaway.enter", id=new_id(), **mine)
        unknown = await asha.refusal("giveaway.enter", id=new_id(), **mine | {"giveaway_id": live})
        for_customers = await host.refusal("giveaway.enter", id=new_id(), **mine)
        not_hers = await asha.refusal("giveaway.draw", **mine)

    assert foreign.code == not_hers.code == for_customers.code == "auth.forbidden"
    assert no_prize.code == "giveaway.invalid"
    assert second.code == "giveaway.running"
    assert outside.code == "session.not_joined"
    assert (unfit.code, unfit.details) == ("giveaway.not_eligible", {"needs": "order"})
    assert unknown.code == "giveaway.not_found"


async def test_names_and_prizes_follow_the_rules_of_the_chat(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live, linked = await shop.live_session(meera), await shop.customer()
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
        person(hub, token(linked, name="Asha shop.com")) as asha,
        person(hub, token(await shop.customer(), name="Ravi")) as ravi,
    ):
        for each in (host, asha, ravi):
            await each.call("session.join", live_session_id=live)
        await host.call("chat.configure", live_session_id=live, links="none")
        await host.hears("chat.configured")
        prize = await host.refusal("giveaway.open", **a_giveaway(live, prize="See shop.com"))
        opened = (await host.call("giveaway.open", **a_giveaway(live)))["giveaway"]
        mine = {"live_session_id": live, "giveaway_id": opened["id"]}
        name = await asha.refusal("giveaway.enter", id=new_id(), **mine)
        await ravi.call("giveaway.enter", id=new_id(), **mine)
    assert (prize.code, name.code) == ("chat.links", "chat.name")
