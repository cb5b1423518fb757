"""Notes, the log and numbers of orders."""

from __future__ import annotations

import json
import uuid

import asyncpg
import pytest

from tests.db.security.acting import as_identity, attempt
from tests.db.security.statistics.facts import Line, an_order, one, uid
from tests.db.security.world import account

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("table", "about", "row"),
    [("orders", "order", "mixed"), ("queries", "query", "query customer_a")],
)
async def test_an_internal_note_is_kept_from_the_customer(
    owner: asyncpg.Connection, table: str, about: str, row: str
) -> None:
    async with as_identity(owner, "service"):
        await owner.execute(
            f"update {table} set internal_notes = 'Calls often' where id = $1", uid(row)
        )
    async with as_identity(owner, "customer_a"):
        assert (
            await owner.fetchval(f"select internal_notes from {table} where id = $1", uid(row))
            is None
        )
        assert await owner.fetch("select body from staff_notes") == []
    async with as_identity(owner, "admin"):
        notes = await owner.fetch(
            "select body from staff_notes where about = $1 and about_id = $2 order by created_at",
            about,
            uid(row),
        )
    assert "Calls often" in [note["body"] for note in notes]


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("wholesalers", "wholesaler_a", "commission_rate", 7),
        ("wholesalers", "wholesaler_a", "is_verified", True),
        ("influencers", "influencer_a", "commission_rate", 20),
        ("customers", "customer_a", "is_active", False),
        ("products", "shirt", "retail_price", 120),
        ("queries", "query customer_a", "priority", "urgent"),
        ("returns", "return mixed", "status", "approved"),
        ("refunds", "refund mixed", "status", "failed"),
    ],
)
async def test_what_touches_money_rights_and_people_is_logged(
    owner: asyncpg.Connection, table: str, row: str, column: str, value: object
) -> None:
    literal = f"'{value}'" if isinstance(value, str) else str(value)
    await owner.fetch(
        "select set_config('request.jwt.claims', $1, true)",
        json.dumps({"sub": account("admin"), "role": "service_role"}),
    )
    await owner.execute(f"update {table} set {column} = {literal} where id = $1", uid(row))
    log = await owner.fetch(
        "select actor_user_id, before ? $3 and after ? $3 as names_it, after ->> $3 as after"
        " from audit_log where table_name = $1 and row_id = $2",
        table,
        uid(row),
        column,
    )
    assert [(entry["actor_user_id"], entry["names_it"]) for entry in log] == [
        (uuid.UUID(account("admin")), True)
    ]
    assert log[0]["after"].lower().startswith(str(value).lower())


async def test_a_sealed_value_is_named_in_the_log_and_never_copied(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "update wholesalers set pan_number = 'sealed:v1:abc' where id = $1", uid("wholesaler_a")
    )
    assert await one(
        owner,
        "select before ->> 'pan_number', after ->> 'pan_number' from audit_log where row_id = $1",
        uid("wholesaler_a"),
    ) == (None, "sealed")


async def test_a_change_of_nothing_that_matters_is_not_logged(owner: asyncpg.Connection) -> None:
    await owner.execute("update wholesalers set city = 'Pune' where id = $1", uid("wholesaler_a"))
    assert await owner.fetch("select 1 from audit_log where row_id = $1", uid("wholesaler_a")) == []


@pytest.mark.parametrize("table", ["audit_log", "audit_chain"])
@pytest.mark.parametrize(
    "change", ["update {} set {} = {}", "delete from {}", "truncate {} cascade"]
)
async def test_nobody_changes_the_log_not_even_its_owner(
    owner: asyncpg.Connection, table: str, change: str
) -> None:
    column = "action" if table == "audit_log" else "hash"
    statement = change.format(table, column, column)
    assert isinstance(await attempt(owner, statement), asyncpg.InsufficientPrivilegeError)


async def test_the_number_of_an_order_has_indias_date(owner: asyncpg.Connection) -> None:
    """At any moment one of these zones has another date than India."""
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        await owner.execute(f"set local timezone = '{zone}'")
        order_id = await an_order(owner, Line("shirt"))
        number, day = await one(
            owner,
            "select order_number, to_char(now() at time zone 'Asia/Kolkata', 'YYYYMMDD')"
            " from orders where id = $1",
            order_id,
        )
        prefix, date, count = number.split("-")
        assert (prefix, date) == ("ORD", day)
        assert len(count) == 6
        assert count.isdigit()
