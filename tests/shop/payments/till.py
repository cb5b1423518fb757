"""A shop whose orders are paid: a desk whose clock a test moves, and providers."""

import dataclasses
import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from db import Database
from shop.checkout import ShopTerms, batch_writer, placed, prepared
from shop.payments.desk import DeskTerms, PaymentDesk
from shop.payments.provider import Event
from shop.payments.scripted import TestProvider, reference_of
from shop.payments.upi import UpiConfig, UpiProvider
from tests.shop.shop_under_test import HOME, Product, ShopUnderTest, a_request

PRICE = 129900
_phones = itertools.count(9810000001)


@dataclasses.dataclass
class Bought:
    """An order with its one payment, and the product that it is of."""

    order_id: UUID
    payment_id: UUID
    user_id: UUID
    product: Product
    phone: str

    def event(self, event_id: str, kind: Any, **more: Any) -> Event:
        """What the test provider would say of the payment."""
        told: dict[str, Any] = {
            "reference": reference_of(self.payment_id),
            "payment_id": self.payment_id,
            "amount_minor": PRICE,
            "currency": "INR",
        } | more
        return Event(event_id, kind, f"test.{kind}", **told)


class Till(ShopUnderTest):
    def __init__(self, db: Database, sql: asyncpg.Connection) -> None:
        super().__init__(db, sql)
        self.now = datetime.now(UTC)
        self.providers: dict[str, Any] = {
            "test": TestProvider(db, "the webhook's secret"),
            "upi": UpiProvider(UpiConfig("shop@examplebank", "Jaipur Cottons")),
        }
        self.desk = PaymentDesk(db, self.providers, lambda: self.now, DeskTerms())

    def pass_(self, **by: float) -> None:
        self.now += timedelta(**by)

    def catch_up(self) -> None:
        """What the database dated by its own clock is not in the future."""
        self.now = max(self.now, datetime.now(UTC))

    async def work(self) -> None:
        """Everything that the desk has to do at this moment."""
        for _ in range(3):
            self.catch_up()
            while await self.desk.sweep():
                pass

    async def script(self, *steps: dict[str, Any]) -> str:
        """A telephone number for which the test provider plays these steps."""
        phone = f"+91{next(_phones)}"
        await self.sql.execute(
            "insert into private.test_payment_scripts (phone, steps) values ($1, $2)",
            phone,
            json.dumps(steps),
        )
        return phone

    async def buy(
        self,
        method: str = "test",
        *,
        phone: str | None = None,
        stock: int = 5,
        product: Product | None = None,
        live_session_id: UUID | None = None,
        user_id: UUID | None = None,
    ) -> Bought:
        """One piece for PRICE, ordered and not yet paid."""
        product = product or await self.product(stock=stock)
        user_id = user_id or await self.customer()
        phone = phone or f"+91{next(_phones)}"
        request = a_request(
            product,
            PRICE,
            address=dataclasses.replace(HOME, phone=phone),
            payment_method=method,
            live_session_id=live_session_id,
        )
        terms = ShopTerms()
        wish = prepared(user_id, request, terms)
        [answer] = await batch_writer(self.db, terms)([wish])
        order = placed(answer, wish).order
        payment_id = await self.sql.fetchval(
            "select id from private.payments where order_id = $1", order.id
        )
        return Bought(order.id, payment_id, user_id, product, phone)

    async def order(self, bought: Bought) -> dict[str, Any]:
        return await self.row("select * from orders where id = $1", bought.order_id)

    async def payment(self, payment_id: UUID) -> dict[str, Any]:
        return await self.row("select * from private.payments where id = $1", payment_id)

    async def refunds(self, bought: Bought) -> list[dict[str, Any]]:
        rows = await self.sql.fetch(
            "select * from refunds where order_id = $1 order by created_at", bought.order_id
        )
        return [dict(row) for row in rows]

    async def told(self, bought: Bought) -> int:
        """How often the customer's connections were told of the order."""
        return int(
            await self.sql.fetchval(
                "select count(*) from private.outbox where topic = 'order.updated'"
                " and payload ->> 'order_id' = $1",
                str(bought.order_id),
            )
        )

    async def inbox(self) -> dict[str, str]:
        """event_id -> state"""
        rows = await self.sql.fetch("select event_id, state from private.payment_events")
        return {row["event_id"]: row["state"] for row in rows}

    async def ledger_is_balanced(self) -> bool:
        return not await self.sql.fetchval(
            "select exists (select from private.ledger_entries group by event_id"
            " having sum(amount_minor) <> 0)"
        )


def new_id() -> UUID:
    return uuid.uuid4()
