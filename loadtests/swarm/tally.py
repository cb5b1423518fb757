"""What a swarm has received, counted while it receives."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Sums over all viewers.

    frames: Socket.IO events heard, whatever their name; a batch of chat is one.
    events: occurrences of `marker` in them, which is one per event where the marker is chosen so;
      without a marker, one per frame.
    accepted, refused: answers to what viewers have sent; the latter by code.
    latencies_ms: of sampled viewers, the age of each chat message as it arrived.
    """

    marker: bytes = b""
    frames: int = 0
    events: int = 0
    received_bytes: int = 0
    ready: int = 0
    lost: int = 0
    """Viewers whose connection ended although nobody asked for that."""
    close_codes: Counter[int] = field(default_factory=Counter)
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    target: float = float("inf")
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def aim(self, events: int) -> None:
        """Set `reached` when that many events more have come."""
        self.reached.clear()
        self.target = self.events + events

    def hit(self) -> None:
        """The target was met."""
        self.target = float("inf")
        self.reached.set()
