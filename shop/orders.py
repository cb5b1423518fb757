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
    """One line: a variant at the price at which it was sold. label names the variant."""

    product_id: UUID
    variant_id: UUID
    name: str
    label: str
    quantity: int
    unit_price_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Order:
    """status and payment_status are the words of the orders table."""

    id: UUID
    order_number: str
    status: str
    payment_status: str
    payment_method: str
    subtotal_minor: int
    shipping_minor: int
    total_minor: int
    currency: str
    placed_at_ms: int
    address: Address
    items: tuple[OrderItem, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Order:
        """From the JSON of private.order_json_v1."""
        items = tuple(
            OrderItem(
                **item
                | {"product_id": UUID(item["product_id"]), "variant_id": UUID(item["variant_id"])}
            )
            for item in data["items"]
        )
        address = Address.from_json(data["address"])
        return cls(**data | {"id": UUID(data["id"]), "address": address, "items": items})


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
