from collections.abc import AsyncIterator

import asyncpg
import pytest

from db import Database, logins_of
from tests.shop.shop_under_test import ShopUnderTest


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ShopUnderTest]:
    """An empty shop on a database of its own."""
    logins = logins_of(database_url)
    db = await Database.connect(api=logins.api, service=logins.service, pool_size=20)
    sql = await asyncpg.connect(database_url)
    yield ShopUnderTest(db, sql)
    await sql.close()
    await db.close()
