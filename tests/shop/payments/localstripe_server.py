"""A Stripe on this machine: localstripe in a process of its own, on loopback only."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROCESS = Path(__file__).with_name("localstripe_process.py")
SECRET_KEY = "sk_test_not_a_key"


class LocalStripe:
    """What a customer, or a merchant in the dashboard, would do there."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self._http = http

    async def post(self, path: str, **fields: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        async with self._http.post(self.url + path, data=fields, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        async with self._http.get(self.url + path, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def pay(
        self, session_id: str, card: str = "4242424242424242", **more: str
    ) -> dict[str, Any]:
        """Give this card on the page of a Checkout Session; the session, or why not."""
        method = await self.post(
            "/v1/payment_methods",
            **{
                "type": "card",
                "card[number]": card,
                "card[exp_month]": "12",
                "card[exp_year]": "2040",
                "card[cvc]": "123",
            },
        )
        path = f"/v1/checkout/sessions/{session_id}/_pay"
        return await self.post(path, payment_method=method["id"], **more)

    async def session(self, session_id: str) -> dict[str, Any]:
        return await self.get(f"/v1/checkout/sessions/{session_id}")

    async def send_webhooks_to(self, url: str, secret: str) -> None:
        body = {"url": url, "secret": secret}
        async with self._http.post(f"{self.url}/_config/webhooks/ours", json=body) as response:
            assert response.status == 200


@asynccontextmanager
async def local_stripe() -> AsyncIterator[LocalStripe]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        async with aiohttp.ClientSession() as http:
            yield LocalStripe(f"http://127.0.0.1:{port}", http)
    finally:
        process.kill()
        await process.wait()
