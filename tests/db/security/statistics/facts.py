"""Facts that the database counts: orders, what becomes of them, refunds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import asyncpg

from tests.db.security.world import named


def uid(name: str) -> uuid.UUID:
    return uuid.UUID(named(name))


async def one(sql: asyncpg.Connection, statement: str, *args: object) -> tuple[Any, ...]:
    row = await sql.fetchrow(statement, *args)
    assert row is not None
    return tuple(row)


@dataclass(frozen=True)
class Line:
    product: str
    quantity: int = 1
    price: int = 100
    influencer: str | None = None
    commission: int = 0
    live_session: str | None = None


SELLERS = {"shirt": "wholesaler_a", "lamp": "wholesaler_b"}


async def an_order(
    owner: asyncpg.Connection, *lines: Line, customer: str = "customer_a", status: str = "shipped"
) -> uuid.UUID:
    """A paid order on its way."""
    total = sum(line.price * line.quantity for line in lines)
    order_id: uuid.UUID = await owner.fetchval(
        "insert into orders (customer_id, subtotal, total_amount, status, payment_status,"
        " shipping_address) values ($1, $2, $2, $3, 'paid', '{}') returning id",
        uid(customer),
        Decimal(total),
        status,
    )
    for line in lines:
        await owner.execute(
            "insert into order_items (order_id, product_id, variant_id, wholesaler_id,"
            " product_name, quantity, unit_price, influencer_id, influencer_commission,"
            " live_session_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            order_id,
            uid(line.product),
            uid(f"variant {line.product}"),
            uid(SELLERS[line.product]),
            line.product,
            line.quantity,
            Decimal(line.price),
            uid(line.influencer) if line.influencer else None,
            Decimal(line.commission),
            uid(line.live_session) if line.live_session else None,
        )
    return order_id


async def become(owner: asyncpg.Connection, order_id: uuid.UUID, status: str) -> None:
    await owner.execute("update orders set status = $2 where id = $1", order_id, status)


async def refund(
    owner: asyncpg.Connection, order_id: uuid.UUID, amount: int, status: str = "succeeded"
) -> uuid.UUID:
    refund_id: uuid.UUID = await owner.fetchval(
        "insert into refunds (order_id, amount, status) values ($1, $2, $3) returning id",
        order_id,
        Decimal(amount),
        status,
    )
    return refund_id
