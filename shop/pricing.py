"""What the lines of an order are, what they cost, and how to say that this has changed.

The prices themselves come from the database (private.unit_price_minor_v1), quoted in the
transaction that would have written the order; here they are only compared and put into words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shop.money import spoken
from shop.refusal import ShopRefused

MAX_LINES = 50


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A wish: so many pieces of a variant."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """The state of a wished line now. sellable: the product may be bought at all.

    For a variant that does not exist every field of the product is None and the stock 0.
    """

    variant_id: UUID
    product_id: UUID | None
    name: str | None
    label: str | None
    quantity: int
    unit_price_minor: int | None
    stock: int
    sellable: bool

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> QuotedLine:
        product_id = data["product_id"]
        return cls(
            variant_id=UUID(data["variant_id"]),
            product_id=UUID(product_id) if product_id else None,
            name=data["name"],
            label=data["label"],
            quantity=data["quantity"],
            unit_price_minor=data["unit_price_minor"],
            stock=data["stock"],
            sellable=data["sellable"],
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "variant_id": str(self.variant_id),
            "product_id": str(self.product_id) if self.product_id else None,
            "name": self.name,
            "label": self.label,
            "quantity": self.quantity,
            "unit_price_minor": self.unit_price_minor,
            "stock": self.stock,
            "sellable": self.sellable,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines as they stand now. total_minor: with shipping; None when a price is missing."""

    lines: tuple[QuotedLine, ...]
    total_minor: int | None

    def as_json(self) -> dict[str, Any]:
        return {"lines": [line.as_json() for line in self.lines], "total_minor": self.total_minor}


def summed(lines: Sequence[OrderLine], max_quantity: int) -> tuple[OrderLine, ...]:
    """The lines with equal variants summed, each within 1..max_quantity.

    Raises ShopRefused order.quantity_invalid with details {min, max, variant_id?}.
    """
    bounds = {"min": 1, "max": max_quantity}
    if not 1 <= len(lines) <= MAX_LINES:
        raise ShopRefused(
            "order.quantity_invalid", f"An order has 1 to {MAX_LINES} products.", bounds
        )
    quantities: dict[UUID, int] = {}
    for line in lines:
        # Checked before it is added: two lines of 5 and -3 are not a wish for 2.
        quantities[line.variant_id] = quantities.get(line.variant_id, 0) + max(line.quantity, 0)
        if line.quantity < 1 or quantities[line.variant_id] > max_quantity:
            raise ShopRefused(
                "order.quantity_invalid",
                f"You can order 1 to {max_quantity} of each product.",
                bounds | {"variant_id": str(line.variant_id)},
            )
    return tuple(OrderLine(variant_id, quantity) for variant_id, quantity in quantities.items())


def refusal_of_unavailable(quote: Quote) -> ShopRefused:
    line = next(line for line in quote.lines if not line.sellable)
    subject = f"'{line.name}'" if line.name else "This product"
    return ShopRefused(
        "order.product_unavailable",
        f"{subject} is not for sale any more.",
        _subject(line) | quote.as_json(),
    )


def refusal_of_sold_out(quote: Quote) -> ShopRefused:
    """The sentence names the line that asks for more than there is, and says how many are left."""
    line = next(
        (line for line in quote.lines if line.stock < line.quantity),
        quote.lines[0],
    )
    return ShopRefused(
        "order.sold_out",
        _sold_out_sentence(line),
        {"available": line.stock} | _subject(line) | quote.as_json(),
    )


def refusal_of_price_changed(quote: Quote, shown_total_minor: int) -> ShopRefused:
    assert quote.total_minor is not None, "a line without a price is refused as unavailable"
    return ShopRefused(
        "order.price_changed",
        f"The price has changed: the total is now {spoken(quote.total_minor)}, "
        f"not {spoken(shown_total_minor)}. Please check and confirm.",
        {"shown_total_minor": shown_total_minor} | quote.as_json(),
    )


def _subject(line: QuotedLine) -> dict[str, Any]:
    product_id = str(line.product_id) if line.product_id else None
    return {"variant_id": str(line.variant_id), "product_id": product_id, "product": line.name}


def _sold_out_sentence(line: QuotedLine) -> str:
    name = f"'{line.name} / {line.label}'" if line.label != "Standard" else f"'{line.name}'"
    if line.stock == 0:
        return f"{name} is sold out."
    return f"Only {line.stock} left of {name}; you asked for {line.quantity}."
