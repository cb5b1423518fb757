"""What providers say, on its way to what it means.

An event is stored first, in a transaction of its own, and only then is the provider answered: from
there on it is ours to apply it. Applying is one transaction that locks the order, asks the pure
core, and changes payment, order, ledger and outbox together. An event about something we do not
know yet waits; it is looked at again when we do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import orjson
import structlog

from db import (
    SERVICE,
    Actor,
    Database,
    DatabaseUnavailable,
    Query,
    Transaction,
    TransactionConflict,
)
from shop.payments.machine import Decision, EventKind, Paid, Said, Status, Step, decide
from shop.payments.provider import Event

log = structlog.get_logger(__name__)

Source = Literal["webhook", "return", "fetch", "operator"]
State = Literal["new", "waiting", "applied", "ignored", "unknown", "mismatch", "failed"]

_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class _Stored:
    """An event that is not applied yet, locked."""

    provider: str
    kind: EventKind
    reference: str | None
    payment_id: UUID | None
    capture_reference: str | None
    refund_id: UUID | None
    refund_reference: str | None
    amount_minor: int | None
    currency: str | None
    note: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class _Payment:
    """The payment that an event is about, locked with its order."""

    payment_id: UUID
    order_id: UUID
    status: Status
    amount_minor: int
    currency: str
    capture_reference: str | None
    is_paid_otherwise: bool


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: State
    note: str | None = None
    payment_id: UUID | None = None


_STORE: Final = Query("payments.store_event", int)
_OPEN: Final = Query("payments.open_events", int)
_LOCK_EVENT: Final = Query("payments.lock_event", _Stored)
_LOOK: Final = Query("payments.look", _Payment)
_MOVE: Final = Query("payments.move")
_CAPTURE: Final = Query("payments.capture", str)
_FETCH_SOON: Final = Query("payments.fetch_soon")
_MOVE_REFUND: Final = Query("payments.move_refund", str)
_REFUND_ELSEWHERE: Final = Query("payments.refund_made_elsewhere", str)
_CLOSE_EVENT: Final = Query("payments.close_event")
_NOTE_FAILURE: Final = Query("payments.note_event_failure")


async def receive(db: Database, provider: str, source: Source, events: Iterable[Event]) -> int:
    """Store events and apply them; how many were new. An event that cannot be applied now is
    stored all the same, and is applied by the desk."""
    stored = [
        id_ for event in events if (id_ := await store(db, provider, source, event)) is not None
    ]
    for id_ in stored:
        await apply(db, id_)
    return len(stored)


async def store(db: Database, provider: str, source: Source, event: Event) -> int | None:
    """Keep an event; its place in the inbox, None when it was there before."""
    return await db.acting_as(SERVICE).one(
        _STORE,
        provider,
        event.event_id,
        source,
        event.kind,
        event.provider_kind,
        event.reference,
        event.payment_id,
        event.capture_reference,
        event.refund_id,
        event.refund_reference,
        event.amount_minor,
        event.currency,
        event.occurred_at,
        event.note,
        _storable(event.body),
    )


def _storable(body: Mapping[str, Any]) -> Any:
    """Without zero characters, which the database does not take and a signature does not forbid."""
    return orjson.loads(orjson.dumps(dict(body)).replace(b"\\u0000", b""))


async def apply_open(db: Database, now: datetime, limit: int) -> int:
    """Apply what is new, and what waited for something that has come; how many were looked at."""
    ids = await db.acting_as(SERVICE).all(_OPEN, now, limit)
    for id_ in ids:
        await apply(db, id_)
    return len(ids)


async def apply(db: Database, event_id: int, actor: Actor = SERVICE) -> None:
    """Apply one stored event. What is wrong with one never holds up another: it is noted and tried
    again, some times. actor: the service, and for whom. Raises DatabaseUnavailable."""
    event: _Stored | None = None
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with db.acting_as(actor) as tx:
                event = await tx.one(_LOCK_EVENT, event_id)
                if event is not None:
                    outcome = await _applied(tx, event)
                    await tx.run(
                        _CLOSE_EVENT, event_id, outcome.state, outcome.note, outcome.payment_id
                    )
            return
        except TransactionConflict:
            # Rows are locked in one order everywhere, so this is a coincidence.
            if attempt == _ATTEMPTS:
                return
        except DatabaseUnavailable:
            raise
        except Exception as error:
            # The top of one event: whatever is wrong with it, those after it go on.
            is_first = event is None or event.attempts == 0
            log.error("payment_event.failed", inbox_id=event_id, exc_info=is_first)
            await db.acting_as(SERVICE).run(_NOTE_FAILURE, event_id, str(error)[:500])
            return


async def _applied(tx: Transaction, event: _Stored) -> _Outcome:
    if event.kind == "unknown":
        return _Outcome("unknown", event.note)
    payment = await tx.one(_LOOK, event.provider, event.reference, event.payment_id)
    if event.kind.startswith("refund"):
        return await _refund_applied(tx, event, payment)
    if payment is None:
        return _Outcome("waiting")
    paid = Paid(payment.status, payment.amount_minor, payment.currency, payment.capture_reference)
    said = Said(event.kind, event.amount_minor, event.currency, event.capture_reference)
    return await _carried_out(tx, event, payment, decide(paid, said))


async def _carried_out(
    tx: Transaction, event: _Stored, payment: _Payment, decision: Decision
) -> _Outcome:
    id_ = payment.payment_id
    match decision.step:
        case Step.NOTHING:
            return _Outcome("ignored", payment_id=id_)
        case Step.SHOW:
            log.warning("payment_event.mismatch", payment_id=str(id_), reason=decision.reason)
            return _Outcome("mismatch", decision.reason, id_)
        case Step.MOVE:
            await tx.run(_MOVE, id_, decision.status, event.note)
        case Step.FETCH:
            if decision.status != payment.status:
                await tx.run(_MOVE, id_, decision.status, event.note)
            await tx.run(_FETCH_SOON, id_)
        case Step.CAPTURE:
            await tx.one(_CAPTURE, id_, event.capture_reference)
    return _Outcome("applied", payment_id=id_)


_REFUND_STATUS: Final = {
    "refund_pending": "pending",
    "refund_succeeded": "succeeded",
    "refund_failed": "failed",
}


async def _refund_applied(tx: Transaction, event: _Stored, payment: _Payment | None) -> _Outcome:
    payment_id = payment.payment_id if payment else None
    word = await tx.one(
        _MOVE_REFUND,
        event.refund_id,
        event.provider,
        event.refund_reference,
        _REFUND_STATUS[event.kind],
        event.note,
    )
    if word == "done":
        return _Outcome("applied", payment_id=payment_id)
    if word == "known":
        return _Outcome("ignored", payment_id=payment_id)
    if word == "late":
        return _Outcome("mismatch", "a refund that had succeeded failed afterwards", payment_id)
    return await _strange_refund_applied(tx, event, payment)


async def _strange_refund_applied(
    tx: Transaction, event: _Stored, payment: _Payment | None
) -> _Outcome:
    """A refund that we did not ask for, or know nothing of yet."""
    # It is told before the payment it belongs to, or before we know that one's money came.
    if payment is None or payment.status != "captured":
        return _Outcome("waiting")
    if event.kind != "refund_succeeded":
        return _Outcome("ignored", payment_id=payment.payment_id)
    word = await tx.one(
        _REFUND_ELSEWHERE, payment.payment_id, event.amount_minor, event.refund_reference
    )
    if word == "done":
        return _Outcome("applied", payment_id=payment.payment_id)
    return _Outcome(
        "mismatch", "a part was refunded at the provider: for what?", payment.payment_id
    )
