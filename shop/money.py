"""Amounts of money: integers in the minor unit of the currency (paise), never floats.

Each amount that is kept is rounded once, half up; a whole that is divided is divided so that the
parts sum to it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

CURRENCY = "INR"
_MINOR_PER_MAJOR = 100
_BP_PER_WHOLE = 10_000


def rounded_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator as a whole number; a half goes away from zero.

    denominator: positive.
    """
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def share(amount_minor: int, rate_bp: int) -> int:
    """rate_bp basis points (1/100 of a percent) of the amount, rounded half up."""
    return rounded_half_up(amount_minor * rate_bp, _BP_PER_WHOLE)


def split(amount_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide the amount in proportion to the weights; the parts always sum to it exactly.

    weights: non-negative, at least one positive, in any unit. Left-over minor units go to the
    largest remainders, the first one first on a tie; a weight of zero gets nothing. A negative
    amount splits as its mirror image, so that a reversal takes back exactly what was given.
    Raises ValueError when a weight is negative or all are zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    if amount_minor < 0:
        return tuple(-part for part in split(-amount_minor, weights))
    parts = [amount_minor * weight // total for weight in weights]
    remainders = [amount_minor * weight % total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -remainders[i])
    for i in by_remainder[: amount_minor - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


def spoken(amount_minor: int) -> str:
    """The amount as people in India write it, for sentences: ₹1,299, ₹1,29,900.50, -₹5."""
    major, minor = divmod(abs(amount_minor), _MINOR_PER_MAJOR)
    sign = "-" if amount_minor < 0 else ""
    fraction = f".{minor:02d}" if minor else ""
    return f"{sign}₹{_grouped(str(major))}{fraction}"


def _grouped(digits: str) -> str:
    """Commas after the thousands and then after every two digits: 12,34,567."""
    head, tail = digits[:-3], digits[-3:]
    pairs = []
    while head:
        pairs.append(head[-2:])
        head = head[:-2]
    return ",".join([*reversed(pairs), tail])
