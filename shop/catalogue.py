"""What there is to sell: the products of a live session, and those that could be in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from db import SERVICE, Actor, Database, Query
from shop.money import CURRENCY


@dataclass(frozen=True, slots=True)
class Variant:
    """What is put into an order. label says which one it is: 'Blue / M', '250 ml', 'Standard'."""

    id: UUID
    label: str
    color: str | None
    size: str | None
    price_minor: int
    stock: int


@dataclass(frozen=True, slots=True)
class ProductText:
    """A product in another language. What is None is read from the product."""

    name: str
    short_description: str | None


Translations = Mapping[str, ProductText]
"""By language, of those that the pages speak; what is not there is read from the product."""


@dataclass(frozen=True, slots=True)
class LiveProduct:
    """A product as a live session shows it, at the prices of the moment.

    price_minor: of the cheapest variant. compare_at_minor: the MRP, where it is higher.
    """

    id: UUID
    name: str
    short_description: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    currency: str
    display_order: int
    stock: int
    is_pinned: bool
    variants: tuple[Variant, ...]
    translations: Translations


@dataclass(frozen=True, slots=True)
class EligibleProduct:
    """A product that an influencer may choose for a live session."""

    id: UUID
    name: str
    short_description: str
    category: str
    wholesaler_name: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    stock: int
    translations: Translations


@dataclass(frozen=True, slots=True)
class ProductSales:
    product_id: UUID
    orders: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class LiveSessionSales:
    """What a live session has sold; an order with two of its products counts once in `orders`.

    revenue_minor: what customers pay for it after coupons, whether it is paid yet or not; what was
    cancelled does not count. paid_minor: what of it is paid (cash: once it was collected), less
    what was given back.
    """

    orders: int
    revenue_minor: int
    paid_minor: int
    products: tuple[ProductSales, ...]


@dataclass(frozen=True, slots=True)
class _LiveProductRow:
    id: UUID
    name: str
    short_description: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    display_order: int
    stock: int
    is_pinned: bool
    variants: list[dict[str, Any]]
    translations: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _EligibleProductRow:
    id: UUID
    name: str
    short_description: str
    category: str
    wholesaler_name: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    stock: int
    translations: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _SalesRow:
    orders: int
    revenue_minor: int
    paid_minor: int
    products: list[dict[str, Any]]


_PRODUCTS_OF_LIVE_SESSION = Query("shop.products_of_live_session", _LiveProductRow)
_ELIGIBLE_PRODUCTS = Query("shop.eligible_products", _EligibleProductRow)
_SALES_OF_LIVE_SESSION = Query("shop.sales_of_live_session", _SalesRow)


async def live_products(db: Database, live_session_id: UUID) -> tuple[LiveProduct, ...]:
    """The products of a live session in display order, at most one of them pinned.

    Read for the room, which all of its viewers share; who may be in it was decided before.
    """
    rows = await db.acting_as(SERVICE).all(_PRODUCTS_OF_LIVE_SESSION, live_session_id)
    return tuple(map(_live_product, rows))


async def eligible_products(
    db: Database, influencer_user_id: UUID, search: str = "", limit: int = 100
) -> tuple[EligibleProduct, ...]:
    """Products that any live session may show. search: part of a name, brand or category."""
    asking = Actor("influencer", influencer_user_id)
    rows = await db.acting_as(asking).all(_ELIGIBLE_PRODUCTS, search.strip(), limit)
    return tuple(
        EligibleProduct(**asdict(row) | {"translations": _translations(row.translations)})
        for row in rows
    )


async def live_session_sales(db: Database, live_session_id: UUID) -> LiveSessionSales:
    """Orders and revenue that carry this live session, per product and in all."""
    row = await db.acting_as(SERVICE).one(_SALES_OF_LIVE_SESSION, live_session_id)
    assert row is not None, "an aggregate without GROUP BY always has a row"
    products = tuple(
        ProductSales(UUID(sold["product_id"]), sold["orders"], sold["revenue_minor"])
        for sold in row.products
    )
    return LiveSessionSales(row.orders, row.revenue_minor, row.paid_minor, products)


def _live_product(row: _LiveProductRow) -> LiveProduct:
    variants = tuple(Variant(**variant | {"id": UUID(variant["id"])}) for variant in row.variants)
    return LiveProduct(
        id=row.id,
        name=row.name,
        short_description=row.short_description,
        image_url=row.image_url,
        price_minor=row.price_minor,
        compare_at_minor=row.compare_at_minor,
        currency=CURRENCY,
        display_order=row.display_order,
        stock=row.stock,
        is_pinned=row.is_pinned,
        variants=variants,
        translations=_translations(row.translations),
    )


def _translations(found: dict[str, Any]) -> Translations:
    return {language: ProductText(**text) for language, text in found.items()}
