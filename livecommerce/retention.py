"""What the database forgets by itself: rows that nothing can ask for any more.

They go in batches with a transaction each, so that however many have gathered, no statement runs
into its time limit and what is done stays done. Several workers may forget at once; each skips the
rows that another one is at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db import SERVICE, Database, Query

BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Retention:
    """query: deletes at most $2 rows whose time is before $1. keep: how long they stay after it."""

    query: Query[None]
    keep: timedelta


RETENTIONS: Final = (
    # The bus knows a row by its id for ten minutes; a day is for whoever looks into what happened.
    Retention(Query("outbox.prune"), timedelta(days=1)),
    # Longer than Redis, away and back, could still hold a batch that was written already.
    Retention(Query("counters.prune_batches"), timedelta(days=7)),
    Retention(Query("accounts.prune_refresh_tokens"), timedelta()),
    Retention(Query("accounts.prune_login_links"), timedelta()),
)


async def forget(db: Database, now: datetime, batch: int = BATCH) -> None:
    """Delete what is past its time. Raises DatabaseUnavailable; what was done stays done."""
    for retention in RETENTIONS:
        deleted = batch
        while deleted == batch:
            async with db.acting_as(SERVICE) as tx:
                deleted = await tx.run(retention.query, now - retention.keep, batch)
