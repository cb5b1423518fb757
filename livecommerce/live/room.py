"""One live session as its viewers see it. Pure: state and fact in, state and announcements out.

Every hub process that hosts the live session holds such a state and applies the same facts in the
same order, so all hold the same; a snapshot is what a newcomer needs so that the events that follow
fit. Facts carry what is now, not what changed, so applying one that the state already contains
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

from livecommerce.facts import Fact, Position
from signaling import payloads as wire

CHAT_KEPT: Final = 500
# A phone shows six lines; fifty are as far back as anyone scrolls on arrival.
CHAT_IN_SNAPSHOT: Final = 50


@dataclass(frozen=True, slots=True)
class RoomState:
    """position: of the last fact contained. chat: oldest first. deleted: ids that must not come
    back.
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
    chat: tuple[wire.ChatMessage, ...] = ()
    deleted: tuple[UUID, ...] = ()
    versions: Mapping[str, int] | None = None
    is_private: bool = False
    deals: tuple[wire.Deal, ...] = ()
    hold_policy: Literal["hold", "first_paid"] = "hold"
    hold_ttl_s: int = 600
    takes_claims: bool = True


@dataclass(frozen=True, slots=True)
class Announcement:
    """What everyone in the room is told."""

    name: str
    payload: wire.Wire


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
    return state, None if payload is None else Announcement(fact.name, payload)


def snapshot(
    state: RoomState,
    *,
    viewers: int,
    you: wire.You,
    now_ms: int,
    terms: wire.Terms,
    sales: wire.Sales | None,
    holds: tuple[wire.Hold, ...] = (),
) -> wire.Snapshot:
    """What a newcomer needs; events after its position complete it."""
    return wire.Snapshot(
        live_session=state.live_session,
        position=wire.Position(epoch=state.position.epoch, offset=state.position.offset),
        media=state.media,
        pinned=state.pinned,
        products=state.products,
        deals=state.deals,
        holds=holds,
        chat=state.chat[-CHAT_IN_SNAPSHOT:],
        viewers=viewers,
        you=you,
        server_time_ms=now_ms,
        terms=terms,
        sales=sales,
    )


def chat_of(
    facts: Iterable[Fact],
) -> tuple[tuple[wire.ChatMessage, ...], tuple[UUID, ...]]:
    """The messages that are left, and the ids that were deleted, after these facts in order."""
    chat: tuple[wire.ChatMessage, ...] = ()
    deleted: tuple[UUID, ...] = ()
    for fact in facts:
        if fact.name == "chat.posted":
            chat = _with_message(chat, deleted, wire.ChatMessage.model_validate(fact.data))
        elif fact.name == "chat.deleted":
            chat, deleted = _without_message(chat, deleted, UUID(fact.data["message_id"]))
    return chat, deleted


def _transient(state: RoomState, fact: Fact) -> Announcement | None:
    if fact.name != "reactions.counted":
        return None
    payload = wire.ReactionsCounted(live_session_id=state.live_session.id, count=fact.data["count"])
    return Announcement(fact.name, payload)


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
    return kind if kind in ("session", "product") else None


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


def _chat_posted(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    message = wire.ChatMessage.model_validate(data)
    chat = _with_message(state.chat, state.deleted, message)
    if chat is state.chat:
        return state, None
    posted = wire.PostedMessage(**message.model_dump(), offset=place.offset)
    payload = wire.ChatPosted(messages=(posted,), **place.fields())
    return replace(state, chat=chat), payload


def _chat_deleted(state: RoomState, data: dict[str, Any], place: _Place) -> _Applied:
    message_id = UUID(data["message_id"])
    chat, deleted = _without_message(state.chat, state.deleted, message_id)
    payload = wire.ChatDeleted(message_id=message_id, **place.fields())
    return replace(state, chat=chat, deleted=deleted), payload


def _with_message(
    chat: tuple[wire.ChatMessage, ...], deleted: tuple[UUID, ...], message: wire.ChatMessage
) -> tuple[wire.ChatMessage, ...]:
    """The same tuple when the message is there already, or was deleted."""
    if message.id in deleted or any(message.id == other.id for other in chat):
        return chat
    return (*chat[-(CHAT_KEPT - 1) :], message)


def _without_message(
    chat: tuple[wire.ChatMessage, ...], deleted: tuple[UUID, ...], message_id: UUID
) -> tuple[tuple[wire.ChatMessage, ...], tuple[UUID, ...]]:
    kept = tuple(message for message in chat if message.id != message_id)
    if message_id in deleted:
        return kept, deleted
    return kept, (*deleted[-(CHAT_KEPT - 1) :], message_id)


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
    "chat.posted": _chat_posted,
    "chat.deleted": _chat_deleted,
}
