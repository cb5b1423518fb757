"""The desk of those who look after payments: UPI, cash, refunds by hand, the inbox."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from pydantic import Strict, StringConstraints

from livecommerce import clock
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.payment_routes import RefundStatus, Status, Utr, to_ms
from livecommerce.http.refusals import ApiRefused
from shop.payments import PaymentMethod, back_office
from shop.payments.back_office import ListedEvent, ListedPayment, ListedRefund, RefundCursor
from signaling.payloads import Empty, Id, Wire

WHOLESALER: Final[Who] = frozenset(("wholesaler",))
ADMIN: Final[Who] = frozenset(("admin",))

_PER_PAGE: Final = 50

EventState = Literal["new", "waiting", "applied", "ignored", "unknown", "mismatch", "failed"]
_Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{2,60}$")
]
_After = Annotated[str, StringConstraints(max_length=100)]
_Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Money = Annotated[int, Strict()]


class AdminPayment(Wire):
    """reference: of what brought the money, else the provider's name for the payment.
    customer_reference: what the customer says. upi_reference: ours, which the transfer may show."""

    payment_id: Id
    order_id: Id
    order_number: str
    customer_name: str
    provider: str
    status: Status
    amount_minor: int
    currency: str
    reference: str | None
    customer_reference: str | None
    upi_reference: str | None
    created_at_ms: int
    updated_at_ms: int
    order_status: str
    note: str | None


class AdminPaymentOk(Wire):
    payment: AdminPayment


class AdminPayments(Wire):
    """next: what to send as `after` for more; null at the end."""

    payments: Annotated[tuple[AdminPayment, ...], Strict(False)]
    next: str | None


class PaymentFilter(Wire):
    provider: Literal["", "cod", "test", "upi", "stripe", "razorpay"] = ""
    status: Status | Literal[""] = ""
    after: _After = ""


class CodFilter(Wire):
    """status: `created` for cash that is due: the parcel left, nobody has brought it yet."""

    status: Literal["created", "collected", "remitted", "returned"] = "created"
    after: _After = ""


class OlderPayments(Wire):
    after: _After = ""


class ConfirmUpi(Wire):
    reference: Utr
    amount_minor: _Money


class RejectUpi(Wire):
    reason: _Reason | None = None


class RemitCash(Wire):
    """One transfer for the cash of many orders. reference: of the transfer."""

    payment_ids: Annotated[tuple[Id, ...], Strict(False)]
    reference: _Reference


class CashRemitted(Wire):
    remitted: int
    payments: Annotated[tuple[AdminPayment, ...], Strict(False)]


class CashCollected(Wire):
    collected: bool


class EventFilter(Wire):
    state: EventState | Literal[""] = ""
    after: _After = ""


class PaymentEvent(Wire):
    """kind: in our words; provider_kind: in the provider's. note: why it waits for somebody."""

    inbox_id: int
    event_id: str
    provider: str
    source: str
    kind: str
    provider_kind: str
    state: EventState
    reference: str | None
    order_number: str | None
    amount_minor: int | None
    received_at_ms: int
    note: str | None


class PaymentEvents(Wire):
    """counts: of the states that wait for somebody."""

    events: Annotated[tuple[PaymentEvent, ...], Strict(False)]
    next: str | None
    counts: dict[str, int]


class RefundFilter(Wire):
    status: RefundStatus = "pending"
    after: _After = ""


class AdminRefund(Wire):
    """is_manual: a person gives it back and says so. is_reversal: of a payment that came twice."""

    refund_id: Id
    order_id: Id
    order_number: str
    amount_minor: int
    method: str
    status: RefundStatus
    provider: str
    is_manual: bool
    is_reversal: bool
    reference: str | None
    reason: str | None
    note: str | None
    created_at_ms: int


class AdminRefunds(Wire):
    refunds: Annotated[tuple[AdminRefund, ...], Strict(False)]
    next: str | None


class AdminRefundOk(Wire):
    refund: AdminRefund


class RefundDone(Wire):
    reference: _Reference


async def payments(call: Call[PaymentFilter]) -> Reply:
    body = call.body
    return await _payments(call, "all", body.provider, body.status, body.after)


async def upi_payments(call: Call[OlderPayments]) -> Reply:
    return await _payments(call, "upi", "", "", call.body.after)


async def cod_payments(call: Call[CodFilter]) -> Reply:
    body = call.body
    shelf: back_office.Shelf = "cod_due" if body.status == "created" else "all"
    return await _payments(call, shelf, "cod", body.status, body.after)


async def _payments(
    call: Call[Any], shelf: back_office.Shelf, provider: str, status: str, after: str
) -> Reply:
    found = await back_office.payments(
        call.deps.db, call.caller.user_id, shelf, provider, status, _after(after), _PER_PAGE + 1
    )
    page = found[:_PER_PAGE]
    return Reply(
        AdminPayments(
            payments=tuple(map(_listed, page)),
            next=str(page[-1].payment_id) if len(found) > _PER_PAGE else None,
        )
    )


async def confirm_upi(call: Call[ConfirmUpi]) -> Reply:
    body = call.body
    found = await back_office.confirm_upi(
        call.deps.db, call.caller.user_id, _payment_id(call), body.reference, body.amount_minor
    )
    return Reply(AdminPaymentOk(payment=_listed(found)))


async def reject_upi(call: Call[RejectUpi]) -> Reply:
    found = await back_office.reject_upi(
        call.deps.db,
        call.caller.user_id,
        _payment_id(call),
        call.body.reason,
        f"rejected:{clock.uuid7()}",
    )
    return Reply(AdminPaymentOk(payment=_listed(found)))


async def collect_cash(call: Call[Empty]) -> Reply:
    found = await back_office.collect_cash(call.deps.db, call.caller.user_id, _payment_id(call))
    return Reply(AdminPaymentOk(payment=_listed(found)))


async def collect_own_cash(call: Call[Empty]) -> Reply:
    await back_office.collect_own_cash(call.deps.db, call.caller.user_id, _payment_id(call))
    return Reply(CashCollected(collected=True))


async def remit_cash(call: Call[RemitCash]) -> Reply:
    body = call.body
    if not 1 <= len(body.payment_ids) <= 200:
        raise ApiRefused("payload.invalid", "Name 1 to 200 payments.")
    found = await back_office.remit_cash(
        call.deps.db, call.caller.user_id, body.payment_ids, body.reference
    )
    return Reply(CashRemitted(remitted=len(found), payments=tuple(map(_listed, found))))


async def events(call: Call[EventFilter]) -> Reply:
    db, admin_id, after = call.deps.db, call.caller.user_id, call.body.after
    if after and not (after.isdecimal() and len(after) < 19):
        raise ApiRefused("payload.invalid", "This is not where a page ends.")
    before = int(after) if after else None
    found = await back_office.events(db, admin_id, call.body.state, before, _PER_PAGE + 1)
    page = found[:_PER_PAGE]
    return Reply(
        PaymentEvents(
            events=tuple(map(listed_event, page)),
            next=str(page[-1].inbox_id) if len(found) > _PER_PAGE else None,
            counts=await back_office.event_counts(db, admin_id),
        )
    )


async def refunds(call: Call[RefundFilter]) -> Reply:
    body = call.body
    found = await back_office.refunds(
        call.deps.db, call.caller.user_id, body.status, _refund_cursor(body.after), _PER_PAGE + 1
    )
    page = found[:_PER_PAGE]
    more = len(found) > _PER_PAGE
    return Reply(
        AdminRefunds(
            refunds=tuple(_listed_refund(call, refund) for refund in page),
            next=str(RefundCursor(page[-1].created_at, page[-1].refund_id)) if more else None,
        )
    )


async def refund_done(call: Call[RefundDone]) -> Reply:
    found = await back_office.refund_done(
        call.deps.db, call.caller.user_id, _refund_id(call), call.body.reference
    )
    return Reply(AdminRefundOk(refund=_listed_refund(call, found)))


async def retry_refund(call: Call[Empty]) -> Reply:
    found = await back_office.retry_refund(call.deps.db, call.caller.user_id, _refund_id(call))
    call.deps.payments.kick()
    return Reply(AdminRefundOk(refund=_listed_refund(call, found)))


# ---- shapes


def _listed(found: ListedPayment) -> AdminPayment:
    return AdminPayment(**_with_ms(asdict(found), "created_at", "updated_at"))


def listed_event(found: ListedEvent) -> PaymentEvent:
    return PaymentEvent(**_with_ms(asdict(found), "received_at"))


def _listed_refund(call: Call[Any], found: ListedRefund) -> AdminRefund:
    provider = call.deps.payments.providers.get(found.provider)
    is_manual = (
        provider is None or found.method != "original" or not provider.capabilities.refunds_itself
    )
    return AdminRefund(**_with_ms(asdict(found), "created_at"), is_manual=is_manual)


def _with_ms(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        fields[f"{name}_ms"] = to_ms(fields.pop(name))
    return fields


def _after(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise ApiRefused("payload.invalid", "This is not where a page ends.") from None


def _refund_cursor(text: str) -> RefundCursor | None:
    if not text:
        return None
    try:
        return RefundCursor.parse(text)
    except ValueError:
        raise ApiRefused("payload.invalid", "This is not where a page ends.") from None


def _payment_id(call: Call[Any]) -> UUID:
    return _id(call, "payment_id", "payment.not_found")


def _refund_id(call: Call[Any]) -> UUID:
    return _id(call, "refund_id", "refund.not_found")


_NOT_FOUND: Final = {
    "payment.not_found": "There is no such payment.",
    "refund.not_found": "There is no such refund.",
}


def _id(call: Call[Any], name: str, code: str) -> UUID:
    """What is no id is the id of nothing."""
    try:
        return UUID(call.request.match_info[name])
    except ValueError:
        raise ApiRefused(code, _NOT_FOUND[code]) from None


assert set(get_args(PaymentMethod)) | {""} == set(
    get_args(PaymentFilter.model_fields["provider"].annotation)
), "the filter knows every way to pay"

_DESK: Final = "/api/v1/admin"
_UPI: Final = f"{_DESK}/upi-payments/{{payment_id}}"
_REFUND: Final = f"{_DESK}/refunds/{{refund_id}}"

ROUTES: Final = (
    Route("GET", f"{_DESK}/payments", "All payments, newest first.", ADMIN, payments,
          AdminPayments, PaymentFilter),
    Route("GET", f"{_DESK}/upi-payments", "UPI payments to look for at the bank, oldest first.",
          ADMIN, upi_payments, AdminPayments, OlderPayments),
    Route("POST", f"{_UPI}/confirm", "The money is there, under this reference (UTR).", ADMIN,
          confirm_upi, AdminPaymentOk, ConfirmUpi,
          errors=("payment.not_found", "payment.reference_invalid", "payment.reference_used",
                  "payment.amount_differs")),
    Route("POST", f"{_UPI}/reject", "The money did not come; it may still be confirmed.", ADMIN,
          reject_upi, AdminPaymentOk, RejectUpi, errors=("payment.not_found",)),
    Route("GET", f"{_DESK}/cod", "Cash on delivery: due, collected, remitted or returned.", ADMIN,
          cod_payments, AdminPayments, CodFilter),
    Route("POST", f"{_DESK}/cod/remitted", "A courier transferred the cash of these orders.",
          ADMIN, remit_cash, CashRemitted, RemitCash, errors=("payment.wrong_state",)),
    Route("POST", f"{_DESK}/cod/{{payment_id}}/collected", "A courier was paid at the door.",
          ADMIN, collect_cash, AdminPaymentOk,
          errors=("payment.not_found", "payment.wrong_state")),
    Route("POST", "/api/v1/wholesaler/cod/{payment_id}/collected",
          "The wholesaler delivered the whole order and was paid.", WHOLESALER, collect_own_cash,
          CashCollected, errors=("payment.not_found", "payment.wrong_state")),
    Route("GET", f"{_DESK}/payment-events", "What payment providers said, newest first.", ADMIN,
          events, PaymentEvents, EventFilter),
    Route("GET", f"{_DESK}/refunds", "Refunds by state, oldest first.", ADMIN, refunds,
          AdminRefunds, RefundFilter),
    Route("POST", f"{_REFUND}/done", "The money was given back by hand.", ADMIN, refund_done,
          AdminRefundOk, RefundDone,
          errors=("refund.not_found", "refund.wrong_state", "payment.reference_used")),
    Route("POST", f"{_REFUND}/retry", "Ask the provider once more for a refund that failed.",
          ADMIN, retry_refund, AdminRefundOk,
          errors=("refund.not_found", "refund.wrong_state")),
)  # fmt: skip
