"""What the worker does all the time: too often for a job of its own."""

from __future__ import annotations

import asyncio

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, TransactionConflict

log = structlog.get_logger(__name__)

CARRY_PRODUCT_FACTS = Query("maintenance.carry_product_facts", int)
SEAL_AUDIT_LOG = Query("maintenance.seal_audit_log", int)
TICK_DEALS = Query("deals.tick", int)
SWEEP_HOLDS = Query("holds.sweep", int)
TELL_AVAILABILITY = Query("holds.tell", int)
TICK_ENGAGEMENT = Query("engagement.tick", int)

_RETRY_S = 2.0


class Repeated:
    """One statement, again and again. Several workers may do the same; the statement sees to it.

    query: takes how much to do at most. pause_s: between two rounds, also while there is work: a
    product that sells all the time is then written so often and no more.
    """

    def __init__(self, db: Database, query: Query[int], at_most: int, pause_s: float) -> None:
        self._db = db
        self._query = query
        self._at_most = at_most
        self._pause_s = pause_s

    async def run(self) -> None:
        """For ever. Cancel to stop; what a round has not committed is left for the next one."""
        while True:
            try:
                await self.once()
            except (DatabaseUnavailable, TransactionConflict) as error:
                log.warning("upkeep.delayed", work=self._query.name, reason=str(error))
                await asyncio.sleep(_RETRY_S)
            await asyncio.sleep(self._pause_s)

    async def once(self) -> int:
        """One round; how much it did. Raises DatabaseUnavailable or TransactionConflict."""
        return await self._db.acting_as(SERVICE).one(self._query, self._at_most) or 0
