"""The truth table, cell by cell, on the world."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg
import pytest

from tests.conftest import Background
from tests.db.security.acting import Connections, attempt
from tests.db.security.truth import IDENTITIES, TABLES, VIEWS, Relation
from tests.db.security.world import Row, World, insert, rows_of_view

# One loop for all: they share the connections.
pytestmark = pytest.mark.asyncio(loop_scope="session")

TRIED = [
    pytest.param(table, identity, id=f"{table}-{identity}")
    for table in TABLES
    for identity in IDENTITIES
]
SHOWN = [
    pytest.param(view, identity, id=f"{view}-{identity}")
    for view in VIEWS
    for identity in IDENTITIES
]
# The row was reached: it could not go, or not be there twice.
REACHED = (
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.RestrictViolationError,
)


@dataclass(frozen=True)
class Columns:
    """key: the primary key without its times, which tells the rows of the world apart.
    plain: one that the database does not fill."""

    key: list[str]
    plain: str


@pytest.fixture(scope="session")
def columns(background: Background, world_url: str) -> dict[str, Columns]:
    async def read() -> dict[str, Columns]:
        sql = await asyncpg.connect(world_url)
        rows = await sql.fetch(
            "select c.relname, min(a.attname) filter ("
            " where a.attidentity = '' and a.attgenerated = '') as plain,"
            " array_agg(a.attname order by k.place) filter ("
            " where k.place is not null and a.atttypid <> 'timestamptz'::regtype) as key"
            " from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " and a.attnum > 0 and not a.attisdropped"
            " left join pg_index i on i.indrelid = c.oid and i.indisprimary"
            " left join lateral unnest(i.indkey::int2[]) with ordinality k (number, place)"
            " on k.number = a.attnum"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
            " group by c.relname"
        )
        await sql.close()
        return {row["relname"]: Columns(row["key"], row["plain"]) for row in rows}

    return background.run(read())


def key_of(row: Row, columns: list[str]) -> str:
    return "/".join(str(row.values[column]) for column in columns)


def expression(columns: list[str]) -> str:
    return "concat_ws('/', " + ", ".join(columns) + ")"


def is_grant_refused(answer: object, relation: str) -> bool:
    return isinstance(answer, asyncpg.InsufficientPrivilegeError) and str(answer).startswith(
        f"permission denied for {'view' if relation in VIEWS else 'table'} {relation}"
    )


@pytest.mark.parametrize(("table", "identity"), TRIED)
async def test_an_identity_reads_the_rows_of_its_cell(
    connections: Connections,
    world: World,
    columns: dict[str, Columns],
    table: str,
    identity: str,
) -> None:
    async with connections.acting(identity) as sql:
        rows = [row for row in world.rows if row.table == table]
        await check_reading(sql, TABLES[table], identity, columns[table].key, rows)


@pytest.mark.parametrize(("view", "identity"), SHOWN)
async def test_an_identity_reads_the_lines_of_its_view(
    connections: Connections, world: World, view: str, identity: str
) -> None:
    async with connections.acting(identity) as sql:
        await check_reading(sql, VIEWS[view], identity, ["id"], rows_of_view(world, view))


async def check_reading(
    sql: asyncpg.Connection, relation: Relation, identity: str, key: list[str], rows: list[Row]
) -> None:
    cell = relation.cell("select", identity)
    answer = await attempt(sql, f"select {expression(key)} from public.{relation.name}")
    if cell == "denied":
        assert is_grant_refused(answer, relation.name), answer
        return
    assert isinstance(answer, list), answer
    expected = [key_of(row, key) for row in rows if row.is_reached(identity, cell)]
    assert sorted(record[0] for record in answer) == sorted(expected)


@pytest.mark.parametrize(("table", "identity"), TRIED)
async def test_an_identity_adds_the_rows_of_its_cell(
    connections: Connections,
    world: World,
    columns: dict[str, Columns],
    table: str,
    identity: str,
) -> None:
    cell = TABLES[table].cell("insert", identity)
    async with connections.acting(identity) as sql:
        for row in [row for row in world.candidates if row.table == table]:
            answer = await attempt_insert(sql, row)
            if cell == "denied":
                assert is_grant_refused(answer, table), answer
            elif cell == "refused":
                assert isinstance(answer, asyncpg.InsufficientPrivilegeError)
                assert "placed by the server" in str(answer)
                assert answer.hint
            elif row.is_reached(identity, cell):
                assert answer is None or isinstance(answer, REACHED), (row.values, answer)
            else:
                # Refused by row security, or by a trigger that looks first.
                assert isinstance(
                    answer,
                    asyncpg.InsufficientPrivilegeError | asyncpg.InvalidParameterValueError,
                ), (row.values, answer)
                assert not is_grant_refused(answer, table), answer


async def attempt_insert(sql: asyncpg.Connection, row: Row) -> asyncpg.PostgresError | None:
    savepoint = sql.transaction()
    await savepoint.start()
    try:
        inserted = await insert(sql, row, returning="1")
        assert len(inserted) == 1
        await sql.execute("set constraints all immediate")
        return None
    except asyncpg.PostgresError as error:
        return error
    finally:
        await savepoint.rollback()


@pytest.mark.parametrize(("table", "identity"), TRIED)
async def test_an_identity_changes_the_rows_of_its_cell(
    connections: Connections,
    world: World,
    columns: dict[str, Columns],
    table: str,
    identity: str,
) -> None:
    relation = TABLES[table]
    cell = relation.cell("update", identity)
    key = columns[table].key
    async with connections.acting(identity) as sql:
        changed = (relation.columns["update"] or [columns[table].plain])[0]
        answer = await attempt(
            sql, f"update public.{table} set {changed} = {changed} returning {expression(key)}"
        )
    if cell == "denied":
        assert is_grant_refused(answer, table), answer
        return
    assert isinstance(answer, list), answer
    expected = [
        key_of(row, key)
        for row in world.rows
        if row.table == table and row.is_reached(identity, cell)
    ]
    assert sorted(record[0] for record in answer) == sorted(expected)


@pytest.mark.parametrize(("table", "identity"), TRIED)
async def test_an_identity_deletes_the_rows_of_its_cell(
    connections: Connections,
    world: World,
    columns: dict[str, Columns],
    table: str,
    identity: str,
) -> None:
    cell = TABLES[table].cell("delete", identity)
    key = columns[table].key
    async with connections.acting(identity) as sql:
        statement = f"delete from public.{table} where {expression(key)} = $1 returning 1"
        for row in [row for row in world.rows if row.table == table]:
            answer = await attempt(sql, statement, key_of(row, key))
            if cell == "denied":
                assert is_grant_refused(answer, table), answer
                break
            is_reached = isinstance(answer, REACHED) or (
                isinstance(answer, list) and len(answer) == 1
            )
            assert is_reached == row.is_reached(identity, cell), (row.values, answer)
