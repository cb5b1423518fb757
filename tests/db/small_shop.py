"""A shop as a test of the schema needs it: rows in plain SQL, and two connections that get in each
other's way."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

T = TypeVar("T")
_PATIENCE_S = 20


@dataclass(frozen=True)
class SmallShop:
    """sql: a connection of the owner, outside of any transaction."""

    sql: asyncpg.Connection

    async def account(self, role: str) -> UUID:
        """A new account; its profile is made by the database."""
        user_id = uuid.uuid4()
        await self.sql.execute(
            "insert into auth.users (id, email, raw_app_meta_data)"
            " values ($1, $2, jsonb_build_object('role', $3::text))",
            user_id,
            f"{user_id}@example.in",
            role,
        )
        return user_id

    async def profile(self, kind: str) -> UUID:
        """The id of a new customer, wholesaler or influencer."""
        user_id = await self.account(kind)
        return await self.id_of(f"select id from {kind}s where user_id = $1", user_id)

    async def id_of(self, query: str, *args: object) -> UUID:
        found = await self.sql.fetchval(query, *args)
        assert isinstance(found, UUID)
        return found

    async def product(self, wholesaler_id: UUID, stock: int = 10) -> UUID:
        return await self.id_of(
            "insert into products (wholesaler_id, name, wholesale_price, retail_price,"
            " stock_quantity) values ($1, 'Linen shirt', 60, 100, $2) returning id",
            wholesaler_id,
            stock,
        )

    async def variant_of(self, product_id: UUID) -> UUID:
        return await self.id_of("select id from product_variants where product_id = $1", product_id)

    async def order(
        self,
        customer_id: UUID,
        *products: UUID,
        status: str = "shipped",
        payment: str = "paid",
        influencer_id: UUID | None = None,
        quantity: int = 1,
    ) -> UUID:
        """Of one line for each product, at 100 rupees and a commission of 15 with an influencer."""
        amount = Decimal(100 * quantity * len(products))
        order_id = await self.id_of(
            "insert into orders (customer_id, subtotal, total_amount, status, payment_status,"
            " shipping_address) values ($1, $2, $2, $3, $4, '{}') returning id",
            customer_id,
            amount,
            status,
            payment,
        )
        await self.sql.execute(
            "insert into order_items (order_id, product_id, variant_id, wholesaler_id,"
            " influencer_id, product_name, quantity, unit_price, influencer_commission)"
            " select $1, p.id, v.id, p.wholesaler_id, $3, p.name, $4, 100,"
            " case when $3::uuid is null then 0 else 15 end"
            " from unnest($2::uuid[]) chosen (id) join products p on p.id = chosen.id"
            " join product_variants v on v.product_id = p.id",
            order_id,
            products,
            influencer_id,
            quantity,
        )
        return order_id

    async def value(self, query: str, *args: object) -> Any:
        return await self.sql.fetchval(query, *args)

    async def rows(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.sql.fetch(query, *args)]

    async def stock(self, product_id: UUID) -> int:
        return int(
            await self.sql.fetchval(
                "select sum(on_hand) from product_stock where product_id = $1", product_id
            )
        )


@dataclass(frozen=True)
class Contender:
    """A connection with a transaction that is open until it is told otherwise."""

    sql: asyncpg.Connection
    observer: asyncpg.Connection

    async def run(self, statement: str, *args: object) -> list[asyncpg.Record]:
        return list(await self.sql.fetch(statement, *args))

    def begin(self, statement: str, *args: object) -> asyncio.Task[list[asyncpg.Record]]:
        """Starts a statement that will have to wait."""
        return asyncio.create_task(self.run(statement, *args))

    async def waits(self) -> None:
        """Until another transaction is in its way."""
        async with asyncio.timeout(_PATIENCE_S):
            while not await self.observer.fetchval(
                "select cardinality(pg_blocking_pids($1)) > 0", self.sql.get_server_pid()
            ):
                pass

    async def commit(self) -> None:
        await self.sql.execute("commit")


async def soon(work: Awaitable[T]) -> T:
    """The outcome of what nothing is in the way of any more."""
    return await asyncio.wait_for(work, _PATIENCE_S)


@asynccontextmanager
async def contenders(url: str, count: int) -> AsyncIterator[Sequence[Contender]]:
    """As many transactions that are open at the same time, and are undone at the end."""
    connections = [await asyncpg.connect(url) for _ in range(count + 1)]
    observer, *others = connections
    try:
        for connection in others:
            await connection.execute("begin")
        yield [Contender(connection, observer) for connection in others]
    finally:
        for connection in connections:
            connection.terminate()
