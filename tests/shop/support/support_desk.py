"""A shop whose customers ask and whose admins answer."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shop import support
from shop.refusal import ShopRefused
from shop.support import NewQuery, Status
from tests.shop.shop_under_test import ShopUnderTest

LONG_AGO = datetime(2024, 1, 31, 6, 30, tzinfo=UTC)


@dataclass
class Desk:
    """A customer with a query, and an admin who answers it."""

    shop: ShopUnderTest
    customer: UUID
    admin: UUID

    async def query(self, status: str = "open", created_at: datetime | None = None) -> UUID:
        """A query in this state, made as the database's owner."""
        query_id: UUID = await self.shop.sql.fetchval(
            "insert into queries (customer_id, subject, message, status, created_at)"
            " select id, 'Torn sleeve', 'It came torn.', $2, coalesce($3, now()) from customers"
            " where user_id = $1 returning id",
            self.customer,
            status,
            created_at,
        )
        return query_id

    async def row(self, query_id: UUID) -> asyncpg.Record:
        found = await self.shop.sql.fetchrow("select * from queries where id = $1", query_id)
        assert found is not None
        return found

    async def says(self, query_id: UUID, body: str = "Any news?") -> None:
        await support.reply(self.shop.db, self.customer, query_id, uuid.uuid4(), body)

    async def answers(self, query_id: UUID, body: str = "A new one is on its way.") -> None:
        await support.answer(self.shop.db, self.admin, query_id, uuid.uuid4(), body)

    async def moves(self, query_id: UUID, to: Status) -> None:
        await support.move(self.shop.db, self.admin, query_id, to)

    async def order(self, customer: UUID | None = None) -> UUID:
        order_id: UUID = await self.shop.sql.fetchval(
            "insert into orders (customer_id, subtotal, total_amount, shipping_address,"
            " billing_address) select id, 100, 100, '{}', '{}' from customers where user_id = $1"
            " returning id",
            customer or self.customer,
        )
        return order_id


def new(**changed: Any) -> NewQuery:
    values = {"category": "order", "subject": "Torn sleeve", "message": "It came torn."}
    return NewQuery(**{"id": uuid.uuid4(), **values, **changed})


async def refused(work: Any) -> str:
    with pytest.raises(ShopRefused) as refusal:
        await work
    return refusal.value.code


def now() -> datetime:
    return datetime.now(UTC)
