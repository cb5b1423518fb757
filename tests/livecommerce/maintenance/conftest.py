"""A shop after its first evening: enough of everything that maintenance finds something to do."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from db import Database, logins_of
from livecommerce.app.parts import limits
from livecommerce.maintenance.job import Limits
from livecommerce.settings import Settings
from tests.shop.shop_under_test import (
    Influencer,
    Product,
    ShopUnderTest,
    a_request,
    connection_to,
    place_order,
)

LIMITS: Limits = limits(Settings())


@dataclass
class Evening:
    """A live session with two orders, one of them delivered and paid, and a delivered order
    without one. All are paid in cash."""

    shop: ShopUnderTest
    sql: asyncpg.Connection
    db: Database
    now: datetime
    customers: list[UUID]
    influencer: Influencer
    product: Product
    other: Product
    live_session_id: UUID
    delivered: UUID
    pending: UUID
    unattributed: UUID

    async def place(
        self, customer: UUID, product: Product, quantity: int, live_session_id: UUID | None = None
    ) -> UUID:
        """An order of a customer (by user id) at the usual price, paid in cash; its id."""
        request = a_request(
            product, 129_900 * quantity, quantity=quantity, live_session_id=live_session_id
        )
        return (await place_order(self.db, customer, request)).id

    async def move(self, order_id: UUID, *states: str) -> None:
        for state in states:
            await self.sql.execute("update orders set status = $2 where id = $1", order_id, state)

    async def remit(self, order_id: UUID) -> None:
        """The cash that its customer paid at the door is here."""
        payment_id = await self.sql.fetchval(
            "update private.payments set status = 'remitted' where order_id = $1 returning id",
            order_id,
        )
        await self.sql.execute("select private.ledger_cod_collected_v1($1, null)", payment_id)
        await self.sql.execute("select private.ledger_cod_remitted_v1($1, false)", payment_id)

    async def carry(self) -> None:
        await self.sql.execute("select private.carry_product_facts_v1(1000)")

    async def contents(self) -> dict[str, str]:
        """What is in every table, to see that nothing has changed."""
        tables = await self.sql.fetch(
            "select n.nspname || '.' || c.relname as name from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname in ('public', 'private') and c.relkind = 'r'"
        )
        found = {}
        for (table,) in tables:
            rows = await self.sql.fetch(f"select t::text from {table} t")
            text = "\n".join(sorted(row[0] for row in rows))
            found[table] = hashlib.sha256(text.encode()).hexdigest()
        return found

    @asynccontextmanager
    async def behind_its_back(self) -> AsyncIterator[asyncpg.Connection]:
        """Changes that no trigger and no constraint trigger hears of."""
        async with self.sql.transaction():
            await self.sql.execute("set local session_replication_role = replica")
            yield self.sql


@pytest.fixture
async def evening(database_url: str) -> AsyncIterator[Evening]:
    logins = logins_of(database_url)
    db = await Database.connect(service=logins.service, pool_size=3)
    sql = await connection_to(database_url)
    shop = ShopUnderTest(db, sql)
    customers = [await shop.customer(), await shop.customer()]
    influencer = await shop.influencer()
    product, other = await shop.product(stock=50), await shop.product("Silk saree", stock=20)
    live_session_id = await shop.live_session(influencer, product)
    there = Evening(
        shop,
        sql,
        db,
        datetime.now(UTC),
        customers,
        influencer,
        product,
        other,
        live_session_id,
        *(UUID(int=0),) * 3,
    )
    there.delivered = await there.place(customers[0], product, 2, live_session_id)
    there.pending = await there.place(customers[1], product, 1, live_session_id)
    there.unattributed = await there.place(customers[1], other, 1)
    await there.move(there.delivered, "processing", "shipped", "delivered")
    await there.move(there.unattributed, "processing", "shipped", "delivered")
    await there.remit(there.delivered)
    await sql.execute(
        "insert into follows (user_id, influencer_id) values ($1, $2)", customers[0], influencer.id
    )
    await sql.execute(
        "update live_sessions set actual_start_time = now() where id = $1", live_session_id
    )
    await sql.execute(
        "update live_sessions set status = 'ended', end_time = now(), duration_minutes = 42,"
        " total_joins = 7 where id = $1",
        live_session_id,
    )
    await there.carry()
    yield there
    await sql.close()
    await db.close()


DAY = timedelta(days=1)
PRICE = Decimal("1299.00")
EARNED = Decimal("350.73")
"""By the influencer, of the two pieces: 15 % less the tenth of it that the platform keeps."""
