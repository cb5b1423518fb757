"""Orders of the model: lines, payments, parcels, returns, refunds, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shop.money import part
from shop.splits import Share, given_back, part_of_share


class Short:
    """Printed by Hypothesis as it says itself, and not with all that it has."""

    def _repr_pretty_(self, printer: Any, is_cycle: bool) -> None:
        printer.text(repr(self))


@dataclass
class Line:
    """sold: for how many pieces the money is in the books, None before. has_money: it is here, and
    not with a courier."""

    item_id: UUID
    variant: int
    seller: int
    quantity: int
    whole: Share
    funded_by: str | None
    influencer: int | None
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    sold: int | None = None
    has_money: bool = False
    is_delivered: bool = False
    is_released: bool = False
    refunded: int = 0
    refunded_minor: int = 0

    def units_minor(self, first: int, last: int) -> int:
        paid = self.whole.paid_minor
        return part(paid, last, self.quantity) - part(paid, first, self.quantity)

    @property
    def share(self) -> Share:
        """Of what was paid for and has not gone back."""
        assert self.sold is not None
        paid = part_of_share(self.whole, self.sold, self.quantity)
        return paid - given_back(paid, self.sold, self.refunded, self.refunded_minor)


@dataclass(repr=False)
class Payment(Short):
    """is_known: to the provider. waiting: what it said before that. reversal: of one too many."""

    id: UUID
    provider: str
    amount_minor: int
    status: str = "created"
    is_known: bool = False
    is_excess: bool = False
    reversal: str | None = None
    waiting: list[tuple[str, bool]] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<payment {self.provider}, {self.amount_minor}, {self.status}>"

    @property
    def is_money(self) -> bool:
        return self.status in ("captured", "collected", "remitted")


@dataclass
class Part:
    """Of a refund: pieces of a line, or (line None) what the order cost besides."""

    line: int | None
    quantity: int
    amount_minor: int
    kind: str = "item"


@dataclass(repr=False)
class Refund(Short):
    parts: list[Part]
    method: str
    from_return: Return | None = None
    status: str = "pending"
    reference: str | None = None

    def __repr__(self) -> str:
        return f"<refund {self.method}, {self.amount_minor}, {self.status}>"

    @property
    def amount_minor(self) -> int:
        return sum(one.amount_minor for one in self.parts)


@dataclass(repr=False)
class Parcel(Short):
    id: UUID
    order: Order
    seller: int
    units: dict[int, int]
    status: str = "packed"

    def __repr__(self) -> str:
        return f"<parcel {self.units} of {self.order}, {self.status}>"


@dataclass(repr=False)
class Return(Short):
    """units: asked for; arrived: what came."""

    id: UUID
    order: Order
    seller: int
    units: dict[int, int]
    arrived: dict[int, int] = field(default_factory=dict)
    status: str = "requested"

    def __repr__(self) -> str:
        return f"<return {self.units} of {self.order}, {self.status}>"


@dataclass(repr=False)
class Order(Short):
    """has_deadline: unpaid by then it is cancelled."""

    id: UUID
    customer: int
    method: str
    coupon: str | None
    is_silent: bool
    shipping_minor: int
    cod_fee_minor: int
    allocation: str
    has_deadline: bool
    lines: list[Line]
    status: str = "pending"
    payment_status: str = "pending"
    payments: list[Payment] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    # What the books say of it besides its lines.
    is_sold: bool = False
    shipping_income: int = 0
    cod_fee_income: int = 0
    owed_minor: int = 0

    def __repr__(self) -> str:
        lines = ", ".join(f"{line.quantity} of {line.variant}" for line in self.lines)
        return f"<order {str(self.id)[-4:]}, {lines}, {self.status}, {self.payment_status}>"

    @property
    def total_minor(self) -> int:
        lines = sum(line.whole.paid_minor for line in self.lines)
        return lines + self.shipping_minor + self.cod_fee_minor

    @property
    def sellers(self) -> list[int]:
        return sorted({line.seller for line in self.lines})

    @property
    def captured_minor(self) -> int:
        return sum(p.amount_minor for p in self.payments if p.is_money and not p.is_excess)

    @property
    def refundable_minor(self) -> int:
        """What was paid, less what went back or is on its way."""
        gone = sum(r.amount_minor for r in self.refunds if r.status != "failed")
        return self.captured_minor - gone

    @property
    def kept_minor(self) -> int:
        """What the pieces come to that were neither cancelled nor sent back, with shipping."""
        kept = sum(
            one.units_minor(one.returned, one.quantity - one.cancelled) for one in self.lines
        )
        if all(one.returned >= one.quantity - one.cancelled for one in self.lines):
            return kept
        return kept + self.shipping_minor + self.cod_fee_minor

    @property
    def is_unpaid(self) -> bool:
        return self.payment_status in ("pending", "failed")

    @property
    def open_units(self) -> int:
        return sum(line.quantity - line.cancelled for line in self.lines)

    @property
    def is_payable(self) -> bool:
        return self.status == "pending" and self.is_unpaid and self.has_deadline

    @property
    def may_be_sent(self) -> bool:
        is_paid = self.method == "cod" or self.payment_status in ("paid", "partially_refunded")
        return is_paid and self.allocation != "on_payment" and bool(self.waiting_units(None))

    def packed(self, place: int) -> int:
        return sum(p.units.get(place, 0) for p in self.parcels if p.status == "packed")

    def to_pack(self, place: int) -> int:
        """Pieces of a line that wait to be packed, and can be cancelled until then."""
        if self.status not in ("pending", "confirmed", "processing"):
            return 0
        line = self.lines[place]
        return line.quantity - line.cancelled - line.shipped - self.packed(place)

    def waiting_units(self, seller: int | None) -> dict[int, int]:
        """All of that, of one seller or of all."""
        return {
            place: units
            for place, line in enumerate(self.lines)
            if seller in (None, line.seller) and (units := self.to_pack(place)) > 0
        }

    def returnable(self, place: int) -> int:
        if self.status in ("cancelled", "refunded"):
            return 0
        claimed = sum(
            (one.arrived if one.status in ("received", "refunded") else one.units).get(place, 0)
            for one in self.returns
            if one.status not in ("rejected", "cancelled")
        )
        return self.lines[place].delivered - claimed

    def other_parts(self) -> list[Part]:
        """What it cost besides its lines, and has not gone back."""
        costs = (("cod_fee", self.cod_fee_minor), ("shipping", self.shipping_minor))
        return [
            Part(None, 0, left, kind)
            for kind, cost in costs
            if (left := cost - self._gone(kind)) > 0
        ]

    def _gone(self, kind: str) -> int:
        return sum(
            one.amount_minor
            for refund in self.refunds
            if refund.status != "failed"
            for one in refund.parts
            if one.kind == kind
        )
