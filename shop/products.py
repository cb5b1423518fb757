"""A wholesaler's products: written, listed, counted.

What a product may be is decided in `shop.product_rules`; whose it is, and that two changes at the
same time do not add up to what neither would be allowed, by private.save_product_v1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query
from shop.pages import LONGEST_PAGE, Page, Place
from shop.product_rules import (
    EMPTY,
    EMPTY_VARIANT,
    Document,
    Fault,
    columns_of,
    faults_of,
    faults_of_change,
    variant_rows,
)
from shop.refusal import RefusalCode, ShopRefused

State = Literal["all", "for_sale", "hidden", "low_stock", "sold_out", "discontinued"]
Reason = Literal["received", "returned", "damaged", "lost", "counted", "correction", "import"]


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product in its wholesaler's list. is_low: as few are left as min_stock_level, or fewer."""

    id: UUID
    name: str
    sku: str
    category: str
    image_url: str | None
    status: str
    price_minor: int
    mrp_minor: int
    stock: int
    min_stock_level: int
    is_low: bool
    variants: int
    total_sales: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StockChange:
    """Of one variant: so many more or fewer, or so many as were counted."""

    variant_id: UUID
    delta: int | None = None
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class StockMove:
    """reason: None of a move by an order, or one that was written without. moved_by: a name."""

    id: int
    variant_id: UUID
    label: str
    delta: int
    reason: str | None
    note: str | None
    moved_by: str | None
    order_number: str | None
    moved_at: datetime


_SAVE: Final = Query("products.save", str)
_ADJUST: Final = Query("products.adjust_stock", dict)
_MOVES: Final = Query("products.stock_moves", StockMove)
_LIST: Final = Query("products.own_products", OwnProduct)
_COUNTS: Final = Query("products.own_product_counts", dict)
_ONE: Final = Query("products.own_product", dict)

# What the words of 20261124000720_product_writing.sql mean.
_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_found": ("product.not_found", "There is no such product of yours."),
    "not_wholesaler": ("product.not_wholesaler", "This account has no active wholesaler profile."),
    "sku_taken": ("product.sku_taken", "This SKU belongs to another product already."),
    "in_deal": ("product.in_deal", "A deal sells this variant right now. Stop it first."),
    "too_little": ("stock.too_little", "There are not so many pieces, or too many would be."),
    "key_reused": ("stock.key_reused", "This id was used for something else."),
}
# The same words for what a form can point at.
_FAULTS: Final = {
    "variant_unknown": Fault("variants", "unknown", "A variant is not one of this product."),
    "no_variant": Fault("variants", "required", "A product needs at least one variant."),
    "above_mrp": Fault("price_minor", "above_mrp", "The price may not be above the MRP."),
    "variant_twice": Fault("variants", "twice", "Two variants are the same."),
}


async def create(
    db: Database, user_id: UUID, product_id: UUID, draft: Document, reason: str = "opening"
) -> dict[str, Any]:
    """A new product; the same id twice makes one. Raises ShopRefused."""
    whole = {**EMPTY, **draft}
    require(faults_of(whole))
    await _save(db, user_id, product_id, True, whole, whole["variants"], (), reason)
    return await product_of(db, user_id, product_id)


async def change(
    db: Database,
    user_id: UUID,
    product_id: UUID,
    part: Document,
    removed: Sequence[UUID] = (),
) -> dict[str, Any]:
    """What is left out stays, also when somebody else changes it at the same time. variants: those
    to change or to add; in a new order when all of them are given. Raises ShopRefused."""
    now = await product_of(db, user_id, product_id)
    gone = {str(id_) for id_ in removed}
    given = _placed(now["variants"], part.get("variants") or (), gone)
    whole = {**EMPTY, **now, **part, "variants": _after(now["variants"], given, gone)}
    require(faults_of_change(whole, {**part, **({"variants": ()} if gone else {})}))
    variants = given if "variants" in part else None
    await _save(db, user_id, product_id, False, part, variants, removed, "opening")
    return await product_of(db, user_id, product_id)


async def product_of(db: Database, user_id: UUID, product_id: UUID) -> dict[str, Any]:
    """A product as it is edited. Raises ShopRefused."""
    found = await db.acting_as(_wholesaler(user_id)).one(_ONE, product_id)
    if found is None:
        raise refused("not_found")
    return found


async def own_products(
    db: Database, user_id: UUID, search: str, state: State, after: Place | None, limit: int = 50
) -> Page[OwnProduct]:
    """The wholesaler's products, newest first. search: part of a name, or how a SKU begins."""
    limit = max(1, min(limit, LONGEST_PAGE))
    place = (after.at, after.id) if after else (None, None)
    rows = await db.acting_as(_wholesaler(user_id)).all(
        _LIST, search.strip()[:100], state, *place, limit + 1
    )
    if len(rows) <= limit:
        return Page(tuple(rows), None)
    last = rows[limit - 1]
    return Page(tuple(rows[:limit]), Place(last.created_at, last.id))


async def own_product_counts(db: Database, user_id: UUID) -> Mapping[State, int]:
    counts = await db.acting_as(_wholesaler(user_id)).one(_COUNTS)
    assert counts is not None, "an aggregate without GROUP BY always has a row"
    return counts


async def adjust_stock(
    db: Database,
    user_id: UUID,
    product_id: UUID,
    adjustment_id: UUID,
    reason: Reason,
    note: str | None,
    changes: Sequence[StockChange],
) -> dict[str, Any]:
    """All changes or none; the same id twice moves once. Raises ShopRefused."""
    async with db.acting_as(Actor("service", user_id)) as transaction:
        answer = await transaction.one(
            _ADJUST,
            user_id,
            product_id,
            adjustment_id,
            reason,
            note,
            [change.variant_id for change in changes],
            [change.delta for change in changes],
            [change.counted for change in changes],
        )
    assert answer is not None, "the function always answers"
    if answer["outcome"] != "done":
        raise refused(answer["outcome"], {"variants": answer.get("variants") or []})
    return await product_of(db, user_id, product_id)


async def stock_moves(
    db: Database, user_id: UUID, product_id: UUID, before_id: int | None, limit: int = 50
) -> tuple[StockMove, ...]:
    """Moves of a product, newest first; nothing of a product of somebody else."""
    async with db.acting_as(Actor("service", user_id)) as transaction:
        return tuple(await transaction.all(_MOVES, user_id, product_id, before_id, limit))


def refused(word: str, details: Mapping[str, Any] | None = None) -> ShopRefused:
    """The refusal that a word of the database stands for."""
    if word in _FAULTS:
        return invalid((_FAULTS[word],))
    code, sentence = _REFUSALS[word]
    return ShopRefused(code, sentence, details)


def require(faults: Sequence[Fault]) -> None:
    """Raises ShopRefused when there is one."""
    if faults:
        raise invalid(faults)


def invalid(faults: Sequence[Fault]) -> ShopRefused:
    """fields: a sentence for each; reasons: the same as stable words."""
    first_of_each = {fault.path: fault for fault in reversed(faults)}
    return ShopRefused(
        "product.invalid",
        "Some of this cannot be right.",
        {
            "fields": {path: fault.message for path, fault in first_of_each.items()},
            "reasons": {path: fault.code for path, fault in first_of_each.items()},
        },
    )


def _placed(
    now: Sequence[Document], given: Sequence[Document], gone: set[str]
) -> list[dict[str, Any]]:
    """The given variants as they are to be, each with its position: by their own order when they
    are all there are, else where they were, and new ones at the end."""
    known = {str(variant["id"]): (place, variant) for place, variant in enumerate(now)}
    is_order = known.keys() - gone <= {str(variant.get("id")) for variant in given}
    placed = []
    for place, variant in enumerate(given):
        was_at, before = known.get(str(variant.get("id")), (len(now) + place, EMPTY_VARIANT))
        placed.append({**before, **variant, "position": place if is_order else was_at})
    return placed


def _after(now: Sequence[Document], given: Sequence[Document], gone: set[str]) -> list[Document]:
    """All variants after the change: those that are given first, as the form has them."""
    touched = {str(variant["id"]) for variant in given} | gone
    rest = [variant for variant in now if str(variant["id"]) not in touched]
    return [variant for variant in (*given, *rest) if str(variant["id"]) not in gone]


async def _save(
    db: Database,
    user_id: UUID,
    product_id: UUID,
    is_new: bool,
    part: Document,
    variants: Sequence[Document] | None,
    removed: Sequence[UUID],
    reason: str,
) -> None:
    # The service writes, since no person's role may; the audit log notes for whom.
    async with db.acting_as(Actor("service", user_id)) as transaction:
        word = await transaction.one(
            _SAVE,
            user_id,
            product_id,
            is_new,
            columns_of(part),
            None if variants is None else variant_rows(variants),
            list(removed),
            part.get("translations"),
            reason,
        )
    assert word is not None, "the function always answers"
    if word != "done":
        raise refused(word)


def _wholesaler(user_id: UUID) -> Actor:
    return Actor("wholesaler", user_id)
