"""Which requests become connections."""

from __future__ import annotations

import logging
import socket
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from signaling.admission import client_address
from signaling.gateway import GatewayConfig
from tests.signaling.hub_under_test import raw_socket, running_hub


@pytest.mark.parametrize(
    ("origin", "is_allowed"), [("https://live.example.com", True), ("null", False)]
)
async def test_pages_that_may_not_connect_are_turned_away(origin: str, is_allowed: bool) -> None:
    asked: list[str | None] = []

    def may_connect(origin: str, host: str | None) -> bool:
        asked.append(host)
        return origin == "https://live.example.com"

    async with running_hub(GatewayConfig(may_connect=may_connect)) as hub:
        if is_allowed:
            async with raw_socket(hub, headers={"Origin": origin}) as socket:
                assert (await socket.connect()).startswith("40")
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                async with raw_socket(hub, headers={"Origin": origin}):
                    pass
            assert error.value.status == 403
        assert asked == [hub.url.removeprefix("http://")]


async def test_by_default_only_the_own_host_is_an_origin() -> None:
    async with running_hub() as hub:
        async with raw_socket(hub, headers={"Origin": hub.url}) as socket:
            assert (await socket.connect()).startswith("40")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with raw_socket(hub, headers={"Origin": "http://127.0.0.1:1"}):
                pass


async def test_deflate_is_not_negotiated_when_offered() -> None:
    async with running_hub() as hub, raw_socket(hub, compress=15) as socket:
        assert socket.ws._response.headers.get("Sec-WebSocket-Extensions") is None
        assert socket.ws.compress == 0
        assert (await socket.connect()).startswith("40")


async def test_polling_is_refused() -> None:
    async with running_hub() as hub, aiohttp.ClientSession() as session:
        url = f"{hub.url}/socket.io/?EIO=4&transport=polling"
        async with session.get(url) as response:
            assert response.status == 400
        async with session.post(url, data="40") as response:
            assert response.status == 400


async def test_connection_beyond_the_limit_is_told_to_come_back() -> None:
    async with running_hub(GatewayConfig(max_connections=1)) as hub, raw_socket(hub) as socket:
        await socket.connect()
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            async with raw_socket(hub):
                pass
        assert error.value.status == 503
        assert error.value.headers is not None
        assert error.value.headers["Retry-After"]


def request_from(peer: str, forwarded: str | None) -> Any:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/socket.io/", headers=headers)
    return request.clone(remote=peer)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("10.0.0.1", None, "10.0.0.1"),
    ],
)
def test_forwarded_address_is_believed_from_trusted_proxies_only(
    peer: str, forwarded: str | None, address: str
) -> None:
    trusted = (ip_network("10.0.0.0/8"),)
    assert client_address(request_from(peer, forwarded), trusted) == address


async def test_clients_that_left_before_their_turn_are_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running_hub() as hub:
        url = urlsplit(hub.url)
        for _ in range(3):
            # Nothing waits here, so the hub finds the request and its end together.
            with socket.create_connection((url.hostname, url.port)) as gone:
                gone.sendall(
                    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: hub\r\n"
                    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\n"
                    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
        async with raw_socket(hub):
            pass
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
