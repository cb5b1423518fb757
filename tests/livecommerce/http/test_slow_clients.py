"""Clients that connect and then take their time (slowloris)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from livecommerce.http.admin import IDLE_S, make_runner

HEADERS = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


@asynccontextmanager
async def server(idle_s: float) -> AsyncIterator[int]:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    runner = make_runner(app, idle_s=idle_s, shutdown_s=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize(
    "sent", [b"", HEADERS, b"GET / HTTP/1.1\r\n"], ids=["nothing", "half", "line"]
)
async def test_whoever_does_not_finish_its_headers_is_let_go(sent: bytes) -> None:
    async with server(idle_s=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert await reader.read() == b""
        writer.close()


async def test_a_byte_now_and_then_buys_no_time() -> None:
    async with server(idle_s=0.3) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEADERS)
        ended = asyncio.ensure_future(reader.read())
        while not ended.done():
            writer.write(b"x")
            await asyncio.wait({ended}, timeout=0.02)
        assert ended.exception() is not None or ended.result() == b""
        writer.close()


async def test_hundreds_who_never_finish_keep_nobody_from_being_served() -> None:
    async with server(idle_s=1) as port:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        for _, writer in slow:
            writer.write(HEADERS)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"hello")
        assert [await one.read() for one, _ in slow] == [b""] * 200
        for _, one in slow:
            one.close()
        writer.close()


def test_the_time_for_headers_is_that_of_a_phone_and_not_more() -> None:
    assert IDLE_S <= 15
