"""What a database consists of, read from Postgres's catalogue: everything that migrations make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from db.errors import connecting, translated
from db.logins import without_pooler_mark
from db.query import Query


@dataclass(frozen=True, slots=True)
class Schema:
    name: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Extension:
    name: str
    schema: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view. kind: r table, p partitioned table, v view, m materialized view."""

    schema: str
    name: str
    kind: str
    options: list[str]
    has_row_security: bool
    forces_row_security: bool
    partition_key: str | None
    definition: str | None
    comment: str | None

    @property
    def is_table(self) -> bool:
        return self.kind in ("r", "p")


@dataclass(frozen=True, slots=True)
class Column:
    schema: str
    relation: str
    name: str
    position: int
    type: str
    short_type: str
    collation: str | None
    is_required: bool
    identity: str
    generated: str
    expression: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Constraint:
    """kind: p primary key, u unique, f foreign key, c check, x exclusion."""

    schema: str
    relation: str
    name: str
    kind: str
    definition: str
    columns: list[str]
    foreign_schema: str | None
    foreign_relation: str | None
    is_optional: bool
    is_one_to_one: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Index:
    schema: str
    relation: str
    name: str
    definition: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Trigger:
    schema: str
    relation: str
    name: str
    definition: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """command: r select, a insert, w update, d delete, * all."""

    schema: str
    relation: str
    name: str
    command: str
    is_permissive: bool
    roles: list[str]
    using_expression: str | None
    check_expression: str | None


@dataclass(frozen=True, slots=True)
class Function:
    schema: str
    name: str
    signature: str
    definition: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Type:
    schema: str
    name: str
    definition: str
    is_domain: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    schema: str
    name: str
    type: str
    starts_at: int
    step: int
    cached: int
    cycles: bool
    owner: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    kind: str
    schema: str
    object: str
    column_name: str | None
    grantee: str
    privilege: str
    is_grantable: bool


@dataclass(frozen=True, slots=True)
class DefaultPrivilege:
    """kind: r tables, S sequences, f functions, T types, n schemas. grantee: None for nobody."""

    schema: str
    kind: str
    grantee: str | None
    privilege: str | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Each list in an order of its own that says nothing."""

    schemas: list[Schema]
    extensions: list[Extension]
    relations: list[Relation]
    columns: list[Column]
    constraints: list[Constraint]
    indexes: list[Index]
    triggers: list[Trigger]
    policies: list[Policy]
    functions: list[Function]
    types: list[Type]
    sequences: list[Sequence]
    grants: list[Grant]
    default_privileges: list[DefaultPrivilege]


_QUALIFY_NAMES = Query("schema.qualify_names", str)
_SCHEMAS = Query("schema.schemas", Schema)
_EXTENSIONS = Query("schema.extensions", Extension)
_RELATIONS = Query("schema.relations", Relation)
_COLUMNS = Query("schema.columns", Column)
_CONSTRAINTS = Query("schema.constraints", Constraint)
_INDEXES = Query("schema.indexes", Index)
_TRIGGERS = Query("schema.triggers", Trigger)
_POLICIES = Query("schema.policies", Policy)
_FUNCTIONS = Query("schema.functions", Function)
_TYPES = Query("schema.types", Type)
_SEQUENCES = Query("schema.sequences", Sequence)
_GRANTS = Query("schema.grants", Grant)
_DEFAULT_PRIVILEGES = Query("schema.default_privileges", DefaultPrivilege)

_Row = TypeVar("_Row")


async def read_catalogue(dsn: str) -> Catalogue:
    """The catalogue at one moment, as the owner of the database sees it.

    Raises DatabaseUnavailable.
    """
    with connecting(dsn):
        address, _ = without_pooler_mark(dsn)
        connection = await asyncpg.connect(address, timeout=10, statement_cache_size=0)

    async def all_of(query: Query[_Row]) -> list[_Row]:
        return [query.read(record) for record in await connection.fetch(query.sql)]

    with translated():
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await all_of(_QUALIFY_NAMES)
                return Catalogue(
                    schemas=await all_of(_SCHEMAS),
                    extensions=await all_of(_EXTENSIONS),
                    relations=await all_of(_RELATIONS),
                    columns=await all_of(_COLUMNS),
                    constraints=await all_of(_CONSTRAINTS),
                    indexes=await all_of(_INDEXES),
                    triggers=await all_of(_TRIGGERS),
                    policies=await all_of(_POLICIES),
                    functions=await all_of(_FUNCTIONS),
                    types=await all_of(_TYPES),
                    sequences=await all_of(_SEQUENCES),
                    grants=await all_of(_GRANTS),
                    default_privileges=await all_of(_DEFAULT_PRIVILEGES),
                )
        finally:
            await connection.close(timeout=5)
