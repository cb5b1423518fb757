"""Which outward events of a room leave now, which wait, and what becomes of two that wait.

Pure: `now_s` comes in, departures go out. Four lanes (contract.Lane): an event of *now* leaves at
once; *count* does so, too, but what follows within 250 ms waits for the end of it and keeps one
event per subject, because in a flash sale the stock changes with every batch of orders and every
change is a frame for every viewer; *chat* waits for 50 to 250 ms so that one frame carries many
messages, the longer the more deliveries the room asks for; *state* waits up to 500 ms and keeps one
event per name, so that a crowd of counts costs two frames a second.

Order within a room is the order of `push`, except that *state* may come later: whatever leaves
takes along what waits in the other lanes, since a viewer ignores what is older than what it knows.

Nobody reads thirty messages a second. Beyond the room's display budget a message of no particular
interest is left out of what everybody gets; those of the influencer, of moderators and of buyers,
and questions, never are. Moderators get all, and whoever wrote it has it from its acknowledgement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

from signaling import payloads as wire
from signaling.contract.kinds import Lane, Outward
from signaling.rate_limit import Bucket, Rate

CHAT_WINDOW_MIN_S = 0.05
CHAT_WINDOW_MAX_S = 0.25
CHAT_WINDOW_BUSY_S = 0.12
# Deliveries of messages a second: from the first on a frame shall carry several, from the second on
# it matters more that it carries many than that it comes soon.
_BUSY_PER_S = 100_000
_OVERFULL_PER_S = 250_000
CHAT_SHOWN = Rate(per_s=25, burst=50)
COUNT_WINDOW_S = 0.25
STATE_WINDOW_S = 0.5
# A batch of 200 messages of 200 characters is about 60 KB, one message of a slow viewer's soft
# limit.
CHAT_BATCH_MAX = 200


@dataclass(frozen=True, slots=True)
class Departure:
    """An event that leaves now. payload: None when only moderators are told. unabridged: what they
    get instead, where it is more."""

    event: Outward
    payload: wire.Wire | None
    unabridged: wire.Wire | None = None

    @property
    def for_moderators(self) -> wire.Wire | None:
        return self.payload if self.unabridged is None else self.unabridged


_Key = tuple[str, object]
"""The name and, of a count, what it is of, of chat the number of the batch."""


@dataclass(slots=True)
class _Waiting:
    event: Outward
    payload: wire.Wire
    due_s: float
    unabridged: wire.Wire | None = None

    def extend(self, later: _Waiting) -> None:
        """Make one batch of chat of two."""
        if self.unabridged is not None or later.unabridged is not None:
            everything = self.unabridged or self.payload
            self.unabridged = _together(everything, later.unabridged or later.payload)
        self.payload = _together(self.payload, later.payload)


class RoomLanes:
    """The waiting events of one room. Bounded: so many messages, one count per subject and one
    event per state name."""

    __slots__ = (
        "_batches",
        "_chat_epoch",
        "_chat_waiting",
        "_counts_free_s",
        "_ordered",
        "_shown",
        "_speed",
        "_state",
    )

    def __init__(self) -> None:
        self._ordered: dict[_Key, _Waiting] = {}
        """Chat and counts, by when they were last pushed."""
        self._counts_free_s = 0.0
        """From then on a count leaves at once."""
        self._state: dict[str, _Waiting] = {}
        self._batches = 0
        self._chat_epoch = ""
        self._chat_waiting = 0
        self._shown: Bucket | None = None
        self._speed = _Speed()

    @property
    def has_ordered(self) -> bool:
        """Chat or counts wait."""
        return bool(self._ordered)

    def push(
        self,
        event: Outward,
        payload: wire.Wire,
        now_s: float,
        audience: int,
        *,
        only_moderators: bool = False,
    ) -> tuple[Departure, ...]:
        """Take in an event for so many; answer with what must leave now, in order."""
        if event.lane is Lane.STATE:
            self._keep_state(event, payload, now_s)
            return ()
        if event.lane is Lane.CHAT:
            assert isinstance(payload, wire.ChatPosted), "the chat lane carries chat.posted only"
            shown = (
                _without_messages(payload) if only_moderators else self._abridged(payload, now_s)
            )
            return self._keep_chat(event, payload, shown, now_s, audience)
        if only_moderators:
            return (*self._flush(now_s), Departure(event, None, payload))
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
        self._chat_waiting = 0
        return tuple(
            Departure(waiting.event, _worth_telling(waiting.payload), waiting.unabridged)
            for waiting in _batches_joined(leaving.values())
        )

    def _keep_chat(
        self,
        event: Outward,
        payload: wire.ChatPosted,
        shown: wire.ChatPosted,
        now_s: float,
        audience: int,
    ) -> tuple[Departure, ...]:
        window_s = chat_window_s(audience, self._speed.add(len(payload.messages), now_s))
        fresh = _Waiting(event, shown, now_s + window_s, None if shown is payload else payload)
        leaving: tuple[Departure, ...] = ()
        # One batch has one position: offsets of two epochs cannot be compared.
        if self._chat_waiting and (
            self._chat_waiting + len(payload.messages) > CHAT_BATCH_MAX
            or payload.epoch != self._chat_epoch
        ):
            leaving = self._flush(now_s)
        self._chat_epoch = payload.epoch
        self._chat_waiting += len(payload.messages)
        last = next(reversed(self._ordered.values()), None)
        if last is not None and last.event.lane is Lane.CHAT:
            last.extend(fresh)
        else:
            # Behind a count a batch begins anew: whoever is cut off between two frames comes back
            # with the position of the first, and must have all that is older.
            self._batches += 1
            self._ordered[event.name, self._batches] = fresh
        return leaving

    def _abridged(self, payload: wire.ChatPosted, now_s: float) -> wire.ChatPosted:
        """The same object when nothing is left out."""
        if self._shown is None:
            self._shown = Bucket(CHAT_SHOWN, now_s)
        shown = tuple(
            message
            for message in payload.messages
            # Those that are always shown use up the budget, too.
            if self._shown.take(now_s) == 0 or is_always_shown(message)
        )
        if len(shown) == len(payload.messages):
            return payload
        left_out = payload.left_out + len(payload.messages) - len(shown)
        return payload.model_copy(update={"messages": shown, "left_out": left_out})

    def _keep_state(self, event: Outward, payload: wire.Wire, now_s: float) -> None:
        waiting = self._state.get(event.name)
        if waiting is None:
            self._state[event.name] = _Waiting(event, payload, now_s + STATE_WINDOW_S)
            return
        waiting.payload = event.merged(waiting.payload, payload)


class _Speed:
    """Messages a second, of about the last second."""

    __slots__ = ("_at_s", "_per_s")

    def __init__(self) -> None:
        self._per_s = 0.0
        self._at_s = 0.0

    def add(self, messages: int, now_s: float) -> float:
        self._per_s = self._per_s * exp(min(0.0, self._at_s - now_s)) + messages
        self._at_s = now_s
        return self._per_s


def chat_window_s(audience: int, messages_per_s: float) -> float:
    """How long chat waits for more of it."""
    deliveries_per_s = audience * messages_per_s
    if deliveries_per_s <= _OVERFULL_PER_S:
        return max(CHAT_WINDOW_MIN_S, CHAT_WINDOW_BUSY_S * min(1.0, deliveries_per_s / _BUSY_PER_S))
    return min(CHAT_WINDOW_MAX_S, CHAT_WINDOW_BUSY_S * deliveries_per_s / _OVERFULL_PER_S)


def is_always_shown(message: wire.ChatMessage) -> bool:
    """Of the influencer and moderators, of buyers, and questions."""
    return message.is_host or bool(message.marks)


def _without_messages(payload: wire.ChatPosted) -> wire.ChatPosted:
    return payload.model_copy(update={"messages": ()})


def _worth_telling(payload: wire.Wire) -> wire.Wire | None:
    """None for a batch of which only moderators hear."""
    is_empty = isinstance(payload, wire.ChatPosted) and not (payload.messages or payload.left_out)
    return None if is_empty else payload


def _batches_joined(leaving: Iterable[_Waiting]) -> list[_Waiting]:
    """Batches between which a count stood that came again since are one."""
    joined: list[_Waiting] = []
    for waiting in leaving:
        if joined and joined[-1].event.lane is waiting.event.lane is Lane.CHAT:
            joined[-1].extend(waiting)
        else:
            joined.append(waiting)
    return joined


def _together(earlier: wire.Wire, later: wire.Wire) -> wire.ChatPosted:
    assert isinstance(earlier, wire.ChatPosted)
    assert isinstance(later, wire.ChatPosted)
    messages = earlier.messages + later.messages
    left_out = earlier.left_out + later.left_out
    return later.model_copy(update={"messages": messages, "left_out": left_out})


def before(payload: wire.Wire) -> wire.Position | None:
    """Where a viewer stands that knows everything but this; None for what is in no history."""
    if not isinstance(payload, wire.Recoverable):
        return None
    offset = payload.offset
    if isinstance(payload, wire.ChatPosted):
        offset = min((message.offset for message in payload.messages), default=offset)
    return wire.Position(epoch=payload.epoch, offset=offset - 1)


def since(payload: wire.Wire | None, heard: wire.Position) -> wire.Wire | None:
    """What of an event is newer than what a viewer has heard; None when nothing is."""
    if not isinstance(payload, wire.Recoverable) or payload.epoch != heard.epoch:
        return payload
    if payload.offset <= heard.offset:
        return None
    if not isinstance(payload, wire.ChatPosted):
        return payload
    messages = tuple(each for each in payload.messages if each.offset > heard.offset)
    return payload.model_copy(update={"messages": messages})
