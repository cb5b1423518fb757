"""The worker: what must go on when no browser is there."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import structlog
from prometheus_client import CollectorRegistry

from db import Database
from livecommerce import clock
from livecommerce.app import parts
from livecommerce.app.payments import WORKER_INTERVAL_S, open_payments
from livecommerce.bus import SessionBus
from livecommerce.child import Parent
from livecommerce.database import logins
from livecommerce.http.health import migrations_probe, postgres_probe
from livecommerce.jobs import JobRunner, Periodic
from livecommerce.live.closed_accounts import ClosedAccounts
from livecommerce.live.counter_flusher import CounterFlusher
from livecommerce.live.giveaways import Draws
from livecommerce.live.sessions import LiveSessions
from livecommerce.maintenance.job import Job, Limits, sentence
from livecommerce.maintenance.job import run as run_job
from livecommerce.maintenance.repeated import (
    CARRY_PRODUCT_FACTS,
    SEAL_AUDIT_LOG,
    SWEEP_HOLDS,
    TELL_AVAILABILITY,
    TICK_DEALS,
    TICK_ENGAGEMENT,
    Repeated,
)
from livecommerce.maintenance.table import JOBS
from livecommerce.relay import Relay
from livecommerce.settings import Settings

log = structlog.get_logger(__name__)

# Twice a second a page may show another stock, and a hot product is written no more often.
CARRY_EVERY_S = 0.5
CARRY_AT_MOST = 10_000
# What is over binds nobody meanwhile; this is how soon it is told.
PROMISES_EVERY_S = 0.5
PROMISES_AT_MOST = 1_000
SEAL_EVERY_S = 5.0
SEAL_AT_MOST = 5_000
# One for each job that runs at once.
JOB_CONNECTIONS = 2


async def run(settings: Settings, parent: Parent, stopped: asyncio.Event) -> None:
    """Flush counters, relay the outbox, carry facts over and run jobs until `stopped`."""
    async with AsyncExitStack() as stack:
        database = await parts.open_database(stack, settings)
        redis, listener = parts.open_redis(stack, settings)
        bus = SessionBus(redis, listener, parts.bus_config(settings), parts.new_epoch)
        relay = Relay(database, bus)
        _, desk = open_payments(stack, settings, database, WORKER_INTERVAL_S)
        flusher = CounterFlusher(redis, database, clock.epoch_s, settings.counters.flush_interval_s)
        health = parts.health(
            "worker", postgres_probe(database), migrations_probe(database), parts.redis_probe(redis)
        )
        jobs = await _job_runner(stack, settings, health.registry)
        async with parts.running(
            listener.run(),
            relay.run(),
            desk.run(),
            flusher.run(),
            *(repeated.run() for repeated in _repeated(database)),
            Draws(database).run(),
            ClosedAccounts(LiveSessions(database), clock.now).run(),
            jobs.run(),
        ):
            admin_port = settings.admin.port + 2
            await parts.serve_admin(stack, health, settings.admin.host, admin_port)
            parent.ready(admin=admin_port)
            log.info("worker.ready")
            await stopped.wait()


def _repeated(database: Database) -> Iterator[Repeated]:
    """What is looked for again and again rather than by the clock."""
    yield Repeated(database, CARRY_PRODUCT_FACTS, CARRY_AT_MOST, CARRY_EVERY_S)
    yield Repeated(database, SEAL_AUDIT_LOG, SEAL_AT_MOST, SEAL_EVERY_S)
    for over in (TICK_DEALS, SWEEP_HOLDS, TELL_AVAILABILITY, TICK_ENGAGEMENT):
        yield Repeated(database, over, PROMISES_AT_MOST, PROMISES_EVERY_S)


async def _job_runner(
    stack: AsyncExitStack, settings: Settings, registry: CollectorRegistry
) -> JobRunner:
    """Jobs have connections of their own: what takes minutes must not hold up the rest."""
    database = await parts.open_database(
        stack,
        settings,
        pool_size=JOB_CONNECTIONS,
        statement_timeout_ms=settings.maintenance.statement_timeout_ms,
    )
    return JobRunner(
        logins(settings).service,
        periodic_jobs(database, parts.limits(settings)),
        registry,
        history_days=settings.maintenance.job_history_days,
    )


def periodic_jobs(database: Database, limits: Limits) -> tuple[Periodic, ...]:
    """Every job of maintenance, for the job library."""

    def made_of(job: Job) -> Periodic:
        async def work() -> None:
            done = await run_job(job, database, clock.now(), limits)
            log.info("job.done", job=job.name, did=sentence(done))

        return Periodic(job.name, job.schedule.cron_utc(), work)

    return tuple(made_of(job) for job in JOBS)
