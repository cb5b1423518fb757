"""Who may open a connection, judged on requests alone."""

from __future__ import annotations

import json
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from livecommerce.http.origins import OriginPolicy
from signaling.admission import Admission, TurnedAway, place_of
from signaling.gateway_config import GatewayConfig
from signaling.limits import PartyLimits
from signaling.rate_limit import Rate

HOST = "live.example.com"
PUBLIC = OriginPolicy("https://live.example.com", ("https://shop.example.com:8443",))
LOCAL = OriginPolicy()


def request(peer: str = "198.51.100.1", **headers: str) -> web.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asking: Any = make_mocked_request("GET", "/socket.io/", headers=named)
    cloned: web.Request = asking.clone(remote=peer)
    return cloned


def turned_away(admission: Admission, asking: web.Request, now_s: float = 0.0) -> str | None:
    """The reason, or None of one who is in."""
    refusal = admission.enter(asking, now_s)
    return None if refusal is None else refusal.reason


def retry_after_s(refusal: TurnedAway | None) -> int:
    assert refusal is not None
    assert refusal.response.status == 503
    assert isinstance(refusal.response.body, bytes)
    refused = json.loads(refusal.response.body)["refused"]
    assert refused["code"] == "service.unavailable"
    seconds = int(refusal.response.headers["Retry-After"])
    assert refused["retry_after_s"] == seconds
    return seconds


# ---- origins


@pytest.mark.parametrize(
    ("policy", "origin", "may"),
    [
        (PUBLIC, "https://live.example.com", True),
        (PUBLIC, "https://shop.example.com:8443", True),
        (PUBLIC, "https://shop.example.com", False),
        (PUBLIC, "null", False),
        (PUBLIC, "", False),
        (PUBLIC, "http://live.example.com", False),
        (PUBLIC, "https://live.example.com:8443", False),
        (PUBLIC, "https://live.example.com.evil.example", False),
        (PUBLIC, "https://evil-live.example.com", False),
        (PUBLIC, "https://sub.live.example.com", False),
        (PUBLIC, "https://live.example.com@evil.example", False),
        (PUBLIC, "https://evil.example/https://live.example.com", False),
        (PUBLIC, "https://live.example.com.", False),
        (PUBLIC, "https://LIVE.example.com", True),
        (PUBLIC, "chrome-extension://live.example.com", False),
        (PUBLIC, "https://evil.example, https://live.example.com", False),
        (LOCAL, "https://live.example.com", True),
        (LOCAL, "http://live.example.com:8080", False),
        (LOCAL, "https://evil.example", False),
        (LOCAL, "null", False),
    ],
)
@pytest.mark.parametrize(
    "forged", [{}, {"X_Forwarded_Host": "evil.example"}, {"Forwarded": "host=evil.example"}]
)
def test_origin_matrix(
    policy: OriginPolicy, origin: str, may: bool, forged: dict[str, str]
) -> None:
    admission = Admission(GatewayConfig(may_connect=policy.allows))
    asking = request(Host=HOST, Origin=origin, **forged)
    assert turned_away(admission, asking) == (None if may else "origin")


@pytest.mark.parametrize("policy", [PUBLIC, LOCAL])
def test_a_forwarded_host_does_not_let_its_own_page_in(policy: OriginPolicy) -> None:
    admission = Admission(
        GatewayConfig(may_connect=policy.allows, trusted_proxies=(ip_network("198.51.100.0/24"),))
    )
    asking = request(Host=HOST, Origin="https://evil.example", X_Forwarded_Host="evil.example")
    assert turned_away(admission, asking) == "origin"


def test_without_an_origin_it_is_no_page_and_the_token_alone_counts() -> None:
    admission = Admission(GatewayConfig(may_connect=PUBLIC.allows))
    assert turned_away(admission, request(Host="whatever.example")) is None


def test_a_foreign_page_spends_nothing_of_its_visitors_address() -> None:
    config = GatewayConfig(
        may_connect=PUBLIC.allows, of_address=PartyLimits(handshakes=Rate(0.001, 1))
    )
    admission = Admission(config)
    for _ in range(5):
        assert turned_away(admission, request(Origin="https://evil.example")) == "origin"
    assert turned_away(admission, request(Origin="https://live.example.com")) is None


# ---- addresses


def test_two_addresses_have_separate_limits() -> None:
    admission = Admission(GatewayConfig(of_address=PartyLimits(connections=1)))
    assert turned_away(admission, request("127.0.0.1")) is None
    assert turned_away(admission, request("127.0.0.1")) == "address_connections"
    assert turned_away(admission, request("127.0.0.2")) is None


def test_an_address_is_not_changed_by_what_a_stranger_says() -> None:
    admission = Admission(GatewayConfig(of_address=PartyLimits(connections=1)))
    first = request("127.0.0.1", X_Forwarded_For="203.0.113.1")
    assert turned_away(admission, first) is None
    assert place_of(first).address == "127.0.0.1"
    second = request("127.0.0.1", X_Forwarded_For="203.0.113.2")
    assert turned_away(admission, second) == "address_connections"


def test_behind_a_trusted_proxy_each_client_has_its_own_limits() -> None:
    config = GatewayConfig(
        trusted_proxies=(ip_network("127.0.0.0/8"),), of_address=PartyLimits(connections=1)
    )
    admission = Admission(config)
    for client in ("203.0.113.1", "203.0.113.2"):
        asking = request("127.0.0.1", X_Forwarded_For=f"6.6.6.6, {client}")
        assert turned_away(admission, asking) is None
        assert place_of(asking).address == client
        again = request("127.0.0.1", X_Forwarded_For=f"7.7.7.7, {client}")
        assert turned_away(admission, again) == "address_connections"


def test_one_home_with_many_ipv6_addresses_is_one_party() -> None:
    admission = Admission(GatewayConfig(of_address=PartyLimits(connections=1)))
    assert turned_away(admission, request("2001:db8:1:2::3")) is None
    assert turned_away(admission, request("2001:db8:1:2:ffff::4")) == "address_connections"
    assert turned_away(admission, request("2001:db8:1:3::3")) is None


# ---- how many, how fast


@pytest.mark.parametrize("most", [1, 5])
def test_places_of_the_process_and_of_an_address_end_exactly_at_the_limit(most: int) -> None:
    for reason, config in (
        ("full", GatewayConfig(max_connections=most)),
        ("address_connections", GatewayConfig(of_address=PartyLimits(connections=most))),
    ):
        admission = Admission(config)
        inside = [request() for _ in range(most)]
        assert [turned_away(admission, each) for each in inside] == [None] * most
        assert turned_away(admission, request()) == reason
        assert retry_after_s(admission.enter(request(), 0)) > 0
        admission.leave(inside[0])
        assert turned_away(admission, request()) is None
        assert turned_away(admission, request()) == reason


def test_handshakes_beyond_the_rate_are_told_when_to_come_back() -> None:
    for reason, config in (
        ("handshakes", GatewayConfig(handshakes=Rate(0.5, 3))),
        ("address_handshakes", GatewayConfig(of_address=PartyLimits(handshakes=Rate(0.5, 3)))),
    ):
        admission = Admission(config)
        assert [turned_away(admission, request()) for _ in range(4)] == [None] * 3 + [reason]
        wait_s = retry_after_s(admission.enter(request(), 0))
        assert wait_s == 2
        assert turned_away(admission, request(), wait_s) is None
        assert turned_away(admission, request(), wait_s) == reason


def test_an_address_that_asks_too_often_spends_nothing_of_the_process() -> None:
    config = GatewayConfig(
        handshakes=Rate(0.001, 3), of_address=PartyLimits(handshakes=Rate(0.001, 2))
    )
    admission = Admission(config)
    reasons = [turned_away(admission, request("203.0.113.1")) for _ in range(100)]
    assert reasons == [None] * 2 + ["address_handshakes"] * 98
    assert turned_away(admission, request("203.0.113.2")) is None
    assert turned_away(admission, request("203.0.113.2")) == "handshakes"


def test_a_carriers_crowd_is_let_in_by_the_figures_that_are_set_without_asking() -> None:
    from livecommerce.app.hub import gateway_config
    from livecommerce.settings import Settings

    admission = Admission(gateway_config(Settings()))
    # 2,500 viewers behind one address, each trying again as their browsers do, once a second.
    waiting, now_s = 2_500, 0.0
    while waiting and now_s < 60:
        refused = [admission.enter(request("203.0.113.1"), now_s) for _ in range(waiting)]
        waiting = sum(1 for each in refused if each is not None)
        now_s += 1
    assert waiting == 0
    assert now_s <= 25
    assert turned_away(admission, request("203.0.113.1"), 1e6) == "address_connections"
    assert turned_away(admission, request("203.0.113.2"), 1e6) is None
