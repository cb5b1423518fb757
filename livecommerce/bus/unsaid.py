"""What was said while Redis was away, of one live session, until Redis has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from livecommerce.bus import metrics
from livecommerce.facts import Position

# Two thousand messages: more than anybody reads who hears them late, less than a stream keeps.
BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Word:
    """here: its place in this process's own epoch."""

    name: str
    data: dict[str, Any]
    here: Position
    at_s: float
    size: int


class Unsaid:
    """By publish id, oldest first. Bounded by bytes and by age, `keep_s`: how long Redis remembers
    a publish id, so that what it had after all is not said twice.

    At a limit the oldest are given up. The other processes have then to be told of the hole, by a
    word with the publish id `hole`. turn: held while they are said.
    """

    def __init__(self, keep_s: float, new_id: Callable[[], str]) -> None:
        self._keep_s = keep_s
        self._new_id = new_id
        self._words: dict[str, Word] = {}
        self._bytes = 0
        self.hole: str | None = None
        self.turn = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._words) + (self.hole is not None)

    def place_of(self, publish_id: str) -> Position | None:
        word = self._words.get(publish_id)
        return None if word is None else word.here

    def add(
        self, publish_id: str, name: str, data: dict[str, Any], here: Position, now_s: float
    ) -> None:
        word = Word(name, data, here, now_s, len(orjson.dumps(data)))
        self._words[publish_id] = word
        self._count(word.size)
        self.give_up(now_s)

    def give_up(self, now_s: float) -> None:
        """What is beyond the limits."""
        for publish_id, word in list(self._words.items()):
            if self._bytes <= BYTES_MAX and word.at_s >= now_s - self._keep_s:
                return
            self.remove(publish_id)
            metrics.GIVEN_UP.inc()
            self.hole = self.hole or self._new_id()

    def fill_hole(self, hole: str) -> None:
        """The others know of it; not of what was given up meanwhile."""
        if self.hole == hole:
            self.hole = None

    def waiting(self) -> list[tuple[str, Word]]:
        return list(self._words.items())

    def remove(self, publish_id: str) -> None:
        """It is there."""
        word = self._words.pop(publish_id, None)
        if word is not None:
            self._count(-word.size)

    def _count(self, size: int) -> None:
        self._bytes += size
        metrics.UNSAID_BYTES.inc(size)
