"""Part-orders: what wholesalers send and take back, and admins for them."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from livecommerce import clock
from livecommerce.accounts.sealing import Place as SealedPlace
from livecommerce.accounts.sealing import UnsealFailed, unseal
from livecommerce.accounts.sealing_keys import SealingKeysInvalid
from livecommerce.http import order_answers as wire
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.order_answers import read
from livecommerce.http.order_routes import (
    AskedLines,
    ListAfter,
    document,
    id_in_path,
    order_id_of,
    person_of,
    return_id_of,
    units_of,
)
from livecommerce.http.product_routes import next_of, place_of
from shop import fulfilment, order_details, returns
from shop.fulfilment import Tracking
from shop.invoices import GstinOf
from shop.order_details import ReturnShelf, Shelf
from shop.refusal import ShopRefused
from shop.returns import Arrived
from signaling.payloads import Empty, Id, Wire

WHOLESALER: Final[Who] = frozenset(("wholesaler",))
ADMIN: Final[Who] = frozenset(("admin",))
SELLER: Final[Who] = frozenset(("wholesaler", "admin"))

_PER_PAGE: Final = 30

_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
_Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]


class ShelfFilter(Wire):
    """shelf: `to_pack` begins with the oldest, the others with the newest. after: `next` of the
    page before."""

    shelf: Shelf = "to_pack"
    after: Annotated[str, StringConstraints(max_length=100)] = ""


class PackParcel(Wire):
    """id: of the parcel, made by the caller; the same one sent twice is packed once. lines: null
    for all that wait."""

    id: Id | None = None
    lines: AskedLines | None = None


class Travel(Wire):
    """How a parcel travels, as far as it is known."""

    carrier: _Word | None = None
    tracking_number: _Word | None = None
    tracking_url: _Url | None = None


class ShipParcel(Travel):
    """As PackParcel, for a parcel that leaves at once."""

    id: Id | None = None
    lines: AskedLines | None = None


class Decline(Wire):
    """id: made by the caller; the same one sent twice happens once. lines: null for all that
    wait."""

    id: Id | None = None
    lines: AskedLines | None = None
    reason: Literal[
        "out_of_stock", "damaged_stock", "cannot_deliver_there", "price_mistake", "other"
    ]


class CameBack(Wire):
    """is_restocked: what is in it can be sold again."""

    is_restocked: bool


class ReturnFilter(Wire):
    """status: `open` for those that wait, `done` for those that do not. after: `next` of the page
    before."""

    status: ReturnShelf = "open"
    after: Annotated[str, StringConstraints(max_length=100)] = ""


class Approve(Wire):
    note: _Note | None = None


class Reject(Wire):
    """note: why; the customer reads it."""

    note: _Note


class ArrivedLine(Wire):
    order_item_id: Id
    quantity_received: Annotated[int, Field(ge=0, le=1_000_000)]
    is_restocked: bool


class Receive(Wire):
    """lines: what arrived, all else did not; null when all arrived and can be sold again."""

    lines: (
        Annotated[tuple[ArrivedLine, ...], Strict(False), Field(min_length=1, max_length=100)]
        | None
    ) = None


async def part_orders(call: Call[ShelfFilter]) -> Reply:
    user_id = call.caller.user_id
    page = await order_details.part_orders(
        call.deps.db, user_id, call.body.shelf, call.now, place_of(call.body.after), _PER_PAGE
    )
    counts = await order_details.counts(call.deps.db, user_id, call.now)
    return Reply(
        wire.PartOrders(
            orders=tuple(read(wire.PartOrder, row) for row in page.rows),
            next=next_of(page.next_place),
            counts=wire.PartOrderCounts(**asdict(counts)),
        )
    )


async def part_order(call: Call[Any]) -> Reply:
    found = await order_details.part_order(call.deps.db, person_of(call), order_id_of(call))
    return Reply(wire.PartOrderOk(order=read(wire.PartOrder, found)))


async def pack(call: Call[PackParcel]) -> Reply:
    shipment_id = call.body.id or clock.uuid7()
    units = units_of(call.body.lines)
    await fulfilment.pack(call.deps.db, person_of(call), shipment_id, order_id_of(call), units)
    return await part_order(call)


async def pack_and_ship(call: Call[ShipParcel]) -> Reply:
    body = call.body
    await fulfilment.pack_and_ship(
        call.deps.db,
        person_of(call),
        body.id or clock.uuid7(),
        order_id_of(call),
        units_of(body.lines),
        _tracking(body),
        _gstin_of(call),
        call.now,
    )
    return await part_order(call)


async def decline(call: Call[Decline]) -> Reply:
    body = call.body
    await fulfilment.cancel(
        call.deps.db,
        person_of(call),
        body.id or clock.uuid7(),
        order_id_of(call),
        units_of(body.lines),
        body.reason,
    )
    return await part_order(call)


async def ship_parcel(call: Call[Travel]) -> Reply:
    shipment_id = _shipment_id_of(call)
    await fulfilment.ship(
        call.deps.db, person_of(call), shipment_id, _tracking(call.body), _gstin_of(call), call.now
    )
    return await _part_of(call, shipment_id)


async def unpack_parcel(call: Call[Empty]) -> Reply:
    shipment_id = _shipment_id_of(call)
    # Once it is unpacked, nothing says any more which order it was of.
    before = await _parcel(call, shipment_id)
    await fulfilment.unpack(call.deps.db, person_of(call), shipment_id)
    without = tuple(one for one in before.shipments if one.id != shipment_id)
    if call.caller.role == "admin":
        return Reply(wire.PartOrderOk(order=before.model_copy(update={"shipments": without})))
    found = await order_details.part_order(call.deps.db, person_of(call), before.id)
    return Reply(wire.PartOrderOk(order=read(wire.PartOrder, found)))


async def track_parcel(call: Call[Travel]) -> Reply:
    shipment_id = _shipment_id_of(call)
    await fulfilment.track(call.deps.db, person_of(call), shipment_id, _tracking(call.body))
    return await _part_of(call, shipment_id)


async def deliver_parcel(call: Call[Empty]) -> Reply:
    shipment_id = _shipment_id_of(call)
    await fulfilment.deliver(call.deps.db, person_of(call), shipment_id)
    return await _part_of(call, shipment_id)


async def bring_back_parcel(call: Call[CameBack]) -> Reply:
    shipment_id = _shipment_id_of(call)
    await fulfilment.bring_back(
        call.deps.db, person_of(call), shipment_id, call.body.is_restocked, call.now
    )
    return await _part_of(call, shipment_id)


async def desk_returns(call: Call[ReturnFilter]) -> Reply:
    page = await order_details.returns(
        call.deps.db,
        person_of(call),
        call.body.status,
        place_of(call.body.after),
        _PER_PAGE,
    )
    shown = tuple(read(wire.DeskReturn, row) for row in page.rows)
    return Reply(wire.DeskReturns(returns=shown, next=next_of(page.next_place)))


async def admin_returns(call: Call[ReturnFilter]) -> Reply:
    return await desk_returns(call)


async def approve_return(call: Call[Approve]) -> Reply:
    await returns.decide(
        call.deps.db, person_of(call), return_id_of(call), "approved", call.body.note
    )
    return await _returned(call)


async def reject_return(call: Call[Reject]) -> Reply:
    await returns.decide(
        call.deps.db, person_of(call), return_id_of(call), "rejected", call.body.note
    )
    return await _returned(call)


async def receive_return(call: Call[Receive]) -> Reply:
    lines = call.body.lines
    arrived = None
    if lines is not None:
        arrived = [
            Arrived(line.order_item_id, line.quantity_received, line.is_restocked) for line in lines
        ]
    await returns.receive(call.deps.db, person_of(call), return_id_of(call), arrived, call.now)
    return await _returned(call)


async def my_documents(call: Call[ListAfter]) -> Reply:
    page = await order_details.documents(
        call.deps.db, call.caller.user_id, place_of(call.body.after), _PER_PAGE
    )
    shown = tuple(read(wire.ListedPaper, row) for row in page.rows)
    return Reply(wire.Papers(invoices=shown, next=next_of(page.next_place)))


async def document_for_wholesaler(call: Call[Any]) -> Reply:
    return await document(call)


async def _parcel(call: Call[Any], shipment_id: UUID) -> wire.PartOrder:
    try:
        found = await order_details.part_order_of_parcel(call.deps.db, person_of(call), shipment_id)
    except ShopRefused:
        raise ShopRefused("shipment.not_found", "There is no such parcel.") from None
    return read(wire.PartOrder, found)


async def _part_of(call: Call[Any], shipment_id: UUID) -> Reply:
    return Reply(wire.PartOrderOk(order=await _parcel(call, shipment_id)))


async def _returned(call: Call[Any]) -> Reply:
    found = await order_details.desk_return(call.deps.db, person_of(call), return_id_of(call))
    return Reply(wire.DeskReturnOk(returned=read(wire.DeskReturn, found)))


def _shipment_id_of(call: Call[Any]) -> UUID:
    return id_in_path(call, "shipment_id", "shipment.not_found", "There is no such parcel.")


def _tracking(travel: Travel) -> Tracking:
    return Tracking(travel.carrier, travel.tracking_number, travel.tracking_url)


def _gstin_of(call: Call[Any]) -> GstinOf:
    """Opens the GSTIN that goes on an invoice, where every buyer may read it."""

    def gstin_of(wholesaler_id: UUID, sealed: str | None) -> str | None:
        if sealed is None:
            return None
        try:
            keyring = call.deps.sealing.keyring()
            return unseal(keyring, SealedPlace("wholesalers.gst_number", wholesaler_id), sealed)
        except (UnsealFailed, SealingKeysInvalid, OSError):
            raise ShopRefused(
                "invoice.gstin_unreadable",
                "The GSTIN of the seller cannot be read, so no invoice can be written. "
                "Please give it again in the account.",
            ) from None

    return gstin_of


_OWN: Final = "/api/v1/wholesaler"
_ORDER: Final = f"{_OWN}/orders/{{order_id}}"
_PARCEL: Final = "/api/v1/shipments/{shipment_id}"
_RETURN: Final = "/api/v1/returns/{return_id}"
_UNITS: Final = ("order.not_found", "order.key_reused")
_STATES: Final = ("shipment.not_found", "shipment.wrong_state")

ROUTES: Final = (
    Route("GET", f"{_OWN}/orders", "The wholesaler's parts of orders, by what is to be done.",
          WHOLESALER, part_orders, wire.PartOrders, ShelfFilter),
    Route("GET", _ORDER, "The wholesaler's part of one order.", WHOLESALER, part_order,
          wire.PartOrderOk, errors=("order.not_found",)),
    Route("POST", f"{_ORDER}/pack", "Put pieces into a parcel; they can no longer be cancelled.",
          WHOLESALER, pack, wire.PartOrderOk, PackParcel,
          errors=(*_UNITS, "order.not_paid", "order.nothing_to_ship")),
    Route("POST", f"{_ORDER}/ship", "A parcel that leaves at once, with its invoice.", WHOLESALER,
          pack_and_ship, wire.PartOrderOk, ShipParcel,
          errors=(*_UNITS, "order.not_paid", "order.nothing_to_ship", "shipment.wrong_state",
                  "invoice.gstin_unreadable")),
    Route("POST", f"{_ORDER}/decline", "What cannot be sent; the money for it goes back.",
          WHOLESALER, decline, wire.PartOrderOk, Decline,
          errors=(*_UNITS, "order.nothing_to_cancel", "order.unpaid_whole_only")),
    Route("GET", f"{_ORDER}/invoices/{{invoice_id}}.pdf", "An invoice or credit note.", WHOLESALER,
          document_for_wholesaler, Empty, file_type="application/pdf",
          errors=("order.not_found", "invoice.not_found")),
    Route("GET", f"{_OWN}/invoices", "The wholesaler's invoices and credit notes, newest first.",
          WHOLESALER, my_documents, wire.Papers, ListAfter),
    Route("GET", f"{_OWN}/returns", "Returns that the wholesaler takes back, newest first.",
          WHOLESALER, desk_returns, wire.DeskReturns, ReturnFilter),
    Route("GET", "/api/v1/admin/returns", "All returns, newest first.", ADMIN, admin_returns,
          wire.DeskReturns, ReturnFilter),
    Route("POST", f"{_PARCEL}/ship", "A packed parcel leaves, with its invoice.", SELLER,
          ship_parcel, wire.PartOrderOk, Travel, errors=(*_STATES, "invoice.gstin_unreadable")),
    Route("POST", f"{_PARCEL}/unpack", "Take a parcel apart that has not left.", SELLER,
          unpack_parcel, wire.PartOrderOk, errors=_STATES),
    Route("POST", f"{_PARCEL}/tracking", "How a parcel travels that is under way.", SELLER,
          track_parcel, wire.PartOrderOk, Travel, errors=_STATES),
    Route("POST", f"{_PARCEL}/deliver", "The customer has the parcel.", SELLER, deliver_parcel,
          wire.PartOrderOk, errors=_STATES),
    Route("POST", f"{_PARCEL}/return",
          "A parcel came back undelivered; what was paid for it goes back.", SELLER,
          bring_back_parcel, wire.PartOrderOk, CameBack, errors=_STATES),
    Route("POST", f"{_RETURN}/approve", "Accept a return; the goods may be sent.", SELLER,
          approve_return, wire.DeskReturnOk, Approve,
          errors=("return.not_found", "return.wrong_state")),
    Route("POST", f"{_RETURN}/reject", "Do not accept a return.", SELLER, reject_return,
          wire.DeskReturnOk, Reject, errors=("return.not_found", "return.wrong_state")),
    Route("POST", f"{_RETURN}/receive", "What of a return has arrived; it is paid back.", SELLER,
          receive_return, wire.DeskReturnOk, Receive,
          errors=("return.not_found", "return.wrong_state", "return.not_paid", "return.too_many")),
)  # fmt: skip
