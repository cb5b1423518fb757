"""Imports and exports of a wholesaler's products.

A dry run and an import decide by the same function on what is there at that moment; the import then
writes each product in a transaction of its own, so that one that the database refuses after all, as
when a number was taken in between, is in its report and in no other's way.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query
from shop.product_import import CellFault, LineReport, Outcome, Wish, skus_of, wishes_of
from shop.product_table import Table, TableUnreadable, read_table, write_table
from shop.products import StockChange, adjust_stock, change, create
from shop.refusal import ShopRefused

Mode = Literal["dry_run", "apply"]

MOST_EXPORTED: Final = 10_000
_PER_READ: Final = 100


@dataclass(frozen=True, slots=True)
class Report:
    """counts: lines by what became of them, or in a dry run would become."""

    mode: Mode
    counts: Mapping[Outcome, int]
    lines: tuple[LineReport, ...]
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _InFull:
    id: UUID
    product: dict[str, Any]
    created_at: datetime


_BY_SKU: Final = Query("products.own_products_by_sku", dict)
_IN_FULL: Final = Query("products.own_products_in_full", _InFull)


async def import_products(
    db: Database,
    user_id: UUID,
    file: bytes,
    mode: Mode,
    new_id: Callable[[], UUID],
    *,
    is_stock_set: bool,
) -> Report:
    """new_id: makes the ids of new products and of adjustments of stock. Raises ShopRefused."""
    table = _table(file)
    existing = await db.acting_as(Actor("wholesaler", user_id)).all(_BY_SKU, skus_of(table.lines))
    wishes = wishes_of(table.lines, existing, is_stock_set=is_stock_set)
    if mode == "apply":
        wishes = tuple([await _fulfilled(db, user_id, wish, new_id) for wish in wishes])
    lines = sorted((line for wish in wishes for line in wish.lines), key=lambda one: one.line)
    counts = Counter(line.outcome for line in lines)
    return Report(
        mode,
        {
            "create": counts["create"],
            "update": counts["update"],
            "unchanged": counts["unchanged"],
            "refused": counts["refused"],
        },
        tuple(lines),
        table.ignored_columns,
    )


async def export_products(db: Database, user_id: UUID) -> bytes:
    """The newest products as a table that can be imported again."""
    products: list[dict[str, Any]] = []
    place: tuple[datetime | None, UUID | None] = (None, None)
    while len(products) < MOST_EXPORTED:
        rows = await db.acting_as(Actor("wholesaler", user_id)).all(_IN_FULL, *place, _PER_READ)
        products += [row.product for row in rows]
        if len(rows) < _PER_READ:
            break
        place = (rows[-1].created_at, rows[-1].id)
    return write_table(products)


def _table(file: bytes) -> Table:
    try:
        return read_table(file)
    except TableUnreadable as error:
        details = {"reason": error.reason, "columns": list(error.columns)}
        raise ShopRefused("import.unreadable", error.message, details) from None


async def _fulfilled(db: Database, user_id: UUID, wish: Wish, new_id: Callable[[], UUID]) -> Wish:
    """The wish with what became of it."""
    if not wish.is_to_do:
        return wish
    try:
        await _fulfil(db, user_id, wish, new_id)
    except ShopRefused as refusal:
        return dataclasses.replace(wish, lines=_all_refused(wish.lines, refusal))
    return wish


async def _fulfil(db: Database, user_id: UUID, wish: Wish, new_id: Callable[[], UUID]) -> None:
    if wish.product_id is None:
        await create(db, user_id, new_id(), wish.part, "import")
        return
    product_id = UUID(wish.product_id)
    if wish.part:
        await change(db, user_id, product_id, wish.part)
    if wish.counted:
        changes = [StockChange(UUID(one.variant_id), counted=one.pieces) for one in wish.counted]
        await adjust_stock(db, user_id, product_id, new_id(), "import", None, changes)


def _all_refused(lines: Sequence[LineReport], refusal: ShopRefused) -> tuple[LineReport, ...]:
    fault = CellFault("", refusal.code, refusal.message)
    return tuple(dataclasses.replace(line, outcome="refused", faults=(fault,)) for line in lines)
