"""A whole hub: real Postgres, real Valkey, real sockets; tokens that say who one is."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from aiohttp import web

from db import Database
from livecommerce import clock
from livecommerce.bus import BusConfig, Listener, Redis, Rpc, SessionBus
from livecommerce.live.counters import Counters
from livecommerce.live.handlers import Handlers, HandlersConfig
from livecommerce.live.people import People
from livecommerce.live.presence import Presence
from livecommerce.live.rooms import LiveRooms
from livecommerce.live.sessions import LiveSessions
from livecommerce.live.shopping import Touches
from livecommerce.live.video import Video
from livecommerce.live.visits import Visits
from livecommerce.relay import Relay
from shop.checkout import Checkout
from signaling.caller import Identity
from signaling.client import Client
from signaling.contract import INWARD
from signaling.gateway import Gateway, GatewayConfig
from signaling.payloads import Role
from signaling.rate_limit import Rate
from signaling.refusals import Refused


def token(user_id: UUID, role: str = "customer", name: str = "Asha") -> str:
    return f"{user_id}/{role}/{name}"


async def verify(text: str) -> Identity:
    parts = text.split("/")
    if len(parts) != 3:
        raise Refused("auth.invalid")
    return Identity(UUID(parts[0]), cast(Role, parts[1]), parts[2], time.time() + 600)


@dataclass
class HubProcess:
    url: str
    redis: Redis
    bus: SessionBus
    rpc: Rpc
    relay: Relay
    rooms: LiveRooms
    counters: Counters
    visits: Visits
    gateway: Gateway


UNLIMITED = GatewayConfig(
    events_per_s=1e6, events_burst=1e6, rates={event.name: Rate(1e6, 1e6) for event in INWARD}
)


@asynccontextmanager
async def running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def hub_process(
    db: Database, redis_url: str, config: GatewayConfig = UNLIMITED, port: int = 0
) -> AsyncIterator[HubProcess]:
    bus_config = BusConfig(redis_url)
    redis = Redis(bus_config)
    listener = Listener(redis)
    bus = SessionBus(redis, listener, bus_config, lambda: clock.secret(6))
    rpc = Rpc(redis, listener, clock.secret(6), lambda: clock.secret(6))
    counters = Counters(redis, clock.uuid7, clock.epoch_s)
    visits = Visits(counters, clock.uuid7, clock.epoch_ms)
    touches = Touches(db, clock.now)
    relay, video, sessions = Relay(db, bus), Video(redis, rpc), LiveSessions(db)
    gateway = Gateway(verify, config, clock.epoch_s)
    presence = Presence(redis, clock.secret(6))
    rooms = LiveRooms(sessions, bus, presence, counters, video, gateway)
    checkout = Checkout(db)
    handlers = Handlers(
        db=db,
        bus=bus,
        relay=relay,
        sessions=sessions,
        rooms=rooms,
        counters=counters,
        visits=visits,
        touches=touches,
        video=video,
        checkout=checkout,
        gateway=gateway,
        verify=verify,
        epoch_ms=clock.epoch_ms,
        config=HandlersConfig(),
    )
    gateway.bind(handlers.table())
    app = web.Application()
    gateway.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    port = runner.addresses[0][1]
    async with running(
        listener.run(),
        bus.run(),
        relay.run(),
        counters.run(),
        People(db, bus, gateway, rooms.standings).run(),
        rooms.run(),
        gateway.run(),
        touches.run(),
    ):
        while not listener.is_connected:
            await asyncio.sleep(0.002)
        try:
            yield HubProcess(
                f"http://127.0.0.1:{port}", redis, bus, rpc, relay, rooms, counters, visits, gateway
            )
        finally:
            gateway.drain()
            await runner.cleanup()
    await handlers.close()
    await checkout.close()
    await redis.close()


@dataclass
class Person:
    """A client that remembers what it heard."""

    client: Client
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def call(self, event: str, **payload: Any) -> dict[str, Any]:
        return await self.client.call(event, {k: _plain(v) for k, v in payload.items()})

    async def refusal(self, event: str, **payload: Any) -> Refused:
        try:
            await self.call(event, **payload)
        except Refused as refused:
            return refused
        raise AssertionError(f"{event} was not refused")

    async def hears(self, name: str, count: int = 1) -> Any:
        """Wait for the count-th event of this name; its payload."""
        while True:
            found = [payload for heard, payload in self.heard if heard == name]
            if len(found) >= count:
                return found[count - 1]
            await asyncio.sleep(0.005)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


@asynccontextmanager
async def person(hub: HubProcess, token: str | None = None) -> AsyncIterator[Person]:
    heard: list[tuple[str, Any]] = []
    client = Client(lambda name, payload: heard.append((name, payload)))
    await client.connect(hub.url, token)
    try:
        yield Person(client, heard)
    finally:
        with contextlib.suppress(Exception):
            await client.close()


def new_id() -> str:
    return str(uuid.uuid4())
