"""Polls as the people of a live session see them, over two hub processes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from livecommerce.maintenance.repeated import TICK_ENGAGEMENT, Repeated
from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


def a_poll(live: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "live_session_id": live,
        "question": "Which colour next?",
        "options": ["Red", "Blue", "Green"],
    } | more


async def tick(shop: ShopUnderTest) -> None:
    """What the worker does twice a second."""
    await Repeated(shop.db, TICK_ENGAGEMENT, 1000, 0.5).once()


def votes(poll: dict[str, Any]) -> list[int]:
    return [option["votes"] for option in poll["options"]]


async def test_votes_over_two_processes_make_one_result(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    people = [await shop.customer() for _ in range(8)]
    async with AsyncExitStack() as stack:
        hubs = [await stack.enter_async_context(hub_process(shop.db, redis_url)) for _ in "12"]
        host = await stack.enter_async_context(person(hubs[0], token(meera.user_id, "influencer")))
        viewer = await stack.enter_async_context(person(hubs[1]))
        await viewer.call("session.join", live_session_id=live)
        poll = (await host.call("poll.open", **a_poll(live)))["poll"]
        opened = await viewer.hears("poll.opened")
        voters = [
            await stack.enter_async_context(person(hubs[n % 2], token(each)))
            for n, each in enumerate(people)
        ]
        for voter in voters:
            await voter.call("session.join", live_session_id=live)
        await asyncio.gather(
            *(
                voter.call("poll.vote", live_session_id=live, poll_id=poll["id"], option=n % 3)
                for n, voter in enumerate(voters)
            )
        )
        counted = await viewer.hears("poll.counted")
        while sum(votes(counted["poll"])) < 8:
            await asyncio.sleep(0.01)
            counted = [heard for name, heard in viewer.heard if name == "poll.counted"][-1]
        closed = await host.call("poll.close", live_session_id=live, poll_id=poll["id"])
        result = await viewer.hears("poll.closed")
        late = await voters[0].refusal(
            "poll.vote", live_session_id=live, poll_id=poll["id"], option=2
        )
        snapshot = await voters[1].call("session.join", live_session_id=live)

    assert opened["poll"] == poll
    assert votes(counted["poll"]) == votes(result["poll"]) == votes(closed["poll"]) == [3, 3, 2]
    assert result["poll"]["voters"] == 8
    assert late.code == "poll.closed"
    assert snapshot["engagement"]["poll"] == result["poll"]
    assert snapshot["engagement"]["mine"]["poll_option"] == 1


async def test_a_changed_vote_moves_and_a_repeated_one_does_not_count(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live, asha = await shop.live_session(meera), await shop.customer()
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(meera.user_id, "influencer")) as host,
        person(one, token(asha)) as phone,
        person(two, token(asha)) as laptop,
    ):
        poll = (await host.call("poll.open", **a_poll(live)))["poll"]
        for each in (phone, laptop):
            await each.call("session.join", live_session_id=live)
        for device, option in ((phone, 0), (laptop, 0), (phone, 2), (laptop, 1)):
            await device.call("poll.vote", live_session_id=live, poll_id=poll["id"], option=option)
        closed = await host.call("poll.close", live_session_id=live, poll_id=poll["id"])

    assert votes(closed["poll"]) == [0, 1, 0]


async def test_who_may_not_and_what_cannot_be_is_refused(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
        person(hub, token(await shop.customer())) as asha,
        person(hub) as stranger,
    ):
        foreign = await asha.refusal("poll.open", **a_poll(live))
        doubled = await host.refusal("poll.open", **a_poll(live, options=["Red", "red "]))
        empty = await host.refusal("poll.open", **a_poll(live, options=["Red", "\u200b"]))
        asked = a_poll(live)
        poll = (await host.call("poll.open", **asked))["poll"]
        again = await host.call("poll.open", **asked)
        other = await host.refusal("poll.open", **a_poll(live))
        vote = {"live_session_id": live, "poll_id": poll["id"], "option": 3}
        outside = await asha.refusal("poll.vote", **vote)
        await asha.call("session.join", live_session_id=live)
        beyond = await asha.refusal("poll.vote", **vote)
        unknown = await asha.refusal("poll.vote", **vote | {"poll_id": new_id()})
        anonymous = await stranger.refusal("poll.vote", **vote)

    assert foreign.code == "auth.forbidden"
    assert doubled.code == empty.code == beyond.code == "poll.invalid"
    assert again["poll"] == poll
    assert other.code == "poll.running"
    assert outside.code == "session.not_joined"
    assert unknown.code == "poll.not_found"
    assert anonymous.code == "auth.required"


async def test_a_poll_ends_by_its_time_and_with_its_live_session(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
        person(hub, token(await shop.customer())) as asha,
    ):
        await asha.call("session.join", live_session_id=live)
        timed = (await host.call("poll.open", **a_poll(live, duration_s=10)))["poll"]
        await shop.sql.execute(
            "update private.polls set closes_at = now() - interval '1 millisecond'"
        )
        late = await asha.refusal("poll.vote", live_session_id=live, poll_id=timed["id"], option=0)
        await tick(shop)
        hub.relay.kick()
        by_time = await asha.hears("poll.closed")
        await host.call("poll.open", **a_poll(live))
        await host.call("session.end", live_session_id=live)
        with_session = await asha.hears("poll.closed", 2)

    assert late.code == "poll.closed"
    assert by_time["poll"]["id"] == timed["id"]
    assert with_session["poll"]["closed_at_ms"] is not None


async def test_a_poll_has_no_link_where_nobody_posts_any(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        await host.call("chat.configure", live_session_id=live, links="none")
        await host.hears("chat.configured")
        for linked in ({"question": "See shop.com?"}, {"options": ["Red", "shop.com"]}):
            assert (await host.refusal("poll.open", **a_poll(live, **linked))).code == "chat.links"
        await host.call("chat.configure", live_session_id=live, links="moderators")
        await host.hears("chat.configured", 2)
        await host.call("poll.open", **a_poll(live, question="See shop.com?"))
