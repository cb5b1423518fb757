"""A shop with only what a test mentions: people, products, live sessions, in plain SQL."""

import asyncio
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from db import Database
from shop.address import Address
from shop.checkout import DEFAULT_TERMS, Checkout, OrderRequest, ShopTerms
from shop.orders import Order
from shop.pricing import OrderLine

HOME = Address(
    name="Asha Rao",
    phone="98765 43210",
    line1="12, MG Road",
    line2=None,
    landmark="Opposite the park",
    city="Bengaluru",
    state="Karnataka",
    postal_code="560001",
)


async def connection_to(url: str) -> asyncpg.Connection:
    sql = await asyncpg.connect(url)
    # As the program's own connections do: the driver's UUID is a subclass that JSON does not take.
    await sql.set_type_codec(
        "uuid",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: value.bytes,
        decoder=lambda data: UUID(bytes=bytes(data)),
    )
    return sql


@dataclass
class Influencer:
    id: UUID
    user_id: UUID


@dataclass
class Product:
    id: UUID
    variant_ids: list[UUID]

    @property
    def variant_id(self) -> UUID:
        return self.variant_ids[0]


class ShopUnderTest:
    def __init__(self, db: Database, sql: asyncpg.Connection) -> None:
        self.db = db
        self.sql = sql
        self._wholesaler_id: UUID | None = None

    async def user(self, role: str = "admin") -> UUID:
        """A new account, with the profile that the database makes for its role."""
        user_id = uuid.uuid4()
        await self.sql.execute(
            "insert into auth.users (id, email, raw_app_meta_data)"
            " values ($1, $2, jsonb_build_object('role', $3::text))",
            user_id,
            f"{user_id}@example.in",
            role,
        )
        return user_id

    async def customer(self) -> UUID:
        """The user id of a new customer."""
        return await self.user("customer")

    async def influencer(self, rate: str = "15") -> Influencer:
        user_id = await self.user("influencer")
        id_: UUID = await self.sql.fetchval(
            "update influencers set display_name = 'Meera', commission_rate = $2"
            " where user_id = $1 returning id",
            user_id,
            Decimal(rate),
        )
        return Influencer(id_, user_id)

    async def wholesaler(self, rate: str = "10") -> UUID:
        id_: UUID = await self.sql.fetchval(
            "update wholesalers set business_name = 'Jaipur Cottons', commission_rate = $2"
            " where user_id = $1 returning id",
            await self.user("wholesaler"),
            Decimal(rate),
        )
        return id_

    async def product(
        self,
        name: str = "Linen shirt",
        price: str = "1299",
        mrp: str = "1999",
        stock: int | list[int] = 5,
        variant_prices: list[str | None] | None = None,
        wholesaler_id: UUID | None = None,
    ) -> Product:
        if wholesaler_id is None:
            if self._wholesaler_id is None:
                self._wholesaler_id = await self.wholesaler()
            wholesaler_id = self._wholesaler_id
        stocks = [stock] if isinstance(stock, int) else stock
        prices = variant_prices or [None] * len(stocks)
        async with self.sql.transaction():
            product_id = await self.sql.fetchval(
                "insert into products (wholesaler_id, name, wholesale_price, retail_price,"
                " sale_price, images) values ($1, $2, 1, $3, $4, '[\"/images/products/x.webp\"]')"
                " returning id",
                wholesaler_id,
                name,
                Decimal(mrp),
                Decimal(price),
            )
            variant_ids = [
                await self.sql.fetchval(
                    "insert into product_variants (product_id, label, position, price)"
                    " values ($1, $2, $3, $4) returning id",
                    product_id,
                    "Standard" if len(stocks) == 1 else f"Size {i}",
                    i,
                    price_of_one and Decimal(price_of_one),
                )
                for i, price_of_one in enumerate(prices)
            ]
            await self.sql.executemany(
                "insert into product_stock (variant_id, product_id, on_hand) values ($1, $2, $3)",
                [
                    (id_, product_id, on_hand)
                    for id_, on_hand in zip(variant_ids, stocks, strict=True)
                ],
            )
        return Product(product_id, variant_ids)

    async def live_session(
        self,
        influencer: Influencer,
        *products: Product,
        status: str = "live",
        special_price: str | None = None,
    ) -> UUID:
        """special_price: of the first product."""
        live_session_id: UUID = await self.sql.fetchval(
            "insert into live_sessions (influencer_id, title, status) values ($1, 'Sale', $2)"
            " returning id",
            influencer.id,
            status,
        )
        for i, product in enumerate(products):
            await self.sql.execute(
                "insert into live_session_products (live_session_id, product_id, display_order,"
                " special_price) values ($1, $2, $3, $4)",
                live_session_id,
                product.id,
                i,
                Decimal(special_price) if special_price and i == 0 else None,
            )
        return live_session_id

    async def stock(self, variant_id: UUID) -> int:
        row = await self.row(
            "select on_hand as n from product_stock where variant_id = $1", variant_id
        )
        return int(row["n"])

    async def product_stocks(self) -> dict[UUID, int]:
        """What the products say after the worker has carried it over."""
        await self.sql.execute("select private.carry_product_facts_v1(1000)")
        rows = await self.sql.fetch("select id, stock_quantity from products")
        return {row["id"]: row["stock_quantity"] for row in rows}

    async def count(self, table: str) -> int:
        return int(await self.sql.fetchval(f"select count(*) from {table}"))

    async def until_waiting(self, count: int) -> None:
        """Until so many connections wait for a lock."""
        statement = "select count(distinct pid) from pg_locks where not granted"
        while await self.sql.fetchval(statement) < count:
            await asyncio.sleep(0)

    async def row(self, statement: str, *args: object) -> dict[str, Any]:
        record = await self.sql.fetchrow(statement, *args)
        assert record is not None
        return dict(record)


def a_request(
    product: Product | None = None,
    shown: int = 129900,
    *,
    lines: list[tuple[UUID, int]] | None = None,
    quantity: int = 1,
    live_session_id: UUID | None = None,
    key: UUID | None = None,
    address: Address = HOME,
    payment_method: Any = "cod",
) -> OrderRequest:
    if lines is None:
        assert product is not None
        lines = [(product.variant_id, quantity)]
    return OrderRequest(
        key=key or uuid.uuid4(),
        live_session_id=live_session_id,
        items=tuple(OrderLine(variant_id, quantity) for variant_id, quantity in lines),
        address=address,
        payment_method=payment_method,
        shown_total_minor=shown,
    )


async def place_order(
    db: Database, customer: UUID, request: OrderRequest, terms: ShopTerms = DEFAULT_TERMS
) -> Order:
    """As a hub on which nobody else buys places it."""
    return (await Checkout(db, terms).place(customer, request)).order
