"""Who may open a connection, and from where it really comes.

Judged before anything is read or answered, in an order in which nobody spends what belongs to
others: a page of a foreign site spends nothing of its visitor's address, and an address that asks
too often spends nothing of the process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

import orjson
from aiohttp import web

from signaling import addresses
from signaling.addresses import TrustedProxies, throttle_key
from signaling.gateway_config import GatewayConfig
from signaling.limits import Parties, Party
from signaling.rate_limit import Bucket
from signaling.refusals import Refused

# Places come free when somebody leaves, which no bucket can foretell.
FULL_RETRY_S: Final = 5.0


def client_address(
    request: web.Request, trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
) -> str:
    """The nearest address that is no trusted proxy; what others say of it is not read."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return addresses.client_address(request.remote, forwarded, TrustedProxies(trusted_proxies))


@dataclass(frozen=True, slots=True)
class Place:
    """What one connection takes up. neighbours: all connections from its address."""

    address: str
    key: str
    neighbours: Party


_PLACE: Final = web.RequestKey("place", Place)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """reason: of a few, for the metric. is_by_address: others of the same address are why."""

    reason: str
    address: str
    response: web.Response
    is_by_address: bool = False


class Admission:
    """Counts everybody who is in, from before the handshake to the end of the connection."""

    def __init__(self, config: GatewayConfig, now_s: float = 0.0) -> None:
        self._config = config
        self._addresses: Parties[str] = Parties(config.of_address, config.parties_remembered)
        self._handshakes = Bucket(config.handshakes, now_s)
        self._open = 0

    def enter(self, request: web.Request, now_s: float) -> TurnedAway | None:
        """Take a place, which `leave` gives back; or why there is none, and what to answer."""
        config = self._config
        address = client_address(request, config.trusted_proxies)
        origin = request.headers.get("Origin")
        if origin is not None and not config.may_connect(origin, request.headers.get("Host")):
            return _foreign(address)
        key = throttle_key(address)
        party = self._addresses.get(key, now_s)
        if (wait_s := party.handshakes.take(now_s)) > 0:
            return _busy("address_handshakes", address, wait_s, is_by_address=True)
        if party.is_full:
            return _busy("address_connections", address, FULL_RETRY_S, is_by_address=True)
        if self._open >= config.max_connections:
            return _busy("full", address, FULL_RETRY_S)
        if (wait_s := self._handshakes.take(now_s)) > 0:
            return _busy("handshakes", address, wait_s)
        self._open += 1
        request[_PLACE] = Place(address, key, self._addresses.enter(key, now_s))
        return None

    def leave(self, request: web.Request) -> None:
        self._open -= 1
        self._addresses.leave(request[_PLACE].key)


def place_of(request: web.Request) -> Place:
    """Of a request that was let in."""
    return request[_PLACE]


def draining(address: str | None) -> TurnedAway:
    return _busy("draining", address or addresses.UNKNOWN, FULL_RETRY_S)


def _foreign(address: str) -> TurnedAway:
    refused = Refused("auth.forbidden", "This page may not connect to this server.")
    return TurnedAway("origin", address, _answer(403, refused, {}))


def _busy(reason: str, address: str, wait_s: float, *, is_by_address: bool = False) -> TurnedAway:
    seconds = max(1, math.ceil(wait_s))
    refused = Refused(
        "service.unavailable", "The server is full. Please try again in a moment.", seconds
    )
    response = _answer(503, refused, {"Retry-After": str(seconds)})
    return TurnedAway(reason, address, response, is_by_address)


def _answer(status: int, refused: Refused, headers: dict[str, str]) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps({"refused": refused.wire()}),
        content_type="application/json",
        headers=headers,
    )


def token_in(auth: Any) -> str | None:
    """The access token in a CONNECT's `auth`; None of an anonymous viewer. Raises Refused."""
    if auth is None:
        return None
    token = auth.get("token") if isinstance(auth, dict) else ""
    if token is None:
        return None
    if not isinstance(token, str) or not token or len(token) > 8192:
        raise Refused("auth.invalid")
    return token
