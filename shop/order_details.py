"""Orders, part-orders, returns and documents as the pages show them.

What each function answers with is the JSON of the migration 20261124000440, whose shapes the REST
interface declares (livecommerce/http/order_answers.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from db import SERVICE, Actor, Database, Query
from shop.desks import Person
from shop.pages import Page, Place
from shop.refusal import ShopRefused
from shop.returns import DEFAULT_TERMS, ReturnTerms

Shelf = Literal["to_pack", "packed", "on_the_way", "done", "all"]
ReturnShelf = Literal[
    "open", "requested", "approved", "received", "refunded", "rejected", "cancelled", "done"
]

_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do for a wholesaler; of a shelf that is very full, 500."""

    to_pack: int
    packed: int
    on_the_way: int
    returns: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """Why a line earns an influencer something, or why not. kind, reason: null for lines that are
    older than attribution. rule: version of the rule that decided. attributed_at: the touch that
    decided."""

    order_item_id: UUID
    kind: str | None
    reason: str | None
    rule: int | None
    attributed_at: datetime | None
    influencer_name: str
    live_session_id: UUID | None
    live_session_title: str | None


@dataclass(frozen=True, slots=True)
class _Order:
    id: UUID
    placed_at: datetime
    order_json: _Json


@dataclass(frozen=True, slots=True)
class _Return:
    id: UUID
    requested_at: datetime
    return_json: _Json


@dataclass(frozen=True, slots=True)
class _Document:
    id: UUID
    issued_at: datetime
    invoice_json: _Json


_DETAIL: Final = Query("after_sale.order_detail", dict)
_MY_ORDERS: Final = Query("after_sale.my_orders", _Order)
_PART: Final = Query("after_sale.part_order", dict)
_PARTS: Final = Query("after_sale.part_orders", _Order)
_COUNTS: Final = Query("after_sale.part_order_counts", Counts)
_RETURNS: Final = Query("after_sale.desk_returns", _Return)
_RETURN: Final = Query("after_sale.desk_return", dict)
_ORDER_OF_RETURN: Final = Query("after_sale.order_of_return", UUID)
_DOCUMENTS: Final = Query("after_sale.documents", _Document)
_ATTRIBUTIONS: Final = Query("after_sale.attributions", Attribution)
_BY_NUMBER: Final = Query("after_sale.order_by_number", UUID)

Row = TypeVar("Row")


async def order(
    db: Database,
    person: Person,
    order_id: UUID,
    now: datetime,
    terms: ReturnTerms = DEFAULT_TERMS,
) -> _Json:
    """Of a customer, one of their own; of an admin, any. Raises ShopRefused order.not_found."""
    found = await db.acting_as(person.actor).one(_DETAIL, order_id, now, terms.window)
    return _there(found)


async def my_orders(db: Database, user_id: UUID, after: Place | None, limit: int) -> Page[_Json]:
    actor = Actor("customer", user_id)
    rows = await db.acting_as(actor).all(_MY_ORDERS, *_place(after), limit + 1)
    return _page([(row.placed_at, row.id, row.order_json) for row in rows], limit)


async def part_order(db: Database, person: Person, order_id: UUID) -> _Json:
    """The wholesaler's own part of an order. Raises ShopRefused order.not_found."""
    found = await db.acting_as(person.actor).one(_PART, order_id, None)
    return _there(found)


async def part_order_of_parcel(db: Database, person: Person, shipment_id: UUID) -> _Json:
    """The part-order that a parcel belongs to. Raises ShopRefused order.not_found."""
    found = await db.acting_as(person.actor).one(_PART, None, shipment_id)
    return _there(found)


async def part_orders(
    db: Database, user_id: UUID, shelf: Shelf, now: datetime, after: Place | None, limit: int
) -> Page[_Json]:
    actor = Actor("wholesaler", user_id)
    rows = await db.acting_as(actor).all(_PARTS, shelf, now, *_place(after), limit + 1)
    return _page([(row.placed_at, row.id, row.order_json) for row in rows], limit)


async def counts(db: Database, user_id: UUID, now: datetime) -> Counts:
    found = await db.acting_as(Actor("wholesaler", user_id)).one(_COUNTS, now)
    assert found is not None, "the function always answers"
    return found


async def returns(
    db: Database, person: Person, shelf: ReturnShelf, after: Place | None, limit: int
) -> Page[_Json]:
    """Those that the wholesaler takes back; of an admin, all."""
    rows = await db.acting_as(person.actor).all(_RETURNS, shelf, *_place(after), limit + 1)
    return _page([(row.requested_at, row.id, row.return_json) for row in rows], limit)


async def desk_return(db: Database, person: Person, return_id: UUID) -> _Json:
    """Raises ShopRefused return.not_found."""
    found = await db.acting_as(person.actor).one(_RETURN, return_id)
    if found is None:
        raise ShopRefused("return.not_found", "There is no such return.")
    return found


async def order_of_return(db: Database, user_id: UUID, return_id: UUID) -> UUID:
    """The order of a customer's own return. Raises ShopRefused return.not_found."""
    found = await db.acting_as(Actor("customer", user_id)).one(_ORDER_OF_RETURN, return_id)
    if found is None:
        raise ShopRefused("return.not_found", "There is no such return.")
    return found


async def documents(db: Database, user_id: UUID, after: Place | None, limit: int) -> Page[_Json]:
    """A wholesaler's invoices and credit notes."""
    actor = Actor("wholesaler", user_id)
    rows = await db.acting_as(actor).all(_DOCUMENTS, *_place(after), limit + 1)
    return _page([(row.issued_at, row.id, row.invoice_json) for row in rows], limit)


async def order_id_of(db: Database, admin_id: UUID, order_number: str) -> UUID | None:
    """The order with this number, for an admin."""
    return await db.acting_as(Actor("admin", admin_id)).one(_BY_NUMBER, order_number)


async def attributions(db: Database, order_id: UUID) -> tuple[Attribution, ...]:
    """Of every line of an order. Whoever asks must have shown that an admin wants to know."""
    return tuple(await db.acting_as(SERVICE).all(_ATTRIBUTIONS, order_id))


def _there(found: _Json | None) -> _Json:
    if found is None:
        raise ShopRefused("order.not_found", "There is no such order.")
    return found


def _place(after: Place | None) -> tuple[datetime | None, UUID | None]:
    return (after.at, after.id) if after else (None, None)


def _page(rows: list[tuple[datetime, UUID, _Json]], limit: int) -> Page[_Json]:
    shown = tuple(value for _, _, value in rows[:limit])
    if len(rows) <= limit:
        return Page(shown, None)
    at, id_, _ = rows[limit - 1]
    return Page(shown, Place(at, id_))
