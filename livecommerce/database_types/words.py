"""Names and words beyond Supabase's shape: one row of each table, and what a column may say.

A state is kept in a text column with a check constraint, which Supabase's generator calls a string;
a program that has to name every state needs the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from livecommerce.database_types.rows import Check

# `status in ('a', 'b')` as Postgres prints it: a varchar, and the list with it, is cast to text.
_LIST = re.compile(
    r"CHECK \(\((?:\(\w+\)::text|\w+) = (?:"
    r"ANY \((?:\(ARRAY\[(?P<cast>.+)\]\)::text\[\]|ARRAY\[(?P<plain>.+)\])\)"
    r"|(?P<single>'.+'::\w+)"
    r")\)\)"
)
_WORD = re.compile(r"'((?:[^']|'')*)'::(?:text|character varying)(?:, |$)")

_ONE_OF = {"cart": "cart_item", "wishlist": "wishlist_item"}
"""The tables whose name is not the plural of what a row is."""
_NO_PLURAL = ("ics", "ss", "us", "is", "settings", "goods", "news")
_LONG_PLURAL = ("sses", "ches", "shes", "xes")


def allowed_words(definition: str) -> tuple[str, ...]:
    """The words that a check constraint allows; empty when it says anything else as well."""
    match = _LIST.fullmatch(definition)
    if match is None:
        return ()
    words, rest = [], match["cast"] or match["plain"] or match["single"]
    while found := _WORD.match(rest):
        words.append(found[1].replace("''", "'"))
        rest = rest[found.end() :]
    return () if rest else tuple(words)


def row_name(table: str) -> str:
    """What one row of a table is called: order_items -> OrderItem."""
    return _camel(_row_words(table))


def _column_name(relation: list[str], column: str) -> str:
    """The two together, but customers.customer_tier -> CustomerTier."""
    words = column.split("_")
    return _camel(relation + (words[1:] if words[0] == relation[-1] else words))


def _row_words(table: str) -> list[str]:
    *first, last = _ONE_OF.get(table, table).split("_")
    return [*first, _singular(last)]


def _camel(words: Iterable[str]) -> str:
    return "".join(word.capitalize() for word in words)


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(_NO_PLURAL):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(_LONG_PLURAL) else word[:-1]


def word_lists(checks: Iterable[Check], taken: set[str]) -> dict[str, tuple[str, ...]]:
    """The lists by the name of their type: the status of an order is OrderStatus.

    taken: names in use already. Where the name of a row does not make one of its own, that of the
    table does. Two constraints on one column allow what both do.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for check in checks:
        if words := allowed_words(check.definition):
            place = (check.relation, check.column_name)
            found[place] = tuple(word for word in found.get(place, words) if word in words)
    named: dict[str, tuple[str, ...]] = {}
    for (table, column), words in sorted(found.items()):
        name = _column_name(_row_words(table), column)
        if name in taken or name in named:
            name = _column_name(table.split("_"), column)
        named[name] = words
    return named
