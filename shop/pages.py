"""Long lists, a page at a time: the catalogue, and the lists of everybody's desk.

A page says where the next one begins, so that the thousandth page costs what the first one
does, and nothing is shown twice or left out when rows arrive in between. The newest come first.
Who may see what is decided by row security: each function acts as the person given to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from db import Actor, Database, Query

Row = TypeVar("Row")

LONGEST_PAGE = 100
"""Rows; whoever asks for more gets these."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list, after which the next page begins: the time and the id of a row."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """next_place: None when this page is the last."""

    rows: tuple[Row, ...]
    next_place: Place | None


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """A product for sale, at its price outside live sessions. compare_at_minor: the MRP, if higher.

    stock: pieces of all variants, as of a moment ago.
    """

    id: UUID
    name: str
    short_description: str
    category: str
    wholesaler_id: UUID
    wholesaler_name: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    stock: int
    average_rating: Decimal
    total_reviews: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    id: UUID
    rating: int
    title: str
    body: str
    author_name: str
    is_verified_purchase: bool
    reply: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WishlistItem:
    """product: a card of the shop. only_variant_id: None where there is something to choose."""

    id: UUID
    product: dict[str, Any]
    only_variant_id: UUID | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Notification:
    id: UUID
    type: str
    title: str
    message: str
    priority: str
    action_url: str | None
    is_read: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WholesalerOrder:
    """An order with the items that are the wholesaler's, and the sum of these."""

    id: UUID
    order_number: str
    status: str
    payment_status: str
    payment_method: str | None
    shipping_address: dict[str, Any]
    tracking_number: str | None
    items: list[dict[str, Any]]
    total_minor: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class WholesalerProduct:
    id: UUID
    name: str
    sku: str
    category: str
    image_url: str | None
    status: str
    is_active: bool
    wholesale_price_minor: int
    price_minor: int
    stock: int
    total_sales: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DaySales:
    """What a wholesaler sold on a day, as days begin in India; cancelled orders do not count."""

    day: date
    orders: int
    pieces: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class InfluencerOrder:
    """An order with the items that the influencer earns on, and what they earn."""

    id: UUID
    order_number: str
    status: str
    items: list[dict[str, Any]]
    total_minor: int
    commission_minor: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Earning:
    """amount_minor is negative for what was taken back."""

    id: UUID
    earning_type: str
    amount_minor: int
    status: str
    order_id: UUID | None
    live_session_id: UUID | None
    description: str
    earned_at: datetime


@dataclass(frozen=True, slots=True)
class AdminOrder:
    id: UUID
    order_number: str
    status: str
    payment_status: str
    payment_method: str | None
    total_minor: int
    customer_id: UUID | None
    customer_name: str
    customer_email: str
    placed_at: datetime


_CATALOGUE = Query("pages.catalogue", CatalogueProduct)
_SEARCH = Query("pages.search_products", CatalogueProduct)
_REVIEWS = Query("pages.reviews_of_product", Review)
_WISHLIST = Query("pages.wishlist", WishlistItem)
_NOTIFICATIONS = Query("pages.notifications", Notification)
_WHOLESALER_ORDERS = Query("pages.wholesaler_orders", WholesalerOrder)
_WHOLESALER_PRODUCTS = Query("pages.wholesaler_products", WholesalerProduct)
_WHOLESALER_SALES = Query("pages.wholesaler_sales", DaySales)
_INFLUENCER_ORDERS = Query("pages.influencer_orders", InfluencerOrder)
_EARNINGS = Query("pages.influencer_earnings", Earning)
_ADMIN_ORDERS = Query("pages.orders_for_admin", AdminOrder)


async def catalogue(
    db: Database,
    actor: Actor,
    category: str | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> Page[CatalogueProduct]:
    """What is for sale, of one category or of all."""
    return await _page(db, actor, _CATALOGUE, (category,), after, limit, lambda p: p.created_at)


async def search_products(
    db: Database, actor: Actor, search: str, limit: int = 50
) -> tuple[CatalogueProduct, ...]:
    """What is for sale and has every word of the search; nothing for a search without a word.

    Parts of words count, too. Of words shorter than three characters only the beginnings of names.
    """
    if not search.strip():
        return ()
    return tuple(await db.acting_as(actor).all(_SEARCH, search, min(limit, LONGEST_PAGE)))


async def reviews(
    db: Database, actor: Actor, product_id: UUID, after: Place | None = None, limit: int = 20
) -> Page[Review]:
    """What buyers say of a product."""
    return await _page(db, actor, _REVIEWS, (product_id,), after, limit, lambda r: r.created_at)


async def wishlist(
    db: Database, actor: Actor, after: Place | None = None, limit: int = 50
) -> Page[WishlistItem]:
    return await _page(db, actor, _WISHLIST, (), after, limit, lambda w: w.added_at)


async def notifications(
    db: Database, actor: Actor, after: Place | None = None, limit: int = 50
) -> Page[Notification]:
    return await _page(db, actor, _NOTIFICATIONS, (), after, limit, lambda n: n.created_at)


async def wholesaler_orders(
    db: Database, actor: Actor, after: Place | None = None, limit: int = 50
) -> Page[WholesalerOrder]:
    """The orders that contain items of this wholesaler."""
    return await _page(db, actor, _WHOLESALER_ORDERS, (), after, limit, lambda o: o.placed_at)


async def wholesaler_products(
    db: Database, actor: Actor, after: Place | None = None, limit: int = 50
) -> Page[WholesalerProduct]:
    """All products of this wholesaler, also those that are not for sale."""
    return await _page(db, actor, _WHOLESALER_PRODUCTS, (), after, limit, lambda p: p.created_at)


async def wholesaler_sales(
    db: Database, actor: Actor, first_day: date, last_day: date
) -> tuple[DaySales, ...]:
    """The days, at most 31 of them, on which this wholesaler sold something."""
    return tuple(await db.acting_as(actor).all(_WHOLESALER_SALES, first_day, last_day))


async def influencer_orders(
    db: Database, actor: Actor, after: Place | None = None, limit: int = 50
) -> Page[InfluencerOrder]:
    """The orders that this influencer's live sessions earned on."""
    return await _page(db, actor, _INFLUENCER_ORDERS, (), after, limit, lambda o: o.placed_at)


async def earnings(
    db: Database, actor: Actor, after: Place | None = None, limit: int = 50
) -> Page[Earning]:
    return await _page(db, actor, _EARNINGS, (), after, limit, lambda e: e.earned_at)


async def admin_orders(
    db: Database,
    actor: Actor,
    status: str | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> Page[AdminOrder]:
    """All orders, of one status or of all; nothing for whoever is no admin."""
    return await _page(db, actor, _ADMIN_ORDERS, (status,), after, limit, lambda o: o.placed_at)


async def _page(
    db: Database,
    actor: Actor,
    query: Query[Row],
    args: tuple[object, ...],
    after: Place | None,
    limit: int,
    time_of: Callable[[Row], datetime],
) -> Page[Row]:
    limit = max(1, min(limit, LONGEST_PAGE))
    place = (after.at, after.id) if after else (None, None)
    rows: list[Any] = await db.acting_as(actor).all(query, *args, *place, limit + 1)
    if len(rows) <= limit:
        return Page(tuple(rows), None)
    last = rows[limit - 1]
    return Page(tuple(rows[:limit]), Place(time_of(last), last.id))
