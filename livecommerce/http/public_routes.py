"""What everybody may read, and what a person may read about themselves."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from pydantic import Strict

from db import ANONYMOUS, Query
from livecommerce.http.api import ANYONE, SIGNED_IN, Call, Reply, Route
from livecommerce.http.auth_routes import User
from livecommerce.http.deps import HttpDeps
from livecommerce.live.sessions import LiveSessionRow
from shop.money import CURRENCY
from shop.orders import last_address, orders_of
from signaling.payloads import Address, Empty, Id, LiveSession, Order, ProductText, Wire

# What fits a home page; older ones are reached by their own address.
_PER_SHELF: Final = 24
# The number of viewers is decoration; a page does not wait for it.
_VIEWERS_TIMEOUT_S: Final = 0.5

_log = structlog.get_logger(__name__)


class Poster(Wire):
    """The product that stands for a live session in a list."""

    product_id: Id
    name: str
    image_url: str
    price_minor: int
    compare_at_minor: int | None
    currency: str = CURRENCY
    translations: dict[str, ProductText]


class ListedLiveSession(LiveSession):
    viewers: int
    poster: Poster | None


Shelf = Annotated[tuple[ListedLiveSession, ...], Strict(False)]


class LiveSessions(Wire):
    """live: on air or paused, newest first. upcoming: soonest first. ended: newest first."""

    live: Shelf
    upcoming: Shelf
    ended: Shelf


class Me(Wire):
    user: User


class MyAddress(Wire):
    address: Address | None


class MyOrders(Wire):
    orders: Annotated[tuple[Order, ...], Strict(False)]


@dataclass(frozen=True, slots=True)
class ListedRow(LiveSessionRow):
    shelf: str
    poster: dict[str, Any] | None


_LISTED: Final = Query("studio.listed_live_sessions", ListedRow)


async def live_sessions(call: Call[Empty]) -> Reply:
    rows = await call.deps.db.acting_as(ANONYMOUS).all(_LISTED, call.now, _PER_SHELF)
    viewers = await viewers_now(call.deps, [row.id for row in rows if row.shelf == "live"])
    shelves = {
        shelf: tuple(_listed(row, viewers.get(row.id, 0)) for row in rows if row.shelf == shelf)
        for shelf in ("live", "upcoming", "ended")
    }
    return Reply(LiveSessions(**shelves))


async def me(call: Call[Empty]) -> Reply:
    caller = call.caller
    return Reply(
        Me(
            user=User(
                id=caller.user_id,
                role=caller.role,
                display_name=caller.display_name,
                email=caller.email,
            )
        )
    )


async def my_address(call: Call[Empty]) -> Reply:
    address = await last_address(call.deps.db, call.caller.user_id)
    return Reply(MyAddress(address=Address(**asdict(address)) if address else None))


async def my_orders(call: Call[Empty]) -> Reply:
    orders = await orders_of(call.deps.db, call.caller.user_id)
    return Reply(MyOrders(orders=tuple(Order.model_validate(asdict(order)) for order in orders)))


async def viewers_now(deps: HttpDeps, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Counts, or none at all: the list is shown whether or not Redis is there."""
    if not ids:
        return {}
    try:
        async with asyncio.timeout(_VIEWERS_TIMEOUT_S):
            return await deps.viewers_of(ids)
    except Exception as error:
        # Whatever the counter fails with, what is on air is worth showing without a number.
        _log.warning("viewers.unknown", error=type(error).__name__)
        return {}


def _listed(row: ListedRow, viewers: int) -> ListedLiveSession:
    return ListedLiveSession.model_validate(
        {**dict(row.wire()), "viewers": viewers, "poster": row.poster}
    )


ROUTES: Final = (
    Route("GET", "/api/v1/live-sessions", "What is on air, coming up, and over.", ANYONE,
          live_sessions, LiveSessions),
    Route("GET", "/api/v1/me", "Who the access token speaks for.", SIGNED_IN, me, Me),
    Route("GET", "/api/v1/me/address", "Where the last order went, or null.", SIGNED_IN,
          my_address, MyAddress),
    Route("GET", "/api/v1/me/orders", "The newest orders, at most 50.", SIGNED_IN,
          my_orders, MyOrders),
)  # fmt: skip
