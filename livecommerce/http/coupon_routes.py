"""Coupons: admins, influencers and wholesalers make, see and stop them."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, cast
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from livecommerce import clock
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from shop import coupons
from shop.coupons import Funder, Kind, Maker, NewCoupon, State, Terms
from signaling.payloads import AmountMinor, Empty, Id, Line, Wire

MAKERS: Final[Who] = frozenset(("admin", "influencer", "wholesaler"))

_PER_PAGE: Final = 50

_Ms = Annotated[int, Field(ge=0, le=4_102_444_800_000)]
_After = Annotated[str, StringConstraints(max_length=40)]


class CouponFilter(Wire):
    """after: `next` of the page before."""

    after: _After = ""


class CouponMake(Wire):
    """id: made by the caller; the same one makes one coupon. A percentage needs percent_bp and
    max_discount_minor, a fixed discount amount_minor. live_session_id, wholesaler_id, is_live_only:
    for which lines it holds. funded_by: for admins to say."""

    id: Id | None = None
    code: Line
    title: Line
    kind: Literal["percent", "fixed"]
    percent_bp: int | None = None
    amount_minor: AmountMinor | None = None
    max_discount_minor: AmountMinor | None = None
    min_spend_minor: AmountMinor = 0
    quota: Annotated[int, Field(le=100_000_000)] | None = None
    live_session_id: Id | None = None
    wholesaler_id: Id | None = None
    is_live_only: bool = False
    funded_by: Literal["platform", "wholesaler", "influencer"] | None = None
    starts_at_ms: _Ms | None = None
    ends_at_ms: _Ms | None = None


class Coupon(Wire):
    """used: by orders that were not cancelled."""

    id: Id
    code: str
    title: str
    kind: Kind
    percent_bp: int | None
    amount_minor: int | None
    max_discount_minor: int | None
    min_spend_minor: int
    quota: int | None
    used: int
    live_session_id: Id | None
    live_session_title: str | None
    wholesaler_id: Id | None
    wholesaler_name: str | None
    is_live_only: bool
    funded_by: Funder
    starts_at_ms: int
    ends_at_ms: int | None
    is_active: bool
    state: State
    created_at_ms: int


class Coupons(Wire):
    """next: what to send as `after` for more; null at the end."""

    coupons: Annotated[tuple[Coupon, ...], Strict(False)]
    next: str | None


class CouponMade(Wire):
    coupon: Coupon


async def list_coupons(call: Call[CouponFilter]) -> Reply:
    page = await coupons.coupons_of(
        call.deps.db, call.caller.user_id, _maker(call), _after(call.body.after), _PER_PAGE
    )
    shown = tuple(map(_shown, page.coupons))
    return Reply(Coupons(coupons=shown, next=str(page.next) if page.next else None))


async def make_coupon(call: Call[CouponMake]) -> Reply:
    body = call.body
    terms = Terms(
        body.kind, body.percent_bp, body.max_discount_minor, body.amount_minor,
        body.min_spend_minor, body.wholesaler_id, body.live_session_id, body.is_live_only,
    )  # fmt: skip
    new = NewCoupon(
        body.code, body.title, terms, body.quota, body.funded_by,
        _at(body.starts_at_ms), _at(body.ends_at_ms),
    )  # fmt: skip
    made = await coupons.create(
        call.deps.db, call.caller.user_id, _maker(call), body.id or clock.uuid7(), new
    )
    return Reply(CouponMade(coupon=_shown(made)))


async def stop_coupon(call: Call[Empty]) -> Reply:
    coupon_id = _coupon_id(call)
    stopped = await coupons.stop(call.deps.db, call.caller.user_id, _maker(call), coupon_id)
    return Reply(CouponMade(coupon=_shown(stopped)))


def _maker(call: Call[Any]) -> Maker:
    return cast(Maker, call.caller.role)


def _shown(coupon: coupons.Coupon) -> Coupon:
    fields: dict[str, Any] = {
        f"{name}_ms" if name.endswith("_at") else name: round(value.timestamp() * 1000)
        if isinstance(value, datetime)
        else value
        for name, value in asdict(coupon).items()
    }
    return Coupon(**fields)


def _at(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)


def _after(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise ApiRefused(
            "payload.invalid",
            "The request is not well formed.",
            details={"fields": {"after": "is not what a page gave as next"}},
        ) from None


def _coupon_id(call: Call[Any]) -> UUID:
    try:
        return UUID(call.request.match_info["coupon_id"])
    except ValueError:
        raise ApiRefused("coupon.not_found", "There is no such coupon of yours.") from None


_COUPONS: Final = "/api/v1/coupons"

ROUTES: Final = (
    Route("GET", _COUPONS,
          "Coupons, newest first: all for admins, else those of one's own.", MAKERS, list_coupons,
          Coupons, CouponFilter),
    Route("POST", _COUPONS,
          "Make a coupon; influencers for their live sessions, wholesalers for their products.",
          MAKERS, make_coupon, CouponMade, CouponMake, status=201,
          errors=("coupon.invalid", "coupon.code_taken", "coupon.not_yours")),
    Route("POST", f"{_COUPONS}/{{coupon_id}}/stop", "It holds for no order from now on.", MAKERS,
          stop_coupon, CouponMade, errors=("coupon.not_found",)),
)  # fmt: skip
