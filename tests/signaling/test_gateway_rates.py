"""A connection that sends too much."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.gateway import GatewayConfig
from signaling.rate_limit import Rate
from tests.signaling.gateway_calls import JOIN
from tests.signaling.hub_under_test import raw_socket, ready_socket_count, running_hub
from tests.signaling.valid_payloads import VALID


async def test_events_beyond_the_connections_rate_are_refused_unparsed() -> None:
    config = GatewayConfig(events_per_s=0.01, events_burst=3)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        assert await socket.call("session.leave", JOIN, 1) == {"ok": {}}
        assert await socket.call("session.leave", JOIN, 2) == {"ok": {}}
        await socket.send('423["this is not even JSON')
        answer = json.loads((await socket.receive()).removeprefix("433"))[0]
        assert answer["refused"]["code"] == "rate.limited"
        assert answer["refused"]["retry_after_s"] > 0


async def test_rate_of_one_event_is_its_own() -> None:
    config = GatewayConfig(rates={"chat.send": Rate(0.01, 1)})
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "customer"})
        assert await socket.call("chat.send", VALID["chat.send"], 1) == {"ok": {}}
        refused = (await socket.call("chat.send", VALID["chat.send"], 2))["refused"]
        assert refused["code"] == "rate.limited"
        assert 90 < refused["retry_after_s"] <= 100
        assert await socket.call("session.leave", JOIN, 3) == {"ok": {}}


async def test_flood_is_closed_and_no_two_handlers_ran_at_once() -> None:
    running = 0
    most = 0

    async def slow(caller: Caller, payload: Any) -> wire.Wire:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return wire.Empty()

    async with running_hub(acts={"session.leave": slow}) as hub:
        async with raw_socket(hub) as flooder, raw_socket(hub) as healthy:
            await healthy.connect()
            await flooder.connect()
            try:
                for n in range(5_000):
                    await flooder.send(f'42{n}["session.leave",{json.dumps(JOIN)}]')
            except aiohttp.ClientConnectionError:
                pass
            while not (await flooder.receive()).startswith(":"):
                pass
            assert await healthy.call("session.leave", JOIN) == {"ok": {}}
        assert most == 1
        assert len(hub.calls) < 60


async def test_websocket_pings_count_like_messages() -> None:
    async with running_hub() as hub, raw_socket(hub, autoping=False) as socket:
        await socket.connect()
        try:
            for _ in range(1_000):
                await socket.ws.ping(b"x" * 100)
        except aiohttp.ClientConnectionError:
            pass
        await ready_socket_count(hub, 0)
