"""What stands between the hub and everybody who can reach it: limits shared by connections, who is
who for how long, and the words with which a connection ends."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from structlog.testing import capture_logs

from signaling import metrics
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.connection import REFUSALS
from signaling.gateway import GatewayConfig
from signaling.limits import PartyLimits
from signaling.rate_limit import Rate
from signaling.refusals import Refused
from signaling.rooms import Kind, Room
from tests.signaling.hub_under_test import (
    LIVE,
    ROOM,
    Hub,
    Raw,
    raw_socket,
    ready_socket_count,
    running_hub,
)

JOIN = {"live_session_id": str(LIVE)}
ASHA, RAVI = UUID(int=0xA5), UUID(int=0x8A)
PHONE, LAPTOP = UUID(int=1), UUID(int=2)
SLOW = Rate(per_s=0.001, burst=4)


async def verify(token: str) -> Identity:
    """Tokens of these tests: person, log-in, and when they were issued and run out."""
    try:
        person, login, issued_at_s, expires_at_s = token.split("/")
    except ValueError:
        raise Refused("auth.invalid") from None
    return Identity(
        UUID(person), "customer", "Asha", float(expires_at_s), UUID(login), float(issued_at_s)
    )


def token(
    person: UUID = ASHA, login: UUID = PHONE, issued_at_s: float = 1_000, until_s: float = 9_000
) -> dict[str, Any]:
    return {"token": f"{person}/{login}/{issued_at_s}/{until_s}"}


@dataclass
class Clock:
    now_s: float = 1_500.0

    def __call__(self) -> float:
        return self.now_s


@dataclass(frozen=True)
class End:
    """What was heard before the end, and the close frame."""

    texts: list[str]
    code: int | None
    reason: str | None


async def end_of(socket: Raw) -> End:
    texts: list[str] = []
    while True:
        message = await socket.ws.receive(timeout=20)
        if message.type is not aiohttp.WSMsgType.TEXT:
            reason = message.extra if message.type is aiohttp.WSMsgType.CLOSE else None
            return End(texts, socket.ws.close_code, reason)
        if message.data != "2":
            texts.append(message.data)


def the_connection(hub: Hub) -> str:
    (sid,) = hub.gateway._connections
    return sid


async def event_of(socket: Raw) -> str:
    """What comes next, without pings."""
    while (text := await socket.receive()) == "2":
        pass
    return text


def refused(answer: dict[str, Any]) -> str | None:
    return answer["refused"]["code"] if "refused" in answer else None


# ---- messages of a person, of an address


async def test_all_connections_of_a_person_share_what_a_person_may_send() -> None:
    config = GatewayConfig(of_person=PartyLimits(messages=SLOW))
    before = metrics.limited("person")._value.get()
    async with (
        running_hub(config, verify=verify) as hub,
        raw_socket(hub) as phone,
        raw_socket(hub) as laptop,
        raw_socket(hub) as other,
    ):
        await phone.connect(token(ASHA, PHONE))
        await laptop.connect(token(ASHA, LAPTOP))
        await other.connect(token(RAVI, PHONE))
        for socket in (phone, laptop, phone, laptop):
            assert await socket.call("session.leave", JOIN) == {"ok": {}}
        await phone.send('427["this is not even JSON')
        answer = json.loads((await phone.receive()).removeprefix("437"))[0]["refused"]
        assert answer["code"] == "rate.limited"
        assert 900 < answer["retry_after_s"] <= 1_000
        assert await other.call("session.leave", JOIN) == {"ok": {}}
        assert metrics.limited("person")._value.get() == before + 1


async def test_a_second_account_on_the_same_socket_has_its_own_bucket() -> None:
    config = GatewayConfig(of_person=PartyLimits(messages=SLOW))
    async with running_hub(config, verify=verify) as hub, raw_socket(hub) as socket:
        await socket.connect(token(ASHA))
        for _ in range(4):
            assert await socket.call("session.leave", JOIN) == {"ok": {}}
        assert refused(await socket.call("session.leave", JOIN)) == "rate.limited"
        hub.gateway.identify(the_connection(hub), await verify(token(RAVI)["token"]))
        assert await socket.call("session.leave", JOIN) == {"ok": {}}


async def test_all_connections_of_an_address_share_what_an_address_may_send() -> None:
    config = GatewayConfig(
        of_address=PartyLimits(messages=SLOW), trusted_proxies=(ip_network("127.0.0.0/8"),)
    )
    here, there = ({"X-Forwarded-For": f"203.0.113.{n}"} for n in (1, 2))
    async with (
        running_hub(config, verify=verify) as hub,
        raw_socket(hub, headers=here) as one,
        raw_socket(hub, headers=here) as two,
        raw_socket(hub, headers=there) as stranger,
    ):
        for socket, auth in ((one, None), (two, token()), (stranger, None)):
            await socket.connect(auth)
        for socket in (one, two, one, two):
            assert await socket.call("session.leave", JOIN) == {"ok": {}}
        assert refused(await one.call("session.leave", JOIN)) == "rate.limited"
        assert refused(await two.call("session.leave", JOIN)) == "rate.limited"
        assert await stranger.call("session.leave", JOIN) == {"ok": {}}


async def test_nobody_is_closed_for_what_its_neighbours_did() -> None:
    config = GatewayConfig(
        events_per_s=1e6, events_burst=1e6, of_address=PartyLimits(messages=Rate(0.001, 1))
    )
    async with running_hub(config) as hub, raw_socket(hub) as loud, raw_socket(hub) as quiet:
        await quiet.connect()
        await loud.connect()
        assert await loud.call("session.leave", JOIN) == {"ok": {}}
        for _ in range(int(REFUSALS.burst) + 50):
            assert refused(await quiet.call("session.leave", JOIN)) == "rate.limited"
        assert hub.gateway.connection_count == 2


async def test_a_crowded_address_can_still_connect_and_answer_pings() -> None:
    config = GatewayConfig(
        ping_interval_s=2, ping_timeout_s=1, of_address=PartyLimits(messages=Rate(0.001, 1))
    )
    async with running_hub(config) as hub, raw_socket(hub) as one, raw_socket(hub) as newcomer:
        await one.connect()
        assert await one.call("session.leave", JOIN) == {"ok": {}}
        assert refused(await one.call("session.leave", JOIN)) == "rate.limited"
        assert (await newcomer.connect()).startswith("40{")
        for _ in range(2):
            assert await newcomer.receive() == "2"
            await newcomer.send("3")
        assert hub.gateway.connection_count >= 1


async def test_anonymous_viewers_of_an_address_share_one_rate_of_watching() -> None:
    config = GatewayConfig(of_address=PartyLimits(events={"webrtc.watch": Rate(0.001, 2)}))
    async with running_hub(config, verify=verify) as hub:
        for n in range(3):
            async with raw_socket(hub) as socket:
                await socket.connect()
                answer = await socket.call("webrtc.watch", JOIN)
                assert refused(answer) == (None if n < 2 else "rate.limited")
        async with raw_socket(hub) as signed_in:
            await signed_in.connect(token())
            assert refused(await signed_in.call("webrtc.watch", JOIN)) is None


@pytest.mark.parametrize("burst", [1, 7])
async def test_events_of_one_connection_pass_up_to_the_burst(burst: int) -> None:
    # CONNECT is a message too.
    config = GatewayConfig(events_per_s=0.001, events_burst=burst + 1)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        answers = [refused(await socket.call("session.leave", JOIN)) for _ in range(burst + 1)]
        assert answers == [None] * burst + ["rate.limited"]


async def test_an_event_that_names_the_root_namespace_is_answered_when_it_came_too_fast() -> None:
    config = GatewayConfig(events_per_s=0.001, events_burst=1)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.send('42/,31["session.leave",{}]')
        assert (await socket.receive()).startswith('4331[{"refused":{"code":"rate.limited"')


@pytest.mark.parametrize(("size", "is_taken"), [(65_535, True), (65_536, True), (65_537, False)])
async def test_messages_pass_up_to_64_kilobytes(size: int, is_taken: bool) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        text = '421["session.leave",{"live_session_id":"%s"}]'
        await socket.send(text % ("x" * (size - len(text) + 2)))
        if is_taken:
            assert '"payload.invalid"' in await event_of(socket)
            return
        end = await end_of(socket)
        assert (end.texts, end.code, end.reason) == (["41"], 1009, "too_big final")


# ---- connections of a person


async def test_one_connection_too_many_of_a_person_closes_the_most_silent_one() -> None:
    config = GatewayConfig(of_person=PartyLimits(connections=2))
    async with (
        running_hub(config, verify=verify) as hub,
        raw_socket(hub) as first,
        raw_socket(hub) as second,
        raw_socket(hub) as third,
        raw_socket(hub) as stranger,
    ):
        await first.connect(token(ASHA))
        await second.connect(token(ASHA))
        await stranger.connect(token(RAVI))
        assert await first.call("session.leave", JOIN) == {"ok": {}}
        assert await second.call("session.leave", JOIN) == {"ok": {}}
        assert await first.call("session.leave", JOIN) == {"ok": {}}
        await third.connect(token(ASHA))
        end = await end_of(second)
        assert (end.texts, end.code, end.reason) == (["41"], 4409, "replaced final")
        for socket in (first, third, stranger):
            assert await socket.call("session.leave", JOIN) == {"ok": {}}


async def test_signing_in_on_an_open_connection_counts_to_the_person_too() -> None:
    config = GatewayConfig(of_person=PartyLimits(connections=1))
    async with (
        running_hub(config, verify=verify) as hub,
        raw_socket(hub) as old,
        raw_socket(hub) as new,
    ):
        await new.connect()
        sid = the_ready_one(hub)
        await old.connect(token(ASHA))
        hub.gateway.identify(sid, await verify(token(ASHA)["token"]))
        assert (await end_of(old)).code == 4409
        assert await new.call("session.leave", JOIN) == {"ok": {}}


def the_ready_one(hub: Hub) -> str:
    (sid,) = (c.sid for c in hub.gateway._connections.values() if c.is_ready)
    return sid


async def test_a_connection_can_be_in_so_many_rooms_and_in_that_of_its_person_besides() -> None:
    config = GatewayConfig(rooms_per_connection=3)
    async with running_hub(config, verify=verify) as hub, raw_socket(hub) as socket:
        await socket.connect()
        sid = the_connection(hub)
        for n in range(3):
            hub.gateway.enter(sid, Room(Kind.LIVE_SESSION, UUID(int=n)))
        with pytest.raises(Refused, match=r"rate\.limited"):
            hub.gateway.enter(sid, Room(Kind.LIVE_SESSION, UUID(int=3)))
        hub.gateway.identify(sid, await verify(token(ASHA)["token"]))
        assert Room(Kind.PERSON, ASHA) in hub.gateway.rooms_of(sid)


# ---- for how long


async def test_an_identity_that_runs_out_leaves_what_was_its_own_and_is_told() -> None:
    clock, expired = Clock(), list[str]()
    async with running_hub(verify=verify, epoch_s=clock) as hub, raw_socket(hub) as socket:
        hub.gateway.hear_expiries(expired.append)
        await socket.connect(token(ASHA, until_s=2_000))
        sid = the_connection(hub)
        for kind in (Kind.LIVE_SESSION, Kind.HOST, Kind.MODERATORS):
            hub.gateway.enter(sid, Room(kind, LIVE))
        clock.now_s = 2_000.0
        assert await event_of(socket) == '42["auth.expired",{}]'
        assert hub.gateway.rooms_of(sid) == {ROOM}
        assert expired == [sid]
        answer = await socket.call("order.get", {"order_id": str(LIVE)})
        assert refused(answer) == "auth.required"
        hub.gateway.identify(sid, await verify(token(ASHA, until_s=3_000)["token"]))
        assert await socket.call("order.get", {"order_id": str(LIVE)}) == {"ok": {}}
        hub.gateway._identities.expire()
        assert await socket.call("session.leave", JOIN) == {"ok": {}}


async def test_until_its_time_an_identity_holds() -> None:
    clock = Clock()
    async with running_hub(verify=verify, epoch_s=clock) as hub, raw_socket(hub) as socket:
        await socket.connect(token(ASHA, until_s=2_000))
        for now_s in (1_999.0, 1_999.999, 0.0, 1_999.9):
            clock.now_s = now_s
            hub.gateway._identities.expire()
            assert await socket.call("order.get", {"order_id": str(LIVE)}) == {"ok": {}}
        clock.now_s = 1e9  # a machine that learns the time after its start
        hub.gateway._identities.expire()
        assert await event_of(socket) == '42["auth.expired",{}]'


async def test_an_identity_that_was_renewed_in_time_does_not_run_out() -> None:
    clock = Clock()
    async with running_hub(verify=verify, epoch_s=clock) as hub, raw_socket(hub) as socket:
        await socket.connect(token(ASHA, until_s=2_000))
        hub.gateway.identify(the_connection(hub), await verify(token(until_s=3_000)["token"]))
        clock.now_s = 2_500
        hub.gateway._identities.expire()
        assert await socket.call("order.get", {"order_id": str(LIVE)}) == {"ok": {}}


async def test_log_ins_that_ended_are_closed_and_others_of_the_person_are_not() -> None:
    async with (
        running_hub(verify=verify) as hub,
        raw_socket(hub) as phone,
        raw_socket(hub) as laptop,
        raw_socket(hub) as stranger,
    ):
        await phone.connect(token(ASHA, PHONE))
        await laptop.connect(token(ASHA, LAPTOP))
        await stranger.connect(token(RAVI, PHONE))
        assert hub.gateway.end_identities(ASHA, lambda one: one.login_id == PHONE) == 1
        end = await end_of(phone)
        assert (end.texts, end.code, end.reason) == ([], 4401, "login_ended retry_after_s=0")
        assert await laptop.call("session.leave", JOIN) == {"ok": {}}
        assert await stranger.call("session.leave", JOIN) == {"ok": {}}
        assert hub.gateway.end_identities(ASHA, lambda one: True) == 1
        assert (await end_of(laptop)).code == 4401


async def test_a_handler_that_runs_while_the_log_in_ends_answers_nobody() -> None:
    async def act(caller: Caller, payload: Any) -> wire.Wire:
        hub.gateway.end_identities(ASHA, lambda one: True)
        hub.gateway.enter(caller.connection_id, Room(Kind.HOST, LIVE))
        return wire.Empty()

    async with running_hub(acts={"session.leave": act}, verify=verify) as hub:
        async with raw_socket(hub) as socket:
            await socket.connect(token(ASHA))
            await socket.send("421" + json.dumps(["session.leave", JOIN]))
            assert (await end_of(socket)).texts == []
        await ready_socket_count(hub, 0)


async def test_who_leaves_before_its_token_is_verified_leaves_nothing_behind() -> None:
    asked, may_go = asyncio.Event(), asyncio.Event()

    async def slowly(token: str) -> Identity:
        asked.set()
        await may_go.wait()
        return await verify(token)

    async with running_hub(verify=slowly) as hub:
        async with raw_socket(hub) as socket:
            await socket.receive()
            await socket.send("40" + json.dumps(token(ASHA)))
            await asked.wait()
            (connection,) = hub.gateway._connections.values()
            connection.abort("test")
        may_go.set()
        await ready_socket_count(hub, 0)
        assert not hub.gateway._identities._connections_of
        assert not hub.gateway._identities._due


# ---- malformed


async def test_malformed_messages_are_answered_twice_and_the_third_time_closed() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        for _ in range(3):
            await socket.send("42[")
        end = await end_of(socket)
        told = [json.loads(text[2:])[1] for text in end.texts if text.startswith("42")]
        assert [each["left"] for each in told] == [2, 1, 0]
        assert {each["code"] for each in told} == {"payload.invalid"}
        assert end.texts[-1] == "41"
        assert (end.code, end.reason) == (1002, "malformed final")


async def test_malformed_event_that_asks_for_an_answer_gets_it() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.send('4217["session.leave",')
        answer = await socket.receive()
        assert json.loads(answer.removeprefix("4317"))[0]["refused"]["code"] == "payload.invalid"
        assert await socket.call("session.leave", JOIN) == {"ok": {}}


async def test_whoever_has_not_connected_is_told_nothing_but_the_end() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.receive()
        for _ in range(3):
            await socket.send('42["session.leave",{}]')
        end = await end_of(socket)
        assert (end.texts, end.code) == (["41"], 1002)


async def test_malformed_messages_of_a_hundred_clients_are_a_few_lines_in_the_log() -> None:
    async with running_hub() as hub:
        with capture_logs() as lines:
            for _ in range(100):
                async with raw_socket(hub) as socket:
                    await socket.connect()
                    for _ in range(3):
                        await socket.send("42[")
                    await end_of(socket)
        told = [line for line in lines if line["event"] == "malformed_message"]
        assert 10 <= len(told) < 150


@pytest.mark.parametrize(
    ("first", "payload", "code"),
    [
        (b"\xf1", b"42", 1002),
        (b"\x81", b"\xff\xfe", 1007),
        (b"\x83", b"42", 1002),
    ],
)
async def test_frames_that_break_the_protocol_are_closed_with_its_codes(
    first: bytes, payload: bytes, code: int
) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        mask = b"\0\0\0\0"
        socket.transport.write(first + bytes((0x80 | len(payload),)) + mask + payload)
        end = await end_of(socket)
        assert (end.texts, end.code, end.reason) == (["41"], code, "malformed final")


# ---- the other words for the end


async def test_a_flood_is_closed_with_the_time_to_stay_away() -> None:
    config = GatewayConfig(events_per_s=0.001, events_burst=2)
    async with running_hub(config) as hub, raw_socket(hub) as socket:
        await socket.connect()
        for n in range(int(REFUSALS.burst) + 2):
            await socket.send(f'42{n}["session.leave",{{}}]')
        end = await end_of(socket)
        assert (end.code, end.reason) == (4429, "flood retry_after_s=30")
        assert "41" not in end.texts


async def test_deadline_and_drain_say_when_to_come_back() -> None:
    config = GatewayConfig(connect_deadline_s=0.05)
    async with running_hub(config) as hub, raw_socket(hub) as late, raw_socket(hub) as fine:
        await fine.connect()
        await late.receive()
        end = await end_of(late)
        assert (end.texts, end.code, end.reason) == ([], 1008, "connect_deadline retry_after_s=5")
        hub.gateway.drain()
        end = await end_of(fine)
        assert (end.texts, end.code, end.reason) == ([], 1012, "drain retry_after_s=1")


async def test_a_binary_message_is_the_end() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.ws.send_bytes(b"\x04")
        end = await end_of(socket)
        assert (end.texts, end.code, end.reason) == (["41"], 1003, "binary final")


# ---- handshakes


async def status_of_handshake(hub: Hub, source: str, **headers: str) -> int:
    """The answer of a handshake from that address, whose connection is ended then."""
    connector = aiohttp.TCPConnector(local_addr=(source, 0))
    async with aiohttp.ClientSession(connector=connector) as session:
        try:
            async with session.ws_connect(
                f"{hub.url}/socket.io/?EIO=4&transport=websocket", headers=headers
            ):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            if error.status == 503:
                assert error.headers is not None
                assert int(error.headers["Retry-After"]) > 0
            return error.status


async def test_two_loopback_addresses_have_separate_limits_whatever_they_say() -> None:
    config = GatewayConfig(of_address=PartyLimits(handshakes=Rate(0.001, 2)))
    async with running_hub(config) as hub:
        forged = [
            await status_of_handshake(hub, "127.0.0.2", **{"X-Forwarded-For": f"203.0.113.{n}"})
            for n in range(3)
        ]
        assert forged == [101, 101, 503]
        assert await status_of_handshake(hub, "127.0.0.3") == 101


async def test_places_are_given_back_whatever_became_of_the_handshake() -> None:
    config = GatewayConfig(max_connections=1, of_address=PartyLimits(connections=1))
    async with running_hub(config) as hub, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.get(f"{hub.url}/socket.io/?EIO=4&transport=polling") as response:
                assert response.status == 400
        for _ in range(3):
            async with raw_socket(hub) as socket:
                assert (await socket.connect()).startswith("40")
            await ready_socket_count(hub, 0)
        admission = hub.gateway._admission
        while admission._open:
            await asyncio.sleep(0.001)
        assert not admission._addresses._present


async def test_whoever_floods_without_reading_still_finds_out_why_it_was_closed() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        frame = b"\x81\x98" + bytes(4) + b'421["session.leave",{}] '
        for _ in range(200):
            socket.transport.write(frame * 100)
        end = await end_of(socket)
        assert (end.code, end.reason) == (4429, "flood retry_after_s=30")


async def test_a_message_far_beyond_the_limit_is_not_read_and_told_so() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        await socket.send("42" + "x" * 3_000_000)
        end = await end_of(socket)
        assert (end.code, end.reason) == (1009, "too_big final")
