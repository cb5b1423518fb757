from __future__ import annotations

import asyncio
from typing import Any

import orjson

from loadtests.swarm.crowd import Crowd, Target
from loadtests.swarm.follower import Follower, Journey
from loadtests.swarm.modes import missed
from loadtests.swarm.tally import Tally
from signaling import payloads as wire
from signaling.caller import Caller
from tests.signaling.hub_under_test import LIVE, ROOM, Act, Hub, running_hub


def told(offset: int, *messages: int) -> dict[str, Any]:
    """`chat.posted` with these messages."""
    return {
        "epoch": "e",
        "offset": offset,
        "messages": [{"id": f"m{number}", "offset": number} for number in messages],
    }


def recovered(position: int, *events: dict[str, Any], is_complete: bool = True) -> dict[str, Any]:
    return {
        "events": [{"name": "chat.posted", "payload": payload} for payload in events],
        "position": {"epoch": "e", "offset": position},
        "is_complete": is_complete,
        "snapshot": None,
    }


def joined(offset: int) -> dict[str, Any]:
    return {"live_session": {}, "position": {"epoch": "e", "offset": offset}}


def test_who_was_never_there_joins_and_who_was_recovers_from_where_it_stood() -> None:
    journey = Journey(LIVE)
    this = {"live_session_id": str(LIVE)}
    assert journey.way_in() == ("session.join", this)
    assert journey.take(joined(4))
    journey.hear("chat.posted", told(6, 5, 6))
    position = {"epoch": "e", "offset": 6}
    assert journey.way_in() == ("session.recover", this | {"position": position})


def test_pages_are_taken_until_the_last_and_nothing_is_missed_or_twice() -> None:
    journey = Journey(LIVE)
    journey.take(joined(0))
    journey.hear("chat.posted", told(1, 1))
    # Behind the last message of the page there was something that nobody is told.
    assert not journey.take(recovered(4, told(2, 2), told(3, 3), is_complete=False))
    assert journey.way_in()[1]["position"]["offset"] == 4
    assert journey.take(recovered(5, told(5, 5)))
    journey.hear("chat.posted", told(6, 6))
    assert journey.message_ids == ["m1", "m2", "m3", "m5", "m6"]
    assert (journey.recovered, journey.snapshots, journey.disorder) == (1, 0, 0)


def test_a_snapshot_ends_what_can_be_said_about_before() -> None:
    journey = Journey(LIVE)
    journey.take(joined(0))
    journey.hear("chat.posted", told(9, 9))
    assert journey.take(recovered(20) | {"snapshot": {"position": {"epoch": "f", "offset": 2}}})
    assert journey.message_ids == [] and journey.snapshots == 1
    assert journey.position == {"epoch": "f", "offset": 2}


def test_an_event_behind_a_later_one_is_disorder() -> None:
    journey = Journey(LIVE)
    journey.take(joined(0))
    journey.hear("chat.posted", told(2, 2))
    journey.hear("chat.posted", told(1, 1))
    assert journey.disorder == 1


def test_missed_is_what_the_reference_has_heard_since_the_first_in_common() -> None:
    assert missed(["a", "b", "c", "d"], ["b", "d"]) == 1
    assert missed(["a", "b"], ["a", "b"]) == 0
    assert missed(["a", "b"], []) == 0
    assert missed([], ["a"]) == 0


async def test_a_follower_comes_back_through_the_socket_page_by_page() -> None:
    asked: list[int] = []
    hub: Hub

    async def join(caller: Caller, _payload: Any) -> wire.Wire:
        hub.gateway.enter(caller.connection_id, ROOM)
        return Answer(joined(0))

    async def recover(caller: Caller, payload: Any) -> wire.Wire:
        offset = payload.position.offset
        asked.append(offset)
        page = recovered(offset + 1, told(offset + 1, offset + 1), is_complete=offset >= 2)
        return Answer(page)

    acts: dict[str, Act] = {"session.join": join, "session.recover": recover}
    async with running_hub(acts=acts) as hub:
        tally, journey = Tally(), Journey(LIVE)
        crowd = Crowd(Target(hub.url), tally)

        def arrive() -> Follower:
            return Follower(tally, crowd.greeting, crowd.connect, journey)

        first = await crowd.let_in(arrive)
        first.drop()
        crowd.viewers.append(await crowd.let_in(arrive))
        assert asked == [0, 1, 2]
        assert journey.message_ids == ["m1", "m2", "m3"]
        assert (tally.ready, journey.recovered) == (1, 1)
        await crowd.close()
        await asyncio.sleep(0)


class Answer(wire.Empty):
    """Whatever the test wants to be answered, as it is."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        object.__setattr__(self, "_body", body)

    def model_dump_json(self, **_options: Any) -> str:
        body: dict[str, Any] = object.__getattribute__(self, "_body")
        return orjson.dumps(body).decode()
