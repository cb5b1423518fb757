"""Orders after the sale: what customers and admins read and do."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from livecommerce import clock
from livecommerce.http import order_answers as wire
from livecommerce.http.api import Call, File, Reply, Route, Who
from livecommerce.http.order_answers import read
from livecommerce.http.product_routes import ms, next_of, place_of
from shop import fulfilment, invoices, order_details, pages, returns
from shop.desks import Person, Units
from shop.refusal import RefusalCode, ShopRefused
from shop.returns import Reason, ReturnRequest
from signaling.payloads import Empty, Id, Wire

CUSTOMER: Final[Who] = frozenset(("customer",))
ADMIN: Final[Who] = frozenset(("admin",))

_PER_PAGE: Final = 20
_PER_DESK_PAGE: Final = 50

After = Annotated[str, StringConstraints(max_length=100)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Comment = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_UpiId = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, pattern=r"^[a-z0-9._-]{2,64}@[a-z][a-z0-9]{1,31}$"
    ),
]


class AskedLine(Wire):
    order_item_id: Id
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


AskedLines = Annotated[tuple[AskedLine, ...], Strict(False), Field(min_length=1, max_length=100)]


class ListAfter(Wire):
    """after: `next` of the page before."""

    after: After = ""


class CancelOrder(Wire):
    """id: made by the caller; the same cancellation sent twice happens once. lines: null for all
    that can still be cancelled."""

    id: Id | None = None
    lines: AskedLines | None = None
    reason: Literal["changed_mind", "ordered_by_mistake", "found_cheaper", "too_slow", "other"] = (
        "changed_mind"
    )


class CancelForOthers(Wire):
    """As CancelOrder; reason: the customer reads it."""

    id: Id | None = None
    lines: AskedLines | None = None
    reason: Sentence


class AskReturn(Wire):
    """id: made by the caller; the same request sent twice is opened once. upi_id: where the money
    goes; needed for an order that was paid in cash."""

    id: Id | None = None
    reason: Reason
    comment: _Comment | None = None
    lines: AskedLines
    upi_id: _UpiId | None = None


class AdminFilter(Wire):
    """status: of the order; empty for all. search: a whole order number; it finds the order
    whatever the other filters say. after: `next` of the page before."""

    status: Literal[
        "", "pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "refunded"
    ] = ""
    search: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)] = ""
    after: After = ""


def person_of(call: Call[Any]) -> Person:
    role = call.caller.role
    assert role != "influencer", "no route here is for influencers"
    return Person(role, call.caller.user_id)


def units_of(lines: tuple[AskedLine, ...] | None) -> list[Units] | None:
    if lines is None:
        return None
    return [Units(line.order_item_id, line.quantity) for line in lines]


def id_in_path(call: Call[Any], name: str, code: RefusalCode, sentence: str) -> UUID:
    """Raises ShopRefused: what is no id is the id of nothing."""
    try:
        return UUID(call.request.match_info[name])
    except ValueError:
        raise ShopRefused(code, sentence) from None


def order_id_of(call: Call[Any]) -> UUID:
    return id_in_path(call, "order_id", "order.not_found", "There is no such order.")


def return_id_of(call: Call[Any]) -> UUID:
    return id_in_path(call, "return_id", "return.not_found", "There is no such return.")


async def own_orders(call: Call[ListAfter]) -> Reply:
    page = await order_details.my_orders(
        call.deps.db, call.caller.user_id, place_of(call.body.after), _PER_PAGE
    )
    rows = tuple(read(wire.OrderRow, row) for row in page.rows)
    return Reply(wire.OrderRows(orders=rows, next=next_of(page.next_place)))


async def my_order(call: Call[Any]) -> Reply:
    return await _my_order(call, order_id_of(call))


async def cancel_my_order(call: Call[CancelOrder]) -> Reply:
    body = call.body
    await fulfilment.cancel(
        call.deps.db,
        person_of(call),
        body.id or clock.uuid7(),
        order_id_of(call),
        units_of(body.lines),
        body.reason,
    )
    return await my_order(call)


async def ask_return(call: Call[AskReturn]) -> Reply:
    body = call.body
    request = ReturnRequest(
        body.id or clock.uuid7(),
        order_id_of(call),
        body.reason,
        body.comment,
        tuple(units_of(body.lines) or ()),
        body.upi_id,
    )
    await returns.ask(call.deps.db, person_of(call), request, call.now, call.deps.return_terms)
    return await my_order(call)


async def cancel_my_return(call: Call[Empty]) -> Reply:
    return_id = return_id_of(call)
    order_id = await order_details.order_of_return(call.deps.db, call.caller.user_id, return_id)
    await returns.decide(call.deps.db, person_of(call), return_id, "cancelled")
    return await _my_order(call, order_id)


async def my_document(call: Call[Any]) -> Reply:
    return await document(call)


async def document(call: Call[Any]) -> Reply:
    invoice_id = id_in_path(call, "invoice_id", "invoice.not_found", "There is no such document.")
    printed = await invoices.printed(
        call.deps.db, person_of(call).actor, order_id_of(call), invoice_id
    )
    return Reply(File(printed.body, "application/pdf", printed.name))


async def admin_orders(call: Call[AdminFilter]) -> Reply:
    body, person = call.body, person_of(call)
    if body.search:
        return await _found_order(call, body.search)
    page = await pages.admin_orders(
        call.deps.db, person.actor, body.status or None, place_of(body.after), _PER_DESK_PAGE
    )
    rows = tuple(_admin_row(row) for row in page.rows)
    return Reply(wire.AdminOrderRows(orders=rows, next=next_of(page.next_place)))


async def admin_order(call: Call[Any]) -> Reply:
    order_id = order_id_of(call)
    found = await _order(call, order_id)
    lines = await order_details.attributions(call.deps.db, order_id)
    found["attributions"] = [_attribution(line) for line in lines]
    return Reply(wire.AdminOrderDetailOk(order=read(wire.AdminOrderDetail, found)))


async def cancel_for_customer(call: Call[CancelForOthers]) -> Reply:
    body = call.body
    await fulfilment.cancel(
        call.deps.db,
        person_of(call),
        body.id or clock.uuid7(),
        order_id_of(call),
        units_of(body.lines),
        body.reason,
    )
    return await admin_order(call)


async def document_for_admin(call: Call[Any]) -> Reply:
    return await document(call)


async def _my_order(call: Call[Any], order_id: UUID) -> Reply:
    found = await _order(call, order_id)
    return Reply(wire.OrderDetailOk(order=read(wire.OrderDetail, found)))


async def _order(call: Call[Any], order_id: UUID) -> dict[str, Any]:
    deps = call.deps
    return await order_details.order(
        deps.db, person_of(call), order_id, call.now, deps.return_terms
    )


async def _found_order(call: Call[AdminFilter], order_number: str) -> Reply:
    admin_id = call.caller.user_id
    order_id = await order_details.order_id_of(call.deps.db, admin_id, order_number.upper())
    if order_id is None:
        return Reply(wire.AdminOrderRows(orders=(), next=None))
    found = await _order(call, order_id)
    row = {name: found[name] for name in wire.AdminOrderRow.model_fields}
    return Reply(wire.AdminOrderRows(orders=(read(wire.AdminOrderRow, row),), next=None))


def _admin_row(row: pages.AdminOrder) -> wire.AdminOrderRow:
    shown = asdict(row)
    del shown["customer_id"], shown["placed_at"]
    return wire.AdminOrderRow(**shown, placed_at_ms=ms(row.placed_at))


def _attribution(line: order_details.Attribution) -> wire.LineAttribution:
    shown = asdict(line)
    at = shown.pop("attributed_at")
    return wire.LineAttribution(**shown, attributed_at_ms=None if at is None else ms(at))


_MINE: Final = "/api/v1/orders"
_ONE_OF_MINE: Final = f"{_MINE}/{{order_id}}"
_ADMIN: Final = "/api/v1/admin/orders"
_ONE: Final = f"{_ADMIN}/{{order_id}}"
_CANCEL_ERRORS: Final = (
    "order.not_found",
    "order.nothing_to_cancel",
    "order.unpaid_whole_only",
    "order.key_reused",
)

ROUTES: Final = (
    Route("GET", _MINE, "The customer's own orders, newest first.", CUSTOMER, own_orders,
          wire.OrderRows, ListAfter),
    Route("GET", _ONE_OF_MINE, "One of them: its parts, parcels, papers and what happened.",
          CUSTOMER, my_order, wire.OrderDetailOk, errors=("order.not_found",)),
    Route("POST", f"{_ONE_OF_MINE}/cancel",
          "Cancel what is not packed yet, or some pieces of it; what was paid for it goes back.",
          CUSTOMER, cancel_my_order, wire.OrderDetailOk, CancelOrder, errors=_CANCEL_ERRORS),
    Route("POST", f"{_ONE_OF_MINE}/returns",
          "Ask to send something back; a return for each wholesaler.", CUSTOMER, ask_return,
          wire.OrderDetailOk, AskReturn, status=201,
          errors=("order.not_found", "return.not_delivered", "return.too_late", "return.too_many",
                  "return.upi_needed", "return.key_reused")),
    Route("POST", "/api/v1/returns/{return_id}/cancel", "Keep it after all.", CUSTOMER,
          cancel_my_return, wire.OrderDetailOk,
          errors=("return.not_found", "return.wrong_state")),
    Route("GET", f"{_ONE_OF_MINE}/invoices/{{invoice_id}}.pdf", "An invoice or credit note.",
          CUSTOMER, my_document, Empty, file_type="application/pdf",
          errors=("order.not_found", "invoice.not_found")),
    Route("GET", _ADMIN, "All orders, newest first.", ADMIN, admin_orders, wire.AdminOrderRows,
          AdminFilter),
    Route("GET", _ONE, "One order with its customer's contact.", ADMIN, admin_order,
          wire.AdminOrderDetailOk, errors=("order.not_found",)),
    Route("POST", f"{_ONE}/cancel", "Cancel what is not packed yet, for the customer to read why.",
          ADMIN, cancel_for_customer, wire.AdminOrderDetailOk, CancelForOthers,
          errors=_CANCEL_ERRORS),
    Route("GET", f"{_ONE}/invoices/{{invoice_id}}.pdf", "An invoice or credit note.", ADMIN,
          document_for_admin, Empty, file_type="application/pdf",
          errors=("order.not_found", "invoice.not_found")),
)  # fmt: skip
