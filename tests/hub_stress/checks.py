"""What must hold, said of records: plain functions over what was done and what was heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


class Broken(AssertionError):
    """A promise was broken; the text says which and shows the first place."""


@dataclass
class OpLog:
    """What was asked for, and what came of it: done, refused, or nobody knows.

    An operation that was never answered, whose answer was a timeout, or that ran while the fault
    did, is indeterminate: whoever hears of it hears of it once.
    """

    ok: list[str] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    indeterminate: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    """Said while the fault ran, in an order that need not be everybody's."""

    def check(self, heard: Sequence[str], who: str) -> None:
        """Every `ok` once, no `failed`, an indeterminate at most once, nothing else at all."""
        once_each(heard, who)
        missing = set(self.ok) - set(heard)
        if missing:
            raise Broken(f"{who} missed {len(missing)} of {len(self.ok)}, as {min(missing)!r}")
        unreal = set(heard) & self.failed
        if unreal:
            raise Broken(f"{who} heard what was refused, as {min(unreal)!r}")
        unknown = set(heard) - set(self.ok) - self.indeterminate
        if unknown:
            raise Broken(f"{who} heard what nobody said, as {min(unknown)!r}")


def once_each(heard: Iterable[T], who: str) -> None:
    twice = [what for what, count in Counter(heard).items() if count > 1]
    if twice:
        raise Broken(f"{who} heard {len(twice)} twice, as {twice[0]!r}")


def exactly(heard: Sequence[T], expected: Sequence[T], who: str) -> None:
    """The same things in the same order."""
    if list(heard) == list(expected):
        return
    for at, (left, right) in enumerate(zip(heard, expected, strict=False)):
        if left != right:
            raise Broken(f"{who} heard {left!r} as number {at}, where {right!r} belongs")
    raise Broken(f"{who} heard {len(heard)} instead of {len(expected)}")


def rising(numbers: Sequence[int], who: str) -> None:
    """Each greater than the one before."""
    for at, (left, right) in enumerate(pairwise(numbers)):
        if right <= left:
            raise Broken(f"{who} heard {right} after {left}, as number {at + 1}")


def one_order(orders: Mapping[str, Sequence[T]]) -> None:
    """Any two heard what both heard in the same order."""
    place: dict[T, int] = {}
    longest = max(orders.values(), key=len, default=())
    place = {what: at for at, what in enumerate(longest)}
    for who, order in orders.items():
        known = [place[what] for what in order if what in place]
        for left, right in pairwise(known):
            if right <= left:
                raise Broken(f"{who} heard {longest[right]!r} after {longest[left]!r}")


def contiguous_part(heard: Sequence[T], whole: Sequence[T], who: str) -> None:
    """A stretch of the whole, without a hole."""
    if not heard:
        return
    begin = list(whole).index(heard[0])
    exactly(heard, whole[begin : begin + len(heard)], who)
