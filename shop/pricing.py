"""What the lines of an order are, what they cost, and how to say that this has changed.

The prices themselves come from the database (private.unit_price_minor_v1), quoted in the
transaction that would have written the order; here they are only compared and put into words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shop.money import spoken
from shop.refusal import RefusalCode, ShopRefused

MAX_LINES = 50


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A wish: so many pieces of a variant.

    live_session_id: where it was chosen, None where the order was. deal_id: the deal that the
    customer was shown.
    """

    variant_id: UUID
    quantity: int
    live_session_id: UUID | None = None
    deal_id: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """The state of a wished line now. sellable: the product may be bought at all. stock: what this
    customer can have of it. discount_minor: its share of the coupon.

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
    image_url: str | None = None
    mrp_minor: int | None = None
    discount_minor: int = 0
    deal_id: UUID | None = None

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
            image_url=data["image_url"],
            mrp_minor=data["mrp_minor"],
            discount_minor=data["discount_minor"],
            deal_id=UUID(data["deal_id"]) if data["deal_id"] else None,
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
            "image_url": self.image_url,
            "mrp_minor": self.mrp_minor,
            "discount_minor": self.discount_minor,
            "deal_id": str(self.deal_id) if self.deal_id else None,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines as they stand now. total_minor = subtotal - discount + shipping + fee for cash on
    delivery; total and subtotal are None when a price is missing."""

    lines: tuple[QuotedLine, ...]
    total_minor: int | None
    subtotal_minor: int | None = None
    discount_minor: int = 0
    shipping_minor: int = 0
    cod_fee_minor: int = 0

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Quote:
        """From an answer of private.place_orders_v4."""
        return cls(
            lines=tuple(map(QuotedLine.from_json, data["lines"])),
            total_minor=data["total_minor"],
            subtotal_minor=data["subtotal_minor"],
            discount_minor=data["discount_minor"],
            shipping_minor=data["shipping_minor"],
            cod_fee_minor=data["cod_fee_minor"],
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "lines": [line.as_json() for line in self.lines],
            "total_minor": self.total_minor,
            "subtotal_minor": self.subtotal_minor,
            "discount_minor": self.discount_minor,
            "shipping_minor": self.shipping_minor,
            "cod_fee_minor": self.cod_fee_minor,
        }


def summed(lines: Sequence[OrderLine], max_quantity: int) -> tuple[OrderLine, ...]:
    """The lines with equal variants summed, each within 1..max_quantity; where they were chosen is
    that of the first.

    Raises ShopRefused order.quantity_invalid with details {min, max, variant_id?}.
    """
    bounds = {"min": 1, "max": max_quantity}
    if not 1 <= len(lines) <= MAX_LINES:
        raise ShopRefused(
            "order.quantity_invalid", f"An order has 1 to {MAX_LINES} products.", bounds
        )
    sums: dict[UUID, OrderLine] = {}
    for line in lines:
        # Checked before it is added: two lines of 5 and -3 are not a wish for 2.
        before = sums[line.variant_id].quantity if line.variant_id in sums else 0
        first = sums.get(line.variant_id, line)
        sums[line.variant_id] = replace(first, quantity=before + max(line.quantity, 0))
        if line.quantity < 1 or sums[line.variant_id].quantity > max_quantity:
            raise ShopRefused(
                "order.quantity_invalid",
                f"You can order 1 to {max_quantity} of each product.",
                bounds | {"variant_id": str(line.variant_id)},
            )
    return tuple(sums.values())


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


def refusal_of_deal_ended(quote: Quote, answer: Mapping[str, Any]) -> ShopRefused:
    """details: reason (time | sold_out | stopped | session_ended | not_started), ended_at_ms."""
    reason = answer["reason"]
    now = f" The total is now {spoken(quote.total_minor)}." if quote.total_minor is not None else ""
    ended_at_ms = round(datetime.fromisoformat(answer["ended_at"]).timestamp() * 1000)
    return ShopRefused(
        "order.deal_ended",
        _DEAL_ENDS[reason] + now,
        {"reason": reason, "ended_at_ms": ended_at_ms} | quote.as_json(),
    )


_DEAL_ENDS = {
    "time": "The deal has ended.",
    "sold_out": "The deal is sold out.",
    "stopped": "The deal was stopped.",
    "session_ended": "The deal ended with the live session.",
    "not_started": "The deal has not begun yet.",
}


def refusal_of_limit(quote: Quote, answer: Mapping[str, Any]) -> ShopRefused:
    """details: limit of the deal, how many the customer bought, how many can still be had."""
    limit, bought, left = answer["limit"], answer["bought"], answer["left"]
    if left > 0:
        sentence = f"You can have {left} more in this deal."
    else:
        sentence = f"You already have {bought}, the limit for this deal is {limit}."
    return ShopRefused(
        "order.limit_reached",
        sentence,
        {"limit": limit, "bought": bought, "left": left} | quote.as_json(),
    )


def refusal_of_coupon(outcome: str, answer: Mapping[str, Any], quote: Quote) -> ShopRefused:
    """outcome: coupon_*, the code behind `order.`."""
    code, sentence = _COUPON_REFUSALS[outcome]
    least = answer.get("min_spend_minor")
    return ShopRefused(
        code,
        sentence.format(least=spoken(least or 0)),
        {"coupon": answer.get("coupon"), "min_spend_minor": least} | quote.as_json(),
    )


_COUPON_REFUSALS: dict[str, tuple[RefusalCode, str]] = {
    "coupon_unknown": ("order.coupon_unknown", "There is no such coupon."),
    "coupon_ended": ("order.coupon_ended", "This coupon has ended."),
    "coupon_used": ("order.coupon_used", "You have used this coupon already."),
    "coupon_quota": ("order.coupon_quota", "This coupon has been used up."),
    "coupon_not_here": ("order.coupon_not_here", "This coupon does not hold for these products."),
    "coupon_min_spend": ("order.coupon_min_spend", "This coupon holds from {least} on."),
}


def _subject(line: QuotedLine) -> dict[str, Any]:
    product_id = str(line.product_id) if line.product_id else None
    return {"variant_id": str(line.variant_id), "product_id": product_id, "product": line.name}


def _sold_out_sentence(line: QuotedLine) -> str:
    name = f"'{line.name} / {line.label}'" if line.label != "Standard" else f"'{line.name}'"
    if line.stock == 0:
        return f"{name} is sold out."
    return f"Only {line.stock} left of {name}; you asked for {line.quantity}."
