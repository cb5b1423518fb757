"""The job library: its schema, one run for each time, and what happens when a worker dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import psycopg
import pytest
from prometheus_client import CollectorRegistry

import db
from db import logins_of
from livecommerce import jobs
from livecommerce.jobs import JobRunner, Periodic
from livecommerce.maintenance.schedule import Daily, Every, Hourly
from livecommerce.migration import bring_up_to_date

# One second after 03:15 in India.
AT_S = datetime(2026, 11, 22, 21, 45, 1, tzinfo=UTC).timestamp()
DAILY = Daily(3, 15).cron_utc()
# For a runner to which its own clock never brings a job: nothing is late by less than this.
NEVER_S = -1.0


class Work:
    """What a job does: counts, and fails or waits when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.error: Exception | None = None
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> None:
        self.runs += 1
        self.begun.set()
        await self.may_end.wait()
        if self.error:
            raise self.error


class Runners:
    def __init__(self, dsn: str) -> None:
        self.work = Work()
        self._dsn = dsn

    def new(self, registry: CollectorRegistry | None = None) -> JobRunner:
        return JobRunner(
            logins_of(self._dsn).service,
            [Periodic("sweep", DAILY, self.work)],
            registry or CollectorRegistry(),
            late_s=NEVER_S,
        )


@pytest.fixture
async def runners(database_url: str) -> Runners:
    await jobs.install(database_url)
    return Runners(database_url)


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def test_times_of_india_become_lines_of_cron_in_utc() -> None:
    assert DAILY == "45 21 * * *"
    assert Daily(12, 0).cron_utc() == "30 6 * * *"
    assert Hourly(7).cron_utc() == "37 * * * *"
    assert Every(5).cron_utc() == "*/5 * * * *"
    with pytest.raises(ValueError, match="30 is not a multiple of 7"):
        Every(7)


async def test_a_job_runs_at_its_time_and_once_for_two_workers(runners: Runners) -> None:
    registries = CollectorRegistry(), CollectorRegistry()
    first, second = map(runners.new, registries)
    await first.tick(AT_S)
    await second.tick(AT_S)
    await asyncio.gather(first.drain(), second.drain())
    assert runners.work.runs == 1
    await first.tick(AT_S)  # a worker that starts again within the same minute
    await first.drain()
    assert runners.work.runs == 1
    await first.tick(AT_S + 86_400)
    await first.drain()
    assert runners.work.runs == 2
    done = {"job": "sweep", "outcome": "done"}
    values = [each.get_sample_value("livecommerce_jobs_total", done) for each in registries]
    assert sum(value or 0 for value in values) == 2


async def test_a_minute_early_nothing_runs(runners: Runners) -> None:
    runner = runners.new()
    await runner.tick(AT_S - 60)
    await runner.drain()
    assert runners.work.runs == 0


async def test_while_a_job_runs_nobody_else_begins_it(runners: Runners) -> None:
    runners.work.may_end.clear()
    first, second = runners.new(), runners.new()
    await first.tick(AT_S)
    running = asyncio.create_task(first.drain())
    await runners.work.begun.wait()
    await second.tick(AT_S + 86_400)
    await second.drain()
    assert runners.work.runs == 1
    runners.work.may_end.set()
    await running
    await second.drain()
    assert runners.work.runs == 2


async def test_a_failed_job_is_counted_and_runs_again_at_its_next_time(
    runners: Runners, sql: asyncpg.Connection
) -> None:
    registry = CollectorRegistry()
    runner = runners.new(registry)
    runners.work.error = RuntimeError("no")
    await runner.tick(AT_S)
    await runner.drain()
    assert await sql.fetchval("select status::text from jobs.procrastinate_jobs") == "failed"
    failed = {"job": "sweep", "outcome": "failed"}
    assert registry.get_sample_value("livecommerce_jobs_total", failed) == 1
    runners.work.error = None
    await runner.tick(AT_S + 86_400)
    await runner.drain()
    assert runners.work.runs == 2


async def test_a_job_that_the_stop_of_a_worker_cuts_off_is_begun_again(runners: Runners) -> None:
    runners.work.may_end.clear()
    first = runners.new()
    await first.tick(AT_S)
    running = asyncio.create_task(first.run())
    await runners.work.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    runners.work.may_end.set()
    await runners.new().drain()
    assert runners.work.runs == 2


async def test_the_job_of_a_dead_worker_is_ended_and_asked_for_anew(
    runners: Runners, sql: asyncpg.Connection
) -> None:
    await runners.new().tick(AT_S)
    # What a worker leaves behind that is killed: a job under way, and a heart that stopped.
    await sql.execute(
        "insert into jobs.procrastinate_workers (last_heartbeat)"
        " values (now() - interval '1 hour');"
        "update jobs.procrastinate_jobs set status = 'doing',"
        " worker_id = (select id from jobs.procrastinate_workers)"
    )
    runner = runners.new()
    await runner.drain()
    assert runners.work.runs == 0
    assert await runner.free_stalled() == 1
    await runner.drain()
    assert runners.work.runs == 1
    assert await runner.free_stalled() == 0


async def test_ended_jobs_are_forgotten(runners: Runners, sql: asyncpg.Connection) -> None:
    runner = runners.new()
    await runner.tick(AT_S)
    await runner.drain()
    await sql.execute("update jobs.procrastinate_events set at = now() - interval '8 days'")
    history = datetime(2026, 11, 22, 22, 30, 1, tzinfo=UTC).timestamp()
    await runner.tick(history)
    await runner.drain()
    left = await sql.fetch("select task_name from jobs.procrastinate_jobs")
    assert [row["task_name"] for row in left] == ["job-history"]


async def test_a_runner_outlives_its_database(
    runners: Runners, sql: asyncpg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = JobRunner(
        "postgresql://nobody@127.0.0.1:1/none",
        [Periodic("sweep", DAILY, runners.work)],
        CollectorRegistry(),
    )
    runner = runners.new()
    await runner.tick(AT_S)
    running = [asyncio.create_task(lost.run()), asyncio.create_task(runner.run())]
    await runners.work.begun.wait()
    # Its connections are cut in the middle of the run; it goes on.
    await sql.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'livecommerce-jobs' and datname = current_database()"
    )
    await asyncio.wait(running, timeout=0)
    assert not any(task.done() for task in running)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_installing_again_does_nothing(empty_database_url: str) -> None:
    first = await bring_up_to_date(empty_database_url)
    assert "procrastinate" in first[-1]
    assert await bring_up_to_date(empty_database_url) == []


async def test_a_later_release_brings_its_changes_only(
    runners: Runners, sql: asyncpg.Connection, database_url: str
) -> None:
    # As if the newest change came with the release that is being installed now.
    newest = "03.03.00_01_pre_priority_lock_fetch_job"
    await sql.execute("delete from jobs.installed where name = $1", f"{newest}.sql")
    await sql.execute("drop function jobs.procrastinate_fetch_job_v2(varchar[], bigint)")
    assert await jobs.install(database_url) == [newest]
    assert await sql.fetchval("select to_regproc('jobs.procrastinate_fetch_job_v2') is not null")
    assert await _open_doors(sql) == []


async def test_the_schema_is_closed_to_everybody_but_the_service(
    runners: Runners, sql: asyncpg.Connection
) -> None:
    assert await _open_doors(sql) == []


async def _open_doors(sql: asyncpg.Connection) -> list[str]:
    rows = await sql.fetch(
        """
        select c.relname as name from pg_class c
        where c.relnamespace = 'jobs'::regnamespace and c.relkind in ('r', 'p')
          and (not c.relrowsecurity
               or has_table_privilege('anon', c.oid, 'select')
               or has_table_privilege('authenticated', c.oid, 'select')
               or not has_table_privilege('livecommerce_service', c.oid, 'select'))
        union all
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace = 'jobs'::regnamespace
          and (has_function_privilege('anon', p.oid, 'execute')
               or not coalesce(array_to_string(p.proconfig, ','), '') like '%search_path%')
        union all
        select 'schema' where has_schema_privilege('anon', 'jobs', 'usage')
                           or has_schema_privilege('authenticated', 'jobs', 'usage')
        """
    )
    return [row["name"] for row in rows]


async def test_without_its_tables_the_runner_waits_for_a_migration(database_url: str) -> None:
    work = Work()
    runner = JobRunner(
        logins_of(database_url).service, [Periodic("sweep", DAILY, work)], CollectorRegistry()
    )
    running = asyncio.create_task(runner.run())
    await asyncio.wait([running], timeout=0)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_may_not_install_is_told_so_in_one_sentence(database_url: str) -> None:
    with pytest.raises(db.MigrationRefused, match="the tables of the job library: permission"):
        await jobs.install(logins_of(database_url).service)


async def test_without_a_server_installing_says_so() -> None:
    with pytest.raises(db.DatabaseUnavailable, match="no connection for the job library"):
        await jobs.install("postgresql://nobody@127.0.0.1:1/none")


def test_the_driver_brings_its_own_library() -> None:
    assert psycopg.pq.__impl__ == "binary"
