"""Orders as their customers see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import Actor, Database, Query
from shop.address import Address

_ORDER_BY_ID = Query("shop.order_by_id", dict)
_ORDERS_OF_USER = Query("shop.orders_of_user", dict)
_LAST_ADDRESS = Query("shop.last_address_of_user", dict)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line: a variant at the price at which it was sold. label names the variant.

    discount_minor: its share of the coupon. tax_rate: GST in percent, contained in the price.
    """

    order_item_id: UUID
    product_id: UUID
    variant_id: UUID
    name: str
    label: str
    image_url: str | None
    quantity: int
    unit_price_minor: int
    total_minor: int
    discount_minor: int
    tax_rate: float
    deal_id: UUID | None
    quantity_cancelled: int
    quantity_shipped: int
    quantity_delivered: int
    quantity_returned: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OrderItem:
        ids = ("order_item_id", "product_id", "variant_id", "deal_id")
        return cls(**data | {name: UUID(data[name]) for name in ids if data[name] is not None})


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """The newest attempt to have the order paid; status as in private.payments."""

    provider: str
    status: str


@dataclass(frozen=True, slots=True)
class Order:
    """status and payment_status are the words of the orders table. pay_until_ms: unpaid by then it
    is cancelled; None for cash on delivery. payment: None for orders older than payments."""

    id: UUID
    order_number: str
    status: str
    payment_status: str
    payment_method: str
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    cod_fee_minor: int
    total_minor: int
    coupon_code: str | None
    currency: str
    placed_at_ms: int
    pay_until_ms: int | None
    payment: OrderPayment | None
    address: Address
    items: tuple[OrderItem, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Order:
        """From the JSON of private.order_json_v1."""
        return cls(
            **data
            | {
                "id": UUID(data["id"]),
                "address": Address.from_json(data["address"]),
                "payment": OrderPayment(**data["payment"]) if data["payment"] else None,
                "items": tuple(map(OrderItem.from_json, data["items"])),
            }
        )


async def order_by_id(db: Database, user_id: UUID, order_id: UUID) -> Order | None:
    """The order, if it is an order of this customer."""
    found = await db.acting_as(Actor("customer", user_id)).one(_ORDER_BY_ID, order_id)
    return Order.from_json(found) if found else None


async def orders_of(db: Database, user_id: UUID, limit: int = 50) -> tuple[Order, ...]:
    """The customer's newest orders, newest first."""
    found = await db.acting_as(Actor("customer", user_id)).all(_ORDERS_OF_USER, limit)
    return tuple(map(Order.from_json, found))


async def last_address(db: Database, user_id: UUID) -> Address | None:
    """Where the customer's newest order went."""
    found = await db.acting_as(Actor("customer", user_id)).one(_LAST_ADDRESS)
    return Address.from_json(found) if found else None
