"""Access tokens that are worth nothing any more, though their time has not come.

A token is believed without asking anybody, so whoever believes tokens has to know which log-ins
have ended: by log-out, by a change of password or role, by a closed account. All of that is written
to one table (by the program itself and by triggers, so that what an admin does in a database tool
counts too), and every process reads what is new there every other second. Not by the bus: whoever
has to be out must be out also while Redis is away, and a word that nobody heard would never come
again.

What is read is remembered for as long as a token can live, and is read once more for some minutes,
since a row is seen only when its transaction has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, TransactionConflict

LOOK_EVERY_S: Final = 2.0
# The longest transaction that may end log-ins.
LATEST_S: Final = 300.0
# As many as can be ended within the life of a token before the oldest is believed again; each takes
# about 200 bytes.
ENDED_MAX: Final = 100_000

_log = structlog.get_logger(__name__)


class Login(Protocol):
    """What a token says of the log-in that it came from."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def login_id(self) -> UUID | None: ...
    @property
    def issued_at_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class EndedRow:
    """login_id: None for all log-ins of the person."""

    user_id: UUID
    login_id: UUID | None
    ended_at_s: float


_ENDED: Final = Query("accounts.ended_logins", EndedRow)


class EndedLogins:
    """Pure memory. kept_s: how long a token can live."""

    def __init__(self, kept_s: float, most: int = ENDED_MAX) -> None:
        self.kept_s = kept_s
        self._most = most
        self._ended_at_s: dict[UUID, float] = {}
        """By log-in or, where all of somebody ended, by person; the oldest first."""

    def add(self, row: EndedRow) -> bool:
        """False when it was known."""
        key = row.login_id or row.user_id
        if self._ended_at_s.get(key, -1.0) >= row.ended_at_s:
            return False
        self._ended_at_s.pop(key, None)
        self._ended_at_s[key] = row.ended_at_s
        if len(self._ended_at_s) > self._most:
            del self._ended_at_s[next(iter(self._ended_at_s))]
        return True

    def is_ended(self, login: Login) -> bool:
        if login.login_id is not None and login.login_id in self._ended_at_s:
            return True
        # A token tells the second of its making and not more: one of the same second may be older.
        return login.issued_at_s <= self._ended_at_s.get(login.user_id, -1.0)

    def forget(self, now_s: float) -> None:
        """What no living token can be of."""
        while self._ended_at_s:
            oldest = next(iter(self._ended_at_s))
            if self._ended_at_s[oldest] > now_s - self.kept_s:
                return
            del self._ended_at_s[oldest]

    def __len__(self) -> int:
        return len(self._ended_at_s)


class LoginWatch:
    """Keeps EndedLogins up to date; `run` must be running.

    on_ended: called with each person of whom a log-in has ended; must not wait.
    """

    def __init__(
        self,
        db: Database,
        ended: EndedLogins,
        on_ended: Callable[[UUID], object],
        now: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._ended = ended
        self._on_ended = on_ended
        self._now = now
        self._seen_until = now() - timedelta(seconds=ended.kept_s)

    async def run(self) -> None:
        """For ever. Cancel to stop."""
        while True:
            try:
                await self.look()
            except (DatabaseUnavailable, TransactionConflict) as error:
                _log.warning("ended_logins_unread", reason=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Read what is new. Raises DatabaseUnavailable."""
        now = self._now()
        since = self._seen_until - timedelta(seconds=LATEST_S)
        async with self._db.acting_as(SERVICE) as transaction:
            rows = await transaction.all(_ENDED, since, ENDED_MAX)
        # The latest came first.
        fresh = [row for row in reversed(rows) if self._ended.add(row)]
        self._ended.forget(now.timestamp())
        self._seen_until = now
        for row in fresh:
            self._on_ended(row.user_id)
