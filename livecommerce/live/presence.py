"""How many viewers a live session has: each process tells what it knows, the sum is everybody's.

A process that dies stops telling, and counts no more a few seconds later; the count heals by itself
and is never negative. The highest sum ever seen is the peak (the sum of highest counts would be
more than ever were there).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from livecommerce.bus import Redis

# Three missed reports of a process that tells every second, and the hiccup of a deploy.
FRESH_S: Final = 6


class Presence:
    """process: names this process among all, anew at each start. fresh_s: seconds after which one
    that is silent counts no more."""

    def __init__(self, redis: Redis, process: str, fresh_s: int = FRESH_S) -> None:
        self._redis = redis
        self._process = process
        self._fresh_s = fresh_s
        self._told: set[UUID] = set()

    async def report(self, live_session_id: UUID, viewers: int) -> int:
        """Tell how many this process has; how many there are. Raises BusUnavailable."""
        if viewers > 0:
            self._told.add(live_session_id)
        else:
            self._told.discard(live_session_id)
        total = await self._redis.effect(
            "presence_report",
            [f"viewers:{{{live_session_id}}}", _sum_key(live_session_id)],
            [self._process, max(0, viewers), self._fresh_s],
        )
        return int(total)

    async def leave(self) -> None:
        """This process has nobody any more and ends: whoever went on to another is not counted
        twice meanwhile. Raises BusUnavailable, after which it counts no more in a few seconds."""
        for live_session_id in list(self._told):
            await self.report(live_session_id, 0)

    async def viewers_of(self, live_session_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """How many each has; one that nobody hosts is missing. Raises BusUnavailable."""
        if not live_session_ids:
            return {}
        sums = await self._redis.repeatable_all([("GET", _sum_key(id)) for id in live_session_ids])
        return {
            id: int(total)
            for id, total in zip(live_session_ids, sums, strict=True)
            if total is not None
        }


def _sum_key(live_session_id: UUID) -> str:
    return f"viewers:{{{live_session_id}}}:sum"
