"""What the gateway takes from a raw WebSocket: roles, names, payloads, and what ends it."""

from __future__ import annotations

import json

import pytest

from signaling.contract import INWARD, Inward
from signaling.gateway import RESERVED, GatewayConfig
from tests.signaling.gateway_calls import JOIN, UNLIMITED, connection_id
from tests.signaling.hub_under_test import ROLES, raw_socket, ready_socket_count, running_hub
from tests.signaling.valid_payloads import VALID


@pytest.mark.parametrize("event", INWARD, ids=lambda event: event.name)
async def test_role_matrix_is_the_table(event: Inward) -> None:
    async with running_hub(UNLIMITED) as hub:
        for role in ("anonymous", *ROLES):
            hub.calls.clear()
            async with raw_socket(hub) as socket:
                await socket.connect(None if role == "anonymous" else {"token": role})
                answer = await socket.call(event.name, VALID[event.name])
            if role in event.roles:
                assert answer == {"ok": {}}
                assert [name for name, *_ in hub.calls] == [event.name]
            else:
                code = "auth.required" if role == "anonymous" else "auth.forbidden"
                assert answer["refused"]["code"] == code
                assert not hub.calls


@pytest.mark.parametrize("name", sorted(RESERVED))
@pytest.mark.parametrize("count", range(4))
async def test_reserved_name_reaches_no_handler(name: str, count: int) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "customer"})
        before = hub.gateway._connections[connection_id(hub)].identity
        await socket.send("421" + json.dumps([name, *({"token": "admin"} for _ in range(count))]))
        assert json.loads((await socket.receive())[3:])[0]["refused"]["code"] == "event.unknown"
        assert (await socket.call("session.leave", JOIN, 2)) == {"ok": {}}
        assert [called for called, *_ in hub.calls] == ["session.leave"]
        assert hub.gateway._connections[connection_id(hub)].identity is before


async def test_third_reserved_name_closes() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        for _ in range(3):
            await socket.send('42["disconnect",{}]')
        for left in (2, 1, 0):
            refused = json.loads((await socket.receive())[2:])
            assert refused[0] == "message.refused"
            assert refused[1]["left"] == left
        assert await socket.receive() == ":1002"


async def test_unknown_event_is_refused_and_the_connection_stays() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        for ack_id in range(1, 6):
            answer = await socket.call("chat.shout", {}, ack_id)
            assert answer["refused"]["code"] == "event.unknown"
        assert await socket.call("session.leave", JOIN, 9) == {"ok": {}}


@pytest.mark.parametrize(
    "packet", ['421["session.leave"]', '421["session.leave",1]', '421["session.leave",{},{}]',
               "421[]", "421[5,{}]", "421[null]", '421{"a":1}', '421"x"']
)  # fmt: skip
async def test_third_malformed_event_closes(packet: str) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        for _ in range(2):
            await socket.send(packet)
            assert json.loads((await socket.receive())[3:])[0]["refused"]["code"] == (
                "payload.invalid"
            )
        await socket.send(packet)
        assert (await socket.receive()).startswith(("431", ":1002"))
        await ready_socket_count(hub, 0)
        assert not hub.calls


@pytest.mark.parametrize(
    "packet",
    ["42", "4", "40{", "42[", "42" + "[" * 100_0, "4x", "7", "b4aGk=", "", "44{}", "431[]",
     "451-[{}]", "45999999999-[]", "461-[]", "42/other,[1]", "42" + "9" * 200 + "[]", "4\u00b2"],
)  # fmt: skip
async def test_malformed_packets_are_answered_by_closing_never_by_a_traceback(
    packet: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_hub() as hub, raw_socket(hub) as healthy, raw_socket(hub) as socket:
        await healthy.connect()
        await socket.connect()
        for _ in range(3):
            await socket.send(packet)
        while not (answer := await socket.receive()).startswith(":"):
            assert answer.startswith(("43", '42["message.refused"'))
        assert answer == ":1002"
        assert await healthy.call("session.leave", JOIN) == {"ok": {}}
        assert "Traceback" not in caplog.text


async def test_binary_frame_closes() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.ws.send_bytes(b"\x04")
        assert await socket.receive() == ":1003"


async def test_message_of_the_limit_passes_and_one_byte_more_closes() -> None:
    limit = 2_000
    config = GatewayConfig(max_message_bytes=limit)
    shortest = len('42101["chat.send",' + json.dumps(VALID["chat.send"] | {"text": ""}) + "]")
    async with running_hub(config) as hub:
        for size, is_taken in ((limit - 1, True), (limit, True), (limit + 1, False)):
            async with raw_socket(hub) as socket:
                await socket.connect({"token": "customer"})
                text = "x" * (size - shortest)
                body = json.dumps(["chat.send", VALID["chat.send"] | {"text": text}])
                message = "42101" + body.replace('", {', '",{', 1)
                assert len(message) == size
                await socket.send(message)
                assert await socket.receive() == ('43101[{"ok":{}}]' if is_taken else ":1009")


async def test_fields_that_are_wrong_are_named_without_their_input() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "customer"})
        answer = await socket.call("reaction.send", JOIN | {"count": 10**23})
        assert answer["refused"]["code"] == "payload.invalid"
        assert list(answer["refused"]["details"]["fields"]) == ["count"]


async def test_event_before_connect_is_a_protocol_error() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.receive()
        for _ in range(3):
            await socket.send('421["session.leave",{}]')
        assert await socket.receive() == ":1002"
        assert not hub.calls


@pytest.mark.parametrize("namespace", ["", "/,"])
async def test_event_of_the_root_namespace_is_taken_whether_it_names_it_or_not(
    namespace: str,
) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.send(f"42{namespace}7" + json.dumps(["session.leave", JOIN]))
        assert await socket.receive() == '437[{"ok":{}}]'
        await socket.send(f"42{namespace}" + json.dumps(["session.leave", JOIN]))
        await socket.send(f"42{namespace}8" + json.dumps(["session.leave", JOIN]))
        assert await socket.receive() == '438[{"ok":{}}]'
        assert len(hub.calls) == 3
