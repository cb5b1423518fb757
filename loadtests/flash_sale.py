"""3,000 customers, 1,000 pieces, one second: a flash sale end to end.

A demo is started as a stranger starts it. Each customer has a socket of their own, is in the live
session and hears what its room hears; all tap "buy" at once. The time of an answer counts from that
moment for everybody, so the time in which all of them have tapped is in it.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import uvloop

from livecommerce.app import parts
from loadtests.buyers import Buyer, answer_in
from loadtests.flash_shop import ADDRESS, PRICE_MINOR, fill, id_of
from loadtests.live_stack import settings_of, token
from loadtests.stack import Stack, roomy, running_stack
from loadtests.swarm.wire import event_frame

CUSTOMERS = 3_000
PIECES = 1_000
CONNECTING_AT_ONCE = 50
TIMEOUT_S = 60


def measure_flash_sale() -> dict[str, Any]:
    """Orders, refusals, milliseconds; memory of the hub at its highest."""
    with running_stack(roomy(CUSTOMERS)) as stack:
        figures = uvloop.run(_measure(stack))
        figures["hub_rss_mb"] = _highest_rss_mb(stack.pid_of("hub"))
    return figures


async def _measure(stack: Stack) -> dict[str, Any]:
    settings = settings_of(stack)
    assert settings.database.url is not None
    owner = await asyncpg.connect(settings.database.url.get_secret_value())
    await fill(owner, CUSTOMERS, 1, PIECES)
    issuer = parts.issuer(settings)
    users = [id_of("customer", number) for number in range(1, CUSTOMERS + 1)]
    buyers = [Buyer(user, token(issuer, user, "customer")) for user in users]
    await _in_turn(buyers, lambda buyer: buyer.connect(stack.url))
    joining = event_frame(1, "session.join", {"live_session_id": str(id_of("session", 1))})
    await _in_turn(buyers, lambda buyer: buyer.call(joining))
    print(f"{len(buyers)} customers are there", flush=True)
    outcomes, times = await _buy(buyers)
    orders = await owner.fetchval(
        "select count(*) from public.orders o join public.order_items i on i.order_id = o.id"
        " where i.variant_id = $1",
        id_of("variant", 1),
    )
    left = await owner.fetchval(
        "select on_hand from public.product_stock where variant_id = $1", id_of("variant", 1)
    )
    await owner.close()
    print(f"flash sale: {dict(outcomes)}, {orders} orders written, {left} left", flush=True)
    return {
        "flash_orders": outcomes["placed"],
        "flash_refusals": outcomes["order.sold_out"],
        "flash_s": round(times[-1], 2),
        "flash_p50_ms": round(times[len(times) // 2] * 1000),
        "flash_p99_ms": round(times[len(times) * 99 // 100] * 1000),
        "oversold": max(0, orders - PIECES) + max(0, -left) + abs(orders - outcomes["placed"]),
    }


async def _buy(buyers: list[Buyer]) -> tuple[Counter[str], list[float]]:
    """All at once: how often which outcome (`placed`, or the code of the refusal), and the seconds
    until each answer, the shortest first."""
    frames = [event_frame(2, "order.place", _order()) for _ in buyers]
    # The customers have no garbage worth the time in which the hub could be answering.
    gc.disable()
    began = time.perf_counter()
    asked = [buyer.ask(frame) for buyer, frame in zip(buyers, frames, strict=True)]
    async with asyncio.timeout(TIMEOUT_S):
        messages = await asyncio.gather(*asked)
    gc.enable()
    answers = [answer_in(message) for message in messages]
    outcomes = Counter(
        "placed" if "ok" in answer else answer["refused"]["code"] for answer in answers
    )
    return outcomes, sorted(buyer.answered_s - began for buyer in buyers)


def _order() -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "live_session_id": str(id_of("session", 1)),
        "items": [{"variant_id": str(id_of("variant", 1)), "quantity": 1}],
        "address": ADDRESS,
        "payment_method": "cod",
        "shown_total_minor": PRICE_MINOR,
    }


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
