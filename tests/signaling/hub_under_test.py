"""A gateway on a loopback port with recording handlers, and a raw WebSocket client for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.contract import INWARD
from signaling.gateway import Gateway, GatewayConfig, Verify
from signaling.refusals import Refused
from signaling.rooms import Kind, Room

LIVE = UUID("00000000-0000-7000-8000-000000000001")
ROOM = Room(Kind.LIVE_SESSION, LIVE)
PERSON = UUID("00000000-0000-7000-8000-00000000000a")
ROLES: tuple[wire.Role, ...] = ("customer", "influencer", "wholesaler", "admin")


async def verify(token: str) -> Identity:
    """Tokens of these tests are the name of a role, or `expired` for a customer of the past."""
    if token in ROLES:
        return Identity(PERSON, token, "Asha", expires_at_s=2_000.0)
    if token == "expired":
        return Identity(PERSON, "customer", "Asha", expires_at_s=1_000.0)
    raise Refused("auth.invalid")


@dataclass
class Hub:
    """`calls` records every handler call as (event name, caller, payload)."""

    gateway: Gateway
    url: str
    calls: list[tuple[str, Caller, Any]] = field(default_factory=list)


Act = Callable[[Caller, Any], Awaitable[wire.Wire]]


@asynccontextmanager
async def running_hub(
    config: GatewayConfig | None = None,
    acts: dict[str, Act] | None = None,
    *,
    verify: Verify = verify,
    epoch_s: Callable[[], float] = lambda: 1_500.0,
    port: int = 0,
) -> AsyncIterator[Hub]:
    """`acts` replaces what some handlers do; the others acknowledge with an empty object."""
    acts = acts or {}
    hub: Hub

    def recording(name: str) -> Act:
        async def handler(caller: Caller, payload: Any) -> wire.Wire:
            hub.calls.append((name, caller, payload))
            return await acts[name](caller, payload) if name in acts else wire.Empty()

        return handler

    gateway = Gateway(verify, config or GatewayConfig(), epoch_s)
    gateway.bind({event.name: recording(event.name) for event in INWARD})
    app = web.Application()
    gateway.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    port = runner.addresses[0][1]
    hub = Hub(gateway, f"http://127.0.0.1:{port}")
    beat = asyncio.create_task(gateway.run())
    try:
        yield hub
    finally:
        beat.cancel()
        gateway.drain()
        await runner.cleanup()


class Raw:
    """A WebSocket that speaks engine.io by hand."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    @property
    def transport(self) -> asyncio.Transport:
        """What the bytes come by; whoever pauses its reading is a peer that reads nothing."""
        connection = self.ws._response.connection
        assert connection is not None
        assert isinstance(connection.transport, asyncio.Transport)
        return connection.transport

    async def send(self, text: str) -> None:
        await self.ws.send_str(text)

    async def receive(self) -> str:
        """The next text message; ":<code>" when the connection ended with that close code. The
        DISCONNECT before a final close counts to the close.
        """
        message = await self.ws.receive(timeout=20)
        if message.data == "41":
            message = await self.ws.receive(timeout=20)
        if message.type is aiohttp.WSMsgType.TEXT:
            assert isinstance(message.data, str)
            return message.data
        return f":{self.ws.close_code}"

    async def connect(self, auth: dict[str, Any] | None = None) -> str:
        """Pass the engine.io hello and the Socket.IO CONNECT; the server's answer."""
        assert (await self.receive()).startswith('0{"sid"')
        await self.send("40" + ("" if auth is None else json.dumps(auth)))
        return await self.receive()

    async def call(self, name: str, payload: Any, ack_id: int = 1) -> dict[str, Any]:
        """Send an event and answer its acknowledgement; nothing else but a ping may come before."""
        await self.send(f"42{ack_id}" + json.dumps([name, payload]))
        while (reply := await self.receive()) == "2":
            pass
        prefix = f"43{ack_id}"
        assert reply.startswith(prefix), reply
        body: dict[str, Any] = json.loads(reply[len(prefix) :])[0]
        return body


@asynccontextmanager
async def raw_socket(hub: Hub, **options: Any) -> AsyncIterator[Raw]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{hub.url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0, **options
        ) as ws,
    ):
        yield Raw(ws)


async def ready_socket_count(hub: Hub, count: int) -> None:
    """Wait until the hub has exactly `count` connections."""
    while hub.gateway.connection_count != count:
        await asyncio.sleep(0.005)
