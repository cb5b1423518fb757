"""What the REST interface says of orders after the sale; the shapes of the database's own JSON."""

from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Strict

from signaling.payloads import Address, Id, Wire

_Many: Final = Strict(False)
PartStatus = Literal["to_pack", "packed", "partly_shipped", "shipped", "delivered", "cancelled"]
DocumentType = Literal["invoice", "bill_of_supply", "credit_note"]


class FewLines(Wire):
    name: str
    label: str
    quantity: int
    image_url: str | None


class OrderRow(Wire):
    """quantity: pieces. items: the first four of item_count lines."""

    id: Id
    order_number: str
    status: str
    payment_status: str
    payment_method: str | None
    total_minor: int
    refunded_minor: int
    currency: str
    placed_at_ms: int
    pay_until_ms: int | None
    quantity: int
    item_count: int
    items: Annotated[tuple[FewLines, ...], _Many]


class OrderRows(Wire):
    """next: what to send as `after` for more; null at the end."""

    orders: Annotated[tuple[OrderRow, ...], _Many]
    next: str | None


class LineState(Wire):
    """A line of an order and where its pieces are. total_minor: quantity x price - discount, tax
    contained. tax_rate: in percent. quantity_packed: in parcels that have not left."""

    order_item_id: Id
    product_id: Id | None
    variant_id: Id | None
    name: str
    label: str
    image_url: str | None
    quantity: int
    unit_price_minor: int
    discount_minor: int
    total_minor: int
    tax_rate: float
    quantity_cancelled: int
    quantity_packed: int
    quantity_shipped: int
    quantity_delivered: int
    quantity_returned: int


class CustomerLine(LineState):
    """cancellable, returnable: pieces that may be cancelled, or sent back, now.
    returnable_until_ms: until when; null when none may be."""

    cancellable: int
    returnable: int
    returnable_until_ms: int | None


class WholesalerLine(LineState):
    """open: pieces that wait to be packed."""

    sku: str
    open: int


class ParcelLine(Wire):
    order_item_id: Id
    quantity: int


class Parcel(Wire):
    """returned: it came back to its origin undelivered."""

    id: Id
    status: Literal["packed", "shipped", "delivered", "returned"]
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    packed_at_ms: int
    shipped_at_ms: int | None
    delivered_at_ms: int | None
    returned_at_ms: int | None
    lines: Annotated[tuple[ParcelLine, ...], _Many]
    invoice_id: Id | None


class ReturnLine(Wire):
    order_item_id: Id
    name: str
    label: str
    unit_price_minor: int
    quantity: int
    quantity_received: int
    is_restocked: bool


class Return(Wire):
    id: Id
    return_number: str
    status: Literal["requested", "approved", "rejected", "received", "refunded", "cancelled"]
    reason: str
    comment: str | None
    decision_note: str | None
    requested_at_ms: int
    decided_at_ms: int | None
    received_at_ms: int | None
    lines: Annotated[tuple[ReturnLine, ...], _Many] | None


class DeskReturn(Return):
    order_id: Id
    order_number: str
    wholesaler_name: str


class Refund(Wire):
    id: Id
    return_id: Id | None
    amount_minor: int
    status: Literal["pending", "succeeded", "failed"]
    method: str
    reason: str | None
    created_at_ms: int


class Paper(Wire):
    """An invoice, a bill of supply (of who is not registered for GST) or a credit note."""

    id: Id
    number: str
    document_type: DocumentType
    issued_at_ms: int
    total_minor: int
    wholesaler_name: str
    shipment_id: Id | None


class ListedPaper(Paper):
    order_id: Id
    order_number: str


class TimelineEvent(Wire):
    """kind and data: see docs/reference; a page leaves out what it does not know."""

    at_ms: int
    kind: str
    data: dict[str, Any]


class Part(Wire):
    """What one wholesaler sells of an order."""

    wholesaler_id: Id | None
    wholesaler_name: str
    status: PartStatus
    items: Annotated[tuple[CustomerLine, ...], _Many]
    shipments: Annotated[tuple[Parcel, ...], _Many]


class PaymentState(Wire):
    provider: str
    status: str


class OrderDetail(Wire):
    """due_minor: what is still to be paid. can: what the customer may do now."""

    id: Id
    order_number: str
    status: str
    payment_status: str
    payment_method: str | None
    currency: str
    placed_at_ms: int
    pay_until_ms: int | None
    cancelled_at_ms: int | None
    cancel_reason: str | None
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    cod_fee_minor: int
    total_minor: int
    refunded_minor: int
    due_minor: int
    coupon_code: str | None
    buyer_gstin: str | None
    address: Address | dict[str, Any]
    payment: PaymentState | None
    parts: Annotated[tuple[Part, ...], _Many]
    returns: Annotated[tuple[Return, ...], _Many]
    refunds: Annotated[tuple[Refund, ...], _Many]
    invoices: Annotated[tuple[Paper, ...], _Many]
    timeline: Annotated[tuple[TimelineEvent, ...], _Many]
    can: Annotated[tuple[Literal["cancel", "return", "pay"], ...], _Many]


class OrderDetailOk(Wire):
    order: OrderDetail


class LineAttribution(Wire):
    """Why a line earns an influencer something, or why not. kind, reason: null for lines that are
    older than attribution. rule: version of the rule that decided. attributed_at_ms: the touch that
    decided."""

    order_item_id: Id
    kind: str | None
    reason: str | None
    rule: int | None
    attributed_at_ms: int | None
    influencer_name: str
    live_session_id: Id | None
    live_session_title: str | None


class AdminOrderDetail(OrderDetail):
    customer_name: str
    customer_email: str
    customer_phone: str
    attributions: Annotated[tuple[LineAttribution, ...], _Many]


class AdminOrderDetailOk(Wire):
    order: AdminOrderDetail


class AdminOrderRow(Wire):
    id: Id
    order_number: str
    status: str
    payment_status: str
    payment_method: str | None
    total_minor: int
    customer_name: str
    customer_email: str
    placed_at_ms: int


class AdminOrderRows(Wire):
    """next: what to send as `after` for more; null at the end."""

    orders: Annotated[tuple[AdminOrderRow, ...], _Many]
    next: str | None


class PartCash(Wire):
    """status: `created` while nobody has it, `collected` at the door, `remitted` to the platform,
    `returned` with the parcel. payment_id and amount_minor: null when others have lines in the
    order. is_with_wholesaler: the wholesaler took it, and it counts against the next payout."""

    status: str
    payment_id: Id | None
    amount_minor: int | None
    is_with_wholesaler: bool


class PartOrder(Wire):
    """An order as one of its wholesalers sees it: its own lines. is_ready: it may be sent.
    cash: null when it is not cash on delivery."""

    id: Id
    order_number: str
    wholesaler_id: Id
    wholesaler_name: str
    status: PartStatus
    order_status: str
    payment_status: str
    payment_method: str | None
    is_cash_on_delivery: bool | None
    cash: PartCash | None
    is_ready: bool | None
    placed_at_ms: int
    address: Address | dict[str, Any]
    buyer_gstin: str | None
    total_minor: int
    items: Annotated[tuple[WholesalerLine, ...], _Many]
    shipments: Annotated[tuple[Parcel, ...], _Many]
    invoices: Annotated[tuple[Paper, ...], _Many]
    returns: Annotated[tuple[Return, ...], _Many]


class PartOrderOk(Wire):
    order: PartOrder


class PartOrderCounts(Wire):
    """How much there is to do; of a shelf that is very full, 500."""

    to_pack: int
    packed: int
    on_the_way: int
    returns: int


class PartOrders(Wire):
    """next: what to send as `after` for more; null at the end."""

    orders: Annotated[tuple[PartOrder, ...], _Many]
    next: str | None
    counts: PartOrderCounts


class DeskReturns(Wire):
    """next: what to send as `after` for more; null at the end."""

    returns: Annotated[tuple[DeskReturn, ...], _Many]
    next: str | None


class DeskReturnOk(Wire):
    returned: DeskReturn


class Papers(Wire):
    """next: what to send as `after` for more; null at the end."""

    invoices: Annotated[tuple[ListedPaper, ...], _Many]
    next: str | None


Model = TypeVar("Model", bound=Wire)


def read(model: type[Model], value: object) -> Model:
    """The database's JSON as a value of the wire."""
    return model.model_validate(value)
