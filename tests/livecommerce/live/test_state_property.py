"""What a page knows after a snapshot and the events that followed is what a fresh snapshot says.

The page's own reducer (livecommerce/web/src/live/state.ts) is run by Node on histories that are
made here, for every kind of fact, as a viewer and as a moderator hear them.
"""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

import hatch_build
from livecommerce.facts import Fact, Position
from livecommerce.live import chat_state, room
from signaling import chat_payloads as chat
from tests.livecommerce.live.chat_history import chat_history
from tests.livecommerce.live.engagement_history import engagement_history
from tests.livecommerce.live.test_room import (
    DEALS,
    MESSAGES,
    PRODUCTS,
    VARIANTS,
    a_deal,
    empty_room,
    ended,
    live_session,
    said,
    shown,
)

ROOT = Path(__file__).parents[3]
SEEDS = 60
LENGTH = 30
MODERATOR = chat.ChatStanding(
    permissions=("moderate_chat",), muted_until_ms=None, is_following=None
)


def samples() -> list[tuple[str, dict[str, Any]]]:
    """At least one fact of every kind that changes a room."""
    product = str(PRODUCTS[0])
    variant = str(VARIANTS[PRODUCTS[0]][0])
    of_variant = {"product_id": product, "variant_id": variant}
    paused = {"live_session": live_session("paused").model_dump(mode="json")}
    return [
        *((f"session.{verb}", paused) for verb in ("started", "paused", "resumed", "ended")),
        ("media.changed", {"source": "m1", "available": True}),
        *(("product.pinned", {"product_id": str(id)}) for id in PRODUCTS),
        *(("product.unpinned", {"product_id": str(id)}) for id in PRODUCTS),
        *(("stock.changed", of_variant | {"stock": stock}) for stock in (0, 3)),
        *(("price.changed", of_variant | {"price_minor": price}) for price in (400, 950)),
        *(("deal.started", {"deal": a_deal(id).model_dump(mode="json")}) for id in DEALS),
        *(("deal.counted", {"deal_id": str(id), "sold": 4}) for id in DEALS),
        *(("deal.ended", ended(id)) for id in DEALS),
        *(("chat.posted", said(id)) for id in MESSAGES),
        *(("chat.deleted", {"message_id": str(id)}) for id in MESSAGES),
        *chat_history(),
        *engagement_history(),
    ]


def snapshot(state: room.RoomState, standing: chat.ChatStanding) -> dict[str, Any]:
    taken = shown(state).model_copy(
        update={
            "chat": chat_state.shown_messages(state.chat, None, standing),
            "chat_state": chat_state.shown(state.chat, standing),
        }
    )
    return taken.model_dump(mode="json")


def case(
    name: str, facts: list[tuple[str, dict[str, Any]]], at: int, standing: chat.ChatStanding
) -> dict[str, Any]:
    """A page that comes after `at` of the facts and hears the others."""
    state, before = empty_room(), None
    events: list[dict[str, Any]] = []
    for offset, (fact, data) in enumerate(facts, 1):
        if offset > at and before is None:
            before = snapshot(state, standing)
        state, told = room.apply(state, Fact(fact, data, Position("e", offset)))
        hears = told is not None and (not told.is_for_moderators or standing is MODERATOR)
        if before is not None and told is not None and hears:
            events.append({"name": told.name, "payload": told.payload.model_dump(mode="json")})
    after = snapshot(state, standing)
    # Facts of which nobody is told lead on without a word.
    if events:
        after["position"] = {"epoch": "e", "offset": events[-1]["payload"]["offset"]}
    elif before is not None:
        after["position"] = before["position"]
    return {"name": name, "before": before or after, "events": events, "after": after}


def cases(standing: chat.ChatStanding) -> list[dict[str, Any]]:
    every = samples()
    made = [case(name, [(name, data)], 0, standing) for name, data in every]
    for seed in range(SEEDS):
        chance = random.Random(seed)
        facts = chance.choices(every, k=LENGTH)
        made.append(case(f"seed {seed}", facts, chance.randrange(LENGTH), standing))
    return made


def differing(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    hatch_build.install(ROOT, say=lambda *_words: None)
    node, _ = hatch_build.find_npm()
    web = hatch_build.web(ROOT)
    answer = subprocess.run(
        [node, "scripts/replay.mjs"],
        cwd=web,
        input=json.dumps(made).encode(),
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr.decode()
    found: list[dict[str, Any]] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_every_fact_that_changes_a_room_has_a_sample() -> None:
    assert {name for name, _ in samples()} == set(room._APPLY)


@pytest.mark.parametrize("standing", [chat_state.NOBODY, MODERATOR], ids=["viewer", "moderator"])
def test_snapshot_and_events_give_the_page_of_a_fresh_snapshot(
    standing: chat.ChatStanding,
) -> None:
    assert differing(cases(standing)) == []


def test_an_event_that_does_not_arrive_is_noticed() -> None:
    """The comparison can fail."""
    made = case("cut", [("product.pinned", {"product_id": str(PRODUCTS[0])})], 0, chat_state.NOBODY)
    made["events"] = []
    made["after"]["position"] = made["before"]["position"]
    assert [each["part"] for each in differing([made])] == ["pinned"]
