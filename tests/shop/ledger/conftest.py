from collections.abc import AsyncIterator

import asyncpg
import pytest

from db import Database, logins_of
from tests.shop.ledger.books import Books


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    """Empty books, with a wholesaler, an influencer and a customer."""
    logins = logins_of(database_url)
    db = await Database.connect(api=logins.api, service=logins.service, pool_size=4)
    sql = await asyncpg.connect(database_url)
    there = Books(sql, db)
    await there.open()
    yield there
    await sql.close()
    await db.close()
