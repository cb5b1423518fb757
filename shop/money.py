"""Amounts of money: integers in the minor unit of the currency (paise), never floats."""

from __future__ import annotations

from collections.abc import Sequence

CURRENCY = "INR"
_MINOR_PER_MAJOR = 100


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


def part(amount_minor: int, numerator: int, denominator: int) -> int:
    """amount x numerator / denominator, rounded half up: of a tie the greater number."""
    return (2 * amount_minor * numerator + denominator) // (2 * denominator)


def at_rate(amount_minor: int, rate_bp: int) -> int:
    """A rate in basis points of an amount, rounded half up."""
    return part(amount_minor, rate_bp, 10_000)


def apportion(total_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """The total in shares like these weights, by largest remainder; of equal ones the first.

    The shares come to the total exactly. All are 0 when all weights are, whatever the total.
    """
    whole = sum(weights)
    if whole == 0:
        return (0,) * len(weights)
    floors = [total_minor * weight // whole for weight in weights]
    missing = total_minor - sum(floors)
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i)
    )
    more = set(by_remainder[:missing])
    return tuple(floor + (i in more) for i, floor in enumerate(floors))


def tax_in(price_minor: int, rate_thousandths: int) -> int:
    """The GST that is contained in a price; the rate in thousandths of a percent (18 % = 18000).

    Twice the half, each half rounded half up: CGST and SGST are equal and IGST is their sum, so
    that where the goods go never changes what they cost.
    """
    return 2 * part(price_minor, rate_thousandths, 2 * (100_000 + rate_thousandths))
