"""Razorpay, by its own library. The only importer of razorpay.

One Razorpay order per payment, with ours as its receipt; the customer pays it on Razorpay's own
page, to which ours sends a form, so that no foreign script runs in our pages. An order there cannot
be cancelled and may be paid late, so it is asked about as long as the desk watches.

Of the library: its errors have lost the HTTP status, so what was wrong with us (keys, too many
calls) is told from what was wrong with the payment by the sentence; its default arguments are
shared between calls, so every call gets its own; it would repeat calls without a key when told to
(enable_retry), so it is not told.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
import razorpay
import requests

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

API: Final = "https://api.razorpay.com"
_TIMEOUT_S: Final = 15

_KIND_OF_STATUS: Final[Mapping[str, EventKind]] = {
    "created": "pending",
    "authorized": "authorized",
    "captured": "captured",
    # Captured first, then given back whole; the refund is an event of its own.
    "refunded": "captured",
    "failed": "failed",
}
_KIND_OF_EVENT: Final[Mapping[str, EventKind]] = {
    "payment.pending": "pending",
    "payment.authorized": "authorized",
    "payment.captured": "captured",
    "payment.failed": "failed",
    "order.paid": "captured",
}
# What the webhook has to be registered for; others are stored and shown to people.
WEBHOOK_EVENTS: Final = (
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
    "refund.created",
    "refund.processed",
    "refund.failed",
    # Nothing is done about these by itself: the desk shows them.
    "payment.dispute.created",
    "payment.dispute.won",
    "payment.dispute.lost",
    "payment.dispute.closed",
)
_KIND_OF_REFUND: Final[Mapping[str, EventKind]] = {
    "pending": "refund_pending",
    "processed": "refund_succeeded",
    "failed": "refund_failed",
}
_REFUND_EVENTS: Final = frozenset(("refund.created", "refund.processed", "refund.failed"))
# Ours to put right; no payment fails by it.
_NOT_THE_PAYMENT: Final = ("authentication failed", "too many requests", "api key")


@dataclass(frozen=True, slots=True)
class RazorpayConfig:
    """key_secret, webhook_secret: ours. name: shown on Razorpay's page. return_url: where the
    customer's browser comes back to. base_url: another server."""

    key_id: str
    key_secret: str
    webhook_secret: str
    name: str
    return_url: str
    base_url: str = API


class RazorpayProvider:
    """`close` it at the end."""

    capabilities = Capabilities(can_cancel=False)

    def __init__(self, config: RazorpayConfig) -> None:
        self._config = config
        self._threads = Threads("razorpay")
        self._local = threading.local()

    def close(self) -> None:
        self._threads.close()

    async def create_intent(self, attempt: Attempt, now: datetime) -> Intent:
        order = await self._call(lambda client: self._order_of(client, attempt))
        return Intent(order["id"], {"action": self._page(), "fields": self._fields(attempt, order)})

    def _order_of(self, client: Any, attempt: Attempt) -> dict[str, Any]:
        """Looked for first when a call before may have made it: orders take no idempotency key."""
        receipt = attempt.id.hex
        if attempt.attempts > 1:
            found = client.order.all({"receipt": receipt}, timeout=_TIMEOUT_S)
            if found["items"]:
                return dict(found["items"][0])
        return dict(
            client.order.create(
                {
                    "amount": attempt.amount_minor,
                    "currency": attempt.currency,
                    "receipt": receipt,
                    "payment_capture": 1,
                    "notes": {
                        "payment_id": str(attempt.id),
                        "order_number": attempt.order_number,
                    },
                },
                timeout=_TIMEOUT_S,
            )
        )

    def _page(self) -> str:
        return f"{self._config.base_url}/v1/checkout/embedded"

    def _fields(self, attempt: Attempt, order: Mapping[str, Any]) -> dict[str, str]:
        return {
            "key_id": self._config.key_id,
            "order_id": order["id"],
            "amount": str(attempt.amount_minor),
            "currency": attempt.currency,
            "name": self._config.name,
            "description": attempt.order_number,
            "prefill[contact]": attempt.phone,
            "callback_url": self._config.return_url,
            "cancel_url": f"{self._config.return_url}?payment={attempt.id}&turned_back=1",
        }

    async def fetch(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        found = await self._call(
            lambda client: client.order.payments(attempt.reference, {}, timeout=_TIMEOUT_S)
        )
        return tuple(_event_of_payment(payment) for payment in found["items"])

    async def capture(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        def work(client: Any) -> list[Any]:
            found = client.order.payments(attempt.reference, {}, timeout=_TIMEOUT_S)
            return [
                client.payment.capture(
                    payment["id"],
                    payment["amount"],
                    {"currency": payment["currency"]},
                    timeout=_TIMEOUT_S,
                )
                for payment in found["items"]
                if payment["status"] == "authorized"
            ]

        return tuple(_event_of_payment(payment) for payment in await self._call(work))

    async def cancel(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return await self.fetch(attempt, now)

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        made = await self._call(lambda client: self._refund_of(client, refund))
        status: Any = _KIND_OF_REFUND.get(made["status"], "refund_pending").removeprefix("refund_")
        return RefundAnswer(made["id"], status)

    def _refund_of(self, client: Any, refund: Refund) -> dict[str, Any]:
        """The refund of this id that is there and has not failed, else a new one."""
        payment_id = refund.capture_reference
        if payment_id is None:
            raise ProviderRefused("it is not known which payment was captured")
        if refund.attempts > 1 or refund.round > 0:
            found = client.payment.fetch_multiple_refund(payment_id, {}, timeout=_TIMEOUT_S)
            for each in found["items"]:
                ours = _notes(each).get("refund_id") == str(refund.id)
                if ours and each["status"] != "failed":
                    return dict(each)
        return dict(
            client.payment.refund(
                payment_id,
                {
                    "amount": refund.amount_minor,
                    "speed": "normal",
                    "notes": {"refund_id": str(refund.id)},
                },
                headers={"X-Refund-Idempotency": refund.key},
                timeout=_TIMEOUT_S,
            )
        )

    def parse_webhook(
        self, headers: Mapping[str, str], raw: bytes, now: datetime
    ) -> tuple[Event, ...]:
        signature = headers.get("x-razorpay-signature", "")
        if not self._config.webhook_secret:
            raise SignatureInvalid("the webhook is closed until it has a secret")
        try:
            self._client().utility.verify_webhook_signature(
                raw.decode(), signature, self._config.webhook_secret
            )
        except (razorpay.errors.SignatureVerificationError, ValueError, TypeError) as error:
            raise SignatureInvalid("the signature does not fit") from error
        # The header is not signed: a repetition under another name changes nothing that an event
        # under its own has not changed.
        event_id = headers.get("x-razorpay-event-id") or hashlib.sha256(raw).hexdigest()
        return (_event_of_webhook(event_id, orjson.loads(raw)),)

    def verify_return(self, fields: Mapping[str, str]) -> tuple[Event, ...]:
        wanted = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")
        given = {name: fields.get(name, "") for name in wanted}
        try:
            self._client().utility.verify_payment_signature(given)
        except (razorpay.errors.SignatureVerificationError, TypeError) as error:
            raise SignatureInvalid("the signature does not fit") from error
        # It proves that the payment belongs to the order, not how much was paid: that is asked.
        return (
            Event(
                event_id=f"return:{given['razorpay_payment_id']}",
                kind="authorized",
                provider_kind="return",
                reference=given["razorpay_order_id"],
            ),
        )

    def _client(self) -> Any:
        """One for each thread: their connections are not to be shared."""
        client = getattr(self._local, "client", None)
        if client is None:
            config = self._config
            client = self._local.client = razorpay.Client(
                auth=(config.key_id, config.key_secret), base_url=config.base_url
            )
        return client

    async def _call(self, work: Callable[[Any], Any]) -> Any:
        try:
            return await self._threads.call(lambda: work(self._client()))
        except razorpay.errors.BadRequestError as error:
            reason = str(error)
            if any(words in reason.lower() for words in _NOT_THE_PAYMENT):
                raise ProviderUnavailable(reason) from error
            raise ProviderRefused(reason) from error
        except (
            razorpay.errors.GatewayError,
            razorpay.errors.ServerError,
            requests.exceptions.RequestException,
            # An answer that is no JSON comes from a proxy on the way.
            ValueError,
        ) as error:
            raise ProviderUnavailable(str(error)) from error


def _event_of_payment(payment: Mapping[str, Any]) -> Event:
    """A state that was asked for, as the event that it stands for."""
    kind = _KIND_OF_STATUS.get(payment["status"], "unknown")
    return Event(
        event_id=f"fetch:{payment['id']}:{kind}",
        kind=kind,
        provider_kind=f"payment:{payment['status']}",
        **_about(payment),
    )


def _event_of_webhook(event_id: str, body: dict[str, Any]) -> Event:
    entities = {name: part["entity"] for name, part in (body.get("payload") or {}).items()}
    common: dict[str, Any] = {
        "event_id": event_id,
        "provider_kind": body["event"],
        "occurred_at": datetime.fromtimestamp(body["created_at"], UTC),
        "body": body,
    }
    payment = entities.get("payment") or {}
    if body["event"] in _REFUND_EVENTS and "refund" in entities:
        refund = entities["refund"]
        about = _about(payment)
        if payment.get("captured") is False:
            # What was never captured goes back by itself: no refund of ours, the payment failed.
            return Event(kind="failed", **common, **about)
        about |= {"amount_minor": refund["amount"], "currency": refund["currency"], "note": None}
        return Event(
            kind=_KIND_OF_REFUND.get(str(refund.get("status")), "refund_pending"),
            refund_id=_uuid(_notes(refund).get("refund_id")),
            refund_reference=refund["id"],
            **common,
            **about,
        )
    kind = _KIND_OF_EVENT.get(body["event"], "unknown")
    if kind == "unknown" or not payment:
        return Event(kind="unknown", **common)
    return Event(kind=kind, **common, **_about(payment))


def _about(payment: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says of the payment that it is about."""
    return {
        "reference": payment.get("order_id"),
        "payment_id": _uuid(_notes(payment).get("payment_id")),
        "capture_reference": payment.get("id"),
        "amount_minor": payment.get("amount"),
        "currency": payment.get("currency"),
        "note": payment.get("error_description"),
    }


def _notes(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Empty notes come as a list."""
    notes = entity.get("notes")
    return notes if isinstance(notes, dict) else {}


def _uuid(text: object) -> UUID | None:
    """Notes may be edited by hand at the provider."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
