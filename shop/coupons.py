"""Coupons: what one is worth for these lines, and who may make and stop one.

The judgement is a plain function. The checkout judges the same way inside the transaction that
uses a coupon (private.place_orders_v4), where its quota cannot be overdrawn; here it is a preview,
so that nobody finds out at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import SERVICE, Database, Query, UniqueViolated
from shop.money import apportion, spoken
from shop.refusal import RefusalCode, ShopRefused

Kind = Literal["percent", "fixed"]
Funder = Literal["platform", "wholesaler", "influencer"]
State = Literal["coming", "running", "ended", "stopped", "used_up"]
Maker = Literal["admin", "influencer", "wholesaler"]
_BP: Final = 10_000
# The platform advances what an influencer gives away, and commission is what it has to hold on to.
_INFLUENCER_MOST_BP: Final = 1_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon takes off. percent_bp and max_discount_minor: of a percentage; amount_minor: of
    a fixed one. wholesaler_id, live_session_id, is_live_only: which lines count."""

    kind: Kind
    percent_bp: int | None = None
    max_discount_minor: int | None = None
    amount_minor: int | None = None
    min_spend_minor: int = 0
    wholesaler_id: UUID | None = None
    live_session_id: UUID | None = None
    is_live_only: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """amount_minor: price by quantity. live_session_id: the one that the line is bought through."""

    amount_minor: int
    wholesaler_id: UUID | None = None
    live_session_id: UUID | None = None
    is_on_air: bool = False


@dataclass(frozen=True, slots=True)
class Discount:
    """shares: of each line, in their order; they sum up to discount_minor."""

    eligible_minor: int
    discount_minor: int
    shares: tuple[int, ...]


def counts(terms: Terms, line: Line) -> bool:
    return (
        (terms.wholesaler_id is None or terms.wholesaler_id == line.wholesaler_id)
        and (terms.live_session_id is None or terms.live_session_id == line.live_session_id)
        and (not terms.is_live_only or line.is_on_air)
    )


def discount(terms: Terms, lines: Sequence[Line]) -> Discount:
    """What comes off, half up, never more than the lines cost that count; each line's share by
    largest remainder, the earlier line first."""
    amounts = [line.amount_minor if counts(terms, line) else 0 for line in lines]
    eligible_minor = sum(amounts)
    if terms.kind == "percent":
        assert terms.percent_bp is not None and terms.max_discount_minor is not None
        most_minor = min(
            terms.max_discount_minor, (eligible_minor * terms.percent_bp + _BP // 2) // _BP
        )
    else:
        assert terms.amount_minor is not None
        most_minor = terms.amount_minor
    discount_minor = min(eligible_minor, most_minor)
    return Discount(eligible_minor, discount_minor, apportion(discount_minor, amounts))


# ---- preview for a customer


@dataclass(frozen=True, slots=True)
class Asked:
    """A line that a customer wants to order."""

    variant_id: UUID
    quantity: int
    live_session_id: UUID | None = None
    deal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    code: str
    title: str
    eligible_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True)
class _Found:
    """is_known: there is one and it has begun. is_running: it is neither stopped nor over."""

    code: str
    title: str
    kind: Kind
    percent_bp: int | None
    max_discount_minor: int | None
    amount_minor: int | None
    min_spend_minor: int
    wholesaler_id: UUID | None
    live_session_id: UUID | None
    is_live_only: bool
    is_known: bool
    is_running: bool
    is_used: bool
    is_used_up: bool
    lines: list[dict[str, Any]]


_FOR_CHECK: Final = Query("coupons.for_check", _Found)


async def check(db: Database, user_id: UUID, code: str, asked: Sequence[Asked]) -> Preview:
    """What the coupon takes off these lines for this customer now. Raises ShopRefused."""
    found = await db.acting_as(SERVICE).one(
        _FOR_CHECK,
        user_id,
        code.strip().upper(),
        [line.variant_id for line in asked],
        [line.quantity for line in asked],
        [line.live_session_id for line in asked],
        [line.deal_id for line in asked],
    )
    return judged(found)


def judged(found: _Found | None) -> Preview:
    """The checks in the order of the checkout. Raises ShopRefused."""
    if found is None or not found.is_known:
        raise ShopRefused("order.coupon_unknown", "There is no such coupon.")
    if not found.is_running:
        raise ShopRefused("order.coupon_ended", "This coupon is over.")
    if found.is_used:
        raise ShopRefused("order.coupon_used", "You have used this coupon already.")
    if found.is_used_up:
        raise ShopRefused("order.coupon_quota", "This coupon has been used up.")
    terms = Terms(
        found.kind, found.percent_bp, found.max_discount_minor, found.amount_minor,
        found.min_spend_minor, found.wholesaler_id, found.live_session_id, found.is_live_only,
    )  # fmt: skip
    off = discount(terms, tuple(map(_line, found.lines)))
    if off.eligible_minor == 0:
        raise ShopRefused("order.coupon_not_here", "This coupon does not hold for these products.")
    if off.eligible_minor < terms.min_spend_minor:
        raise ShopRefused(
            "order.coupon_min_spend",
            f"This coupon holds from {spoken(terms.min_spend_minor)} on.",
            {"min_spend_minor": terms.min_spend_minor, "eligible_minor": off.eligible_minor},
        )
    return Preview(found.code, found.title, off.eligible_minor, off.discount_minor)


def _line(data: dict[str, Any]) -> Line:
    wholesaler_id, live_session_id = data["wholesaler_id"], data["live_session_id"]
    return Line(
        amount_minor=data["amount_minor"],
        wholesaler_id=UUID(wholesaler_id) if wholesaler_id else None,
        live_session_id=UUID(live_session_id) if live_session_id else None,
        is_on_air=data["is_on_air"],
    )


# ---- who makes them


@dataclass(frozen=True, slots=True)
class NewCoupon:
    """As somebody filled it in; funded_by is theirs to choose for admins only."""

    code: str
    title: str
    terms: Terms
    quota: int | None
    funded_by: Funder | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Coupon:
    id: UUID
    code: str
    title: str
    kind: Kind
    percent_bp: int | None
    amount_minor: int | None
    max_discount_minor: int | None
    min_spend_minor: int
    quota: int | None
    used: int
    live_session_id: UUID | None
    live_session_title: str | None
    wholesaler_id: UUID | None
    wholesaler_name: str | None
    is_live_only: bool
    funded_by: Funder
    starts_at: datetime
    ends_at: datetime | None
    is_active: bool
    state: State
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    coupons: tuple[Coupon, ...]
    next: UUID | None


_LIST: Final = Query("coupons.listed", Coupon)
_CREATE: Final = Query("coupons.create", UUID)
_STOP: Final = Query("coupons.stop", UUID)

_CODE_CHARS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_FUNDERS: Final[dict[Maker, Funder]] = {"influencer": "influencer", "wholesaler": "wholesaler"}


async def coupons_of(
    db: Database, user_id: UUID, maker: Maker, after: UUID | None, limit: int
) -> Page:
    """Newest first: all for an admin, else those of one's own live sessions or products."""
    rows = await db.acting_as(SERVICE).all(_LIST, user_id, maker, None, after, limit + 1)
    page = tuple(rows[:limit])
    return Page(page, page[-1].id if len(rows) > limit else None)


async def create(
    db: Database, user_id: UUID, maker: Maker, coupon_id: UUID, new: NewCoupon
) -> Coupon:
    """Influencers make coupons of their own live sessions, wholesalers of their own products, each
    at their own expense; the same coupon_id makes one. Raises ShopRefused."""
    code = new.code.strip().upper()
    faults = faults_of(code, new, maker)
    if faults:
        raise ShopRefused("coupon.invalid", next(iter(faults.values())), {"fields": faults})
    terms = new.terms
    try:
        made = await db.acting_as(SERVICE).one(
            _CREATE, coupon_id, user_id, maker, code, new.title.strip(), terms.kind,
            terms.percent_bp, terms.amount_minor, terms.max_discount_minor, terms.min_spend_minor,
            new.quota, terms.live_session_id, terms.wholesaler_id, terms.is_live_only,
            _FUNDERS.get(maker, new.funded_by), new.starts_at, new.ends_at,
        )  # fmt: skip
    except UniqueViolated:
        raise ShopRefused("coupon.code_taken", "There is a coupon with this code.") from None
    if made is None:
        raise _not_yours()
    return await _coupon(db, user_id, maker, made)


async def stop(db: Database, user_id: UUID, maker: Maker, coupon_id: UUID) -> Coupon:
    """It holds for no order from now on. Raises ShopRefused."""
    await _coupon(db, user_id, maker, coupon_id)
    await db.acting_as(SERVICE).one(_STOP, coupon_id)
    return await _coupon(db, user_id, maker, coupon_id)


def faults_of(code: str, new: NewCoupon, maker: Maker) -> dict[str, str]:
    """What is wrong with it, by field. Pure."""
    faults = _value_faults(new.terms)
    if not 3 <= len(code) <= 32 or not set(code) <= _CODE_CHARS or code[0] in "_-":
        faults["code"] = "A code has 3 to 32 letters, digits, - or _."
    if not 1 <= len(new.title.strip()) <= 200:
        faults["title"] = "Please say what the coupon is, in at most 200 characters."
    if new.quota is not None and new.quota < 1:
        faults["quota"] = "Please allow at least one use, or leave it open."
    if new.ends_at and new.starts_at and new.ends_at <= new.starts_at:
        faults["ends_at_ms"] = "The end comes after the start."
    if maker == "admin" and new.funded_by is None:
        faults["funded_by"] = "Please say who pays for the discount."
    if maker == "influencer":
        if new.terms.live_session_id is None:
            faults["live_session_id"] = "Please choose one of your live sessions."
        if new.terms.kind != "percent" or (new.terms.percent_bp or 0) > _INFLUENCER_MOST_BP:
            faults["percent_bp"] = "You pay for it from your commission: at most 10 percent."
    return faults


def _value_faults(terms: Terms) -> dict[str, str]:
    faults = dict[str, str]()
    if terms.min_spend_minor < 0:
        faults["min_spend_minor"] = "The least to spend cannot be below zero."
    if terms.kind == "percent":
        if terms.percent_bp is None or not 1 <= terms.percent_bp <= _BP:
            faults["percent_bp"] = "Please give a percentage up to 100."
        if terms.max_discount_minor is None or terms.max_discount_minor < 1:
            faults["max_discount_minor"] = "A percentage needs the most that it may take off."
        if terms.amount_minor is not None:
            faults["amount_minor"] = "A percentage has no fixed amount."
        return faults
    if terms.amount_minor is None or terms.amount_minor < 1:
        faults["amount_minor"] = "Please give the amount that it takes off."
    if terms.percent_bp is not None or terms.max_discount_minor is not None:
        faults["percent_bp"] = "A fixed amount has no percentage."
    return faults


async def _coupon(db: Database, user_id: UUID, maker: Maker, coupon_id: UUID) -> Coupon:
    row = await db.acting_as(SERVICE).one(_LIST, user_id, maker, coupon_id, None, 1)
    if row is None:
        code: RefusalCode = "coupon.not_found"
        raise ShopRefused(code, "There is no such coupon of yours.")
    return row


def _not_yours() -> ShopRefused:
    return ShopRefused(
        "coupon.not_yours", "Coupons can be made for your own live sessions and products only."
    )
