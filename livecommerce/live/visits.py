"""Who watches, from when to when, and what they do meanwhile: one record per visit.

A visit begins with a join and ends when its connection has left, of which this is told. What is
found out goes the way of the counters (counters.py), so it is kept once: the visit at its beginning
and again at its end, how long was watched, what was pinned before whose eyes. Of what a killed
process knew, the ends of its visits are lost, and the time since its last second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from livecommerce.live.counters import VISIT, Counters
from signaling.caller import Identity

_SETTLE_EVERY_S: Final = 1.0
# Five thousand who leave at once are written down in turns of two milliseconds.
_RECORDS_PER_TURN: Final = 250
# Time is counted every second; a longer silence was the machine's sleep, in which nobody watched.
_PASSES_AT_MOST_MS: Final = 60_000
_MINUTE_MS: Final = 60_000

Deed = Literal["messages_sent", "reactions_sent", "products_clicked", "orders_placed"]


@dataclass(slots=True)
class Visit:
    """is_returning: the connection was lost and is back, so this is nobody new."""

    id: UUID
    identity: Identity | None
    is_returning: bool
    joined_at_ms: int
    messages_sent: int = 0
    reactions_sent: int = 0
    products_clicked: int = 0
    orders_placed: int = 0

    def record(self, left_at_ms: int | None) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "user_id": str(self.identity.user_id) if self.identity else None,
            "viewer_type": self.identity.role if self.identity else "anonymous",
            "is_returning": self.is_returning,
            "joined_at": _text(self.joined_at_ms),
            "left_at": None if left_at_ms is None else _text(max(left_at_ms, self.joined_at_ms)),
            "messages_sent": self.messages_sent,
            "reactions_sent": self.reactions_sent,
            "products_clicked": self.products_clicked,
            "orders_placed": self.orders_placed,
        }


@dataclass(slots=True)
class _Audience:
    """counted_ms: up to when the time watched is counted. pinned: what was counted as shown."""

    counted_ms: int
    pinned: UUID | None
    visits: dict[str, Visit] = field(default_factory=dict)


class Visits:
    """The visits of one hub process that are not over. epoch_ms: wall clock."""

    def __init__(
        self, counters: Counters, new_id: Callable[[], UUID], epoch_ms: Callable[[], int]
    ) -> None:
        self._counters = counters
        self._new_id = new_id
        self._epoch_ms = epoch_ms
        self._audiences: dict[UUID, _Audience] = {}
        self._over: list[tuple[UUID, Visit, int]] = []

    def begin(
        self,
        connection_id: str,
        live_session_id: UUID,
        identity: Identity | None,
        *,
        client_id: UUID | None = None,
        is_returning: bool = False,
        pinned: UUID | None = None,
    ) -> None:
        """A connection is there; nothing when it was there already.

        client_id: what a browser calls itself, so that somebody who comes again without being
        signed in is one viewer. pinned: what is on the video now.
        """
        now_ms = self._epoch_ms()
        audience = self._audiences.get(live_session_id)
        if audience is None:
            audience = self._audiences[live_session_id] = _Audience(now_ms, pinned)
        if connection_id in audience.visits:
            return
        self._pass_time(live_session_id, audience, now_ms)
        visit = Visit(self._new_id(), identity, is_returning, now_ms)
        audience.visits[connection_id] = visit
        self._counters.keep(live_session_id, VISIT, visit.record(None))
        self._counters.see(live_session_id, _viewer(connection_id, identity, client_id))
        if is_returning:
            return
        self._counters.add_join(live_session_id)
        # What was pinned just now is counted for all who are there, within the second.
        if pinned is not None and pinned == audience.pinned:
            self._counters.add_shown(live_session_id, pinned, 1)

    def end(self, connection_id: str, live_session_id: UUID) -> None:
        """A connection has left. Brief, because thousands may leave at once."""
        audience = self._audiences.get(live_session_id)
        if audience is None or connection_id not in audience.visits:
            return
        now_ms = self._epoch_ms()
        self._pass_time(live_session_id, audience, now_ms)
        visit = audience.visits.pop(connection_id)
        self._over.append((live_session_id, visit, now_ms))
        if not audience.visits:
            del self._audiences[live_session_id]

    def here(self, live_session_id: UUID) -> int:
        """How many visits there are now."""
        audience = self._audiences.get(live_session_id)
        return 0 if audience is None else len(audience.visits)

    def identify(self, connection_id: str, identity: Identity) -> None:
        """The person has signed in meanwhile."""
        for live_session_id, audience in self._audiences.items():
            visit = audience.visits.get(connection_id)
            if visit is not None:
                visit.identity = identity
                self._counters.keep(live_session_id, VISIT, visit.record(None))

    def note(self, connection_id: str, live_session_id: UUID, deed: Deed, count: int = 1) -> None:
        """Something was done; by a connection that is not there it counts for no visit."""
        audience = self._audiences.get(live_session_id)
        visit = audience and audience.visits.get(connection_id)
        if visit:
            setattr(visit, deed, getattr(visit, deed) + count)

    async def run(self, pinned_of: Callable[[UUID], UUID | None]) -> None:
        """Settle every second, for ever. Cancel to stop, then `end_all`. pinned_of: what is on the
        video of a live session now."""
        while True:
            await asyncio.sleep(_SETTLE_EVERY_S)
            self.settle(pinned_of)
            for _ in self._write_down():
                await asyncio.sleep(0)

    def settle(self, pinned_of: Callable[[UUID], UUID | None]) -> None:
        """Count the time that has passed, and what is pinned anew. Costs what there are live
        sessions, not viewers."""
        now_ms = self._epoch_ms()
        for live_session_id, audience in self._audiences.items():
            self._pass_time(live_session_id, audience, now_ms)
            pinned = pinned_of(live_session_id)
            if pinned == audience.pinned:
                continue
            audience.pinned = pinned
            if pinned is not None:
                self._counters.add_shown(live_session_id, pinned, len(audience.visits))

    def end_all(self) -> None:
        """Nobody is there any more, and everything is written down."""
        for live_session_id, audience in list(self._audiences.items()):
            for connection_id in list(audience.visits):
                self.end(connection_id, live_session_id)
        for _ in self._write_down():
            pass

    def _write_down(self) -> Iterator[None]:
        """The visits that are over, in turns."""
        while self._over:
            turn, self._over = self._over[:_RECORDS_PER_TURN], self._over[_RECORDS_PER_TURN:]
            for live_session_id, visit, left_at_ms in turn:
                self._counters.add_leave(live_session_id, left_at_ms // _MINUTE_MS)
                self._counters.keep(live_session_id, VISIT, visit.record(left_at_ms))
            yield

    def _pass_time(self, live_session_id: UUID, audience: _Audience, now_ms: int) -> None:
        """Count how long whoever is there has watched since the last time, by the minute."""
        at_ms, audience.counted_ms = audience.counted_ms, now_ms
        at_ms = max(at_ms, now_ms - _PASSES_AT_MOST_MS)
        while at_ms < now_ms:
            minute = at_ms // _MINUTE_MS
            until_ms = min(now_ms, (minute + 1) * _MINUTE_MS)
            watch_ms = len(audience.visits) * (until_ms - at_ms)
            self._counters.add_watch_time(live_session_id, minute, watch_ms)
            at_ms = until_ms


def _viewer(connection_id: str, identity: Identity | None, client_id: UUID | None) -> bytes:
    """What is the same when the same person comes again, as far as it is known."""
    if identity is not None:
        return identity.user_id.bytes
    return client_id.bytes if client_id is not None else connection_id.encode()


def _text(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat()
