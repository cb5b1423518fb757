"""What a row of the event table is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, Protocol, runtime_checkable

from signaling import payloads as wire
from signaling.rate_limit import Rate

Identified = Literal["anonymous", "customer", "influencer", "wholesaler", "admin"]

SIGNED_IN: Final[frozenset[Identified]] = frozenset(
    ("customer", "influencer", "wholesaler", "admin")
)
ANYONE: Final[frozenset[Identified]] = SIGNED_IN | {"anonymous"}
CUSTOMER: Final[frozenset[Identified]] = frozenset(("customer",))
INFLUENCER: Final[frozenset[Identified]] = frozenset(("influencer",))


class Lane(Enum):
    """How soon an outward event leaves, and what happens to it when a viewer lags."""

    NOW = "now"
    """At once, after the chat that came before it. Never skipped."""
    COUNT = "count"
    """At once, after what came before it; those that follow within 250 ms wait until then, of each
    subject the newest. Never skipped."""
    CHAT = "chat"
    """In batches of 100 ms. A lagging viewer skips it and takes a snapshot later."""
    STATE = "state"
    """At most every 500 ms, one event that stands for all since. A lagging viewer skips it."""


class Merge(Enum):
    """What one outward event does with the one of the same name that waits in its lane."""

    NONE = "none"
    LATEST = "latest"
    EXTEND_MESSAGES = "extend_messages"
    SUM = "sum"
    """The payload's own `plus`."""


@runtime_checkable
class Summed(Protocol):
    """A payload of Merge.SUM."""

    def plus(self, later: Any, /) -> wire.Wire: ...


@dataclass(frozen=True, slots=True)
class Inward:
    """An event from a client. `errors` are the codes that it may be refused with, beside
    GENERAL_ERRORS.

    `rate` is per connection, on top of the limit that all events of a connection share.
    """

    name: str
    summary: str
    payload: type[wire.Wire]
    ok: type[wire.Wire]
    roles: frozenset[Identified]
    rate: Rate
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outward:
    """An event to clients. `audience` says in words who hears it. `subject`: the payload's field
    that says what a count is of."""

    name: str
    summary: str
    payload: type[wire.Wire]
    lane: Lane
    merge: Merge = Merge.NONE
    audience: str = field(default="everyone who joined the live session")
    subject: str = ""

    def merged(self, earlier: wire.Wire, later: wire.Wire) -> wire.Wire:
        """One payload for two that wait in a lane."""
        if self.merge is not Merge.SUM:
            return later
        assert isinstance(earlier, Summed), f"{self.name} is summed"
        return earlier.plus(later)
