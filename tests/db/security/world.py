"""A small world with two of everybody and rows in every table, each row known by whom it is for.

Everything is deterministic: ids are made of names. Where the schema makes rows by itself (profiles,
the desk of an influencer), they are replaced by known ones.

`row` is in the world; `candidate` is a row that could be written to it, for trying inserts.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

Json = dict[str, Any]

PEOPLE = (
    "customer_a",
    "customer_b",
    "wholesaler_a",
    "wholesaler_b",
    "influencer_a",
    "influencer_b",
    "admin",
)
NOW = datetime.now(UTC)
_NAMES = uuid.UUID("6f1c1e0a-7f3b-4c52-9d53-0d6a8f2f6b11")


def named(name: str) -> str:
    """The id of what has this name."""
    return str(uuid.uuid5(_NAMES, name))


def account(person: str) -> str:
    """The id of a person's account in auth.users."""
    return named(f"account {person}")


@dataclass(frozen=True)
class Row:
    """A row and whom it is for: the words of the truth table, each with its identities."""

    table: str
    values: Json
    words: dict[str, frozenset[str]]
    is_public: bool = False

    def is_reached(self, identity: str, cell: str) -> bool:
        """Whether a cell of the truth table lets this identity reach the row."""
        for word in cell.split():
            if word == "all" or (word == "public" and self.is_public):
                return True
            if identity in self.words.get(word, ()):
                return True
        return False


@dataclass
class World:
    rows: list[Row] = field(default_factory=list)
    candidates: list[Row] = field(default_factory=list)

    def row(self, table: str, *, public: bool = False, values: Json, **words: str) -> None:
        """Add a row. words: the identities of each word, separated by spaces."""
        self.rows.append(Row(table, values, _identities(words), public))

    def candidate(self, table: str, own: str = "", **values: Any) -> None:
        """Add a row that may be inserted. own: the identities who may."""
        self.candidates.append(Row(table, values, _identities({"own": own})))


def _identities(words: dict[str, str]) -> dict[str, frozenset[str]]:
    return {word: frozenset(names.split()) for word, names in words.items()}


async def populate(sql: asyncpg.Connection, rows: Iterable[Row]) -> None:
    """Write the accounts and then the rows, as the owner."""
    await sql.executemany(
        "insert into auth.users (id, email, raw_app_meta_data) values ($1, $2, $3)",
        [
            (
                uuid.UUID(account(person)),
                f"{person}@example.in",
                json.dumps({"role": person.removesuffix("_a").removesuffix("_b")}),
            )
            for person in PEOPLE
        ],
    )
    for row in rows:
        if row.table in ("influencers", "wholesalers", "customers"):
            await insert(sql, row)
    # The desk that every new influencer gets gives way to known rows.
    for table in ("influencer_settings", "influencer_goals", "influencer_achievements"):
        await sql.execute(f"delete from public.{table}")
    for row in rows:
        if row.table not in ("influencers", "wholesalers", "customers", "public_profiles"):
            await insert(sql, row)
    await sql.execute("set constraints all immediate")
    await sql.execute("delete from private.product_changes")


async def insert(
    sql: asyncpg.Connection, row: Row, returning: str | None = None
) -> list[asyncpg.Record]:
    """Insert a row as an API does: from one JSON document, naming its columns."""
    columns = ", ".join(f'"{name}"' for name in row.values)
    overriding = " overriding system value" if row.table == "audit_log" else ""
    return await sql.fetch(
        f'insert into public."{row.table}" ({columns}){overriding} select {columns}'
        f' from json_populate_record(null::public."{row.table}", $1::json)'
        + (f" returning {returning}" if returning else ""),
        json.dumps(row.values, default=str),
    )


def make_world() -> World:
    world = World()
    _people(world)
    _catalogue(world)
    _live(world)
    _desks(world)
    _shopping(world)
    _orders(world)
    _after_sales(world)
    _support(world)
    _reports(world)
    return world


def _people(world: World) -> None:
    for name in ("customer_a", "customer_b"):
        world.row(
            "customers",
            own=name,
            values={
                "id": named(name),
                "user_id": account(name),
                "email": f"{name}@example.in",
                "first_name": name,
            },
        )
    for name in ("wholesaler_a", "wholesaler_b"):
        world.row(
            "wholesalers",
            own=name,
            values={
                "id": named(name),
                "user_id": account(name),
                "email": f"{name}@example.in",
                "business_name": name,
            },
        )
    for name in ("influencer_a", "influencer_b"):
        world.row(
            "influencers",
            own=name,
            values={
                "id": named(name),
                "user_id": account(name),
                "email": f"{name}@example.in",
                "display_name": name,
            },
        )
    for name in ("wholesaler_a", "wholesaler_b", "influencer_a", "influencer_b"):
        world.row("public_profiles", public=True, values={"id": named(name)})
    for name in ("wholesaler_a", "influencer_b", "admin"):
        world.candidate("customers", own=name, user_id=account(name), email="x@example.in")
    for name in ("customer_a", "influencer_a", "admin"):
        world.candidate(
            "wholesalers", own=name, user_id=account(name), email="x@example.in", business_name="X"
        )
    for name in ("customer_b", "wholesaler_b", "admin"):
        world.candidate("influencers", own=name, user_id=account(name), email="x@example.in")
    world.candidate(
        "public_profiles", id=named("new"), kind="influencer", name="X", is_verified=False
    )
    for name in ("customer_a", "wholesaler_a", "influencer_a", "admin"):
        world.row(
            "notifications",
            own=name,
            values={
                "id": named(f"notification {name}"),
                "user_id": account(name),
                "type": "system",
                "title": "Hello",
                "message": "Welcome",
            },
        )
    world.candidate(
        "notifications", user_id=account("customer_b"), type="system", title="X", message="X"
    )
    for person, influencer in (
        ("customer_a", "influencer_a"),
        ("customer_b", "influencer_b"),
        ("wholesaler_a", "influencer_a"),
        ("influencer_b", "influencer_a"),
        ("admin", "influencer_b"),
    ):
        world.row(
            "follows",
            own=person,
            values={"user_id": account(person), "influencer_id": named(influencer)},
        )
    for person, influencer in (
        ("customer_a", "influencer_b"),
        ("wholesaler_b", "influencer_a"),
        ("influencer_a", "influencer_b"),
        ("admin", "influencer_a"),
    ):
        world.candidate(
            "follows", own=person, user_id=account(person), influencer_id=named(influencer)
        )


PRODUCTS = {
    # name: (wholesaler, is active, influencers in whose live sessions it is shown)
    "shirt": ("wholesaler_a", True, "influencer_a"),
    "scarf": ("wholesaler_a", False, ""),
    "lamp": ("wholesaler_b", True, "influencer_b"),
    "vase": ("wholesaler_b", False, "influencer_a"),
}


def _catalogue(world: World) -> None:
    for name, is_active in (("clothes", True), ("old", False)):
        world.row(
            "categories",
            public=is_active,
            values={"id": named(name), "slug": name, "name": name, "is_active": is_active},
        )
    world.candidate("categories", slug="new", name="New")
    for name, (wholesaler, is_active, shown) in PRODUCTS.items():
        words = {"own": wholesaler, "shown": shown}
        product = {"product_id": named(name)}
        world.row(
            "products",
            public=is_active,
            **words,
            values={
                "id": named(name),
                "wholesaler_id": named(wholesaler),
                "name": name,
                "wholesale_price": "50",
                "retail_price": "100",
                "is_active": is_active,
            },
        )
        world.row(
            "product_variants",
            public=is_active,
            **words,
            values={**product, "id": named(f"variant {name}"), "label": "Standard"},
        )
        world.row(
            "product_stock",
            public=is_active,
            **words,
            values={**product, "variant_id": named(f"variant {name}"), "on_hand": 10},
        )
        world.row(
            "product_translations",
            public=is_active,
            **words,
            values={**product, "locale": "hi", "name": name},
        )
    for name in ("shirt", "lamp"):
        wholesaler, *_ = PRODUCTS[name]
        product = {"product_id": named(name)}
        world.row(
            "product_variants",
            public=True,
            own=wholesaler,
            values={**product, "id": named(f"large {name}"), "label": "Large"},
        )
        world.candidate(
            "products",
            own=wholesaler,
            wholesaler_id=named(wholesaler),
            name="new",
            wholesale_price="1",
            retail_price="2",
            stock_quantity=3,
        )
        world.candidate("product_variants", own=wholesaler, **product, label="New")
        world.candidate(
            "product_stock",
            own=wholesaler,
            **product,
            variant_id=named(f"large {name}"),
            on_hand=5,
        )
        world.candidate("product_translations", own=wholesaler, **product, locale="ta", name="X")


LIVE_SESSIONS = {
    # name: (influencer, visibility, status)
    "evening": ("influencer_a", "public", "scheduled"),
    "friends": ("influencer_a", "unlisted", "ended"),
    "rehearsal": ("influencer_a", "private", "scheduled"),
    "morning": ("influencer_b", "public", "live"),
    "try-out": ("influencer_b", "private", "ended"),
}


def _live(world: World) -> None:
    for name, (influencer, visibility, status) in LIVE_SESSIONS.items():
        is_public = visibility == "public"
        world.row(
            "live_sessions",
            public=is_public,
            own=influencer,
            unaired=influencer if status == "scheduled" else "",
            values={
                "id": named(name),
                "influencer_id": named(influencer),
                "title": name,
                "visibility": visibility,
                "status": status,
                "scheduled_start_time": NOW + timedelta(days=1),
            },
        )
        world.row(
            "live_session_chat",
            public=is_public,
            own=influencer,
            values={
                "id": named(f"chat {name}"),
                "live_session_id": named(name),
                "user_id": account("customer_b"),
                "username": "B",
                "message": "hello",
            },
        )
        world.row(
            "live_session_analytics",
            own=influencer,
            values={
                "live_session_id": named(name),
                "period_type": "hour",
                "period_start": NOW,
                "period_end": NOW + timedelta(hours=1),
            },
        )
    world.row(
        "live_session_chat",
        values={
            "id": named("chat deleted"),
            "live_session_id": named("evening"),
            "user_id": account("customer_b"),
            "message": "rude",
            "is_deleted": True,
        },
    )
    for name, visitor, influencer in (
        ("rehearsal", "customer_b", "influencer_a"),
        ("morning", "customer_a", "influencer_b"),
        ("evening", "wholesaler_a", "influencer_a"),
        ("morning", "influencer_a", "influencer_b"),
    ):
        world.row(
            "live_session_viewers",
            own=visitor,
            concerned=influencer,
            values={
                "id": named(f"visit {name} {visitor}"),
                "live_session_id": named(name),
                "user_id": account(visitor),
            },
        )
    for name, product in (
        ("evening", "shirt"),
        ("rehearsal", "vase"),
        ("friends", "lamp"),
        ("morning", "lamp"),
    ):
        influencer, visibility, _ = LIVE_SESSIONS[name]
        world.row(
            "live_session_products",
            public=visibility == "public",
            own=influencer,
            values={
                "id": named(f"{product} in {name}"),
                "live_session_id": named(name),
                "product_id": named(product),
            },
        )
    for name, product in (("evening", "lamp"), ("morning", "shirt")):
        world.candidate(
            "live_session_products",
            own=LIVE_SESSIONS[name][0],
            live_session_id=named(name),
            product_id=named(product),
        )
    evening = {"live_session_id": named("evening")}
    world.candidate("live_session_chat", **evening, message="X")
    world.candidate("live_session_viewers", **evening)
    world.candidate(
        "live_session_analytics",
        **evening,
        period_type="day",
        period_start=NOW,
        period_end=NOW + timedelta(days=1),
    )


def _desks(world: World) -> None:
    for name in ("influencer_a", "influencer_b"):
        mine = {"influencer_id": named(name)}
        goal = {
            **mine,
            "goal_type": "sales",
            "title": "Sell",
            "start_date": "2026-11-01",
            "end_date": "2026-11-30",
            "target_value": 10,
        }
        plan = {
            **mine,
            "title": "Weekly",
            "first_date": "2026-12-01",
            "start_time": "10:00",
            "end_time": "11:00",
        }
        badge = {**mine, "achievement_type": "first", "title": "First", "target_value": 1}
        period = {**mine, "period_type": "daily", "period_start": "2026-11-01"}
        earning = {**mine, "earning_type": "bonus", "amount": "5"}
        world.row("influencer_settings", own=name, values=mine)
        world.row("influencer_goals", own=name, values={**goal, "id": named(f"goal {name}")})
        world.row("live_session_schedules", own=name, values={**plan, "id": named(f"plan {name}")})
        world.row(
            "influencer_achievements", own=name, values={**badge, "id": named(f"badge {name}")}
        )
        world.row("influencer_analytics", own=name, values={**period, "period_end": "2026-11-01"})
        world.row("influencer_earnings", own=name, values={**earning, "id": named(f"bonus {name}")})
        world.candidate("influencer_settings", own=name, **mine)
        world.candidate("influencer_goals", own=name, **goal)
        world.candidate("live_session_schedules", own=name, **plan)
        world.candidate("live_sessions", own=name, **mine, title="New", visibility="private")
    mine = {"influencer_id": named("influencer_a")}
    world.candidate(
        "influencer_achievements", **mine, achievement_type="x", title="X", target_value=1
    )
    world.candidate(
        "influencer_analytics",
        **mine,
        period_type="weekly",
        period_start="2026-11-02",
        period_end="2026-11-08",
    )
    world.candidate("influencer_earnings", **mine, earning_type="bonus", amount="1")


def _shopping(world: World) -> None:
    for name, inside, wanted in (
        ("customer_a", "shirt", "lamp"),
        ("customer_b", "lamp", "shirt"),
    ):
        mine = {"customer_id": named(name)}
        world.row(
            "cart",
            own=name,
            values={
                **mine,
                "id": named(f"cart {name}"),
                "product_id": named(inside),
                "variant_id": named(f"variant {inside}"),
            },
        )
        world.row(
            "wishlist",
            own=name,
            values={**mine, "id": named(f"wish {name}"), "product_id": named(inside)},
        )
        world.candidate(
            "cart",
            own=name,
            **mine,
            product_id=named(wanted),
            variant_id=named(f"large {wanted}"),
            quantity=2,
        )
        world.candidate("wishlist", own=name, **mine, product_id=named(wanted))


ORDERS = {
    # name: (customer, influencer of the order, lines)
    # line: (product, influencer who earned on it)
    "mixed": ("customer_a", "influencer_a", {"m1": ("shirt", "influencer_a"), "m2": ("lamp", "")}),
    "lamps": ("customer_b", "", {"l1": ("lamp", "influencer_b"), "l2": ("lamp", "")}),
    "plain": ("customer_b", "", {"p1": ("shirt", "")}),
}


def _orders(world: World) -> None:
    for name, (customer, influencer, lines) in ORDERS.items():
        sellers = {PRODUCTS[product][0] for product, _ in lines.values()}
        earners = {earner for _, earner in lines.values()} | {influencer}
        world.row(
            "orders",
            own=customer,
            concerned=" ".join(sellers | earners),
            values={
                "id": named(name),
                "customer_id": named(customer),
                "influencer_id": named(influencer) if influencer else None,
                "subtotal": 100 * len(lines),
                "total_amount": 100 * len(lines),
                "status": "delivered",
                "payment_status": "paid",
                "shipping_address": {"city": "Pune"},
            },
        )
        for line, (product, earner) in lines.items():
            world.row(
                "order_items",
                own=customer,
                concerned=f"{PRODUCTS[product][0]} {earner}",
                values={
                    "id": named(line),
                    "order_id": named(name),
                    "product_id": named(product),
                    "variant_id": named(f"variant {product}"),
                    "wholesaler_id": named(PRODUCTS[product][0]),
                    "influencer_id": named(earner) if earner else None,
                    "product_name": product,
                    "quantity": 1,
                    "unit_price": 100,
                },
            )
    world.candidate(
        "orders",
        customer_id=named("customer_a"),
        subtotal=1,
        total_amount=1,
        shipping_address={"city": "Pune"},
    )
    world.candidate(
        "order_items",
        order_id=named("mixed"),
        product_id=named("shirt"),
        product_name="shirt",
        quantity=1,
        unit_price=1,
    )


def _after_sales(world: World) -> None:
    for order, line, other_line, wholesaler in (
        ("mixed", "m1", "m2", "wholesaler_a"),
        ("lamps", "l1", "l2", "wholesaler_b"),
    ):
        customer = ORDERS[order][0]
        returning = {
            "order_id": named(order),
            "customer_id": named(customer),
            "reason": "changed_mind",
        }
        part = {"return_id": named(f"return {order}"), "quantity": 1}
        world.row(
            "returns",
            own=customer,
            concerned=wholesaler,
            values={**returning, "id": named(f"return {order}")},
        )
        world.row(
            "return_items",
            own=customer,
            concerned=wholesaler,
            values={**part, "id": named(f"back {line}"), "order_item_id": named(line)},
        )
        world.row(
            "refunds",
            own=customer,
            values={"id": named(f"refund {order}"), "order_id": named(order), "amount": "1"},
        )
        world.candidate("returns", own=customer, **returning)
        world.candidate("return_items", own=customer, **part, order_item_id=named(other_line))
    world.candidate("refunds", order_id=named("mixed"), amount="1")
    for product, customer, status, wanted in (
        ("shirt", "customer_a", "published", "lamp"),
        ("lamp", "customer_b", "hidden", "shirt"),
    ):
        mine = {"customer_id": named(customer), "rating": 4}
        world.row(
            "reviews",
            public=status == "published",
            own=customer,
            values={
                **mine,
                "id": named(f"review {product}"),
                "product_id": named(product),
                "status": status,
            },
        )
        world.candidate("reviews", own=customer, **mine, product_id=named(wanted))


def _support(world: World) -> None:
    for name in ("customer_a", "customer_b"):
        query = {"customer_id": named(name), "subject": "Where is it", "message": "I wait"}
        message = {
            "query_id": named(f"query {name}"),
            "author_kind": "customer",
            "body": "Still waiting",
        }
        world.row("queries", own=name, values={**query, "id": named(f"query {name}")})
        world.row("query_messages", own=name, values={**message, "id": named(f"message {name}")})
        world.candidate("queries", own=name, **query)
        world.candidate("query_messages", own=name, **message)
    world.candidate(
        "query_messages", query_id=named("query customer_a"), author_kind="support", body="X"
    )
    note = {"about": "order", "about_id": named("mixed"), "body": "Calls often"}
    world.row("staff_notes", values={**note, "id": named("note")})
    world.candidate("staff_notes", **note)
    entry = {"actor_role": "admin", "action": "change", "table_name": "orders"}
    world.row("audit_log", values={"id": 1_000_000, "at": NOW, "xid": "1", **entry})
    world.row("audit_chain", values={"position": 1, "audit_id": 1_000_000, "hash": "\\x00"})
    world.candidate("audit_log", **entry)
    world.candidate("audit_chain", position=2, audit_id=2, hash="\\x00")


def _reports(world: World) -> None:
    amounts = {
        name: 0 for name in ("orders", "gross_amount", "cancelled_amount", "refunded_amount")
    } | {"computed_at": NOW}
    figures: Json = {
        "report_sales_daily": "cancelled_orders customers pieces live_amount shipping_amount",
        "report_wholesaler_monthly": "pieces commission_amount",
        "report_influencer_monthly": "live_sessions live_minutes viewers new_followers"
        " earned_amount",
        "report_live_sessions": "minutes joins peak_viewers unique_viewers messages reactions"
        " clicks",
    }
    for table, names in figures.items():
        figures[table] = amounts | dict.fromkeys(names.split(), 0)
    counts = "opened acknowledged acknowledged_in_time escalated resolved resolved_in_time"
    support = {"computed_at": NOW, "category": "general"}
    figures["report_support_monthly"] = support | dict.fromkeys(counts.split(), 0)
    figures["report_abandoned_carts_daily"] = {
        "computed_at": NOW,
        "carts": 0,
        "lines": 0,
        "amount": 0,
    }
    for table, when in (
        ("report_sales_daily", "day"),
        ("report_abandoned_carts_daily", "day"),
        ("report_support_monthly", "month"),
    ):
        world.row(table, values={**figures[table], when: "2026-10-01"})
        world.candidate(table, **figures[table], **{when: "2026-11-01"})
    for table, kind, month in (
        ("report_wholesaler_monthly", "wholesaler", "month"),
        ("report_influencer_monthly", "influencer", "month"),
    ):
        for name in (f"{kind}_a", f"{kind}_b"):
            mine = {**figures[table], f"{kind}_id": named(name)}
            world.row(table, own=name, values={**mine, month: "2026-10-01"})
            world.candidate(table, **mine, **{month: "2026-11-01"})
    for name, is_row in (("friends", True), ("try-out", True), ("morning", False)):
        influencer, *_ = LIVE_SESSIONS[name]
        values = {
            **figures["report_live_sessions"],
            "live_session_id": named(name),
            "influencer_id": named(influencer),
            "day": "2026-10-01",
            "title": name,
        }
        if is_row:
            world.row("report_live_sessions", own=influencer, values=values)
        else:
            world.candidate("report_live_sessions", **values)


def rows_of_view(world: World, view: str) -> list[Row]:
    """The rows that a view shows to whoever may see all of them, each as its table has it."""
    table = {
        "customer_order_summary": "customers",
        "wholesaler_product_summary": "wholesalers",
        "product_catalog": "products",
        "live_sessions_with_influencer": "live_sessions",
        "upcoming_live_sessions": "live_sessions",
        "live_session_summary": "live_sessions",
        "influencer_summary": "influencers",
        "order_money": "orders",
        "order_item_money": "order_items",
    }[view]
    rows = [row for row in world.rows if row.table == table]
    if view == "product_catalog":
        return [row for row in rows if row.values["is_active"]]
    if view == "upcoming_live_sessions":
        return [
            row
            for row in rows
            if (row.values["visibility"], row.values["status"]) == ("public", "scheduled")
        ]
    return rows
