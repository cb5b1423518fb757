"""Support: customers ask, admins answer, and clocks that the law sets run until it is done.

The Consumer Protection (E-Commerce) Rules, 2020, want a complaint acknowledged within 48 hours and
redressed within a month. The database numbers a query, sets both deadlines when it is opened and
keeps the clocks (triggers of 20261123000500_behaviour.sql); here are the use cases.

A query is `open` until somebody of support takes it up, then `in_progress` or `escalated`: these
three wait. `resolved` is what support considers done; a further word of the customer takes it back
to work. `closed` is final.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query, Transaction
from shop.refusal import RefusalCode, ShopRefused

Category = Literal["general", "order", "product", "payment", "shipping", "technical", "complaint"]
Status = Literal["open", "in_progress", "escalated", "resolved", "closed"]
Priority = Literal["low", "medium", "high", "urgent"]
Shelf = Literal["waiting", "open", "in_progress", "escalated", "resolved", "closed"]

_TICKET: Final = re.compile(r"(?:TKT-?)?(?:(\d{8})-)?(\d{1,18})")


@dataclass(frozen=True, slots=True)
class NewQuery:
    """id: made by the caller, so that the same query sent twice is opened once."""

    id: UUID
    category: Category
    subject: str
    message: str
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """A query as its customer sees it.

    message: its beginning in a list. messages: what was written after it, oldest first, each
    {id, author, body, at_ms}; None in a list. is_overdue: it waits although a deadline has passed.
    """

    id: UUID
    ticket_number: str
    subject: str
    message: str
    category: str
    status: str
    order_id: UUID | None
    order_number: str | None
    created_at: datetime
    updated_at: datetime
    ack_due_at: datetime
    acknowledged_at: datetime | None
    redress_due_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    is_overdue: bool
    messages: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class QueuedQuery:
    """A query in the list of the admins. customer_name is empty when the customer is gone."""

    id: UUID
    ticket_number: str
    subject: str
    category: str
    status: str
    priority: str
    customer_name: str
    order_number: str | None
    assigned_to: UUID | None
    created_at: datetime
    updated_at: datetime
    ack_due_at: datetime
    acknowledged_at: datetime | None
    redress_due_at: datetime
    resolved_at: datetime | None
    is_ack_overdue: bool
    is_redress_overdue: bool
    is_redress_near: bool


@dataclass(frozen=True, slots=True)
class StaffQuery:
    """A query with all that whoever answers it needs.

    messages: as in CustomerQuery, with author_user_id. notes: of the staff for the staff, each
    {id, author_user_id, body, at_ms}.
    """

    id: UUID
    ticket_number: str
    subject: str
    message: str
    category: str
    status: str
    priority: str
    assigned_to: UUID | None
    created_at: datetime
    updated_at: datetime
    ack_due_at: datetime
    acknowledged_at: datetime | None
    first_response_at: datetime | None
    escalated_at: datetime | None
    redress_due_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    resolution_time_hours: int | None
    is_ack_overdue: bool
    is_redress_overdue: bool
    is_redress_near: bool
    customer_name: str
    customer_email: str
    customer_phone: str
    order_id: UUID | None
    order_number: str | None
    order_status: str | None
    messages: list[dict[str, Any]]
    notes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many queries wait; overdue and mine are among them."""

    waiting: int
    opened: int
    in_progress: int
    escalated: int
    overdue: int
    mine: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last query of a page, by what its list is sorted by."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z_{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises ValueError for what is no cursor."""
        at, _, id_ = text.partition("_")
        return cls(datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC), UUID(id_))


@dataclass(frozen=True, slots=True)
class Filters:
    """shelf: 'waiting' for all that are not done. search: a ticket number or the end of one; it
    finds the ticket whatever the other filters say."""

    shelf: Shelf = "waiting"
    is_overdue: bool = False
    is_mine: bool = False
    search: str = ""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    queries: tuple[CustomerQuery, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    queries: tuple[QueuedQuery, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    outcome: str
    retry_after_s: int | None


# What the words of the functions in 20261123000900_support.sql mean.
_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_found": ("query.not_found", "There is no such query."),
    "not_customer": ("query.not_customer", "This account has no active customer profile."),
    "order_unknown": ("query.order_unknown", "This is not one of your orders."),
    "too_many": ("query.too_many", "That was a lot in a short time. Please wait a little."),
    "key_reused": ("query.key_reused", "This id was used for something else."),
    "closed": ("query.closed", "This query is closed. Please open a new one."),
    "wrong_state": ("query.wrong_state", "That is not possible in the state of this query."),
}

_OPEN: Final = Query("support.open", _Outcome)
_QUERIES_OF: Final = Query("support.queries_of", CustomerQuery)
_REPLY: Final = Query("support.reply", _Outcome)
_CLOSE_OWN: Final = Query("support.close_own", str)
_QUEUE: Final = Query("support.queue", QueuedQuery)
_COUNTS: Final = Query("support.counts", Counts)
_ONE: Final = Query("support.one", StaffQuery)
_ASSIGN: Final = Query("support.assign", str)
_ANSWER: Final = Query("support.answer", str)
_MOVE: Final = Query("support.move", str)
_RATE: Final = Query("support.rate", str)
_NOTE: Final = Query("support.note", str)


async def open_query(db: Database, user_id: UUID, new: NewQuery, now: datetime) -> CustomerQuery:
    """Open a query of this customer. Raises ShopRefused."""
    outcome = await db.acting_as(_customer(user_id)).one(
        _OPEN, new.id, new.order_id, new.category, new.subject, new.message
    )
    _require_taken(outcome)
    return await query_of(db, user_id, new.id, now)


async def queries_of(
    db: Database, user_id: UUID, now: datetime, after: Cursor | None, limit: int
) -> CustomerPage:
    """The customer's queries, those with the newest events first."""
    place = (after.at, after.id) if after else (None, None)
    rows = await db.acting_as(_customer(user_id)).all(_QUERIES_OF, now, None, *place, limit + 1)
    page = tuple(rows[:limit])
    return CustomerPage(
        page, Cursor(page[-1].updated_at, page[-1].id) if len(rows) > limit else None
    )


async def query_of(db: Database, user_id: UUID, query_id: UUID, now: datetime) -> CustomerQuery:
    """One query of this customer with its thread. Raises ShopRefused."""
    row = await db.acting_as(_customer(user_id)).one(_QUERIES_OF, now, query_id, None, None, 1)
    if row is None:
        raise _refused("not_found")
    return row


async def reply(db: Database, user_id: UUID, query_id: UUID, message_id: UUID, body: str) -> None:
    """A customer's message; a resolved query goes on with it. Raises ShopRefused.

    message_id: made by the caller, so that the same message sent twice is written once.
    """
    outcome = await db.acting_as(_customer(user_id)).one(_REPLY, query_id, message_id, body)
    _require_taken(outcome)


async def close_own(db: Database, user_id: UUID, query_id: UUID) -> None:
    """The customer needs no answer any more. Raises ShopRefused."""
    await _work(db, user_id, _CLOSE_OWN, user_id, query_id)


async def queue(
    db: Database, admin_id: UUID, filters: Filters, now: datetime, after: Cursor | None, limit: int
) -> QueuePage:
    """A page of the queries: what waits by its deadline, what is done by age, newest first."""
    ticket = ticket_of(filters.search) if filters.search.strip() else None
    if filters.search.strip() and ticket is None:
        return QueuePage((), None)
    rows = await db.acting_as(Actor("admin", admin_id)).all(
        _QUEUE,
        now,
        filters.shelf,
        filters.is_overdue,
        filters.is_mine,
        ticket,
        *((after.at, after.id) if after else (None, None)),
        limit + 1,
    )
    page = tuple(rows[:limit])
    return QueuePage(page, _cursor(filters.shelf, page[-1]) if len(rows) > limit else None)


async def counts(db: Database, admin_id: UUID, now: datetime) -> Counts:
    found = await db.acting_as(Actor("admin", admin_id)).one(_COUNTS, now)
    assert found is not None, "an aggregate without GROUP BY always has a row"
    return found


async def query_for_staff(
    db: Database, admin_id: UUID, query_id: UUID, now: datetime
) -> StaffQuery:
    """Raises ShopRefused."""
    row = await db.acting_as(Actor("admin", admin_id)).one(_ONE, now, query_id)
    if row is None:
        raise _refused("not_found")
    return row


async def assign(db: Database, admin_id: UUID, query_id: UUID, to: UUID | None) -> None:
    """to: the admin who takes it up; None gives it back to all. Raises ShopRefused."""
    await _work(db, admin_id, _ASSIGN, query_id, to)


async def answer(db: Database, admin_id: UUID, query_id: UUID, message_id: UUID, body: str) -> None:
    """What the customer reads. Raises ShopRefused."""
    await _work(db, admin_id, _ANSWER, query_id, message_id, body)


async def move(db: Database, admin_id: UUID, query_id: UUID, to: Status) -> None:
    """Raises ShopRefused."""
    await _work(db, admin_id, _MOVE, query_id, to)


async def resolve(
    db: Database, admin_id: UUID, query_id: UUID, message_id: UUID, body: str | None
) -> None:
    """Resolved, with a last answer or without: both or neither. Raises ShopRefused."""
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        if body is not None:
            await _do(transaction, _ANSWER, query_id, message_id, body)
        await _do(transaction, _MOVE, query_id, "resolved")


async def escalate(
    db: Database, admin_id: UUID, query_id: UUID, note_id: UUID, reason: str | None
) -> None:
    """reason: kept as a note of the staff. Raises ShopRefused."""
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        await _do(transaction, _MOVE, query_id, "escalated")
        if reason is not None:
            await _do(transaction, _NOTE, query_id, note_id, reason)


async def rate(db: Database, admin_id: UUID, query_id: UUID, priority: Priority) -> None:
    """Raises ShopRefused."""
    await _work(db, admin_id, _RATE, query_id, priority)


async def note(db: Database, admin_id: UUID, query_id: UUID, note_id: UUID, body: str) -> None:
    """What the staff write for each other; no customer reads it. Raises ShopRefused."""
    await _work(db, admin_id, _NOTE, query_id, note_id, body)


def ticket_of(text: str) -> str | None:
    """A ticket number as a person gives it: whole, or as the digits at its end, filled up with
    zeros. None from what cannot be one."""
    match = _TICKET.fullmatch(text.strip().upper())
    if match is None:
        return None
    day, digits = match.groups()
    digits = digits.lstrip("0").zfill(6)
    return f"TKT-{day}-{digits}" if day else digits


def _customer(user_id: UUID) -> Actor:
    return Actor("customer", user_id)


def _cursor(shelf: Shelf, last: QueuedQuery) -> Cursor:
    is_done = shelf in ("resolved", "closed")
    return Cursor(last.created_at if is_done else last.redress_due_at, last.id)


async def _work(db: Database, user_id: UUID, query: Query[str], *args: object) -> None:
    """The service does it, since no person's role may; the audit log notes for whom."""
    async with db.acting_as(Actor("service", user_id)) as transaction:
        await _do(transaction, query, *args)


async def _do(transaction: Transaction, query: Query[str], *args: object) -> None:
    word = await transaction.one(query, *args)
    _require_done(word)


def _require_done(word: str | None, retry_after_s: float | None = None) -> None:
    assert word is not None, "these functions always answer"
    if word != "done":
        raise _refused(word, retry_after_s)


def _require_taken(outcome: _Outcome | None) -> None:
    assert outcome is not None, "these functions always answer"
    _require_done(outcome.outcome, outcome.retry_after_s)


def _refused(word: str, retry_after_s: float | None = None) -> ShopRefused:
    code, sentence = _REFUSALS[word]
    return ShopRefused(code, sentence, retry_after_s=retry_after_s)
