"""A connection itself: what was wrong with what it sent, and who it no longer is."""

from __future__ import annotations

from typing import Final

from signaling import payloads as wire
from signaling.connection_payloads import MessageRefused
from signaling.contract.kinds import Inward, Lane, Outward

INWARD: Final[tuple[Inward, ...]] = ()

OUTWARD: Final[tuple[Outward, ...]] = (
    Outward(
        "auth.expired",
        "The sign-in ran out: anonymous until auth.renew, and out of what only a signed-in person "
        "hears.",
        wire.Empty,
        Lane.NOW,
        audience="the connection",
    ),
    Outward(
        "message.refused",
        "A message that asked for no acknowledgement could not be understood.",
        MessageRefused,
        Lane.NOW,
        audience="the connection that sent it",
    ),
)
