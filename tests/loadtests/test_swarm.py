from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import pytest
import socketio
from aiohttp import web

from loadtests.swarm.crowd import Crowd, Target, TooFewFiles, require_files
from loadtests.swarm.modes import MESSAGE_MARK, Flooders, SlowReaders, Storm, say
from loadtests.swarm.tally import Tally
from loadtests.swarm.viewer import NotLetIn, Viewer
from loadtests.swarm.wire import masked_frame
from signaling import chat_payloads as chat
from signaling import payloads as wire
from signaling.caller import Caller
from signaling.connection import text_frame
from signaling.gateway import GatewayConfig
from signaling.rate_limit import Rate
from signaling.refusals import Refused
from tests.signaling.hub_under_test import LIVE, ROOM, Hub, ready_socket_count, running_hub

JOIN = "session.join", {"live_session_id": str(LIVE)}
PINNED = wire.ProductPinned(live_session_id=LIVE, epoch="e", offset=1, product_id=LIVE)
TIMEOUT_S = 20


@asynccontextmanager
async def room(
    config: GatewayConfig | None = None, acts: Mapping[str, Any] | None = None
) -> AsyncIterator[Hub]:
    """A hub whose `session.join` lets into the room."""
    hub: Hub

    async def enter(caller: Caller, _payload: Any) -> wire.Wire:
        hub.gateway.enter(caller.connection_id, ROOM)
        return wire.Empty()

    async with running_hub(config, {"session.join": enter, **(acts or {})}) as hub:
        yield hub


def posted(*numbers: int, sent_at_ms: int = 0) -> chat.ChatPosted:
    messages = tuple(
        chat.PostedMessage(
            id=UUID(int=number),
            text=f"line {number}",
            name="Asha",
            role="customer",
            is_host=False,
            sent_at_ms=sent_at_ms,
            author_id=LIVE,
            offset=number,
        )
        for number in numbers
    )
    return chat.ChatPosted(live_session_id=LIVE, epoch="e", offset=numbers[-1], messages=messages)


async def heard(tally: Tally, events: int) -> None:
    """Wait until the crowd has heard so many events in all."""
    tally.aim(events - tally.events)
    if tally.events < events:
        async with asyncio.timeout(TIMEOUT_S):
            await tally.reached.wait()


def viewer(tally: Tally, *, is_sampled: bool = True) -> Viewer:
    """One without a connection, to be fed by hand; it is past the handshake."""
    fed = Viewer(tally, b"", b"", b"", is_sampled=is_sampled)
    fed.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    return fed


# ---- one viewer


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_frames_are_counted_however_the_bytes_are_cut(is_sampled: bool) -> None:
    stream = b"".join(
        text_frame(text.encode())
        for text in ('42["a",{}]', "2", '42["b",{"text":"' + "x" * 200 + '"}]', '42["c"]')
    )
    for size in (1, 2, 3, 7, 300):
        tally = Tally()
        fed = viewer(tally, is_sampled=is_sampled)
        for at in range(0, len(stream), size):
            fed.data_received(stream[at : at + size])
        assert (tally.frames, tally.events, fed.events) == (3, 3, 3), size


async def test_the_end_of_a_frame_that_looks_like_a_whole_one_is_none() -> None:
    tally = Tally()
    within = text_frame(b'42["b","' + b"x" * 200 + b'"]')
    stream = text_frame(b'42["a","' + within)
    fed = viewer(tally, is_sampled=False)
    fed.data_received(stream[: -len(within)])
    fed.data_received(within)
    fed.data_received(text_frame(b'42["c"]'))
    assert tally.frames == 2


async def test_a_long_frame_and_what_follows_it_are_counted() -> None:
    tally = Tally()
    viewer(tally).data_received(
        text_frame(b'42["a","' + b"x" * 70_000 + b'"]') + text_frame(b'42["b"]')
    )
    assert tally.frames == 2


async def test_the_handshake_and_the_first_frames_may_come_together_or_in_pieces() -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    stream = answer + text_frame(b'42["a"]')
    for size in (1, len(answer) + 1, len(stream)):
        tally = Tally()
        fed = Viewer(tally, b"", b"", b"", is_sampled=False)
        for at in range(0, len(stream), size):
            fed.data_received(stream[at : at + size])
        assert tally.frames == 1, size


async def test_a_batch_counts_as_so_many_events_as_it_has_marks() -> None:
    tally = Tally(MESSAGE_MARK)
    fed = viewer(tally)
    frame = text_frame(b'42["chat.posted",' + posted(1, 2, 3).model_dump_json().encode() + b"]")
    fed.data_received(frame + text_frame(b'42["viewers.counted",{}]'))
    assert (tally.frames, tally.events) == (2, 3)


async def test_the_age_of_messages_is_taken_by_a_sampled_viewer() -> None:
    tally = Tally(MESSAGE_MARK)
    ago = posted(1, 2, sent_at_ms=int(time.time() * 1000) - 5_000)
    body = ago.model_dump_json().encode()
    viewer(tally).data_received(text_frame(b'42["chat.posted",' + body + b"]"))
    assert len(tally.latencies_ms) == 2
    assert all(age >= 5_000 for age in tally.latencies_ms)


async def test_deflated_frames_are_undone_with_the_window_of_those_before() -> None:
    tally = Tally()
    fed = Viewer(tally, b"", b"", b"", is_sampled=False)
    fed.data_received(
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    squeeze = zlib.compressobj(wbits=-15)
    for _ in range(3):
        payload = squeeze.compress(b'42["a",{}]') + squeeze.flush(zlib.Z_SYNC_FLUSH)
        payload = payload.removesuffix(b"\x00\x00\xff\xff")
        fed.data_received(bytes((0xC1, len(payload))) + payload)
    assert tally.frames == 3


async def test_a_ping_is_answered() -> None:
    answers: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + text_frame(b"2"))
        frame = await reader.readexactly(7)
        answers.set_result(bytes((frame[6] ^ frame[2],)))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    crowd = Crowd(Target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), Tally())
    arriving = asyncio.create_task(crowd.arrive())
    async with asyncio.timeout(TIMEOUT_S):
        assert await answers == b"3"
    with pytest.raises(NotLetIn):
        await arriving
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_masked_frame_is_its_payload_again_when_unmasked(size: int) -> None:
    payload = bytes(number % 251 for number in range(size))
    frame = masked_frame(payload)
    length = frame[1] & 0x7F
    head = {126: 4, 127: 10}.get(length, 2)
    if length > 125:
        length = int.from_bytes(frame[2:head], "big")
    mask, masked = frame[head : head + 4], frame[head + 4 :]
    assert frame[0] == 0x81 and frame[1] & 0x80 and length == size
    assert bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked)) == payload


# ---- a crowd


async def test_everybody_hears_what_the_room_was_told_and_it_is_counted() -> None:
    async with room() as hub:
        tally = Tally(MESSAGE_MARK)
        crowd = Crowd(Target(hub.url, JOIN), tally)
        await crowd.open(30)
        hub.gateway.publish(ROOM, "chat.posted", posted(1, 2))
        hub.gateway.publish(ROOM, "product.pinned", PINNED)
        await heard(tally, 60)
        assert {each.events for each in crowd.viewers} == {2}
        assert tally.lost == 0
        await crowd.close()
        await ready_socket_count(hub, 0)


async def test_a_refused_viewer_says_why() -> None:
    async def refuse(_caller: Caller, _payload: Any) -> wire.Wire:
        raise Refused("session.not_found", "There is no such live session.")

    async with running_hub(acts={"session.join": refuse}) as hub:
        tally = Tally()
        with pytest.raises(NotLetIn, match=r"session\.not_found"):
            await Crowd(Target(hub.url, JOIN), tally).open(1)
        assert tally.refused == {"session.not_found": 1}


async def test_a_full_server_is_told_from_one_that_is_not_there() -> None:
    async with room(GatewayConfig(max_connections=1)) as hub:
        crowd = Crowd(Target(hub.url, JOIN), Tally(), patience_s=0)
        await crowd.open(1)
        with pytest.raises(NotLetIn, match="503"):
            await crowd.open(1)
        await crowd.close()
        url = hub.url
    with pytest.raises(ConnectionRefusedError):
        await Crowd(Target(url, JOIN), Tally()).open(1)


async def test_who_is_told_to_come_back_later_does() -> None:
    config = GatewayConfig(handshakes=Rate(per_s=2, burst=1))
    async with room(config) as hub:
        tally = Tally()
        crowd = Crowd(Target(hub.url, JOIN), tally)
        await crowd.open(3)
        assert tally.ready == 3
        assert tally.refused["HTTP/1.1 503 Service Unavailable"] > 0
        await crowd.close()


async def test_who_is_put_out_counts_as_lost_and_who_leaves_does_not() -> None:
    async with room() as hub:
        tally = Tally()
        crowd = Crowd(Target(hub.url, JOIN), tally)
        await crowd.open(5)
        for each in crowd.viewers[:2]:
            each.drop()
        await ready_socket_count(hub, 3)
        assert (tally.ready, tally.lost) == (3, 0)
        hub.gateway.drain()
        while tally.ready:
            await asyncio.sleep(0.005)
        assert tally.lost == 3
        assert tally.close_codes == {1012: 3}


async def test_a_browsers_viewer_is_counted_right_behind_deflate_of_the_stock_server() -> None:
    server = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    server.attach(app)

    async def enter(sid: str, _payload: Any) -> Any:
        await server.enter_room(sid, "room")
        return {"ok": {}}

    server.on("session.join", enter)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tally = Tally()
    crowd = Crowd(Target(f"http://127.0.0.1:{runner.addresses[0][1]}", JOIN), tally)
    try:
        await crowd.open(3)
        for number in range(4):
            await server.emit("product.pinned", {"number": number, "text": "x" * 500}, room="room")
        await heard(tally, 12)
        # Four times five hundred letters to each would be 6,000 bytes and more without it.
        assert tally.received_bytes < 5_000
    finally:
        await crowd.close()
        await runner.cleanup()


def test_too_few_open_files_are_a_sentence_and_not_a_failure_in_the_middle() -> None:
    with pytest.raises(TooFewFiles, match="ulimit -n"):
        require_files(10_000_000_000)


# ---- modes


async def test_chatters_take_turns_and_what_was_taken_is_counted() -> None:
    said: list[str] = []

    async def take(caller: Caller, _payload: Any) -> wire.Wire:
        said.append(caller.connection_id)
        return wire.Empty()

    async with room(acts={"chat.send": take}) as hub:
        tally = Tally()
        crowd = Crowd(Target(hub.url, JOIN, tokens=("customer",) * 3), tally)
        await crowd.open(3)
        await say(crowd.viewers, LIVE, per_s=200, seconds=0.03)
        while tally.accepted < 6:
            await asyncio.sleep(0.005)
        assert len(said) == 6 and len(set(said)) == 3
        await crowd.close()


async def test_a_storm_brings_everybody_back() -> None:
    async with room() as hub:
        storm = Storm(Target(hub.url, JOIN), 20, every_s=0.05)
        await storm.gather()
        await storm.play(0.2)
        figures = storm.figures()
        assert figures["storms"] >= 1 and figures["not_back"] == 0
        assert len(storm.crowd.viewers) == 20
        await storm.leave()


async def test_flooders_are_put_out_and_the_figures_say_so() -> None:
    slow = GatewayConfig(events_per_s=1, events_burst=2)
    async with room(slow) as hub:
        flood = Flooders(Target(hub.url, JOIN), 2, LIVE)
        await flood.gather()
        playing = asyncio.create_task(flood.play(TIMEOUT_S))
        while flood.tally.ready:
            await asyncio.sleep(0.005)
        playing.cancel()
        figures = flood.figures()
        assert figures["put_out"] == 2
        assert sum(figures["close_codes"].values()) == 2
        assert figures["refused"]["rate.limited"] > 0


async def test_slow_readers_take_nothing_until_the_end() -> None:
    async with room(GatewayConfig(rates={"session.join": Rate(100, 100)})) as hub:
        slow = SlowReaders(Target(hub.url, JOIN), 2)
        await slow.gather()
        playing = asyncio.create_task(slow.play(0.1))
        await asyncio.sleep(0)
        frames = slow.tally.frames
        hub.gateway.publish(ROOM, "product.pinned", PINNED)
        assert slow.tally.frames == frames
        await playing
        assert slow.tally.frames == frames + 2
        assert slow.figures()["put_out"] == 0
        await slow.leave()


def test_what_a_viewer_sends_is_what_the_contract_knows() -> None:
    frame = orjson.loads(orjson.dumps(JOIN[1]))
    assert wire.SessionJoin.model_validate(frame).live_session_id == LIVE


async def test_viewers_who_read_now_and_then_hear_everything_all_the_same() -> None:
    async with room() as hub:
        tally = Tally()
        crowd = Crowd(Target(hub.url, JOIN), tally, sample_every=0)
        await crowd.open(30)
        reading = asyncio.create_task(crowd.read_now_and_then(0.05))
        for number in range(20):
            hub.gateway.publish(ROOM, "product.pinned", PINNED)
            await heard(tally, 30 * number)
        await heard(tally, 600)
        reading.cancel()
        hub.gateway.publish(ROOM, "product.pinned", PINNED)
        await heard(tally, 630)
        assert {each.events for each in crowd.viewers} == {21}
        await crowd.close()
