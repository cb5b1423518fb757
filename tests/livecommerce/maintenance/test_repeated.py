"""What the worker does all the time, and the jobs it hands to the job library."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from livecommerce import jobs
from livecommerce.app.worker import periodic_jobs
from livecommerce.database import logins
from livecommerce.maintenance.repeated import CARRY_PRODUCT_FACTS, SEAL_AUDIT_LOG, Repeated
from livecommerce.maintenance.table import JOBS
from livecommerce.settings import load
from tests.livecommerce.maintenance.conftest import LIMITS, Evening


async def test_products_show_what_was_sold_after_a_round(evening: Evening) -> None:
    await evening.sql.execute("update product_stock set on_hand = 5")
    carry = Repeated(evening.db, CARRY_PRODUCT_FACTS, 1000, 0.5)
    assert await carry.once() == 2
    assert await evening.sql.fetchval("select sum(stock_quantity) from products") == 10
    assert await carry.once() == 0


async def test_the_audit_log_is_sealed_round_by_round(evening: Evening) -> None:
    logged = await evening.shop.count("audit_log")
    seal = Repeated(evening.db, SEAL_AUDIT_LOG, logged - 1, 5)
    assert [await seal.once(), await seal.once(), await seal.once()] == [logged - 1, 1, 0]


async def test_a_database_that_is_away_ends_nothing(evening: Evening) -> None:
    await evening.db.close()
    running = asyncio.create_task(Repeated(evening.db, SEAL_AUDIT_LOG, 1, 5).run())
    await asyncio.wait([running], timeout=0)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_at_its_time_the_worker_runs_a_job_of_the_table(
    evening: Evening, database_url: str
) -> None:
    await jobs.install(database_url)
    settings = load({"DATABASE_URL": database_url})
    registry = CollectorRegistry()
    runner = jobs.JobRunner(
        logins(settings).service, periodic_jobs(evening.db, LIMITS), registry, late_s=-1
    )
    await evening.sql.execute("update product_stock set on_hand = 3")
    await evening.carry()
    # A quarter past every hour is the time of low-stock, and of live-session-totals with it.
    quarter = evening.now.replace(minute=15, second=1, microsecond=0).timestamp()
    await runner.tick(quarter)
    await runner.drain()
    assert await evening.shop.count("notifications") == 2
    done = {"job": "low-stock", "outcome": "done"}
    assert registry.get_sample_value("livecommerce_jobs_total", done) == 1


def test_no_two_daily_jobs_begin_at_the_same_time() -> None:
    times = [str(job.schedule) for job in JOBS if str(job.schedule).startswith("daily")]
    assert len(times) == len(set(times))
