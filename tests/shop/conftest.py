from collections.abc import AsyncIterator
from uuid import UUID

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
    # As the program's own connections do: the driver's UUID is a subclass that orjson refuses.
    await sql.set_type_codec(
        "uuid",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: value.bytes,
        decoder=lambda data: UUID(bytes=bytes(data)),
    )
    yield ShopUnderTest(db, sql)
    await sql.close()
    await db.close()
