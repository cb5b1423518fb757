"""GST as documents state it: how much tax an amount contains, and to which State it goes.

Prices contain the tax. Where goods stay in the State of their supplier, half of it is CGST and half
SGST (UTGST in a Union territory without a legislature); where they leave it, all of it is IGST.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shop.address import STATES
from shop.money import part, tax_in

STATE_NAMES: dict[str, str] = {code: name for name, code in STATES.items()}
_CODES_BY_NAME = {name.casefold(): code for name, code in STATES.items()}
_WITHOUT_LEGISLATURE = frozenset(("04", "25", "26", "31", "35", "38"))


@dataclass(frozen=True, slots=True)
class Tax:
    """An amount, taken apart; the four come to it exactly."""

    taxable_minor: int = 0
    cgst_minor: int = 0
    sgst_minor: int = 0
    igst_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.taxable_minor + self.cgst_minor + self.sgst_minor + self.igst_minor

    def __add__(self, other: Tax) -> Tax:
        return Tax(
            self.taxable_minor + other.taxable_minor,
            self.cgst_minor + other.cgst_minor,
            self.sgst_minor + other.sgst_minor,
            self.igst_minor + other.igst_minor,
        )

    def __sub__(self, other: Tax) -> Tax:
        return Tax(
            self.taxable_minor - other.taxable_minor,
            self.cgst_minor - other.cgst_minor,
            self.sgst_minor - other.sgst_minor,
            self.igst_minor - other.igst_minor,
        )


def thousandths(rate: str) -> int:
    """A rate in percent, as the database writes it ("18.000"), in thousandths of a percent."""
    return int(Decimal(rate) * 1000)


def split(amount_minor: int, rate_thousandths: int, is_inter_state: bool) -> Tax:
    """The tax that an amount contains. Where the goods go changes its names and not its sum."""
    tax = tax_in(amount_minor, rate_thousandths)
    if is_inter_state:
        return Tax(amount_minor - tax, igst_minor=tax)
    return Tax(amount_minor - tax, cgst_minor=tax // 2, sgst_minor=tax // 2)


def taken_back(sold: Tax, before_minor: int, amount_minor: int) -> Tax:
    """The tax of a credit of amount_minor on what was sold, of which before_minor was credited.

    In whatever portions it is taken back, all of it takes back exactly the tax that was stated.
    """
    return _first(sold, before_minor + amount_minor) - _first(sold, before_minor)


def _first(sold: Tax, amount_minor: int) -> Tax:
    """The share of the first amount_minor of what was sold."""
    if sold.total_minor == 0:
        return Tax()
    half = part(sold.cgst_minor, amount_minor, sold.total_minor)
    igst = part(sold.igst_minor, amount_minor, sold.total_minor)
    return Tax(amount_minor - 2 * half - igst, half, half, igst)


def state_code(name: str) -> str | None:
    """The GST code of a State by its name; None for what is none."""
    return _CODES_BY_NAME.get(name.strip().casefold())


def state_tax_name(code: str | None) -> str:
    """What the half of the State is called."""
    return "UTGST" if code in _WITHOUT_LEGISLATURE else "SGST"
