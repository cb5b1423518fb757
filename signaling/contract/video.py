"""The negotiation of audio and video."""

from __future__ import annotations

from typing import Final

from signaling import payloads as wire
from signaling.contract.kinds import ANYONE, INFLUENCER, Inward
from signaling.rate_limit import Rate

INWARD: Final[tuple[Inward, ...]] = (
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
)
