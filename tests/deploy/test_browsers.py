"""A real browser behind either proxy: it speaks HTTP/2 where it is offered, also for WebSockets."""

import pytest
from playwright.async_api import async_playwright

from loadtests.browser import chromium, flags
from tests.deploy.conftest import Hub
from tests.deploy.programs import Proxy

pytestmark = [pytest.mark.proxy, pytest.mark.browser]

ASK = """
async (url) => {
  const socket = new WebSocket(url);
  const heard = [];
  const next = () => new Promise((resolve, reject) => {
    socket.onmessage = ({data}) => { heard.push(data); resolve(data); };
    socket.onclose = ({code}) => reject(new Error(`closed with ${code} after ${heard}`));
  });
  const hello = await next();
  socket.send("40");
  await next();
  socket.send('421["session.leave",{"live_session_id":"00000000-0000-7000-8000-000000000001"}]');
  const answer = await next();
  socket.onclose = null;
  socket.close();
  return [hello.slice(0, 2), answer];
}
"""
PROTOCOL = "() => performance.getEntriesByType('navigation')[0].nextHopProtocol"


async def test_a_browser_has_its_socket_through_the_proxy(
    proxy: Proxy, hubs: tuple[Hub, Hub]
) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=flags())
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        await page.goto(f"{proxy.url}/livez")
        assert await page.evaluate(PROTOCOL) == "h2"
        url = f"{proxy.url.replace('https', 'wss')}/socket.io/?EIO=4&transport=websocket"
        for _ in range(3):
            assert await page.evaluate(ASK, url) == ["0{", '431[{"ok":{}}]']
        await browser.close()
    assert len(hubs[0].addresses) + len(hubs[1].addresses) == 3
