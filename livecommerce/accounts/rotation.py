"""What a refresh token that comes back means.

Every use of a refresh token spends it and gives a fresh one; all that descend from one log-in are a
*family*. A spent token that comes back means that two parties hold it, the person and a thief, and
nobody can tell which is which: the whole family dies, and both have to log in.

Two innocent things look the same: a reply that was lost on the way, so that the browser still has
the spent token, and two tabs that wake up together and send the same cookie twice. Both happen
within moments. So for REPEAT_S after its first use a spent token is answered once more, with a
fresh token of the same family. A thief gains nothing by it: whoever holds a token that was never
spent can use it anyway, and the next use of anything older than REPEAT_S ends the family.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

REPEAT_S: Final = 10


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """A refresh token at rest. used_at, revoked_at: None while that has not happened."""

    id: UUID
    family: UUID
    user_id: UUID
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class Verdict(Enum):
    FRESH = "fresh"
    """Never used: spend it and answer with its successor."""
    REPEATED = "repeated"
    """Used a moment ago: answer with another successor."""
    REUSED = "reused"
    """Used long ago: somebody else has it. Revoke the family."""
    DEAD = "dead"
    """Unknown, revoked or expired: refuse, nothing else to do."""


def judge(row: RefreshRow | None, now: datetime) -> Verdict:
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return Verdict.DEAD
    if row.used_at is None:
        return Verdict.FRESH
    if now - row.used_at <= timedelta(seconds=REPEAT_S):
        return Verdict.REPEATED
    return Verdict.REUSED
