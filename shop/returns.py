"""Returns: asked for by the customer, decided and received by who sold it.

The money follows the pieces that arrived, not those that were announced. A request for goods of
several wholesalers becomes a return of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from db import Database, Query
from shop.desks import Outcome, Person, Units, columns_of, require_done
from shop.invoices import credit_return

Reason = Literal[
    "damaged", "wrong_item", "not_as_described", "does_not_fit", "changed_mind", "other"
]
Decision = Literal["approved", "rejected", "cancelled"]


@dataclass(frozen=True, slots=True)
class ReturnTerms:
    """window: how long after it was delivered something may be sent back. As long as the money is
    held back from those who earn on it, so that little has to be clawed back."""

    window: timedelta = timedelta(days=7)


DEFAULT_TERMS: Final = ReturnTerms()


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """id: made by the caller; the same request twice is opened once. upi_id: where the money goes
    of an order that was paid in cash."""

    id: UUID
    order_id: UUID
    reason: Reason
    comment: str | None
    units: tuple[Units, ...]
    upi_id: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What of one line arrived; to_shelf: it can be sold again."""

    order_item_id: UUID
    quantity: int
    to_shelf: bool


_ASK: Final = Query("after_sale.ask_return", Outcome)
_DECIDE: Final = Query("after_sale.decide_return", str)
_RECEIVE: Final = Query("after_sale.receive_return", Outcome)


async def ask(
    db: Database,
    person: Person,
    request: ReturnRequest,
    now: datetime,
    terms: ReturnTerms = DEFAULT_TERMS,
) -> None:
    """Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        answer = await transaction.one(
            _ASK,
            person.user_id,
            person.kind,
            request.id,
            request.order_id,
            request.reason,
            request.comment,
            *columns_of(request.units),
            request.upi_id,
            now,
            terms.window,
        )
        require_done("return", answer)


async def decide(
    db: Database, person: Person, return_id: UUID, decision: Decision, note: str | None = None
) -> None:
    """The seller accepts it or not; the customer takes the request back. Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        word = await transaction.one(
            _DECIDE, person.user_id, person.kind, return_id, decision, note
        )
        require_done("return", word)


async def receive(
    db: Database,
    person: Person,
    return_id: UUID,
    arrived: Sequence[Arrived] | None,
    now: datetime,
) -> None:
    """What of an accepted return has arrived; None: all of it, fit to be sold again.

    The refund is pending then, and the goods are credited. Raises ShopRefused.
    """
    columns: tuple[object, object, object] = (None, None, None)
    if arrived is not None:
        columns = (
            [one.order_item_id for one in arrived],
            [one.quantity for one in arrived],
            [one.to_shelf for one in arrived],
        )
    async with db.acting_as(person.service) as transaction:
        answer = await transaction.one(_RECEIVE, person.user_id, person.kind, return_id, *columns)
        if answer is not None and answer.outcome == "again":
            return
        require_done("return", answer)
        assert answer is not None and answer.detail is not None, "'done' says what arrived"
        await credit_return(transaction, return_id, answer.detail, now)
