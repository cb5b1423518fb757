"""Which sockets are alive: the deadline to connect, pings, and work under way."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.gateway import GatewayConfig
from tests.hub_stress.raw_client import RawClient, frame
from tests.signaling.gateway_calls import JOIN
from tests.signaling.hub_under_test import raw_socket, ready_socket_count, running_hub


async def test_socket_without_connect_is_closed_at_the_deadline() -> None:
    async with (
        running_hub(GatewayConfig(connect_deadline_s=0.05)) as hub,
        raw_socket(hub) as lurker,
        raw_socket(hub) as refused,
        raw_socket(hub) as fine,
    ):
        await fine.connect()
        assert (await refused.connect({"token": "forged"})).startswith("44")
        assert (await lurker.receive()).startswith("0")
        assert await lurker.receive() == ":1008"
        assert await refused.receive() == ":1008"
        assert await fine.call("session.leave", JOIN) == {"ok": {}}


async def test_messages_count_as_unanswered_from_their_arrival_to_their_answer() -> None:
    unanswered: list[int] = []

    async def leave(caller: Caller, payload: Any) -> wire.Wire:
        unanswered.append(hub.gateway.unanswered)
        return wire.Empty()

    async with running_hub(acts={"session.leave": leave}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.call("session.leave", JOIN)
        assert unanswered == [1]
        assert hub.gateway.unanswered == 0


async def test_socket_whose_message_is_worked_on_is_not_taken_for_silent() -> None:
    judged: list[bool] = []

    async def leave(caller: Caller, payload: Any) -> wire.Wire:
        connection = hub.gateway._connections[caller.connection_id]
        connection.last_ping_s = connection.last_heard_s + 1
        hub.gateway._heartbeat._judge([connection])
        judged.append(connection.closed)
        return wire.Empty()

    async with running_hub(acts={"session.leave": leave}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        assert await socket.call("session.leave", JOIN) == {"ok": {}}
        assert judged == [False]


async def test_silent_socket_is_pinged_then_dropped() -> None:
    config = GatewayConfig(ping_interval_s=2, ping_timeout_s=1)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        pings = 0
        while not (heard := await socket.receive()).startswith(":"):
            pings += heard == "2"
        assert pings >= 1
        await ready_socket_count(hub, 0)


async def test_socket_that_answers_pings_stays() -> None:
    config = GatewayConfig(ping_interval_s=2, ping_timeout_s=1)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        for _ in range(2):
            assert await socket.receive() == "2"
            await socket.send("3")
        assert await socket.call("session.leave", JOIN) == {"ok": {}}


async def test_messages_that_came_before_the_end_are_worked_on() -> None:
    """As of somebody who says a last word and closes the page."""

    async def leave(caller: Caller, payload: Any) -> wire.Wire:
        while hub.gateway._connections[caller.connection_id].fd >= 0:
            await asyncio.sleep(0)
        return wire.Empty()

    async with running_hub(acts={"session.leave": leave}) as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        said = frame(f"42{json.dumps(['session.leave', JOIN])}".encode())
        client.write(4 * said)
        while not hub.calls:
            await asyncio.sleep(0)
        client.reset()
        await ready_socket_count(hub, 0)
        assert [name for name, _, _ in hub.calls] == ["session.leave"] * 4
