"""Limits and addresses of the Socket.IO side of one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from signaling.connection import Inflow
from signaling.engine import EngineConfig
from signaling.limits import NO_RATE, UNLIMITED, PartyLimits
from signaling.rate_limit import Rate
from signaling.rooms import ROOMS_PER_CONNECTION


def _is_own_host(origin: str, host: str | None) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == host


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Each limit says what happens beyond it.

    may_connect: whether a page of this Origin may, given the Host that was asked. A request
      without an Origin is no browser and brings no cookie that could be abused.
    trusted_proxies: whose X-Forwarded-For is believed.
    max_message_bytes: a longer message closes the connection (1009).
    events_per_s, events_burst, bytes_per_s, bytes_burst: of one connection; beyond, `rate.limited`;
      far beyond, closed.
    connect_deadline_s: without a successful CONNECT by then, closed.
    ping_interval_s, ping_timeout_s: silence that long after a ping ends the connection.
    max_connections: beyond, 503 with Retry-After.
    rooms_per_connection: beyond, joining is `rate.limited`.
    rates: replaces the contract's rate of the named events.
    handshakes: of all clients together; beyond, 503 with Retry-After.
    of_address: of all connections from one address (of IPv6, one /64), whoever they are. Beyond its
      connections and handshakes, 503 with Retry-After; beyond the others, `rate.limited`. Its
      events are those of anonymous viewers only.
    of_person: of all connections of one signed-in person. Beyond its connections, the one that has
      been silent the longest is closed for good; beyond the others, `rate.limited`.
    parties_remembered: addresses, and persons, that are still known when they have no connection;
      beyond, the one that left first begins afresh.
    """

    may_connect: Callable[[str, str | None], bool] = _is_own_host
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    max_message_bytes: int = 65_536
    events_per_s: float = 10
    events_burst: float = 20
    bytes_per_s: float = 65_536
    bytes_burst: float = 262_144
    connect_deadline_s: float = 10
    ping_interval_s: int = 20
    ping_timeout_s: int = 15
    max_connections: int = 5_000
    rooms_per_connection: int = ROOMS_PER_CONNECTION
    rates: Mapping[str, Rate] = field(default_factory=dict)
    handshakes: Rate = NO_RATE
    of_address: PartyLimits = UNLIMITED
    of_person: PartyLimits = UNLIMITED
    parties_remembered: int = 20_000

    def __post_init__(self) -> None:
        assert 0 < self.ping_timeout_s < self.ping_interval_s, (
            "a ping is judged before the next one is due"
        )

    @property
    def engine(self) -> EngineConfig:
        return EngineConfig(self.ping_interval_s, self.ping_timeout_s, self.max_message_bytes)

    @property
    def inflow(self) -> Inflow:
        return Inflow(
            Rate(self.events_per_s, self.events_burst), Rate(self.bytes_per_s, self.bytes_burst)
        )
