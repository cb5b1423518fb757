"""Loss repair in both directions. Pure; times are seconds on one monotonic clock.

Upstream, `Gaps` watches the sequence numbers of one publisher's track. A hole is not loss yet:
packets overtake each other, so it is asked for only after a short delay, then again once per round
trip, and after a number of tries it is given up and a keyframe has to mend the picture.

Downstream, `Resends` decides which of a subscriber's NACKs are answered. The same packet is not
sent again while the first answer may still be on its way, nor for ever, and repair never takes
more than a share of what the subscriber is sent anyway, or it would deepen the congestion.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

# libwebrtc waits 20 ms for reordered packets before it takes a hole for loss.
REORDER_DELAY_S = 0.02
MAX_TRIES = 10
# About half a second of 720p video. A longer hole is an outage: a keyframe mends it sooner.
MAX_MISSING = 128

# LiveKit's sequencer uses the same two figures.
RESEND_PAUSE_S = 0.1
MAX_RESENDS = 3
REMEMBERED_RESENDS = 512
RESEND_SHARE = 0.15
# Lets a subscriber that has only just joined repair a first keyframe.
RESEND_BURST_BYTES = 64_000


@dataclass(slots=True)
class _Missing:
    noticed_s: float
    asked_s: float = 0.0
    tries: int = 0


class Gaps:
    """The holes in one publisher's track, by unwrapped sequence number."""

    __slots__ = ("_highest", "_missing", "gave_up", "rtt_s")

    def __init__(self, rtt_s: float = 0.1) -> None:
        self._highest: int | None = None
        self._missing: dict[int, _Missing] = {}
        # Measured from a request to the packet that answers it.
        self.rtt_s = rtt_s
        # Set when a hole will stay one; read and cleared by whoever asks for keyframes.
        self.gave_up = False

    def __len__(self) -> int:
        return len(self._missing)

    def received(self, seq: int, now_s: float) -> None:
        if self._highest is None:
            self._highest = seq
            return
        if seq <= self._highest:
            self._filled(seq, now_s)
            return
        if seq - self._highest - 1 + len(self._missing) > MAX_MISSING:
            self._missing.clear()
            self.gave_up = True
        else:
            for lost in range(self._highest + 1, seq):
                self._missing[lost] = _Missing(now_s)
        self._highest = seq

    def _filled(self, seq: int, now_s: float) -> None:
        missing = self._missing.pop(seq, None)
        # After a repeat nobody knows which request the answer belongs to (Karn's rule).
        if missing is not None and missing.tries == 1:
            self.rtt_s += 0.2 * (now_s - missing.asked_s - self.rtt_s)

    def due(self, now_s: float) -> list[int]:
        """The numbers to ask for now, ascending; each counts as asked for."""
        asked: list[int] = []
        for seq, missing in list(self._missing.items()):
            if not self._is_due(missing, now_s):
                continue
            if missing.tries == MAX_TRIES:
                del self._missing[seq]
                self.gave_up = True
                continue
            missing.tries += 1
            missing.asked_s = now_s
            asked.append(seq)
        return asked

    def _is_due(self, missing: _Missing, now_s: float) -> bool:
        if missing.tries == 0:
            return now_s - missing.noticed_s >= REORDER_DELAY_S
        return now_s - missing.asked_s >= max(self.rtt_s, REORDER_DELAY_S)


class Resends:
    """One subscriber's claim to be sent packets again."""

    __slots__ = ("_given", "_tokens_bytes")

    def __init__(self) -> None:
        # index -> (times sent again, when last)
        self._given: OrderedDict[int, tuple[int, float]] = OrderedDict()
        self._tokens_bytes = float(RESEND_BURST_BYTES)

    def earn(self, sent_bytes: int) -> None:
        """A share of what was sent may be sent again."""
        self._tokens_bytes = min(RESEND_BURST_BYTES, self._tokens_bytes + RESEND_SHARE * sent_bytes)

    def grant(self, index: int, size_bytes: int, rtt_s: float, now_s: float) -> bool:
        """Whether the packet may be sent again now; True counts as sent."""
        times, last_s = self._given.get(index, (0, 0.0))
        if times >= MAX_RESENDS:
            return False
        if times and now_s - last_s < max(rtt_s, RESEND_PAUSE_S):
            return False
        if size_bytes > self._tokens_bytes:
            return False
        self._tokens_bytes -= size_bytes
        self._given[index] = (times + 1, now_s)
        self._given.move_to_end(index)
        if len(self._given) > REMEMBERED_RESENDS:
            self._given.popitem(last=False)
        return True
