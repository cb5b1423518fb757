"""A token bucket, pure: `now_s` is an argument, so the same calls always give the same answers.

A bucket holds at most `burst` tokens and gains `per_s` of them a second. Each act takes tokens;
where there are too few it is refused and the answer says after how many seconds there would be
enough.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_s` acts a second in the long run, `burst` at once."""

    per_s: float
    burst: float


class Bucket:
    """One counted party's tokens. Full when made."""

    __slots__ = ("_rate", "_tokens", "_updated_s")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._updated_s = now_s

    def take(self, now_s: float, tokens: float = 1.0) -> float:
        """Take the tokens and return 0.0, or take nothing and return the seconds to wait.

        `now_s` is any clock that does not step back; a step back counts as no time passed.
        """
        # Without min() and max(): every message of every connection comes by here.
        rate = self._rate
        held = self._tokens
        elapsed_s = now_s - self._updated_s
        if elapsed_s > 0:
            held += elapsed_s * rate.per_s
            if held > rate.burst:
                held = rate.burst
            self._updated_s = now_s
        if held >= tokens:
            self._tokens = held - tokens
            return 0.0
        self._tokens = held
        return (tokens - held) / rate.per_s
