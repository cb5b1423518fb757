"""The hash chain over the audit log, and numbers that are given for ever.

Both are about what is committed, so each test has a database of its own.
"""

from __future__ import annotations

import re

import asyncpg
import pytest

LOGGED = "insert into audit_log (actor_role, action, table_name) values ('admin', 'change', $1)"


@pytest.fixture
async def sealed(sql: asyncpg.Connection) -> asyncpg.Connection:
    """A database whose log has five links."""
    for number in range(5):
        await sql.execute(LOGGED, f"table {number}")
    assert await sql.fetchval("select private.seal_audit_log_v1(100)") == 5
    return sql


async def broken(sql: asyncpg.Connection) -> tuple[int, str] | None:
    row = await sql.fetchrow("select * from private.broken_audit_link_v1()")
    return None if row is None else (row[0], row[1])


async def tamper(sql: asyncpg.Connection, statement: str) -> None:
    """As somebody would who has the owner's rights and puts the triggers aside."""
    async with sql.transaction():
        await sql.execute("set local session_replication_role = replica")
        await sql.execute(statement)


async def test_a_log_that_nobody_touched_holds(sealed: asyncpg.Connection) -> None:
    assert await broken(sealed) is None
    assert await sealed.fetchval("select private.seal_audit_log_v1(100)") == 0


@pytest.mark.parametrize(
    ("statement", "position", "reason"),
    [
        ("update audit_log set action = 'nothing' where id = 3", 3, "changed"),
        ("update audit_log set after = '{}' where id = 1", 1, "changed"),
        ("update audit_log set at = at - interval '1 s' where id = 5", 5, "changed"),
        ("update audit_log set actor_user_id = gen_random_uuid() where id = 2", 2, "changed"),
        ("delete from audit_log where id = 4", 4, "gone"),
        ("delete from audit_chain where position = 2", 2, "missing"),
        ("delete from audit_chain where position = 1", 1, "missing"),
        ("update audit_chain set hash = '\\x00' where position = 3", 3, "changed"),
        (
            "update audit_chain set audit_id = case audit_id when 2 then 13 else 12 end"
            " where audit_id in (2, 3); update audit_chain set audit_id = audit_id - 10"
            " where audit_id > 10",
            2,
            "changed",
        ),
    ],
)
async def test_what_was_done_to_the_log_is_found(
    sealed: asyncpg.Connection, statement: str, position: int, reason: str
) -> None:
    await tamper(sealed, statement)
    found = await broken(sealed)
    assert found is not None
    assert found[0] == position
    assert reason in found[1]


async def test_what_commits_late_is_sealed_all_the_same(
    database_url: str, sealed: asyncpg.Connection
) -> None:
    """Its id is smaller than that of a row which was sealed before it."""
    other = await asyncpg.connect(database_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute(LOGGED, "slow")
    await sealed.execute(LOGGED, "quick")
    assert await sealed.fetchval("select private.seal_audit_log_v1(100)") == 1
    await transaction.commit()
    await other.close()
    assert await sealed.fetchval("select private.seal_audit_log_v1(100)") == 1
    assert await broken(sealed) is None


async def test_a_row_that_was_kept_from_sealing_is_found(sealed: asyncpg.Connection) -> None:
    await tamper(
        sealed,
        "insert into audit_log (actor_role, action, table_name)"
        " values ('admin', 'change', 'slipped in')",
    )
    found = await broken(sealed)
    assert found is not None
    assert "never sealed" in found[1]


async def test_two_do_not_seal_at_once(database_url: str, sealed: asyncpg.Connection) -> None:
    await sealed.execute(LOGGED, "next")
    other = await asyncpg.connect(database_url)
    transaction = other.transaction()
    await transaction.start()
    assert await other.fetchval("select private.seal_audit_log_v1(100)") == 1
    assert await sealed.fetchval("select private.seal_audit_log_v1(100)") == 0
    await transaction.commit()
    await other.close()


async def test_the_number_after_the_millionth_order_is_not_cut(sql: asyncpg.Connection) -> None:
    await sql.execute("select setval('order_sequence', 999998)")
    numbers = [
        row["order_number"]
        for row in await sql.fetch(
            "insert into orders (subtotal, total_amount, shipping_address)"
            " select 0, 0, '{}' from generate_series(1, 3) returning order_number"
        )
    ]
    assert [number.split("-")[2] for number in numbers] == ["999999", "1000000", "1000001"]


async def test_an_order_without_a_number_gets_one(sql: asyncpg.Connection) -> None:
    """The checkout numbers its own; nobody else inserts orders."""
    number = await sql.fetchval(
        "insert into orders (order_number, subtotal, total_amount, shipping_address)"
        " values ('', 0, 0, '{}') returning order_number"
    )
    assert re.fullmatch(r"ORD-\d{8}-\d{6,}", number)


@pytest.mark.parametrize(
    ("number", "written"), [(1, "000001"), (999_999, "999999"), (1_000_000, "1000000")]
)
async def test_numbers_of_tickets_and_returns_are_never_cut(
    sql: asyncpg.Connection, number: int, written: str
) -> None:
    numbered = await sql.fetchval("select private.numbered('TKT', $1)", number)
    assert numbered.split("-")[2] == written
