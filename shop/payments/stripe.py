"""Stripe, by its own library. The only importer of stripe.

One Checkout Session per payment: a page of Stripe's on which the customer pays, so that no foreign
script runs in ours. A customer may try several cards there, all on one PaymentIntent, which Stripe
makes with the first. Both carry our ids in their metadata, so an event of either is understood even
when it comes before we have noted the session; the idempotency keys are our ids, so a call whose
answer was lost is made again. Signatures are the library's to judge, their age is ours: it would
look at a clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
import stripe
import structlog

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
from shop.payments.registration import Endpoint
from shop.payments.threads import Threads

T = TypeVar("T")
log = structlog.get_logger(__name__)

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
_KIND_OF_SESSION_EVENT: Final[Mapping[str, EventKind]] = {
    # Of one that is not paid at once, the PaymentIntent or a later event tells.
    "checkout.session.completed": "pending",
    "checkout.session.async_payment_succeeded": "captured",
    "checkout.session.async_payment_failed": "failed",
    "checkout.session.expired": "cancelled",
}
# What the webhook has to be registered for; others are stored and shown to people.
WEBHOOK_EVENTS: Final = (
    *_KIND_OF_SESSION_EVENT,
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    # Nothing is done about these by itself: the desk shows them.
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
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
    """secret_key: ours. webhook_secret: Stripe's; without one the webhook is closed. return_url:
    where the customer's browser comes back to. api_base: another server."""

    secret_key: str
    webhook_secret: str
    return_url: str
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
        ids = {"payment_id": str(attempt.id), "order_number": attempt.order_number}
        back = f"{self._config.return_url}?payment={attempt.id}"
        session = await self._call(
            lambda: self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": attempt.currency.lower(),
                                "unit_amount": attempt.amount_minor,
                                "product_data": {"name": attempt.order_number},
                            },
                        }
                    ],
                    "client_reference_id": str(attempt.id),
                    "metadata": ids,
                    "payment_intent_data": {"metadata": ids},
                    "success_url": back,
                    "cancel_url": f"{back}&turned_back=1",
                },
                {"idempotency_key": f"session-{attempt.id}"},
            )
        )
        # It has no address when a call before made it and it is over by now.
        return Intent(session.id, {"redirect_url": session.url} if session.url else {})

    async def fetch(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return (_event_of_session(await self._session(attempt)),)

    async def capture(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        """Money that is only promised: where the account at Stripe captures by hand."""
        promised = (await self._session(attempt)).get("payment_intent") or {}
        if promised.get("status") == "requires_capture":
            await self._call(
                lambda: self._client.v1.payment_intents.capture(
                    promised["id"], {}, {"idempotency_key": f"capture-{attempt.id}"}
                )
            )
        return await self.fetch(attempt, now)

    async def cancel(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        try:
            await self._call(lambda: self._client.v1.checkout.sessions.expire(attempt.reference))
        except ProviderRefused as refused:
            # It was paid, or was over before: its state says which.
            log.info("stripe.not_expired", payment_id=str(attempt.id), reason=str(refused))
            await self._release(attempt)
        return await self.fetch(attempt, now)

    async def _release(self, attempt: Attempt) -> None:
        """Money that is only promised: the bank would keep it back for a week."""
        promised = (await self._session(attempt)).get("payment_intent") or {}
        if promised.get("status") == "requires_capture":
            await self._call(lambda: self._client.v1.payment_intents.cancel(promised["id"]))

    async def _session(self, attempt: Attempt) -> dict[str, Any]:
        """The session of a payment, with its PaymentIntent once somebody has tried to pay."""
        found = await self._call(
            lambda: self._client.v1.checkout.sessions.retrieve(
                attempt.reference, {"expand": ["payment_intent"]}
            )
        )
        session: dict[str, Any] = found.to_dict()
        return session

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        intent_id = refund.capture_reference
        if intent_id is None:
            raise ProviderRefused("it is not known which payment was captured")
        made = await self._call(lambda: self._refund_of(refund, intent_id))
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
        if not self._config.webhook_secret:
            raise SignatureInvalid("the webhook is closed until it has a secret")
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

    # ---- where its webhooks go

    async def endpoints(self) -> list[Endpoint]:
        def work() -> list[Endpoint]:
            found = self._client.v1.webhook_endpoints.list({"limit": 100})
            return [
                Endpoint(each.id, each.url, tuple(each.enabled_events), each.status == "enabled")
                for each in found.auto_paging_iter()
            ]

        return await self._call(work)

    async def create(self, url: str, events: Sequence[str]) -> tuple[str, str]:
        # In the words of the library that reads them, whatever the account is set to.
        wanted: Any = {
            "url": url,
            "enabled_events": list(events),
            "api_version": stripe.api_version,
        }
        made = await self._call(lambda: self._client.v1.webhook_endpoints.create(wanted))
        assert made.secret is not None, "a new endpoint comes with its secret"
        return made.id, made.secret

    async def update(self, endpoint_id: str, events: Sequence[str]) -> None:
        wanted: Any = {"enabled_events": list(events), "disabled": False}
        await self._call(lambda: self._client.v1.webhook_endpoints.update(endpoint_id, wanted))

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


def _event_of_session(session: Mapping[str, Any]) -> Event:
    """A state that was asked for, as the event that it stands for."""
    intent = session.get("payment_intent") or {}
    kind = _kind_of(session, intent)
    return Event(
        event_id=f"fetch:{session['id']}:{kind}",
        kind=kind,
        provider_kind=f"checkout.session:{session['status']}:{intent.get('status')}",
        reference=session["id"],
        payment_id=_uuid((session.get("metadata") or {}).get("payment_id")),
        capture_reference=intent.get("id"),
        amount_minor=intent.get("amount_received") or session["amount_total"],
        currency=str(session["currency"]).upper(),
        note=(intent.get("last_payment_error") or {}).get("message"),
    )


def _kind_of(session: Mapping[str, Any], intent: Mapping[str, Any]) -> EventKind:
    if session["payment_status"] == "paid":
        return "captured"
    if session["status"] == "expired":
        return "cancelled"
    if intent.get("status") == "requires_payment_method" and intent.get("last_payment_error"):
        # While the page is open, another card may do; the payment says no more than that.
        return "failed"
    return _KIND_OF_STATUS.get(intent.get("status", ""), "pending")


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
    common["payment_id"] = _uuid(metadata.get("payment_id"))
    if body["type"] in _KIND_OF_SESSION_EVENT:
        kind = _KIND_OF_SESSION_EVENT[body["type"]]
        is_paid = of_what.get("payment_status") == "paid"
        common |= {"kind": "captured" if is_paid else kind, "reference": of_what.get("id")}
        common["amount_minor"] = of_what.get("amount_total")
        return Event(capture_reference=_id_of(of_what.get("payment_intent")), **common)
    kind = _KIND_OF_EVENT.get(body["type"], "unknown")
    if kind == "unknown":
        return Event(kind=kind, **common)
    if kind == "captured":
        common["amount_minor"] = of_what.get("amount_received", of_what.get("amount"))
    error = of_what.get("last_payment_error") or {}
    return Event(
        kind=kind,
        # The payment's name at Stripe is that of its session.
        reference=None if common["payment_id"] else of_what.get("id"),
        capture_reference=of_what.get("id"),
        note=error.get("message"),
        **common,
    )


def _id_of(part: Any) -> str | None:
    """Of what came as its id, or whole."""
    found = part.get("id") if isinstance(part, dict) else part
    return found if isinstance(found, str) else None


def _uuid(text: str | None) -> UUID | None:
    """Metadata may be edited by hand at the provider."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _signed_at_s(header: str) -> int:
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    return int(parts["t"])
