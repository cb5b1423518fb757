"""How long a pin takes to reach every viewer, over the real sockets of the real program.

An influencer's client pins and unpins; 50 viewers' clients note when they hear of it. One sample is
the time from sending the event to the last viewer's hearing it, all on one machine and one clock.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from loadtests.stack import Stack
from signaling.client import Client

VIEWERS = 50
PINS = 40
HEARD_TIMEOUT_S = 10


@dataclass
class Crowd:
    """Counts who has heard of the pin that is under way."""

    expected: str = ""
    heard: int = 0
    all_heard: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, event: str) -> None:
        """The next event to wait for."""
        self.expected, self.heard = event, 0
        self.all_heard.clear()

    def hear(self, name: str, _payload: Any) -> None:
        """One viewer has heard something."""
        if name == self.expected:
            self.heard += 1
            if self.heard == VIEWERS:
                self.all_heard.set()


def run(stack: Stack) -> dict[str, float]:
    """Milliseconds until the last of 50 viewers hears of a pin, median and worst of 40."""
    samples = sorted(asyncio.run(_measure(stack)))
    return {
        "pin_last_viewer_p50_ms": round(samples[len(samples) // 2], 1),
        "pin_last_viewer_max_ms": round(samples[-1], 1),
    }


async def _measure(stack: Stack) -> list[float]:
    token, live_session_id, product_id = await _live_session(stack)
    crowd, host = Crowd(), Client()
    await host.connect(stack.url, token)
    this = {"live_session_id": live_session_id}
    await host.call("session.start", this)
    viewers = [Client(crowd.hear) for _ in range(VIEWERS)]
    for viewer in viewers:
        await viewer.connect(stack.url)
        await viewer.call("session.join", this)
    samples = []
    for number in range(PINS):
        action, event = (
            ("product.pin", "product.pinned")
            if number % 2 == 0
            else ("product.unpin", "product.unpinned")
        )
        crowd.begin(event)
        began = time.perf_counter()
        await host.call(action, this | {"product_id": product_id})
        await asyncio.wait_for(crowd.all_heard.wait(), HEARD_TIMEOUT_S)
        samples.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.2)
    await host.call("session.end", this)
    for client in (*viewers, host):
        await client.close()
    return samples


async def _live_session(stack: Stack) -> tuple[str, str, str]:
    """Log in as the demo's second influencer and schedule a live session with one product."""
    link = stack.link("influencer").partition("#link=")[2]
    async with aiohttp.ClientSession(f"{stack.url}/api/v1/", raise_for_status=True) as http:
        async with http.post("auth/link", json={"token": link}) as answer:
            token: str = (await answer.json())["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        async with http.get("studio/products") as answer:
            product_id: str = (await answer.json())["products"][0]["id"]
        wanted = {"title": "Bench", "product_ids": [product_id]}
        async with http.post("studio/live-sessions", json=wanted) as answer:
            live_session_id: str = (await answer.json())["live_session"]["id"]
    return token, live_session_id, product_id
