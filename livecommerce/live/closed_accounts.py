"""Live sessions of influencers whose account was closed end, whoever closed it and with what tool.

A closed account ends its log-ins (accounts/ended_logins.py), which closes the sockets; what is on
air would go on, since video needs no socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from db import SERVICE, DatabaseUnavailable, Query, TransactionConflict
from livecommerce.live.sessions import LiveSessions
from signaling.refusals import Refused

log = structlog.get_logger(__name__)

_LOOK_EVERY_S: Final = 1.0
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class _OnAir:
    live_session_id: UUID
    user_id: UUID


_ON_AIR: Final = Query("live.on_air_of_closed_accounts", _OnAir)


class ClosedAccounts:
    """The worker's part. Several workers may do the same; one of them ends a live session."""

    def __init__(self, sessions: LiveSessions, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._now = now

    async def run(self) -> None:
        """For ever. Cancel to stop."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await self.once()
            except (DatabaseUnavailable, TransactionConflict) as error:
                log.warning("closed_accounts.delayed", reason=str(error))

    async def once(self) -> int:
        """End what should not be on air; how many. Raises DatabaseUnavailable or
        TransactionConflict."""
        now = self._now()
        found = await self._sessions.db.acting_as(SERVICE).all(_ON_AIR, now, _AT_ONCE)
        for each in found:
            try:
                await self._sessions.take_step(each.live_session_id, each.user_id, "end", now)
            except Refused as refused:
                # It ended, or was deleted, meanwhile.
                log.info("closed_accounts.refused", reason=str(refused))
                continue
            log.warning("live_session_of_closed_account", live_session=str(each.live_session_id))
        return len(found)
