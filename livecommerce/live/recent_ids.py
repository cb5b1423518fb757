"""Which ids came lately, so that one that is sent again is known. Pure."""

from __future__ import annotations

from typing import Final

# Reconnects take seconds; two minutes are the longest that a client tries.
REMEMBERED_S: Final = 120.0
# About 20 MB when full. Beyond it, ids are forgotten sooner.
REMEMBERED: Final = 200_000


class RecentIds:
    """Remembers an id for at least REMEMBERED_S, or until REMEMBERED others came after it, and at
    most twice that: two generations, of which the older goes at once."""

    def __init__(self) -> None:
        self._young: set[int] = set()
        self._old: set[int] = set()
        self._turned_s = 0.0

    def is_new(self, id: int, now_s: float) -> bool:
        """Whether the id did not come lately; it has come now."""
        if len(self._young) >= REMEMBERED or now_s - self._turned_s > REMEMBERED_S:
            self._turn(now_s)
        if id in self._young or id in self._old:
            return False
        self._young.add(id)
        return True

    def _turn(self, now_s: float) -> None:
        self._old, self._young, self._turned_s = self._young, set(), now_s
