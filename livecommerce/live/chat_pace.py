"""When people last wrote in a live session, for its slow mode. Pure.

Every process notes every message that it hears of, and its own before they are told; so what a
person writes by way of two processes in the same few milliseconds counts as one.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final
from uuid import UUID

# The longest slow mode is five minutes; beyond so many people in it the first are forgotten.
_PEOPLE_MAX: Final = 20_000


class Pace:
    def __init__(self) -> None:
        self._last: OrderedDict[UUID, tuple[int, UUID]] = OrderedDict()

    def wait_s(self, user_id: UUID, message_id: UUID, every_s: int, now_ms: int) -> float:
        """How long somebody must wait before the next message; 0.0 when not. The last message sent
        again is no other."""
        last = self._last.get(user_id)
        if last is None or last[1] == message_id:
            return 0.0
        return max(0.0, (last[0] - now_ms) / 1000 + every_s)

    def note(self, user_id: UUID, message_id: UUID, at_ms: int) -> None:
        last = self._last.get(user_id)
        if last is not None and last[0] >= at_ms:
            return
        self._last[user_id] = (at_ms, message_id)
        self._last.move_to_end(user_id)
        if len(self._last) > _PEOPLE_MAX:
            self._last.popitem(last=False)

    def forget(self, user_id: UUID, message_id: UUID) -> None:
        """It was not posted after all."""
        if user_id in self._last and self._last[user_id][1] == message_id:
            del self._last[user_id]
