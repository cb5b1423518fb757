"""The built-in test provider. No money moves; what happens is written down beforehand.

A script is a list of steps `{kind, after_s, times, note}` in the order in which the provider tells
of them: `after_s` seconds after the order was placed a step is ready, and is told with all that
stand before it. So a script can delay, decline, repeat (`times`), tell in the wrong order, and
succeed late. A kind may be any of an event of a payment. Whoever orders with a number that has no
script has paid at once.

The provider remembers nothing: everything it knows follows from the script and the order's time.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from db import SERVICE, Database, Query
from shop.payments.machine import EventKind
from shop.payments.provider import (
    Attempt,
    Capabilities,
    Event,
    Intent,
    Refund,
    RefundAnswer,
    SignatureInvalid,
)

_SCRIPT: Final = Query("payments.test_script", list)
SIGNATURE_HEADER: Final = "x-test-signature"
_REFUND_KINDS: Final[Mapping[str, Any]] = {"refund_failed": "failed", "refund_pending": "pending"}


@dataclass(frozen=True, slots=True)
class ScriptStep:
    kind: EventKind
    after_s: float = 0
    times: int = 1
    note: str | None = None


ALWAYS: Final = (ScriptStep("captured"),)


def told(
    script: Sequence[ScriptStep], attempt: Attempt, now: datetime
) -> tuple[tuple[Event, ...], datetime | None]:
    """What the provider has told by now, and when it tells more. Pure."""
    events: list[Event] = []
    # What needs no time waits for no clock: that of the database may be ahead of ours.
    ready_at = min(attempt.placed_at, now)
    for number, step in enumerate(script):
        if step.kind.startswith("refund"):
            continue
        if step.after_s > 0:
            ready_at = max(ready_at, attempt.placed_at + timedelta(seconds=step.after_s))
        if ready_at > now:
            return tuple(events), ready_at
        event = Event(
            event_id=f"{reference_of(attempt.id)}:{number}",
            kind=step.kind,
            provider_kind=f"test.{step.kind}",
            reference=reference_of(attempt.id),
            payment_id=attempt.id,
            amount_minor=attempt.amount_minor,
            currency=attempt.currency,
            occurred_at=ready_at,
            note=step.note,
        )
        events += [event] * max(1, step.times)
    return tuple(events), None


def reference_of(payment_id: UUID) -> str:
    return f"test_{payment_id.hex}"


class TestProvider:
    """secret: of its webhook, which is closed without one."""

    __test__ = False  # pytest takes it for a test by its name
    capabilities = Capabilities(can_cancel=False)

    def __init__(self, db: Database, secret: str | None = None) -> None:
        self._db = db
        self._secret = secret

    async def create_intent(self, attempt: Attempt, now: datetime) -> Intent:
        events, look_at = told(await self._script(attempt.phone), attempt, now)
        return Intent(reference_of(attempt.id), events=events, look_at=look_at)

    async def fetch(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return told(await self._script(attempt.phone), attempt, now)[0]

    async def capture(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return await self.fetch(attempt, now)

    async def cancel(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return await self.fetch(attempt, now)

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        for step in await self._script(refund.phone or ""):
            if step.kind in _REFUND_KINDS:
                return RefundAnswer(
                    f"test_refund_{refund.id.hex}", _REFUND_KINDS[step.kind], step.note
                )
        return RefundAnswer(f"test_refund_{refund.id.hex}", "succeeded")

    def parse_webhook(
        self, headers: Mapping[str, str], raw: bytes, now: datetime
    ) -> tuple[Event, ...]:
        given = headers.get(SIGNATURE_HEADER, "")
        if self._secret is None:
            raise SignatureInvalid("the webhook of the test provider is closed")
        if not hmac.compare_digest(given.encode(), signature(self._secret, raw).encode()):
            raise SignatureInvalid("the signature does not fit")
        return (_event_of(orjson.loads(raw)),)

    def verify_return(self, fields: Mapping[str, str]) -> tuple[Event, ...]:
        raise SignatureInvalid("nobody comes back from the test provider")

    async def _script(self, phone: str) -> tuple[ScriptStep, ...]:
        steps = await self._db.acting_as(SERVICE).one(_SCRIPT, phone)
        return ALWAYS if steps is None else tuple(ScriptStep(**step) for step in steps)


def signature(secret: str, raw: bytes) -> str:
    """What the webhook of the test provider wants in `X-Test-Signature`."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def _event_of(body: dict[str, Any]) -> Event:
    return Event(
        event_id=str(body["event_id"]),
        kind=body["kind"] if body["kind"] in _KNOWN else "unknown",
        provider_kind=f"test.{body['kind']}",
        reference=body.get("reference"),
        refund_id=UUID(body["refund_id"]) if body.get("refund_id") else None,
        refund_reference=body.get("refund_reference"),
        amount_minor=body.get("amount_minor"),
        currency=body.get("currency"),
        note=body.get("note"),
        body=body,
    )


_KNOWN: Final = frozenset(
    (
        "pending",
        "authorized",
        "failed",
        "cancelled",
        "captured",
        "refund_pending",
        "refund_succeeded",
        "refund_failed",
    )
)
