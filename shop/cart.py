"""The cart of a customer: the same on every device, priced anew at every look.

What a client sends are variants and numbers of pieces. What is in the cart carries the live session
in which it was put there (the touch that earns), and the price of that moment, so that a line which
has become another can say so: dearer, cheaper, sold out, fewer left, not for sale, its deal over.

A cart filled before anybody signed in lives in the browser and is merged at log-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db import SERVICE, Actor, Database, Query
from shop.checkout import ShopTerms
from shop.money import CURRENCY
from shop.refusal import RefusalCode, ShopRefused

MAX_LINES: Final = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """So many pieces of a variant, seen in a live session or not. touched_at: when it was put into
    a cart that is merged; None for now."""

    variant_id: UUID
    quantity: int
    live_session_id: UUID | None = None
    touched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    id: UUID
    ends_at_ms: int
    customer_limit: int | None


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line as it stands now.

    can_order: so many of its pieces can be ordered now. was_minor: what one cost when it was put
    in. mrp_minor: where it is above the price. available: pieces that this customer can have.
    hold_until_ms: until then they are promised. changes: why it is not what it was, in the words of
    private.cart_line_changes_v1.
    """

    variant_id: UUID
    product_id: UUID
    name: str
    label: str
    color: str | None
    size: str | None
    image_url: str
    translations: dict[str, Any]
    wholesaler_id: UUID
    wholesaler_name: str
    quantity: int
    can_order: int
    unit_price_minor: int
    was_minor: int
    mrp_minor: int | None
    total_minor: int
    available: int
    live_session_id: UUID | None
    live_session_title: str | None
    deal: Deal | None
    hold_until_ms: int | None
    changes: tuple[str, ...]
    added_at_ms: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CartLine:
        """From the JSON of private.cart_v1."""
        deal = data["deal"]
        session_id = data["live_session_id"]
        return cls(
            **data
            | {
                "variant_id": UUID(data["variant_id"]),
                "product_id": UUID(data["product_id"]),
                "wholesaler_id": UUID(data["wholesaler_id"]),
                "live_session_id": UUID(session_id) if session_id else None,
                "deal": Deal(**deal | {"id": UUID(deal["id"])}) if deal else None,
                "changes": tuple(data["changes"]),
                "total_minor": data["unit_price_minor"] * data["can_order"],
            }
        )


@dataclass(frozen=True, slots=True)
class Cart:
    """The sums count what can be ordered now; pieces counts what is in it. cod_fee_minor is not in
    the total: it depends on the way of paying."""

    lines: tuple[CartLine, ...]
    pieces: int
    subtotal_minor: int
    shipping_minor: int
    cod_fee_minor: int
    total_minor: int
    currency: str
    max_quantity: int


_CART: Final = Query("cart.cart", list)
_CHANGE: Final = Query("cart.change", str)
_REMOVE: Final = Query("cart.remove", UUID)
_HOLD: Final = Query("cart.hold")
_NOTE_TOUCHES: Final = Query("cart.note_touches", int)

_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_customer": ("cart.not_customer", "Only customers have a bag. Please sign in as one."),
    "product_unavailable": ("cart.product_unavailable", "This product is not for sale any more."),
    "full": ("cart.full", f"Your bag is full: it holds {MAX_LINES} different products."),
}


async def cart_of(db: Database, user_id: UUID, terms: ShopTerms) -> Cart:
    """Raises ShopRefused."""
    found = await db.acting_as(SERVICE).one(_CART, user_id)
    return _cart(found, terms)


async def add(db: Database, user_id: UUID, change_id: UUID, wish: Wish, terms: ShopTerms) -> Cart:
    """On top of what is there, up to the most of one product; the same change_id adds once. In a
    live session that holds, the pieces are promised for a time. Raises ShopRefused."""
    if wish.quantity < 1:
        raise _quantity_invalid(terms)
    return await _change(db, user_id, terms, (wish,), change_id, adds=True)


async def update(
    db: Database, user_id: UUID, variant_id: UUID, quantity: int, terms: ShopTerms
) -> Cart:
    """So many from now on; 0 takes the line away. Raises ShopRefused."""
    if not 0 <= quantity <= terms.max_quantity:
        raise _quantity_invalid(terms)
    return await _change(db, user_id, terms, (Wish(variant_id, quantity),), None, adds=False)


async def remove(
    db: Database, user_id: UUID, variant_ids: Sequence[UUID], terms: ShopTerms
) -> Cart:
    """What is not there is no fault. Raises ShopRefused."""
    async with db.acting_as(_for(user_id)) as transaction:
        gone = await transaction.all(_REMOVE, user_id, list(variant_ids))
        for variant_id in sorted(gone):
            await transaction.run(_HOLD, user_id, variant_id)
        found = await transaction.one(_CART, user_id)
    return _cart(found, terms)


async def merge(
    db: Database, user_id: UUID, change_id: UUID, wishes: Sequence[Wish], terms: ShopTerms
) -> Cart:
    """A cart of before the log-in comes on top; the same change_id does so once. What cannot be
    bought is left out. Raises ShopRefused."""
    if not wishes:
        return await cart_of(db, user_id, terms)
    return await _change(db, user_id, terms, wishes, change_id, adds=True, is_strict=False)


async def note_touches(db: Database, touches: Sequence[tuple[UUID, UUID, UUID, datetime]]) -> None:
    """The last clicks in live sessions: user, product, live session, time."""
    users, products, sessions, times = (list(column) for column in zip(*touches, strict=True))
    await db.acting_as(SERVICE).one(_NOTE_TOUCHES, users, products, sessions, times)


async def _change(
    db: Database,
    user_id: UUID,
    terms: ShopTerms,
    wishes: Sequence[Wish],
    change_id: UUID | None,
    *,
    adds: bool,
    is_strict: bool = True,
) -> Cart:
    async with db.acting_as(_for(user_id)) as transaction:
        outcome = await transaction.one(
            _CHANGE,
            user_id,
            change_id,
            adds,
            is_strict,
            [wish.variant_id for wish in wishes],
            [min(wish.quantity, terms.max_quantity) for wish in wishes],
            [wish.live_session_id for wish in wishes],
            [wish.touched_at for wish in wishes],
            terms.max_quantity,
        )
        if outcome != "done":
            code, sentence = _REFUSALS[outcome or "not_customer"]
            raise ShopRefused(code, sentence)
        if is_strict:
            # One line, so that no two changes wait for each other's stock.
            await transaction.run(_HOLD, user_id, wishes[0].variant_id)
        found = await transaction.one(_CART, user_id)
    return _cart(found, terms)


def _cart(found: list[dict[str, Any]] | None, terms: ShopTerms) -> Cart:
    if found is None:
        code, sentence = _REFUSALS["not_customer"]
        raise ShopRefused(code, sentence)
    lines = tuple(map(CartLine.from_json, found))
    subtotal_minor = sum(line.total_minor for line in lines)
    shipping_minor = terms.shipping_minor if any(line.can_order for line in lines) else 0
    return Cart(
        lines=lines,
        pieces=sum(line.quantity for line in lines),
        subtotal_minor=subtotal_minor,
        shipping_minor=shipping_minor,
        cod_fee_minor=terms.cod_fee_minor,
        total_minor=subtotal_minor + shipping_minor,
        currency=CURRENCY,
        max_quantity=terms.max_quantity,
    )


def _quantity_invalid(terms: ShopTerms) -> ShopRefused:
    return ShopRefused(
        "cart.quantity_invalid",
        f"You can have 1 to {terms.max_quantity} of each product.",
        {"min": 1, "max": terms.max_quantity},
    )


def _for(user_id: UUID) -> Actor:
    """No person's role prices or promises; the audit log notes for whom it is done."""
    return Actor("service", user_id)
