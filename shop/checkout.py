"""Turns a wish to buy into an order: exactly once, at the price that was shown, or not at all.

Everything that costs money or stock happens in one call of private.place_orders_v4, which is one
transaction for all orders that were asked for in the same few milliseconds (shop/combiner.py). The
key made by the client ties all attempts together: whoever does not hear an answer sends the same
request again and gets the answer of the first. What costs time (providers of payments, rooms)
happens after the commit, from what the transaction has left behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from db import SERVICE, Database, Query
from shop.address import STATES, Address, checked
from shop.combiner import DEFAULT_CONFIG, Combiner, CombinerConfig, Request, WriteBatch
from shop.orders import Order, OrderItem, OrderPayment
from shop.payments import PaymentMethod
from shop.pricing import (
    OrderLine,
    Quote,
    refusal_of_coupon,
    refusal_of_deal_ended,
    refusal_of_limit,
    refusal_of_price_changed,
    refusal_of_sold_out,
    refusal_of_unavailable,
    summed,
)
from shop.refusal import RefusalCode, ShopRefused


@dataclass(frozen=True, slots=True)
class Answered:
    """A row of private.place_orders_v4. place: of the request in the batch, from 1.

    Of an order that is or was placed, the order and one of its lines; of anything else, `answer`.
    """

    place: int
    outcome: str
    answer: dict[str, Any] | None
    order_id: UUID
    order_number: str
    placed_at: datetime
    pay_until: datetime | None
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    cod_fee_minor: int
    line: int
    order_item_id: UUID
    product_id: UUID
    variant_id: UUID
    name: str
    label: str
    image_url: str | None
    quantity: int
    unit_price_minor: int
    line_discount_minor: int
    tax_rate: float
    deal_id: UUID | None


@dataclass(slots=True)
class Answer:
    """What the database says to a request. rows: at least one."""

    rows: list[Answered] = field(default_factory=list)


_PLACE_ORDERS = Query("shop.place_orders", Answered)


@dataclass(frozen=True, slots=True)
class ShopTerms:
    """What holds for every order.

    max_quantity: pieces of one variant in one order. shipping_minor: what delivery costs.
    cod_fee_minor: what cash on delivery costs. pay_within_s: an order that is paid in advance and
    is not paid by then is cancelled. carryover_s, replay_s, link_s: how long after the end of a
    live session, a replay, a click on a link a purchase still earns. payment_methods: those that
    are offered.
    """

    max_quantity: int = 10
    shipping_minor: int = 0
    cod_fee_minor: int = 0
    pay_within_s: int = 900
    carryover_s: int = 24 * 3600
    replay_s: int = 7 * 24 * 3600
    link_s: int = 30 * 24 * 3600
    payment_methods: tuple[PaymentMethod, ...] = ("cod", "test", "upi", "stripe", "razorpay")


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a customer confirmed.

    key: made by the client once per order, kept through its retries. live_session_id: where it was
    bought; whether it earns there is the server's to decide. shown_total_minor: the amount the
    customer saw on the button, shipping included. from_cart: what is ordered leaves the cart, and
    earns for whoever it was put there by.
    """

    key: UUID
    live_session_id: UUID | None
    items: tuple[OrderLine, ...]
    address: Address
    payment_method: PaymentMethod
    shown_total_minor: int
    coupon_code: str | None = None
    from_cart: bool = False
    buyer_gstin: str | None = None

    def content_hash(self) -> bytes:
        """Equal for retries of a request, different for another request under the same key."""
        lines = (line.as_json() for line in self.items)
        content = (
            self.live_session_id,
            sorted(lines, key=lambda line: (line["variant_id"].bytes, line["quantity"])),
            self.address.as_json(),
            self.payment_method,
            self.shown_total_minor,
            self.coupon_code,
            self.from_cart,
            self.buyer_gstin,
        )
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


DEFAULT_TERMS = ShopTerms()


@dataclass(frozen=True, slots=True)
class Placed:
    """is_duplicate: the order was placed by an earlier attempt with the same key."""

    order: Order
    is_duplicate: bool


def prepared(customer_user_id: UUID, request: OrderRequest, terms: ShopTerms) -> Request:
    """The request as the database takes it. Raises ShopRefused for what no database need see."""
    if request.payment_method not in terms.payment_methods:
        raise ShopRefused(
            "payment.method_unavailable", "This way to pay is not offered. Please choose another."
        )
    lines = summed(request.items, terms.max_quantity)
    address = checked(request.address)
    return {
        "user_id": customer_user_id,
        "key": request.key,
        "hash": request.content_hash().hex(),
        "live_session_id": request.live_session_id,
        "lines": [line.as_json() for line in lines],
        "address": address.as_json(),
        "place_of_supply": STATES[address.state],
        "provider": request.payment_method,
        "is_prepaid": request.payment_method != "cod",
        "shown_total_minor": request.shown_total_minor,
        "coupon": request.coupon_code.strip().upper() if request.coupon_code else None,
        "from_cart": request.from_cart,
        "buyer_gstin": request.buyer_gstin,
    }


def batch_writer(db: Database, terms: ShopTerms) -> WriteBatch[Answer]:
    """Writes a batch of prepared requests in one transaction; see Combiner."""
    given = asdict(terms)

    async def write(requests: Sequence[Request]) -> list[Answer]:
        answers = [Answer() for _ in requests]
        for row in await db.acting_as(SERVICE).all(_PLACE_ORDERS, requests, given):
            answers[row.place - 1].rows.append(row)
        return answers

    return write


def placed(answer: Answer, request: Request) -> Placed:
    """The order of an answer, as it was placed. Raises ShopRefused when it was not placed.

    request: as `prepared` made it; what it says of the order is not said again.
    """
    first = answer.rows[0]
    if first.answer is not None:
        raise _refusal(first.answer, request["shown_total_minor"])
    order = Order(
        id=first.order_id,
        order_number=first.order_number,
        status="pending",
        payment_status="pending",
        payment_method=request["provider"],
        subtotal_minor=first.subtotal_minor,
        discount_minor=first.discount_minor,
        shipping_minor=first.shipping_minor,
        cod_fee_minor=first.cod_fee_minor,
        total_minor=request["shown_total_minor"],
        coupon_code=request["coupon"] if first.discount_minor else None,
        currency="INR",
        placed_at_ms=_epoch_ms(first.placed_at),
        pay_until_ms=_epoch_ms(first.pay_until) if first.pay_until else None,
        payment=OrderPayment(request["provider"], "created"),
        address=Address.from_json(request["address"]),
        items=tuple(map(_item, sorted(answer.rows, key=lambda row: row.line))),
    )
    return Placed(order, first.outcome == "duplicate")


def _item(row: Answered) -> OrderItem:
    return OrderItem(
        order_item_id=row.order_item_id,
        product_id=row.product_id,
        variant_id=row.variant_id,
        name=row.name,
        label=row.label,
        image_url=row.image_url,
        quantity=row.quantity,
        unit_price_minor=row.unit_price_minor,
        total_minor=row.unit_price_minor * row.quantity,
        discount_minor=row.line_discount_minor,
        tax_rate=row.tax_rate,
        deal_id=row.deal_id,
        quantity_cancelled=0,
        quantity_shipped=0,
        quantity_delivered=0,
        quantity_returned=0,
    )


def _epoch_ms(moment: datetime) -> int:
    # Half up, as the database rounds when the order is read later.
    return (moment - _EPOCH + _MILLISECOND / 2) // _MILLISECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _refusal(answer: dict[str, Any], shown_total_minor: int) -> ShopRefused:
    outcome = answer["outcome"]
    if outcome in _UNQUOTED:
        return ShopRefused(*_UNQUOTED[outcome])
    quote = Quote.from_json(answer)
    if outcome.startswith("coupon_"):
        return refusal_of_coupon(outcome, answer, quote)
    return _QUOTED[outcome](quote, answer, shown_total_minor)


_UNQUOTED: dict[str, tuple[RefusalCode, str]] = {
    "not_customer": (
        "order.not_customer",
        "Only customers can order. Please sign in with a customer account.",
    ),
    "session_not_found": ("session.not_found", "This live session does not exist."),
    "key_reused": (
        "order.key_reused",
        "This order was sent before with other content. Please start a new order.",
    ),
}
_QUOTED: dict[str, Callable[[Quote, dict[str, Any], int], ShopRefused]] = {
    "product_unavailable": lambda quote, answer, shown: refusal_of_unavailable(quote),
    "sold_out": lambda quote, answer, shown: refusal_of_sold_out(quote),
    "limit_reached": lambda quote, answer, shown: refusal_of_limit(quote, answer),
    "deal_ended": lambda quote, answer, shown: refusal_of_deal_ended(quote, answer),
    "price_changed": lambda quote, answer, shown: refusal_of_price_changed(quote, shown),
}


class Checkout:
    """The checkout of one process, whose customers share their calls of the database."""

    def __init__(
        self,
        db: Database,
        terms: ShopTerms = DEFAULT_TERMS,
        config: CombinerConfig = DEFAULT_CONFIG,
    ) -> None:
        self.terms = terms
        self._combiner = Combiner(batch_writer(db, terms), config)

    async def close(self) -> None:
        """Answer everything that was asked."""
        await self._combiner.close()

    async def quote(self, customer_user_id: UUID, request: OrderRequest) -> Quote:
        """What the order would cost now, coupon included; nothing is written.

        Raises ShopRefused where the order would be refused for something else than its total.
        """
        wish = prepared(customer_user_id, request, self.terms) | {"is_priced_only": True}
        answered = await self._combiner.place(customer_user_id, wish)
        answer = answered.rows[0].answer
        assert answer is not None, "nothing is placed where only a price was asked for"
        if answer["outcome"] != "priced":
            raise _refusal(answer, request.shown_total_minor)
        return Quote.from_json(answer)

    async def place(self, customer_user_id: UUID, request: OrderRequest) -> Placed:
        """The order, placed now or by an earlier attempt with the same key.

        Raises ShopRefused when it cannot be placed as confirmed, and db.DatabaseUnavailable when
        the outcome is unknown: then the same request may be sent again.
        """
        wish = prepared(customer_user_id, request, self.terms)
        return placed(await self._combiner.place(customer_user_id, wish), wish)
