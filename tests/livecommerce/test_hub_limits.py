"""Every setting of the hub's limits is the limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from livecommerce.app.hub import gateway_config
from livecommerce.settings import Hub, load
from signaling.gateway_config import GatewayConfig

REACHES: dict[str, Any] = {
    "max_message_bytes": lambda config: config.max_message_bytes,
    "events_per_s": lambda config: config.inflow.messages.per_s,
    "events_burst": lambda config: config.inflow.messages.burst,
    "bytes_per_s": lambda config: config.inflow.bytes.per_s,
    "bytes_burst": lambda config: config.inflow.bytes.burst,
    "auth_deadline_s": lambda config: config.connect_deadline_s,
    "ping_interval_s": lambda config: config.ping_interval_s,
    "ping_timeout_s": lambda config: config.ping_timeout_s,
    "max_connections": lambda config: config.max_connections,
    "rooms_per_connection": lambda config: config.rooms_per_connection,
    "handshakes_per_s": lambda config: config.handshakes.per_s,
    "handshakes_burst": lambda config: config.handshakes.burst,
    "address_connections": lambda config: config.of_address.connections,
    "address_handshakes_per_s": lambda config: config.of_address.handshakes.per_s,
    "address_handshakes_burst": lambda config: config.of_address.handshakes.burst,
    "address_events_per_s": lambda config: config.of_address.messages.per_s,
    "address_events_burst": lambda config: config.of_address.messages.burst,
    "user_connections": lambda config: config.of_person.connections,
    "user_events_per_s": lambda config: config.of_person.messages.per_s,
    "user_events_burst": lambda config: config.of_person.messages.burst,
    "anonymous_watches_per_s": lambda config: config.of_address.events["webrtc.watch"].per_s,
    "anonymous_watches_burst": lambda config: config.of_address.events["webrtc.watch"].burst,
    "parties_remembered": lambda config: config.parties_remembered,
}


def config_of(**variables: str) -> GatewayConfig:
    named = {f"LIVECOMMERCE_HUB_{name}".upper(): value for name, value in variables.items()}
    return gateway_config(load(named, Path("/nowhere/.env")))


@pytest.mark.parametrize("name", REACHES)
def test_a_setting_changes_its_limit_and_nothing_else(name: str) -> None:
    before = getattr(Hub(), name)
    # Within the bounds of all of them, and different from what they are.
    other = before + (1 if name != "ping_timeout_s" else -1)
    config = config_of(**{name: str(other)})
    for each, reach in REACHES.items():
        assert reach(config) == (other if each == name else getattr(Hub(), each)), each


def test_one_message_of_the_largest_size_always_passes() -> None:
    config = config_of(max_message_bytes="1000000", bytes_burst="1024")
    assert config.inflow.bytes.burst == config.max_message_bytes == 1_000_000


def test_no_limit_of_the_hub_is_left_out() -> None:
    others = {"processes", "ports", "drain_s"}
    assert set(Hub.model_fields) - others == set(REACHES)
