"""Parcels: each wholesaler sends its part of an order, at once or in several parcels.

A parcel is packed, leaves with its invoice, and is delivered or comes back. What an order says of
itself follows from its lines, in the same transaction (private.settle_order_v1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from db import Database, Query
from shop.desks import Outcome, Person, Units, columns_of, require_done
from shop.invoices import GstinOf, credit_parcel, issue_invoice


@dataclass(frozen=True, slots=True)
class Tracking:
    """How a parcel travels; every part may be unknown."""

    carrier: str | None = None
    number: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    order_id: UUID
    wholesaler_id: UUID


_CANCEL: Final = Query("after_sale.cancel", Outcome)
_PACK: Final = Query("after_sale.pack", Outcome)
_UNPACK: Final = Query("after_sale.unpack", str)
_SHIP: Final = Query("after_sale.ship", str)
_TRACK: Final = Query("after_sale.track", str)
_DELIVER: Final = Query("after_sale.deliver", str)
_BRING_BACK: Final = Query("after_sale.bring_back", str)
_PLACE: Final = Query("after_sale.place_of_shipment", _Place)


async def cancel(
    db: Database,
    person: Person,
    cancellation_id: UUID,
    order_id: UUID,
    units: Sequence[Units] | None,
    reason: str,
) -> None:
    """Takes units out of an order; None: all that can be. Of a wholesaler, own lines only.

    Money that was paid for them goes back, and so do stock, coupon and deal. cancellation_id: made
    by the caller; the same one twice cancels once. Raises ShopRefused.
    """
    async with db.acting_as(person.service) as transaction:
        answer = await transaction.one(
            _CANCEL,
            person.user_id,
            person.kind,
            cancellation_id,
            order_id,
            *columns_of(units),
            reason,
        )
        require_done("order", answer)


async def pack(
    db: Database,
    person: Person,
    shipment_id: UUID,
    order_id: UUID,
    units: Sequence[Units] | None,
) -> None:
    """Puts units into a new parcel, where the customer cannot cancel them; None: all that wait.

    shipment_id: made by the caller; the same one twice packs once. Raises ShopRefused.
    """
    async with db.acting_as(person.service) as transaction:
        answer = await transaction.one(
            _PACK, person.user_id, person.kind, shipment_id, order_id, *columns_of(units)
        )
        require_done("order", answer)


async def pack_and_ship(
    db: Database,
    person: Person,
    shipment_id: UUID,
    order_id: UUID,
    units: Sequence[Units] | None,
    tracking: Tracking,
    gstin_of: GstinOf,
    now: datetime,
) -> None:
    """A parcel that leaves as soon as it is packed. Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        answer = await transaction.one(
            _PACK, person.user_id, person.kind, shipment_id, order_id, *columns_of(units)
        )
        require_done("order", answer)
        word = await transaction.one(_SHIP, *_of(person, shipment_id), *_columns(tracking))
        if word != "again":
            require_done("shipment", word)
            await issue_invoice(transaction, shipment_id, gstin_of, now)


async def ship(
    db: Database,
    person: Person,
    shipment_id: UUID,
    tracking: Tracking,
    gstin_of: GstinOf,
    now: datetime,
) -> None:
    """A packed parcel leaves, with its invoice. Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        word = await transaction.one(_SHIP, *_of(person, shipment_id), *_columns(tracking))
        if word != "again":
            require_done("shipment", word)
            await issue_invoice(transaction, shipment_id, gstin_of, now)


async def unpack(db: Database, person: Person, shipment_id: UUID) -> None:
    """Takes a parcel apart that has not left: its units wait again. Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        word = await transaction.one(_UNPACK, *_of(person, shipment_id))
        require_done("shipment", word)


async def track(db: Database, person: Person, shipment_id: UUID, tracking: Tracking) -> None:
    """Corrects how a parcel travels that is under way. Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        word = await transaction.one(_TRACK, *_of(person, shipment_id), *_columns(tracking))
        require_done("shipment", word)


async def deliver(db: Database, person: Person, shipment_id: UUID) -> None:
    """The customer has the parcel; with its last one an order is delivered. Raises ShopRefused."""
    async with db.acting_as(person.service) as transaction:
        word = await transaction.one(_DELIVER, *_of(person, shipment_id))
        require_done("shipment", word)


async def bring_back(
    db: Database, person: Person, shipment_id: UUID, to_shelf: bool, now: datetime
) -> None:
    """A parcel came back undelivered: its units count as cancelled, its invoice is credited.

    to_shelf: what is in it can be sold again. Raises ShopRefused.
    """
    async with db.acting_as(person.service) as transaction:
        word = await transaction.one(_BRING_BACK, *_of(person, shipment_id), to_shelf)
        if word != "again":
            require_done("shipment", word)
            place = await transaction.one(_PLACE, shipment_id)
            assert place is not None, "it was locked in this transaction"
            await credit_parcel(transaction, place.order_id, place.wholesaler_id, shipment_id, now)


def _of(person: Person, shipment_id: UUID) -> tuple[object, ...]:
    return person.user_id, person.kind, shipment_id


def _columns(tracking: Tracking) -> tuple[str | None, str | None, str | None]:
    return tracking.carrier, tracking.number, tracking.url
