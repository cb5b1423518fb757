"""Who watched, from when to when, and what they did meanwhile: one record per visit.

A visit begins with a join and ends when its connection is no longer in the room, which is looked at
once a second; the record goes the way of the counters (counters.py), so it is kept once. What a
killed process knew of visits that were not over is lost with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from signaling.caller import Identity

_SETTLE_EVERY_S: Final = 1.0

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

    def record(self, now_ms: int) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "user_id": str(self.identity.user_id) if self.identity else None,
            "viewer_type": self.identity.role if self.identity else "anonymous",
            "is_returning": self.is_returning,
            "joined_at": _text(self.joined_at_ms),
            "left_at": _text(max(now_ms, self.joined_at_ms)),
            "messages_sent": self.messages_sent,
            "reactions_sent": self.reactions_sent,
            "products_clicked": self.products_clicked,
            "orders_placed": self.orders_placed,
        }


class Visits:
    """The visits of one hub process that are not over. keep: takes a record of one that is."""

    def __init__(
        self, keep: Callable[[UUID, dict[str, Any]], None], new_id: Callable[[], UUID]
    ) -> None:
        self._keep = keep
        self._new_id = new_id
        self._open: dict[UUID, dict[str, Visit]] = {}

    def begin(
        self,
        connection_id: str,
        live_session_id: UUID,
        identity: Identity | None,
        is_returning: bool,
        now_ms: int,
    ) -> None:
        """A connection is there; nothing when it was there already."""
        visits = self._open.setdefault(live_session_id, {})
        if connection_id not in visits:
            visits[connection_id] = Visit(self._new_id(), identity, is_returning, now_ms)

    def identify(self, connection_id: str, identity: Identity) -> None:
        """The person has signed in meanwhile."""
        for visits in self._open.values():
            if connection_id in visits:
                visits[connection_id].identity = identity

    def note(self, connection_id: str, live_session_id: UUID, deed: Deed, count: int = 1) -> None:
        """Something was done; by a connection that is not there it counts for no visit."""
        visit = self._open.get(live_session_id, {}).get(connection_id)
        if visit is not None:
            setattr(visit, deed, getattr(visit, deed) + count)

    async def run(self, is_there: Callable[[str, UUID], bool], epoch_ms: Callable[[], int]) -> None:
        """Settle every second, for ever. Cancel to stop, then `end_all`."""
        while True:
            await asyncio.sleep(_SETTLE_EVERY_S)
            self.settle(is_there, epoch_ms())

    def end_all(self, now_ms: int) -> None:
        self.settle(lambda connection_id, live_session_id: False, now_ms)

    def settle(self, is_there: Callable[[str, UUID], bool], now_ms: int) -> None:
        """End the visits whose connections are gone."""
        for live_session_id, visits in list(self._open.items()):
            gone = [each for each in visits if not is_there(each, live_session_id)]
            for connection_id in gone:
                self._keep(live_session_id, visits.pop(connection_id).record(now_ms))
            if not visits:
                del self._open[live_session_id]


def _text(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat()
