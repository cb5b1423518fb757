"""Reviews: read by everybody, written by who received the product, answered, hidden."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from livecommerce.http.api import ANYONE, Call, Reply, Route, Who
from livecommerce.http.product_routes import (
    CUSTOMER,
    Older,
    actor_of,
    ms,
    next_of,
    place_of,
    product_id_of,
)
from livecommerce.http.refusals import ApiRefused
from livecommerce.http.reviews import ReviewWire
from shop import products, reviews
from signaling.payloads import Empty, Id, Wire

ADMIN: Final[Who] = frozenset(("admin",))
WHOLESALER: Final[Who] = frozenset(("wholesaler",))

_PER_PAGE: Final = 20
_PER_DESK_PAGE: Final = 50

_Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
_Body = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
_Reply = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class NewReview(Wire):
    product_id: Id
    rating: Annotated[int, Field(ge=1, le=5)]
    title: _Title = ""
    body: _Body = ""


class ReviewReply(Wire):
    """body: null takes the reply back."""

    body: _Reply | None


class HideReview(Wire):
    """reason: its author reads it."""

    reason: _Reason


class DeskFilter(Wire):
    status: Literal["", "published", "hidden"] = ""
    after: Annotated[str, StringConstraints(max_length=100)] = ""


class Reviews(Wire):
    """next: what to send as `after` for more; null at the end."""

    reviews: Annotated[tuple[ReviewWire, ...], Strict(False)]
    next: str | None


class ReviewOk(Wire):
    review: ReviewWire


class DueReview(Wire):
    product_id: Id
    name: str
    image_url: str | None
    order_id: Id
    delivered_at_ms: int


class DueReviews(Wire):
    products: Annotated[tuple[DueReview, ...], Strict(False)]


class DeskReview(ReviewWire):
    product_name: str


class DeskReviews(Wire):
    reviews: Annotated[tuple[DeskReview, ...], Strict(False)]
    next: str | None


async def reviews_of_product(call: Call[Older]) -> Reply:
    page = await reviews.reviews_of(
        call.deps.db,
        actor_of(call.identity),
        product_id_of(call),
        place_of(call.body.after),
        _PER_PAGE,
    )
    shown = tuple(ReviewWire.model_validate(row.review) for row in page.rows)
    return Reply(Reviews(reviews=shown, next=next_of(page.next_place)))


async def reviews_of_own_product(call: Call[Older]) -> Reply:
    await products.product_of(call.deps.db, call.caller.user_id, product_id_of(call))
    return await reviews_of_product(call)


async def write_review(call: Call[NewReview]) -> Reply:
    body = call.body
    written = await reviews.write_review(
        call.deps.db, call.caller.user_id, body.product_id, body.rating, body.title, body.body
    )
    return _one(written)


async def remove_review(call: Call[Empty]) -> Reply:
    await reviews.remove_review(call.deps.db, call.caller.user_id, _review_id(call))
    return Reply(Empty())


async def due_reviews(call: Call[Empty]) -> Reply:
    due = await reviews.reviews_due(call.deps.db, call.caller.user_id)
    return Reply(
        DueReviews(
            products=tuple(
                DueReview(
                    product_id=one.product_id,
                    name=one.name,
                    image_url=one.image_url,
                    order_id=one.order_id,
                    delivered_at_ms=ms(one.delivered_at),
                )
                for one in due
            )
        )
    )


async def reply_to_review(call: Call[ReviewReply]) -> Reply:
    return _one(
        await reviews.reply_to_review(
            call.deps.db, call.caller.user_id, _review_id(call), call.body.body
        )
    )


async def desk_reviews(call: Call[DeskFilter]) -> Reply:
    page = await reviews.reviews_for_admin(
        call.deps.db,
        call.caller.user_id,
        call.body.status or None,
        place_of(call.body.after),
        _PER_DESK_PAGE,
    )
    shown = tuple(
        DeskReview.model_validate({**row.review, "product_name": row.product_name})
        for row in page.rows
    )
    return Reply(DeskReviews(reviews=shown, next=next_of(page.next_place)))


async def hide_review(call: Call[HideReview]) -> Reply:
    return _one(
        await reviews.hide_review(
            call.deps.db, call.caller.user_id, _review_id(call), call.body.reason
        )
    )


async def show_review(call: Call[Empty]) -> Reply:
    return _one(
        await reviews.hide_review(call.deps.db, call.caller.user_id, _review_id(call), None)
    )


def _one(review: dict[str, Any]) -> Reply:
    return Reply(ReviewOk(review=ReviewWire.model_validate(review)))


def _review_id(call: Call[Any]) -> UUID:
    try:
        return UUID(call.request.match_info["review_id"])
    except ValueError:
        raise ApiRefused("review.not_found", "There is no such review.") from None


_REVIEWS: Final = "/api/v1/reviews"
_DESK: Final = "/api/v1/admin/reviews"
_OWN: Final = "/api/v1/wholesaler"

ROUTES: Final = (
    Route("GET", "/api/v1/products/{product_id}/reviews", "What buyers say of a product.", ANYONE,
          reviews_of_product, Reviews, Older, errors=("product.not_found",)),
    Route("GET", f"{_REVIEWS}/due", "What was delivered and has no review of the customer yet.",
          CUSTOMER, due_reviews, DueReviews),
    Route("POST", _REVIEWS, "Say something of a product that was delivered; again changes it.",
          CUSTOMER, write_review, ReviewOk, NewReview,
          errors=("product.not_found", "review.not_bought", "review.not_customer")),
    Route("POST", f"{_REVIEWS}/{{review_id}}/remove", "Take one's review back.", CUSTOMER,
          remove_review, Empty, errors=("review.not_found",)),
    Route("GET", f"{_OWN}/products/{{product_id}}/reviews", "What buyers say of one's own product.",
          WHOLESALER, reviews_of_own_product, Reviews, Older, errors=("product.not_found",)),
    Route("POST", f"{_OWN}/reviews/{{review_id}}/reply",
          "Reply to a review of one's own product, or take the reply back.", WHOLESALER,
          reply_to_review, ReviewOk, ReviewReply, errors=("review.not_found",)),
    Route("GET", _DESK, "All reviews, newest first.", ADMIN, desk_reviews, DeskReviews, DeskFilter),
    Route("POST", f"{_DESK}/{{review_id}}/hide", "Hide a review; its author is told why.", ADMIN,
          hide_review, ReviewOk, HideReview, errors=("review.not_found",)),
    Route("POST", f"{_DESK}/{{review_id}}/show", "Show a hidden review again.", ADMIN, show_review,
          ReviewOk, errors=("review.not_found",)),
)  # fmt: skip
