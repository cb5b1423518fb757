"""A shop in which a checkout meets a rival, and what is seen of both."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from db import Database
from shop.checkout import Checkout, OrderRequest
from shop.orders import Order
from shop.pricing import OrderLine
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import Product, ShopUnderTest, a_request

PLAIN, DEAL, SPECIAL, OFF = 129900, 99900, 109900, 5000

Outcome: TypeAlias = Order | str
"""An order, or the code of a refusal."""


@dataclass
class Meeting:
    """request: what the first sends. rival: what happens meanwhile. verdict: raises when what both
    got cannot be; else it says in a word how it went. variant_id: of the last pieces."""

    customer: UUID
    request: OrderRequest
    rival: Callable[[], Awaitable[Any]]
    verdict: Callable[[Outcome, Any], Awaitable[str]]
    variant_id: UUID


class Rivals:
    """sql: where facts are set and looked at. edits: the connection on which a rival edits.
    rival: the checkout of another hub."""

    def __init__(self, shop: ShopUnderTest, edits: asyncpg.Connection, rival: Database) -> None:
        self.shop = shop
        self.sql = shop.sql
        self.edits = edits
        self.rival = Checkout(rival)

    # ---- goods

    async def bag(
        self,
        *,
        stock: int,
        shown: int = PLAIN,
        special_price: str | None = None,
        deal: dict[str, str] | None = None,
        is_held: bool = False,
    ) -> tuple[UUID, OrderRequest, Product, UUID]:
        """A customer with a piece in the cart that was seen in a live session, and the request."""
        product = await self.shop.product(stock=stock)
        live = await self.shop.live_session(
            await self.shop.influencer(), product, special_price=special_price
        )
        deal_id = None
        if deal is not None:
            deal_id = await self.sql.fetchval(
                "insert into private.deals (live_session_id, product_id, variant_id, price,"
                f" starts_at, ends_at{''.join(f', {name}' for name in deal)})"
                " values ($1, $2, $3, 999, now() - interval '1 minute', now() + interval '1 hour'"
                f"{''.join(f', {value}' for value in deal.values())}) returning id",
                live,
                product.id,
                product.variant_id,
            )
        customer = await self.shop.customer()
        await self.sql.execute(
            "insert into cart (customer_id, product_id, variant_id, quantity, live_session_id,"
            " touched_at) select id, $1, $2, 1, $3, now() from customers where user_id = $4",
            product.id,
            product.variant_id,
            live,
            customer,
        )
        if is_held:
            await self.sql.fetchval(
                "select private.hold_v1(id, $1, 1, $2, 'cart') from customers where user_id = $3",
                product.variant_id,
                live,
                customer,
            )
        request = replace(
            a_request(product, shown, live_session_id=live),
            items=(OrderLine(product.variant_id, 1, deal_id=deal_id),),
            from_cart=True,
        )
        return customer, request, product, live

    async def coupon(self, **columns: str) -> str:
        """The code of a coupon of OFF."""
        code = f"C{uuid.uuid4().hex[:9].upper()}"
        names = "".join(f", {name}" for name in columns)
        await self.sql.execute(
            f"insert into private.coupons (code, title, kind, amount_minor, funded_by{names})"
            f" values ($1, 'A coupon', 'fixed', {OFF}, 'platform'"
            f"{''.join(f', {value}' for value in columns.values())})",
            code,
        )
        return code

    # ---- what is done and seen

    async def buy(self, customer: UUID, request: OrderRequest) -> Outcome:
        """By the other hub."""
        return await outcome_of(self.rival, customer, request)

    async def end(self, live: UUID) -> None:
        await self.edits.execute(
            "update live_sessions set status = 'ended', end_time = clock_timestamp() where id = $1",
            live,
        )

    async def deal_of(self, live: UUID) -> dict[str, Any]:
        return await self.shop.row(
            "select d.ended_reason, c.sold from private.deals d"
            " join private.deal_counts c on c.deal_id = d.id where d.live_session_id = $1",
            live,
        )

    async def orders_of(self, *customers: UUID) -> int:
        return int(
            await self.sql.fetchval(
                "select count(*) from orders o join customers c on c.id = o.customer_id"
                " where c.user_id = any ($1)",
                list(customers),
            )
        )

    async def left(self, product: Product) -> int:
        return await self.shop.stock(product.variant_id)

    async def one_of_two(
        self, first: Outcome, rival: Outcome, refused: str, *customers: UUID
    ) -> str:
        """Exactly one was placed, the other refused by this code."""
        codes = [outcome for outcome in (first, rival) if isinstance(outcome, str)]
        assert codes == [refused]
        assert await self.orders_of(*customers) == 1
        return "refused" if isinstance(first, str) else "placed"


async def outcome_of(checkout: Checkout, customer: UUID, request: OrderRequest) -> Outcome:
    try:
        return (await checkout.place(customer, request)).order
    except ShopRefused as refusal:
        return refusal.code
