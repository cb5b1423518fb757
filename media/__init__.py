"""The media server: a WebRTC SFU. RTP in, RTP out; it knows nothing of users, shops or sockets."""

from media.contract import (
    CloseReason,
    DropReason,
    MediaRefused,
    PublisherConnected,
    PublisherLost,
    SfuConfig,
    SfuEvent,
    SfuStats,
    SubscriberClosed,
    SubscriberConnected,
)
from media.sfu import Sfu

__all__ = [
    "CloseReason",
    "DropReason",
    "MediaRefused",
    "PublisherConnected",
    "PublisherLost",
    "Sfu",
    "SfuConfig",
    "SfuEvent",
    "SfuStats",
    "SubscriberClosed",
    "SubscriberConnected",
]
