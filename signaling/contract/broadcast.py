"""A live session itself: being there, its steps, its picture, its pinned product."""

from __future__ import annotations

from typing import Final

from signaling import payloads as wire
from signaling.contract.kinds import ANYONE, INFLUENCER, SIGNED_IN, Inward, Lane, Merge, Outward
from signaling.rate_limit import Rate

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
        "session.recover",
        "Come back after a loss: hear all that was missed, or take a snapshot.",
        wire.SessionRecover,
        wire.Recovered,
        ANYONE,
        Rate(5, 50),
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
        "product.pin",
        "Put a product on the video, in place of the one that is there. For who may pin products.",
        wire.ProductChoice,
        wire.Empty,
        SIGNED_IN,
        Rate(2, 10),
        ("session.not_found", "session.wrong_state", "product.not_in_session"),
    ),
    Inward(
        "product.unpin",
        "Take the product off the video. For who may pin products.",
        wire.ProductChoice,
        wire.Empty,
        SIGNED_IN,
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
    Outward("viewers.counted", "So many are here.", wire.ViewersCounted, Lane.STATE, Merge.LATEST),
    Outward(
        "sales.counted",
        "Joins, clicks, orders and revenue up to now.",
        wire.SalesCounted,
        Lane.STATE,
        Merge.LATEST,
        audience="the influencer of the live session",
    ),
    Outward(
        "sync.moved",
        "The place on the bus is another one from here on; nothing was missed.",
        wire.SyncMoved,
        Lane.NOW,
    ),
    Outward(
        "sync.gap",
        "Something was skipped: recover it, or join again.",
        wire.SyncGap,
        Lane.NOW,
        audience="one connection that lagged, or all after a loss of the bus",
    ),
)
