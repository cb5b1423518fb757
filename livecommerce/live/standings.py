"""Who follows an influencer and who has bought from her, for a chat that asks it of everybody.

Postgres is asked for many people at once and never for a message: whoever joins is asked for within
a fifth of a second, together with all others who join then, and the answer is kept. That somebody
does not follow or has not bought may change by the next click, so such an answer is soon too old to
refuse a message by; the message then waits for a fresh one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query

log = structlog.get_logger(__name__)

_TOGETHER_S: Final = 0.2
_BATCH: Final = 500
# About 20 MB. Beyond it whoever was asked for first is asked for again.
_KEPT_MAX: Final = 50_000
# Beyond it, whoever joins is not asked for before they write.
_WAITING_MAX: Final = 10_000
KEPT_YES_S: Final = 300.0
KEPT_NO_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    is_follower: bool
    is_buyer: bool
    asked_at_s: float


@dataclass(frozen=True, slots=True)
class _Row:
    user_id: UUID
    is_follower: bool
    is_buyer: bool


_STANDINGS: Final = Query("chat.standings", _Row)
_Key = tuple[UUID, UUID]


class Standings:
    """monotonic_s: a clock that does not step back. `run` must be running."""

    def __init__(self, db: Database, monotonic_s: Callable[[], float]) -> None:
        self._db = db
        self._monotonic_s = monotonic_s
        self._known: OrderedDict[_Key, Standing] = OrderedDict()
        self._waiting: dict[_Key, asyncio.Future[Standing]] = {}
        self._is_asked = asyncio.Event()

    def expect(self, influencer_id: UUID, user_id: UUID) -> None:
        """Somebody has come who may write soon."""
        key = influencer_id, user_id
        if key not in self._known and len(self._waiting) < _WAITING_MAX:
            _ = self._ask(key)

    def renew(self, influencer_id: UUID, user_id: UUID) -> None:
        """Somebody has just followed or bought, or follows no more."""
        self._known.pop((influencer_id, user_id), None)
        self.expect(influencer_id, user_id)

    def known(self, influencer_id: UUID, user_id: UUID) -> Standing | None:
        """What was last answered, however old."""
        return self._known.get((influencer_id, user_id))

    async def of(self, influencer_id: UUID, user_id: UUID, needs: str) -> Standing:
        """needs: `is_follower` or `is_buyer`; of that the answer is fresh. Raises
        DatabaseUnavailable."""
        key = influencer_id, user_id
        known = self._known.get(key)
        if known is not None:
            kept_s = KEPT_YES_S if getattr(known, needs) else KEPT_NO_S
            if self._monotonic_s() - known.asked_at_s < kept_s:
                return known
        # Several may wait for one answer; none of them may cancel it for the others.
        return await asyncio.shield(self._ask(key))

    def _ask(self, key: _Key) -> asyncio.Future[Standing]:
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            self._is_asked.set()
        return future

    async def run(self) -> None:
        """Ask for ever. Cancel to stop."""
        while True:
            await self._is_asked.wait()
            await asyncio.sleep(_TOGETHER_S)
            self._is_asked.clear()
            while self._waiting:
                await self._ask_for_some()

    async def _ask_for_some(self) -> None:
        influencer_id = next(iter(self._waiting))[0]
        asked = [key for key in self._waiting if key[0] == influencer_id][:_BATCH]
        futures = {key: self._waiting.pop(key) for key in asked}
        now_s = self._monotonic_s()
        try:
            rows = await self._db.acting_as(SERVICE).all(
                _STANDINGS, influencer_id, [user_id for _, user_id in asked]
            )
        except DatabaseUnavailable as error:
            for future in futures.values():
                future.set_exception(error)
                future.exception()  # Nobody may be waiting for it.
            return
        for row in rows:
            key = influencer_id, row.user_id
            standing = Standing(row.is_follower, row.is_buyer, now_s)
            self._keep(key, standing)
            futures.pop(key).set_result(standing)

    def _keep(self, key: _Key, standing: Standing) -> None:
        self._known[key] = standing
        self._known.move_to_end(key)
        if len(self._known) > _KEPT_MAX:
            self._known.popitem(last=False)
