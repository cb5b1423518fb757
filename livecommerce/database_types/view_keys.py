"""Foreign keys seen through views.

A view that shows the columns of a foreign key, or those that one points to, can be joined over the
API as its table can; clients need to know of it. Which column of a table a view's column is, only
the view's parsed query says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from livecommerce.database_types.rows import ColumnNumber, ForeignKey, ViewRule

_PART = re.compile(r"[(){}]|(?:\\.|[^\s(){}\\])+")
# How many brackets are open in the tree `({QUERY ... :targetList ({TARGETENTRY ...} ...) ...})`.
_IN_QUERY, _IN_ENTRY = 2, 4

Source = tuple[str, str]
"""A relation and a column of it."""


def with_views(
    keys: list[ForeignKey], rules: list[ViewRule], numbers: list[ColumnNumber]
) -> list[ForeignKey]:
    """The foreign keys, and each once more for every view that shows one of its sides."""
    shown = _shown_columns(rules, numbers)
    found = []
    for key in keys:
        referencing = [(key.relation, key.columns)]
        referencing += _views_of(shown, key.relation, key.columns)
        referenced = [(key.referenced_relation, key.referenced_columns)]
        referenced += _views_of(shown, key.referenced_relation, key.referenced_columns)
        found += [
            ForeignKey(key.name, *one, key.is_one_to_one, *other)
            for one in referencing
            for other in referenced
        ]
    return found


def _views_of(
    shown: dict[str, dict[Source, str]], relation: str, columns: list[str]
) -> list[tuple[str, list[str]]]:
    """The views that show all these columns, and what they call them."""
    return [
        (view, [names[relation, column] for column in columns])
        for view, names in sorted(shown.items())
        if all((relation, column) in names for column in columns)
    ]


def _shown_columns(
    rules: list[ViewRule], numbers: list[ColumnNumber]
) -> dict[str, dict[Source, str]]:
    """By view: the column of a table and the view's name for it (the first, if several)."""
    names = {(row.relation_oid, row.number): (row.relation, row.name) for row in numbers}
    by_name = {(row.relation, row.number): row.name for row in numbers}
    direct: dict[str, dict[str, Source]] = {}
    for rule in rules:
        direct[rule.view] = {
            by_name[rule.view, number]: names[oid, column]
            for number, oid, column in origins(rule.action)
            if (oid, column) in names
        }
    shown: dict[str, dict[Source, str]] = {}
    for view, columns in direct.items():
        shown[view] = {}
        for name, source in columns.items():
            shown[view].setdefault(_through_views(source, direct), name)
    return shown


def _through_views(source: Source, direct: dict[str, dict[str, Source]]) -> Source:
    """The column of a table, where the source is a column of a view on it."""
    relation, column = source
    while relation in direct and column in direct[relation]:
        relation, column = direct[relation][column]
    return relation, column


def origins(action: str) -> Iterator[tuple[int, int, int]]:
    """(column of the view, oid of the relation, column of the relation) of each plain column.

    action: pg_rewrite.ev_action. Subqueries, which have lists of columns of their own, stand deeper
    in it than the query's own list.
    """
    depth, field, entry = 0, "", dict[str, int]()
    for part in _PART.findall(action):
        if part in "({":
            depth += 1
        elif part in ")}":
            depth -= 1
        elif depth == _IN_QUERY and part.startswith(":"):
            field = part if part == ":targetList" else ""
        elif depth == _IN_ENTRY and field:
            if part.startswith(":"):
                field = part
            elif field in (":resno", ":resorigtbl", ":resorigcol"):
                entry[field] = int(part)
                if field == ":resorigcol" and entry[":resorigtbl"]:
                    yield entry[":resno"], entry[":resorigtbl"], entry[":resorigcol"]
