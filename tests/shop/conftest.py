from collections.abc import AsyncIterator

import pytest

from db import Database, logins_of
from tests.shop.shop_under_test import ShopUnderTest, connection_to


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ShopUnderTest]:
    """An empty shop on a database of its own."""
    logins = logins_of(database_url)
    db = await Database.connect(api=logins.api, service=logins.service, pool_size=20)
    sql = await connection_to(database_url)
    yield ShopUnderTest(db, sql)
    await sql.close()
    await db.close()
