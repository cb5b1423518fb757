"""Taps and arrivals of many people, told as sums by two processes."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from livecommerce.live.gatherings import JOINS_TOLD_UP_TO, Gatherings
from signaling import engagement_payloads
from signaling import payloads as wire
from tests.livecommerce.live.hub_process import Person, hub_process, person, token
from tests.shop.shop_under_test import ShopUnderTest

LIVE = UUID(int=1)


async def sum_of(who: Person, name: str, expected: dict[str, Any]) -> None:
    """Wait until what was told of this name adds up to that, for each kind."""
    total: dict[str, int] = {}
    while total != expected:
        await asyncio.sleep(0.005)
        total = {}
        for heard, payload in who.heard:
            if heard == name:
                for kind, count in payload.get("kinds", {"": payload["count"]}).items():
                    total[kind] = total.get(kind, 0) + count


async def test_taps_of_two_processes_add_up_by_their_kind(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(await shop.customer())) as asha,
        person(two, token(await shop.customer())) as ravi,
    ):
        for each in (asha, ravi):
            await each.call("session.join", live_session_id=live)
        for who, count, kind in ((asha, 3, "heart"), (ravi, 20, "fire"), (asha, 2, "fire")):
            await who.call("reaction.send", live_session_id=live, count=count, kind=kind)
        await ravi.call("reaction.send", live_session_id=live, count=1)
        await sum_of(asha, "reactions.counted", {"heart": 4, "fire": 22})


async def test_arrivals_are_told_as_one_number(shop: ShopUnderTest, redis_url: str) -> None:
    live = await shop.live_session(await shop.influencer())
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        for _ in range(2):
            async with person(hub) as other:
                await other.call("session.join", live_session_id=live)
                await other.call("session.join", live_session_id=live)
        await hub.rooms.gatherings.tell_joins()
        await sum_of(viewer, "joins.counted", {"": 3})


async def test_arrivals_where_very_many_are_are_told_to_nobody(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        viewers = JOINS_TOLD_UP_TO + 1
        crowd = Gatherings(hub.bus, lambda _: viewers, lambda: 0.0)
        crowd.join(live)
        await crowd.tell_joins()
        viewers = JOINS_TOLD_UP_TO
        crowd.join(live)
        crowd.join(live)
        await crowd.tell_joins()
        told = await viewer.hears("joins.counted")
    assert told["count"] == 2


def test_what_two_processes_tell_within_a_window_is_one_event() -> None:
    joins = engagement_payloads.JoinsCounted(live_session_id=LIVE, count=7)
    assert joins.plus(joins).count == 14
    some = wire.ReactionsCounted(live_session_id=LIVE, count=3, kinds={"heart": 2, "fire": 1})
    more = wire.ReactionsCounted(live_session_id=LIVE, count=4, kinds={"fire": 4})
    assert some.plus(more).kinds == {"heart": 2, "fire": 5}
    assert some.plus(more).count == 7
