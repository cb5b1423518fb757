"""Socket.IO, revision 5: what its own test suite asks, asked of our hub.

The hub has one namespace and takes events of one object each; refusals of it are acknowledgements.
"""

from __future__ import annotations

from typing import Any

import pytest

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.closing import BINARY, CLIENT_LEFT, MALFORMED
from tests.hub_stress.raw_client import BINARY as BINARY_FRAME
from tests.hub_stress.raw_client import RawClient, Refusal, frame
from tests.signaling.hub_under_test import (
    LIVE,
    PERSON,
    ROOM,
    Hub,
    ready_socket_count,
    running_hub,
)

JOIN = {"live_session_id": str(LIVE)}


async def connected(hub: Hub, auth: dict[str, Any] | None = None) -> RawClient:
    client = await RawClient.open(hub.url)
    await client.connect(auth)
    return client


# ---- CONNECT


async def test_main_namespace_is_connected_to_with_an_id_that_is_not_the_sessions() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        answer = await client.connect()
        assert isinstance(answer["sid"], str)
        assert len(answer["sid"]) >= 20
        assert answer["sid"] != client.hello["sid"]
        client.leave()
        await client.ended()


@pytest.mark.parametrize("packet", ["40", "40{}", "40/,", "40/,{}", "40null", '40{"more":1}'])
async def test_main_namespace_may_be_named_or_not(packet: str) -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        client.text(packet)
        await client.until(lambda: bool(client.of["connect"]), "CONNECT's answer")
        assert "ok" in await client.ask("session.leave", JOIN)
        client.leave()
        await client.ended()


async def test_auth_comes_with_connect() -> None:
    async with running_hub() as hub:
        client = await connected(hub, {"token": "customer"})
        await client.call("session.leave", JOIN)
        ((_, caller, _),) = hub.calls
        assert caller.identity is not None
        assert caller.identity.user_id == PERSON
        client.leave()
        await client.ended()


async def test_refused_connect_is_told_why_and_may_be_tried_again() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        with pytest.raises(Refusal) as raised:
            await client.connect({"token": "nobody"})
        assert raised.value.code == "auth.invalid"
        message = client.of["refused"][0]["message"]
        assert isinstance(message, str)
        assert message
        client.of["refused"].clear()
        await client.connect({"token": "customer"})
        assert "ok" in await client.ask("session.leave", JOIN)
        client.leave()
        await client.ended()


@pytest.mark.parametrize("packet", ["40/admin,", '40/admin,{"token":"x"}', "40/random"])
async def test_unknown_namespace_is_answered_with_an_error(packet: str) -> None:
    """Else a stock client waits for an answer until its time is over."""
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        raw: list[str] = []
        client.on_packet = lambda data: raw.append(data.decode())
        client.text(packet)
        name = packet[2:].split(",")[0]
        await client.until(lambda: any(text.startswith("44") for text in raw), "an answer")
        (answer,) = (text for text in raw if text.startswith("44"))
        assert answer.startswith(f'44{name},{{"message":"')
        client.leave()
        await client.ended()


async def test_unknown_namespace_beside_the_main_one_does_not_disturb_it() -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        client.text("40/admin,")
        assert "ok" in await client.ask("session.leave", JOIN)
        assert hub.gateway.connection_count == 1
        client.leave()
        await client.ended()


async def test_second_connect_changes_nothing() -> None:
    async with running_hub() as hub:
        client = await connected(hub, {"token": "customer"})
        client.text('40{"token":"admin"}')
        await client.call("session.leave", JOIN)
        ((_, caller, _),) = hub.calls
        assert caller.identity is not None
        assert caller.identity.role == "customer"
        client.leave()
        await client.ended()


@pytest.mark.parametrize("packet", ["4", "4abc", "47", "48[]", "40{", "40[]x", "42", "45"])
async def test_what_is_no_connect_never_connects(packet: str) -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        for _ in range(3):
            client.text(packet)
        assert await client.ended() == MALFORMED.code
        assert not client.of["connect"]
        assert not hub.calls


# ---- DISCONNECT


@pytest.mark.parametrize("packet", ["41", "41/,"])
async def test_disconnect_ends_the_session(packet: str) -> None:
    """There is one namespace, so nothing is left to talk about."""
    async with running_hub() as hub:
        client = await connected(hub)
        client.text(packet)
        assert await client.ended() == CLIENT_LEFT.code
        await ready_socket_count(hub, 0)


async def test_nothing_is_performed_after_disconnect() -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        late = client.packet("session.leave", JOIN, 1).encode()
        client.write(frame(b"41") + frame(late))
        await client.ended()
        assert not hub.calls


# ---- EVENT and ACK


async def test_event_without_an_id_is_performed_and_not_acknowledged() -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        client.text(client.packet("session.leave", JOIN))
        await client.call("session.leave", JOIN)
        assert len(hub.calls) == 2
        assert [heard.name for heard in client.heard] == ["connect", "ack:1"]
        client.leave()
        await client.ended()


@pytest.mark.parametrize("number", [0, 1, 456, 2**31, 2**53 - 1, 10**17])
async def test_acknowledgement_carries_the_id_of_its_event(number: int) -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        client.text(client.packet("session.leave", JOIN, number))
        assert await client.hears(f"ack:{number}") == {"ok": {}}
        client.leave()
        await client.ended()


async def test_same_id_twice_is_answered_twice() -> None:
    """Ids are the client's own affair."""
    async with running_hub() as hub:
        client = await connected(hub)
        for _ in range(2):
            client.text(client.packet("session.leave", JOIN, 7))
        await client.hears("ack:7", 2)
        client.leave()
        await client.ended()


async def test_acknowledgement_is_a_list_of_one() -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        raw: list[bytes] = []
        client.on_packet = raw.append
        await client.call("session.leave", JOIN)
        assert raw == [b'431[{"ok":{}}]']
        client.leave()
        await client.ended()


async def test_events_are_answered_in_their_order() -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        client.write(
            b"".join(
                frame(client.packet("session.leave", JOIN, number).encode())
                for number in range(1, 16)
            )
        )
        await client.hears("ack:15")
        acks = [heard.name for heard in client.heard if heard.name.startswith("ack:")]
        assert acks == [f"ack:{number}" for number in range(1, 16)]
        client.leave()
        await client.ended()


async def test_events_of_the_server_have_a_name_one_object_and_no_id() -> None:
    hub: Hub

    async def join(caller: Caller, payload: Any) -> wire.Wire:
        hub.gateway.enter(caller.connection_id, ROOM)
        return wire.Empty()

    async with running_hub(acts={"session.join": join}) as hub:
        client = await connected(hub)
        await client.call("session.join", JOIN)
        raw: list[bytes] = []
        client.on_packet = raw.append
        payload = wire.ProductPinned(live_session_id=LIVE, epoch="e", offset=1, product_id=LIVE)
        hub.gateway.publish(ROOM, "product.pinned", payload)
        await client.hears("product.pinned")
        assert raw == [b'42["product.pinned",' + payload.model_dump_json().encode() + b"]"]
        client.leave()
        await client.ended()


@pytest.mark.parametrize(
    "packet",
    [
        "42{}",
        '42abc["session.leave",{}]',
        '42-1["session.leave",{}]',
        '42 1["session.leave",{}]',
        '42["session.leave",{}',
        '42["session.leave"]]',
        "421",
        "42[]",
        '42[{"name":"session.leave"}]',
        '42/admin,["session.leave",{}]',
        '42/admin,1["session.leave",{}]',
        '431["x"]',
        '44{"message":"x"}',
    ],
)
async def test_malformed_packets_are_not_performed_and_close_at_the_third(packet: str) -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        for _ in range(3):
            client.text(packet)
        assert await client.ended() == MALFORMED.code
        assert not hub.calls


# ---- binary


@pytest.mark.parametrize(
    "packet",
    [
        '451-["session.leave",{"_placeholder":true,"num":0}]',
        '451-1["session.leave",{"_placeholder":true,"num":0}]',
        '450-["session.leave",{}]',
        '459999999999-["session.leave",{}]',
        '461-1[{"_placeholder":true,"num":0}]',
    ],
)
async def test_packets_with_attachments_are_refused_and_nothing_is_kept(packet: str) -> None:
    async with running_hub() as hub:
        client = await connected(hub)
        client.text(packet)
        assert "ok" in await client.ask("session.leave", JOIN)
        client.write(frame(b"\x01\x02", BINARY_FRAME))
        assert await client.ended() == BINARY.code
        assert [name for name, *_ in hub.calls] == ["session.leave"]
