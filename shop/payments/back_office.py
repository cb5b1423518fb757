"""What admins do about payments: confirm UPI, cash of couriers, refunds by hand, the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from db import Actor, Database, Query, UniqueViolated
from shop.payments import inbox
from shop.payments.provider import Event
from shop.payments.upi import UTR
from shop.refusal import RefusalCode, ShopRefused

Shelf = Literal["upi", "cod_due", "all"]


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """reference: of what brought the money, else the provider's name for the payment.
    upi_reference: ours, which the transfer may carry."""

    payment_id: UUID
    order_id: UUID
    order_number: str
    customer_name: str
    provider: str
    status: str
    amount_minor: int
    currency: str
    reference: str | None
    customer_reference: str | None
    created_at: datetime
    updated_at: datetime
    order_status: str
    note: str | None
    upi_reference: str | None


@dataclass(frozen=True, slots=True)
class ListedEvent:
    inbox_id: int
    event_id: str
    provider: str
    source: str
    kind: str
    provider_kind: str
    state: str
    reference: str | None
    order_number: str | None
    amount_minor: int | None
    received_at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class ListedRefund:
    """is_reversal: of a payment that came twice, no refund of a sale."""

    refund_id: UUID
    order_id: UUID
    order_number: str
    amount_minor: int
    method: str
    status: str
    provider: str
    reference: str | None
    reason: str | None
    note: str | None
    is_reversal: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundCursor:
    """The last refund of a page."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z_{self.id}"

    @classmethod
    def parse(cls, text: str) -> RefundCursor:
        """Raises ValueError for what is no cursor."""
        at, _, id_ = text.partition("_")
        return cls(datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC), UUID(id_))


_LIST: Final = Query("payments.list", ListedPayment)
_EVENTS: Final = Query("payments.event_list", ListedEvent)
_HANDLE_EVENT: Final = Query("payments.handle_event", str)
_EVENT_COUNTS: Final = Query("payments.event_counts", dict)
_REFUNDS: Final = Query("payments.refund_list", ListedRefund)
_RETRY_REFUND: Final = Query("payments.retry_refund", str)
_MOVE_REFUND: Final = Query("payments.move_refund", str)
_COLLECT: Final = Query("payments.collect_cash", str)
_REMIT: Final = Query("payments.remit_cash", UUID)
_EVENT_BY_NAME: Final = Query("payments.event_by_name", UUID)

_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_found": ("payment.not_found", "There is no such payment."),
    "wrong_state": ("payment.wrong_state", "That is not possible in the state of this payment."),
    "reference_used": (
        "payment.reference_used",
        "This reference was confirmed before, for another order.",
    ),
    "reference_invalid": (
        "payment.reference_invalid",
        "The UPI reference (UTR) is a number of 12 digits.",
    ),
    "event_not_found": ("payment.not_found", "There is no such event."),
    "event_wrong_state": ("payment.wrong_state", "This event does not wait for anybody."),
    "refund_not_found": ("refund.not_found", "There is no such refund."),
    "refund_reference_used": (
        "payment.reference_used",
        "This reference was given before, for another refund.",
    ),
    "refund_wrong_state": (
        "refund.wrong_state",
        "That is not possible in the state of this refund.",
    ),
}


async def payments(
    db: Database,
    admin_id: UUID,
    shelf: Shelf,
    provider: str,
    status: str,
    after: UUID | None,
    limit: int,
) -> list[ListedPayment]:
    """provider, status: '' for all of them; only the shelf `all` looks at them."""
    return await db.acting_as(_admin(admin_id)).all(
        _LIST, None, shelf, provider, status, after, limit
    )


async def payment(db: Database, admin_id: UUID, payment_id: UUID) -> ListedPayment:
    """Raises ShopRefused."""
    found = await db.acting_as(_admin(admin_id)).one(_LIST, payment_id, "all", "", "", None, 1)
    if found is None:
        raise refused("not_found")
    return found


async def confirm_upi(
    db: Database, admin_id: UUID, payment_id: UUID, reference: str, amount_minor: int
) -> ListedPayment:
    """The money is on the bank's statement under this reference (UTR). Raises ShopRefused.

    One transfer pays one order: its reference is the name of the event.
    """
    if not UTR.fullmatch(reference):
        raise refused("reference_invalid")
    found = await _upi_payment(db, admin_id, payment_id)
    if amount_minor != found.amount_minor:
        raise ShopRefused(
            "payment.amount_differs",
            "The amount differs from that of the order.",
            {"amount_minor": found.amount_minor},
        )
    event_id = f"utr:{reference}"
    event = Event(
        event_id,
        "captured",
        "operator.confirmed",
        payment_id=payment_id,
        capture_reference=reference,
        amount_minor=amount_minor,
        currency=found.currency,
    )
    stored = await inbox.store(db, "upi", "operator", event)
    if stored is None:
        async with db.acting_as(Actor("service", admin_id)) as tx:
            paid_id = await tx.one(_EVENT_BY_NAME, "upi", event_id)
        if paid_id != payment_id:
            raise refused("reference_used")
    else:
        await inbox.apply(db, stored, Actor("service", admin_id))
    return await payment(db, admin_id, payment_id)


async def reject_upi(
    db: Database, admin_id: UUID, payment_id: UUID, reason: str | None, event_id: str
) -> ListedPayment:
    """The money did not come; should it come after all, it can still be confirmed.

    event_id: a new name. Raises ShopRefused.
    """
    await _upi_payment(db, admin_id, payment_id)
    note = reason or "The payment was not found at the bank."
    event = Event(event_id, "failed", "operator.rejected", payment_id=payment_id, note=note)
    stored = await inbox.store(db, "upi", "operator", event)
    if stored is not None:
        await inbox.apply(db, stored, Actor("service", admin_id))
    return await payment(db, admin_id, payment_id)


async def _upi_payment(db: Database, admin_id: UUID, payment_id: UUID) -> ListedPayment:
    found = await payment(db, admin_id, payment_id)
    if found.provider != "upi":
        raise refused("not_found")
    return found


# ---- cash


async def collect_cash(db: Database, admin_id: UUID, payment_id: UUID) -> ListedPayment:
    """A courier was paid at the door. Raises ShopRefused."""
    async with db.acting_as(Actor("service", admin_id)) as tx:
        word = await tx.one(_COLLECT, payment_id, None)
    _require(word)
    return await payment(db, admin_id, payment_id)


async def collect_own_cash(db: Database, wholesaler_user_id: UUID, payment_id: UUID) -> None:
    """The wholesaler delivered the whole order himself and was paid. Raises ShopRefused."""
    async with db.acting_as(Actor("service", wholesaler_user_id)) as tx:
        word = await tx.one(_COLLECT, payment_id, wholesaler_user_id)
    _require(word)


async def remit_cash(
    db: Database, admin_id: UUID, payment_ids: Sequence[UUID], reference: str
) -> list[ListedPayment]:
    """A courier transferred the cash of these orders, in one sum: all of them or none.

    Raises ShopRefused, naming those that stand in the way.
    """
    async with db.acting_as(Actor("service", admin_id)) as tx:
        wrong = await tx.all(_REMIT, list(payment_ids), reference)
    if wrong:
        raise ShopRefused(
            "payment.wrong_state",
            "Cash of some of these orders was not collected.",
            {"payment_ids": [str(id_) for id_ in wrong]},
        )
    return [await payment(db, admin_id, id_) for id_ in payment_ids]


# ---- the inbox


async def events(
    db: Database, admin_id: UUID, state: str, before: int | None, limit: int
) -> list[ListedEvent]:
    """The newest first; state '' for all."""
    return await db.acting_as(_admin(admin_id)).all(_EVENTS, state, before, limit)


async def event_counts(db: Database, admin_id: UUID) -> dict[str, int]:
    """How many events wait for somebody, by state."""
    return await db.acting_as(_admin(admin_id)).one(_EVENT_COUNTS) or {}


async def event(db: Database, admin_id: UUID, inbox_id: int) -> ListedEvent:
    """Raises ShopRefused."""
    found = await events(db, admin_id, "", inbox_id + 1, 1)
    if not found or found[0].inbox_id != inbox_id:
        raise refused("event_not_found")
    return found[0]


async def event_done(db: Database, admin_id: UUID, inbox_id: int, note: str) -> ListedEvent:
    """Somebody looked at it, did what had to be done, and says what. Raises ShopRefused."""
    return await _handle_event(db, admin_id, inbox_id, "done", note)


async def retry_event(db: Database, admin_id: UUID, inbox_id: int) -> ListedEvent:
    """One that could not be applied is applied once more, soon. Raises ShopRefused."""
    return await _handle_event(db, admin_id, inbox_id, "retry", None)


async def _handle_event(
    db: Database, admin_id: UUID, inbox_id: int, step: str, note: str | None
) -> ListedEvent:
    async with db.acting_as(Actor("service", admin_id)) as tx:
        word = await tx.one(_HANDLE_EVENT, inbox_id, admin_id, step, note)
    if word != "done":
        raise refused(f"event_{word or 'not_found'}")
    return await event(db, admin_id, inbox_id)


# ---- refunds


async def refunds(
    db: Database, admin_id: UUID, status: str, after: RefundCursor | None, limit: int
) -> list[ListedRefund]:
    """The oldest first."""
    place = (after.at, after.id) if after else (None, None)
    return await db.acting_as(_admin(admin_id)).all(_REFUNDS, None, status, *place, limit)


async def refund(db: Database, admin_id: UUID, refund_id: UUID) -> ListedRefund:
    """Raises ShopRefused."""
    found = await db.acting_as(_admin(admin_id)).one(_REFUNDS, refund_id, "", None, None, 1)
    if found is None:
        raise refused("refund_not_found")
    return found


async def refund_done(
    db: Database, admin_id: UUID, refund_id: UUID, reference: str
) -> ListedRefund:
    """Somebody gave the money back by hand. Raises ShopRefused."""
    found = await refund(db, admin_id, refund_id)
    if found.status == "succeeded":
        if found.reference != reference:
            raise refused("refund_wrong_state")
        return found
    try:
        async with db.acting_as(Actor("service", admin_id)) as tx:
            await tx.one(_MOVE_REFUND, refund_id, found.provider, reference, "succeeded", None)
    except UniqueViolated:
        raise refused("refund_reference_used") from None
    return await refund(db, admin_id, refund_id)


async def retry_refund(db: Database, admin_id: UUID, refund_id: UUID) -> ListedRefund:
    """Ask the provider once more for a refund that failed. Raises ShopRefused."""
    async with db.acting_as(Actor("service", admin_id)) as tx:
        word = await tx.one(_RETRY_REFUND, refund_id)
    if word != "done":
        raise refused(f"refund_{word}")
    return await refund(db, admin_id, refund_id)


def _admin(admin_id: UUID) -> Actor:
    return Actor("admin", admin_id)


def _require(word: str | None) -> None:
    assert word is not None, "these functions always answer"
    if word != "done":
        raise refused(word)


def refused(word: str) -> ShopRefused:
    return ShopRefused(*_REFUSALS[word])
