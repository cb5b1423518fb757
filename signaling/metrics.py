"""What the hub counts, for /metrics."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge

CONNECTIONS = Gauge("livecommerce_hub_connections", "Open Socket.IO connections")
REFUSED_CONNECTIONS = Counter(
    "livecommerce_hub_refused_connections_total", "Handshakes turned away", ["reason"]
)
CLOSED = Counter("livecommerce_hub_closed_connections_total", "Connections that ended", ["reason"])
EVENTS = Counter(
    "livecommerce_hub_events_total",
    "Inward events by outcome (ok or refusal code)",
    ["event", "outcome"],
)
LIMITED = Counter(
    "livecommerce_hub_limited_messages_total",
    "Messages refused unparsed because too many came, by whose limit it was",
    ["by"],
)
EXPIRED = Counter(
    "livecommerce_hub_expired_identities_total", "Connections whose sign-in ran out while open"
)
PROTOCOL_ERRORS = Counter("livecommerce_hub_protocol_errors_total", "Malformed messages")
FRAMES = Counter("livecommerce_hub_frames_total", "Frames written to viewers", ["lane"])
SKIPPED = Counter(
    "livecommerce_hub_skipped_frames_total", "Frames that a lagging viewer did not get", ["lane"]
)


@cache
def event(name: str, outcome: str) -> Counter:
    """The one of EVENTS. Kept, because to look it up costs more than to count; names and outcomes
    are those of the contract."""
    return EVENTS.labels(name, outcome)


@cache
def limited(by: str) -> Counter:
    """The one of LIMITED: connection, person or address."""
    return LIMITED.labels(by)


@cache
def frames(lane: str) -> Counter:
    """The one of FRAMES."""
    return FRAMES.labels(lane)


@cache
def skipped(lane: str) -> Counter:
    """The one of SKIPPED."""
    return SKIPPED.labels(lane)
