"""Paying an order: how it stands, another try, another way."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Strict, StringConstraints

from livecommerce import clock
from livecommerce.http.api import ANYONE, Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from shop.payments import PaymentMethod, paying
from signaling.payloads import Empty, Id, Wire

CUSTOMER: Final[Who] = frozenset(("customer",))

Status = Literal[
    "created", "pending", "captured", "failed", "cancelled", "collected", "remitted", "returned"
]
RefundStatus = Literal["pending", "succeeded", "failed"]
Utr = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{12}$")]


class PaymentMethods(Wire):
    methods: Annotated[tuple[PaymentMethod, ...], Strict(False)]


class Pay(Wire):
    method: PaymentMethod


class UpiReference(Wire):
    """reference: the 12 digits (UTR) that the customer's app shows."""

    reference: Utr


class UpiPayment(Wire):
    """link: for apps on the same phone. qr_svg: the link as a picture, for another phone."""

    link: str
    qr_svg: str
    payee_name: str
    reference: str
    customer_reference: str | None


class StripePayment(Wire):
    """redirect_url: Stripe's own page for this payment, which leads back."""

    redirect_url: str


class RazorpayPayment(Wire):
    """A form to post: its page takes over, and leads back."""

    action: str
    fields: dict[str, str]


class OrderRefund(Wire):
    refund_id: Id
    amount_minor: int
    status: RefundStatus
    method: str
    at_ms: int


class PaymentView(Wire):
    """is_payable: the customer can still pay, or choose another of `methods`. failure: why the last
    attempt failed."""

    order_id: Id
    order_number: str
    order_status: str
    payment_status: str
    payment_id: Id | None
    provider: str
    status: Status
    amount_minor: int
    currency: str
    pay_until_ms: int | None
    server_time_ms: int
    is_payable: bool
    methods: Annotated[tuple[PaymentMethod, ...], Strict(False)]
    failure: str | None
    upi: UpiPayment | None
    stripe: StripePayment | None
    razorpay: RazorpayPayment | None
    refunds: Annotated[tuple[OrderRefund, ...], Strict(False)]


class PaymentOk(Wire):
    payment: PaymentView


# ---- the customer


async def methods(call: Call[Empty]) -> Reply:
    return Reply(PaymentMethods(methods=call.deps.payments.methods))


async def payment(call: Call[Empty]) -> Reply:
    return await _shown(call)


def _ways_to_pay_again(call: Call[Any]) -> tuple[PaymentMethod, ...]:
    """Without cash where it costs a fee: the order was confirmed at a total without it."""
    has_fee = call.deps.shop_terms.cod_fee_minor > 0
    return tuple(way for way in call.deps.payments.methods if way != "cod" or not has_fee)


async def pay(call: Call[Pay]) -> Reply:
    deps, order_id = call.deps, _order_id(call)
    if call.body.method in deps.payments.methods and call.body.method not in _ways_to_pay_again(
        call
    ):
        raise ApiRefused(
            "payment.method_unavailable",
            "Cash on delivery costs a fee here and cannot be chosen afterwards. "
            "Please cancel this order and place a new one.",
        )
    await paying.pay(
        deps.db,
        deps.payments,
        call.caller.user_id,
        order_id,
        clock.uuid7(),
        call.body.method,
        call.now,
    )
    return await _shown(call)


async def note_reference(call: Call[UpiReference]) -> Reply:
    order_id = _order_id(call)
    await paying.note_reference(call.deps.db, call.caller.user_id, order_id, call.body.reference)
    return await _shown(call)


async def _shown(call: Call[Any]) -> Reply:
    order_id = _order_id(call)
    found = await paying.payment_of(call.deps.db, call.caller.user_id, order_id)
    is_payable = found.is_payable(call.now)
    client = (found.client or {}) if is_payable else {}
    qr_svg = found.qr_svg()
    upi = None
    if found.provider == "upi" and client and qr_svg:
        upi = UpiPayment(**client, qr_svg=qr_svg, customer_reference=found.customer_reference)
    fields = asdict(found)
    for name in ("pay_until", "note", "client", "customer_reference", "refunds"):
        del fields[name]
    return Reply(
        PaymentOk(
            payment=PaymentView.model_validate(
                fields
                | {
                    "pay_until_ms": to_ms(found.pay_until) if found.pay_until else None,
                    "server_time_ms": to_ms(call.now),
                    "is_payable": is_payable,
                    "methods": _ways_to_pay_again(call) if is_payable else (),
                    "failure": found.note if found.status == "failed" else None,
                    "upi": upi,
                    "stripe": client if found.provider == "stripe" and client else None,
                    "razorpay": client if found.provider == "razorpay" and client else None,
                    "refunds": found.refunds,
                }
            )
        )
    )


def to_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _order_id(call: Call[Any]) -> UUID:
    """What is no id is the id of nothing."""
    try:
        return UUID(call.request.match_info["order_id"])
    except ValueError:
        raise ApiRefused("order.not_found", "There is no such order of yours.") from None


_ORDER: Final = "/api/v1/orders/{order_id}"

ROUTES: Final = (
    Route("GET", "/api/v1/payment-methods", "How one can pay here.", ANYONE, methods,
          PaymentMethods),
    Route("GET", f"{_ORDER}/payment", "How the payment of an order stands, and how to pay it.",
          CUSTOMER, payment, PaymentOk, errors=("order.not_found",)),
    Route("POST", f"{_ORDER}/pay", "Pay an unpaid order again, or in another way.", CUSTOMER, pay,
          PaymentOk, Pay,
          errors=("order.not_found", "payment.not_payable", "payment.method_unavailable")),
    Route("POST", f"{_ORDER}/payment/reference",
          "Tell the number of the UPI transfer, for whoever looks for it.", CUSTOMER,
          note_reference, PaymentOk, UpiReference,
          errors=("order.not_found", "payment.not_payable", "payment.reference_invalid")),
)  # fmt: skip
