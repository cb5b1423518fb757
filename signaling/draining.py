"""Letting connections go when a process stops, so that they do not all come back at once.

Ten thousand clients that lose their socket in the same second come back in the same few, each with
a handshake, a token to check and a snapshot to read; whoever takes them in then serves nobody else.
So they are closed in random portions over half a minute, with the code that says to come back, and
those who run the live session go last: their pages should find the others settled already.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

from signaling.closing import DRAINING
from signaling.connection import Connection

T = TypeVar("T")

TICK_S: Final = 0.1
# Of the whole time; the rest is for those who go last.
CROWD_SHARE: Final = 0.9
# An order takes tens of milliseconds; who still waits for an answer at the end gets that much more.
FINISH_S: Final = 1.0


def due(open_now: int, at_start: int, elapsed_s: float, over_s: float) -> int:
    """How many of those that are open are to be closed now, so that all go evenly over the time.

    Those who left by themselves meanwhile count as gone.
    """
    if elapsed_s >= over_s:
        return open_now
    may_stay = math.ceil(at_start * (1 - elapsed_s / over_s))
    return max(0, open_now - may_stay)


def chosen(items: Sequence[T], count: int, fraction: Callable[[], float]) -> list[T]:
    """`count` of the items, or all if there are fewer, any of them as likely as any other."""
    left = list(items)
    for place in range(min(count, len(left))):
        other = place + int(fraction() * (len(left) - place))
        left[place], left[other] = left[other], left[place]
    return left[:count]


async def let_go(
    connections: Callable[[], Collection[Connection]],
    is_last: Callable[[Connection], bool],
    over_s: float,
    forced: asyncio.Event,
    fraction: Callable[[], float],
) -> None:
    """Shut all connections within `over_s`, and at once when `forced` is set.

    connections: those of this moment; new ones are turned away already. is_last: of those that go
    after the others. fraction: a random number in [0, 1).

    A connection whose message is worked on is passed over until it has its answer, but not for
    longer than FINISH_S beyond the end.
    """

    def crowd() -> list[Connection]:
        return [each for each in connections() if not each.closed and not is_last(each)]

    def rest() -> list[Connection]:
        return [each for each in connections() if not each.closed]

    await _shut(crowd, over_s * CROWD_SHARE, forced, fraction)
    await _shut(rest, over_s * (1 - CROWD_SHARE), forced, fraction)


async def _shut(
    open_ones: Callable[[], list[Connection]],
    over_s: float,
    forced: asyncio.Event,
    fraction: Callable[[], float],
) -> None:
    time = asyncio.get_running_loop().time
    began_s = time()
    ends_s = began_s + over_s
    at_start = len(open_ones())
    while left := open_ones():
        now_s = time()
        if forced.is_set():
            ends_s = min(ends_s, now_s)
        count = due(len(left), at_start, now_s - began_s, ends_s - began_s)
        is_patient = now_s < ends_s + FINISH_S
        ready = [each for each in left if not each.is_busy] if is_patient else left
        for connection in chosen(ready, count, fraction):
            connection.shut(DRAINING)
        await asyncio.sleep(TICK_S)
