"""Numbers that wrap, and the map between a source's packets and what one subscriber is sent.

A source gives each packet an *index*: it only grows, over wraps and over publishers. A subscriber
is sent 16-bit sequence numbers. Between the two stands one offset:

    number = index + offset        sequence number = number modulo 2**16

The offset changes only at a *splice*, when packets were left out on purpose (waiting for a
keyframe) and the receiver must not take the hole for loss:

    index    100 101 102 | 103 104 (left out) | 105 106
    number     7   8   9 |                    |  10  11     offset -93, then -95

A NACK speaks of sequence numbers sent some time ago, so the last few offsets are remembered with
the stretch of numbers that they were valid for.

Numbers start in the lower half of the 16-bit space: SRTP counts wraps (the rollover counter), and
a receiver that loses the very first packets just before a wrap would count differently for ever.
"""

from __future__ import annotations

from collections import deque

REMEMBERED_SPLICES = 8


def signed_distance(a: int, b: int) -> int:
    """How far a is ahead of b in 16-bit sequence space, -32768..32767."""
    return ((a - b + 0x8000) & 0xFFFF) - 0x8000


class Unwrapper:
    """16-bit sequence numbers of one sender as integers that do not wrap."""

    __slots__ = ("highest",)

    def __init__(self) -> None:
        self.highest: int | None = None

    def unwrap(self, seq: int) -> int:
        if self.highest is None:
            # One turn above zero, so that packets older than the first one stay positive.
            self.highest = 0x10000 + seq
            return self.highest
        extended = self.highest + signed_distance(seq, self.highest & 0xFFFF)
        if extended > self.highest:
            self.highest = extended
        return extended


class SequenceMap:
    """Source index to outgoing sequence number for one subscriber and one track, and back.

    `offset` and `first_index` are read directly where packets are written: a packet may be sent
    when its index is at least first_index, as `index + offset` modulo 2**16.
    """

    __slots__ = ("_stretches", "first_index", "highest", "offset")

    def __init__(self, first_seq: int) -> None:
        self.offset = 0
        self.first_index = 0
        # The highest number handed out so far; the next splice continues after it.
        self.highest = first_seq - 1
        # (first number, offset) of each stretch, oldest first.
        self._stretches: deque[tuple[int, int]] = deque(maxlen=REMEMBERED_SPLICES)

    def splice(self, index: int) -> None:
        """Let index be the next packet: its number follows the highest one handed out."""
        first = self.highest + 1
        self.offset = first - index
        self.first_index = index
        self._stretches.append((first, self.offset))

    def sent(self, index: int) -> None:
        """Note the highest index of a batch that was written with the present offset."""
        if index + self.offset > self.highest:
            self.highest = index + self.offset

    def source_index(self, seq: int) -> int | None:
        """The index that went out as seq, or None when nothing remembered did."""
        number = self.highest + signed_distance(seq, self.highest & 0xFFFF)
        if number > self.highest:
            return None
        for first, offset in reversed(self._stretches):
            if number >= first:
                return number - offset
        return None
