from collections.abc import AsyncIterator

import asyncpg
import pytest

from db import Database
from tests.shop.shop_under_test import ShopUnderTest


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ShopUnderTest]:
    """An empty shop on a database of its own."""
    db = await Database.connect(database_url, pool_size=20)
    sql = await asyncpg.connect(database_url)
    yield ShopUnderTest(db, sql)
    await sql.close()
    await db.close()
