"""What is true in the database and in the model, in the same words: two dictionaries."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

import asyncpg

from tests.shop.state_machine.books import Books
from tests.shop.state_machine.model import COUPONS, Model
from tests.shop.state_machine.orders import Order, Refund
from tests.shop.state_machine.place import People, Place


def facts_of(model: Model, books: Books) -> dict[str, Any]:
    return {
        "stock": model.stock,
        "holds": model.holds,
        "carts": model.carts,
        "coupons": {
            code: (len(uses), sorted(uses)) for code in COUPONS for uses in [model.redeemed(code)]
        },
        "orders": {order.id: _said(order) for order in model.orders},
        "payments": {
            one.id: (one.provider, one.status, one.amount_minor, one.is_excess, one.reversal)
            for order in model.orders
            for one in order.payments
        },
        "parcels": {one.id: one.status for order in model.orders for one in order.parcels},
        "returns": {one.id: one.status for order in model.orders for one in order.returns},
        "refunds": {
            order.id: [_refund(order, one) for one in order.refunds]
            for order in model.orders
            if order.refunds
        },
        "payouts": {
            id_: (one.account, one.amount_minor, one.status) for id_, one in books.payouts.items()
        },
        "balances": books.balances(model.orders),
    }


def _said(order: Order) -> tuple[Any, ...]:
    lines = [[one.cancelled, one.shipped, one.delivered, one.returned] for one in order.lines]
    return order.status, order.payment_status, order.allocation, order.total_minor, lines


def _refund(order: Order, refund: Refund) -> tuple[Any, ...]:
    parts = sorted(
        (one.kind, "" if one.line is None else str(order.lines[one.line].item_id),
         one.quantity, one.amount_minor)
        for one in refund.parts
    )  # fmt: skip
    return refund.amount_minor, refund.method, refund.status, parts


async def facts_in(place: Place) -> dict[str, Any]:
    sql, people = place.sql, place.people
    return {
        "stock": await _stock(sql, people),
        "holds": await _holds(sql, people),
        "carts": await _carts(sql, people),
        "coupons": await _coupons(sql, people),
        "orders": await _orders(sql),
        "payments": await _payments(sql),
        "parcels": await _states(sql, "private.shipments"),
        "returns": await _states(sql, "public.returns"),
        "refunds": await _refunds(sql),
        "payouts": await _payouts(sql, people),
        "balances": await _balances(sql, people),
    }


async def _stock(sql: asyncpg.Connection, people: People) -> list[int]:
    rows = await sql.fetch("select variant_id, on_hand from product_stock")
    on_hand = {row["variant_id"]: row["on_hand"] for row in rows}
    return [on_hand[id_] for id_ in people.variants]


async def _holds(sql: asyncpg.Connection, people: People) -> dict[tuple[int, int], int]:
    rows = await sql.fetch(
        "select customer_id, variant_id, quantity from private.stock_holds where expires_at > now()"
    )
    return {_owner(people, row): row["quantity"] for row in rows}


async def _carts(
    sql: asyncpg.Connection, people: People
) -> dict[tuple[int, int], tuple[int, int | None]]:
    rows = await sql.fetch("select customer_id, variant_id, quantity, live_session_id from cart")
    places = {None: None} | {id_: place for place, id_ in enumerate(people.sessions)}
    return {_owner(people, row): (row["quantity"], places[row["live_session_id"]]) for row in rows}


def _owner(people: People, row: asyncpg.Record) -> tuple[int, int]:
    return people.customer_ids.index(row["customer_id"]), people.variants.index(row["variant_id"])


async def _coupons(sql: asyncpg.Connection, people: People) -> dict[str, tuple[int, list[int]]]:
    rows = await sql.fetch(
        "select c.code, k.used, array(select r.customer_id from private.coupon_redemptions r"
        " where r.coupon_id = c.id and r.returned_at is null) as users"
        " from private.coupons c join private.coupon_counts k on k.coupon_id = c.id"
    )
    return {
        row["code"]: (row["used"], sorted(map(people.customer_ids.index, row["users"])))
        for row in rows
    }


async def _orders(sql: asyncpg.Connection) -> dict[UUID, tuple[Any, ...]]:
    rows = await sql.fetch(
        "select o.id, o.status, o.payment_status, o.allocation, o.total_minor,"
        " (select array_agg(array[i.quantity_cancelled, i.quantity_shipped, i.quantity_delivered,"
        " i.quantity_returned] order by i.position) from order_items i where i.order_id = o.id)"
        " from orders o"
    )
    return {row[0]: tuple(row)[1:] for row in rows}


async def _payments(sql: asyncpg.Connection) -> dict[UUID, tuple[Any, ...]]:
    rows = await sql.fetch(
        "select p.id, p.provider, p.status, p.amount_minor, p.is_excess, v.status"
        " from private.payments p left join private.payment_reversals v on v.payment_id = p.id"
    )
    return {row[0]: tuple(row)[1:] for row in rows}


async def _states(sql: asyncpg.Connection, table: str) -> dict[UUID, str]:
    return {row["id"]: row["status"] for row in await sql.fetch(f"select id, status from {table}")}


async def _refunds(sql: asyncpg.Connection) -> dict[UUID, list[tuple[Any, ...]]]:
    rows = await sql.fetch(
        "select r.order_id, r.amount_minor, r.method, r.status,"
        " array(select (l.part, coalesce(l.order_item_id::text, ''), l.quantity, l.amount_minor)"
        " from private.refund_lines l where l.refund_id = r.id) as parts"
        " from refunds r order by r.created_at"
    )
    found = defaultdict(list)
    for row in rows:
        parts = sorted(map(tuple, row["parts"]))
        found[row["order_id"]].append((row["amount_minor"], row["method"], row["status"], parts))
    return dict(found)


async def _payouts(sql: asyncpg.Connection, people: People) -> dict[UUID, tuple[str, int, str]]:
    rows = await sql.fetch(
        "select id, payee_kind, payee_id, amount_minor, status from private.payouts"
    )
    return {row["id"]: (_account(people, row), row["amount_minor"], row["status"]) for row in rows}


def _account(people: People, row: asyncpg.Record) -> str:
    kind = row["payee_kind"]
    return f"{kind}_available:{people.payee_ids[kind].index(row['payee_id'])}"


async def _balances(sql: asyncpg.Connection, people: People) -> dict[str, int]:
    rows = await sql.fetch(
        "select name, owner_id, provider, balance_minor from private.ledger_accounts"
        " where balance_minor <> 0"
    )
    found = {}
    for row in rows:
        of = row["provider"]
        if row["owner_id"] is not None:
            of = people.payee_ids[row["name"].split("_")[0]].index(row["owner_id"])
        found[f"{row['name']}:{of}" if of != "" else row["name"]] = row["balance_minor"]
    return found
