"""The ordinary client, on the real python-socketio."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.client import Client, ConnectionLost
from signaling.refusals import Refused
from tests.signaling.gateway_calls import JOIN, connection_id
from tests.signaling.hub_under_test import LIVE, ROOM, ready_socket_count, running_hub


async def test_ordinary_client_connects_calls_hears_and_leaves() -> None:
    heard: list[tuple[str, Any]] = []
    async with running_hub() as hub:
        client = Client(lambda name, payload: heard.append((name, payload)))
        await client.connect(hub.url, "customer")
        assert await client.call("session.leave", JOIN) == {}
        with pytest.raises(Refused) as refused:
            await client.call("session.start", JOIN)
        assert refused.value.code == "auth.forbidden"
        hub.gateway.enter(connection_id(hub), ROOM)
        pinned = wire.ProductPinned(live_session_id=LIVE, epoch="e", offset=1, product_id=LIVE)
        hub.gateway.publish(ROOM, "product.pinned", pinned)
        while not heard:
            await asyncio.sleep(0.005)
        assert heard == [("product.pinned", pinned.model_dump(mode="json"))]
        await client.close()
        await ready_socket_count(hub, 0)


async def test_ordinary_client_is_told_why_it_may_not_connect() -> None:
    async with running_hub() as hub:
        client = Client()
        with pytest.raises(Refused) as refused:
            await client.connect(hub.url, "forged")
        assert refused.value.code == "auth.invalid"
        await client.close()


async def test_client_without_a_server_says_so_and_leaves_nothing_open() -> None:
    client = Client()
    with pytest.raises(ConnectionLost):
        await client.connect("http://127.0.0.1:9")
    await client.close()
    assert client._sio.eio.http is None


async def test_call_on_a_connection_that_ends_is_lost_not_hanging() -> None:
    release = asyncio.Event()

    async def never(caller: Caller, payload: Any) -> wire.Wire:
        hub.gateway._connections[caller.connection_id].abort("test")
        await release.wait()
        return wire.Empty()

    async with running_hub(acts={"session.leave": never}) as hub:
        client = Client()
        await client.connect(hub.url)
        with pytest.raises(ConnectionLost):
            await client.call("session.leave", JOIN, timeout_s=3600)
        assert client.lost.is_set()
        release.set()
        await client.close()
