"""The whole server as docs/deploy sets it up: two hubs with a port each, a proxy in front."""

import asyncio
import signal
import ssl
from pathlib import Path

import aiohttp
import pytest

from tests.deploy.conftest import StartProxy
from tests.deploy.programs import PROXIES, Proxy
from tests.livecommerce.serving import Served, serving
from tests.signaling.endings import code_of

pytestmark = pytest.mark.proxy

SETTINGS = {
    "HUB_PROCESSES": "2",
    "HUB_PORTS": "own",
    "HUB_DRAIN_S": "1",
    "HTTP_TRUSTED_PROXIES": "127.0.0.1/32",
    "HTTP_PUBLIC_URL": "https://live.example.com",
}
"""Those that the examples name."""


async def test_people_use_the_shop_through_either_proxy_and_a_release_refuses_nobody(
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    start_proxy: StartProxy,
    trusting: ssl.SSLContext,
) -> None:
    data = tmp_path / "data"
    with serving(database_url, redis_url, data, **SETTINGS) as served:
        ports = (served.http_port, served.http_port + 1)
        proxies = [await start_proxy(name, ports) for name in PROXIES]
        connector = aiohttp.TCPConnector(ssl=trusting, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as browser:
            for proxy in proxies:
                await _signs_up(browser, proxy)
            await _renewed(browser, proxies, served)


async def _signs_up(browser: aiohttp.ClientSession, proxy: Proxy) -> None:
    async with browser.get(proxy.url) as page:
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    account = {
        "email": f"asha@{proxy.name}.test",
        "password": "correct horse battery",
        "display_name": "Asha",
    }
    # As a page of the public address does it.
    origin = {"Origin": "https://live.example.com"}
    url = f"{proxy.url}/api/v1/auth/sign-up"
    async with browser.post(url, json=account, headers=origin) as said:
        assert said.status == 201


async def _renewed(browser: aiohttp.ClientSession, proxies: list[Proxy], served: Served) -> None:
    """Replace both hubs while people watch and ask through both proxies."""
    former = served.hubs()
    assert set(former) == {1, 2}
    viewers = [asyncio.create_task(_watch(browser, proxy)) for proxy in proxies for _ in range(4)]
    await asyncio.sleep(0)
    served.send(signal.SIGHUP)
    while any(Path(f"/proc/{pid}").exists() for pid in former.values()):
        for proxy in proxies:
            async with browser.get(f"{proxy.url}/livez") as said:
                assert said.status == 200
    assert set(await asyncio.gather(*viewers)) == {1012}


async def _watch(browser: aiohttp.ClientSession, proxy: Proxy) -> int | None:
    """Stay until let go."""
    url = f"{proxy.url}/socket.io/?EIO=4&transport=websocket"
    async with browser.ws_connect(url, headers={"Origin": "https://live.example.com"}) as ws:
        await ws.send_str("40")
        return await code_of(ws)
