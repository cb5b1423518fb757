"""Engine.IO, revision 4, over WebSocket only: what its own test suite asks, asked of our hub.

Where the hub is stricter than the protocol asks (no long polling, no binary, three malformed
messages are the end), the test says so.
"""

from __future__ import annotations

from dataclasses import replace

import aiohttp
import pytest

from signaling.closing import BINARY, CLIENT_LEFT, MALFORMED, NOT_CONNECTED
from signaling.gateway import GatewayConfig
from tests.hub_stress.raw_client import BINARY as BINARY_FRAME
from tests.hub_stress.raw_client import PATH, RawClient, frame
from tests.signaling.hub_under_test import Hub, ready_socket_count, running_hub

QUICK = replace(GatewayConfig(), ping_interval_s=2, ping_timeout_s=1)


async def request(hub: Hub, method: str, query: str, **options: object) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{hub.url}/socket.io/{query}", **options) as response,  # type: ignore[arg-type]
    ):
        return response.status, await response.text()


# ---- handshake


async def test_first_packet_opens_the_session_with_all_fields() -> None:
    config = replace(GatewayConfig(), ping_interval_s=25, ping_timeout_s=20)
    async with running_hub(config) as hub:
        client = await RawClient.open(hub.url)
        await client.until(lambda: bool(client.hello), "the opening packet")
        sid = client.hello.pop("sid")
        assert isinstance(sid, str)
        assert len(sid) >= 20
        assert client.hello == {
            "upgrades": [],
            "pingInterval": 25_000,
            "pingTimeout": 20_000,
            "maxPayload": 65_536,
        }
        client.leave()
        await client.ended()


async def test_every_session_has_an_id_of_its_own() -> None:
    async with running_hub() as hub:
        clients = [await RawClient.open(hub.url) for _ in range(20)]
        for client in clients:
            await client.until(lambda c=client: bool(c.hello), "the opening packet")  # type: ignore[misc]
            client.leave()
            await client.ended()
        assert len({client.hello["sid"] for client in clients}) == 20


@pytest.mark.parametrize(
    "query",
    [
        "?transport=websocket",
        "?EIO=abc&transport=websocket",
        "?EIO=3&transport=websocket",
        "?EIO=5&transport=websocket",
        "?EIO=4",
        "?EIO=4&transport=abc",
        "?EIO=4&transport=polling",
        "?EIO=4&transport=webtransport",
        "?EIO=4&transport=websocket&sid=nobody",
        "",
    ],
)
async def test_wrong_query_is_refused_before_the_upgrade(query: str) -> None:
    """Long polling, which the protocol offers, is not served: an upgrade is the only way in."""
    async with running_hub() as hub:
        client = await RawClient.open(hub.url, path=f"/socket.io/{query}")
        assert client.status == 400
        client.hang_up()
        assert (await request(hub, "GET", query))[0] == 400
        assert hub.gateway.connection_count == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("query", ["?EIO=4&transport=polling", "?EIO=4&transport=websocket", ""])
async def test_other_methods_are_client_errors(method: str, query: str) -> None:
    async with running_hub() as hub:
        status, _ = await request(hub, method, query, data=b"4x")
        assert 400 <= status < 500
        assert hub.gateway.connection_count == 0


async def test_request_without_an_upgrade_is_refused() -> None:
    async with running_hub() as hub:
        status, _ = await request(hub, "GET", "?EIO=4&transport=websocket")
        assert 400 <= status < 500
        assert hub.gateway.connection_count == 0


async def test_id_of_another_session_opens_no_second_door_to_it() -> None:
    """Neither by an upgrade nor by polling: one session is one WebSocket."""
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        await client.until(lambda: bool(client.hello), "the opening packet")
        sid = client.hello["sid"]
        thief = await RawClient.open(hub.url, path=f"{PATH}&sid={sid}")
        assert thief.status == 400
        thief.hang_up()
        for method in ("GET", "POST"):
            assert (await request(hub, method, f"?EIO=4&transport=polling&sid={sid}"))[0] == 400
        await client.connect()
        assert hub.gateway.connection_count == 1
        client.leave()
        await client.ended()


# ---- heartbeat


async def test_pings_come_and_whoever_answers_stays() -> None:
    async with running_hub(QUICK) as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        await client.until(lambda: client.pings >= 3, "three pings")
        assert client.close_code is None
        client.leave()
        await client.ended()


async def test_whoever_answers_no_ping_is_closed() -> None:
    async with running_hub(QUICK) as hub:
        client = await RawClient.open(hub.url)
        client.answers_pings = False
        await client.connect()
        await client.ended()
        assert client.pings >= 1
        await ready_socket_count(hub, 0)


async def test_pings_come_before_connect_too() -> None:
    """A client that is slow to send CONNECT must not take the server for dead."""
    config = replace(QUICK, connect_deadline_s=5)
    async with running_hub(config) as hub:
        client = await RawClient.open(hub.url)
        await client.until(lambda: client.pings >= 1, "a ping")
        await client.connect()
        client.leave()
        await client.ended()


async def test_answers_to_no_ping_are_harmless() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        for _ in range(3):
            client.text("3")
        client.text("3probe")
        await client.connect()
        client.leave()
        await client.ended()


# ---- close


async def test_close_packet_ends_the_session() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        client.text("1")
        assert await client.ended() == CLIENT_LEFT.code
        await ready_socket_count(hub, 0)


async def test_end_of_the_websocket_ends_the_session() -> None:
    async with running_hub() as hub:
        for way in (RawClient.leave, RawClient.hang_up, RawClient.reset):
            client = await RawClient.open(hub.url)
            await client.connect()
            way(client)
            await client.ended()
            await ready_socket_count(hub, 0)


async def test_close_frame_is_answered_with_its_code() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        client.leave()
        assert await client.ended() == 1000


async def test_session_without_connect_is_closed() -> None:
    config = replace(GatewayConfig(), connect_deadline_s=0.5)
    async with running_hub(config) as hub:
        client = await RawClient.open(hub.url)
        assert await client.ended() == NOT_CONNECTED.code


# ---- messages


@pytest.mark.parametrize("packet", ["5", "6", "2probe", "0{}", "7", "abc", "2"])
async def test_packets_that_no_client_sends_here_are_refused_and_close_at_the_third(
    packet: str,
) -> None:
    """There is nothing to upgrade from, so upgrade, noop and probe are malformed, too. The protocol
    closes at the first malformed packet; here two are forgiven, each with a word."""
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        for _ in range(2):
            client.text(packet)
        answer = await client.ask("session.leave", {"live_session_id": hub_id()})
        assert "ok" in answer
        names = [heard.name for heard in client.heard]
        assert names == ["connect", "message.refused", "message.refused", "ack:1"]
        client.text(packet)
        assert await client.ended() == MALFORMED.code


def hub_id() -> str:
    return "00000000-0000-7000-8000-000000000001"


@pytest.mark.parametrize("data", [b"", b"4x", b"\x00\x01\x02", b"40"])
async def test_binary_messages_are_refused(data: bytes) -> None:
    """The protocol carries them; no event of ours does."""
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        client.write(frame(data, BINARY_FRAME))
        assert await client.ended() == BINARY.code


async def test_message_of_several_frames_is_one() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        client.write(frame(b"4", first=0x01) + frame(b"0", first=0x80))
        await client.until(lambda: bool(client.of["connect"]), "CONNECT's answer")
        client.leave()
        await client.ended()


async def test_messages_are_text_frames_of_their_own_without_compression() -> None:
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    async with running_hub() as hub:
        client = await RawClient.open(hub.url, headers=offer)
        await client.connect()
        assert b"sec-websocket-extensions" not in client.head.lower()
        assert client.faults == []
        client.leave()
        await client.ended()
