"""What a swarm needs of a server that is not its own: a live session, accounts to write with."""

from __future__ import annotations

import asyncio
import random
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID, uuid4

import aiohttp

# Hashing a password costs the server a good part of a core.
SIGN_UPS_AT_ONCE = 2
TRIES = 20


class NothingOn(Exception):
    """The server has no live session to watch, or takes no sign-ups; the text says which."""


async def first_live_session(url: str) -> UUID:
    """The live session that the server lists first."""
    async with (
        aiohttp.ClientSession(raise_for_status=True) as http,
        http.get(f"{url}/api/v1/live-sessions") as answer,
    ):
        listing: dict[str, Any] = await answer.json()
    if not listing["live"]:
        raise NothingOn(f"no live session is on at {url}")
    return UUID(listing["live"][0]["id"])


async def sign_up(url: str, count: int) -> tuple[str, ...]:
    """Access tokens of new accounts."""
    gate = asyncio.Semaphore(SIGN_UPS_AT_ONCE)
    async with aiohttp.ClientSession() as http:

        async def one() -> str:
            async with gate:
                return await _sign_up(http, url)

        return tuple(await asyncio.gather(*(one() for _ in range(count))))


async def _sign_up(http: aiohttp.ClientSession, url: str) -> str:
    who = uuid4().hex
    body = {
        "email": f"load-{who}@example.test",
        "password": f"load-{who}",
        "display_name": f"Load {who[:6]}",
    }
    # An address of its own, as a crowd has; believed by a server that trusts us as its proxy.
    headers = {"X-Forwarded-For": str(IPv4Address(0x0A000000 + random.randrange(1 << 24)))}
    for _ in range(TRIES):
        async with http.post(f"{url}/api/v1/auth/sign-up", json=body, headers=headers) as answer:
            if answer.status not in (429, 503):
                answer.raise_for_status()
                token: str = (await answer.json())["access_token"]
                return token
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
    raise NothingOn(f"{url} lets no more people sign up; pass --tokens")
