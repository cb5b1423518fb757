"""What the client library of Redis may raise, and what is made of it."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from livecommerce.bus import BusUnavailable
from livecommerce.bus.client import _answered


async def _written_to_a_closed_connection() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    try:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.transport.abort()
        await asyncio.sleep(0)
        writer.writelines([b"PING\r\n"])
    finally:
        server.close()


def test_on_uvloop_a_connection_that_ended_while_it_was_written_to_is_redis_away() -> None:
    with uvloop_runner() as runner, pytest.raises(BusUnavailable):
        runner.run(_answered(_written_to_a_closed_connection()))


def test_a_fault_of_the_program_stays_one() -> None:
    async def fail() -> None:
        raise RuntimeError("dictionary changed size during iteration")

    with uvloop_runner() as runner, pytest.raises(RuntimeError):
        runner.run(_answered(fail()))


def uvloop_runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
