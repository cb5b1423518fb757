"""A customer and the payment of an order: what it stands at, another try, another way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db import SERVICE, Actor, Database, Query
from shop.payments import PaymentMethod
from shop.payments.provider import Provider
from shop.payments.upi import UTR, qr_svg
from shop.refusal import RefusalCode, ShopRefused


def _nobody() -> None:
    """Where no desk runs in this process; another finds the work within a second."""


@dataclass(frozen=True, slots=True)
class Payments:
    """What this server offers. methods: in the order in which they are offered. kick: the desk of
    this process."""

    methods: tuple[PaymentMethod, ...] = ("cod",)
    providers: Mapping[str, Provider] = field(default_factory=dict)
    kick: Callable[[], None] = _nobody


NO_PAYMENTS: Final = Payments()
"""Cash on delivery alone."""


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """The payment of an order as its customer sees it; payment_id is None for an order that is
    older than payments. refunds: {refund_id, amount_minor, status, method, at_ms}."""

    order_id: UUID
    order_number: str
    order_status: str
    payment_status: str
    payment_id: UUID | None
    provider: str
    status: str
    amount_minor: int
    currency: str
    pay_until: datetime | None
    note: str | None
    client: dict[str, Any] | None
    customer_reference: str | None
    refunds: list[dict[str, Any]]

    def is_payable(self, now: datetime) -> bool:
        """Whether the customer can still pay, or choose how."""
        is_open = self.order_status == "pending" and self.payment_status in ("pending", "failed")
        return is_open and self.pay_until is not None and now < self.pay_until

    def qr_svg(self) -> str | None:
        """The UPI link as a picture, while it can be paid by one."""
        link = (self.client or {}).get("link") if self.provider == "upi" else None
        return qr_svg(link) if link else None


@dataclass(frozen=True, slots=True)
class CameBack:
    """What a customer's browser comes back from the provider with."""

    order_id: UUID
    payment_id: UUID


_OF_ORDER: Final = Query("payments.of_order", OrderPayment)
_CAME_BACK: Final = Query("payments.came_back", CameBack)
_PAY_AGAIN: Final = Query("payments.pay_again", str)
_NOTE_REFERENCE: Final = Query("payments.note_upi_reference", str)

_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_found": ("order.not_found", "There is no such order of yours."),
    "not_payable": ("payment.not_payable", "This order cannot be paid any more."),
}


async def payment_of(db: Database, user_id: UUID, order_id: UUID) -> OrderPayment:
    """Raises ShopRefused."""
    found = await db.acting_as(Actor("customer", user_id)).one(_OF_ORDER, order_id)
    if found is None:
        raise refused("not_found")
    return found


async def came_back(
    db: Database, provider: str, payment_id: UUID | None, reference: str | None
) -> CameBack | None:
    """A browser says that it comes from paying this, named by us or as the provider calls it.

    That proves nothing, so nothing is taken from it; the provider is asked soon.
    """
    return await db.acting_as(SERVICE).one(_CAME_BACK, provider, payment_id, reference)


async def pay(
    db: Database,
    payments: Payments,
    user_id: UUID,
    order_id: UUID,
    payment_id: UUID,
    method: PaymentMethod,
    now: datetime,
) -> None:
    """Another attempt to pay an unpaid order, in this way; the one before is cancelled.

    payment_id: a new one. Raises ShopRefused.
    """
    if method not in payments.methods:
        raise ShopRefused(
            "payment.method_unavailable", "This way to pay is not available. Please choose another."
        )
    async with db.acting_as(Actor("service", user_id)) as tx:
        word = await tx.one(_PAY_AGAIN, user_id, order_id, payment_id, method, now)
    require_done(word)
    payments.kick()


async def note_reference(db: Database, user_id: UUID, order_id: UUID, reference: str) -> None:
    """The number that the customer's UPI app showed. It confirms nothing. Raises ShopRefused."""
    if not UTR.fullmatch(reference):
        raise ShopRefused(
            "payment.reference_invalid", "The UPI reference (UTR) is a number of 12 digits."
        )
    async with db.acting_as(Actor("service", user_id)) as tx:
        word = await tx.one(_NOTE_REFERENCE, user_id, order_id, reference)
    require_done(word)


def require_done(word: str | None) -> None:
    """Raises ShopRefused unless a function answered that it is done."""
    assert word is not None, "these functions always answer"
    if word != "done":
        raise refused(word)


def refused(word: str) -> ShopRefused:
    return ShopRefused(*_REFUSALS[word])
