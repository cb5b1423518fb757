"""What an influencer sees of a live session afterwards, and meanwhile: who watched, how long, and
what became of each product that was shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Strict

from db import Actor, Query
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.public_routes import viewers_now
from livecommerce.http.refusals import ApiRefused
from signaling.engagement_payloads import ReactionKind
from signaling.payloads import Empty, Id, ProductText, Wire

INFLUENCER: Final[Who] = frozenset(("influencer",))

# Twelve hours of a live session that never ends; the newest are shown.
_MINUTES: Final = 720


class WayToOrder(Wire):
    """What became of a product: how many visits had it pinned before them, how often it was tapped
    and put into a cart, and how many orders that still hold have it."""

    product_id: Id
    name: str
    translations: dict[str, ProductText]
    shown: int
    clicked: int
    added_to_cart: int
    ordered: int


class MinuteFigures(Wire):
    """watch_time_ms: of all viewers together."""

    at_ms: int
    joins: int
    peak_viewers: int
    average_viewers: float
    watch_time_ms: int
    messages: int
    reactions: int
    clicks: int


class LiveSessionFigures(Wire):
    """viewers: now. unique_viewers: an estimate, about one in a hundred off, where many are not
    signed in. unique_customers: exactly. watch_time_ms: of all viewers together. minutes: oldest
    first."""

    viewers: int
    joins: int
    peak_viewers: int
    unique_viewers: int
    unique_customers: int
    watch_time_ms: int
    messages: int
    reactions: int
    reactions_by_kind: dict[ReactionKind, int]
    products: Annotated[tuple[WayToOrder, ...], Strict(False)]
    minutes: Annotated[tuple[MinuteFigures, ...], Strict(False)]


class ProductMinute(Wire):
    """As WayToOrder, in one minute."""

    at_ms: int
    shown: int
    clicked: int
    added_to_cart: int
    ordered: int


class ProductMinutes(Wire):
    """Minutes in which something happened, oldest first."""

    minutes: Annotated[tuple[ProductMinute, ...], Strict(False)]


@dataclass(frozen=True, slots=True)
class _MinuteRow:
    at_ms: int
    shown: int
    clicked: int
    added_to_cart: int
    ordered: int


FIGURES: Final = Query("figures.of_live_session", dict)
PRODUCT_MINUTES: Final = Query("figures.product_minutes", _MinuteRow)


async def figures(call: Call[Empty]) -> Reply:
    live_session_id, counted = await _own(call)
    viewers = (await viewers_now(call.deps, [live_session_id])).get(live_session_id, 0)
    return Reply(
        LiveSessionFigures.model_validate(
            counted | {"viewers": viewers, "peak_viewers": max(viewers, counted["peak_viewers"])}
        )
    )


async def product_minutes(call: Call[Empty]) -> Reply:
    live_session_id, _ = await _own(call)
    product_id = _id(call.request.match_info["product_id"])
    rows = await call.deps.db.acting_as(_actor(call)).all(
        PRODUCT_MINUTES, live_session_id, product_id, _MINUTES
    )
    return Reply(ProductMinutes(minutes=tuple(ProductMinute(**asdict(row)) for row in rows)))


async def _own(call: Call[Any]) -> tuple[UUID, dict[str, Any]]:
    """One's own live session of the address, and what was counted of it."""
    live_session_id = _id(call.request.match_info["live_session_id"])
    counted = await call.deps.db.acting_as(_actor(call)).one(FIGURES, live_session_id, _MINUTES)
    if counted is None:
        raise _not_found()
    return live_session_id, counted


def _actor(call: Call[Any]) -> Actor:
    return Actor("influencer", call.caller.user_id)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _not_found() from None


def _not_found() -> ApiRefused:
    """The same for a live session of somebody else and for one that does not exist."""
    return ApiRefused("session.not_found", "There is no such live session.")


_PREFIX: Final = "/api/v1/studio/live-sessions/{live_session_id}/figures"

ROUTES: Final = (
    Route("GET", _PREFIX, "Viewers, time watched and what became of each product.",
          INFLUENCER, figures, LiveSessionFigures, errors=("session.not_found",)),
    Route("GET", f"{_PREFIX}/products/{{product_id}}",
          "What became of one product, minute by minute.",
          INFLUENCER, product_minutes, ProductMinutes, errors=("session.not_found",)),
)  # fmt: skip
