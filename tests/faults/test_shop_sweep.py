"""A fault at every await of checkout, webhook, refund and payout; then the same is asked again.

Whoever was told of something then finds it there, once, and the invariants of `livecommerce check`
hold.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import asyncpg
import pytest

from db import Database, DatabaseUnavailable, TransactionConflict, logins_of
from livecommerce.maintenance.checks import check
from tests.faults.dying import die
from tests.faults.operations import OPERATIONS, Operation, Subject
from tests.faults.sweep import APPLICATION, EXIT_STATUS, Fault, Injection, Sweep, When, swept
from tests.shop.payments.till import Till

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.faults.dying"])


@dataclass
class Bench:
    """db: whose awaits are swept, a connection at a time. till: the rest of the shop."""

    url: str
    sweep: Sweep
    db: Database
    till: Till

    async def broken(self) -> list[Any]:
        return [verdict for verdict in await check(self.till.db) if verdict.offences]


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[Bench]:
    logins = logins_of(database_url)
    sql = await asyncpg.connect(database_url)
    # The driver's own UUID is a subclass that JSON does not take.
    await sql.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=UUID, format="text")
    sweep = Sweep(sql)
    with swept(sweep):
        db = await Database.connect(
            api=logins.api, service=logins.service, pool_size=1, application_name=APPLICATION
        )
    calm = await Database.connect(api=logins.api, service=logins.service, pool_size=2)
    yield Bench(database_url, sweep, db, Till(calm, sql))
    for connection in (db, calm, sql):
        await connection.close()


async def interrupted(
    bench: Bench, operation: Operation, subject: Subject, injection: Injection
) -> list[Any]:
    """The answer to an attempt with this fault, in a list; empty when there was none."""
    asker = asyncio.create_task(_attempt(bench, operation, subject, injection))
    await asyncio.wait({asker})
    if asker.cancelled() or isinstance(
        asker.exception(), DatabaseUnavailable | TransactionConflict
    ):
        return []
    return [asker.result()]


async def _attempt(
    bench: Bench, operation: Operation, subject: Subject, injection: Injection
) -> Any:
    asker = asyncio.current_task()
    assert asker is not None
    work = operation.do(bench.db, bench.sweep, subject, 0)
    return await bench.sweep.spoil(injection, asker, work)


async def settled(
    bench: Bench, operation: Operation, subject: Subject, answers: list[Any], where: str
) -> None:
    """Ask again, in peace, and look whether it is done once."""
    answers.append(await operation.do(bench.db, bench.sweep, subject, 1))
    try:
        await operation.verify(subject, answers)
    except AssertionError as error:
        raise AssertionError(f"{where}: {error}") from error


async def swept_at(bench: Bench, operation: Operation, point: int, faults: Counter[Fault]) -> bool:
    """Every fault at this await; false when the operation has fewer."""
    for fault, when in itertools.product(operation.faults, get_args(When)):
        subject = await operation.prepare()
        answers = await interrupted(bench, operation, subject, Injection(point, when, fault))
        if not bench.sweep.has_fired:
            return False
        faults[fault] += 1
        await settled(bench, operation, subject, answers, bench.sweep.place)
    return True


async def ended_after(bench: Bench, operation: Operation, point: int) -> bool:
    """The end of the process after this await; false when it came to its own end."""
    subject = await operation.prepare()
    injection = Injection(point, "after", "exit")
    process = _processes.Process(target=die, args=(type(operation).__name__, subject, injection))
    process.start()
    await asyncio.to_thread(process.join)
    if process.exitcode == 0:
        return False
    assert process.exitcode == EXIT_STATUS
    await transactions_ended(bench)
    await settled(bench, operation, subject, [], str(injection))
    return True


async def transactions_ended(bench: Bench) -> None:
    """Wait until Postgres has noticed: what the dead process had locked is passed over."""
    open_ones = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null"
    )
    while await bench.till.sql.fetchval(open_ones):
        await asyncio.sleep(0.01)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("operation_of", OPERATIONS.values(), ids=OPERATIONS)
async def test_no_fault_loses_or_doubles_anything(
    bench: Bench, operation_of: type[Operation], record_property: Callable[[str, object], None]
) -> None:
    operation = operation_of()
    await operation.open(bench.till, bench.url)
    await settled(bench, operation, await operation.prepare(), [], "without a fault")
    faults: Counter[Fault] = Counter()
    for point in itertools.count(1):
        if not await swept_at(bench, operation, point, faults):
            break
        # What a fault has broken stays broken, so one look after the faults of an await finds it.
        assert await bench.broken() == [], bench.sweep.place
    for point in itertools.count(1):
        if not await ended_after(bench, operation, point):
            break
        faults["exit"] += 1
        assert await bench.broken() == [], f"the end of the process after await {point}"
    record_property(
        "tried",
        f"0 of {faults.total()} acknowledged {operation.what} lost or doubled across"
        f" {faults.total()} injected faults at {faults['exit']} awaits: {dict(faults)}",
    )
    assert faults["exit"] >= operation.awaits
