"""One live session as its viewers see it. Pure: state and fact in, state and announcements out.

Every hub process that hosts the live session holds such a state and applies the same facts in the
same order, so all hold the same; a snapshot is what a newcomer needs so that the events that follow
fit. Facts carry what is now, not what changed, so applying one that the state already contains
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from uuid import UUID

from livecommerce.facts import HOLE, Fact, Position
from livecommerce.live import chat_state, engagement_state
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.engagement_state import EngagementState
from signaling import chat_payloads, engagement_payloads
from signaling import payloads as wire

CHAT_KEPT: Final = chat_state.MESSAGES_KEPT


# Facts after which prices, products and terms may be other ones, so that all of it is read anew.
RELOADING: Final = frozenset(("session.started", "session.changed", "session.ended"))


@dataclass(frozen=True, slots=True)
class RoomState:
    """position: of the last fact contained.
    versions: the newest version seen of each thing that versioned facts are about.
    is_private: for its influencer only.
    deals: those that are not over. hold_policy, hold_ttl_s: see wire.Terms.
    takes_claims: messages in the chat may claim products.
    """

    live_session: wire.LiveSession
    host_user_id: UUID
    position: Position
    media: wire.Media
    pinned: UUID | None
    products: tuple[wire.Product, ...]
    chat: ChatRoom = field(default_factory=ChatRoom)
    versions: Mapping[str, int] | None = None
    is_private: bool = False
    deals: tuple[wire.Deal, ...] = ()
    hold_policy: Literal["hold", "first_paid"] = "hold"
    hold_ttl_s: int = 600
    takes_claims: bool = True
    engagement: EngagementState = field(default_factory=EngagementState)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What everyone in the room is told, or only those who may moderate its chat."""

    name: str
    payload: wire.Wire
    is_for_moderators: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """The fields that every recoverable event carries."""

    live_session_id: UUID
    epoch: str
    offset: int

    def fields(self) -> dict[str, Any]:
        return {
            "live_session_id": self.live_session_id,
            "epoch": self.epoch,
            "offset": self.offset,
        }


_Applied = tuple[RoomState, wire.Wire | None]
_Apply = Callable[[RoomState, dict[str, Any], _Place], _Applied]


def apply(state: RoomState, fact: Fact) -> tuple[RoomState, Announcement | None]:
    """The state after the fact, and what to announce; a fact already contained changes nothing."""
    if fact.position is None:
        return state, _transient(state, fact)
    if fact.position.epoch != state.position.epoch or fact.position.offset <= state.position.offset:
        return state, None
    state = replace(state, position=fact.position)
    subject = _subject(fact)
    if fact.version is not None and subject is not None:
        versions = dict(state.versions or {})
        if versions.get(subject, 0) >= fact.version:
            return state, None
        versions[subject] = fact.version
        state = replace(state, versions=versions)
    function = _APPLY.get(fact.name)
    if function is None:
        return state, None
    place = _Place(state.live_session.id, fact.position.epoch, fact.position.offset)
    state, payload = function(state, fact.data, place)
    if payload is None:
        return state, None
    is_for_moderators = chat_state.is_for_moderators(fact.name, payload)
    return state, Announcement(fact.name, payload, is_for_moderators)


def following(state: RoomState, fact: Fact) -> RoomState:
    """The state as it stands before a fact that was kept while the bus may have moved."""
    place = fact.position
    if place is None or place.epoch == state.position.epoch:
        return state
    return replace(state, position=Position(place.epoch, place.offset - 1))


def replayed(
    state: RoomState, start: Position, facts: Iterable[Fact]
) -> list[tuple[Position, Announcement | None]] | None:
    """What was announced at each of these facts, which came after `start` and are contained in the
    state; None when something beside them changed meanwhile."""
    chat = replace(state.chat, messages=(), deleted=(), held=())
    state = replace(
        state, position=start, versions=None, chat=chat, engagement=engagement_state.initial()
    )
    steps: list[tuple[Position, Announcement | None]] = []
    for fact in facts:
        if fact.name in RELOADING or fact.name == HOLE:
            return None
        state, announcement = apply(state, fact)
        steps.append((state.position, announcement))
    return steps


def snapshot(
    state: RoomState,
    *,
    viewers: int,
    you: wire.You,
    now_ms: int,
    terms: wire.Terms,
    sales: wire.Sales | None,
    holds: tuple[wire.Hold, ...] = (),
    mine: engagement_payloads.MyEngagement = engagement_state.NOBODY,
    standing: chat_payloads.ChatStanding = chat_state.NOBODY,
) -> wire.Snapshot:
    """What a newcomer needs; events after its position complete it. mine: the newcomer's own part
    in what is asked, voted and drawn. standing: what the newcomer may do in the chat."""
    return wire.Snapshot(
        live_session=state.live_session,
        position=wire.Position(epoch=state.position.epoch, offset=state.position.offset),
        media=state.media,
        pinned=state.pinned,
        products=state.products,
        deals=state.deals,
        holds=holds,
        chat=chat_state.shown_messages(state.chat, you.user_id, standing),
        chat_state=chat_state.shown(state.chat, standing),
        viewers=viewers,
        you=you,
        server_time_ms=now_ms,
        terms=terms,
        sales=sales,
        engagement=engagement_state.shown(state.engagement, mine),
    )


def _transient(state: RoomState, fact: Fact) -> Announcement | None:
    payload = _TRANSIENT.get(fact.name)
    if payload is None:
        return None
    data = {"live_session_id": state.live_session.id, **fact.data}
    return Announcement(fact.name, payload.model_validate(data))


def _subject(fact: Fact) -> str | None:
    """What a versioned fact is about."""
    kind = fact.name.split(".")[0]
    if kind == "stock":
        return f"stock:{fact.data['variant_id']}"
    if kind == "price":
        return f"price:{fact.data['product_id']}:{fact.data['variant_id']}"
    if fact.name == "deal.started":
        return f"deal:{fact.data['deal']['id']}"
    if fact.name in ("deal.ended", "deal.counted"):
        # Counted apart: whoever counts last must not outdo the end.
        return f"{fact.name.replace('deal.ended', 'deal')}:{fact.data['deal_id']}"
    if kind in ("session", "product"):
        return kind
    return chat_state.subject(fact)


def _session_changed(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    live_session = wire.LiveSession.model_validate(data["live_session"])
    payload = wire.SessionChanged(live_session=live_session, **place.fields())
    return replace(state, live_session=live_session), payload


def _media_changed(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    media = wire.Media(source=data["source"], available=data["available"])
    payload = wire.MediaChanged(source=media.source, available=media.available, **place.fields())
    return replace(state, media=media), payload


def _product_pinned(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    payload = wire.ProductPinned(product_id=UUID(data["product_id"]), **place.fields())
    return replace(state, pinned=payload.product_id), payload


def _product_unpinned(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    payload = wire.ProductPinned(product_id=UUID(data["product_id"]), **place.fields())
    pinned = None if state.pinned == payload.product_id else state.pinned
    return replace(state, pinned=pinned), payload


def _stock_changed(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    payload = wire.StockChanged(
        product_id=UUID(data["product_id"]),
        variant_id=UUID(data["variant_id"]),
        stock=data["stock"],
        **place.fields(),
    )

    def stocked(product: wire.Product) -> wire.Product:
        variants = tuple(
            variant.model_copy(update={"stock": payload.stock})
            if variant.id == payload.variant_id
            else variant
            for variant in product.variants
        )
        total = sum(variant.stock for variant in variants)
        return product.model_copy(update={"variants": variants, "stock": total})

    return _with_product(state, payload.product_id, stocked), payload


def _price_changed(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    variant_id = data["variant_id"]
    payload = wire.PriceChanged(
        product_id=UUID(data["product_id"]),
        variant_id=None if variant_id is None else UUID(variant_id),
        price_minor=data["price_minor"],
        compare_at_minor=None,
        **place.fields(),
    )

    def priced(product: wire.Product) -> wire.Product:
        variants = tuple(
            variant.model_copy(update={"price_minor": payload.price_minor})
            if payload.variant_id in (None, variant.id)
            else variant
            for variant in product.variants
        )
        price_minor = min(variant.price_minor for variant in variants)
        compare_at_minor = data.get("mrp_minor", product.compare_at_minor)
        if compare_at_minor is not None and compare_at_minor <= price_minor:
            compare_at_minor = None
        return product.model_copy(
            update={
                "variants": variants,
                "price_minor": price_minor,
                "compare_at_minor": compare_at_minor,
            }
        )

    state = _with_product(state, payload.product_id, priced)
    compare_at_minor = next(
        (p.compare_at_minor for p in state.products if p.id == payload.product_id), None
    )
    return state, payload.model_copy(update={"compare_at_minor": compare_at_minor})


def _deal_started(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    deal = wire.Deal.model_validate(data["deal"])
    others = tuple(other for other in state.deals if other.id != deal.id)
    payload = wire.DealStarted(deal=deal, **place.fields())
    return replace(state, deals=(*others, deal)), payload


def _deal_counted(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    payload = wire.DealCounted(deal_id=UUID(data["deal_id"]), sold=data["sold"], **place.fields())
    if all(deal.id != payload.deal_id for deal in state.deals):
        return state, None
    deals = tuple(
        deal.model_copy(update={"sold": payload.sold}) if deal.id == payload.deal_id else deal
        for deal in state.deals
    )
    return replace(state, deals=deals), payload


def _deal_ended(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    ended = wire.DealEnded.model_validate(data | place.fields())
    left = tuple(deal for deal in state.deals if deal.id != ended.deal_id)
    return replace(state, deals=left), ended


def _with_product(
    state: RoomState, product_id: UUID, change: Callable[[wire.Product], wire.Product]
) -> RoomState:
    products = tuple(
        change(product) if product.id == product_id else product for product in state.products
    )
    return replace(state, products=products)


def _chatted(name: str) -> _Apply:
    """The rows of chat_state for this state."""
    change = chat_state.APPLY[name]

    def apply_to_part(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
        chat, news = change(state.chat, data)
        state = replace(state, chat=chat)
        return state, None if news is None else chat_state.announced(name, news, place.fields())

    return apply_to_part


def _engaged(name: str) -> _Apply:
    """The rows of engagement_state for this state."""
    change, announced = engagement_state.APPLY[name]

    def apply_to_part(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
        engagement, news = change(state.engagement, data)
        state = replace(state, engagement=engagement)
        return state, None if news is None else announced(**news, **place.fields())

    return apply_to_part


_TRANSIENT: Final[Mapping[str, type[wire.Wire]]] = {
    "reactions.counted": wire.ReactionsCounted,
    "joins.counted": engagement_payloads.JoinsCounted,
}

_APPLY: Final[Mapping[str, _Apply]] = {
    "session.started": _session_changed,
    "session.paused": _session_changed,
    "session.resumed": _session_changed,
    "session.ended": _session_changed,
    "media.changed": _media_changed,
    "product.pinned": _product_pinned,
    "product.unpinned": _product_unpinned,
    "stock.changed": _stock_changed,
    "price.changed": _price_changed,
    "deal.started": _deal_started,
    "deal.counted": _deal_counted,
    "deal.ended": _deal_ended,
    **{name: _chatted(name) for name in chat_state.APPLY},
    **{name: _engaged(name) for name in engagement_state.APPLY},
}
