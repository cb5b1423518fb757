"""The event contract: one row per Socket.IO event. Everything else is derived from it.

From this table come the binding of handlers, validation, role and rate checks, the AsyncAPI
document and the browser's types. A new event is a new row here and a new function in the handlers.

Every inward event takes one object and is acknowledged with `{"ok": {...}}` or
`{"refused": {"code", "message", "retry_after_s"?, "details"?}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, Literal

from signaling import cart_payloads
from signaling import payloads as wire
from signaling.rate_limit import Rate

Identified = Literal["anonymous", "customer", "influencer", "wholesaler", "admin"]

SIGNED_IN: Final[frozenset[Identified]] = frozenset(
    ("customer", "influencer", "wholesaler", "admin")
)
ANYONE: Final[frozenset[Identified]] = SIGNED_IN | {"anonymous"}
CUSTOMER: Final[frozenset[Identified]] = frozenset(("customer",))
INFLUENCER: Final[frozenset[Identified]] = frozenset(("influencer",))


class Lane(Enum):
    """How soon an outward event leaves, and what happens to it when a viewer lags."""

    NOW = "now"
    """At once, after the chat that came before it. Never skipped."""
    COUNT = "count"
    """At once, after what came before it; those that follow within 250 ms wait until then, of each
    subject the newest. Never skipped."""
    CHAT = "chat"
    """In batches of 100 ms. A lagging viewer skips it and takes a snapshot later."""
    STATE = "state"
    """At most every 500 ms, one event that stands for all since. A lagging viewer skips it."""


class Merge(Enum):
    """What one outward event does with the one of the same name that waits in its lane."""

    NONE = "none"
    LATEST = "latest"
    EXTEND_MESSAGES = "extend_messages"
    ADD_COUNT = "add_count"


@dataclass(frozen=True, slots=True)
class Inward:
    """An event from a client. `errors` are the codes that it may be refused with, beside
    GENERAL_ERRORS.

    `rate` is per connection, on top of the limit that all events of a connection share.
    """

    name: str
    summary: str
    payload: type[wire.Wire]
    ok: type[wire.Wire]
    roles: frozenset[Identified]
    rate: Rate
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outward:
    """An event to clients. `audience` says in words who hears it. `subject`: the payload's field
    that says what a count is of."""

    name: str
    summary: str
    payload: type[wire.Wire]
    lane: Lane
    merge: Merge = Merge.NONE
    audience: str = field(default="everyone who joined the live session")
    subject: str = ""


INWARD: Final[tuple[Inward, ...]] = (
    Inward(
        "session.join",
        "Enter a live session and take its snapshot; events follow from there.",
        wire.SessionJoin,
        wire.Snapshot,
        ANYONE,
        Rate(2, 10),
        ("session.not_found",),
    ),
    Inward(
        "session.leave",
        "Stop hearing a live session.",
        wire.InLiveSession,
        wire.Empty,
        ANYONE,
        Rate(2, 10),
    ),
    Inward(
        "session.start",
        "Begin the broadcast of a scheduled live session.",
        wire.InLiveSession,
        wire.LiveSessionOk,
        INFLUENCER,
        Rate(1, 5),
        ("session.not_found", "session.already_live", "session.wrong_state"),
    ),
    Inward(
        "session.pause",
        "Hold the broadcast; viewers see the last picture.",
        wire.InLiveSession,
        wire.LiveSessionOk,
        INFLUENCER,
        Rate(1, 5),
        ("session.not_found", "session.wrong_state"),
    ),
    Inward(
        "session.resume",
        "Go on after a pause.",
        wire.InLiveSession,
        wire.LiveSessionOk,
        INFLUENCER,
        Rate(1, 5),
        ("session.not_found", "session.wrong_state"),
    ),
    Inward(
        "session.end",
        "End the broadcast for good.",
        wire.InLiveSession,
        wire.LiveSessionOk,
        INFLUENCER,
        Rate(1, 5),
        ("session.not_found", "session.wrong_state"),
    ),
    Inward(
        "chat.send",
        "Say something; the same id is posted once.",
        wire.ChatSend,
        wire.ChatSent,
        SIGNED_IN,
        Rate(0.5, 5),
        ("session.not_found", "session.wrong_state", "chat.empty", "chat.too_long"),
    ),
    Inward(
        "chat.delete",
        "Take a message away from everybody.",
        wire.ChatDelete,
        wire.Empty,
        INFLUENCER,
        Rate(5, 20),
        ("session.not_found",),
    ),
    Inward(
        "reaction.send",
        "Send the taps of the last second as one number.",
        wire.ReactionSend,
        wire.Empty,
        SIGNED_IN,
        Rate(2, 5),
        ("session.not_found",),
    ),
    Inward(
        "product.pin",
        "Put a product on the video, in place of the one that is there.",
        wire.ProductChoice,
        wire.Empty,
        INFLUENCER,
        Rate(2, 10),
        ("session.not_found", "session.wrong_state", "product.not_in_session"),
    ),
    Inward(
        "product.unpin",
        "Take the product off the video.",
        wire.ProductChoice,
        wire.Empty,
        INFLUENCER,
        Rate(2, 10),
        ("session.not_found", "product.not_in_session"),
    ),
    Inward(
        "product.click",
        "A viewer opened a product; counted once per id.",
        wire.ProductClick,
        wire.Empty,
        ANYONE,
        Rate(2, 10),
        ("session.not_found", "product.not_in_session"),
    ),
    Inward(
        "deal.start",
        "Give a product another price for a while; the same id begins one deal.",
        wire.DealStart,
        wire.DealOk,
        INFLUENCER,
        Rate(1, 5),
        (
            "session.not_found",
            "session.wrong_state",
            "product.not_in_session",
            "deal.invalid",
            "deal.price_not_lower",
            "deal.overlaps",
            "deal.stock_short",
            "deal.too_many",
            "deal.key_reused",
        ),
    ),
    Inward(
        "deal.stop",
        "End a deal before its time.",
        wire.DealChoice,
        wire.Empty,
        INFLUENCER,
        Rate(1, 5),
        ("session.not_found", "deal.not_found"),
    ),
    Inward(
        "hold.place",
        "Have pieces of a variant promised for a while; asking again goes on.",
        wire.VariantWish,
        wire.HoldOk,
        CUSTOMER,
        Rate(1, 10),
        (
            "session.not_found",
            "session.wrong_state",
            "hold.first_paid",
            "order.sold_out",
            "order.product_unavailable",
            "order.quantity_invalid",
            "order.not_customer",
        ),
    ),
    Inward(
        "hold.release",
        "Give back what is promised of a variant.",
        wire.VariantChoice,
        wire.HoldReleased,
        CUSTOMER,
        Rate(1, 10),
        ("session.not_found",),
    ),
    Inward(
        "waitlist.join",
        "Wait for pieces of a variant that is sold out; a place that one has is kept.",
        wire.VariantWish,
        wire.WaitlistOk,
        CUSTOMER,
        Rate(1, 10),
        (
            "session.not_found",
            "waitlist.available",
            "waitlist.too_many",
            "order.product_unavailable",
            "order.quantity_invalid",
            "order.not_customer",
        ),
    ),
    Inward(
        "waitlist.leave",
        "Wait no more.",
        wire.VariantChoice,
        wire.Empty,
        CUSTOMER,
        Rate(1, 10),
        ("session.not_found",),
    ),
    Inward(
        "cart.get",
        "The bag as it stands now, and what has changed in it.",
        wire.Empty,
        cart_payloads.CartOk,
        CUSTOMER,
        Rate(2, 10),
        ("cart.not_customer",),
    ),
    Inward(
        "cart.add",
        "Put pieces of a variant into the bag; the same id adds once.",
        cart_payloads.CartAdd,
        cart_payloads.CartOk,
        CUSTOMER,
        Rate(2, 10),
        (
            "cart.product_unavailable",
            "cart.full",
            "cart.quantity_invalid",
            "cart.not_customer",
        ),
    ),
    Inward(
        "cart.update",
        "Say how many pieces of a variant the bag holds; 0 takes the line away.",
        cart_payloads.CartUpdate,
        cart_payloads.CartOk,
        CUSTOMER,
        Rate(3, 15),
        (
            "cart.product_unavailable",
            "cart.full",
            "cart.quantity_invalid",
            "cart.not_customer",
        ),
    ),
    Inward(
        "cart.remove",
        "Take variants out of the bag.",
        cart_payloads.CartRemove,
        cart_payloads.CartOk,
        CUSTOMER,
        Rate(2, 10),
        ("cart.not_customer",),
    ),
    Inward(
        "cart.merge",
        "Put the bag of before the log-in on top; the same id merges once.",
        cart_payloads.CartMerge,
        cart_payloads.CartOk,
        CUSTOMER,
        Rate(0.5, 5),
        ("cart.not_customer",),
    ),
    Inward(
        "coupon.check",
        "What a coupon takes off these lines.",
        cart_payloads.CouponCheck,
        cart_payloads.CouponOk,
        CUSTOMER,
        Rate(1, 5),
        (
            "payment.method_unavailable",
            "order.coupon_unknown",
            "order.coupon_ended",
            "order.coupon_used",
            "order.coupon_quota",
            "order.coupon_not_here",
            "order.coupon_min_spend",
        ),
    ),
    Inward(
        "order.place",
        "Buy. Prices and stock are decided by the server; the same id gives the same order.",
        wire.OrderPlace,
        wire.OrderPlaced,
        CUSTOMER,
        Rate(0.5, 5),
        (
            "session.not_found",
            "order.sold_out",
            "order.price_changed",
            "order.product_unavailable",
            "order.key_reused",
            "order.address_invalid",
            "order.gstin_invalid",
            "order.quantity_invalid",
            "order.not_customer",
            "order.deal_ended",
            "order.limit_reached",
            "order.coupon_unknown",
            "order.coupon_ended",
            "order.coupon_used",
            "order.coupon_quota",
            "order.coupon_not_here",
            "order.coupon_min_spend",
            "order.busy",
        ),
    ),
    Inward(
        "order.get",
        "Read an order of one's own.",
        wire.OrderGet,
        wire.OrderOk,
        CUSTOMER,
        Rate(2, 10),
        ("order.not_found",),
    ),
    Inward(
        "webrtc.publish",
        "Offer the broadcast's audio and video.",
        wire.WebrtcPublish,
        wire.PublishOk,
        INFLUENCER,
        Rate(1, 5),
        (
            "session.not_found",
            "session.wrong_state",
            "media.bad_sdp",
            "media.no_codec",
            "media.full",
            "media.elsewhere",
        ),
    ),
    Inward(
        "webrtc.watch",
        "Ask for an offer to watch; answer it with webrtc.answer.",
        wire.InLiveSession,
        wire.WatchOk,
        ANYONE,
        Rate(1, 5),
        ("session.not_found", "media.no_source", "media.full"),
    ),
    Inward(
        "webrtc.answer",
        "Answer the offer of webrtc.watch.",
        wire.WebrtcAnswer,
        wire.Empty,
        ANYONE,
        Rate(1, 5),
        ("media.no_peer", "media.bad_sdp"),
    ),
    Inward(
        "webrtc.restart",
        "Ask for a new offer on the same peer after the network changed.",
        wire.PeerChoice,
        wire.RestartOk,
        ANYONE,
        Rate(1, 5),
        ("media.no_peer",),
    ),
    Inward(
        "webrtc.close",
        "Hang up a peer.",
        wire.PeerChoice,
        wire.Empty,
        ANYONE,
        Rate(1, 5),
    ),
    Inward(
        "auth.renew",
        "Change the identity of this connection, e.g. after signing up; rooms are kept.",
        wire.AuthRenew,
        wire.RenewOk,
        ANYONE,
        Rate(0.5, 5),
        ("auth.invalid",),
    ),
)

OUTWARD: Final[tuple[Outward, ...]] = (
    Outward("session.started", "The broadcast began.", wire.SessionChanged, Lane.NOW),
    Outward("session.paused", "The broadcast is held.", wire.SessionChanged, Lane.NOW),
    Outward("session.resumed", "The broadcast goes on.", wire.SessionChanged, Lane.NOW),
    Outward("session.ended", "The broadcast is over.", wire.SessionChanged, Lane.NOW),
    Outward(
        "media.changed",
        "Audio and video came, went, or moved to another source.",
        wire.MediaChanged,
        Lane.NOW,
    ),
    Outward("product.pinned", "A product is on the video.", wire.ProductPinned, Lane.NOW),
    Outward("product.unpinned", "The product is off the video.", wire.ProductPinned, Lane.NOW),
    Outward(
        "stock.changed",
        "A variant's stock is now this.",
        wire.StockChanged,
        Lane.COUNT,
        Merge.LATEST,
        subject="variant_id",
    ),
    Outward(
        "price.changed", "A product's or variant's price is now this.", wire.PriceChanged, Lane.NOW
    ),
    Outward("deal.started", "A deal begins, now or soon.", wire.DealStarted, Lane.NOW),
    Outward(
        "deal.counted",
        "So many of a deal are sold.",
        wire.DealCounted,
        Lane.COUNT,
        Merge.LATEST,
        subject="deal_id",
    ),
    Outward("deal.ended", "A deal is over, and why.", wire.DealEnded, Lane.NOW),
    Outward(
        "hold.changed",
        "What is promised to you changed, or your turn on the waitlist has come.",
        wire.HoldChanged,
        Lane.NOW,
        audience="the customer whose hold it is",
    ),
    Outward("chat.deleted", "A message is gone.", wire.ChatDeleted, Lane.NOW),
    Outward(
        "chat.posted", "Messages were said.", wire.ChatPosted, Lane.CHAT, Merge.EXTEND_MESSAGES
    ),
    Outward("viewers.counted", "So many are here.", wire.ViewersCounted, Lane.STATE, Merge.LATEST),
    Outward(
        "reactions.counted",
        "So many reactions came since the last such event.",
        wire.ReactionsCounted,
        Lane.STATE,
        Merge.ADD_COUNT,
    ),
    Outward(
        "sales.counted",
        "Joins, clicks, orders and revenue up to now.",
        wire.SalesCounted,
        Lane.STATE,
        Merge.LATEST,
        audience="the influencer of the live session",
    ),
    Outward(
        "order.updated",
        "An order changed.",
        wire.OrderUpdated,
        Lane.NOW,
        audience="the customer who placed the order",
    ),
    Outward(
        "sync.gap",
        "Something was skipped: join again and take the fresh snapshot.",
        wire.SyncGap,
        Lane.NOW,
        audience="one connection that lagged, or all after a loss of the bus",
    ),
)

GENERAL_ERRORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "auth.required": "Please sign in first.",
        "auth.forbidden": "This is not yours to do.",
        "auth.invalid": "Your sign-in is no longer valid. Please sign in again.",
        "payload.invalid": "The request is not well formed.",
        "rate.limited": "Too fast. Please wait a moment.",
        "event.unknown": "This server does not know that event.",
        "service.unavailable": "This is not available right now. Please try again in a moment.",
    }
)
"""Codes that any inward event may be refused with, each with the sentence shown when no better one
is at hand.
"""

BY_NAME: Final[Mapping[str, Inward]] = MappingProxyType({event.name: event for event in INWARD})
OUTWARD_BY_NAME: Final[Mapping[str, Outward]] = MappingProxyType(
    {event.name: event for event in OUTWARD}
)


def refusal_codes() -> tuple[str, ...]:
    """Every code of the contract, sorted."""
    return tuple(sorted({*GENERAL_ERRORS, *(code for event in INWARD for code in event.errors)}))
