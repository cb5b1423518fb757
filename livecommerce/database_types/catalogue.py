"""Reads the catalogue of a migrated database."""

from __future__ import annotations

from db import SERVICE, Database, Query
from livecommerce.database_types.rows import (
    Catalogue,
    Check,
    Column,
    ColumnNumber,
    CompositeAttribute,
    Enum,
    ForeignKey,
    Function,
    Relation,
    ViewRule,
)
from livecommerce.database_types.view_keys import with_views

_RELATIONS = Query("types.relations", Relation)
_COLUMNS = Query("types.columns", Column)
_FOREIGN_KEYS = Query("types.foreign_keys", ForeignKey)
_VIEW_RULES = Query("types.view_rules", ViewRule)
_COLUMN_NUMBERS = Query("types.column_numbers", ColumnNumber)
_ENUMS = Query("types.enums", Enum)
_COMPOSITES = Query("types.composites", CompositeAttribute)
_FUNCTIONS = Query("types.functions", Function)
_CHECKS = Query("types.checks", Check)


async def read_catalogue(database: Database) -> Catalogue:
    """Schema public as it is now. The catalogue is open to every role."""
    async with database.acting_as(SERVICE) as transaction:
        return Catalogue(
            relations=await transaction.all(_RELATIONS),
            columns=await transaction.all(_COLUMNS),
            foreign_keys=with_views(
                await transaction.all(_FOREIGN_KEYS),
                await transaction.all(_VIEW_RULES),
                await transaction.all(_COLUMN_NUMBERS),
            ),
            enums=await transaction.all(_ENUMS),
            composites=await transaction.all(_COMPOSITES),
            functions=await transaction.all(_FUNCTIONS),
            checks=await transaction.all(_CHECKS),
        )
