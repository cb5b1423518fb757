"""What an influencer prepares before going live: live sessions and the products they show.

Once a live session is on air its viewers hold a snapshot of it, and changes reach them by events of
the hub; so what is changed here is what has not begun.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from db import SERVICE, Actor, Query, Transaction
from livecommerce import clock
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from livecommerce.live.sessions import LiveSessionRow
from shop.catalogue import eligible_products
from shop.money import CURRENCY
from signaling.payloads import Empty, Id, LiveSession, ProductText, Wire

INFLUENCER: Final[Who] = frozenset(("influencer",))

MAX_PRODUCTS: Final = 50
# Nobody prepares more; a script that does would fill the home page and the table.
MAX_SCHEDULED: Final = 50
_MAX_LISTED: Final = 100
# A start in the past by a slow form is meant as "now"; beyond a year it is a typing mistake.
_START_GRACE: Final = timedelta(hours=1)
_START_HORIZON: Final = timedelta(days=366)

_Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
_Description = Annotated[str, StringConstraints(max_length=2000)]
_StartMs = Annotated[int, Field(ge=0, le=9_999_999_999_999)]
_Visibility = Literal["public", "unlisted", "private"]
_HoldPolicy = Literal["hold", "first_paid"]
_HoldTtl = Annotated[int, Field(ge=60, le=86_400)]
_ProductIds = Annotated[tuple[Id, ...], Strict(False), Field(min_length=1, max_length=MAX_PRODUCTS)]


class Schedule(Wire):
    """product_ids: in display order. Without a start the live session may begin at any time.
    visibility: unlisted, for whoever has the link; private, for the influencer only.
    hold_policy: whether stock is held for a customer for hold_ttl_s, or goes to whoever pays
    first. takes_claims: messages in the chat may claim products."""

    title: _Title
    description: _Description = ""
    product_ids: _ProductIds
    scheduled_start_at_ms: _StartMs | None = None
    visibility: _Visibility = "public"
    hold_policy: _HoldPolicy = "hold"
    hold_ttl_s: _HoldTtl = 600
    takes_claims: bool = True


class Change(Wire):
    """What is left out stays. product_ids replaces the whole list; without a start (null) the live
    session may begin at any time."""

    title: _Title | None = None
    description: _Description | None = None
    product_ids: _ProductIds | None = None
    scheduled_start_at_ms: _StartMs | None = None
    visibility: _Visibility | None = None
    hold_policy: _HoldPolicy | None = None
    hold_ttl_s: _HoldTtl | None = None
    takes_claims: bool | None = None


class ProductSearch(Wire):
    """search: part of a name, brand or category; empty for all."""

    search: Annotated[str, StringConstraints(max_length=100)] = ""


class StudioLiveSession(LiveSession):
    visibility: _Visibility
    hold_policy: _HoldPolicy
    hold_ttl_s: int
    takes_claims: bool
    product_ids: Annotated[tuple[Id, ...], Strict(False)]


class StudioLiveSessions(Wire):
    live_sessions: Annotated[tuple[StudioLiveSession, ...], Strict(False)]


class StudioLiveSessionOk(Wire):
    live_session: StudioLiveSession


class StudioProduct(Wire):
    """price_minor: outside a live session. compare_at_minor: the maximum retail price, where it is
    higher."""

    id: Id
    name: str
    short_description: str
    category: str
    wholesaler_name: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    currency: str = CURRENCY
    stock: int
    translations: dict[str, ProductText]


class StudioProducts(Wire):
    products: Annotated[tuple[StudioProduct, ...], Strict(False)]


@dataclass(frozen=True, slots=True)
class OwnRow(LiveSessionRow):
    product_ids: list[UUID]
    visibility: str
    hold_policy: str
    hold_ttl_s: int
    takes_claims: bool


_INFLUENCER: Final = Query("studio.influencer_of_user", UUID)
_OWN: Final = Query("studio.live_sessions_of_user", OwnRow)
_LOCK: Final = Query("studio.lock_live_session_of_user", str)
_COUNT_OPEN: Final = Query("studio.count_open_live_sessions", int)
_ADD: Final = Query("studio.add_live_session", None)
_CHANGE: Final = Query("studio.change_live_session", None)
_INELIGIBLE: Final = Query("studio.ineligible_products", UUID)
_DROP_OTHERS: Final = Query("studio.drop_other_products", None)
_PUT: Final = Query("studio.put_products", None)
_SHOW_TO: Final = Query("studio.show_to", None)
_HOLD_STOCK: Final = Query("studio.hold_stock", None)
_TAKE_CLAIMS: Final = Query("studio.take_claims", None)
_TELL: Final = Query("outbox.add", None)


async def my_live_sessions(call: Call[Empty]) -> Reply:
    rows = await call.deps.db.acting_as(_actor(call)).all(_OWN, None, _MAX_LISTED)
    return Reply(StudioLiveSessions(live_sessions=tuple(map(_shown, rows))))


async def schedule(call: Call[Schedule]) -> Reply:
    start = _start(call.body.scheduled_start_at_ms, call.now)
    live_session_id = clock.uuid7()
    async with call.deps.db.acting_as(SERVICE) as transaction:
        influencer_id = await transaction.one(_INFLUENCER, call.caller.user_id)
        if influencer_id is None:
            raise ApiRefused("auth.forbidden", "This account has no active influencer profile.")
        if (await transaction.one(_COUNT_OPEN, influencer_id) or 0) >= MAX_SCHEDULED:
            raise ApiRefused(
                "session.wrong_state",
                f"You have {MAX_SCHEDULED} live sessions waiting. Start or change one of them.",
            )
        title, description = call.body.title, call.body.description
        await transaction.run(_ADD, live_session_id, influencer_id, title, description, start)
        await transaction.run(_SHOW_TO, live_session_id, call.body.visibility)
        await transaction.run(
            _HOLD_STOCK, live_session_id, call.body.hold_policy, call.body.hold_ttl_s
        )
        await transaction.run(_TAKE_CLAIMS, live_session_id, call.body.takes_claims)
        await _put_products(transaction, live_session_id, call.body.product_ids)
    return await _one(call, live_session_id)


async def change(call: Call[Change]) -> Reply:
    live_session_id = _id(call.request.match_info["live_session_id"])
    is_moved = "scheduled_start_at_ms" in call.body.model_fields_set
    start = _start(call.body.scheduled_start_at_ms, call.now)
    async with call.deps.db.acting_as(SERVICE) as transaction:
        status = await transaction.one(_LOCK, live_session_id, call.caller.user_id)
        if status is None:
            raise _not_found()
        if status != "scheduled":
            raise ApiRefused(
                "session.wrong_state",
                "Only a live session that has not begun can be changed.",
                details={"status": status},
            )
        title, description = call.body.title, call.body.description
        await transaction.run(_CHANGE, live_session_id, title, description, is_moved, start)
        if call.body.visibility is not None:
            await transaction.run(_SHOW_TO, live_session_id, call.body.visibility)
        if call.body.hold_policy is not None or call.body.hold_ttl_s is not None:
            await transaction.run(
                _HOLD_STOCK, live_session_id, call.body.hold_policy, call.body.hold_ttl_s
            )
        if call.body.takes_claims is not None:
            await transaction.run(_TAKE_CLAIMS, live_session_id, call.body.takes_claims)
        if call.body.product_ids is not None:
            await _put_products(transaction, live_session_id, call.body.product_ids)
            # Whoever waits for the live session on its page is shown them; of the rest the
            # database tells.
            await transaction.run(_TELL, "session.changed", live_session_id, {})
    return await _one(call, live_session_id)


async def products(call: Call[ProductSearch]) -> Reply:
    found = await eligible_products(call.deps.db, call.caller.user_id, call.body.search)
    return Reply(StudioProducts(products=tuple(StudioProduct(**asdict(p)) for p in found)))


async def _put_products(
    transaction: Transaction, live_session_id: UUID, product_ids: tuple[UUID, ...]
) -> None:
    chosen = list(dict.fromkeys(product_ids))
    ineligible = await transaction.all(_INELIGIBLE, chosen)
    if ineligible:
        raise ApiRefused(
            "product.unavailable",
            "Some of these products cannot be shown live any more. Please choose others.",
            details={"product_ids": [str(product_id) for product_id in ineligible]},
        )
    await transaction.run(_DROP_OTHERS, live_session_id, chosen)
    await transaction.run(_PUT, live_session_id, chosen)


async def _one(call: Call[Any], live_session_id: UUID) -> Reply:
    row = await call.deps.db.acting_as(_actor(call)).one(_OWN, live_session_id, 1)
    assert row is not None, "it was written just now, by the influencer whose it is"
    return Reply(StudioLiveSessionOk(live_session=_shown(row)))


def _actor(call: Call[Any]) -> Actor:
    return Actor("influencer", call.caller.user_id)


def _start(at_ms: int | None, now: datetime) -> datetime | None:
    if at_ms is None:
        return None
    start = datetime.fromtimestamp(at_ms / 1000, UTC)
    if not now - _START_GRACE <= start <= now + _START_HORIZON:
        raise ApiRefused(
            "payload.invalid",
            "Please choose a start between now and a year from now.",
            details={"fields": {"scheduled_start_at_ms": "is not within a year from now"}},
        )
    return start


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _not_found() from None


def _not_found() -> ApiRefused:
    """The same for a live session of somebody else and for one that does not exist."""
    return ApiRefused("session.not_found", "There is no such live session.")


def _shown(row: OwnRow) -> StudioLiveSession:
    return StudioLiveSession.model_validate(
        {
            **dict(row.wire()),
            "product_ids": tuple(row.product_ids),
            "visibility": row.visibility,
            "hold_policy": row.hold_policy,
            "hold_ttl_s": row.hold_ttl_s,
            "takes_claims": row.takes_claims,
        }
    )


_PREFIX: Final = "/api/v1/studio"

ROUTES: Final = (
    Route("GET", f"{_PREFIX}/live-sessions", "The influencer's own live sessions, newest first.",
          INFLUENCER, my_live_sessions, StudioLiveSessions),
    Route("POST", f"{_PREFIX}/live-sessions", "Schedule a live session with its products.",
          INFLUENCER, schedule, StudioLiveSessionOk, Schedule, status=201,
          errors=("product.unavailable", "session.wrong_state")),
    Route("PATCH", f"{_PREFIX}/live-sessions/{{live_session_id}}",
          "Change a live session that has not begun.", INFLUENCER, change, StudioLiveSessionOk,
          Change, errors=("session.not_found", "session.wrong_state", "product.unavailable")),
    Route("GET", f"{_PREFIX}/products", "Products that a live session may show.", INFLUENCER,
          products, StudioProducts, ProductSearch),
)  # fmt: skip
