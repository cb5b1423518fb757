"""How an order is paid.

A provider judges a payment before the order is written, and nothing it does there moves money: cash
on delivery is collected later, and the test provider has none to move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from shop.refusal import ShopRefused

PaymentMethod = Literal["cod", "test"]

# The test provider declines whoever orders with this number, so that a decline can be shown and
# tested; every other payment is approved.
TEST_DECLINED_PHONE = "+919000000013"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """key: the idempotency key of the order, so that asking twice is one payment."""

    key: UUID
    amount_minor: int
    phone: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it is kept with the order; reference is the provider's own name for it."""

    method: PaymentMethod
    status: Literal["pending", "paid"]
    gateway: str | None
    reference: str | None


class PaymentProvider(Protocol):
    def authorise(self, request: PaymentRequest) -> Payment:
        """Same request, same answer. Raises ShopRefused order.payment_declined."""
        ...


class CashOnDelivery:
    """Nothing is paid until the parcel is handed over."""

    def authorise(self, request: PaymentRequest) -> Payment:
        return Payment("cod", "pending", gateway=None, reference=None)


class BuiltInPayments:
    """The `test` provider: no money moves; approves, or declines by phone number."""

    def authorise(self, request: PaymentRequest) -> Payment:
        if request.phone == TEST_DECLINED_PHONE:
            raise ShopRefused(
                "order.payment_declined",
                "The payment was declined. Please try another way to pay.",
            )
        return Payment("test", "paid", gateway="test", reference=f"test-{request.key}")


PROVIDERS: dict[PaymentMethod, PaymentProvider] = {
    "cod": CashOnDelivery(),
    "test": BuiltInPayments(),
}
