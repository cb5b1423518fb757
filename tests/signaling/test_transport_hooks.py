"""What the hub relies upon in transports, of asyncio and of uvloop, under aiohttp's WebSocket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from signaling.connection import PING_FRAME, Connection, text_frame
from tests.hub_stress.raw_client import RawClient, frame
from tests.signaling.hub_under_test import Hub, running_hub

Work = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def one_connection() -> AsyncIterator[tuple[Hub, Connection, RawClient]]:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        await client.connect()
        (connection,) = hub.gateway._connections.values()
        yield hub, connection, client
        client.reset()
        await client.ended()


def on(loop: str, work: Work) -> None:
    factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work())


loops = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


@loops
def test_frames_written_to_the_transport_are_what_the_client_hears(loop: str) -> None:
    """Beside aiohttp's own writer, in the order of the calls, several at once too."""

    async def work() -> None:
        async with one_connection() as (_, connection, client):
            packets: list[bytes] = []
            client.on_packet = packets.append
            expected = [b'42["n",{"n":%d}]' % n for n in range(50)]
            for packet in expected[:25]:
                connection.put(text_frame(packet))
            connection.put(b"".join(text_frame(packet) for packet in expected[25:]))
            connection.put(PING_FRAME)
            await client.until(lambda: client.pings == 1, "the ping")
            assert packets == expected

    on(loop, work)


@loops
def test_transport_tells_how_much_the_client_has_not_taken(loop: str) -> None:
    async def work() -> None:
        async with one_connection() as (_, connection, client):
            assert connection.held() == 0
            client.stop_reading()
            written = 0
            while connection.held() < 100_000:
                connection.put(text_frame(b"42" + b"x" * 60_000))
                written += 1
            assert connection.held() <= written * 61_000
            connection.abort("test")
            while connection.held():
                await asyncio.sleep(0.005)

    on(loop, work)


@loops
def test_what_the_kernel_did_not_take_comes_later_and_in_order(loop: str) -> None:
    async def work() -> None:
        async with one_connection() as (_, connection, client):
            packets: list[bytes] = []
            client.on_packet = packets.append
            expected = [b'42["n",{"n":%d,"x":"%s"}]' % (n, b"x" * 40_000) for n in range(200)]
            client.stop_reading()
            for packet in expected:
                connection.put(text_frame(packet))
            assert connection.fd == -1
            client.go_on_reading()
            await client.until(lambda: len(packets) == 200, "all of them")
            # Everything is taken, so the next one passes the transport by again.
            connection.write(text_frame(b'42["last",{}]'))
            assert connection.fd >= 0
            await client.until(lambda: len(packets) == 201, "the last one")
            assert packets == [*expected, b'42["last",{}]']

    on(loop, work)


@loops
def test_connection_forgets_the_socket_before_its_number_is_free(loop: str) -> None:
    """Else what is meant for one viewer would be written to whoever has the number next."""

    async def work() -> None:
        async with one_connection() as (_, connection, client):
            number = connection.fd
            was_open: list[bool] = []
            forget = connection.forget_socket

            def is_open() -> bool:
                try:
                    return os.fstat(number).st_mode != 0
                except OSError:
                    return False

            class Told(Connection):
                __slots__ = ()

                def forget_socket(self) -> None:
                    was_open.append(is_open())
                    forget()

            connection.__class__ = Told
            client.reset()
            while is_open():
                assert connection.fd in (number, -1)
                await asyncio.sleep(0)
            assert connection.fd == -1
            assert was_open[0], "it heard of the end when the number was still its own"

    on(loop, work)


@loops
def test_transport_of_a_lost_connection_raises_runtime_error_or_nothing(loop: str) -> None:
    """On uvloop, writing to a transport whose peer has reset it raises before anybody was told."""

    async def work() -> None:
        async with one_connection() as (hub, connection, client):
            client.reset()
            while hub.gateway.connection_count:
                connection.write(text_frame(b"42x"))
                await asyncio.sleep(0)
            assert not connection.write(text_frame(b"42x"))
            connection.abort("twice does no harm")

    on(loop, work)


@loops
def test_socket_of_a_transport_takes_options(loop: str) -> None:
    async def work() -> None:
        async with one_connection() as (_, connection, _client):
            sock = connection._transport.get_extra_info("socket")
            assert sock.family in (socket.AF_INET, socket.AF_INET6)
            # The kernel doubles what it is asked for.
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * 128 * 1024
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0

    on(loop, work)


@loops
def test_transport_can_stop_reading_be_closed_and_be_aborted(loop: str) -> None:
    async def work() -> None:
        async with one_connection() as (hub, connection, client):
            transport = connection._transport
            assert not transport.is_closing()
            transport.pause_reading()
            client.text("3")
            transport.close()
            assert transport.is_closing()
            transport.close()
            transport.abort()
            await client.ended()
            while hub.gateway.connection_count:
                await asyncio.sleep(0.005)

    on(loop, work)


@loops
def test_text_comes_decoded_and_control_frames_come_as_themselves(loop: str) -> None:
    async def work() -> None:
        async with one_connection() as (_, _connection, client):
            client.write(frame(b"", 0x9) + frame('42["é",{}]'.encode()))
            await client.hears("ws.pong")
            assert client.close_code is None

    on(loop, work)
