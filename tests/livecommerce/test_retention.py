from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from db import Database
from livecommerce.retention import forget

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)

# One row of each table that forgets, made for a time, and the age beyond which it goes.
ROWS = {
    "private.outbox": (
        "insert into private.outbox (topic, payload, published_at) values ('x', '{}', $1)",
        timedelta(days=1),
    ),
    "private.metric_batches": (
        "insert into private.metric_batches (id, flushed_at) values (gen_random_uuid(), $1)",
        timedelta(days=7),
    ),
    "private.refresh_tokens": (
        "insert into private.refresh_tokens (id, family, user_id, token_hash, expires_at)"
        " select gen_random_uuid(), id, id, uuid_send(gen_random_uuid()), $1 from auth.users",
        timedelta(),
    ),
    "private.login_links": (
        "insert into private.login_links (token_hash, user_id, expires_at)"
        " select uuid_send(gen_random_uuid()), id, $1 from auth.users",
        timedelta(),
    ),
}


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    await connection.execute("insert into auth.users (id) values (gen_random_uuid())")
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", ROWS)
async def test_rows_past_their_time_go_however_many_they_are(
    db: Database, sql: asyncpg.Connection, table: str
) -> None:
    insert, keep = ROWS[table]
    for _ in range(7):
        await sql.execute(insert, NOW - keep - MOMENT)
    await sql.execute(insert, NOW - keep + MOMENT)
    await forget(db, NOW, batch=3)
    assert await sql.fetchval(f"select count(*) from {table}") == 1


async def test_what_was_never_published_is_never_forgotten(
    db: Database, sql: asyncpg.Connection
) -> None:
    insert, _ = ROWS["private.outbox"]
    await sql.execute(insert, None)
    await forget(db, NOW + timedelta(days=365))
    assert await sql.fetchval("select count(*) from private.outbox") == 1


async def test_rows_that_somebody_else_is_at_are_left_to_them(
    db: Database, sql: asyncpg.Connection
) -> None:
    insert, _ = ROWS["private.login_links"]
    await sql.execute(insert, NOW - MOMENT)
    async with sql.transaction():
        await sql.execute("select 1 from private.login_links for update")
        await forget(db, NOW)
    assert await sql.fetchval("select count(*) from private.login_links") == 1
