"""The catalogue of queries: every statement of the program has a name and a row type.

`db/queries/<file>.sql` holds blocks that begin with `-- name: <block>`; the comment lines after it
say what the query is for and what the empty case means. A part of the program binds a block to the
type of its rows once, at import:

    ORDER = Query("shop.order_by_id", OrderRow)

Every query so made is on record (`bound_queries`), and a test prepares each on the migrated schema
and compares the columns with the fields of the row type.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic, TypeVar, cast, overload

Row = TypeVar("Row")

_FOLDER = Path(__file__).parent / "queries"
_NAME_LINE = "-- name:"
_ENTRY = re.compile(r"\bapp\.\w+_v\d+\(\s*\$1::text\b")


class Query(Generic[Row]):
    """A named statement and the type of its rows.

    The row type is a dataclass whose fields are the columns by name, a plain type for a single
    column (int, str, UUID, dict ...), or nothing for a statement that is only run.
    is_entry: it calls an entry function, whose first argument are the claims of the actor.
    Raises KeyError when the catalogue has no such block.
    """

    __slots__ = ("_read", "is_entry", "name", "row", "sql")

    @overload
    def __init__(self: Query[None], name: str, row: None = None) -> None: ...
    @overload
    def __init__(self, name: str, row: type[Row]) -> None: ...

    def __init__(self, name: str, row: type[Any] | None = None) -> None:
        file, _, block = name.partition(".")
        if block not in blocks(file):
            raise KeyError(f"db/queries/{file}.sql has no block '{block}'")
        self.name = name
        self.row = row
        self.sql = blocks(file)[block]
        self.is_entry = _ENTRY.search(self.sql) is not None
        self._read = _reader(row)
        _BOUND[name, row] = self

    def read(self, record: Any) -> Row:
        """The row type's value of one record of the driver."""
        return cast(Row, self._read(record))

    def __repr__(self) -> str:
        return f"Query({self.name!r})"


_BOUND: dict[tuple[str, type[Any] | None], Query[Any]] = {}


def bound_queries() -> tuple[Query[Any], ...]:
    """Every query that an imported module has bound."""
    return tuple(_BOUND.values())


def catalogue_files() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.sql")))


@cache
def blocks(file: str) -> dict[str, str]:
    """The statements of one catalogue file by name; ValueError when a name is there twice."""
    found: dict[str, str] = {}
    path = _FOLDER / f"{file}.sql"
    if not path.exists():
        return found
    head, *parts = path.read_text(encoding="utf-8").split(_NAME_LINE)
    if any(line and not line.startswith("--") for line in head.splitlines()):
        raise ValueError(f"{path.name}: statement before the first '{_NAME_LINE}' line")
    for part in parts:
        name, _, sql = part.partition("\n")
        if name.strip() in found:
            raise ValueError(f"{path.name}: '{name.strip()}' is there twice")
        found[name.strip()] = sql.strip().rstrip(";")
    return found


def _reader(row: type[Any] | None) -> Callable[[Any], Any]:
    if row is None:
        return lambda record: None
    if not dataclasses.is_dataclass(row):
        return lambda record: next(iter(record.values()))
    names = [field.name for field in dataclasses.fields(row)]
    make = cast(Callable[..., Any], row)
    if len(names) == 1:
        (name,) = names
        return lambda record: make(record[name])
    values = itemgetter(*names)
    return lambda record: make(*values(record))
