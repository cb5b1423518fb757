"""Figures of the whole hub: ten thousand viewers of one live session, chat, and a pin among it.

A demo is started as a stranger starts it, with its database, its bus and its one hub process. The
hub is put on one core; the viewers and everything else of the demo share the other. What people
write goes the whole way: socket, rules of the chat, bus, lanes, ten thousand sockets.

One viewer in a hundred reads whatever comes at once, and by these the age of messages is taken; the
others read twice a second, because ten thousand clients who read at once are more than a core. For
the pin everybody reads at once, so the time of the clients is in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from typing import Any

import uvloop

from loadtests import fan_out
from loadtests.live_stack import LiveStack, go_live, put_hub_on
from loadtests.stack import Stack, roomy, running_stack
from loadtests.swarm.crowd import Crowd
from loadtests.swarm.modes import MESSAGE_MARK, ages, say
from loadtests.swarm.tally import Tally
from signaling.client import Client

VIEWERS = 10_000
CHAT_S = 20.0
CHATTERS = 100
MESSAGES_PER_S = 20
PIN_VIEWERS = 5_000
PINS = 20
PIN_EVERY_S = 0.5
PIN_MARK = b'pinned",{'
READ_EVERY_S = 0.5
WARM_UP_S = 3.0
SETTLE_S = 3.0
LAST_BATCH_S = 20
HEARD_TIMEOUT_S = 10


async def measure(stack: Stack, viewers: int, seconds: float) -> dict[str, Any]:
    """Chat to all of `viewers`, then pins to PIN_VIEWERS of them while chat goes on."""
    live = await go_live(stack, CHATTERS)
    put_hub_on(stack, fan_out.SERVER_CORE, fan_out.CLIENT_CORES)
    tally = Tally(MESSAGE_MARK)
    crowd = Crowd(live.target(live.customers), tally)
    began_s = time.perf_counter()
    try:
        await crowd.open(viewers)
        figures: dict[str, Any] = {"joins_per_s": round(viewers / (time.perf_counter() - began_s))}
        # Ten thousand viewers who stay are no garbage to look through again and again.
        gc.freeze()
        reading = asyncio.create_task(crowd.read_now_and_then(READ_EVERY_S))
        figures |= await measure_chat(live, crowd, tally, seconds)
        reading.cancel()
        for viewer in crowd.viewers[PIN_VIEWERS:]:
            viewer.drop()
        del crowd.viewers[PIN_VIEWERS:]
        await asyncio.sleep(SETTLE_S)
        figures |= await measure_pins(live, crowd, tally)
    finally:
        await crowd.close()
    return figures


async def measure_chat(
    live: LiveStack, crowd: Crowd, tally: Tally, seconds: float
) -> dict[str, Any]:
    """Twenty messages a second to everybody: their age on arrival, and whether each arrived."""
    hub_pid, chatters = live.stack.pid_of("hub"), crowd.viewers[:CHATTERS]
    await say(chatters, live.live_session_id, MESSAGES_PER_S, WARM_UP_S)
    await asyncio.sleep(SETTLE_S)
    viewers, lost = len(crowd.viewers), tally.lost
    frames, events, accepted = tally.frames, tally.events, tally.accepted
    tally.latencies_ms.clear()
    tally.aim(round(seconds * MESSAGES_PER_S) * viewers)
    before_s, began_s = fan_out.cpu_s(hub_pid), time.perf_counter()
    await say(chatters, live.live_session_id, MESSAGES_PER_S, seconds)
    with contextlib.suppress(TimeoutError):  # what is missing is counted below
        async with asyncio.timeout(LAST_BATCH_S):
            await tally.reached.wait()
    spent_s, took_s = fan_out.cpu_s(hub_pid) - before_s, time.perf_counter() - began_s
    await asyncio.sleep(1)
    heard, frames = tally.events - events, tally.frames - frames
    accepted = tally.accepted - accepted
    return {
        **{f"{name}_10k": value for name, value in ages(tally.latencies_ms).items()},
        "lost": abs(accepted * viewers - heard) + (tally.lost - lost),
        "chat_messages_10k": accepted,
        "hub_cpu_share_10k": round(spent_s / took_s, 2),
        "hub_us_per_event_10k": round(spent_s / heard * 1e6, 2),
        "messages_in_a_frame_10k": round(heard / frames, 1),
    }


async def measure_pins(live: LiveStack, crowd: Crowd, tally: Tally) -> dict[str, Any]:
    """From the host's sending a pin to the last viewer's hearing of it, while chat runs."""
    tally.marker = PIN_MARK
    host = Client()
    await host.connect(live.stack.url, live.influencer)
    this = {"live_session_id": str(live.live_session_id)}
    await host.call("session.join", this)
    pin = this | {"product_id": str(live.product_id)}
    chat = asyncio.create_task(
        say(crowd.viewers[:CHATTERS], live.live_session_id, MESSAGES_PER_S, PINS * PIN_EVERY_S + 2)
    )
    await asyncio.sleep(1)
    samples = []
    for number in range(PINS):
        tally.aim(len(crowd.viewers))
        began_s = time.perf_counter()
        await host.call("product.unpin" if number % 2 else "product.pin", pin)
        async with asyncio.timeout(HEARD_TIMEOUT_S):
            await tally.reached.wait()
        samples.append((time.perf_counter() - began_s) * 1000)
        await asyncio.sleep(max(0.0, PIN_EVERY_S - samples[-1] / 1000))
    await chat
    await host.close()
    samples.sort()
    return {
        "pin_last_ms": round(samples[-1], 1),
        "pin_last_p50_ms": round(samples[len(samples) // 2], 1),
    }


def run(viewers: int = VIEWERS, seconds: float = CHAT_S) -> dict[str, Any]:
    """One measurement; not to be called from within an event loop."""
    with running_stack(roomy(viewers)) as stack:
        return uvloop.run(measure(stack, viewers, seconds))
