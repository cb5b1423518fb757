"""A rival at a line: between each two statements of a checkout somebody else does something."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest

from db import Database, logins_of
from livecommerce.maintenance.checks import check
from shop.checkout import Checkout
from tests.faults import rivals
from tests.faults.lines import Gate, Line, Unsettled, with_pauses
from tests.faults.meetings import Meeting, Rivals, outcome_of
from tests.shop.shop_under_test import ShopUnderTest

# Somebody waits here by intention, and the machine may be busy.
PATIENCE_MS = 60_000


@dataclass
class Stage:
    """Where a checkout that can be held up meets its rivals."""

    lines: list[Line]
    gate: Gate
    first: Checkout
    rivals: Rivals
    sql: asyncpg.Connection
    db: Database

    async def deadlocks(self) -> int:
        """How often two stood in each other's way, and one of them was undone and tried again."""
        await self.sql.execute("select pg_stat_clear_snapshot()")
        return int(
            await self.sql.fetchval(
                "select pg_stat_get_db_deadlocks(oid) from pg_database"
                " where datname = current_database()"
            )
        )

    async def unsettled(self, meeting: Meeting) -> Unsettled:
        """Whoever had looked before this has to look again."""
        line = next(line for line in self.lines if "private.stock_moves" in line.text)

        async def by() -> None:
            await self.sql.execute(
                "update product_stock set promises = promises + 1 where variant_id = $1",
                meeting.variant_id,
            )

        return Unsettled(line, by)


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    logins = logins_of(database_url)
    sql = await asyncpg.connect(database_url)
    # The driver's own UUID is a subclass that JSON does not take.
    await sql.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=UUID, format="text")
    # Whoever is held up by intention finds out at once that nobody can go on.
    name_of = "select quote_ident(current_database())"
    await sql.execute(f"alter database {await sql.fetchval(name_of)} set deadlock_timeout = '20ms'")

    async def connected(name: str) -> Database:
        return await Database.connect(
            service=logins.service,
            pool_size=2,
            statement_timeout_ms=PATIENCE_MS,
            lock_timeout_ms=PATIENCE_MS,
            application_name=name,
        )

    first, rival = await connected("first"), await connected("rival")
    edits = await asyncpg.connect(database_url, server_settings={"application_name": "rival"})
    shop = ShopUnderTest(rival, sql)
    lines = await with_pauses(sql)
    yield Stage(lines, Gate(sql), Checkout(first), Rivals(shop, edits, rival), sql, rival)
    for connection in (sql, edits):
        await connection.close()
    for database in (first, rival):
        await database.close()


@pytest.mark.parametrize("is_second_look", [False, True], ids=["first_look", "second_look"])
@pytest.mark.parametrize("rival", rivals.ALL, ids=lambda rival: rival.__name__)
async def test_a_rival_at_every_line_leaves_what_is_legal(
    stage: Stage,
    rival: Callable[[Rivals], Awaitable[Meeting]],
    is_second_look: bool,
    record_property: Callable[[str, object], None],
) -> None:
    went: Counter[str] = Counter()
    for line in stage.lines:
        if is_second_look and line.step == "take_stock_v3":
            continue  # What comes after the line at which it is unsettled.
        meeting = await rival(stage.rivals)
        first, other, is_reached = await stage.gate.meet(
            line,
            outcome_of(stage.first, meeting.customer, meeting.request),
            meeting.rival,
            await stage.unsettled(meeting) if is_second_look else None,
        )
        try:
            word = await meeting.verdict(first, other)
        except AssertionError as error:
            raise AssertionError(f"{line}: {first}, {other}") from error
        if is_reached:
            went[word] += 1
    deadlocks = await stage.deadlocks()
    look = "second" if is_second_look else "first"
    record_property(
        "tried",
        f"{rival.__name__} at {went.total()} lines, {look} look: {dict(went)},"
        f" {deadlocks} deadlocks",
    )
    assert went.total() > 20
    assert deadlocks == 0
    broken = [verdict for verdict in await check(stage.db) if verdict.offences]
    assert broken == []
