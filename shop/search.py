"""The shop as everybody sees it: search, filters, one product, what goes with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query
from shop.refusal import ShopRefused

Sort = Literal["relevance", "newest", "price_up", "price_down", "rating"]

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?")
_WHOLE: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended, by what its list is sorted by; of another order it means nothing."""

    key: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.key}_{self.id}"

    @classmethod
    def parse(cls, text: str, sort: Sort, is_search: bool) -> Cursor:
        """Raises ValueError for what no page of this order gave."""
        key, _, id_ = text.partition("_")
        if sort == "newest" or (sort == "relevance" and not is_search):
            at = datetime.strptime(key, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
            return cls(at.isoformat(), UUID(id_))
        pattern = _WHOLE if sort in ("price_up", "price_down") else _NUMBER
        if not pattern.fullmatch(key):
            raise ValueError(f"no place in an order by {sort}")
        return cls(key, UUID(id_))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor wants to see. search: words, parts of words, words with a mistake in them.
    Prices are in minor units, outside live sessions. after: `next` of the page before."""

    search: str = ""
    category: str = ""
    brand: str = ""
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    in_stock: bool = False
    sort: Sort = "relevance"
    after: Cursor | None = None

    def as_filter(self) -> str:
        """As the database takes it: what is not wanted is left out."""
        wanted: dict[str, Any] = {
            "search": self.search.strip(),
            "category": self.category,
            "brand": self.brand,
            "price_min": self.price_min_minor,
            "price_max": self.price_max_minor,
            "in_stock": self.in_stock or None,
            "sort": self.sort,
            "after_key": self.after.key if self.after else None,
            "after_id": str(self.after.id) if self.after else None,
        }
        return json.dumps(
            {name: value for name, value in wanted.items() if value not in (None, "")}
        )


@dataclass(frozen=True, slots=True)
class Found:
    """products: cards. next: None at the end; a page may be short although there is a next one.
    is_fuzzy: nothing has the words as they were typed; these have some that look like them."""

    products: Sequence[Mapping[str, Any]]
    next: str | None
    is_fuzzy: bool


_PAGE: Final = Query("products.shop_products", dict)
_FILTERS: Final = Query("products.filters", dict)
_ONE: Final = Query("products.shop_product", dict)
_RELATED: Final = Query("products.related", list)


async def find_products(db: Database, actor: Actor, wanted: Wanted, limit: int) -> Found:
    page = await db.acting_as(actor).one(_PAGE, wanted.as_filter(), limit)
    assert page is not None, "the function always answers"
    return Found(page["products"], _next(page["next"]), page["is_fuzzy"])


async def product_filters(db: Database, actor: Actor, category: str) -> Mapping[str, list[str]]:
    """{categories, brands}; of the brands, those of this category, or of all for ''."""
    found = await db.acting_as(actor).one(_FILTERS, category or None)
    assert found is not None, "the function always answers"
    return found


async def product_for_sale(db: Database, actor: Actor, product_id: UUID) -> dict[str, Any]:
    """Raises ShopRefused."""
    found = await db.acting_as(actor).one(_ONE, product_id)
    if found is None:
        raise ShopRefused("product.not_found", "There is no such product for sale.")
    return found


async def related_products(
    db: Database, actor: Actor, product_id: UUID, limit: int = 8
) -> Sequence[Mapping[str, Any]]:
    return await db.acting_as(actor).one(_RELATED, product_id, limit) or []


def _next(place: Mapping[str, str] | None) -> str | None:
    if place is None:
        return None
    key = place["key"]
    if "-" in key[1:]:
        # A time, as Postgres writes it.
        at = datetime.fromisoformat(key)
        key = f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z"
    return str(Cursor(key, UUID(place["id"])))
