"""The job library: what runs by the clock, once however many workers there are.

The only module that imports procrastinate and the driver it needs (psycopg). Its tables stand in
the schema `jobs`, which no API reaches. Jobs are rows there: which are due, which are under way and
which failed can be read with SQL.

What is ours to see to, and why:

* The search path is set for each transaction, not for the connection, so a pooler in transaction
  mode will do. LISTEN would not: workers ask every few seconds instead, and jobs are minutes apart.
* A job holds a lock by its name, and one more may wait (the queueing lock): two workers never run
  the same job at once, and a slow one does not pile up.
* A failed job is not put back. Put back while its successor waits, it would break the queueing lock
  and stay "under way" for ever; the next time of its schedule comes anyway. Only one that a stop of
  the worker cut off is put back.
* A job whose worker died stays under way and would hold its lock for ever. Whoever finds one ends
  it and asks for the job anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psycopg
import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision, exceptions
from procrastinate import __version__ as library_version
from procrastinate.jobs import Job as JobRow
from procrastinate.jobs import Status
from procrastinate.periodic import PeriodicDeferrer
from procrastinate.schema import SchemaManager, migrations_path
from prometheus_client import CollectorRegistry, Counter
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from db import DatabaseUnavailable, MigrationRefused, TransactionConflict
from db.logins import without_pooler_mark

log = structlog.get_logger(__name__)

_QUEUE: Final = "maintenance"
_AT_ONCE: Final = 2  # so that a job of minutes does not hold up those of seconds
_POLL_S: Final = 5.0
# Longer than between two looks for jobs: what is away so long that the end of a job cannot be noted
# is noticed by the next look, too, after which the worker begins anew.
_CONNECTION_TIMEOUT_S: Final = 8.0
_STOP_S: Final = 0.4  # the supervisor gives a worker one second
_RETRY_S: Final = 5.0
_STALLED_S: Final = 30.0
_FREE_EVERY_S: Final = 60.0
_PAUSES_S: Final = (5.0, 20.0, 60.0)
_DAY_S: Final = 86_400


# ------------------------------------------------------------------------------- the schema `jobs`

_NOTED: Final = """
create schema if not exists jobs;
create table if not exists jobs.installed (
  name text primary key,
  installed_at timestamptz not null default now()
);
comment on table jobs.installed is 'the changes of the job library''s schema that were made here';
"""
_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtextextended('livecommerce.jobs', 0))"


async def install(dsn: str) -> list[str]:
    """Bring the schema `jobs` to that of the installed library, as its owner; what was done.

    Raises MigrationRefused when Postgres refuses it, DatabaseUnavailable without a server.
    """
    address, _ = without_pooler_mark(dsn)
    try:
        connection = await psycopg.AsyncConnection.connect(
            address, autocommit=True, connect_timeout=10, prepare_threshold=None
        )
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"no connection for the job library: {error}") from error
    async with connection:
        try:
            return await _install(connection)
        except psycopg.Error as error:
            raise MigrationRefused(f"the tables of the job library: {error}") from error


async def _install(connection: psycopg.AsyncConnection[TupleRow]) -> list[str]:
    changed = []
    # A transaction for each change: an enum's new value cannot be used in the one that adds it.
    while (change := await _install_next(connection)) is not None:
        changed.append(change)
    return changed


async def _install_next(connection: psycopg.AsyncConnection[TupleRow]) -> str | None:
    """Make the oldest change that is missing; its name, None when none is."""
    async with connection.transaction():
        await connection.execute(_ONE_AT_A_TIME)
        there = await connection.execute("select to_regclass('jobs.installed') is not null")
        is_there = await there.fetchone() == (True,)
        if not is_there:
            await connection.execute(_NOTED)
        noted = await connection.execute("select name from jobs.installed")
        known = {name for (name,) in await noted.fetchall()}
        files = sorted(migrations_path.glob("*.sql"))
        missing = [file for file in files if file.name not in known]
        if not missing:
            return None
        await connection.execute("select set_config('search_path', 'jobs, pg_temp', true)")
        if is_there:
            change, missing = missing[0].stem, missing[:1]
            await connection.execute(missing[0].read_bytes())
        else:
            # The schema of a release includes all of its changes.
            change = f"job library: procrastinate {library_version}"
            await connection.execute(SchemaManager.get_schema())
        await connection.execute(
            "insert into jobs.installed (name) select unnest(%s::text[])",
            [[file.name for file in missing]],
        )
        await connection.execute("select private.close_jobs_schema_v1()")
    return change


# --------------------------------------------------------------------------------- running jobs


@dataclass(frozen=True, slots=True)
class Periodic:
    """work: may be cut off between two awaits and run again; raises when it failed."""

    name: str
    cron_utc: str
    work: Callable[[], Awaitable[object]]


class _WhenCutOff(BaseRetryStrategy):
    """Puts a job back that was cancelled, which only the stop of its worker does."""

    def get_retry_decision(self, *, exception: BaseException, job: JobRow) -> RetryDecision | None:
        return RetryDecision() if isinstance(exception, asyncio.CancelledError) else None


class _Connections(AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]]):
    """Each loan is one transaction that sees the schema `jobs` first."""

    @asynccontextmanager
    async def connection(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
    ) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
        async with super().connection(timeout) as connection:
            await connection.execute("select set_config('search_path', 'jobs, pg_temp', true)")
            yield connection


class JobRunner:
    """Runs jobs at their times, as long as `run` runs.

    dsn: of the service login. late_s: how late a job may still begin that nobody began in time;
    what was missed several times runs once. history_days: how long ended jobs can be looked up.
    """

    def __init__(
        self,
        dsn: str,
        jobs: Sequence[Periodic],
        registry: CollectorRegistry,
        *,
        late_s: float = _DAY_S,
        history_days: int = 7,
    ) -> None:
        self._dsn = dsn
        self._history_days = history_days
        self._ended = Counter(
            "livecommerce_jobs",
            "Scheduled jobs that ended, by how.",
            ("job", "outcome"),
            registry=registry,
        )
        self._app = App(connector=PsycopgConnector(), periodic_defaults={"max_delay": late_s})
        for job in (*jobs, Periodic("job-history", "30 22 * * *", self._forget_old)):
            self._add(job)

    def _add(self, job: Periodic) -> None:
        async def run(timestamp: int) -> None:
            await self._run_one(job)

        task = self._app.task(
            name=job.name,
            queue=_QUEUE,
            lock=job.name,
            queueing_lock=job.name,
            retry=_WhenCutOff(),
        )(run)
        self._app.periodic(cron=job.cron_utc)(task)

    async def run(self) -> None:
        """For ever, whatever the database does. Cancel to stop."""
        working = asyncio.create_task(self._work_when(opened := asyncio.Event()))
        try:
            async with self._opened():
                opened.set()
                try:
                    await asyncio.shield(working)
                finally:
                    # The library says goodbye to the database, which may be away: it gets a
                    # moment, and loses its connections when we leave this block.
                    working.cancel()
                    await asyncio.wait({working}, timeout=2 * _STOP_S)
        finally:
            working.cancel()
            await asyncio.wait({working}, timeout=_STOP_S)

    async def _work_when(self, opened: asyncio.Event) -> None:
        await opened.wait()
        while True:
            reason: object = "it ended"
            try:
                if await self._app.check_connection_async():
                    await self._work()
                else:
                    reason = "its tables are missing; run: livecommerce migrate"
            except (exceptions.ConnectorException, psycopg.Error) as error:
                reason = error.__cause__ or error
            log.warning("jobs.delayed", reason=str(reason).strip())
            await asyncio.sleep(_RETRY_S)

    async def tick(self, at_s: float, late_s: float = 60.0) -> None:
        """Ask for the jobs whose time was just before this moment (seconds since 1970)."""
        async with self._opened():
            deferrer = PeriodicDeferrer(self._app.periodic_registry, max_delay=late_s)
            await deferrer.defer_jobs(deferrer.get_previous_tasks(at=at_s))

    async def drain(self) -> None:
        """Run what has been asked for, and return."""
        async with self._opened():
            await self._worker(wait=False)

    async def free_stalled(self, after_s: float = _STALLED_S) -> int:
        """End the jobs of dead workers, and ask for them anew; how many."""
        async with self._opened():
            return await self._free_stalled(after_s)

    # ----------------------------------------------------------------------------------- inside

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        address, _ = without_pooler_mark(self._dsn)
        pool = _Connections(
            address,
            kwargs={"prepare_threshold": None, "application_name": "livecommerce-jobs"},
            min_size=1,
            max_size=_AT_ONCE + 2,
            timeout=_CONNECTION_TIMEOUT_S,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )
        # Without waiting for the first connection: a database that is away is no reason to end.
        await pool.open(wait=False)
        self._app.connector = PsycopgConnector()
        self._app.job_manager.connector = self._app.connector
        try:
            await self._app.open_async(pool)
            yield
        finally:
            await pool.close(timeout=_STOP_S)

    async def _work(self) -> None:
        freeing = asyncio.create_task(self._free_stalled_for_ever())
        try:
            await self._worker(wait=True)
        finally:
            freeing.cancel()
            with suppress(asyncio.CancelledError):
                await freeing

    async def _worker(self, *, wait: bool) -> None:
        await self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=_AT_ONCE,
            wait=wait,
            fetch_job_polling_interval=_POLL_S,
            shutdown_graceful_timeout=_STOP_S,
            stalled_worker_timeout=_STALLED_S,
            listen_notify=False,
            install_signal_handlers=False,
        )

    async def _run_one(self, job: Periodic) -> None:
        """Run the work of a job, more than once while the database is away."""
        try:
            for pause_s in (*_PAUSES_S, None):
                try:
                    await job.work()
                    break
                except (DatabaseUnavailable, TransactionConflict) as error:
                    if pause_s is None:
                        raise
                    log.warning("job.delayed", job=job.name, reason=str(error))
                    await asyncio.sleep(pause_s)
        except (DatabaseUnavailable, TransactionConflict) as error:
            self._ended.labels(job.name, "failed").inc()
            log.error("job.failed", job=job.name, reason=str(error))
            raise
        except Exception:
            self._ended.labels(job.name, "failed").inc()
            log.exception("job.failed", job=job.name)
            raise
        self._ended.labels(job.name, "done").inc()

    async def _forget_old(self) -> None:
        await self._app.job_manager.delete_old_jobs(
            nb_hours=24 * self._history_days,
            include_failed=True,
            include_cancelled=True,
            include_aborted=True,
        )

    async def _free_stalled_for_ever(self) -> None:
        while True:
            try:
                await self._free_stalled(_STALLED_S)
            except exceptions.ConnectorException as error:
                log.warning("jobs.delayed", reason=str(error.__cause__ or error))
            await asyncio.sleep(_FREE_EVERY_S)

    async def _free_stalled(self, after_s: float) -> int:
        manager, freed = self._app.job_manager, 0
        await manager.prune_stalled_workers(after_s)
        for row in await manager.get_stalled_jobs(seconds_since_heartbeat=after_s):
            await manager.finish_job(row, status=Status.FAILED, delete_job=False)
            freed += 1
            log.warning("job.cut_off", job=row.task_name)
            if row.task_name in self._app.tasks:
                with suppress(exceptions.AlreadyEnqueued):
                    await self._app.tasks[row.task_name].defer_async(**row.task_kwargs)
        return freed
