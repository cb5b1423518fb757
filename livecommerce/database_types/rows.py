"""What the text is made from: rows of the catalogue, and nothing of the driver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view of schema public."""

    name: str
    is_view: bool
    is_updatable: bool


@dataclass(frozen=True, slots=True)
class Column:
    """type: Postgres's name of it; `_text` is an array of text. identity: '', 'a' or 'd'."""

    relation: str
    name: str
    type: str
    is_nullable: bool
    has_default: bool
    identity: str
    is_generated: bool
    is_updatable: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference between relations; the columns of both sides stand in the same order."""

    name: str
    relation: str
    columns: list[str]
    is_one_to_one: bool
    referenced_relation: str
    referenced_columns: list[str]


@dataclass(frozen=True, slots=True)
class ViewRule:
    """A view and its query as the rewriter keeps it, a printed tree of nodes."""

    view: str
    action: str


@dataclass(frozen=True, slots=True)
class ColumnNumber:
    """What those trees call a column."""

    relation_oid: int
    relation: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Enum:
    name: str
    values: list[str]


@dataclass(frozen=True, slots=True)
class CompositeAttribute:
    composite: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Function:
    """The three lists of arguments are parallel; modes: i(n), o(ut), b(oth), v(ariadic), t(able).

    defaults: how many of the last `inputs` arguments may be left out.
    """

    name: str
    signature: str
    argument_names: list[str]
    argument_types: list[str]
    argument_modes: list[str]
    inputs: int
    defaults: int
    return_type: str
    returns_relation: str | None
    returns_set: bool
    returns_many: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint on one column; definition: `CHECK (...)` as Postgres prints it."""

    relation: str
    column_name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Schema public of one database. The order of the rows means nothing, but for the attributes of
    composites and the values of enums."""

    relations: list[Relation]
    columns: list[Column]
    foreign_keys: list[ForeignKey]
    enums: list[Enum]
    composites: list[CompositeAttribute]
    functions: list[Function]
    checks: list[Check]
