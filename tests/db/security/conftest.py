from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import pytest_asyncio

from db import logins_of
from livecommerce.embedded import Postgres
from tests.conftest import Background
from tests.db.security.acting import Connections
from tests.db.security.world import World, make_world, populate

WORLD = "world"


@pytest.fixture(scope="session")
def world() -> World:
    return make_world()


@pytest.fixture(scope="session")
def world_url(
    background: Background, postgres_server: Postgres, migrated_template: str, world: World
) -> Iterator[str]:
    """The owner's DSN of a database with the world in it. Tests leave it as they found it."""

    async def make() -> None:
        owner = await asyncpg.connect(postgres_server.url)
        await owner.execute(f'create database "{WORLD}" template "{migrated_template}"')
        await owner.close()
        connection = await asyncpg.connect(postgres_server.url_of(WORLD))
        async with connection.transaction():
            await populate(connection, world.rows)
        await connection.close()

    async def drop() -> None:
        owner = await asyncpg.connect(postgres_server.url)
        await owner.execute(f'drop database "{WORLD}" with (force)')
        await owner.close()

    background.run(make())
    yield postgres_server.url_of(WORLD)
    background.run(drop())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connections(world_url: str) -> AsyncIterator[Connections]:
    """Connections of the three logins to the world, opened when they are asked for."""
    opened = Connections(world_url, logins_of(world_url))
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def owner(connections: Connections) -> AsyncIterator[asyncpg.Connection]:
    """The owner in the world, in a transaction that is undone after the test."""
    async with connections.owning() as connection:
        yield connection
