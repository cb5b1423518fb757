"""Deals: a price for a window of a live session, with caps.

What a deal is worth to a buyer is decided where orders are placed (private.priced_lines_v1); here
an influencer begins and ends them, and the rooms ask which ones there are. The clock is the
database's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from db import SERVICE, Database, Query
from shop.money import spoken
from shop.refusal import RefusalCode, ShopRefused


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal that is not over. variant_id: None for every variant of the product.

    total_limit: pieces for everybody; customer_limit: for one customer. sold: as last counted.
    """

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    price_minor: int
    starts_at_ms: int
    ends_at_ms: int
    total_limit: int | None
    customer_limit: int | None
    sold: int

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Deal:
        variant_id = data["variant_id"]
        return cls(
            id=UUID(data["id"]),
            product_id=UUID(data["product_id"]),
            variant_id=UUID(variant_id) if variant_id else None,
            price_minor=data["price_minor"],
            starts_at_ms=data["starts_at_ms"],
            ends_at_ms=data["ends_at_ms"],
            total_limit=data["total_limit"],
            customer_limit=data["customer_limit"],
            sold=data["sold"],
        )


@dataclass(frozen=True, slots=True)
class NewDeal:
    """id: made by the client, so that the same deal sent twice begins once. is_set_aside: what is
    left of total_limit is kept from those who buy elsewhere; needs a variant and a total_limit."""

    id: UUID
    live_session_id: UUID
    product_id: UUID
    variant_id: UUID | None
    price_minor: int
    starts_in_s: int
    duration_s: int
    total_limit: int | None
    customer_limit: int | None
    is_set_aside: bool


_START: Final = Query("deals.start", dict)
_STOP: Final = Query("deals.stop", dict)
_OF_LIVE_SESSION: Final = Query("deals.of_live_session", dict)


async def start_deal(db: Database, user_id: UUID, new: NewDeal) -> Deal:
    """Begin a deal of the influencer with this account. Raises ShopRefused."""
    if new.is_set_aside and (new.variant_id is None or new.total_limit is None):
        raise ShopRefused(
            "deal.invalid", "Stock can be set aside for one variant with a limit of pieces."
        )
    answer = await db.acting_as(SERVICE).one(
        _START,
        user_id,
        new.id,
        new.live_session_id,
        new.product_id,
        new.variant_id,
        new.price_minor,
        new.starts_in_s,
        new.duration_s,
        new.total_limit,
        new.customer_limit,
        new.is_set_aside,
    )
    assert answer is not None, "the function always answers"
    if answer["outcome"] != "started":
        raise _refusal(answer)
    return Deal.from_json(answer["deal"])


async def stop_deal(db: Database, user_id: UUID, live_session_id: UUID, deal_id: UUID) -> None:
    """End a deal before its time; nothing when it is over. Raises ShopRefused."""
    answer = await db.acting_as(SERVICE).one(_STOP, user_id, live_session_id, deal_id)
    assert answer is not None, "the function always answers"
    if answer["outcome"] != "stopped":
        raise _refusal(answer)


async def deals_of_live_session(db: Database, live_session_id: UUID) -> tuple[Deal, ...]:
    """Those that are not over, the first to end at the head. For the room, which all share."""
    rows = await db.acting_as(SERVICE).all(_OF_LIVE_SESSION, live_session_id)
    return tuple(map(Deal.from_json, rows))


def _refusal(answer: dict[str, Any]) -> ShopRefused:
    code, sentence = _REFUSALS[answer["outcome"]]
    return ShopRefused(code, sentence(answer), {k: v for k, v in answer.items() if k != "outcome"})


_REFUSALS: Final[dict[str, tuple[RefusalCode, Callable[[dict[str, Any]], str]]]] = {
    "session_not_found": ("session.not_found", lambda a: "This live session does not exist."),
    "not_yours": ("auth.forbidden", lambda a: "This is another influencer's live session."),
    "wrong_state": ("session.wrong_state", lambda a: "Deals run while the live session is on air."),
    "not_in_session": (
        "product.not_in_session",
        lambda a: "This product is not part of the live session.",
    ),
    "variant_unknown": ("deal.invalid", lambda a: "This product has no such variant."),
    "price_not_lower": (
        "deal.price_not_lower",
        lambda a: f"It costs {spoken(a['price_minor'])} already. Please go below that.",
    ),
    "overlaps": ("deal.overlaps", lambda a: "There is a deal on this product. End it first."),
    "too_many": ("deal.too_many", lambda a: f"At most {a['most']} deals at once."),
    "stock_short": (
        "deal.stock_short",
        lambda a: f"Only {a['available']} pieces are free to be set aside.",
    ),
    "key_reused": ("deal.key_reused", lambda a: "This id was used for another deal."),
    "deal_not_found": ("deal.not_found", lambda a: "There is no such deal."),
}
