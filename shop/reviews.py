"""What buyers say of products, and what wholesalers and admins do about it.

Only who received a product reviews it, once: a later word takes the place of the one before. A
wholesaler replies, an admin hides; the author of what is hidden still sees it, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query
from shop.pages import LONGEST_PAGE, Page, Place
from shop.refusal import RefusalCode, ShopRefused

Status = Literal["published", "hidden"]


@dataclass(frozen=True, slots=True)
class ListedReview:
    """review: as JSON has it."""

    id: UUID
    review: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeskReview:
    id: UUID
    review: dict[str, Any]
    product_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DueReview:
    """A product that came to a customer who has said nothing of it yet."""

    product_id: UUID
    name: str
    image_url: str | None
    order_id: UUID
    delivered_at: datetime


_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_found": ("review.not_found", "There is no such review."),
    "not_customer": ("review.not_customer", "This account has no active customer profile."),
    "not_bought": ("review.not_bought", "You can review this once it was delivered to you."),
    "product_not_found": ("product.not_found", "There is no such product."),
}

_WRITE: Final = Query("products.write_review", dict)
_REMOVE: Final = Query("products.remove_review", str)
_OF_PRODUCT: Final = Query("products.reviews", ListedReview)
_DUE: Final = Query("products.reviews_due", DueReview)
_DESK: Final = Query("products.reviews_for_admin", DeskReview)
_REPLY: Final = Query("products.reply_to_review", dict)
_HIDE: Final = Query("products.hide_review", dict)


async def write_review(
    db: Database, user_id: UUID, product_id: UUID, rating: int, title: str, body: str
) -> dict[str, Any]:
    """Raises ShopRefused."""
    answer = await db.acting_as(Actor("customer", user_id)).one(
        _WRITE, product_id, rating, title or None, body or None
    )
    if answer and answer["outcome"] == "not_found":
        raise _refused("product_not_found")
    return _review_of(answer)


async def remove_review(db: Database, user_id: UUID, review_id: UUID) -> None:
    """Raises ShopRefused."""
    word = await db.acting_as(Actor("customer", user_id)).one(_REMOVE, review_id)
    if word != "done":
        raise _refused("not_found")


async def reviews_of(
    db: Database, actor: Actor, product_id: UUID, after: Place | None, limit: int = 20
) -> Page[ListedReview]:
    """Published ones, newest first."""
    place = (after.at, after.id) if after else (None, None)
    limit = max(1, min(limit, LONGEST_PAGE))
    rows = await db.acting_as(actor).all(_OF_PRODUCT, product_id, *place, limit + 1)
    return Page(tuple(rows[:limit]), _next(rows, limit))


async def reviews_due(db: Database, user_id: UUID, limit: int = 20) -> tuple[DueReview, ...]:
    return tuple(await db.acting_as(Actor("customer", user_id)).all(_DUE, limit))


async def reviews_for_admin(
    db: Database, admin_id: UUID, status: Status | None, after: Place | None, limit: int = 50
) -> Page[DeskReview]:
    place = (after.at, after.id) if after else (None, None)
    limit = max(1, min(limit, LONGEST_PAGE))
    rows = await db.acting_as(Actor("admin", admin_id)).all(_DESK, status, *place, limit + 1)
    return Page(tuple(rows[:limit]), _next(rows, limit))


async def reply_to_review(
    db: Database, user_id: UUID, review_id: UUID, body: str | None
) -> dict[str, Any]:
    """By the wholesaler of the product; None takes the reply back. Raises ShopRefused."""
    async with db.acting_as(Actor("service", user_id)) as transaction:
        answer = await transaction.one(_REPLY, user_id, review_id, body)
    return _review_of(answer)


async def hide_review(
    db: Database, admin_id: UUID, review_id: UUID, reason: str | None
) -> dict[str, Any]:
    """reason: its author reads it; None shows the review again. Raises ShopRefused."""
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        answer = await transaction.one(_HIDE, review_id, reason)
    return _review_of(answer)


def _next(rows: Sequence[ListedReview] | Sequence[DeskReview], limit: int) -> Place | None:
    if len(rows) <= limit:
        return None
    return Place(rows[limit - 1].created_at, rows[limit - 1].id)


def _review_of(answer: dict[str, Any] | None) -> dict[str, Any]:
    assert answer is not None, "these functions always answer"
    if answer["outcome"] != "done":
        raise _refused(answer["outcome"])
    review: dict[str, Any] = answer["review"]
    return review


def _refused(word: str) -> ShopRefused:
    code, sentence = _REFUSALS[word]
    return ShopRefused(code, sentence)
