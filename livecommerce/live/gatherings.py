"""Taps and arrivals of many people, added up before anybody hears of them.

Each process sums its own and tells the room through the bus; the lane of these events adds up what
comes from several processes within half a second. They are in no history: what is lost with a
process was of the last second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import structlog

from livecommerce.bus import BusUnavailable, SessionBus
from signaling.engagement_payloads import ReactionKind

log = structlog.get_logger(__name__)

REACTIONS_EVERY_S: Final = 0.5
# All processes tell arrivals at the same moments of the wall clock, so that the lane makes one
# event of them.
JOINS_EVERY_S: Final = 5
# Where more are, somebody always comes: it would be noise, and a frame for each of them.
JOINS_TOLD_UP_TO: Final = 200


class Gatherings:
    """viewers: how many a live session has now. epoch_s: wall clock. `run` must be running."""

    def __init__(
        self, bus: SessionBus, viewers: Callable[[UUID], int], epoch_s: Callable[[], float]
    ) -> None:
        self._bus = bus
        self._viewers = viewers
        self._epoch_s = epoch_s
        self._reactions: dict[UUID, Counter[ReactionKind]] = {}
        self._joins: Counter[UUID] = Counter()

    def react(self, live_session_id: UUID, kind: ReactionKind, count: int) -> None:
        self._reactions.setdefault(live_session_id, Counter())[kind] += count

    def join(self, live_session_id: UUID) -> None:
        self._joins[live_session_id] += 1

    async def run(self) -> None:
        """Tell for ever. Cancel to stop."""
        told = self._epoch_s() // JOINS_EVERY_S
        while True:
            await asyncio.sleep(REACTIONS_EVERY_S)
            await self.tell_reactions()
            now = self._epoch_s() // JOINS_EVERY_S
            if now != told:
                told = now
                await self.tell_joins()

    async def tell_reactions(self) -> None:
        reactions, self._reactions = self._reactions, {}
        for live_session_id, kinds in reactions.items():
            data = {"count": kinds.total(), "kinds": dict(kinds)}
            await self._tell(live_session_id, "reactions.counted", data)

    async def tell_joins(self) -> None:
        joins, self._joins = self._joins, Counter()
        for live_session_id, count in joins.items():
            if self._viewers(live_session_id) <= JOINS_TOLD_UP_TO:
                await self._tell(live_session_id, "joins.counted", {"count": count})

    async def _tell(self, live_session_id: UUID, name: str, data: dict[str, Any]) -> None:
        try:
            await self._bus.publish_transient(live_session_id, name, data)
        except BusUnavailable as error:
            log.info("gathering_dropped", name=name, count=data["count"], reason=str(error))
