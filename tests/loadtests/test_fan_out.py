"""The servers under test, each started as the bench starts it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from loadtests import fan_out, node_peer
from loadtests.fan_out_servers import PINNED
from loadtests.swarm.crowd import Crowd, Target
from loadtests.swarm.modes import MESSAGE_MARK
from loadtests.swarm.tally import Tally
from signaling.contract import OUTWARD_BY_NAME

TIMEOUT_S = 30


@asynccontextmanager
async def crowded(name: str, viewers: int, tally: Tally) -> AsyncIterator[fan_out.Server]:
    command = node_peer.command() if name == "node" else fan_out.python_server(name)
    async with fan_out.running(command) as server:
        target = Target(server.url, ("session.join", {"live_session_id": fan_out.LIVE}))
        crowd = Crowd(target, tally)
        await crowd.open(viewers)
        yield server
        await crowd.close()


@pytest.mark.parametrize("name", ["ours", "stock", "node"])
async def test_an_emitted_event_comes_to_every_viewer_once(name: str) -> None:
    tally = Tally()
    async with crowded(name, 20, tally) as server:
        for _ in range(5):
            tally.aim(20)
            await server.ask("emit")
            async with asyncio.timeout(TIMEOUT_S):
                await tally.reached.wait()
        assert (tally.frames, tally.lost) == (100, 0)


async def test_each_chat_message_comes_to_every_viewer_once_whenever_it_is_said() -> None:
    tally = Tally(MESSAGE_MARK)
    async with crowded("ours", 5, tally) as server:
        tally.aim(5 * 300)
        # So many a second that some are said just when a window ends, under the hub's own loop.
        assert await server.ask("chat", per_s=1_000, seconds=0.3) == {"said": 300}
        async with asyncio.timeout(TIMEOUT_S):
            await tally.reached.wait()
        assert tally.lost == 0


async def test_memory_and_time_of_a_server_are_read_and_its_loop_is_watched() -> None:
    tally = Tally()
    async with crowded("ours", 1, tally) as server:
        await server.ask("collect")
        assert fan_out.rss_kb(server.pid) > 10_000
        assert fan_out.cpu_s(server.pid) > 0
        assert await server.ask("watched") == {}
        await server.ask("emit")
        assert set(await server.ask("watched")) == {"wall_ms", "cpu_ms", "garbage_ms"}
        await server.ask("unwatched")


def test_the_emitted_event_is_174_bytes_on_the_wire_as_a_short_chat_message_has() -> None:
    assert "product.pinned" in OUTWARD_BY_NAME
    text = f'42["product.pinned",{PINNED.model_dump_json()}]'
    assert 4 + len(text) == 174
