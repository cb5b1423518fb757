"""The live side of a hub: its handlers, and what runs beside them for its live sessions."""

import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from db import Database
from livecommerce import clock
from livecommerce.app import parts
from livecommerce.bus import BusUnavailable, Listener, Redis, Rpc, SessionBus
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
from livecommerce.settings import Settings
from shop.checkout import Checkout
from shop.payments.desk import PaymentDesk
from signaling.gateway import Gateway, Verify


@dataclass(frozen=True, slots=True)
class Stores:
    """What a hub keeps things in and hears of them by."""

    database: Database
    redis: Redis
    listener: Listener
    bus: SessionBus


async def open_stores(stack: AsyncExitStack, settings: Settings) -> Stores:
    """Closed with the stack. Raises what `parts.open_database` does."""
    database = await parts.open_database(stack, settings, for_people=True)
    redis, listener = parts.open_redis(stack, settings)
    bus = SessionBus(redis, listener, parts.bus_config(settings), parts.new_epoch)
    return Stores(database, redis, listener, bus)


class Live:
    """Bound to the gateway from the beginning; `loops` run while the hub serves, then `leave`."""

    def __init__(
        self,
        stores: Stores,
        gateway: Gateway,
        verify: Verify,
        checkout: Checkout,
        desk: PaymentDesk,
        config: HandlersConfig,
    ) -> None:
        database, redis = stores.database, stores.redis
        self.presence = Presence(redis, f"hub-{os.getpid()}-{clock.secret(6)}")
        self._counters = Counters(redis, clock.uuid7, clock.epoch_s)
        self._visits = Visits(self._counters, clock.uuid7, clock.epoch_ms)
        self._touches = Touches(database, clock.now)
        self._relay = Relay(database, stores.bus, beside=desk.kick)
        sessions = LiveSessions(database)
        video = Video(redis, Rpc(redis, stores.listener, clock.secret(12), parts.new_call_id))
        self._rooms = LiveRooms(sessions, stores.bus, self.presence, self._counters, video, gateway)
        self._people = People(database, stores.bus, gateway, self._rooms.standings)
        self._handlers = Handlers(
            db=database,
            bus=stores.bus,
            relay=self._relay,
            sessions=sessions,
            rooms=self._rooms,
            counters=self._counters,
            visits=self._visits,
            touches=self._touches,
            video=video,
            checkout=checkout,
            gateway=gateway,
            verify=verify,
            epoch_ms=clock.epoch_ms,
            config=config,
        )
        gateway.bind(self._handlers.table())

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Call it once, and run all of them."""
        return (
            self._relay.run(),
            self._people.run(),
            self._counters.run(),
            self._visits.run(self._rooms.pinned),
            self._touches.run(),
            self._rooms.run(),
        )

    async def leave(self) -> None:
        """What is still to be told once nobody is connected any more."""
        with suppress(BusUnavailable):
            await self.presence.leave()
        self._visits.end_all()
        await self._handlers.close()
        await self._touches.flush()
        await self._counters.send()
