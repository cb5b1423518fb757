"""Amounts of money: integers in the minor unit of the currency (paise), never floats."""

from __future__ import annotations

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
