"""What the client library of Redis may raise, and what is made of it."""

from __future__ import annotations

import asyncio

import pytest
import redis.exceptions as redis_errors
import uvloop

from livecommerce.bus import BusUnavailable
from livecommerce.bus.client import BusConfig, Redis, _answered
from livecommerce.bus.listener import _RECONNECT_FIRST_S, Listener, _sent

FIRST = asyncio.FIRST_COMPLETED


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


def test_subscription_is_made_again_when_its_connection_ended_while_it_was_written_to(
    redis_url: str,
) -> None:
    async def work() -> None:
        redis = Redis(BusConfig(redis_url))
        listener = Listener(redis)
        running = asyncio.create_task(listener.run())
        ready = asyncio.Event()
        try:
            while not listener.is_connected:
                await asyncio.sleep(0.005)
            assert listener._connection is not None
            writer = listener._connection._writer
            assert writer is not None
            writer.transport.abort()
            await asyncio.sleep(0)
            await listener.listen("told", lambda _message: None, ready.set)
            await asyncio.wait([asyncio.create_task(ready.wait()), running], return_when=FIRST)
            assert ready.is_set()
        finally:
            running.cancel()
            await redis.close()

    with uvloop_runner() as runner:
        runner.run(work())


async def _listening(redis: Redis) -> tuple[Listener, asyncio.Task[None]]:
    listener = Listener(redis)
    running = asyncio.create_task(listener.run())
    while not listener.is_connected:
        await asyncio.sleep(0.005)
    return listener, running


async def test_subscription_that_has_ended_is_not_connected_again_by_a_command(
    redis_url: str,
) -> None:
    """It would be a connection to which nothing is subscribed, and which answers all the same."""
    redis = Redis(BusConfig(redis_url))
    connection = redis.subscriber()
    try:
        with pytest.raises(redis_errors.ConnectionError, match="has ended"):
            await _sent(connection, "PING")
        assert not connection.is_connected
    finally:
        await connection.disconnect()
        await redis.close()


async def test_refused_channel_costs_the_others_no_interruption(redis_url: str) -> None:
    redis = Redis(BusConfig(redis_url))
    listener, running = await _listening(redis)
    heard: list[bytes] = []
    ready = asyncio.Event()
    try:
        connection = listener._connection
        assert connection is not None
        await listener._send("SSUBSCRIBE")  # Without a channel: refused.
        await listener.listen("told", heard.append, ready.set)
        await ready.wait()
        assert listener._connection is connection
    finally:
        running.cancel()
        await redis.close()


async def test_server_that_accepts_and_serves_nobody_is_asked_less_and_less_often() -> None:
    times = 0

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal times
        times += 1
        for what in (b"LIB-NAME", b"LIB-VER"):
            await reader.readuntil(what)
            writer.write(b"+OK\r\n")
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    redis = Redis(BusConfig(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    listener = Listener(redis)
    running = asyncio.create_task(listener.run())
    try:
        while times < 3:
            await asyncio.sleep(0.005)
        assert listener._delay_s >= 4 * _RECONNECT_FIRST_S
    finally:
        running.cancel()
        server.close()
        await redis.close()


def uvloop_runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
