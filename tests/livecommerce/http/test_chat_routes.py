"""The replay of a chat, and following, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from livecommerce.http import chat_routes

BEGAN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
async def meera(world: Any) -> UUID:
    user_id: UUID = await world.user("influencer", "Meera")
    return user_id


@pytest.fixture
async def live(world: Any, meera: UUID) -> UUID:
    live_session_id: UUID = await world.live_session(meera, status="ended", actual_start_time=BEGAN)
    return live_session_id


async def say(world: Any, live: UUID, text: str, after_s: float, **columns: Any) -> None:
    values = {"message": text, "username": "Asha", "is_deleted": False} | columns
    names = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(3, len(values) + 3))
    await world.ask(
        f"insert into live_session_chat (live_session_id, sent_at, {names})"
        f" values ($1, $2, {places})",
        live,
        BEGAN + timedelta(seconds=after_s),
        *values.values(),
    )


async def replayed(client: Any, live: UUID, headers: Any = None, **place: Any) -> Any:
    query = {name: str(value) for name, value in place.items()}
    response = await client.get(
        f"/api/v1/live-sessions/{live}/chat", params=query, headers=headers or {}
    )
    assert response.status == 200, await response.text()
    return await response.json()


async def test_replay_shows_what_was_said_at_its_place_without_what_was_taken_away(
    client: Any, world: Any, live: UUID
) -> None:
    await say(world, live, "Before", -30)
    await say(world, live, "Hello", 1.5, is_influencer=True)
    await say(world, live, "Spam", 2, is_deleted=True)
    await say(world, live, "Deal!", 2.5, message_type="system", is_moderator=True)
    found = await replayed(client, live)
    assert [(each["text"], each["offset_ms"]) for each in found["messages"]] == [
        ("Before", -30_000), ("Hello", 1500), ("Deal!", 2500),
    ]  # fmt: skip
    assert [each["is_host"] for each in found["messages"]] == [False, True, False]
    assert [each["is_announcement"] for each in found["messages"]] == [False, False, True]
    assert found["next_from_ms"] is None
    assert set(found["messages"][0]) == {
        "id", "offset_ms", "text", "name", "is_host", "is_moderator", "is_announcement",
        "reply_to_id",
    }  # fmt: skip
    later = await replayed(client, live, from_ms=2000)
    assert [each["text"] for each in later["messages"]] == ["Deal!"]


async def test_long_replay_comes_in_pages_without_a_hole(
    client: Any, world: Any, live: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "_PAGE", 3)
    texts = [str(number) for number in range(10)]
    for number, text in enumerate(texts):
        await say(world, live, text, number // 4)
    seen: list[str] = []
    place: dict[str, Any] = {}
    while True:
        page = await replayed(client, live, **place)
        seen += [each["text"] for each in page["messages"]]
        if page["next_from_ms"] is None:
            break
        place = {"from_ms": page["next_from_ms"], "after_id": page["next_after_id"]}
    assert sorted(seen) == texts


async def test_private_live_session_has_a_replay_for_its_influencer_only(
    client: Any, world: Any, bearer: Any, meera: UUID
) -> None:
    live = await world.live_session(
        meera, status="ended", actual_start_time=BEGAN, visibility="private"
    )
    await say(world, live, "Hello", 1)
    found = await replayed(client, live, bearer("influencer", meera))
    assert len(found["messages"]) == 1
    for path in (live, uuid4(), "nothing"):
        response = await client.get(f"/api/v1/live-sessions/{path}/chat")
        assert response.status == 404
        assert (await response.json())["refused"]["code"] == "session.not_found"


async def test_following_counts_once_and_ends(
    client: Any, world: Any, bearer: Any, meera: UUID
) -> None:
    influencer_id = await world.ask("select id from influencers where user_id = $1", meera)
    headers = bearer("customer", await world.user("customer", "Asha"))
    path = f"/api/v1/influencers/{influencer_id}"

    async def answer(method: Any, way: str) -> Any:
        response = await method(f"{path}/{way}", headers=headers)
        assert response.status == 200, await response.text()
        return await response.json()

    assert await answer(client.get, "follow") == {"is_following": False, "followers": 0}
    for _ in range(2):
        assert await answer(client.post, "follow") == {"is_following": True, "followers": 1}
    assert await answer(client.get, "follow") == {"is_following": True, "followers": 1}
    told = await world.ask("select count(*) from private.outbox where topic = 'follow.changed'")
    assert told == 1
    assert await answer(client.post, "unfollow") == {"is_following": False, "followers": 0}


async def test_nobody_follows_themselves_or_who_is_not_there(
    client: Any, world: Any, bearer: Any, meera: UUID
) -> None:
    influencer_id = await world.ask("select id from influencers where user_id = $1", meera)
    for who, asked, status, code in (
        (bearer("influencer", meera), influencer_id, 409, "influencer.self"),
        (bearer("influencer", meera), uuid4(), 404, "influencer.not_found"),
        (bearer("influencer", meera), "x", 404, "influencer.not_found"),
        ({}, influencer_id, 401, "auth.required"),
    ):
        response = await client.post(f"/api/v1/influencers/{asked}/follow", headers=who)
        assert (response.status, (await response.json())["refused"]["code"]) == (status, code)
