"""What many tests of the gateway call it with."""

from __future__ import annotations

from signaling.contract import INWARD
from signaling.gateway import GatewayConfig
from signaling.rate_limit import Rate
from tests.signaling.hub_under_test import LIVE, Hub

JOIN = {"live_session_id": str(LIVE)}
UNLIMITED = GatewayConfig(
    events_per_s=1e6, events_burst=1e6, rates={event.name: Rate(1e6, 1e6) for event in INWARD}
)


def connection_id(hub: Hub) -> str:
    (sid,) = hub.gateway._connections
    return sid
