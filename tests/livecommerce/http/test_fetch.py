import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from livecommerce.accounts.jwks import MAX_DOCUMENT_BYTES
from livecommerce.http.admin import make_runner
from livecommerce.http.fetch import DocumentTooLarge, fetch


@pytest.fixture
async def elsewhere(aiohttp_server: Any) -> str:
    """Somebody else's server; its address."""

    async def in_pieces(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(int(request.query["pieces"])):
            await response.write(b"a" * 1024)
            await asyncio.sleep(0)
        return response

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/pieces?pieces=1")

    app = web.Application()
    app.router.add_get("/pieces", in_pieces)
    app.router.add_get("/moved", moved)
    server = await aiohttp_server(app)
    return str(server.make_url("")).rstrip("/")


async def test_document_that_comes_in_pieces_is_whole(elsewhere: str) -> None:
    assert len(await fetch(f"{elsewhere}/pieces?pieces=100")) == 100 * 1024


async def test_endless_document_is_given_up(elsewhere: str) -> None:
    with pytest.raises(DocumentTooLarge):
        await fetch(f"{elsewhere}/pieces?pieces={MAX_DOCUMENT_BYTES // 1024 + 1}")


@pytest.mark.parametrize("path", ["/moved", "/nowhere"])
async def test_only_the_named_address_is_read(elsewhere: str, path: str) -> None:
    with pytest.raises(aiohttp.ClientResponseError):
        await fetch(elsewhere + path)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A"])
async def test_connection_that_never_asks_is_closed(sent: bytes) -> None:
    runner = make_runner(web.Application(), idle_s=0.1, shutdown_s=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await writer.wait_closed()
    finally:
        await runner.cleanup()
