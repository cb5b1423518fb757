"""The gateway against raw WebSockets and the real python-socketio client."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from signaling import payloads as wire
from signaling.admission import client_address
from signaling.caller import Caller
from signaling.client import Client, ConnectionLost
from signaling.connection import HARD_LIMIT_BYTES
from signaling.contract import INWARD, Inward
from signaling.gateway import RESERVED, GatewayConfig
from signaling.rate_limit import Rate
from signaling.refusals import Refused
from tests.signaling.hub_under_test import (
    LIVE,
    PERSON,
    ROLES,
    ROOM,
    Hub,
    raw_socket,
    ready_socket_count,
    running_hub,
)
from tests.signaling.valid_payloads import VALID

ID = str(LIVE)
JOIN = {"live_session_id": ID}
BIG = wire.SessionChanged(
    live_session_id=LIVE, epoch="e", offset=1,
    live_session=wire.LiveSession(
        id=LIVE, title="x", description="d" * 20_000, status="live",
        influencer=wire.Influencer(id=LIVE, display_name="A"),
        scheduled_start_at_ms=None, started_at_ms=None, ended_at_ms=None,
    ),
)  # fmt: skip
UNLIMITED = GatewayConfig(
    events_per_s=1e6, events_burst=1e6, rates={event.name: Rate(1e6, 1e6) for event in INWARD}
)


def connection_id(hub: Hub) -> str:
    (sid,) = hub.gateway._connections
    return sid


# ---- roles, names, payloads


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


# ---- who


async def test_bad_token_is_refused_with_code_and_sentence() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        answer = await socket.connect({"token": "forged"})
        assert answer.startswith("44")
        error = json.loads(answer[2:])
        assert error["data"]["code"] == "auth.invalid"
        assert error["message"] == error["data"]["message"]


@pytest.mark.parametrize("auth", [{"token": 5}, {"token": ""}, {"token": ["a"]}])
async def test_token_that_is_no_text_is_refused(auth: dict[str, Any]) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        assert json.loads((await socket.connect(auth))[2:])["data"]["code"] == "auth.invalid"


async def test_expired_identity_is_anonymous_again() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "expired"})
        answer = await socket.call("chat.send", VALID["chat.send"])
        assert answer["refused"]["code"] == "auth.required"


async def test_identity_can_change_and_rooms_are_kept() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        sid = connection_id(hub)
        hub.gateway.enter(sid, ROOM)
        assert (await socket.call("chat.send", VALID["chat.send"]))["refused"]["code"] == (
            "auth.required"
        )
        from tests.signaling.hub_under_test import verify

        hub.gateway.identify(sid, await verify("customer"))
        assert await socket.call("chat.send", VALID["chat.send"], 2) == {"ok": {}}
        _, caller, _ = hub.calls[-1]
        assert caller.identity is not None
        assert caller.identity.user_id == PERSON
        assert ROOM in hub.gateway.rooms_of(sid)


async def test_socket_without_connect_is_closed_at_the_deadline() -> None:
    async with (
        running_hub(GatewayConfig(connect_deadline_s=0.05)) as hub,
        raw_socket(hub) as lurker,
        raw_socket(hub) as refused,
        raw_socket(hub) as fine,
    ):
        await fine.connect()
        assert (await refused.connect({"token": "forged"})).startswith("44")
        assert (await lurker.receive()).startswith("0")
        assert await lurker.receive() == ":1008"
        assert await refused.receive() == ":1008"
        assert await fine.call("session.leave", JOIN) == {"ok": {}}


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


async def test_messages_count_as_unanswered_from_their_arrival_to_their_answer() -> None:
    unanswered: list[int] = []

    async def leave(caller: Caller, payload: Any) -> wire.Wire:
        unanswered.append(hub.gateway.unanswered)
        return wire.Empty()

    async with running_hub(acts={"session.leave": leave}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.call("session.leave", JOIN)
        assert unanswered == [1]
        assert hub.gateway.unanswered == 0


async def test_socket_whose_message_is_worked_on_is_not_taken_for_silent() -> None:
    judged: list[bool] = []

    async def leave(caller: Caller, payload: Any) -> wire.Wire:
        connection = hub.gateway._connections[caller.connection_id]
        connection.last_ping_s = connection.last_heard_s + 1
        hub.gateway._heartbeat._judge([connection])
        judged.append(connection.closed)
        return wire.Empty()

    async with running_hub(acts={"session.leave": leave}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        assert await socket.call("session.leave", JOIN) == {"ok": {}}
        assert judged == [False]


async def test_silent_socket_is_pinged_then_dropped() -> None:
    config = GatewayConfig(ping_interval_s=2, ping_timeout_s=1)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        pings = 0
        while not (heard := await socket.receive()).startswith(":"):
            pings += heard == "2"
        assert pings >= 1
        await ready_socket_count(hub, 0)


async def test_socket_that_answers_pings_stays() -> None:
    config = GatewayConfig(ping_interval_s=2, ping_timeout_s=1)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        for _ in range(2):
            assert await socket.receive() == "2"
            await socket.send("3")
        assert await socket.call("session.leave", JOIN) == {"ok": {}}


# ---- handshake


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


# ---- too much


async def test_events_beyond_the_connections_rate_are_refused_unparsed() -> None:
    config = GatewayConfig(events_per_s=0.01, events_burst=3)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        assert await socket.call("session.leave", JOIN, 1) == {"ok": {}}
        assert await socket.call("session.leave", JOIN, 2) == {"ok": {}}
        await socket.send('423["this is not even JSON')
        answer = json.loads((await socket.receive()).removeprefix("433"))[0]
        assert answer["refused"]["code"] == "rate.limited"
        assert answer["refused"]["retry_after_s"] > 0


async def test_rate_of_one_event_is_its_own() -> None:
    config = GatewayConfig(rates={"chat.send": Rate(0.01, 1)})
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "customer"})
        assert await socket.call("chat.send", VALID["chat.send"], 1) == {"ok": {}}
        refused = (await socket.call("chat.send", VALID["chat.send"], 2))["refused"]
        assert refused["code"] == "rate.limited"
        assert 90 < refused["retry_after_s"] <= 100
        assert await socket.call("session.leave", JOIN, 3) == {"ok": {}}


async def test_flood_is_closed_and_no_two_handlers_ran_at_once() -> None:
    running = 0
    most = 0

    async def slow(caller: Caller, payload: Any) -> wire.Wire:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return wire.Empty()

    async with running_hub(acts={"session.leave": slow}) as hub:
        async with raw_socket(hub) as flooder, raw_socket(hub) as healthy:
            await healthy.connect()
            await flooder.connect()
            try:
                for n in range(5_000):
                    await flooder.send(f'42{n}["session.leave",{json.dumps(JOIN)}]')
            except aiohttp.ClientConnectionError:
                pass
            while not (await flooder.receive()).startswith(":"):
                pass
            assert await healthy.call("session.leave", JOIN) == {"ok": {}}
        assert most == 1
        assert len(hub.calls) < 60


async def test_websocket_pings_count_like_messages() -> None:
    async with running_hub() as hub, raw_socket(hub, autoping=False) as socket:
        await socket.connect()
        try:
            for _ in range(1_000):
                await socket.ws.ping(b"x" * 100)
        except aiohttp.ClientConnectionError:
            pass
        await ready_socket_count(hub, 0)


# ---- handlers


async def test_broken_handler_is_a_refusal_without_a_traceback() -> None:
    async def broken(caller: Caller, payload: Any) -> wire.Wire:
        raise KeyError("secret detail")

    async with running_hub(acts={"session.leave": broken}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        answer = await socket.call("session.leave", JOIN)
        assert answer["refused"]["code"] == "service.unavailable"
        assert "secret" not in json.dumps(answer)


async def test_refusal_of_a_handler_arrives_whole() -> None:
    async def refusing(caller: Caller, payload: Any) -> wire.Wire:
        raise Refused("media.no_source", "Not yet.", 1.25, {"a": 1})

    async with running_hub(acts={"webrtc.watch": refusing}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        assert await socket.call("webrtc.watch", JOIN) == {
            "refused": {
                "code": "media.no_source",
                "message": "Not yet.",
                "retry_after_s": 1.2,
                "details": {"a": 1},
            }
        }


async def test_events_of_one_connection_are_answered_in_their_order() -> None:
    first_may_go = asyncio.Event()

    async def slow(caller: Caller, payload: Any) -> wire.Wire:
        await first_may_go.wait()
        return wire.Empty()

    async with running_hub(UNLIMITED, {"session.start": slow}) as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "influencer"})
        await socket.send("421" + json.dumps(["session.start", JOIN]))
        for n in range(2, 12):
            await socket.send(f"42{n}" + json.dumps(["session.leave", JOIN]))
        async with raw_socket(hub) as other:
            await other.connect()
            assert await other.call("session.leave", JOIN) == {"ok": {}}
        first_may_go.set()
        answers = [await socket.receive() for _ in range(11)]
        assert [answer.split("[")[0] for answer in answers] == [f"43{n}" for n in range(1, 12)]


# ---- out


async def test_room_events_acks_and_unicast_keep_the_order_of_their_making() -> None:
    async def act(caller: Caller, payload: Any) -> wire.Wire:
        pinned = wire.ProductPinned(live_session_id=LIVE, epoch="e", offset=1, product_id=LIVE)
        hub.gateway.enter(caller.connection_id, ROOM)
        hub.gateway.publish(ROOM, "product.pinned", pinned)
        return wire.Empty()

    async with running_hub(UNLIMITED, {"session.leave": act}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        for n in range(20):
            await socket.send(f"42{n}" + json.dumps(["session.leave", JOIN]))
        for n in range(20):
            assert (await socket.receive()).startswith('42["product.pinned"')
            assert await socket.receive() == f'43{n}[{{"ok":{{}}}}]'


async def test_only_members_hear_a_room_and_chat_comes_in_one_batch() -> None:
    def chat(offset: int) -> wire.ChatPosted:
        posted = wire.PostedMessage(
            id=LIVE, text="hi", name="A", role="customer", is_host=False, sent_at_ms=0,
            author_id=PERSON, offset=offset,
        )  # fmt: skip
        return wire.ChatPosted(live_session_id=LIVE, epoch="e", offset=offset, messages=(posted,))

    async with running_hub() as hub, raw_socket(hub) as member:
        await member.connect()
        hub.gateway.enter(connection_id(hub), ROOM)
        async with raw_socket(hub) as stranger:
            await stranger.connect()
            for offset in (1, 2, 3):
                hub.gateway.publish(ROOM, "chat.posted", chat(offset))
            batch = json.loads((await member.receive())[2:])
            assert batch[0] == "chat.posted"
            assert [each["offset"] for each in batch[1]["messages"]] == [1, 2, 3]
            assert batch[1]["offset"] == 3
            assert await stranger.call("session.leave", JOIN) == {"ok": {}}


async def test_slow_reader_skips_a_count_and_has_its_newest_when_drained() -> None:
    async with running_hub() as hub, raw_socket(hub) as slow:
        await slow.connect()
        sid = connection_id(hub)
        hub.gateway.enter(sid, ROOM)
        connection = hub.gateway._connections[sid]
        slow.transport.pause_reading()
        while connection._transport.get_write_buffer_size() <= 256 * 1024:
            hub.gateway.publish(ROOM, "session.started", BIG)
            await asyncio.sleep(0)
        viewers = wire.ViewersCounted(live_session_id=LIVE, viewers=1)
        hub.gateway.publish(ROOM, "viewers.counted", viewers)
        while not connection.is_lagging:
            await asyncio.sleep(0.01)
        slow.transport.resume_reading()
        heard: list[str] = []
        while not heard or heard[-1] != "viewers.counted":
            text = await slow.receive()
            if text != "2":
                heard.append(json.loads(text[2:])[0])
        assert set(heard) == {"session.started", "viewers.counted"}


async def test_reader_that_never_reads_is_cut_off_at_the_hard_limit() -> None:
    async with running_hub() as hub, raw_socket(hub) as slow:
        await slow.connect()
        connection = hub.gateway._connections[connection_id(hub)]
        hub.gateway.enter(connection.sid, ROOM)
        slow.transport.pause_reading()
        while hub.gateway.size(ROOM):
            hub.gateway.publish(ROOM, "session.started", BIG)
            assert connection._transport.get_write_buffer_size() < HARD_LIMIT_BYTES + 30_000
            await asyncio.sleep(0)
        await ready_socket_count(hub, 0)
        slow.transport.resume_reading()


async def test_ended_connections_leave_nothing_behind() -> None:
    async with running_hub() as hub:
        for _ in range(5):
            async with raw_socket(hub) as socket:
                await socket.connect({"token": "customer"})
                hub.gateway.enter(connection_id(hub), ROOM)
                hub.gateway.publish(
                    ROOM, "viewers.counted", wire.ViewersCounted(live_session_id=LIVE, viewers=1)
                )
            await ready_socket_count(hub, 0)
        gateway = hub.gateway
        server = gateway._server
        fanout = gateway._fanout
        while fanout._lanes:
            await asyncio.sleep(0.01)
        assert not fanout.rooms._members
        assert not fanout.rooms._rooms_of
        assert not fanout._passes
        assert not fanout._newcomers
        assert not any(gateway._heartbeat._wheel)
        assert not server.manager.rooms
        assert not server.manager.pending_connect
        assert not server.manager.pending_disconnect
        assert not server.environ
        assert not server.eio.sockets


async def test_drain_closes_everyone_with_come_back_and_turns_newcomers_away() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        hub.gateway.drain()
        assert await socket.receive() == ":1012"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with raw_socket(hub):
                pass


# ---- the ordinary client


async def test_ordinary_client_connects_calls_hears_and_leaves() -> None:
    heard: list[tuple[str, Any]] = []
    async with running_hub() as hub:
        client = Client(lambda name, payload: heard.append((name, payload)))
        await client.connect(hub.url, "customer")
        assert await client.call("session.leave", JOIN) == {}
        with pytest.raises(Refused) as refused:
            await client.call("session.start", JOIN)
        assert refused.value.code == "auth.forbidden"
        hub.gateway.enter(connection_id(hub), ROOM)
        pinned = wire.ProductPinned(live_session_id=LIVE, epoch="e", offset=1, product_id=LIVE)
        hub.gateway.publish(ROOM, "product.pinned", pinned)
        while not heard:
            await asyncio.sleep(0.005)
        assert heard == [("product.pinned", pinned.model_dump(mode="json"))]
        await client.close()
        await ready_socket_count(hub, 0)


async def test_ordinary_client_is_told_why_it_may_not_connect() -> None:
    async with running_hub() as hub:
        client = Client()
        with pytest.raises(Refused) as refused:
            await client.connect(hub.url, "forged")
        assert refused.value.code == "auth.invalid"
        await client.close()


async def test_client_without_a_server_says_so_and_leaves_nothing_open() -> None:
    client = Client()
    with pytest.raises(ConnectionLost):
        await client.connect("http://127.0.0.1:9")
    await client.close()
    assert client._sio.eio.http is None


async def test_call_on_a_connection_that_ends_is_lost_not_hanging() -> None:
    release = asyncio.Event()

    async def never(caller: Caller, payload: Any) -> wire.Wire:
        hub.gateway._connections[caller.connection_id].abort("test")
        await release.wait()
        return wire.Empty()

    async with running_hub(acts={"session.leave": never}) as hub:
        client = Client()
        await client.connect(hub.url)
        with pytest.raises(ConnectionLost):
            await client.call("session.leave", JOIN, timeout_s=3600)
        assert client.lost.is_set()
        release.set()
        await client.close()


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
