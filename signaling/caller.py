"""Who is on the other end of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from signaling.payloads import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in person, as an access token proves it until `expires_at_s`
    (seconds since 1970).

    login_id, issued_at_s: the log-in that the token came from, and when; by these it can be ended
    before its time.
    """

    user_id: UUID
    role: Role
    display_name: str
    expires_at_s: float
    login_id: UUID | None = None
    issued_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Caller:
    """One event's sender. `identity` is None for an anonymous viewer or after the token expired.

    connection_id: names the connection in this process, for entering and leaving rooms.
    address: the client's address, as far as trusted proxies tell it.
    """

    connection_id: str
    identity: Identity | None
    address: str
