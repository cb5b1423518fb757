"""A job: steps that walk over what may be due, a batch and a transaction at a time.

Whatever a job is cut off by, the batches before are done and the next run does the rest; run again
it finds nothing to do. A dry run makes the same batches and undoes each, so what it counts is what
would happen, and no lock outlives a batch. Any number may run at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from db import SERVICE, Database, Query, TransactionConflict
from livecommerce.maintenance.schedule import Schedule
from shop.payouts import PayoutTerms

BATCH = 500
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is due. Each is explained at the setting of its name."""

    archive_orders_after_days: int
    archive_sessions_after_days: int
    abandoned_cart_after_days: int
    idempotency_ttl_s: int
    outbox_ttl_s: int
    payment_event_days: int
    metric_batch_ttl_s: int
    partition_months: int
    report_final_after_months: int
    schedule_ahead_days: int
    payouts: PayoutTerms
    payment_watch_days: int = 7
    chat_record_days: int = 30
    moderation_act_days: int = 365


@dataclass(frozen=True, slots=True)
class Batch:
    """done: how many were changed. walked_to: where the next batch begins, None at the end."""

    done: int
    walked_to: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """How a step is told: `archive`, `archived`, `order`, `orders`."""

    verb: str
    past: str
    one: str
    many: str


def _nothing(_: Limits) -> tuple[object, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """query: one batch; takes the time, where the last one stopped, the size of a batch, then
    `arguments`, then, when `knows_dry_run`, whether it may change anything at all."""

    query: Query[Batch]
    words: Words
    arguments: Callable[[Limits], tuple[object, ...]] = _nothing
    knows_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    text: str
    schedule: Schedule
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Done:
    words: Words
    count: int


Progress = Callable[[Done], None]
"""Hears after each batch how much of a step is done."""


def _to_nobody(_: Done) -> None:
    """Who does not listen is told nothing."""


async def run(
    job: Job,
    db: Database,
    now: datetime,
    limits: Limits,
    *,
    dry_run: bool = False,
    batch: int = BATCH,
    progress: Progress = _to_nobody,
) -> tuple[Done, ...]:
    """Do what is due; how much of each step.

    Raises DatabaseUnavailable, TransactionConflict; the batches before stay done.
    """
    done = []
    for step in job.steps:
        count, walked_to = 0, None
        while True:
            arguments = [now, walked_to, batch, *step.arguments(limits)]
            if step.knows_dry_run:
                arguments.append(dry_run)
            made = await _patiently(db, step.query, arguments, dry_run=dry_run)
            count += made.done
            progress(Done(step.words, count))
            if made.walked_to is None:
                break
            walked_to = made.walked_to
        done.append(Done(step.words, count))
    return tuple(done)


class _Undo(Exception):
    """Leaves the transaction without a commit."""


async def _patiently(
    db: Database, query: Query[Batch], arguments: Sequence[object], *, dry_run: bool
) -> Batch:
    """One batch; again when another transaction was in its way."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await _batch(db, query, arguments, dry_run=dry_run)
        except TransactionConflict:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


async def _batch(
    db: Database, query: Query[Batch], arguments: Sequence[object], *, dry_run: bool
) -> Batch:
    made: Batch | None = None
    try:
        async with db.acting_as(SERVICE) as tx:
            made = await tx.one(query, *arguments)
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    assert made is not None, "a batch answers with one row"
    return made


def sentence(done: Sequence[Done], *, dry_run: bool = False) -> str:
    """What a run did, for a person: `archived 1,204 orders, 3 live sessions`."""
    parts = []
    for verb, group in groupby(
        (each for each in done if each.count),
        lambda each: f"would {each.words.verb}" if dry_run else each.words.past,
    ):
        parts.append(f"{verb} {', '.join(amount(each) for each in group)}")
    return "; ".join(parts) or "nothing to do"


def amount(done: Done) -> str:
    return f"{done.count:,} {done.words.one if done.count == 1 else done.words.many}"
