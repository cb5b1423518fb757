from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from db import Database, logins_of
from tests.shop.payments.till import Till


@pytest.fixture
async def till(database_url: str) -> AsyncIterator[Till]:
    """An empty shop with a payment desk."""
    logins = logins_of(database_url)
    db = await Database.connect(api=logins.api, service=logins.service, pool_size=20)
    sql = await asyncpg.connect(database_url)
    # The driver's own UUID is a subclass that JSON does not take.
    await sql.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=UUID, format="text")
    yield Till(db, sql)
    await sql.close()
    await db.close()
