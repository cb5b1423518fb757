"""What one person, or one address, may do with all its connections together. Pure: `now_s` is an
argument.

A connection has limits of its own; they stop nobody who opens a hundred connections. So everything
that counts is counted once more by who is behind it: the signed-in person, and the network address.

An address is not a person. Behind one address of a mobile carrier (CGNAT) there may be thousands
of viewers, and when a popular live session begins they all come in the same seconds. The figures
for an address are therefore those of a crowd: they do not stop one impolite client, which its own
limits do, but one machine from taking all that a process can do.

A party that has connections here is always known, of which there are no more than connections.
Parties without one are remembered, so that whoever leaves and comes back begins with what was left
and not with a full bucket; at most `idle_max` of them, of which the one that left first is
forgotten.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from signaling.rate_limit import Bucket, Rate

Key = TypeVar("Key", bound=Hashable)

# So high that nothing ever meets it, yet a number to reckon with.
NO_RATE: Final = Rate(1e12, 1e12)

# A message costs as much as it makes the server do: one, and one more for each of these.
COST_BYTES: Final = 8_192
# Up to this, so that the longest message passes a full bucket of the smallest burst.
COST_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class PartyLimits:
    """connections: open at a time. handshakes: attempts to open one. messages: those that will be
    parsed, where a long one counts for several. events: of the named events."""

    connections: float = math.inf
    handshakes: Rate = NO_RATE
    messages: Rate = NO_RATE
    events: Mapping[str, Rate] = field(default_factory=dict)


UNLIMITED: Final = PartyLimits()


class Party:
    """One counted person or address. Made by Parties only."""

    __slots__ = ("_events", "_limits", "connections", "handshakes", "messages")

    def __init__(self, limits: PartyLimits, now_s: float) -> None:
        self._limits = limits
        self._events: dict[str, Bucket] = {}
        self.connections = 0
        self.handshakes = Bucket(limits.handshakes, now_s)
        self.messages = Bucket(limits.messages, now_s)

    @property
    def is_full(self) -> bool:
        return self.connections >= self._limits.connections

    def take_message(self, size: int, now_s: float) -> float:
        """Count a message of `size` bytes; 0.0 when it may pass, else the seconds to wait."""
        cost = 1 + size // COST_BYTES
        return self.messages.take(now_s, cost if cost < COST_MAX else COST_MAX)

    def take_event(self, name: str, now_s: float) -> float:
        """Count an event that has a rate of its own here; 0.0 for every other."""
        rate = self._limits.events.get(name)
        if rate is None:
            return 0.0
        bucket = self._events.get(name)
        if bucket is None:
            bucket = self._events[name] = Bucket(rate, now_s)
        return bucket.take(now_s)


class Parties(Generic[Key]):
    """All parties of one kind, by their key."""

    def __init__(self, limits: PartyLimits, idle_max: int) -> None:
        self._limits = limits
        self._idle_max = idle_max
        self._present: dict[Key, Party] = {}
        self._idle: OrderedDict[Key, Party] = OrderedDict()

    def get(self, key: Key, now_s: float) -> Party:
        """The party, which is remembered from now on."""
        party = self._present.get(key)
        if party is None:
            party = self._idle.get(key) or Party(self._limits, now_s)
            self._remember(key, party)
        return party

    def enter(self, key: Key, now_s: float) -> Party:
        """Count one more connection; call `leave` when it has ended."""
        party = self.get(key, now_s)
        party.connections += 1
        self._idle.pop(key, None)
        self._present[key] = party
        return party

    def leave(self, key: Key) -> None:
        party = self._present[key]
        party.connections -= 1
        if party.connections == 0:
            del self._present[key]
            self._remember(key, party)

    def _remember(self, key: Key, party: Party) -> None:
        self._idle[key] = party
        self._idle.move_to_end(key)
        if len(self._idle) > self._idle_max:
            self._idle.popitem(last=False)

    def __len__(self) -> int:
        return len(self._present) + len(self._idle)
