"""Stripe, by its own library. The only importer of stripe.

One PaymentIntent per payment. Its metadata carries our ids, so an event is understood even when it
comes before we have noted the intent; the idempotency keys are our ids, so a call whose answer was
lost is made again. Signatures are the library's to judge, their age is ours: it would look at a
clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
import stripe

from shop.payments.machine import EventKind
from shop.payments.provider import (
    Attempt,
    Capabilities,
    Event,
    Intent,
    ProviderRefused,
    ProviderUnavailable,
    Refund,
    RefundAnswer,
    SignatureInvalid,
)
from shop.payments.threads import Threads

T = TypeVar("T")

TOLERANCE_S: Final = 300
_TIMEOUT_S: Final = 15

_KIND_OF_STATUS: Final[Mapping[str, EventKind]] = {
    "requires_payment_method": "pending",
    "requires_confirmation": "pending",
    "requires_action": "pending",
    "processing": "pending",
    "requires_capture": "authorized",
    "succeeded": "captured",
    "canceled": "cancelled",
}
_KIND_OF_EVENT: Final[Mapping[str, EventKind]] = {
    "payment_intent.created": "pending",
    "payment_intent.requires_action": "pending",
    "payment_intent.processing": "pending",
    "payment_intent.payment_failed": "failed",
    "payment_intent.canceled": "cancelled",
    "payment_intent.amount_capturable_updated": "authorized",
    "payment_intent.succeeded": "captured",
}
_REFUND_EVENTS: Final = frozenset(("refund.created", "refund.updated", "refund.failed"))
_KIND_OF_REFUND: Final[Mapping[str, EventKind]] = {
    "pending": "refund_pending",
    "requires_action": "refund_pending",
    "succeeded": "refund_succeeded",
    "failed": "refund_failed",
    "canceled": "refund_failed",
}


@dataclass(frozen=True, slots=True)
class StripeConfig:
    """secret_key, webhook_secret: ours. publishable_key: for the page. api_base: another server."""

    secret_key: str
    publishable_key: str
    webhook_secret: str
    api_base: str | None = None


class StripeProvider:
    """`close` it at the end."""

    capabilities = Capabilities()

    def __init__(self, config: StripeConfig) -> None:
        self._config = config
        self._threads = Threads("stripe")
        addresses: Any = {"api": config.api_base} if config.api_base else {}
        self._client = stripe.StripeClient(
            config.secret_key,
            base_addresses=addresses,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_S),
            # Under one idempotency key a repetition is safe.
            max_network_retries=1,
        )

    def close(self) -> None:
        self._threads.close()

    async def create_intent(self, attempt: Attempt, now: datetime) -> Intent:
        intent = await self._call(
            lambda: self._client.v1.payment_intents.create(
                {
                    "amount": attempt.amount_minor,
                    "currency": attempt.currency.lower(),
                    "metadata": {
                        "payment_id": str(attempt.id),
                        "order_number": attempt.order_number,
                    },
                },
                {"idempotency_key": f"intent-{attempt.id}"},
            )
        )
        client = {
            "client_secret": intent.client_secret,
            "publishable_key": self._config.publishable_key,
        }
        return Intent(intent.id, client)

    async def fetch(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        intent = await self._call(
            lambda: self._client.v1.payment_intents.retrieve(attempt.reference)
        )
        return (_event_of_intent(intent),)

    async def capture(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        intent = await self._call(
            lambda: self._client.v1.payment_intents.capture(
                attempt.reference, {}, {"idempotency_key": f"capture-{attempt.id}"}
            )
        )
        return (_event_of_intent(intent),)

    async def cancel(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        try:
            intent = await self._call(
                lambda: self._client.v1.payment_intents.cancel(attempt.reference)
            )
        except ProviderRefused:
            # It was paid, or cancelled before: its state says which.
            return await self.fetch(attempt, now)
        return (_event_of_intent(intent),)

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        assert refund.provider_reference is not None, "what was captured has a reference"
        reference = refund.provider_reference
        made = await self._call(lambda: self._refund_of(refund, reference))
        kind = _KIND_OF_REFUND.get(str(made.status), "refund_pending")
        status: Any = kind.removeprefix("refund_")
        return RefundAnswer(made.id, status, made.to_dict().get("failure_reason"))

    def _refund_of(self, refund: Refund, intent_id: str) -> stripe.Refund:
        """The one that a call before has made, else a new one. Stripe repeats its first answer
        under an idempotency key for a day and forgets the key then, and some refunds take days."""
        if refund.attempts > 1 or refund.round > 0:
            found = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": 100})
            for each in found.data:
                made = each.to_dict()
                ours = made.get("metadata") or {}
                is_over = made.get("status") in ("failed", "canceled")
                if ours.get("key") == refund.key or (
                    ours.get("refund_id") == str(refund.id) and not is_over
                ):
                    return each
        return self._client.v1.refunds.create(
            {
                "payment_intent": intent_id,
                "amount": refund.amount_minor,
                "metadata": {"refund_id": str(refund.id), "key": refund.key},
            },
            {"idempotency_key": f"refund-{refund.key}"},
        )

    def parse_webhook(
        self, headers: Mapping[str, str], raw: bytes, now: datetime
    ) -> tuple[Event, ...]:
        header = headers.get("stripe-signature", "")
        try:
            stripe.WebhookSignature.verify_header(
                raw.decode(), header, self._config.webhook_secret, tolerance=None
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise SignatureInvalid("the signature does not fit") from error
        if abs(now.timestamp() - _signed_at_s(header)) > TOLERANCE_S:
            raise SignatureInvalid("the signature is too old")
        return (_event_of_webhook(orjson.loads(raw)),)

    def verify_return(self, fields: Mapping[str, str]) -> tuple[Event, ...]:
        raise SignatureInvalid("what a browser brings back from Stripe proves nothing")

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await self._threads.call(work)
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise ProviderUnavailable(str(error)) from error
        except stripe.StripeError as error:
            if (error.http_status or 500) >= 500 or error.http_status in (401, 403, 409):
                # Keys that are wrong are ours to put right; no payment fails by them.
                raise ProviderUnavailable(str(error)) from error
            raise ProviderRefused(str(error)) from error


def _event_of_intent(found: stripe.PaymentIntent) -> Event:
    """A state that was asked for, as the event that it stands for."""
    intent: dict[str, Any] = found.to_dict()
    kind = _KIND_OF_STATUS.get(intent["status"], "unknown")
    error = intent.get("last_payment_error") or {}
    if intent["status"] == "requires_payment_method" and error:
        kind = "failed"
    return Event(
        event_id=f"fetch:{intent['id']}:{kind}",
        kind=kind,
        provider_kind=f"payment_intent:{intent['status']}",
        reference=intent["id"],
        payment_id=_uuid((intent.get("metadata") or {}).get("payment_id")),
        amount_minor=intent["amount"],
        currency=str(intent["currency"]).upper(),
        note=error.get("message"),
    )


def _event_of_webhook(body: dict[str, Any]) -> Event:
    of_what = body["data"]["object"]
    metadata = of_what.get("metadata") or {}
    common: dict[str, Any] = {
        "event_id": body["id"],
        "provider_kind": body["type"],
        "amount_minor": of_what.get("amount"),
        "currency": str(of_what.get("currency") or "").upper() or None,
        "occurred_at": datetime.fromtimestamp(body["created"], UTC),
        "body": body,
    }
    if body["type"] in _REFUND_EVENTS:
        return Event(
            kind=_KIND_OF_REFUND.get(str(of_what.get("status")), "refund_pending"),
            reference=of_what.get("payment_intent"),
            refund_id=_uuid(metadata.get("refund_id")),
            refund_reference=of_what.get("id"),
            note=of_what.get("failure_reason"),
            **common,
        )
    kind = _KIND_OF_EVENT.get(body["type"], "unknown")
    if kind == "unknown":
        return Event(kind=kind, **common)
    if kind == "captured":
        common["amount_minor"] = of_what.get("amount_received", of_what.get("amount"))
    error = of_what.get("last_payment_error") or {}
    return Event(
        kind=kind,
        reference=of_what.get("id"),
        payment_id=_uuid(metadata.get("payment_id")),
        note=error.get("message"),
        **common,
    )


def _uuid(text: str | None) -> UUID | None:
    """Metadata may be edited by hand at the provider."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _signed_at_s(header: str) -> int:
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    return int(parts["t"])
