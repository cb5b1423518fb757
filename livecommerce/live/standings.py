"""Who follows an influencer and who has bought from her, for a chat that asks it of everybody.

Postgres is asked for many people at once and never for a message: whoever joins is asked for within
a twentieth of a second, together with all others who join then, and the answer is kept. That
somebody does not follow or has not bought may change by the next click, so such an answer is soon
too old to refuse a message by; the message then waits for a fresh one.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query

log = structlog.get_logger(__name__)

# Whoever joins waits for it.
_TOGETHER_S: Final = 0.05
# Beyond it a page is opened without the answer.
_SOON_S: Final = 2.0
_BATCH: Final = 500
# About 20 MB. Beyond it whoever was asked for first is asked for again.
_KEPT_MAX: Final = 50_000
# Beyond it, whoever joins is not asked for before they write.
_WAITING_MAX: Final = 10_000
KEPT_YES_S: Final = 300.0
KEPT_NO_S: Final = 2.0
# A badge may be so old before it is asked for anew while its person goes on writing.
BADGE_S: Final = 30.0


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
        self._being_read: set[_Key] = set()
        self._influencers: dict[UUID, set[UUID]] = {}
        self._is_asked = asyncio.Event()

    def expect(self, influencer_id: UUID, user_id: UUID) -> None:
        """Somebody has come who may write soon."""
        key = influencer_id, user_id
        if key not in self._known:
            self._ask_if_room(key)

    def renew(self, influencer_id: UUID, user_id: UUID) -> None:
        """Somebody has just followed or bought, or follows no more."""
        self.forget(influencer_id, user_id)
        self.expect(influencer_id, user_id)

    def forget(self, influencer_id: UUID, user_id: UUID) -> None:
        """Somebody follows, or follows no more, by another process."""
        key = influencer_id, user_id
        self._let_go(key)
        # What is being read may be from before.
        self._being_read.discard(key)

    def note_order(self, user_id: UUID) -> None:
        """An order of somebody was paid, called off or otherwise changed."""
        for key in [key for key in self._being_read if key[1] == user_id]:
            self._being_read.discard(key)
            self._ask_if_room(key)
        for influencer_id in tuple(self._influencers.get(user_id, ())):
            key = influencer_id, user_id
            self._known[key] = replace(self._known[key], asked_at_s=-math.inf)
            self._ask_if_room(key)

    def badge(self, influencer_id: UUID, user_id: UUID) -> Standing | None:
        """What was last answered; when that is a while ago, it is asked for anew meanwhile."""
        known = self.known(influencer_id, user_id)
        if known is not None and self._monotonic_s() - known.asked_at_s >= BADGE_S:
            self._ask_if_room((influencer_id, user_id))
        return known

    def known(self, influencer_id: UUID, user_id: UUID) -> Standing | None:
        """What was last answered, however old."""
        return self._known.get((influencer_id, user_id))

    def is_following(self, influencer_id: UUID, user_id: UUID) -> bool | None:
        """What was last answered, however old; None when nobody has asked."""
        standing = self.known(influencer_id, user_id)
        return None if standing is None else standing.is_follower

    async def soon(self, influencer_id: UUID, user_id: UUID) -> bool | None:
        """Whether somebody follows, for a page that opens; None when Postgres is too slow to
        say."""
        try:
            async with asyncio.timeout(_SOON_S):
                return (await self.of(influencer_id, user_id, "is_follower")).is_follower
        except (TimeoutError, DatabaseUnavailable):
            return self.is_following(influencer_id, user_id)

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

    def _ask_if_room(self, key: _Key) -> None:
        if len(self._waiting) < _WAITING_MAX:
            _ = self._ask(key)

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
        self._being_read = set(asked)
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
            if key in self._being_read:
                self._keep(key, standing)
            futures.pop(key).set_result(standing)

    def _keep(self, key: _Key, standing: Standing) -> None:
        self._known[key] = standing
        self._known.move_to_end(key)
        self._influencers.setdefault(key[1], set()).add(key[0])
        if len(self._known) > _KEPT_MAX:
            self._let_go(next(iter(self._known)))

    def _let_go(self, key: _Key) -> None:
        if self._known.pop(key, None) is not None:
            influencer_id, user_id = key
            self._influencers[user_id].discard(influencer_id)
            if not self._influencers[user_id]:
                del self._influencers[user_id]
