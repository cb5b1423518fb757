"""Between two looks at the sockets, only so many messages.

When thousands tap at once, all their messages are there in the same round of the event loop, and
whoever waits for anything else (the answer of the database to the first of them, a pin) would wait
until the last of them was worked on. So those that are too many for a round take turns, in the
order in which they came.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

# About five milliseconds of work.
MESSAGES_OF_A_ROUND: Final = 64


class Turns:
    """Of one event loop."""

    def __init__(self, of_a_round: int = MESSAGES_OF_A_ROUND) -> None:
        self._of_a_round = of_a_round
        self._left = of_a_round
        self._is_counting = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Return when it is the caller's turn; at once when the round has room."""
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._next_round)
        # While somebody waits nothing is left: nobody is overtaken.
        if self._left > 0:
            self._left -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _next_round(self) -> None:
        self._left = self._of_a_round
        while self._waiting and self._left > 0:
            turn = self._waiting.popleft()
            # Whoever was cancelled meanwhile takes nobody's place.
            if not turn.done():
                turn.set_result(None)
                self._left -= 1
        self._is_counting = self._left < self._of_a_round
        if self._is_counting:
            asyncio.get_running_loop().call_soon(self._next_round)


class Rounds:
    """Calls that nobody waits for, made some in each round of the event loop, in their order."""

    def __init__(self, of_a_round: int = MESSAGES_OF_A_ROUND) -> None:
        self._of_a_round = of_a_round
        self._waiting: deque[Callable[[], None]] = deque()

    def add(self, call: Callable[[], None]) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._next_round)
        self._waiting.append(call)

    def _next_round(self) -> None:
        try:
            for _ in range(min(self._of_a_round, len(self._waiting))):
                self._waiting.popleft()()
        finally:
            # Whatever one of them did, the others have their turns.
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._next_round)
