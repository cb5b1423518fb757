"""How Postgres carries out a query, as the one who asks, down into the functions that it calls.

EXPLAIN shows the call of a function and not what happens in it. auto_explain shows every statement
as it runs, with the role, the claims and the arguments of that moment; here its reports come to the
client instead of the log. It takes the rights of a superuser to switch on, so these are plans for
benches and tests, never for the program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg

from db import Actor
from db.logins import SERVICE_LOGIN

Connection: TypeAlias = "asyncpg.Connection[Any]"

LARGE = frozenset(
    {
        "cart", "customers", "influencer_earnings", "ledger_entries", "ledger_events",
        "ledger_lines", "live_session_products", "live_sessions", "notifications",
        "order_item_splits", "order_items", "orders", "payments", "payouts", "product_stock",
        "product_translations", "product_variants", "products", "queries", "query_messages",
        "refunds", "return_items", "returns", "reviews", "staff_notes", "users", "wishlist",
    }
)  # fmt: skip
"""Tables that grow with the shop: none of them may be read from end to end for a page."""

_SETTINGS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_level": "notice",
    "client_min_messages": "notice",
}


_ENTRY = re.compile(r"\bapp\.\w+_v\d+\(\s*\$1::text\b")
_CLAIMS = "request.jwt.claims"


@dataclass(frozen=True, slots=True)
class Explained:
    """One statement that ran: its text and the plan it ran with."""

    text: str
    plan: dict[str, Any]

    def large_scans(self) -> list[str]:
        """Where it reads a large table from end to end, by itself or along an index.

        An index may be walked without a condition as long as a limit ends the walk.
        """
        return list(_large_scans(self.plan, is_limited=False))

    def large_reads(self, most: int) -> list[str]:
        """Where it reads more than `most` rows of a large table, if only to throw them away.

        That is how a plan looks which goes along an index that does not fit.
        """
        return list(_large_reads(self.plan, most))


def _large_scans(node: dict[str, Any], is_limited: bool) -> Iterator[str]:
    if not node.get("Actual Loops"):
        return  # it was not needed
    kind, table = node["Node Type"], node.get("Relation Name")
    is_walk = kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node
    if table in LARGE and (kind == "Seq Scan" or (is_walk and not is_limited)):
        index = node.get("Index Name")
        yield f"{kind} on {table}" + (f" by {index}" if index else "")
    if kind == "Limit":
        is_limited = True
    elif kind in ("Sort", "Hash", "Aggregate", "Materialize") and node.get("Strategy") != "Sorted":
        is_limited = False  # it takes all rows before it gives one
    for child in node.get("Plans", []):
        yield from _large_scans(child, is_limited)


def _large_reads(node: dict[str, Any], most: int) -> Iterator[str]:
    table = node.get("Relation Name")
    each = sum(
        node.get(name, 0)
        for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    )
    rows = round(each * node.get("Actual Loops", 0))
    if table in LARGE and rows > most:
        index = node.get("Index Name")
        yield f"{rows} rows of {table}" + (f" by {index}" if index else "")
    for child in node.get("Plans", []):
        yield from _large_reads(child, most)


async def explained(
    connection: Connection, sql: str, actor: Actor, *args: object
) -> tuple[int, list[Explained]]:
    """Run a statement for an actor; how many rows it gives, and each statement that ran for it.

    args: without the claims, which the call of an entry function is given first. A plain statement
    runs with the role and claims of the actor.
    connection: of a superuser, outside a transaction. What the statement writes is undone.
    """
    reports: list[str] = []

    def listen(_: object, message: asyncpg.PostgresLogMessage) -> None:
        if "plan:\n" in (text := message.message or ""):
            reports.append(text.partition("plan:\n")[2])

    await connection.execute("load 'auto_explain'")
    transaction = connection.transaction()
    await transaction.start()
    connection.add_log_listener(listen)
    try:
        for name, value in _SETTINGS.items():
            await connection.execute("select set_config($1, $2, true)", name, value)
        is_entry = _ENTRY.search(sql) is not None
        if not is_entry:
            role = SERVICE_LOGIN if actor.kind == "service" else actor.api_role
            await connection.execute("select set_config($1, $2, true)", _CLAIMS, actor.claims())
            await connection.execute("select set_config('role', $1, true)", role)
        given = (actor.claims(), *args) if is_entry else args
        reports.clear()
        rows = await connection.fetch(sql, *given)
    finally:
        await transaction.rollback()
        connection.remove_log_listener(listen)
    return len(rows), [_explained(json.loads(report)) for report in reports]


def _explained(report: dict[str, Any]) -> Explained:
    return Explained(report["Query Text"], report["Plan"])
