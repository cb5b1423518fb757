"""What the rest of the program sees of the media server: settings, events, refusals, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SfuConfig:
    """host: address to bind, IPv4 or IPv6. port: UDP, 0 takes any free one.

    announce: IP addresses told to browsers as where to send; empty means host, or, where host
    means "every address", this machine's own addresses. max_bitrate_bps: what a publisher is
    asked to stay below; it is cut off at four times that, because an encoder's peaks pass an
    average. max_packets_per_s: of one publisher, all tracks together.
    consent_timeout_s: a peer that has not proven within this time that it still wants the packets
    is dropped (RFC 7675 takes 30). setup_timeout_s: from the first message to a finished DTLS
    handshake. max_rtcp_per_s: feedback packets of one subscriber; a busy browser sends about 20.
    """

    host: str = "127.0.0.1"
    port: int = 0
    announce: tuple[str, ...] = ()
    max_bitrate_bps: int = 2_500_000
    max_packets_per_s: int = 3_000
    max_subscribers: int = 1_000
    max_sources: int = 256
    consent_timeout_s: float = 20.0
    setup_timeout_s: float = 30.0
    max_rtcp_per_s: int = 100
    keyframe_interval_s: float = 1.0


class MediaRefused(Exception):
    """A request that the media server will not carry out.

    code: media.bad_sdp, media.no_codec, media.no_source, media.no_peer or media.full.
    message: a sentence for the person. retry_after_s: set where waiting helps.
    """

    def __init__(self, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class CloseReason(StrEnum):
    """Why a peer is gone."""

    CLOSED_HERE = "closed"
    CLOSED_BY_PEER = "closed_by_peer"
    REPLACED = "replaced"
    SOURCE_ENDED = "source_ended"
    SETUP_TIMEOUT = "setup_timeout"
    CONSENT_EXPIRED = "consent_expired"
    DTLS_FAILED = "dtls_failed"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PublisherConnected:
    source_id: str
    peer_id: str


@dataclass(frozen=True, slots=True)
class PublisherLost:
    """Nobody publishes the source now.

    With reason REPLACED the PublisherConnected of the next one follows. Also sent for a publisher
    that never got connected, unless another one is publishing meanwhile.
    """

    source_id: str
    peer_id: str
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class SubscriberConnected:
    source_id: str
    peer_id: str


@dataclass(frozen=True, slots=True)
class SubscriberClosed:
    source_id: str
    peer_id: str
    reason: CloseReason


SfuEvent = PublisherConnected | PublisherLost | SubscriberConnected | SubscriberClosed


class DropReason(StrEnum):
    """Every reason for which a packet goes no further."""

    EMPTY = "empty"
    UNKNOWN_ADDRESS = "unknown_address"
    NOT_WEBRTC = "not_webrtc"
    BAD_STUN = "bad_stun"
    ADDRESS_TAKEN = "address_taken"
    DTLS_QUEUE_FULL = "dtls_queue_full"
    BEFORE_DTLS = "before_dtls"
    UNPROTECT_FAILED = "unprotect_failed"
    MALFORMED_RTP = "malformed_rtp"
    MALFORMED_RTCP = "malformed_rtcp"
    UNKNOWN_PAYLOAD_TYPE = "unknown_payload_type"
    TOO_LARGE = "too_large"
    DUPLICATE = "duplicate"
    BEFORE_KEYFRAME = "before_keyframe"
    PUBLISHER_OVER_LIMIT = "publisher_over_limit"
    FEEDBACK_OVER_LIMIT = "feedback_over_limit"
    NOT_PUBLISHER = "not_publisher"
    SEND_BUFFER_FULL = "send_buffer_full"
    UNREACHABLE = "unreachable"
    PROTECT_FAILED = "protect_failed"
    RESEND_REFUSED = "resend_refused"


@dataclass(frozen=True, slots=True)
class SfuStats:
    """Counts since the start, except sources, publishers and subscribers, which are now.

    Packets are UDP datagrams, STUN, DTLS and RTCP included; out are those that the kernel took.
    """

    sources: int = 0
    publishers: int = 0
    subscribers: int = 0
    subscribers_connecting: int = 0
    joins: int = 0
    packets_in: int = 0
    bytes_in: int = 0
    packets_out: int = 0
    bytes_out: int = 0
    resent: int = 0
    nacks_sent: int = 0
    nacks_received: int = 0
    picture_losses_received: int = 0
    keyframes_requested: int = 0
    keyframes: int = 0
    drops: Mapping[DropReason, int] = field(default_factory=dict)
