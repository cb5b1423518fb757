"""Acting as an identity of the world, in transactions that are always undone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from db import Logins
from tests.db.security.truth import kind_of, role_of
from tests.db.security.world import account

_SWITCH = "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)"


def claims(identity: str) -> str:
    """The claims of an access token, as the server's own and Supabase's carry them."""
    role = role_of(identity)
    if role != "authenticated":
        return json.dumps({"role": role})
    return json.dumps(
        {
            "sub": account(identity),
            "role": role,
            "email": f"{identity}@example.in",
            "app_metadata": {"role": kind_of(identity)},
        }
    )


class Connections:
    """One connection for each login that a test uses."""

    def __init__(self, owner: str, logins: Logins) -> None:
        self._dsn = {"owner": owner, "api": logins.api, "service": logins.service}
        self._open: dict[str, asyncpg.Connection] = {}

    async def of(self, login: str) -> asyncpg.Connection:
        """The connection of `owner`, `api` or `service`."""
        if login not in self._open:
            self._open[login] = await asyncpg.connect(self._dsn[login])
        return self._open[login]

    async def close(self) -> None:
        for connection in self._open.values():
            await connection.close()

    @asynccontextmanager
    async def acting(self, identity: str) -> AsyncIterator[asyncpg.Connection]:
        """A transaction of an identity, exactly as the pool begins it; undone at the end."""
        connection = await self.of("service" if identity == "service" else "api")
        async with undone(connection):
            if identity != "service":
                await connection.fetch(_SWITCH, claims(identity), role_of(identity))
            yield connection

    @asynccontextmanager
    async def owning(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction of the owner; undone at the end."""
        connection = await self.of("owner")
        async with undone(connection):
            yield connection


@asynccontextmanager
async def undone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@asynccontextmanager
async def as_identity(connection: asyncpg.Connection, identity: str) -> AsyncIterator[None]:
    """Within a transaction of the owner: act as somebody, then be the owner again."""
    await connection.fetch(_SWITCH, claims(identity), role_of(identity))
    try:
        yield
    finally:
        await connection.execute("select set_config('request.jwt.claims', '', true)")
        await connection.execute("reset role")


async def attempt(
    connection: asyncpg.Connection, statement: str, *args: Any
) -> list[asyncpg.Record] | asyncpg.PostgresError:
    """The rows of a statement or its refusal; what it changed is undone either way."""
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        return list(await connection.fetch(statement, *args))
    except asyncpg.PostgresError as error:
        return error
    finally:
        await savepoint.rollback()
