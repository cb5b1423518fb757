"""An order to be paid, and everybody around it, over HTTP."""

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from shop.payments.desk import PaymentDesk

ADMIN_ID = UUID(int=77)
PRICE = 99900
SECRET = "the webhook's secret"
UTR = "412345678901"


@dataclasses.dataclass
class Office:
    """A shop with its desk, and a way to order in it."""

    sql: "asyncpg.Connection[asyncpg.Record]"
    desk: PaymentDesk
    client: Any
    customer_id: UUID
    as_customer: dict[str, str]
    as_admin: dict[str, str]
    now: Any

    async def order(self, method: str, wholesaler_id: UUID | None = None) -> tuple[UUID, UUID]:
        """An order of one piece, and its payment, as a checkout writes them."""
        order_id, payment_id = uuid4(), uuid4()
        product = await self.sql.fetchrow("select id, wholesaler_id from products limit 1")
        assert product is not None
        await self.sql.execute(
            "insert into orders (id, customer_id, order_number, subtotal, total_amount,"
            " shipping_address, payment_method, pay_until)"
            " select $1, id, '', 999, 999, $2, $3, $4 from customers where user_id = $5",
            order_id,
            orjson.dumps({"name": "Asha Rao", "phone": "+919876543210"}).decode(),
            method,
            None if method == "cod" else self.now.at + timedelta(minutes=15),
            self.customer_id,
        )
        item_id = await self.sql.fetchval(
            "insert into order_items (order_id, product_id, wholesaler_id, product_name, quantity,"
            " unit_price) values ($1, $2, $3, 'Shirt', 1, 999) returning id",
            order_id,
            product["id"],
            wholesaler_id or product["wholesaler_id"],
        )
        await self.sql.execute(
            "insert into private.order_item_splits (order_item_id, order_id, wholesaler_id,"
            " paid_minor, discount_minor, base_minor, tax_minor, fee_bp, fee_minor, fee_gst_bp,"
            " fee_gst_minor, commission_bp, commission_minor, cut_bp, cut_minor, tcs_bp, tcs_minor,"
            " tds_bp, tds_minor, wholesaler_minor)"
            " values ($1, $2, $3, 99900, 0, 99900, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99900)",
            item_id,
            order_id,
            wholesaler_id or product["wholesaler_id"],
        )
        await self.sql.execute(
            "insert into private.payments (id, order_id, provider, amount_minor, due_at)"
            " values ($1, $2, $3, 99900, $4)",
            payment_id,
            order_id,
            method,
            self.now.at,
        )
        return order_id, payment_id

    async def move(self, order_id: UUID, *states: str) -> None:
        for state in states:
            await self.sql.execute("update orders set status = $2 where id = $1", order_id, state)

    async def work(self) -> None:
        # What the database dated by its own clock is not in the future.
        self.now.at = max(self.now.at, await self.sql.fetchval("select clock_timestamp()"))
        while await self.desk.sweep():
            pass
        await self.desk.sweep()

    async def payment(self, order_id: UUID) -> Any:
        path = f"/api/v1/orders/{order_id}/payment"
        return await answered(await self.client.get(path, headers=self.as_customer), "payment")

    async def admin(self, method: str, path: str, **body: Any) -> Any:
        path = f"/api/v1/admin/{path}"
        if method == "GET":
            return await self.client.get(path, headers=self.as_admin)
        return await self.client.post(path, json=body, headers=self.as_admin)


async def answered(response: Any, name: str | None = None, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    body = await response.json()
    return body if name is None else body[name]


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])
