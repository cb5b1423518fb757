"""Questions, polls and giveaways in Postgres: exact, bounded, and kept."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import SERVICE, Query
from livecommerce.live import drawing
from livecommerce.live.giveaways import Draws, draw
from tests.shop.shop_under_test import ShopUnderTest, a_request, place_order

_VOTE = Query("engagement.vote", list)
_UPVOTE = Query("engagement.upvote", list)
_ENTER = Query("engagement.enter", list)
SEED = "5e" * 32


async def a_live_session(shop: ShopUnderTest) -> tuple[UUID, UUID]:
    """A live session on air, and the account of its influencer."""
    meera = await shop.influencer()
    return await shop.live_session(meera), meera.user_id


async def ask(shop: ShopUnderTest, live: UUID, user_id: UUID | None = None) -> dict[str, Any]:
    answer = await shop.db.acting_as(SERVICE).one(
        Query("engagement.ask", dict),
        uuid.uuid4(), live, user_id or uuid.uuid4(), "Asha", "customer", "Does it shrink?",
    )  # fmt: skip
    assert answer is not None
    return answer


async def upvote(shop: ShopUnderTest, live: UUID, question_id: str, *people: UUID) -> list[str]:
    answers = await shop.db.acting_as(SERVICE).one(
        _UPVOTE,
        [
            {"question_id": question_id, "live_session_id": str(live), "user_id": str(each)}
            for each in people
        ],
    )
    assert answers is not None
    return [answer["outcome"] for answer in answers]


# ---- polls


async def test_counts_stay_exact_when_thousands_vote_and_change_their_minds(
    shop: ShopUnderTest,
) -> None:
    meera = await shop.influencer()
    live, poll_id = await shop.live_session(meera), uuid.uuid4()
    open_poll = "select private.open_poll_v1($1, $2, $3, 'Which?', '{Red,Blue,Green}', null)"
    await shop.sql.execute(open_poll, meera.user_id, poll_id, live)

    def votes(start: int, round_: int) -> list[dict[str, Any]]:
        return [
            {
                "poll_id": str(poll_id),
                "live_session_id": str(live),
                "user_id": str(UUID(int=n)),
                "option": (n * 7 + round_) % 3,
            }
            for n in range(start, start + 250)
        ]

    async def process(first_round: int) -> None:
        for round_ in range(first_round, first_round + 3):
            for start in range(1, 2001, 250):
                await shop.db.acting_as(SERVICE).one(_VOTE, votes(start, round_))

    # The same people, each on two processes at the same time, of two minds.
    await asyncio.gather(process(0), process(1))
    running = await shop.sql.fetchval("select counts from private.polls")
    await shop.sql.execute("select private.close_poll_v1($1, $2)", live, poll_id)
    kept = await shop.sql.fetchval("select counts from private.polls")
    counted = Counter(r["option"] for r in await shop.sql.fetch("select * from private.poll_votes"))

    assert running == kept == [counted[0], counted[1], counted[2]]
    assert sum(kept) == 2000


async def test_counts_are_told_at_most_twice_a_second_however_many_processes_ask(
    shop: ShopUnderTest,
) -> None:
    meera = await shop.influencer()
    live = await shop.live_session(meera)
    polls = "select private.open_poll_v1($1, gen_random_uuid(), $2, 'Which?', '{A,B}', null)"
    await shop.sql.execute(polls, meera.user_id, live)
    poll = "update private.polls set revision = revision + 1, told_at = now() - interval '1 second'"
    await shop.sql.execute(poll)
    first = await shop.sql.fetchval("select private.tell_engagement_v1(10)")
    await shop.sql.execute("update private.polls set revision = revision + 1")
    second = await shop.sql.fetchval("select private.tell_engagement_v1(10)")

    assert (first, second) == (1, 0)


@pytest.mark.parametrize(("silent_for", "told"), [("1 second", 0), ("4 seconds", 1)])
async def test_a_poll_that_runs_for_minutes_is_told_less_often(
    shop: ShopUnderTest, silent_for: str, told: int
) -> None:
    live, host = await a_live_session(shop)
    open_poll = "select private.open_poll_v1($1, gen_random_uuid(), $2, 'Which?', '{A,B}', null)"
    await shop.sql.execute(open_poll, host, live)
    await shop.sql.execute(
        "update private.polls set opened_at = now() - interval '5 minutes', revision = 2,"
        f" told_at = now() - interval '{silent_for}'"
    )
    assert await shop.sql.fetchval("select private.tell_engagement_v1(10)") == told


# ---- questions


async def test_a_person_upvotes_once_and_whoever_asked_has_upvoted_by_asking(
    shop: ShopUnderTest,
) -> None:
    live, _ = await a_live_session(shop)
    asha, ravi = uuid.uuid4(), uuid.uuid4()
    question = (await ask(shop, live, asha))["question"]
    first = await upvote(shop, live, question["id"], ravi, asha)
    again = await upvote(shop, live, question["id"], ravi)
    elsewhere = await upvote(shop, uuid.uuid4(), question["id"], uuid.uuid4())

    assert first == ["upvoted", "already_upvoted"]
    assert again == ["already_upvoted"]
    assert elsewhere == ["not_found"]
    assert await shop.sql.fetchval("select upvotes from private.questions") == 1


async def test_upvotes_of_two_processes_are_counted_exactly(shop: ShopUnderTest) -> None:
    live, _ = await a_live_session(shop)
    question = (await ask(shop, live))["question"]
    people = [uuid.uuid4() for _ in range(300)]

    async def process(of: list[UUID]) -> None:
        for start in range(0, len(of), 50):
            await upvote(shop, live, question["id"], *of[start : start + 50])

    await asyncio.gather(process(people[:200]), process(people[100:]))
    assert await shop.sql.fetchval("select upvotes from private.questions") == 300


async def test_a_full_queue_pushes_out_what_nobody_else_wants_to_know(shop: ShopUnderTest) -> None:
    live, _ = await a_live_session(shop)
    asked = [(await ask(shop, live))["question"]["id"] for _ in range(40)]
    await upvote(shop, live, asked[0], uuid.uuid4())
    flooded = await ask(shop, live)
    await shop.sql.execute("update private.questions set asked_at = asked_at - interval '11 s'")
    admitted = await ask(shop, live)
    pushed = await shop.sql.fetch("select id from private.questions where status = 'pushed_out'")

    assert flooded["outcome"] == "queue_full"
    assert admitted["outcome"] == "asked"
    assert [str(row["id"]) for row in pushed] == [asked[1]]


async def test_one_person_cannot_fill_the_queue(shop: ShopUnderTest) -> None:
    live, _ = await a_live_session(shop)
    asha = uuid.uuid4()
    outcomes = [(await ask(shop, live, asha))["outcome"] for _ in range(4)]
    assert outcomes == ["asked", "asked", "asked", "yours_full"]


async def test_upvotes_of_all_questions_are_told_in_one_word_every_two_seconds(
    shop: ShopUnderTest,
) -> None:
    live, _ = await a_live_session(shop)
    first, second = [(await ask(shop, live))["question"]["id"] for _ in "12"]
    for each in (first, second):
        await upvote(shop, live, each, uuid.uuid4())
    together = await shop.sql.fetchval("select private.tell_engagement_v1(10)")
    await upvote(shop, live, first, uuid.uuid4())
    too_soon = await shop.sql.fetchval("select private.tell_engagement_v1(10)")
    await shop.sql.execute("update private.questions set told_at = told_at - interval '2 seconds'")
    await ask(shop, live)
    later = await shop.sql.fetchval("select private.tell_engagement_v1(10)")
    told = await shop.sql.fetch(
        "select jsonb_array_length(payload -> 'questions') as n from private.outbox order by id"
    )

    assert (together, too_soon, later) == (1, 0, 1)
    assert [row["n"] for row in told] == [1, 1, 2, 1, 1]


# ---- giveaways


async def open_giveaway(
    shop: ShopUnderTest, live: UUID, host: UUID, needs: str = "nothing", winners: int = 3
) -> UUID:
    giveaway_id = uuid.uuid4()
    answer = await shop.db.acting_as(SERVICE).one(
        Query("engagement.open_giveaway", dict),
        host, giveaway_id, live, "A shirt", winners, needs, 60, SEED,
    )  # fmt: skip
    assert answer is not None
    assert answer["outcome"] == "opened"
    return giveaway_id


async def enter(
    shop: ShopUnderTest, live: UUID, giveaway_id: UUID, *people: UUID
) -> list[dict[str, Any]]:
    answers = await shop.db.acting_as(SERVICE).one(
        _ENTER,
        [
            {
                "giveaway_id": str(giveaway_id),
                "live_session_id": str(live),
                "user_id": str(each),
                "entry_id": str(uuid.uuid4()),
                "name": "Asha",
            }
            for each in people
        ],
    )
    assert answers is not None
    return answers


async def record(shop: ShopUnderTest, giveaway_id: UUID) -> dict[str, Any]:
    found = await shop.db.acting_as(SERVICE).one(
        Query("engagement.giveaway_record", dict), giveaway_id
    )
    assert found is not None
    return found


async def draw_now(shop: ShopUnderTest, giveaway_id: UUID) -> None:
    async with shop.db.acting_as(SERVICE) as tx:
        await draw(tx, giveaway_id, None)


async def test_a_draw_among_entries_that_still_come_is_of_exactly_those_that_heard_yes(
    shop: ShopUnderTest,
) -> None:
    live, host = await a_live_session(shop)
    giveaway_id = await open_giveaway(shop, live, host)
    said_yes: list[str] = []

    async def coming() -> None:
        for _ in range(40):
            for answer in await enter(shop, live, giveaway_id, *(uuid.uuid4() for _ in range(5))):
                if answer["outcome"] == "entered":
                    said_yes.append(answer["entry_id"])

    async def drawing_meanwhile() -> None:
        while len(said_yes) < 50:
            await asyncio.sleep(0)
        await asyncio.gather(*(draw_now(shop, giveaway_id) for _ in range(3)))

    await asyncio.gather(coming(), coming(), drawing_meanwhile())
    found = await record(shop, giveaway_id)

    assert sorted(said_yes) == found["entry_ids"]
    assert len(found["entry_ids"]) == found["entries"] < 400
    assert len(found["winners"]) == 3
    assert drawing.faults(found) == ()
    assert await shop.count("private.giveaway_draws") == 1


async def test_who_has_entered_keeps_the_first_entry_and_the_draw_tells_the_winners(
    shop: ShopUnderTest,
) -> None:
    live, host = await a_live_session(shop)
    giveaway_id, asha = await open_giveaway(shop, live, host), await shop.customer()
    (first,) = await enter(shop, live, giveaway_id, asha)
    (again,) = await enter(shop, live, giveaway_id, asha)
    await draw_now(shop, giveaway_id)
    (late,) = await enter(shop, live, giveaway_id, asha)
    (too_late,) = await enter(shop, live, giveaway_id, uuid.uuid4())
    won = await shop.row("select payload from private.outbox where topic = 'giveaway.won'")
    notice = await shop.row("select user_id, title, message from notifications")

    assert first == again == late
    assert too_late["outcome"] == "closed"
    assert f'"{asha}"' in won["payload"]
    assert notice == {"user_id": asha, "title": "You have won", "message": "A shirt"}


@pytest.mark.parametrize(
    "statement",
    [
        "update private.giveaways set seed = repeat('00', 32)",
        "update private.giveaway_entries set name = 'A friend'",
        "delete from private.giveaway_entries",
        "update private.giveaway_winners set place = 9",
        "delete from private.giveaway_draws",
        "truncate private.giveaway_winners",
    ],
)
async def test_what_took_part_and_what_came_out_cannot_be_changed(
    shop: ShopUnderTest, statement: str
) -> None:
    live, host = await a_live_session(shop)
    giveaway_id = await open_giveaway(shop, live, host)
    await enter(shop, live, giveaway_id, uuid.uuid4(), uuid.uuid4())
    await draw_now(shop, giveaway_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await shop.sql.execute(statement)


async def test_a_giveaway_for_followers_and_one_for_buyers_take_nobody_else(
    shop: ShopUnderTest,
) -> None:
    meera, shirt = await shop.influencer(), await shop.product()
    live = await shop.live_session(meera, shirt)
    follower, buyer = await shop.customer(), await shop.customer()
    await shop.sql.execute(
        "insert into follows (user_id, influencer_id) values ($1, $2)", follower, meera.id
    )
    # The driver's UUID is a subclass that JSON does not take.
    lines = [(UUID(str(shirt.variant_id)), 1)]
    bought = a_request(lines=lines, live_session_id=UUID(str(live)))
    await place_order(shop.db, buyer, bought)
    for_followers = await open_giveaway(shop, live, meera.user_id, "follow")
    of_followers = await enter(shop, live, for_followers, follower, buyer)
    await draw_now(shop, for_followers)
    for_buyers = await open_giveaway(shop, live, meera.user_id, "order")
    of_buyers = await enter(shop, live, for_buyers, follower, buyer)
    await shop.sql.execute("update orders set status = 'cancelled'")
    await draw_now(shop, for_buyers)
    third = await open_giveaway(shop, live, meera.user_id, "order")
    of_nobody = await enter(shop, live, third, buyer)

    assert [answer["outcome"] for answer in of_followers] == ["entered", "not_eligible"]
    assert [answer["outcome"] for answer in of_buyers] == ["not_eligible", "entered"]
    assert [answer["outcome"] for answer in of_nobody] == ["not_eligible"]


async def test_what_nobody_drew_is_drawn_when_the_live_session_is_over(
    shop: ShopUnderTest,
) -> None:
    live, host = await a_live_session(shop)
    giveaway_id = await open_giveaway(shop, live, host)
    await enter(shop, live, giveaway_id, uuid.uuid4())
    draws = Draws(shop.db)
    too_early = await draws.once()
    await shop.sql.execute("update live_sessions set status = 'ended'")
    await asyncio.gather(draws.once(), Draws(shop.db).once())

    assert too_early == 0
    assert drawing.faults(await record(shop, giveaway_id)) == ()
    assert await shop.count("private.giveaway_draws") == 1


async def test_before_the_draw_nobody_is_told_the_seed_or_who_takes_part(
    shop: ShopUnderTest,
) -> None:
    live, host = await a_live_session(shop)
    giveaway_id = await open_giveaway(shop, live, host)
    await enter(shop, live, giveaway_id, uuid.uuid4())
    found = await record(shop, giveaway_id)

    assert (found["seed"], found["entry_ids"], found["entries"]) == (None, None, 1)
    assert found["seed_hash"] == drawing.hash_of_seed(SEED)
    told = await shop.sql.fetch("select payload::text from private.outbox")
    assert told
    assert all(SEED not in row["payload"] for row in told)
