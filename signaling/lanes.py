"""Which outward events of a room leave now, which wait, and what becomes of two that wait.

Pure: `now_s` comes in, departures go out. Four lanes (contract.Lane): an event of *now* leaves at
once; *count* does so, too, but what follows within 250 ms waits for the end of it and keeps one
event per subject, because in a flash sale the stock changes with every batch of orders and every
change is a frame for every viewer; *chat* waits up to 100 ms so that one frame carries many
messages; *state* waits up to 500 ms and keeps one event per name, so that a crowd of counts costs
two frames a second.

Order within a room is the order of `push`, except that *state* may come later: whatever leaves
takes along what waits in the other lanes, since a viewer ignores what is older than what it knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from signaling import payloads as wire
from signaling.contract import Lane, Merge, Outward

CHAT_WINDOW_S = 0.1
COUNT_WINDOW_S = 0.25
STATE_WINDOW_S = 0.5
# A batch of 200 messages of 200 characters is about 60 KB, one message of a slow viewer's soft
# limit.
CHAT_BATCH_MAX = 200


@dataclass(frozen=True, slots=True)
class Departure:
    """An event that leaves now."""

    event: Outward
    payload: wire.Wire


_Key = tuple[str, object]
_CHAT: _Key = ("chat.posted", None)


@dataclass(slots=True)
class _Waiting:
    event: Outward
    payload: wire.Wire
    due_s: float


class RoomLanes:
    """The waiting events of one room. Bounded: one chat batch, one count per subject and one event
    per state name."""

    __slots__ = ("_counts_free_s", "_ordered", "_state")

    def __init__(self) -> None:
        self._ordered: dict[_Key, _Waiting] = {}
        """Chat and counts, by when they were last pushed."""
        self._counts_free_s = 0.0
        """From then on a count leaves at once."""
        self._state: dict[str, _Waiting] = {}

    def push(self, event: Outward, payload: wire.Wire, now_s: float) -> tuple[Departure, ...]:
        """Take in an event; answer with what must leave now, in order."""
        if event.lane is Lane.STATE:
            self._keep_state(event, payload, now_s)
            return ()
        if event.lane is Lane.CHAT:
            return self._keep_chat(event, payload, now_s)
        if event.lane is Lane.COUNT:
            key = event.name, getattr(payload, event.subject)
            self._ordered.pop(key, None)
            if now_s < self._counts_free_s:
                self._ordered[key] = _Waiting(event, payload, self._counts_free_s)
                return ()
            self._counts_free_s = now_s + COUNT_WINDOW_S
        return (*self._flush(now_s), Departure(event, payload))

    def due(self, now_s: float) -> tuple[Departure, ...]:
        """What has waited long enough."""
        leaving: list[Departure] = []
        if any(waiting.due_s <= now_s for waiting in self._ordered.values()):
            leaving += self._flush(now_s)
        for name, waiting in list(self._state.items()):
            if waiting.due_s <= now_s:
                del self._state[name]
                leaving.append(Departure(waiting.event, waiting.payload))
        return tuple(leaving)

    def next_due_s(self) -> float | None:
        """When `due` has something to give next; None when nothing waits."""
        waiting = (*self._ordered.values(), *self._state.values())
        return min((each.due_s for each in waiting), default=None)

    def _flush(self, now_s: float) -> tuple[Departure, ...]:
        """All that is in order."""
        if not self._ordered:
            return ()
        leaving, self._ordered = self._ordered, {}
        if any(waiting.event.lane is Lane.COUNT for waiting in leaving.values()):
            self._counts_free_s = now_s + COUNT_WINDOW_S
        return tuple(Departure(waiting.event, waiting.payload) for waiting in leaving.values())

    def _keep_chat(self, event: Outward, payload: wire.Wire, now_s: float) -> tuple[Departure, ...]:
        assert isinstance(payload, wire.ChatPosted), "the chat lane carries chat.posted only"
        waiting = self._ordered.get(_CHAT)
        if waiting is None:
            self._ordered[_CHAT] = _Waiting(event, payload, now_s + CHAT_WINDOW_S)
            return ()
        earlier = waiting.payload
        assert isinstance(earlier, wire.ChatPosted)
        full = len(earlier.messages) + len(payload.messages) > CHAT_BATCH_MAX
        # One batch has one position: offsets of two epochs cannot be compared.
        if full or earlier.epoch != payload.epoch:
            leaving = self._flush(now_s)
            self._ordered[_CHAT] = _Waiting(event, payload, now_s + CHAT_WINDOW_S)
            return leaving
        waiting.payload = payload.model_copy(
            update={"messages": earlier.messages + payload.messages}
        )
        # Behind the counts of before: its position is now the newest.
        self._ordered[_CHAT] = self._ordered.pop(_CHAT)
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
