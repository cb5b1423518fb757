"""Which outward events of a room leave now, which wait, and what becomes of two that wait.

Pure: `now_s` comes in, departures go out. Three lanes (contract.Lane): an event of *now* leaves at
once, but never before chat that was said earlier; *chat* waits up to 100 ms so that one frame
carries many messages; *state* waits up to 500 ms and keeps one event per name, so that a crowd of
counts costs two frames a second. Order within a room is the order of `push`, except that *state*
may come later.
"""

from __future__ import annotations

from dataclasses import dataclass

from signaling import payloads as wire
from signaling.contract import Lane, Merge, Outward

CHAT_WINDOW_S = 0.1
STATE_WINDOW_S = 0.5
# A batch of 200 messages of 200 characters is about 60 KB, one message of a slow viewer's soft
# limit.
CHAT_BATCH_MAX = 200


@dataclass(frozen=True, slots=True)
class Departure:
    """An event that leaves now."""

    event: Outward
    payload: wire.Wire


@dataclass(slots=True)
class _Waiting:
    event: Outward
    payload: wire.Wire
    due_s: float


class RoomLanes:
    """The waiting events of one room. Bounded: one chat batch and one event per state name."""

    __slots__ = ("_chat", "_state")

    def __init__(self) -> None:
        self._chat: _Waiting | None = None
        self._state: dict[str, _Waiting] = {}

    def push(self, event: Outward, payload: wire.Wire, now_s: float) -> tuple[Departure, ...]:
        """Take in an event; answer with what must leave now, in order."""
        if event.lane is Lane.STATE:
            self._keep_state(event, payload, now_s)
            return ()
        if event.lane is Lane.CHAT:
            return self._keep_chat(event, payload, now_s)
        return (*self._flush_chat(), Departure(event, payload))

    def due(self, now_s: float) -> tuple[Departure, ...]:
        """What has waited long enough."""
        leaving: list[Departure] = []
        if self._chat is not None and self._chat.due_s <= now_s:
            leaving += self._flush_chat()
        for name, waiting in list(self._state.items()):
            if waiting.due_s <= now_s:
                del self._state[name]
                leaving.append(Departure(waiting.event, waiting.payload))
        return tuple(leaving)

    def next_due_s(self) -> float | None:
        """When `due` has something to give next; None when nothing waits."""
        times = [waiting.due_s for waiting in self._state.values()]
        if self._chat is not None:
            times.append(self._chat.due_s)
        return min(times, default=None)

    def _flush_chat(self) -> tuple[Departure, ...]:
        waiting, self._chat = self._chat, None
        return () if waiting is None else (Departure(waiting.event, waiting.payload),)

    def _keep_chat(self, event: Outward, payload: wire.Wire, now_s: float) -> tuple[Departure, ...]:
        assert isinstance(payload, wire.ChatPosted), "the chat lane carries chat.posted only"
        waiting = self._chat
        if waiting is None:
            self._chat = _Waiting(event, payload, now_s + CHAT_WINDOW_S)
            return ()
        earlier = waiting.payload
        assert isinstance(earlier, wire.ChatPosted)
        full = len(earlier.messages) + len(payload.messages) > CHAT_BATCH_MAX
        # One batch has one position: offsets of two epochs cannot be compared.
        if full or earlier.epoch != payload.epoch:
            leaving = self._flush_chat()
            self._chat = _Waiting(event, payload, now_s + CHAT_WINDOW_S)
            return leaving
        waiting.payload = payload.model_copy(
            update={"messages": earlier.messages + payload.messages}
        )
        return ()

    def _keep_state(self, event: Outward, payload: wire.Wire, now_s: float) -> None:
        waiting = self._state.get(event.name)
        if waiting is None:
            self._state[event.name] = _Waiting(event, payload, now_s + STATE_WINDOW_S)
            return
        if event.merge is Merge.ADD_COUNT:
            assert isinstance(payload, wire.ReactionsCounted)
            assert isinstance(waiting.payload, wire.ReactionsCounted)
            payload = payload.model_copy(update={"count": payload.count + waiting.payload.count})
        waiting.payload = payload
