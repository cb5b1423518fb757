"""What is left of questions, polls and giveaways when the live session is over."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from db import SERVICE, Database
from livecommerce.http import engagement_routes
from livecommerce.live import drawing
from livecommerce.live.giveaways import draw

SEED = "5e" * 32


async def a_live_session(world: Any, **columns: Any) -> tuple[UUID, UUID]:
    """A live session on air for a minute, and the account of its influencer."""
    host = await world.user()
    live = await world.live_session(host, status="live", **columns)
    await world.ask(
        "update live_sessions set actual_start_time = now() - interval '1 minute' where id = $1",
        live,
    )
    return live, host


async def give_away(world: Any, live: UUID, host: UUID, entrants: int) -> UUID:
    giveaway_id = uuid4()
    await world.ask(
        "select private.open_giveaway_v1($1, $2, $3, 'A shirt', 1, 'nothing', 60, $4)",
        host, giveaway_id, live, SEED,
    )  # fmt: skip
    await world.ask(
        "select private.enter_giveaways_v1((select jsonb_agg(jsonb_build_object("
        " 'giveaway_id', $1::uuid, 'live_session_id', $2::uuid, 'user_id', gen_random_uuid(),"
        " 'entry_id', gen_random_uuid(), 'name', 'Asha')) from generate_series(1, $3::integer)))",
        giveaway_id, live, entrants,
    )  # fmt: skip
    return giveaway_id


async def get(client: Any, path: str) -> Any:
    response = await client.get(path)
    return (response.status, await response.json())


async def test_a_draw_can_be_checked_from_its_public_record(
    client: Any, world: Any, database: Database
) -> None:
    live, host = await a_live_session(world)
    giveaway_id = await give_away(world, live, host, 20)
    _, before = await get(client, f"/api/v1/giveaways/{giveaway_id}")
    async with database.acting_as(SERVICE) as tx:
        await draw(tx, giveaway_id, host)
    status, after = await get(client, f"/api/v1/giveaways/{giveaway_id}")

    assert (before["seed"], before["entry_ids"], before["entries"]) == (None, None, 20)
    assert status == 200
    assert after["seed_hash"] == before["seed_hash"]
    assert drawing.faults(after) == ()


async def test_the_replay_shows_what_was_answered_voted_and_won_and_when(
    client: Any, world: Any, database: Database
) -> None:
    live, host = await a_live_session(world)
    question, poll = uuid4(), uuid4()
    await world.ask(
        "select private.ask_question_v1($1, $2, $3, 'Asha', 'customer', 'Does it shrink?')",
        question, live, uuid4(),
    )  # fmt: skip
    await world.ask("select private.move_question_v1($1, $2, $3, 'answered')", live, question, host)
    await world.ask(
        "select private.open_poll_v1($1, $2, $3, 'Which?', '{Red,Blue}', null)", host, poll, live
    )
    await world.ask("select private.close_poll_v1($1, $2)", live, poll)
    giveaway_id = await give_away(world, live, host, 1)
    async with database.acting_as(SERVICE) as tx:
        await draw(tx, giveaway_id, host)
    _, found = await get(client, f"/api/v1/live-sessions/{live}/engagement")

    assert [each["text"] for each in found["questions"]] == ["Does it shrink?"]
    assert [each["id"] for each in found["polls"]] == [str(poll)]
    assert [each["id"] for each in found["giveaways"]] == [str(giveaway_id)]
    for kind in ("questions", "polls", "giveaways"):
        assert 60_000 <= found[kind][0]["offset_ms"] < 600_000


async def test_long_replay_comes_in_pages_without_a_hole(
    client: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engagement_routes, "_PAGE", 3)
    live, host = await a_live_session(world)
    for number in range(5):
        question, poll = uuid4(), uuid4()
        await world.ask(
            "select private.ask_question_v1($1, $2, $3, 'Asha', 'customer', $4)",
            question, live, uuid4(), str(number),
        )  # fmt: skip
        move = "select private.move_question_v1($1, $2, $3, 'answered')"
        await world.ask(move, live, question, host)
        await world.ask(
            "select private.open_poll_v1($1, $2, $3, $4, '{Red,Blue}', null)",
            host, poll, live, str(number),
        )  # fmt: skip
        await world.ask("select private.close_poll_v1($1, $2)", live, poll)
    # All at the same moment: a page may end in the midst of it.
    for table, moment in (("questions", "picked_at"), ("polls", "opened_at")):
        await world.ask(f"update private.{table} set {moment} = date_trunc('hour', {moment})")
    seen: list[tuple[str, str]] = []
    sizes: list[int] = []
    place = ""
    while True:
        _, page = await get(client, f"/api/v1/live-sessions/{live}/engagement{place}")
        found = [("question", each["text"]) for each in page["questions"]]
        found += [("poll", each["question"]) for each in page["polls"]]
        seen, sizes = seen + found, [*sizes, len(found)]
        if page["next_from_ms"] is None:
            break
        place = f"?from_ms={page['next_from_ms']}&after_id={page['next_after_id']}"

    kinds = ("question", "poll")
    assert sorted(seen) == sorted((kind, str(number)) for number in range(5) for kind in kinds)
    assert sizes == [3, 3, 3, 1]


@pytest.mark.parametrize("thing", ["no-id", "018f0000-0000-7000-8000-000000000001", "private"])
async def test_what_does_not_exist_or_is_private_is_not_found(
    client: Any, world: Any, thing: str
) -> None:
    live: object = thing
    giveaway: object = thing
    if thing == "private":
        live, host = await a_live_session(world, visibility="private")
        giveaway = await give_away(world, live, host, 1)
    replay = await get(client, f"/api/v1/live-sessions/{live}/engagement")
    record = await get(client, f"/api/v1/giveaways/{giveaway}")

    assert (replay[0], replay[1]["refused"]["code"]) == (404, "session.not_found")
    assert (record[0], record[1]["refused"]["code"]) == (404, "giveaway.not_found")
