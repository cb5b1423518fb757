"""Turns a wish to buy into an order: exactly once, at the price that was shown, or not at all.

Everything that costs money or stock happens in one call of private.place_order_v1, which is one
transaction. The key made by the client ties all attempts together: whoever does not hear an answer
sends the same request again and gets the answer of the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from db import SERVICE, Database, Query, TransactionConflict
from shop.address import Address, checked
from shop.orders import Order
from shop.payments import PROVIDERS, PaymentMethod, PaymentRequest
from shop.pricing import (
    OrderLine,
    Quote,
    QuotedLine,
    refusal_of_price_changed,
    refusal_of_sold_out,
    refusal_of_unavailable,
    summed,
)
from shop.refusal import ShopRefused

_PLACE_ORDER = Query("shop.place_order", dict)
# Rows are locked in one order everywhere, so a conflict is a coincidence and rarely comes twice.
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class ShopTerms:
    """max_quantity: pieces of one variant in one order. shipping_minor: what delivery costs."""

    max_quantity: int = 10
    shipping_minor: int = 0


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a customer confirmed.

    key: made by the client once per order, kept through its retries. live_session_id: where it was
    bought; whether it earns there is the server's to decide. shown_total_minor: the amount the
    customer saw on the button, shipping included.
    """

    key: UUID
    live_session_id: UUID | None
    items: tuple[OrderLine, ...]
    address: Address
    payment_method: PaymentMethod
    shown_total_minor: int

    def content_hash(self) -> bytes:
        """Equal for retries of a request, different for another request under the same key."""
        content = (
            self.live_session_id,
            sorted((str(line.variant_id), line.quantity) for line in self.items),
            self.address.as_json(),
            self.payment_method,
            self.shown_total_minor,
        )
        text = json.dumps(content, default=str, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).digest()


DEFAULT_TERMS = ShopTerms()


async def place_order(
    db: Database,
    customer_user_id: UUID,
    request: OrderRequest,
    terms: ShopTerms = DEFAULT_TERMS,
) -> Order:
    """The order, placed now or by an earlier attempt with the same key.

    Raises ShopRefused when it cannot be placed as confirmed, and db.DatabaseUnavailable when the
    outcome is unknown: then the same request may be sent again.
    """
    lines = summed(request.items, terms.max_quantity)
    address = checked(request.address)
    provider = PROVIDERS[request.payment_method]
    payment = provider.authorise(
        PaymentRequest(request.key, request.shown_total_minor, address.phone)
    )
    answer = await _write(
        db,
        customer_user_id,
        request.key,
        request.content_hash(),
        request.live_session_id,
        [line.variant_id for line in lines],
        [line.quantity for line in lines],
        address.as_json(),
        asdict(payment),
        request.shown_total_minor,
        terms.shipping_minor,
    )
    if answer["outcome"] != "placed":
        raise _REFUSALS[answer["outcome"]](answer, request)
    return Order.from_json(answer["order"])


async def _write(db: Database, *args: object) -> dict[str, Any]:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = await db.acting_as(SERVICE).one(_PLACE_ORDER, *args)
        except TransactionConflict:
            if attempt == _ATTEMPTS:
                raise
        else:
            assert answer is not None, "the function always answers"
            return answer
    raise AssertionError("the last attempt returns or raises")


def _quote(answer: dict[str, Any]) -> Quote:
    lines = tuple(QuotedLine.from_json(line) for line in answer["lines"])
    return Quote(lines, answer["total_minor"])


_REFUSALS: dict[str, Callable[[dict[str, Any], OrderRequest], ShopRefused]] = {
    "not_customer": lambda answer, request: ShopRefused(
        "order.not_customer", "Only customers can order. Please sign in with a customer account."
    ),
    "session_not_found": lambda answer, request: ShopRefused(
        "session.not_found", "This live session does not exist."
    ),
    "key_reused": lambda answer, request: ShopRefused(
        "order.key_reused",
        "This order was sent before with other content. Please start a new order.",
    ),
    "product_unavailable": lambda answer, request: refusal_of_unavailable(_quote(answer)),
    "sold_out": lambda answer, request: refusal_of_sold_out(_quote(answer)),
    "price_changed": lambda answer, request: refusal_of_price_changed(
        _quote(answer), request.shown_total_minor
    ),
}
