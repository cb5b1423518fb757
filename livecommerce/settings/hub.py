"""The hub: what a connection, an address and a person may do, and how many there are."""

from typing import Literal

from pydantic import Field

from livecommerce.settings.values import Section


class Hub(Section):
    """Limits of the Socket.IO side; each is answered with a refusal, never with silence."""

    max_message_bytes: int = Field(
        65_536,
        ge=1024,
        le=1_048_576,
        description="Bytes in one message from a browser. An SDP offer has about 8,000.",
    )
    events_per_s: float = Field(
        10.0, gt=0, le=1000, description="Events a second from one connection in the long run."
    )
    events_burst: int = Field(20, ge=1, le=1000, description="Events at once before that applies.")
    bytes_per_s: float = Field(
        65_536.0,
        ge=1024,
        le=10_485_760,
        description="Bytes a second from one connection in the long run. What people type and tap "
        "is a hundredth of it; the rest is for SDP.",
    )
    bytes_burst: int = Field(
        262_144,
        ge=1024,
        le=104_857_600,
        description="Bytes at once before that applies; at least one message of the largest size "
        "always passes.",
    )
    auth_deadline_s: float = Field(
        10.0, ge=1, le=60, description="Seconds to finish CONNECT before the socket is closed."
    )
    ping_interval_s: float = Field(
        20.0,
        ge=1,
        le=300,
        description="Seconds between pings; proxies close what is silent for 60.",
    )
    ping_timeout_s: float = Field(
        15.0, ge=1, le=300, description="Seconds to wait for the answer to a ping."
    )
    max_connections: int = Field(
        5000, ge=1, le=1_000_000, description="Connections a process; further ones get a 503."
    )
    rooms_per_connection: int = Field(
        20,
        ge=4,
        le=1000,
        description="Live sessions that one connection may have joined, where one of one's own "
        "counts thrice; further ones are refused.",
    )
    handshakes_per_s: float = Field(
        300.0,
        gt=0,
        le=100_000,
        description="Connections a second that a process takes in in the long run; further ones "
        "get a 503. Each costs about a millisecond, so that two thirds of a core are left for "
        "those who are in.",
    )
    handshakes_burst: int = Field(
        1000, ge=1, le=1_000_000, description="Connections at once before that applies."
    )
    address_connections: int = Field(
        2500,
        ge=1,
        le=1_000_000,
        description="Connections a process from one address (IPv6: one /64); further ones get a "
        "503. Half a process: a mobile carrier puts thousands of viewers behind one address, and "
        "nobody may take all places.",
    )
    address_handshakes_per_s: float = Field(
        100.0,
        gt=0,
        le=100_000,
        description="Connections a second from one address in the long run; further ones get a "
        "503. A third of what a process takes in: 2,500 viewers are back after 20 seconds.",
    )
    address_handshakes_burst: int = Field(
        500, ge=1, le=1_000_000, description="Connections at once before that applies."
    )
    address_events_per_s: float = Field(
        1000.0,
        gt=0,
        le=1_000_000,
        description="Events a second from one address in the long run; further ones are refused "
        "before they are read. 2,500 viewers who chat and tap send about 500.",
    )
    address_events_burst: int = Field(
        10_000,
        ge=20,
        le=10_000_000,
        description="Events at once before that applies: four from each of 2,500 viewers who come "
        "when the live session begins.",
    )
    user_connections: int = Field(
        10,
        ge=1,
        le=10_000,
        description="Connections a process of one signed-in person. One more closes the one that "
        "has been silent the longest, so that sockets a phone left behind lock nobody out.",
    )
    user_events_per_s: float = Field(
        30.0,
        gt=0,
        le=100_000,
        description="Events a second from all connections of one person; further ones are refused "
        "before they are read. A studio, a phone and a second tab, each at its own limit.",
    )
    user_events_burst: int = Field(
        60, ge=20, le=100_000, description="Events at once before that applies."
    )
    anonymous_watches_per_s: float = Field(
        20.0,
        gt=0,
        le=100_000,
        description="`webrtc.watch` a second from all anonymous viewers of one address; each "
        "takes a place of the media process.",
    )
    anonymous_watches_burst: int = Field(
        500, ge=1, le=1_000_000, description="At once before that applies."
    )
    parties_remembered: int = Field(
        20_000,
        ge=100,
        le=10_000_000,
        description="Addresses, and persons, without a connection whose limits a process "
        "remembers, 400 bytes each; beyond, the one that left first begins afresh.",
    )
    processes: int = Field(
        1,
        ge=1,
        le=64,
        description="Hub processes of `serve` and `demo`; best one a core, each with connections "
        "to the database of its own.",
    )
    ports: Literal["shared", "own"] = Field(
        "shared",
        description="`shared`: all hubs of `serve` listen on the one port, and the kernel spreads "
        "what comes. `own`: each further hub takes the next port, for a proxy that picks the "
        "least busy one.",
    )
    drain_s: float = Field(
        30.0,
        ge=0,
        le=600,
        description="Seconds over which a hub that stops lets its connections go, so that they "
        "do not all come to the others at once. `demo` does not wait.",
    )
