"""Live sessions in Postgres: their states and pins, changed under one lock with their outbox row.

Each change of state is a row of a table: from which states it may come, what it does, what it
announces. Repeating one that has happened already changes nothing and is no error, since the
influencer's first request may have been the one whose answer was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db import SERVICE, Database, Query, Transaction, UniqueViolated
from livecommerce.live import chat_records, engagement_state
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.engagement_state import EngagementState
from livecommerce.live.permissions import Permission
from shop.catalogue import LiveProduct, live_products, live_session_sales
from shop.deals import deals_of_live_session
from shop.holds import Selling, selling_of_live_session
from signaling import payloads as wire
from signaling.refusals import Refused


@dataclass(frozen=True, slots=True)
class LiveSessionRow:
    """What everybody may see of a live session; the queries' own rows add to it."""

    id: UUID
    title: str
    description: str
    status: str
    scheduled_start_time: datetime | None
    actual_start_time: datetime | None
    end_time: datetime | None
    influencer_id: UUID
    influencer_name: str

    def wire(self) -> wire.LiveSession:
        return wire.LiveSession(
            id=self.id,
            title=self.title,
            description=self.description,
            status=self.status,  # type: ignore[arg-type]  # the column's check has the same words
            influencer=wire.Influencer(id=self.influencer_id, display_name=self.influencer_name),
            scheduled_start_at_ms=_ms(self.scheduled_start_time),
            started_at_ms=_ms(self.actual_start_time),
            ended_at_ms=_ms(self.end_time),
        )


@dataclass(frozen=True, slots=True)
class HostedRow(LiveSessionRow):
    influencer_user_id: UUID
    visibility: str
    hold_policy: str
    hold_ttl_s: int
    takes_claims: bool


@dataclass(frozen=True, slots=True)
class _Figures:
    joins: int
    peak_viewers: int
    clicks: dict[str, int]


_LIVE_SESSION = Query("live.live_session", HostedRow)
_LOCK = Query("live.lock_live_session", HostedRow)
_ON_AIR = Query("live.live_session_on_air", UUID)
_START = Query("live.start_live_session")
_PAUSE = Query("live.pause_live_session")
_RESUME = Query("live.resume_live_session")
_END = Query("live.end_live_session")
_PINNED = Query("live.pinned_product", UUID)
_UNPIN = Query("live.unpin_all")
_PIN = Query("live.pin_product")
_FIGURES = Query("live.session_figures", _Figures)
_TELL = Query("outbox.add")
_ENGAGEMENT = Query("engagement.of_live_session", dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of state. `query` takes the live session, and the time when `is_timed`."""

    query: Query[None]
    from_states: frozenset[str]
    to_state: str
    announces: str
    is_timed: bool = False


STEPS: Final[Mapping[str, Step]] = {
    "start": Step(_START, frozenset(("scheduled",)), "live", "session.started", is_timed=True),
    "pause": Step(_PAUSE, frozenset(("live",)), "paused", "session.paused"),
    "resume": Step(_RESUME, frozenset(("paused",)), "live", "session.resumed"),
    "end": Step(_END, frozenset(("live", "paused")), "ended", "session.ended", is_timed=True),
}

# States after which nothing is shown, said or pinned any more.
OVER: Final = frozenset(("ended", "cancelled", "error"))

_STATE_SENTENCES: Final[Mapping[str, str]] = {
    "scheduled": "This live session has not started yet.",
    "live": "This live session is on air already.",
    "paused": "This live session is paused.",
    "ended": "This live session is over.",
    "cancelled": "This live session was cancelled.",
    "error": "This live session broke off.",
}


class LiveSessions:
    """The live sessions of the platform. Every method may raise DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def db(self) -> Database:
        return self._db

    async def get(self, live_session_id: UUID) -> HostedRow:
        """Raises Refused("session.not_found")."""
        async with self._db.acting_as(SERVICE) as tx:
            return await _read(tx, _LIVE_SESSION, live_session_id)

    async def products(self, live_session_id: UUID) -> tuple[tuple[wire.Product, ...], UUID | None]:
        """What the live session shows at the prices of now, and which of it is pinned."""
        products = await live_products(self._db, live_session_id)
        found = await selling_of_live_session(self._db, live_session_id)
        selling = {each.product_id: each for each in found}
        pinned = next((product.id for product in products if product.is_pinned), None)
        return tuple(_wire_product(each, selling.get(each.id)) for each in products), pinned

    async def deals(self, live_session_id: UUID) -> tuple[wire.Deal, ...]:
        """Those that are not over."""
        found = await deals_of_live_session(self._db, live_session_id)
        return tuple(wire.Deal.model_validate(asdict(deal)) for deal in found)

    async def chat(self, live_session_id: UUID, said: ChatRoom) -> ChatRoom:
        """The chat with its rules and people. said: what the bus knows of it."""
        async with self._db.acting_as(SERVICE) as tx:
            return await chat_records.read_chat(tx, live_session_id, said)

    async def engagement(self, live_session_id: UUID) -> EngagementState:
        """The questions that wait, the newest poll and the newest giveaway."""
        async with self._db.acting_as(SERVICE) as tx:
            found = await tx.one(_ENGAGEMENT, live_session_id)
        assert found is not None, "the function always answers"
        return engagement_state.of_json(found)

    async def sales(self, live_session_id: UUID, viewers: int) -> wire.Sales:
        """Orders and revenue from the orders, joins and clicks as far as they are flushed."""
        sold = await live_session_sales(self._db, live_session_id)
        async with self._db.acting_as(SERVICE) as tx:
            figures = await tx.one(_FIGURES, live_session_id)
        if figures is None:
            raise not_found()
        by_product = {product.product_id: product for product in sold.products}
        ids = sorted({*by_product, *map(UUID, figures.clicks)})
        return wire.Sales(
            joins=figures.joins,
            viewers=viewers,
            peak_viewers=max(figures.peak_viewers, viewers),
            orders=sold.orders,
            revenue_minor=sold.revenue_minor,
            paid_minor=sold.paid_minor,
            products=tuple(
                wire.ProductSales(
                    product_id=id,
                    clicks=figures.clicks.get(str(id), 0),
                    orders=by_product[id].orders if id in by_product else 0,
                    revenue_minor=by_product[id].revenue_minor if id in by_product else 0,
                )
                for id in ids
            ),
        )

    async def take_step(
        self, live_session_id: UUID, user_id: UUID, name: str, now: datetime
    ) -> wire.LiveSession:
        """Carry out one of STEPS for the influencer with this account; the live session after it.

        Raises Refused: session.not_found, auth.forbidden, session.wrong_state,
        session.already_live.
        """
        step = STEPS[name]
        try:
            async with self._db.acting_as(SERVICE) as tx:
                return await _stepped(tx, live_session_id, user_id, step, now)
        except UniqueViolated as error:
            raise await self._already_live(live_session_id) from error

    async def _already_live(self, live_session_id: UUID) -> Refused:
        row = await self.get(live_session_id)
        async with self._db.acting_as(SERVICE) as tx:
            on_air = await tx.one(_ON_AIR, row.influencer_id)
        return Refused(
            "session.already_live",
            "You are on air with another live session. End that one first.",
            details={"live_session_id": None if on_air is None else str(on_air)},
        )

    async def pin(
        self, live_session_id: UUID, user_id: UUID, product_id: UUID, now: datetime
    ) -> None:
        """Put a product on the video. Raises Refused, also product.not_in_session."""
        async with self._db.acting_as(SERVICE) as tx:
            row = await _locked_for_pins(tx, live_session_id, user_id)
            if row.status in OVER:
                raise Refused("session.wrong_state", _STATE_SENTENCES[row.status])
            if await tx.one(_PINNED, live_session_id) == product_id:
                return
            await tx.run(_UNPIN, live_session_id)
            if await tx.run(_PIN, live_session_id, product_id, now) == 0:
                raise Refused(
                    "product.not_in_session", "This product is not part of the live session."
                )
            await _tell(tx, "product.pinned", live_session_id, {"product_id": str(product_id)})

    async def unpin(self, live_session_id: UUID, user_id: UUID, product_id: UUID) -> None:
        """Take a product off the video; nothing when it is not on it."""
        async with self._db.acting_as(SERVICE) as tx:
            await _locked_for_pins(tx, live_session_id, user_id)
            if await tx.one(_PINNED, live_session_id) == product_id:
                await _unpin(tx, live_session_id, product_id)


async def _stepped(
    tx: Transaction, live_session_id: UUID, user_id: UUID, step: Step, now: datetime
) -> wire.LiveSession:
    row = await _locked(tx, live_session_id, user_id)
    if row.status == step.to_state:
        return row.wire()
    if row.status not in step.from_states:
        raise Refused("session.wrong_state", _STATE_SENTENCES[row.status])
    await tx.run(step.query, live_session_id, *((now,) if step.is_timed else ()))
    if step.to_state == "ended":
        pinned = await tx.one(_PINNED, live_session_id)
        if pinned is not None:
            await _unpin(tx, live_session_id, pinned)
    changed = (await _read(tx, _LIVE_SESSION, live_session_id)).wire()
    await _tell(
        tx, step.announces, live_session_id, {"live_session": changed.model_dump(mode="json")}
    )
    return changed


async def _locked(tx: Transaction, live_session_id: UUID, user_id: UUID) -> HostedRow:
    row = await _read(tx, _LOCK, live_session_id)
    if row.influencer_user_id != user_id:
        raise not_yours(is_private=row.visibility == "private")
    return row


async def _locked_for_pins(tx: Transaction, live_session_id: UUID, user_id: UUID) -> HostedRow:
    """For the influencer, and for moderators with that right."""
    row = await _read(tx, _LOCK, live_session_id)
    if row.influencer_user_id != user_id:
        if row.visibility == "private":
            raise not_found()
        await chat_records.require_right(tx, live_session_id, user_id, Permission.PIN_PRODUCTS)
    return row


async def _unpin(tx: Transaction, live_session_id: UUID, product_id: UUID) -> None:
    await tx.run(_UNPIN, live_session_id)
    await _tell(tx, "product.unpinned", live_session_id, {"product_id": str(product_id)})


async def _tell(
    tx: Transaction, topic: str, live_session_id: UUID, payload: dict[str, Any]
) -> None:
    await tx.run(_TELL, topic, live_session_id, payload)


async def _read(tx: Transaction, query: Query[HostedRow], live_session_id: UUID) -> HostedRow:
    row = await tx.one(query, live_session_id)
    if row is None:
        raise not_found()
    return row


def not_found() -> Refused:
    """Also for a live session that whoever asks must not know of."""
    return Refused("session.not_found", "This live session does not exist.")


def not_yours(*, is_private: bool) -> Refused:
    if is_private:
        return not_found()
    return Refused("auth.forbidden", "This is another influencer's live session.")


def _wire_product(product: LiveProduct, selling: Selling | None) -> wire.Product:
    """selling: what is free of it; None for a product that came between the two readings."""
    free = {} if selling is None else selling.available
    stocks = {variant.id: free.get(str(variant.id), variant.stock) for variant in product.variants}
    return wire.Product(
        id=product.id,
        name=product.name,
        short_description=product.short_description,
        image_url=product.image_url or "",
        price_minor=product.price_minor,
        compare_at_minor=product.compare_at_minor,
        currency=product.currency,
        display_order=product.display_order,
        stock=sum(stocks.values()),
        variants=tuple(
            wire.Variant(
                id=variant.id,
                label=variant.label,
                color=variant.color,
                size=variant.size,
                price_minor=variant.price_minor,
                stock=stocks[variant.id],
            )
            for variant in product.variants
        ),
        translations={
            language: wire.ProductText(name=text.name, short_description=text.short_description)
            for language, text in product.translations.items()
        },
        claim_code="" if selling is None else selling.claim_code,
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
