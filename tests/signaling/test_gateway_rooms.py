"""What rooms hear, slow readers, and connections that end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.connection import HARD_LIMIT_BYTES
from tests.signaling.gateway_calls import JOIN, UNLIMITED, connection_id
from tests.signaling.hub_under_test import (
    LIVE,
    PERSON,
    ROOM,
    raw_socket,
    ready_socket_count,
    running_hub,
)

BIG = wire.SessionChanged(
    live_session_id=LIVE, epoch="e", offset=1,
    live_session=wire.LiveSession(
        id=LIVE, title="x", description="d" * 20_000, status="live",
        influencer=wire.Influencer(id=LIVE, display_name="A"),
        scheduled_start_at_ms=None, started_at_ms=None, ended_at_ms=None,
    ),
)  # fmt: skip


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
