"""What a payment provider is to the rest of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from shop.payments.machine import EventKind, Status


class ProviderUnavailable(Exception):
    """The provider did not answer, or not in time: what it was asked may have been done or not."""


class ProviderRefused(Exception):
    """The provider answered, and will not do it. The text is the provider's own."""


class SignatureInvalid(Exception):
    """What claims to come from the provider does not, or is too old."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to have an order paid, as somebody who calls a provider needs it.

    id: ours, and the idempotency key at the provider: it never changes. attempts: calls so far,
    this one included. is_wanted: the order still waits for its money.
    """

    id: UUID
    order_id: UUID
    order_number: str
    provider: str
    status: Status
    amount_minor: int
    currency: str
    provider_reference: str | None
    capture_reference: str | None
    attempts: int
    phone: str
    placed_at: datetime
    pay_until: datetime | None
    is_wanted: bool

    @property
    def reference(self) -> str:
        assert self.provider_reference is not None, "the provider knows the payment"
        return self.provider_reference


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a provider says, in our words.

    event_id: the provider's, the same for each repetition. reference: the provider's name for the
    payment; payment_id, refund_id: ours, where the provider carries them. body: as it came.
    """

    event_id: str
    kind: EventKind
    provider_kind: str
    reference: str | None = None
    payment_id: UUID | None = None
    capture_reference: str | None = None
    refund_id: UUID | None = None
    refund_reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    occurred_at: datetime | None = None
    note: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that the provider knows now.

    client: what the customer's page needs to pay. events: what is known of it at once. look_at:
    when asking about it makes sense first, where the provider knows that better than we.
    """

    reference: str
    client: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to give back. round: how often it had failed for good and was begun anew.
    refund_reference: from an earlier call."""

    id: UUID
    is_reversal: bool
    order_number: str
    provider: str | None
    provider_reference: str | None
    capture_reference: str | None
    payment_id: UUID | None
    amount_minor: int
    currency: str
    method: str
    attempts: int
    refund_reference: str | None
    phone: str | None
    round: int

    @property
    def key(self) -> str:
        """The idempotency key. A refund that failed is another one when it is begun anew: under the
        old key the provider would repeat its old answer."""
        return str(self.id) if self.round == 0 else f"{self.id}-{self.round}"


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    reference: str
    status: Literal["pending", "succeeded", "failed"]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """refunds_itself: else a person gives the money back and says so. can_be_asked: fetch tells
    something that we do not know. can_cancel: once cancelled, a payment cannot be captured."""

    refunds_itself: bool = True
    can_be_asked: bool = True
    can_cancel: bool = True


class Provider(Protocol):
    """All calls may raise ProviderUnavailable or ProviderRefused, and may be repeated."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def create_intent(self, attempt: Attempt, now: datetime) -> Intent:
        """Make the payment known. The same attempt again is the same payment there."""
        ...

    async def fetch(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        """What the provider knows of a payment that it was told of."""
        ...

    async def capture(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        """Take the money that is promised; what is known then."""
        ...

    async def cancel(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        """Nobody shall pay it any more. What is known then: it may have been paid meanwhile."""
        ...

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        """Give money back. The same refund again is the same refund there."""
        ...

    def parse_webhook(
        self, headers: Mapping[str, str], raw: bytes, now: datetime
    ) -> tuple[Event, ...]:
        """The events of a call to our webhook. Raises SignatureInvalid.

        headers: by names in lower case.
        """
        ...

    def verify_return(self, fields: Mapping[str, str]) -> tuple[Event, ...]:
        """What the customer's browser brings back from the provider. Raises SignatureInvalid."""
        ...
