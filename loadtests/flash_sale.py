"""3,000 customers, 1,000 pieces, one second: a flash sale end to end.

A demo is started as a stranger starts it. Each customer has a socket of their own, is in the live
session and hears what its room hears; all tap "buy" at once. The clients speak Socket.IO by hand
(a frame in, a frame out), because 3,000 full clients would need more of the machine than the hub.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import orjson

from livecommerce.accounts.tokens import Issuer
from livecommerce.app import parts
from livecommerce.demo import demo_variables
from livecommerce.settings import load
from loadtests.flash_shop import ADDRESS, PRICE_MINOR, fill, id_of
from loadtests.stack import Stack, running_stack

CUSTOMERS = 3_000
PIECES = 1_000
CONNECTING_AT_ONCE = 50
TIMEOUT_S = 60


@dataclass
class Buyer:
    """One customer's socket. outcome: `placed`, or the code of the refusal."""

    user_id: UUID
    token: str
    socket: aiohttp.ClientWebSocketResponse | None = None
    waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    outcome: str = ""
    took_s: float = 0.0

    async def connect(self, http: aiohttp.ClientSession, url: str) -> None:
        address = f"{url}/socket.io/?EIO=4&transport=websocket".replace("http", "ws", 1)
        self.socket = await http.ws_connect(address, max_msg_size=0, compress=0)
        await self.socket.receive()
        await self.socket.send_str("40" + json.dumps({"token": self.token}))
        while (answer := await self.socket.receive_str()) == "2":
            await self.socket.send_str("3")
        assert answer.startswith("40"), answer

    async def listen(self) -> None:
        """Take acknowledgements, answer pings, throw away what the room hears."""
        assert self.socket is not None
        async for message in self.socket:
            text = message.data
            if text == "2":
                await self.socket.send_str("3")
            elif isinstance(text, str) and text.startswith("43"):
                number, _, body = text[2:].partition("[")
                future = self.waiting.pop(int(number), None)
                if future is not None and not future.done():
                    future.set_result(orjson.loads("[" + body)[0])

    async def call(self, event: str, payload: dict[str, Any]) -> Any:
        assert self.socket is not None
        number = len(self.waiting)
        self.waiting[number] = future = asyncio.get_running_loop().create_future()
        await self.socket.send_str(f"42{number}" + orjson.dumps([event, payload]).decode())
        return await asyncio.wait_for(future, TIMEOUT_S)

    async def buy(self) -> None:
        began = time.perf_counter()
        answer = await self.call(
            "order.place",
            {
                "id": str(uuid4()),
                "live_session_id": str(id_of("session", 1)),
                "items": [{"variant_id": str(id_of("variant", 1)), "quantity": 1}],
                "address": ADDRESS,
                "payment_method": "cod",
                "shown_total_minor": PRICE_MINOR,
            },
        )
        self.took_s = time.perf_counter() - began
        self.outcome = "placed" if "ok" in answer else answer["refused"]["code"]


def measure_flash_sale() -> dict[str, Any]:
    """Orders, refusals, milliseconds; memory of the hub at its highest."""
    limits = {"LIVECOMMERCE_HUB_MAX_CONNECTIONS": str(CUSTOMERS + 100)}
    with running_stack(limits) as stack:
        figures = asyncio.run(_measure(stack))
        figures["hub_rss_mb"] = _highest_rss_mb(stack.pid_of("hub"))
    return figures


async def _measure(stack: Stack) -> dict[str, Any]:
    running = demo_variables(stack.data_dir)
    assert running is not None, "the stack says that it is ready"
    port = stack.url.rpartition(":")[2]
    own = {"LIVECOMMERCE_DATA_DIR": str(stack.data_dir), "LIVECOMMERCE_HTTP_PORT": port}
    settings = load(own | running[1])
    assert settings.database.url is not None
    owner = await asyncpg.connect(settings.database.url.get_secret_value())
    await fill(owner, CUSTOMERS, 1, PIECES)
    issuer = parts.issuer(settings)
    buyers = [
        Buyer(user, _token(issuer, user))
        for user in (id_of("customer", number) for number in range(1, CUSTOMERS + 1))
    ]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        await _in_turn(buyers, lambda buyer: buyer.connect(http, stack.url))
        listening = [asyncio.create_task(buyer.listen()) for buyer in buyers]
        joining = {"live_session_id": str(id_of("session", 1))}
        await _in_turn(buyers, lambda buyer: buyer.call("session.join", joining))
        print(f"{len(buyers)} customers are there", flush=True)
        began = time.perf_counter()
        await asyncio.gather(*(buyer.buy() for buyer in buyers))
        seconds = time.perf_counter() - began
        for task in listening:
            task.cancel()
    orders = await owner.fetchval(
        "select count(*) from public.orders o join public.order_items i on i.order_id = o.id"
        " where i.variant_id = $1",
        id_of("variant", 1),
    )
    left = await owner.fetchval(
        "select on_hand from public.product_stock where variant_id = $1", id_of("variant", 1)
    )
    await owner.close()
    outcomes = Counter(buyer.outcome for buyer in buyers)
    print(f"flash sale: {dict(outcomes)}, {orders} orders written, {left} left", flush=True)
    times = sorted(buyer.took_s for buyer in buyers)
    return {
        "flash_orders": outcomes["placed"],
        "flash_refusals": outcomes["order.sold_out"],
        "flash_s": round(seconds, 2),
        "flash_p50_ms": round(times[len(times) // 2] * 1000),
        "flash_p99_ms": round(times[len(times) * 99 // 100] * 1000),
        "oversold": max(0, orders - PIECES) + max(0, -left) + abs(orders - outcomes["placed"]),
    }


def _token(issuer: Issuer, user_id: UUID) -> str:
    return issuer.issue(
        user_id=user_id,
        role="customer",
        display_name="Asha",
        email=None,
        login_id=uuid4(),
        now_s=time.time(),
    )


async def _in_turn(buyers: list[Buyer], step: Callable[[Buyer], Any]) -> None:
    turn = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def one(buyer: Buyer) -> None:
        async with turn:
            await step(buyer)

    await asyncio.gather(*map(one, buyers))


def _highest_rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = int(status.partition("VmHWM:")[2].split()[0])
    return round(kilobytes / 1000)
