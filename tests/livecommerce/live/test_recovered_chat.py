"""What was said and taken back while somebody was away, as they hear of it."""

from __future__ import annotations

from typing import Any

import orjson

from livecommerce.facts import Fact, Position
from livecommerce.live import chat_state, room
from livecommerce.live.recovery import Recovery, past_of
from signaling.values import Id
from tests.livecommerce.live.chat_history import ASHA, RAVI, message
from tests.livecommerce.live.test_room import empty_room

START = Position("e", 0)


def past(*facts: tuple[str, dict[str, Any]]) -> Recovery:
    state, kept = empty_room(), Recovery(START)
    for offset, each in enumerate(facts, 1):
        fact = Fact(*each, Position("e", offset))
        state, told = room.apply(state, fact)
        kept.add(past_of(state.position, told, 0))
        is_gone = chat_state.takes_back(fact, state.chat)
        if is_gone is not None:
            kept.take_back(is_gone)
    return kept


def told(past: Recovery, *, to: Id | None = None, moderates: bool = False) -> list[dict[str, Any]]:
    page = past.since(START, for_moderator=moderates, user_id=to)
    assert page is not None
    events: list[dict[str, Any]] = orjson.loads(page.events)
    return events


def posted(number: int, author: Id, *marks: Any) -> tuple[str, dict[str, Any]]:
    return "chat.posted", message(number, author, *marks).model_dump(mode="json")


def pinned(number: int, author: Id) -> tuple[str, dict[str, Any]]:
    return "chat.pinned", {"message": message(number, author).model_dump(mode="json")}


def test_whoever_is_hidden_hears_of_their_own_messages_as_of_every_other() -> None:
    kept = past(posted(1, RAVI, "hidden"), posted(2, ASHA))
    assert [each["payload"]["offset"] for each in told(kept)] == [2]
    assert [each["payload"]["offset"] for each in told(kept, to=ASHA)] == [2]
    own, _ = told(kept, to=RAVI)
    assert (own["payload"]["offset"], own["payload"]["messages"][0]["marks"]) == (1, [])
    seen, _ = told(kept, to=RAVI, moderates=True)
    assert seen["payload"]["messages"][0]["marks"] == ["hidden"]


def test_a_message_that_was_pinned_and_is_gone_has_unpinned_the_one_before() -> None:
    kept = past(
        pinned(1, ASHA), pinned(2, RAVI), ("chat.purged", {"user_id": str(RAVI), "until_ms": 1_000})
    )
    assert [each["name"] for each in told(kept)] == ["chat.pinned", "chat.unpinned", "chat.purged"]
    assert "message 2" not in str(told(kept))
