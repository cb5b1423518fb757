"""Stock Socket.IO clients, as their authors made them, on our hub."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.closing import BINARY
from signaling.gateway import GatewayConfig
from signaling.rooms import Kind, Room
from tests.signaling.hub_under_test import (
    LIVE,
    PERSON,
    ROOM,
    Hub,
    ready_socket_count,
    running_hub,
)
from tests.signaling.robots import ROBOTS, Robot, in_node, of_kind, until

JOIN = {"live_session_id": str(LIVE)}
# A client of this test says more in a second than a person does.
GENEROUS = GatewayConfig(events_per_s=1000, events_burst=1000)

kinds = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.browser if kind == "chromium" else ())
        for kind in ROBOTS
    ],
)


def joining(hub: list[Hub]) -> dict[str, Any]:
    async def join(caller: Caller, payload: wire.SessionJoin) -> wire.Wire:
        hub[0].gateway.enter(caller.connection_id, ROOM)
        return wire.Empty()

    return {"session.join": join}


def pin(offset: int) -> wire.ProductPinned:
    return wire.ProductPinned(
        live_session_id=LIVE, epoch="e", offset=offset, product_id=UUID(int=offset)
    )


async def connect(robot: Robot, hub: Hub, auth: Any = None, **options: Any) -> None:
    if auth is not None:
        options["auth"] = auth
    await robot.do("connect", url=hub.url, options=options)


def heard(robot: Robot) -> list[Any]:
    """Names and offsets of the events, in order."""
    return [(report["name"], report["payload"][0]["offset"]) for report in of_kind(robot, "event")]


@kinds
async def test_client_connects_calls_hears_and_leaves(kind: str) -> None:
    hubs: list[Hub] = []
    async with running_hub(GENEROUS, joining(hubs)) as hub, ROBOTS[kind]() as robot:
        hubs.append(hub)
        await connect(robot, hub, {"token": "customer"})
        await until(robot, "connect")
        answer = await robot.do("call", name="session.join", payload=JOIN)
        assert answer["answer"] == {"ok": {}}
        (identity,) = {caller.identity for name, caller, _ in hub.calls if name == "session.join"}
        assert identity is not None
        assert identity.user_id == PERSON
        hub.gateway.publish(ROOM, "product.pinned", pin(1))
        event = await until(robot, "event")
        assert event["name"] == "product.pinned"
        assert event["payload"] == [
            {
                "live_session_id": str(LIVE),
                "epoch": "e",
                "offset": 1,
                "product_id": str(UUID(int=1)),
            }
        ]
        await robot.do("disconnect")
        await ready_socket_count(hub, 0)


@kinds
async def test_refused_client_hears_code_and_sentence(kind: str) -> None:
    async with running_hub() as hub, ROBOTS[kind]() as robot:
        await connect(robot, hub, {"token": "nobody"})
        refused = await until(robot, "connect_error")
        assert refused["data"]["code"] == "auth.invalid"
        assert refused["message"]
        assert not of_kind(robot, "connect")


@kinds
async def test_refused_event_is_answered_with_its_refusal(kind: str) -> None:
    async with running_hub() as hub, ROBOTS[kind]() as robot:
        await connect(robot, hub)
        await until(robot, "connect")
        answer = await robot.do("call", name="chat.send", payload={"text": "x"})
        assert answer["answer"]["refused"]["code"] == "payload.invalid"
        answer = await robot.do("call", name="no.such", payload={})
        assert answer["answer"]["refused"]["code"] == "event.unknown"
        assert answer["answer"]["refused"]["message"]
        await robot.do("disconnect")


@kinds
async def test_client_hears_hundreds_of_events_and_answers_in_their_order(kind: str) -> None:
    hubs: list[Hub] = []

    async def react(caller: Caller, payload: wire.ReactionSend) -> wire.Wire:
        hubs[0].gateway.publish(Room(Kind.PERSON, PERSON), "product.unpinned", pin(payload.count))
        return wire.Empty()

    acts = joining(hubs) | {"reaction.send": react}
    async with running_hub(GENEROUS, acts) as hub, ROBOTS[kind]() as robot:
        hubs.append(hub)
        await connect(robot, hub, {"token": "customer"})
        await until(robot, "connect")
        await robot.do("call", name="session.join", payload=JOIN)
        expected: list[Any] = []
        for number in range(1, 6):
            for offset in range(100 * number, 100 * number + 60):
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                expected.append(("product.pinned", offset))
            payload = JOIN | {"count": number}
            assert (await robot.do("call", name="reaction.send", payload=payload))["answer"]
            expected.append(("product.unpinned", number))
        await until(robot, "event", len(expected))
        assert heard(robot) == expected
        await robot.do("disconnect")


@kinds
async def test_client_comes_back_by_itself_after_a_restart(kind: str) -> None:
    """The hub lets it go with the code of a restart; another takes its place on the same port."""
    hubs: list[Hub] = []
    async with ROBOTS[kind]() as robot:
        async with running_hub(GENEROUS, joining(hubs)) as first:
            hubs.append(first)
            await connect(robot, first, {"token": "customer"})
            first_id = (await until(robot, "connect"))["id"]
            await robot.do("call", name="session.join", payload=JOIN)
            port = int(first.url.rpartition(":")[2])
        await until(robot, "disconnect")
        async with running_hub(GENEROUS, joining(hubs), port=port) as second:
            hubs[0] = second
            again = await until(robot, "connect", 2)
            assert again["id"] != first_id
            await robot.do("call", name="session.join", payload=JOIN)
            second.gateway.publish(ROOM, "product.pinned", pin(7))
            await until(robot, "event")
            assert heard(robot) == [("product.pinned", 7)]
            await robot.do("disconnect")


@kinds
async def test_client_that_sends_binary_is_sent_away_and_stays_away(kind: str) -> None:
    """A final close comes with the protocol's DISCONNECT, after which no stock client returns."""
    async with running_hub() as hub, ROBOTS[kind]() as robot:
        await connect(robot, hub)
        await until(robot, "connect")
        await robot.do("binary", name="session.leave", size=10)
        ended = await until(robot, "disconnect")
        assert BINARY.is_final
        assert ended["reason"] in ("io server disconnect", "server disconnect")
        await ready_socket_count(hub, 0)
        # It would be back by now, many times over.
        await asyncio.sleep(0.5)
        assert hub.gateway.connection_count == 0
        assert len(of_kind(robot, "connect")) == 1


async def test_client_that_would_rather_poll_says_so_and_can_be_told_to_try_on() -> None:
    """By default it begins with long polling, which is not served."""
    async with running_hub() as hub, in_node() as robot:
        await connect(robot, hub, transports=["polling", "websocket"], reconnection=False)
        refused = await until(robot, "connect_error")
        assert refused["message"] == "xhr poll error"
    async with running_hub() as hub, in_node() as robot:
        await connect(robot, hub, transports=["polling", "websocket"], tryAllTransports=True)
        await until(robot, "connect")
        assert (await robot.do("transport"))["transport"] == "websocket"
        await robot.do("disconnect")


async def test_client_of_an_unknown_namespace_is_told_so() -> None:
    async with running_hub() as hub, in_node() as robot:
        await robot.do("connect", url=f"{hub.url}/admin", options={"reconnection": False})
        refused = await until(robot, "connect_error")
        assert refused["message"] == "Invalid namespace"
