"""The worker: what must go on when no browser is there."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from db import Database, DatabaseUnavailable
from livecommerce import clock, retention
from livecommerce.app import parts
from livecommerce.bus import SessionBus
from livecommerce.child import Parent
from livecommerce.http.health import migrations_probe, postgres_probe
from livecommerce.live.counters import CounterFlusher
from livecommerce.relay import Relay
from livecommerce.settings import Settings

log = structlog.get_logger(__name__)

FORGET_EVERY_S = 3600.0


async def run(settings: Settings, parent: Parent, stopped: asyncio.Event) -> None:
    """Flush counters, relay the outbox and drop what is spent until `stopped`."""
    async with AsyncExitStack() as stack:
        database = await parts.open_database(stack, settings)
        redis, listener = parts.open_redis(stack, settings)
        bus = SessionBus(redis, listener, parts.bus_config(settings), parts.new_epoch)
        relay = Relay(database, bus)
        flusher = CounterFlusher(
            redis,
            database,
            clock.uuid7,
            clock.epoch_s,
            settings.counters.flush_interval_s,
        )
        health = parts.health(
            "worker",
            postgres_probe(database),
            migrations_probe(database),
            parts.redis_probe(redis),
        )
        async with parts.running(
            listener.run(), relay.run(), flusher.run(), _forget_for_ever(database)
        ):
            admin_port = settings.admin.port + 2
            await parts.serve_admin(stack, health, settings.admin.host, admin_port)
            parent.ready(admin=admin_port)
            log.info("worker.ready")
            await stopped.wait()


async def _forget_for_ever(database: Database) -> None:
    while True:
        try:
            await retention.forget(database, clock.now())
        except DatabaseUnavailable as error:
            log.warning("forgetting.delayed", reason=str(error))
        await asyncio.sleep(FORGET_EVERY_S)
