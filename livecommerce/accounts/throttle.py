"""How often somebody may try, decided by plain functions on values.

Each key (an account, an address, both together) has a *level*: it rises by one with every try that
is let through and drains by one every `recover_s`. Up to `free` tries cost nothing; beyond that
each one makes the next wait twice as long, up to `longest_s`. A try is counted when it begins, not
when it fails, so that a hundred guesses sent at once are still a hundred tries. A try that is told
to wait is not counted: somebody who keeps knocking does not push the owner's turn further away.

An account alone is guarded loosely and with a short longest wait, so that a stranger who guesses
cannot lock the owner out; the pair of account and address is guarded tightly. An address is guarded
loosely too, and a try that proves right is given back to it: many people share an address, and a
crowd that logs in at once must not look like one guesser.

The levels live in one process. With N hubs behind one address a guesser gets N times the tries,
which the bcrypt cost still keeps far from useful.
"""

import math
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """free: tries at once without a wait. recover_s: seconds until one try is forgotten.
    first_s, longest_s: the wait after the first try beyond `free`, and the cap of its doubling."""

    free: int
    recover_s: float
    first_s: float
    longest_s: float


@dataclass(frozen=True, slots=True)
class Tries:
    level: float
    at_s: float
    next_at_s: float


def begin_try(tries: Tries | None, allowance: Allowance, now_s: float) -> tuple[Tries, float]:
    """Count one try and answer the seconds to wait: 0 lets it through.

    now_s: seconds on a clock that never steps back.
    """
    if tries is None:
        tries = Tries(level=0.0, at_s=now_s, next_at_s=now_s)
    if now_s < tries.next_at_s:
        return tries, tries.next_at_s - now_s
    level = max(0.0, tries.level - (now_s - tries.at_s) / allowance.recover_s) + 1.0
    return Tries(level, now_s, now_s + _wait_after(level, allowance)), 0.0


def give_back(tries: Tries, allowance: Allowance, now_s: float) -> Tries:
    """As if one of the tries had not been."""
    level = max(0.0, tries.level - (now_s - tries.at_s) / allowance.recover_s - 1.0)
    return Tries(level, now_s, now_s)


def _wait_after(level: float, allowance: Allowance) -> float:
    # Rounded up: a try that is half forgotten still counts.
    beyond = math.ceil(level) - allowance.free
    if beyond < 0:
        return 0.0
    # 2**64 seconds is already beyond every cap, and larger exponents overflow.
    return min(allowance.longest_s, math.ldexp(allowance.first_s, min(beyond, 64)))


class Throttle:
    """The tries of the last keys seen, at most `max_keys` of them; the stalest is forgotten first.

    To be pushed out, a guesser's own key needs `max_keys` other keys, each of which is a try that
    the guard on addresses has let through.
    """

    def __init__(self, max_keys: int = 20_000) -> None:
        self._max_keys = max_keys
        self._tries: OrderedDict[Hashable, Tries] = OrderedDict()

    def begin(self, guards: Iterable[tuple[Hashable, Allowance]], now_s: float) -> float:
        """Count one try against every guard; the longest wait that one of them asks for.

        When one guard asks to wait, none of them counts the try.
        """
        begun = [
            (key, *begin_try(self._tries.get(key), allowance, now_s)) for key, allowance in guards
        ]
        wait_s = max((wait for _, _, wait in begun), default=0.0)
        if wait_s == 0:
            for key, tries, _ in begun:
                self._remember(key, tries)
        return wait_s

    def give_back(self, guard: tuple[Hashable, Allowance], now_s: float) -> None:
        """Take one try back, which has proved right; what others tried there stays counted."""
        key, allowance = guard
        tries = self._tries.get(key)
        if tries is not None:
            self._tries[key] = give_back(tries, allowance, now_s)

    def forget(self, *keys: Hashable) -> None:
        """Start these keys afresh, after they have proved who they are."""
        for key in keys:
            self._tries.pop(key, None)

    def _remember(self, key: Hashable, tries: Tries) -> None:
        self._tries[key] = tries
        self._tries.move_to_end(key)
        while len(self._tries) > self._max_keys:
            self._tries.popitem(last=False)
