"""The queue of questions as the people of a live session see it, over two hub processes."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.livecommerce.live.hub_process import Person, hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


def a_question(live: Any, text: str = "Does it shrink?", **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "live_session_id": live, "text": text} | more


async def latest(who: Person, question_id: str, **fields: Any) -> dict[str, Any]:
    """What the person was told last of a question, once it has these fields."""
    while True:
        told = [
            question
            for name, payload in who.heard
            if name == "questions.changed"
            for question in payload["questions"]
            if question["id"] == question_id
        ]
        if told and fields.items() <= told[-1].items():
            return dict(told[-1])
        await asyncio.sleep(0.005)


async def test_a_question_goes_its_way_from_one_process_to_the_other(
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
    ):
        for each in (host, asha, ravi):
            await each.call("session.join", live_session_id=live)
        asked = (await asha.call("question.ask", **a_question(live)))["question"]
        await latest(ravi, asked["id"], status="open")
        mine = {"live_session_id": live, "question_id": asked["id"]}
        upvoted = (await ravi.call("question.upvote", **mine))["question"]
        twice = await ravi.refusal("question.upvote", **mine)
        await latest(asha, asked["id"], upvotes=1)
        returning = await ravi.call("session.join", live_session_id=live)
        await host.call("question.pick", **mine)
        await latest(ravi, asked["id"], status="picked")
        await host.call("question.answer", **mine)
        answered = await latest(ravi, asked["id"], status="answered")
        late = await asha.refusal("question.upvote", **mine)
        after = await ravi.call("session.join", live_session_id=live)

    assert (asked["text"], asked["name"], asked["upvotes"]) == ("Does it shrink?", "Asha", 0)
    assert (upvoted["upvotes"], answered["upvotes"]) == (1, 1)
    assert twice.code == "question.already_upvoted"
    assert [each["id"] for each in returning["engagement"]["questions"]] == [asked["id"]]
    assert returning["engagement"]["mine"]["upvoted"] == [asked["id"]]
    assert late.code == "question.closed"
    assert after["engagement"]["questions"] == []


async def test_the_question_before_counts_as_answered_when_the_next_is_picked(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        first, second = [
            (await host.call("question.ask", **a_question(live)))["question"]["id"] for _ in "12"
        ]
        for id_ in (first, second):
            await host.call("question.pick", live_session_id=live, question_id=id_)
        before = await latest(host, first, status="answered")
        now = await latest(host, second, status="picked")

    assert (before["status"], now["status"]) == ("answered", "picked")


async def test_what_was_answered_may_be_dismissed_and_is_not_in_the_replay(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        asked = (await host.call("question.ask", **a_question(live)))["question"]["id"]
        choice = {"live_session_id": live, "question_id": asked}
        await host.call("question.answer", **choice)
        shown = await replayed(shop, live)
        dismissed = (await host.call("question.dismiss", **choice))["question"]
        again = (await host.call("question.dismiss", **choice))["question"]
        # What has left the queue does not come back to it.
        back = [await host.refusal(f"question.{act}", **choice) for act in ("pick", "answer")]

    assert dismissed["status"] == "dismissed"
    assert again == dismissed
    assert [each.code for each in back] == ["question.closed"] * 2
    assert (shown, await replayed(shop, live)) == ([asked], [])


async def replayed(shop: ShopUnderTest, live: UUID) -> list[str]:
    rows = await shop.sql.fetch(
        "select id from private.engagement_replay_v2($1, null, null, 9)", live
    )
    return [str(row["id"]) for row in rows]


async def test_the_same_id_asks_once(shop: ShopUnderTest, redis_url: str) -> None:
    live, asha = await shop.live_session(await shop.influencer()), await shop.customer()
    question = a_question(live)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(asha)) as phone,
        person(hub, token(await shop.customer())) as other,
    ):
        for each in (phone, other):
            await each.call("session.join", live_session_id=live)
        first = await phone.call("question.ask", **question)
        again = await phone.call("question.ask", **question)
        stolen = await other.refusal("question.ask", **question)

    assert first == again
    assert stolen.code == "question.key_reused"
    assert await shop.count("private.questions") == 1


@pytest.mark.parametrize(
    ("text", "code"), [("  \u200b ", "question.empty"), ("a" * 201, "question.too_long")]
)
async def test_a_question_that_cannot_be_read_is_refused(
    shop: ShopUnderTest, redis_url: str, text: str, code: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as asha,
    ):
        await asha.call("session.join", live_session_id=live)
        refused = await asha.refusal("question.ask", **a_question(live, text))
    assert refused.code == code


async def test_who_is_not_there_or_looks_after_nothing_is_refused(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer())
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as asha,
    ):
        outside = await asha.refusal("question.ask", **a_question(live))
        await asha.call("session.join", live_session_id=live)
        asked = (await asha.call("question.ask", **a_question(live)))["question"]
        foreign = await asha.refusal(
            "question.dismiss", live_session_id=live, question_id=asked["id"]
        )

    assert outside.code == "session.not_joined"
    assert foreign.code == "auth.forbidden"


async def test_a_moderator_works_through_the_queue_and_who_is_banned_takes_their_questions_along(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera, ravi, troll = await shop.influencer(), await shop.customer(), await shop.customer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(meera.user_id, "influencer")) as host,
        person(two, token(ravi, name="Ravi")) as moderator,
        person(two, token(troll, name="Troll")) as other,
    ):
        for each in (host, moderator, other):
            await each.call("session.join", live_session_id=live)
        await host.call(
            "moderator.appoint",
            live_session_id=live,
            user_id=ravi,
            permissions=["moderate_chat"],
        )
        await moderator.hears("standing.changed")
        first, second = [
            (await other.call("question.ask", **a_question(live)))["question"]["id"] for _ in "12"
        ]
        await moderator.call("question.dismiss", live_session_id=live, question_id=first)
        dismissed = await latest(host, first, status="dismissed")
        await moderator.call("chat.ban", live_session_id=live, user_id=troll)
        dropped = await latest(host, second, status="dismissed")
        put_out = await other.refusal("question.ask", **a_question(live))

    assert (dismissed["status"], dropped["status"]) == ("dismissed", "dismissed")
    assert put_out.code == "session.banned"


async def test_what_somebody_hidden_asks_is_seen_by_nobody_else(
    shop: ShopUnderTest, redis_url: str
) -> None:
    meera, troll = await shop.influencer(), await shop.customer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
        person(hub, token(troll)) as other,
    ):
        for each in (host, other):
            await each.call("session.join", live_session_id=live)
        await host.call("chat.hide", live_session_id=live, user_id=troll)
        await host.hears("member.changed")
        asked = await other.call("question.ask", **a_question(live))
        snapshot = await host.call("session.join", live_session_id=live)

    assert asked["question"]["status"] == "open"
    assert snapshot["engagement"]["questions"] == []
    assert await shop.count("private.questions") == 0


async def test_the_queue_is_over_with_the_live_session(shop: ShopUnderTest, redis_url: str) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(meera.user_id, "influencer")) as host,
    ):
        await host.call("session.join", live_session_id=live)
        picked, waiting = [
            (await host.call("question.ask", **a_question(live)))["question"]["id"] for _ in "12"
        ]
        await host.call("question.pick", live_session_id=live, question_id=picked)
        await host.call("session.end", live_session_id=live)
        answered = await latest(host, picked, status="answered")
        dismissed = await latest(host, waiting, status="dismissed")
        too_late = await host.refusal("question.ask", **a_question(live))

    assert (answered["status"], dismissed["status"]) == ("answered", "dismissed")
    assert too_late.code == "session.wrong_state"
