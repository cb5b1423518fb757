"""Every query of the program, prepared on the migrated schema and held against its row type."""

import dataclasses
import datetime
import decimal
import importlib
import pkgutil
import types
import typing
import uuid
from collections.abc import Iterator

import asyncpg
import pytest

import db as database  # `db` is a fixture
import livecommerce
import shop
from db.query import Query, blocks, bound_queries, catalogue_files

# What Postgres types arrive as, after the codecs of db/pool.py.
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "uuid": (uuid.UUID,),
    "text": (str,),
    "varchar": (str,),
    "bool": (bool,),
    "int2": (int,),
    "int4": (int,),
    "int8": (int,),
    "float8": (float,),
    "numeric": (decimal.Decimal,),
    "bytea": (bytes,),
    "jsonb": (dict, list, str, int, bool),
    "timestamptz": (datetime.datetime,),
    "date": (datetime.date,),
    "interval": (datetime.timedelta,),
    "inet": (str,),
}


def import_everything() -> None:
    """Queries are bound at import; modules that only start a process do not bind any."""
    for package in (database, shop, livecommerce):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


@pytest.fixture(scope="module")
def every_query() -> tuple[Query[typing.Any], ...]:
    import_everything()
    return bound_queries()


def columns_of(row: type | None) -> dict[str, tuple[object, ...]] | None:
    """Allowed types by column; None where any columns will do."""
    if row is None:
        return None
    if dataclasses.is_dataclass(row):
        hints = typing.get_type_hints(row)
        return {field.name: alternatives(hints[field.name]) for field in dataclasses.fields(row)}
    return {"": alternatives(row)}


def alternatives(hint: object) -> tuple[object, ...]:
    """The classes that a type hint allows: `str | None` is str, `list[str]` is list."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = [part for arg in typing.get_args(hint) for part in alternatives(arg)]
        return tuple(part for part in parts if part is not type(None))
    if typing.get_origin(hint) is typing.Literal:
        return tuple({type(value) for value in typing.get_args(hint)})
    if isinstance(hint, typing.NewType):
        return alternatives(hint.__supertype__)
    origin = typing.get_origin(hint) or hint
    if isinstance(origin, type) and issubclass(origin, str) and origin is not str:
        return (str,)
    return (origin,)


def mismatches(query: Query[typing.Any], attributes: typing.Iterable[typing.Any]) -> Iterator[str]:
    expected = columns_of(query.row)
    found = {attribute.name: attribute.type for attribute in attributes}
    if expected is None:
        return
    if list(expected) == [""]:
        if len(found) != 1:
            yield f"{query.name}: one column expected, found {list(found)}"
            return
        expected = dict(zip(found, expected.values(), strict=True))
    if set(expected) != set(found):
        yield f"{query.name}: columns {sorted(found)}, fields {sorted(expected)}"
        return
    for name, allowed in expected.items():
        type_ = found[name]
        arrives = (list, tuple) if type_.kind == "array" else PYTHON_TYPES[type_.name]
        if typing.Any not in allowed and not set(arrives) & set(allowed):
            yield f"{query.name}.{name}: {type_.name} arrives, {allowed} is declared"


async def test_every_query_fits_the_schema_and_its_row_type(
    sql: asyncpg.Connection, every_query: tuple[Query[typing.Any], ...]
) -> None:
    assert len(every_query) >= 7
    problems = []
    for query in every_query:
        try:
            statement = await sql.prepare(query.sql)
        except asyncpg.PostgresError as error:
            problems.append(f"{query.name}: {error}")
        else:
            problems += mismatches(query, statement.get_attributes())
    assert problems == []


def test_no_query_of_the_catalogue_is_unused(every_query: tuple[Query[typing.Any], ...]) -> None:
    written = {f"{file}.{block}" for file in catalogue_files() for block in blocks(file)}
    assert written - {query.name for query in every_query} == set()


def test_a_query_that_is_not_written_is_noticed_at_import() -> None:
    with pytest.raises(KeyError, match="no block 'nonsense'"):
        Query("shop.nonsense")


@dataclasses.dataclass(frozen=True)
class Wrong:
    id: int
    name: str | None


async def test_a_row_type_that_does_not_fit_is_noticed(
    sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a record of its own: what is bound here belongs to no part of the program.
    monkeypatch.setattr(database.query, "_BOUND", {})
    query = Query("shop.order_by_id", Wrong)
    for statement, problem in (
        ("select 1 as id, 2 as name", "int4 arrives"),
        ("select 1 as id", "columns ['id']"),
        ("select gen_random_uuid() as id, 'x' as name", "uuid arrives"),
    ):
        prepared = await sql.prepare(statement)
        assert any(problem in found for found in mismatches(query, prepared.get_attributes()))
