"""Orders whose money is known to the paisa, made of rows, and what the ledger says of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg

from db import Database
from db.query import blocks
from shop.money import tax_in
from shop.splits import Rates, Share, split_of_line
from tests.shop.shop_under_test import Influencer, ShopUnderTest

EXAMPLE = Rates(
    tax_thousandths=18_000,
    fee_bp=1000,
    fee_gst_bp=1800,
    commission_bp=1500,
    cut_bp=1000,
    tcs_bp=50,
    tds_bp=10,
)
"""The rates of the worked example of marketplace money."""

MONEY = (
    "splits_are_of_their_items",
    "refunds_are_within_captures",
    "ledger_events_balance",
    "ledger_balances_are_the_sum_of_entries",
    "ledger_entries_follow_each_other",
    "ledger_pending_is_the_sum_of_lines",
    "ledger_has_every_payment",
    "ledger_has_every_refund",
    "delivered_lines_are_on_hold",
    "earnings_are_those_of_the_ledger",
    "payouts_are_the_sum_of_their_entries",
    "payouts_claim_each_entry_once",
    "payouts_on_their_way_are_cleared",
)
"""The invariants of the ledger and of what stands on it."""


@dataclass(frozen=True)
class Line:
    """price_minor: of one piece. wholesaler, influencer: which of those that are there."""

    price_minor: int = 118_000
    quantity: int = 1
    discount_minor: int = 0
    funded_by: str | None = None
    wholesaler: int = 0
    influencer: int | None = 0
    rates: Rates = EXAMPLE

    @property
    def paid_minor(self) -> int:
        return self.price_minor * self.quantity - self.discount_minor

    @property
    def earning_rates(self) -> Rates:
        if self.influencer is not None:
            return self.rates
        given = self.rates
        return Rates(
            given.tax_thousandths,
            given.fee_bp,
            given.fee_gst_bp,
            0,
            given.cut_bp,
            given.tcs_bp,
            given.tds_bp,
        )

    @property
    def share(self) -> Share:
        made_up = self.discount_minor if self.funded_by in ("platform", "influencer") else 0
        return split_of_line(self.paid_minor, self.earning_rates, made_up)


@dataclass
class Order:
    id: UUID
    payment_id: UUID
    provider: str
    lines: list[Line]
    item_ids: list[UUID] = field(default_factory=list)
    total_minor: int = 0


class Books:
    """wholesalers, influencers: their ids, made before the first order."""

    def __init__(self, sql: asyncpg.Connection, db: Database) -> None:
        self.sql = sql
        self.db = db
        self.shop = ShopUnderTest(db, sql)
        self.wholesalers: list[UUID] = []
        self.influencers: list[Influencer] = []
        self.customer_id = UUID(int=0)
        self.product_ids: list[UUID] = []

    async def open(self, wholesalers: int = 1, influencers: int = 1) -> None:
        for i in range(wholesalers):
            wholesaler_id = await self.shop.wholesaler()
            self.wholesalers.append(wholesaler_id)
            product = await self.shop.product(f"Shirt {i}", stock=0, wholesaler_id=wholesaler_id)
            self.product_ids.append(product.id)
        for _ in range(influencers):
            self.influencers.append(await self.shop.influencer())
        user_id = await self.shop.customer()
        self.customer_id = await self.sql.fetchval(
            "select id from customers where user_id = $1", user_id
        )

    async def order(
        self, *lines: Line, provider: str = "test", shipping_minor: int = 0, cod_fee_minor: int = 0
    ) -> Order:
        lines = lines or (Line(),)
        subtotal = sum(line.price_minor * line.quantity for line in lines)
        discount = sum(line.discount_minor for line in lines)
        total = subtotal + shipping_minor + cod_fee_minor - discount
        order = Order(uuid.uuid4(), uuid.uuid4(), provider, list(lines), total_minor=total)
        await self.sql.execute(
            "insert into orders (id, customer_id, order_number, subtotal, shipping_cost, cod_fee,"
            " discount_amount, total_amount, payment_method, shipping_address)"
            " values ($1, $2, '', $3, $4, $5, $6, $7, $8, '{}')",
            order.id,
            self.customer_id,
            *(
                rupees(minor)
                for minor in (subtotal, shipping_minor, cod_fee_minor, discount, total)
            ),
            provider,
        )
        for position, line in enumerate(lines):
            order.item_ids.append(await self._item(order.id, position, line))
        await self.pay(order, order.payment_id)
        return order

    async def pay(self, order: Order, payment_id: UUID) -> UUID:
        """One more payment of the order; its money is not here yet."""
        await self.sql.execute(
            "insert into private.payments (id, order_id, provider, amount_minor)"
            " values ($1, $2, $3, $4)",
            payment_id,
            order.id,
            order.provider,
            order.total_minor,
        )
        return payment_id

    async def _item(self, order_id: UUID, position: int, line: Line) -> UUID:
        item_id = uuid.uuid4()
        influencer_id = None if line.influencer is None else self.influencers[line.influencer].id
        share = line.share
        tax = tax_in(line.paid_minor, line.rates.tax_thousandths)
        rates = line.earning_rates
        await self.sql.execute(
            "insert into order_items (id, order_id, position, product_id, wholesaler_id,"
            " influencer_id, product_name, quantity, unit_price, discount)"
            " values ($1, $2, $3, $4, $5, $6, 'Linen shirt', $7, $8, $9)",
            item_id,
            order_id,
            position,
            self.product_ids[line.wholesaler],
            self.wholesalers[line.wholesaler],
            influencer_id,
            line.quantity,
            rupees(line.price_minor),
            rupees(line.discount_minor),
        )
        await self.sql.execute(
            "insert into private.order_item_splits (order_item_id, order_id, wholesaler_id,"
            " influencer_id, paid_minor, discount_minor, funded_by, base_minor, tax_minor, fee_bp,"
            " fee_minor, fee_gst_bp, fee_gst_minor, commission_bp, commission_minor, cut_bp,"
            " cut_minor, tcs_bp, tcs_minor, tds_bp, tds_minor, wholesaler_minor)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
            " $18, $19, $20, $21, $22)",
            item_id,
            order_id,
            self.wholesalers[line.wholesaler],
            influencer_id,
            line.paid_minor,
            line.discount_minor,
            line.funded_by,
            line.paid_minor - tax,
            tax,
            rates.fee_bp,
            share.fee_minor,
            rates.fee_gst_bp,
            share.fee_gst_minor,
            rates.commission_bp,
            share.influencer_minor + share.cut_minor,
            rates.cut_bp,
            share.cut_minor,
            rates.tcs_bp,
            share.tcs_minor,
            rates.tds_bp,
            share.tds_minor,
            share.wholesaler_minor,
        )
        return item_id

    # ---- events

    async def capture(self, order: Order, payment_id: UUID | None = None) -> None:
        payment_id = payment_id or order.payment_id
        await self.sql.execute(
            "update private.payments set status = 'captured' where id = $1", payment_id
        )
        await self.sql.execute(
            "update orders set payment_status = 'paid'"
            " where id = $1 and payment_status = 'pending'",
            order.id,
        )
        await self.sql.execute("select private.ledger_captured_v1($1)", payment_id)

    async def collect(self, order: Order, holder: UUID | None = None) -> None:
        await self.sql.execute(
            "update private.payments set status = 'collected' where id = $1", order.payment_id
        )
        await self.sql.execute(
            "update orders set payment_status = 'paid'"
            " where id = $1 and payment_status = 'pending'",
            order.id,
        )
        await self.sql.execute(
            "select private.ledger_cod_collected_v1($1, $2)", order.payment_id, holder
        )

    async def remit(self, order: Order, *, is_netted: bool = False) -> None:
        await self.sql.execute(
            "update private.payments set status = 'remitted' where id = $1", order.payment_id
        )
        await self.sql.execute(
            "select private.ledger_cod_remitted_v1($1, $2)", order.payment_id, is_netted
        )

    async def deliver(self, order: Order, *places: int) -> None:
        """All lines, or those at these places."""
        ids = [order.item_ids[place] for place in places or range(len(order.item_ids))]
        await self.sql.execute(
            "update order_items set quantity_shipped = quantity - quantity_cancelled,"
            " quantity_delivered = quantity - quantity_cancelled where id = any ($1)",
            ids,
        )
        await self.sql.execute("select private.ledger_delivered_v1($1)", ids)

    async def refund(
        self,
        order: Order,
        amount_minor: int,
        *pieces: tuple[int, int, int],
        method: str = "original",
        status: str = "succeeded",
    ) -> UUID:
        """pieces: (place of the line, quantity, amount)."""
        refund_id = uuid.uuid4()
        await self.sql.execute(
            "insert into refunds (id, order_id, amount, method) values ($1, $2, $3, $4)",
            refund_id,
            order.id,
            rupees(amount_minor),
            method,
        )
        for place, quantity, amount in pieces:
            await self.sql.execute(
                "insert into private.refund_lines"
                " (refund_id, part, order_item_id, quantity, amount_minor)"
                " values ($1, 'item', $2, $3, $4)",
                refund_id,
                order.item_ids[place],
                quantity,
                amount,
            )
        if status != "pending":
            await self.settle_refund(refund_id, status)
        return refund_id

    async def settle_refund(self, refund_id: UUID, status: str = "succeeded") -> None:
        await self.sql.execute("update refunds set status = $2 where id = $1", refund_id, status)

    async def release(self, after_days: int = 8, hold_days: int = 7) -> int:
        """Let the hold of what is due run out; of how many lines it did."""
        done: int = await self.sql.fetchval(
            "select done from private.release_matured_v1(now() + $1, null, 500, $2)",
            timedelta(days=after_days),
            hold_days,
        )
        return done

    # ---- what the books say

    async def balances(self) -> dict[str, int]:
        """Of each account that is not empty, by its name and the place of the payee or the
        provider."""
        rows = await self.sql.fetch(
            "select name, owner_id, provider, balance_minor from private.ledger_accounts"
            " where balance_minor <> 0"
        )
        return {self._called(row): row["balance_minor"] for row in rows}

    def _called(self, row: asyncpg.Record) -> str:
        name: str = row["name"]
        if row["provider"]:
            return f"{name}:{row['provider']}"
        if row["owner_id"] in self.wholesalers:
            return f"{name}:{self.wholesalers.index(row['owner_id'])}"
        ids = [influencer.id for influencer in self.influencers]
        if row["owner_id"] in ids:
            return f"{name}:{ids.index(row['owner_id'])}"
        return name

    async def earnings(self) -> list[tuple[str, int, str]]:
        rows = await self.sql.fetch(
            "select earning_type, amount_minor, status from influencer_earnings"
            " order by earned_at, created_at, amount_minor desc"
        )
        return [tuple(row) for row in rows]

    async def offences(self) -> list[str]:
        """What the invariants of marketplace money find broken, as this connection sees it."""
        found = []
        for name in MONEY:
            rows = await self.sql.fetch(blocks("checks")[name])
            found += [f"{name}: {row['id']} {row['detail']}" for row in rows]
        return found

    async def row(self, statement: str, *args: object) -> asyncpg.Record:
        row = await self.sql.fetchrow(statement, *args)
        assert row is not None
        return row

    async def now(self) -> datetime:
        now: datetime = await self.sql.fetchval("select now()")
        return now


def rupees(minor: int) -> Decimal:
    return Decimal(minor) / 100
