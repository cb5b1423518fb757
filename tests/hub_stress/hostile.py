"""Hostile and broken clients beside healthy ones, which must not notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random

from signaling.closing import BINARY, FLOOD, MALFORMED, NOT_CONNECTED, TOO_BIG
from signaling.gateway import RESERVED, GatewayConfig
from tests.hub_stress.checks import Broken, exactly
from tests.hub_stress.gateway_stage import (
    JOIN,
    QUICK_PINGS,
    Crowd,
    crowd,
    gateway_hub,
    joined_crowd,
    left_over,
    offsets,
    until,
)
from tests.hub_stress.raw_client import (
    ABNORMAL,
    CLOSE,
    CONTINUATION,
    PING,
    Gone,
    RawClient,
    Refusal,
    frame,
)
from tests.hub_stress.raw_client import (
    BINARY as BINARY_FRAME,
)
from tests.hub_stress.registry import scenario
from tests.hub_stress.things import pin
from tests.livecommerce.live.hub_process import UNLIMITED
from tests.signaling.hub_under_test import ROOM, Hub

# What no WebSocket client may send (RFC 6455), and the code that it is closed with.
FORBIDDEN_FRAMES: dict[str, tuple[bytes, int]] = {
    "reserved bits": (frame(b"3", first=0xC1), 1002),
    "reserved opcode": (frame(b"3", 0x3), 1002),
    "reserved control opcode": (frame(b"", 0xB), 1002),
    "ping in pieces": (frame(b"x", first=0x09), 1002),
    "ping of 126 bytes": (frame(b"x" * 126, PING), 1002),
    "close with half a code": (frame(b"\x03", CLOSE), 1002),
    "close with a code that nobody may send": (frame(b"\x03\xed", CLOSE), 1002),
    "continuation of nothing": (frame(b"x", CONTINUATION), 1002),
    "text within a text": (frame(b"4", first=0x01) + frame(b"3"), 1002),
    "text that is not UTF-8": (frame(b"\xff\xfe"), 1007),
    "half a character": (frame("é".encode()[:1]), 1007),
    "too long": (frame(b"4" * 65_537), TOO_BIG.code),
    "too long in pieces": (
        frame(b"4" * 40_000, first=0x01) + frame(b"4" * 40_000, CONTINUATION),
        TOO_BIG.code,
    ),
    "a length of terabytes": (b"\x81\xff" + (2**42).to_bytes(8, "big") + b"mask", TOO_BIG.code),
    "binary": (frame(b"\x00\x01", BINARY_FRAME), BINARY.code),
}
# What no Socket.IO client sends; the third closes.
MALFORMED_PACKETS: tuple[str, ...] = (
    "", "x", "4", "5", "6", "7", "9", "0{}", "2probe", "2", "4x", "47", "49[]",
    "42", "42{}", "42[", "42[]", "42null", "42[null]", "42[1,{}]", '42["session.join"]',
    '42["session.join",1]', '42["session.join",[]]', '42["session.join",{},{}]',
    '42["disconnect",{}]', '42["connect",{}]', '42["*",{}]', "421", '42-1["session.join",{}]',
    '42["session.join",NaN]', '42["session.join",1e400]', '42["session.join",{"a":"\\ud800"}]',
    "42" + "[" * 30_000, '42["session.join",' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "]",
    '42/admin,["session.join",{}]', "40/admin,", "43[]", "431[]", "44{}", "45", "46",
    '451-["session.join",{"_placeholder":true,"num":0}]', "459999999999-[]", '461-1["x"]',
)  # fmt: skip


@asynccontextmanager
async def healthy(hub: Hub, count: int = 10) -> AsyncIterator[Crowd]:
    """Clients that must hear all and be answered while others misbehave."""
    async with joined_crowd(hub, count) as clients:
        told = len(clients[0].heard)
        yield clients
        hub.gateway.publish(ROOM, "product.pinned", pin(1_000_000))
        await asyncio.gather(*(client.hears("product.pinned") for client in clients))
        assert told
        for client in clients:
            exactly([1_000_000], [o for o in offsets(client) if o >= 1_000_000], client.name)
            await client.call("session.leave", JOIN)


async def closes(client: RawClient, code: int, what: str) -> None:
    ended = await client.ended()
    if ended != code:
        raise Broken(f"{what} was closed with {ended} {client.close_text!r}, not with {code}")


@scenario("gateway")
async def forbidden_frames_are_closed_with_their_code(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 2 * len(FORBIDDEN_FRAMES)) as bad:
        cases = list(FORBIDDEN_FRAMES.items()) * 2
        random.shuffle(cases)
        for client, (name, (data, _)) in zip(bad, cases, strict=True):
            client.name = name
            client.write(data)
        for client, (name, (_, code)) in zip(bad, cases, strict=True):
            await closes(client, code, name)


@scenario("gateway")
async def the_third_malformed_packet_closes(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, len(MALFORMED_PACKETS)) as bad:
        for client, packet in zip(bad, MALFORMED_PACKETS, strict=True):
            client.name = repr(packet[:40])
            for _ in range(3):
                client.text(packet)
        for client in bad:
            await closes(client, MALFORMED.code, client.name)
            if any(heard.name == "ack:1" and "ok" in heard.payload for heard in client.heard):
                raise Broken(f"{client.name} was performed")


@scenario("gateway")
async def malformed_packets_of_all_kinds_mixed_close_at_the_third(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 60) as bad:
        for client in bad:
            kinds = random.sample(MALFORMED_PACKETS, 3)
            client.name = repr([kind[:30] for kind in kinds])
            for kind in kinds:
                client.text(kind)
        for client in bad:
            await closes(client, MALFORMED.code, client.name)


@scenario("gateway")
async def two_malformed_packets_are_forgiven(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 30) as clumsy:
        for client in clumsy:
            client.next_ack = 100  # Some of those packets are answered, as number 1.
            for kind in random.sample(MALFORMED_PACKETS, 2):
                client.text(kind)
            await client.call("session.join", JOIN)


@scenario("gateway")
async def reserved_event_names_reach_nobody(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 3 * len(RESERVED)) as bad:
        before = hub.gateway.connection_count
        for client, name in zip(bad, sorted(RESERVED) * 3, strict=True):
            answer = await client.ask(name, {"token": "admin"})
            if answer["refused"]["code"] != "event.unknown":
                raise Broken(f"{name} was answered with {answer}")
        if any(name in RESERVED for name, *_ in hub.calls):
            raise Broken("a reserved name reached a handler")
        if hub.gateway.connection_count != before:
            raise Broken("a reserved name changed who is connected")


@scenario("gateway")
async def messages_of_the_limit_pass_and_longer_ones_close(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 40) as clients:
        empty = len('421["session.leave",{"x":""}]')
        for number, client in enumerate(clients):
            size = 65_536 - empty + (number % 2)
            client.text('421["session.leave",{"x":"' + "a" * size + '"}]')
        for number, client in enumerate(clients):
            if number % 2:
                await closes(client, TOO_BIG.code, "a byte too many")
            else:
                answer = await client.hears("ack:1")
                if answer["refused"]["code"] != "payload.invalid":
                    raise Broken(f"the longest message was answered with {answer}")


LIMITED = GatewayConfig(rates=UNLIMITED.rates)


@scenario("gateway")
async def floods_are_refused_then_closed(random: Random) -> None:
    async with gateway_hub(LIMITED) as hub, healthy(hub), crowd(hub.url, 12) as bad:
        for client in bad:
            for number in range(1, 400):
                client.text(client.packet("session.leave", JOIN, number))
        for client in bad:
            await closes(client, FLOOD.code, "a flood")
            answers = [h.payload for h in client.heard if h.name.startswith("ack:")]
            done = sum("ok" in answer for answer in answers)
            # Twenty at once, CONNECT among them, and ten a second while it lasts.
            if not 15 <= done < 299:
                raise Broken(f"{done} messages of a flood were performed")


@scenario("gateway")
async def floods_of_pings_are_closed(random: Random) -> None:
    async with gateway_hub(LIMITED) as hub, healthy(hub), crowd(hub.url, 12) as bad:
        for number, client in enumerate(bad):
            flood = frame(b"hello", PING) if number % 2 else frame(b"3")
            client.write(flood * 2_000)
        for client in bad:
            await closes(client, FLOOD.code, "a flood of pings or pongs")


@scenario("gateway")
async def whoever_never_connects_is_closed_at_the_deadline(random: Random) -> None:
    """Silent ones, and those whose CONNECT was refused, and those that only answer pings."""
    config = replace(UNLIMITED, connect_deadline_s=1.5)
    async with gateway_hub(config) as hub, healthy(hub):
        stale = await asyncio.gather(*(RawClient.open(hub.url, f"stale {n}") for n in range(40)))
        for client in stale[:20]:
            try:
                await client.connect({"token": "nobody"})
            except Refusal:
                continue
            except Gone as gone:
                raise Broken("closed before its deadline") from gone
            raise Broken("a wrong token was let in")
        for client in stale:
            await closes(client, NOT_CONNECTED.code, client.name)


@scenario("gateway")
async def whoever_answers_no_ping_is_cut_off(random: Random) -> None:
    async with gateway_hub(QUICK_PINGS) as hub, joined_crowd(hub, 20) as clients:
        silent = list(clients[:10])
        for client in silent:
            client.answers_pings = False
        for client in silent:
            await closes(client, ABNORMAL, "a silent client")
        await asyncio.gather(*(c.until(lambda c=c: c.pings >= 2, "2 pings") for c in clients[10:]))  # type: ignore[misc]
        if any(client.close_code is not None for client in clients[10:]):
            raise Broken("a client that answers its pings was cut off")


@scenario("gateway")
async def half_handshakes_leave_nothing(random: Random) -> None:
    """Connections that stop in the middle of the request, or go before the answer."""
    request = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n"
    )
    async with gateway_hub() as hub, healthy(hub):
        port = int(hub.url.rpartition(":")[2])
        writers = []
        for _ in range(60):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request[: random.randint(0, len(request))])
            writers.append(writer)
        for writer in writers:
            random.choice((writer.close, writer.transport.abort))()
        await until(lambda: hub.gateway.connection_count == 10, lambda: left_over(hub.gateway))


@scenario("gateway")
async def messages_in_pieces_are_heard_whole(random: Random) -> None:
    """Frames cut into fragments, fragments cut into segments, pings in between."""
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 15) as clients:
        for client in clients:
            data = b""
            for number in range(1, 11):
                text = client.packet("session.leave", JOIN, number).encode()
                cut = sorted(random.sample(range(1, len(text)), 3))
                pieces = [text[a:b] for a, b in zip([0, *cut], [*cut, len(text)], strict=True)]
                data += frame(pieces[0], first=0x01) + frame(b"?", PING)
                data += frame(pieces[1], first=0x00) + frame(pieces[2], first=0x00)
                data += frame(pieces[3], CONTINUATION)
            while data:
                size = random.randint(1, 200)
                client.write(data[:size])
                data = data[size:]
                await asyncio.sleep(0)
        for client in clients:
            await client.hears("ack:10")
            acks = [h.name for h in client.heard if h.name.startswith("ack:")]
            exactly(acks, [f"ack:{n}" for n in range(1, 11)], client.name)
            exactly(client.of["ws.pong"], [b"?"] * 10, client.name)


@scenario("gateway")
async def messages_in_one_segment_are_answered_in_their_order(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub), crowd(hub.url, 20) as clients:
        for client in clients:
            numbers = range(1, 101)
            client.write(
                b"".join(
                    frame(client.packet("session.leave", JOIN, number).encode())
                    for number in numbers
                )
            )
        for client in clients:
            await client.hears("ack:100")
            acks = [h.name for h in client.heard if h.name.startswith("ack:")]
            exactly(acks, [f"ack:{n}" for n in range(1, 101)], client.name)


@scenario("gateway")
async def events_before_connect_are_not_performed(random: Random) -> None:
    async with gateway_hub() as hub, healthy(hub):
        early = await asyncio.gather(*(RawClient.open(hub.url, f"early {n}") for n in range(20)))
        called = len(hub.calls)
        for client in early:
            for number in range(3):
                client.text(client.packet("session.join", JOIN, number))
        for client in early:
            await closes(client, MALFORMED.code, "events before CONNECT")
        if len(hub.calls) != called:
            raise Broken("an event before CONNECT was performed")
