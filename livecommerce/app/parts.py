"""What more than one process is made of."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from aiohttp import web
from prometheus_client import REGISTRY, CollectorRegistry

from db import Database, MigrationRefused, pending_migrations
from livecommerce import __version__, clock
from livecommerce.accounts.tokens import Issuer, IssuerConfig
from livecommerce.bus import BusConfig, Listener, Redis
from livecommerce.database import logins
from livecommerce.http.admin import make_admin_app, make_runner
from livecommerce.http.health import Health, Probe, Readiness
from livecommerce.http.metrics import new_registry
from livecommerce.maintenance.job import Limits
from livecommerce.settings import Settings
from shop.payouts import PayoutTerms


class PortRefused(Exception):
    """A port cannot be opened; the text names it, its setting and the reason."""


@contextmanager
def opening(host: str, port: int, setting: str) -> Iterator[None]:
    """Around the opening of a port: raises PortRefused instead of OSError."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise PortRefused(f"cannot listen on {host} port {port} ({setting}): {reason}") from error


async def open_database(
    stack: AsyncExitStack,
    settings: Settings,
    pool_size: int | None = None,
    *,
    for_people: bool = False,
    statement_timeout_ms: int | None = None,
) -> Database:
    """Pools that are closed with the stack, on a database with all of this release's migrations.

    for_people: whether this process does anything for a person; else it has the service's alone.
    Raises DatabaseUnavailable, LoginRefused, and MigrationRefused when the schema is another one.
    """
    urls = logins(settings)
    database = await Database.connect(
        service=urls.service,
        api=urls.api if for_people else None,
        pool_size=pool_size or settings.database.pool_size,
        statement_timeout_ms=statement_timeout_ms or settings.database.statement_timeout_ms,
    )
    stack.push_async_callback(database.close)
    waiting = await pending_migrations(database)
    if waiting:
        raise MigrationRefused(
            f"the database lacks {len(waiting)} migrations of this release; "
            "run `livecommerce migrate`, or `livecommerce serve --migrate`"
        )
    return database


def limits(settings: Settings) -> Limits:
    given = settings.maintenance
    return Limits(
        **{
            field.name: getattr(given, field.name)
            for field in fields(Limits)
            if field.name not in ("payouts", "payment_watch_days")
        },
        payouts=payout_terms(settings),
        payment_watch_days=settings.payments.watch_days,
    )


def payout_terms(settings: Settings) -> PayoutTerms:
    given = settings.payouts
    return PayoutTerms(given.hold_days, given.minimum_minor, given.interval_days)


def open_redis(stack: AsyncExitStack, settings: Settings) -> tuple[Redis, Listener]:
    """A client of its own, and the listener that its subscriptions share (run it)."""
    redis = Redis(bus_config(settings))
    stack.push_async_callback(redis.close)
    return redis, Listener(redis)


def bus_config(settings: Settings) -> BusConfig:
    assert settings.redis.url is not None, "the command line asks for it before it starts us"
    return BusConfig(
        settings.redis.url.get_secret_value(),
        socket_timeout_s=settings.redis.socket_timeout_ms / 1000,
    )


def issuer(settings: Settings) -> Issuer:
    return Issuer.open(
        IssuerConfig(settings.token_key_file, settings.token_issuer, settings.tokens.access_ttl_s)
    )


def health(process: str, *probes: Probe) -> Health:
    registry: CollectorRegistry = new_registry({"version": __version__, "process": process})
    # What the hub counts and what the process uses is in the library's own registry.
    registry.register(REGISTRY)
    return Health(registry, Readiness(probes))


def redis_probe(redis: Redis) -> Probe:
    return Probe("redis", redis.ping, required=False)


def images_dir(settings: Settings) -> Path:
    return settings.data.dir / "images"


def test_card_dir(settings: Settings) -> Path:
    return settings.data.dir / "testcard"


def new_epoch() -> str:
    return clock.secret(9)


def new_call_id() -> str:
    return str(clock.uuid7())


@asynccontextmanager
async def running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run endless work beside the block; the first that fails ends the process with its error."""
    owner = asyncio.current_task()
    assert owner is not None, "a process runs in a task"
    tasks = [asyncio.create_task(each) for each in work]
    failed: list[BaseException] = []

    def on_done(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            failed.append(error)
            owner.cancel()

    for task in tasks:
        task.add_done_callback(on_done)
    try:
        yield
    except asyncio.CancelledError:
        if failed:
            raise failed[0] from None
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def serve_admin(
    stack: AsyncExitStack,
    health: Health,
    host: str,
    port: int,
    listening: socket.socket | None = None,
) -> web.BaseSite:
    """Open the side of operators. listening: the socket, when the parent has opened it."""
    runner = make_runner(make_admin_app(health), shutdown_s=0.2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port) if listening is None else web.SockSite(runner, listening)
    with opening(host, port, "LIVECOMMERCE_ADMIN_PORT"):
        await site.start()
    return site
