from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.addresses import TrustedProxies, client_address, throttle_key

NOBODY = TrustedProxies()
PROXIES = TrustedProxies((ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", [], NOBODY, "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], NOBODY, "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], PROXIES, "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9"], PROXIES, "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], PROXIES, "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.9, 10.0.0.2"], PROXIES, "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3"], PROXIES, "10.0.0.3"),
        ("10.0.0.1", [], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["rubbish"], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, rubbish"], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9,"], PROXIES, "10.0.0.1"),
        ("::ffff:10.0.0.1", ["::ffff:203.0.113.9"], PROXIES, "203.0.113.9"),
        ("2001:db8::1", ["2001:DB8:0::0:2, 2A00::0001"], PROXIES, "2a00::1"),
        ("fe80::1%eth0", [], NOBODY, "fe80::1"),
        (None, ["203.0.113.9"], PROXIES, "unknown"),
    ],
)
def test_only_our_proxies_are_believed(
    peer: str | None, forwarded: list[str], trusted: TrustedProxies, address: str
) -> None:
    assert client_address(peer, forwarded, trusted) == address


@given(st.lists(st.text(max_size=40), max_size=5))
def test_nothing_that_a_stranger_sends_changes_the_address(forwarded: list[str]) -> None:
    assert client_address("192.0.2.1", forwarded, PROXIES) == "192.0.2.1"
    assert client_address("192.0.2.1", [*forwarded, "10.0.0.1"], PROXIES) == "192.0.2.1"


@given(st.text(max_size=40))
def test_what_stands_left_of_the_client_is_not_read(forged: str) -> None:
    assert client_address("10.0.0.1", [forged, "203.0.113.9"], PROXIES) == "203.0.113.9"


def test_tries_are_counted_by_what_one_client_owns() -> None:
    assert throttle_key("2001:db8:1:2:3:4:5:6") == throttle_key("2001:db8:1:2::1")
    assert throttle_key("2001:db8:1:2::1") != throttle_key("2001:db8:1:3::1")
    assert throttle_key("192.0.2.1") == "192.0.2.1"
    assert throttle_key("unknown") == "unknown"
