"""What the session bus carries: facts, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

KNOWN: Final = ""
"""The name of a fact that was told here before: only its place is new. Its data: where that was."""
HOLE: Final = "sync.gap"
"""The name of a fact that says: before it something happened that nobody can tell any more."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place on a live session's bus. Offsets of one epoch are gapless; epochs do not compare."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened in a live session.

    data: JSON values. position: None for transient facts, which are in no history. version: orders
    facts about the same thing where their order on the bus may not be that in which they became
    true (a row of the outbox has a greater one than an earlier row); None elsewhere.
    """

    name: str
    data: dict[str, Any]
    position: Position | None
    version: int | None = None
