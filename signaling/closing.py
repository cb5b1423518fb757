"""Why the server closes a connection, and what the client shall do then.

The close frame carries a code (RFC 6455, 7.4; those from 4000 on are ours) and a text which says
all that a client needs without this table: the reason, and either `retry_after_s=<seconds>`, the
least time to stay away, or `final`: coming back by itself would only repeat what went wrong.

A client of the Socket.IO library comes back after every lost transport, whatever the code. Before a
final close it is therefore sent the protocol's own DISCONNECT, after which it stays away until a
person, or a newer program, connects again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Closing:
    """code: of the close frame; 1006, which is never sent, where the transport is cut without one.
    reason: stable, also the label of the metric. retry_after_s: None when the client shall not come
    back by itself. meaning: a sentence for the documentation."""

    code: int
    reason: str
    retry_after_s: float | None
    meaning: str

    @property
    def is_final(self) -> bool:
        return self.retry_after_s is None

    @property
    def text(self) -> str:
        """What the close frame says beside the code; at most 123 bytes."""
        if self.retry_after_s is None:
            return f"{self.reason} final"
        return f"{self.reason} retry_after_s={self.retry_after_s:g}"


CLIENT_LEFT: Final = Closing(1000, "client_left", 0, "The client said goodbye.")
SERVER_LEFT: Final = Closing(1001, "server_left", 1, "The server ended the connection.")
MALFORMED: Final = Closing(
    1002,
    "malformed",
    None,
    "Three messages could not be understood. The program at the other end is broken or too old.",
)
BINARY: Final = Closing(1003, "binary", None, "A binary message came. There are none.")
NOT_CONNECTED: Final = Closing(
    1008, "connect_deadline", 5, "No successful CONNECT in the time that is given for it."
)
TOO_BIG: Final = Closing(1009, "too_big", None, "A message was longer than the limit.")
DRAINING: Final = Closing(1012, "drain", 1, "This process stops; others take over.")
LOGIN_ENDED: Final = Closing(
    4401,
    "login_ended",
    0,
    "The log-in was ended: log-out, another password, another role, or an account that was closed. "
    "Come back without the token, or with a fresh one.",
)
REPLACED: Final = Closing(
    4409,
    "replaced",
    None,
    "The same person has opened more connections than one person may have; this one had been "
    "silent the longest.",
)
FLOOD: Final = Closing(
    4429, "flood", 30, "Far more messages came than were allowed, though they were refused."
)
SLOW: Final = Closing(
    1006, "slow", 1, "The client had half a megabyte not read. It was cut off without a frame."
)
LAGGING: Final = Closing(
    1006, "lagging", 1, "The client was behind for eight seconds. It was cut off without a frame."
)
SILENT: Final = Closing(
    1006, "ping_timeout", 1, "The client did not answer a ping. It was cut off without a frame."
)
LOST: Final = Closing(1006, "transport_lost", 1, "The network or the client ended the transport.")

CLOSINGS: Final = (
    CLIENT_LEFT,
    SERVER_LEFT,
    MALFORMED,
    BINARY,
    NOT_CONNECTED,
    TOO_BIG,
    DRAINING,
    LOGIN_ENDED,
    REPLACED,
    FLOOD,
    SLOW,
    LAGGING,
    SILENT,
    LOST,
)
"""All of them."""
