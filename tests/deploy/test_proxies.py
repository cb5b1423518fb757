"""The examples of docs/deploy with the real programs: HAProxy and nginx in front of two hubs."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import aiohttp
import pytest

from loadtests.stack import children_of
from tests.deploy.conftest import Hub
from tests.deploy.programs import Proxy
from tests.signaling.endings import code_of

pytestmark = pytest.mark.proxy

RESTARTS = 1012


class Viewer:
    """A browser's socket: it names the origin of its page."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws
        self._calls = 0

    async def greet(self) -> None:
        assert (await self._ws.receive_str()).startswith("0{")
        await self._ws.send_str("40")
        assert (await self._ws.receive_str()).startswith("40{")

    async def call(self) -> None:
        """Ask something and have the answer."""
        self._calls += 1
        event = json.dumps(["session.leave", {"live_session_id": str(uuid4())}])
        await self._ws.send_str(f"42{self._calls}{event}")
        assert await self._ws.receive_str() == f'43{self._calls}[{{"ok":{{}}}}]'

    async def end(self) -> int | None:
        """The code that the connection ended with."""
        return await code_of(self._ws)


@pytest.fixture
async def browser(trusting: ssl.SSLContext) -> AsyncIterator[aiohttp.ClientSession]:
    """Comes from an address that is not the proxy's."""
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.5", 0), ssl=trusting, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@asynccontextmanager
async def viewer(
    browser: aiohttp.ClientSession, proxy: Proxy, **headers: str
) -> AsyncIterator[Viewer]:
    url = f"{proxy.url}/socket.io/?EIO=4&transport=websocket"
    async with browser.ws_connect(url, headers={"Origin": proxy.url, **headers}) as ws:
        found = Viewer(ws)
        await found.greet()
        yield found


async def test_a_page_gets_its_socket_and_its_answers(
    browser: aiohttp.ClientSession, proxy: Proxy
) -> None:
    async with viewer(browser, proxy) as one:
        for _ in range(20):
            await one.call()


async def test_the_hub_sees_the_address_of_the_viewer(
    browser: aiohttp.ClientSession, proxy: Proxy, hubs: tuple[Hub, Hub]
) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    async with viewer(browser, proxy, **forged) as one:
        await one.call()
    assert [*hubs[0].addresses, *hubs[1].addresses] == ["127.0.0.5"]


async def test_what_asks_without_tls_is_sent_to_tls(
    browser: aiohttp.ClientSession, proxy: Proxy
) -> None:
    plain = f"http://localhost:{proxy.ports.plain}/live/1?a=b"
    async with browser.get(plain, allow_redirects=False) as said:
        assert said.status == 308
        assert said.headers["Location"].startswith("https://localhost")
        assert said.headers["Location"].endswith("/live/1?a=b")


async def test_each_viewer_goes_to_the_hub_with_fewer(
    browser: aiohttp.ClientSession, proxy: Proxy, hubs: tuple[Hub, Hub]
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(6):
            await stack.enter_async_context(viewer(browser, proxy))
        assert [hub.gateway.connection_count for hub in hubs] == [3, 3]


async def test_viewers_of_a_hub_that_leaves_come_back_to_the_other(
    browser: aiohttp.ClientSession, proxy: Proxy, hubs: tuple[Hub, Hub]
) -> None:
    leaving, staying = hubs
    async with viewer(browser, proxy) as one, viewer(browser, proxy) as other:
        assert leaving.gateway.connection_count == 1
        ends = [asyncio.create_task(one.end()), asyncio.create_task(other.end())]
        await leaving.leave()
        done, still_there = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in done} == {RESTARTS}
        assert len(still_there) == 1
        for _ in range(10):  # before any check of its health has found out, and after
            async with viewer(browser, proxy) as back:
                await back.call()
        assert len(staying.addresses) == 10
        for task in still_there:
            task.cancel()


async def test_a_hub_that_says_that_it_is_leaving_gets_nobody_new(
    browser: aiohttp.ClientSession, proxy: Proxy, hubs: tuple[Hub, Hub]
) -> None:
    """Its port is still open: what counts is the answer."""
    leaving, staying = hubs
    leaving.readiness.drain()
    await leaving.gateway.let_go(0, asyncio.Event(), lambda: 0.5)
    if proxy.name == "haproxy":  # nginx does not ask; it takes the next when one says 503
        await _found_out(browser, proxy)
    for _ in range(10):
        async with viewer(browser, proxy) as one:
            await one.call()
    assert len(staying.addresses) == 10


async def _status(browser: aiohttp.ClientSession, proxy: Proxy) -> int:
    async with browser.get(f"{proxy.url}/readyz") as said:
        return said.status


async def _found_out(browser: aiohttp.ClientSession, proxy: Proxy) -> None:
    """Wait until many in a row say that they are ready: the one that is not is asked no more."""
    in_a_row = 0
    while in_a_row < 20:
        in_a_row = in_a_row + 1 if await _status(browser, proxy) == 200 else 0


async def test_a_reload_cuts_nobody_off(browser: aiohttp.ClientSession, proxy: Proxy) -> None:
    async with viewer(browser, proxy) as before:
        former = children_of(proxy.process.pid)
        proxy.reload()
        while not set(children_of(proxy.process.pid)) - set(former):
            async with viewer(browser, proxy) as meanwhile:
                await meanwhile.call()
            await before.call()
        for _ in range(10):
            async with viewer(browser, proxy) as after:
                await after.call()
            await before.call()
