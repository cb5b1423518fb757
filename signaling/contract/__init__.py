"""The event contract: one row per Socket.IO event. Everything else is derived from it.

From these tables, one module for each part of the program, come the binding of handlers,
validation, role and rate checks, the AsyncAPI document and the browser's types. A new event is a
new row and a new function in the handlers.

Every inward event takes one object and is acknowledged with `{"ok": {...}}` or
`{"refused": {"code", "message", "retry_after_s"?, "details"?}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from signaling.contract import broadcast, chat, connections, engagement, selling, video
from signaling.contract.kinds import (
    ANYONE,
    CUSTOMER,
    INFLUENCER,
    SIGNED_IN,
    Identified,
    Inward,
    Lane,
    Merge,
    Outward,
)

__all__ = [
    "ANYONE",
    "BY_NAME",
    "CUSTOMER",
    "GENERAL_ERRORS",
    "INFLUENCER",
    "INWARD",
    "OUTWARD",
    "OUTWARD_BY_NAME",
    "SIGNED_IN",
    "Identified",
    "Inward",
    "Lane",
    "Merge",
    "Outward",
    "refusal_codes",
]

INWARD: Final[tuple[Inward, ...]] = (
    *broadcast.INWARD,
    *chat.INWARD,
    *engagement.INWARD,
    *selling.INWARD,
    *video.INWARD,
    *connections.INWARD,
)

OUTWARD: Final[tuple[Outward, ...]] = (
    *broadcast.OUTWARD,
    *chat.OUTWARD,
    *engagement.OUTWARD,
    *selling.OUTWARD,
    *connections.OUTWARD,
)

GENERAL_ERRORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "auth.required": "Please sign in first.",
        "auth.forbidden": "This is not yours to do.",
        "auth.invalid": "Your sign-in is no longer valid. Please sign in again.",
        "payload.invalid": "The request is not well formed.",
        "rate.limited": "Too fast. Please wait a moment.",
        "session.banned": "You were put out of this live session.",
        "event.unknown": "This server does not know that event.",
        "service.unavailable": "This is not available right now. Please try again in a moment.",
    }
)
"""Codes that any inward event may be refused with, each with the sentence shown when no better one
is at hand.
"""

BY_NAME: Final[Mapping[str, Inward]] = MappingProxyType({event.name: event for event in INWARD})
OUTWARD_BY_NAME: Final[Mapping[str, Outward]] = MappingProxyType(
    {event.name: event for event in OUTWARD}
)


def refusal_codes() -> tuple[str, ...]:
    """Every code of the contract, sorted."""
    return tuple(sorted({*GENERAL_ERRORS, *(code for event in INWARD for code in event.errors)}))
