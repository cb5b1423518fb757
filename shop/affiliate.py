"""Links by which an influencer brings customers: who comes by one and buys earns them.

The page remembers the code of a link for as long as it counts, because most people who come by one
are not signed in yet. When a customer opens a product, the page says so; the touch is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from db import SERVICE, Database, Query, UniqueViolated
from shop.refusal import ShopRefused

# Letters and digits that nobody mistakes for each other when they are read aloud.
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_CHARS: Final = 8
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class AffiliateLink:
    """To a product, a live session, or the shop when both are None. customers: who came by it."""

    code: str
    product_id: UUID | None
    product_name: str | None
    live_session_id: UUID | None
    live_session_title: str | None
    clicks: int
    customers: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LinkSales:
    """What was bought by all links of an influencer. earned_minor: of it, what the ledger has as
    theirs: paid for and not sent back; it may be waiting still."""

    orders: int
    pieces: int
    earned_minor: int


@dataclass(frozen=True, slots=True)
class _Target:
    code: str
    product_id: UUID | None
    live_session_id: UUID | None


_LINKS_OF: Final = Query("affiliate.links_of", AffiliateLink)
_SALES: Final = Query("affiliate.sales", LinkSales)
_MAKE: Final = Query("affiliate.make", str)
_FOLLOW: Final = Query("affiliate.follow", _Target)
_NOTE_TOUCH: Final = Query("affiliate.note_touch", UUID)


async def links_of(db: Database, user_id: UUID) -> tuple[AffiliateLink, ...]:
    """The newest of this influencer, at most 200."""
    return tuple(await db.acting_as(SERVICE).all(_LINKS_OF, user_id, None))


async def sales_since(db: Database, user_id: UUID, since: datetime) -> LinkSales:
    found = await db.acting_as(SERVICE).one(_SALES, user_id, since)
    assert found is not None, "a sum always has a row"
    return found


async def make(
    db: Database,
    user_id: UUID,
    product_id: UUID | None,
    live_session_id: UUID | None,
    new_code: Callable[[], str],
) -> AffiliateLink:
    """The same target has the same link. Raises ShopRefused."""
    if product_id is not None and live_session_id is not None:
        raise _unknown()
    for _ in range(_TRIES):
        try:
            code = await db.acting_as(SERVICE).one(
                _MAKE, user_id, product_id, live_session_id, new_code()
            )
        except UniqueViolated:
            # Another link has this code by chance.
            continue
        if code is None:
            raise _unknown()
        (link,) = await db.acting_as(SERVICE).all(_LINKS_OF, user_id, code)
        return link
    raise RuntimeError(f"{_TRIES} new codes in a row were taken")


async def follow(db: Database, code: str) -> str:
    """The path that the link leads to; the home page for a code that is none."""
    found = None
    if len(code) == CODE_CHARS and set(code) <= set(ALPHABET):
        found = await db.acting_as(SERVICE).one(_FOLLOW, code)
    if found is None:
        return "/"
    if found.live_session_id is not None:
        return f"/live/{found.live_session_id}?ref={found.code}"
    if found.product_id is not None:
        return f"/products/{found.product_id}?ref={found.code}"
    return f"/?ref={found.code}"


async def note_touch(
    db: Database, user_id: UUID, code: str, product_id: UUID, touched_at: datetime
) -> bool:
    """Whether the click was kept: it is of a link that there is, young enough, and the newest."""
    kept = await db.acting_as(SERVICE).one(_NOTE_TOUCH, user_id, code, product_id, touched_at)
    return kept is not None


def _unknown() -> ShopRefused:
    return ShopRefused(
        "link.target_unknown",
        "A link leads to one product, to one of your live sessions, or to the shop.",
    )
