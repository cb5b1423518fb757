"""Holds and the waitlist: stock promised to a customer for a while, and who is next.

The promises themselves are kept by the database (20261124000520_holds.sql): one row per customer
and variant, which counts until its time is over and is given back by whoever deletes it. Where a
live session serves whoever pays first, nothing is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from db import SERVICE, Database, Query
from shop.claims import Claim, ClaimVariant, Unclear, Wish, resolve
from shop.refusal import RefusalCode, ShopRefused

Source = Literal["cart", "comment", "waitlist", "staff"]


@dataclass(frozen=True, slots=True)
class Hold:
    """What a customer has of a variant. quantity: 0 when nothing is held; no expires_at_ms then.

    waiting: pieces he waits for. is_turn: the waitlist came to him a moment ago.
    """

    variant_id: UUID
    product_id: UUID
    quantity: int
    expires_at_ms: int | None
    source: str | None
    waiting: int
    is_turn: bool

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Hold:
        return cls(
            variant_id=UUID(data["variant_id"]),
            product_id=UUID(data["product_id"]),
            quantity=data["quantity"],
            expires_at_ms=data["expires_at_ms"],
            source=data["source"],
            waiting=data["waiting"],
            is_turn=data["is_turn"],
        )


@dataclass(frozen=True, slots=True)
class Promised:
    """missing: pieces that were wished and that nobody could promise."""

    hold: Hold
    missing: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """ahead: how many wait before."""

    hold: Hold
    ahead: int


@dataclass(frozen=True, slots=True)
class Selling:
    """A product in a live session. available: pieces of each variant that a newcomer can have."""

    product_id: UUID
    claim_code: str
    available: dict[str, int]


ClaimOutcome = Literal[
    "held", "waiting", "first_paid", "unclear", "unknown", "unavailable", "invalid"
]


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What became of a claim. outcome `held` with a waiting hold: some of it; `unclear`: choices
    has the labels to choose from. product_name and label are '' where no variant was found."""

    outcome: ClaimOutcome
    code: str
    product_name: str = ""
    label: str = ""
    wished: int = 0
    hold: Hold | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ClaimedRow:
    id: UUID
    product_id: UUID
    product_name: str
    label: str
    color: str
    size: str
    options: dict[str, Any]


_PLACE: Final = Query("holds.place", dict)
_RELEASE: Final = Query("holds.release", int)
_JOIN_WAITLIST: Final = Query("holds.join_waitlist", dict)
_LEAVE_WAITLIST: Final = Query("holds.leave_waitlist", bool)
_OF_CUSTOMER: Final = Query("holds.of_customer", dict)
_SELLING: Final = Query("holds.selling_of_live_session", Selling)
_CLAIMED: Final = Query("holds.claimed_product", _ClaimedRow)


async def place_hold(
    db: Database,
    user_id: UUID,
    variant_id: UUID,
    quantity: int,
    live_session_id: UUID | None,
    source: Source = "cart",
) -> Promised:
    """Have up to so many pieces promised, in all; asking again goes on. Raises ShopRefused."""
    answer = await _place(db, user_id, variant_id, quantity, live_session_id, source)
    if answer["outcome"] != "held":
        raise _refusal(answer, variant_id)
    return Promised(Hold.from_json(answer["hold"]), answer["missing"])


async def release_hold(db: Database, user_id: UUID, variant_id: UUID) -> int:
    """Give back what is held of a variant; how many pieces, 0 when there was nothing (any more)."""
    released = await db.acting_as(SERVICE).one(_RELEASE, user_id, variant_id)
    return released or 0


async def join_waitlist(
    db: Database, user_id: UUID, variant_id: UUID, quantity: int, live_session_id: UUID | None
) -> Waiting:
    """Wait for so many pieces; a place that one has is kept. Raises ShopRefused."""
    answer = await _join(db, user_id, variant_id, quantity, live_session_id)
    if answer["outcome"] != "waiting":
        raise _refusal(answer, variant_id)
    return Waiting(Hold.from_json(answer["hold"]), answer["ahead"])


async def leave_waitlist(db: Database, user_id: UUID, variant_id: UUID) -> bool:
    """Whether the customer waited."""
    waited = await db.acting_as(SERVICE).one(_LEAVE_WAITLIST, user_id, variant_id)
    return bool(waited)


async def holds_of_customer(db: Database, user_id: UUID, live_session_id: UUID) -> tuple[Hold, ...]:
    """What the customer holds and waits for of the products of a live session."""
    rows = await db.acting_as(SERVICE).all(_OF_CUSTOMER, user_id, live_session_id)
    return tuple(map(Hold.from_json, rows))


async def selling_of_live_session(db: Database, live_session_id: UUID) -> tuple[Selling, ...]:
    """For the room that all viewers share."""
    return tuple(await db.acting_as(SERVICE).all(_SELLING, live_session_id))


async def answer_claim(
    db: Database, user_id: UUID, live_session_id: UUID, claim: Claim, max_quantity: int
) -> ClaimAnswer:
    """Hold what a comment asks for, and wait for what is missing. The same comment twice holds
    what it holds once."""
    rows = await db.acting_as(SERVICE).all(_CLAIMED, live_session_id, claim.code)
    if not rows:
        return ClaimAnswer("unknown", claim.code)
    wish = resolve(claim, tuple(map(_claim_variant, rows)), max_quantity)
    name = rows[0].product_name
    if wish is None:
        return ClaimAnswer("invalid", claim.code, name, wished=claim.quantity or 0)
    if isinstance(wish, Unclear):
        choices = tuple(variant.label for variant in wish.choices)
        return ClaimAnswer("unclear", claim.code, name, choices=choices)
    return await _claimed(db, user_id, live_session_id, claim.code, wish)


async def _claimed(
    db: Database, user_id: UUID, live_session_id: UUID, code: str, wish: Wish
) -> ClaimAnswer:
    variant = wish.variant
    answer = await _place(db, user_id, variant.id, wish.quantity, live_session_id, "comment")
    outcome: ClaimOutcome = answer["outcome"] if answer["outcome"] == "held" else "waiting"
    hold = answer.get("hold")
    missing = answer["missing"] if outcome == "held" else wish.quantity
    if answer["outcome"] in ("first_paid", "unavailable", "not_customer"):
        outcome = "first_paid" if answer["outcome"] == "first_paid" else "unavailable"
    elif missing > 0:
        joined = await _join(db, user_id, variant.id, missing, live_session_id)
        hold = joined.get("hold", hold)
        if hold is None:
            # Freed between the two questions, or he waits for too much already.
            outcome = "unavailable"
    return ClaimAnswer(
        outcome,
        code,
        variant.product_name,
        variant.label,
        wish.quantity,
        None if hold is None else Hold.from_json(hold),
    )


def _claim_variant(row: _ClaimedRow) -> ClaimVariant:
    options = tuple((str(key), str(value)) for key, value in row.options.items())
    return ClaimVariant(
        row.id, row.product_id, row.product_name, row.label, row.color, row.size, options
    )


async def _place(
    db: Database,
    user_id: UUID,
    variant_id: UUID,
    quantity: int,
    live_session_id: UUID | None,
    source: Source,
) -> dict[str, Any]:
    answer = await db.acting_as(SERVICE).one(
        _PLACE, user_id, variant_id, quantity, live_session_id, source
    )
    assert answer is not None, "the function always answers"
    return answer


async def _join(
    db: Database, user_id: UUID, variant_id: UUID, quantity: int, live_session_id: UUID | None
) -> dict[str, Any]:
    answer = await db.acting_as(SERVICE).one(
        _JOIN_WAITLIST, user_id, variant_id, quantity, live_session_id
    )
    assert answer is not None, "the function always answers"
    return answer


def _refusal(answer: dict[str, Any], variant_id: UUID) -> ShopRefused:
    code, sentence = _REFUSALS[answer["outcome"]]
    details = {k: v for k, v in answer.items() if k != "outcome"}
    return ShopRefused(code, sentence, details | {"variant_id": str(variant_id)})


_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "sold_out": ("order.sold_out", "Nothing of it is left. You can join the waitlist."),
    "first_paid": (
        "hold.first_paid",
        "Nothing is held in this live session: whoever pays first has it.",
    ),
    "unavailable": ("order.product_unavailable", "This product is not for sale any more."),
    "not_customer": (
        "order.not_customer",
        "Only customers can order. Please sign in with a customer account.",
    ),
    "available": ("waitlist.available", "There is some left. You can buy it now."),
    "too_many": ("waitlist.too_many", "You wait for a lot of things already."),
}
