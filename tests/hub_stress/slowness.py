"""Readers that are slow, or have stopped, beside those who read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

from signaling import connection
from signaling import payloads as wire
from tests.hub_stress.checks import Broken, exactly, rising
from tests.hub_stress.gateway_stage import (
    JOIN,
    Crowd,
    crowd,
    gateway_hub,
    join_all,
    joined_crowd,
    left_over,
    offsets,
    until,
)
from tests.hub_stress.ordering import all_heard
from tests.hub_stress.raw_client import ABNORMAL, RawClient
from tests.hub_stress.registry import scenario
from tests.hub_stress.things import BEFORE_FIRST, EPOCH, number, pin
from tests.signaling.hub_under_test import LIVE, PERSON, ROOM, Hub

SMALL = 4096
"""Bytes that the kernel keeps for a slow reader."""


def long_said(offset: int) -> wire.ChatPosted:
    message = wire.PostedMessage(
        id=UUID(int=offset),
        text="x" * 3_000,
        name="Meera",
        role="influencer",
        is_host=True,
        sent_at_ms=0,
        author_id=PERSON,
        offset=offset + BEFORE_FIRST,
    )
    at = message.offset
    return wire.ChatPosted(live_session_id=LIVE, epoch=EPOCH, offset=at, messages=(message,))


@contextmanager
def lag_limit_s(seconds: float) -> Iterator[None]:
    former = connection.LAG_LIMIT_S
    connection.LAG_LIMIT_S = seconds
    try:
        yield
    finally:
        connection.LAG_LIMIT_S = former


async def until_lagging(hub: Hub, slow: Crowd, offset: int) -> int:
    """Say long things until all of them lag; the offset after the last."""
    while sum(each.is_lagging for each in hub.gateway._connections.values()) < len(slow):
        hub.gateway.publish(ROOM, "chat.posted", long_said(offset))
        hub.gateway.publish(ROOM, "product.pinned", pin(offset + 1))
        offset += 2
        await asyncio.sleep(0)
    return offset


@scenario("gateway")
async def slow_readers_skip_chat_keep_pins_and_are_told(random: Random) -> None:
    """Beside them, those who read hear everything."""
    async with (
        gateway_hub() as hub,
        joined_crowd(hub, 30) as readers,
        crowd(hub.url, 6, receive_buffer=SMALL) as slow,
    ):
        await join_all(slow)
        for client in slow:
            client.stop_reading()
        end = await until_lagging(hub, slow, 0)
        for client in slow:
            client.go_on_reading()
        await asyncio.gather(*(client.hears("sync.gap") for client in slow))
        hub.gateway.publish(ROOM, "product.pinned", pin(end))
        await all_heard([*readers, *slow], end)
        for client in readers:
            exactly(offsets(client), range(end + 1), client.name)
        for client in slow:
            _lacks_only_what_it_was_told(client, end)


def _lacks_only_what_it_was_told(client: RawClient, end: int) -> None:
    heard = offsets(client)
    rising(heard, client.name)
    pins = [number for number in range(end) if number % 2]
    exactly([number for number in heard if number % 2 and number < end], pins, client.name)
    missing = set(range(end)) - set(heard)
    told = client.of["sync.gap"][0]["position"]
    if not missing or told is None or number(told) != min(missing) - 1:
        raise Broken(f"{client.name} misses from {min(missing, default=None)}, was told {told}")


@scenario("gateway")
async def stopped_readers_are_cut_off_at_the_hard_limit(random: Random) -> None:
    async with gateway_hub() as hub, joined_crowd(hub, 20) as readers:
        stopped = Crowd()
        await stopped.add(hub.url, 5, receive_buffer=SMALL)
        await join_all(stopped)
        for client in stopped:
            client.stop_reading()
        offset = 0
        while hub.gateway.connection_count > 20:
            # Pins are never skipped, so the backlog grows to the hard limit.
            for _ in range(50):
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                offset += 1
            await asyncio.sleep(0)
        hub.gateway.publish(ROOM, "product.pinned", pin(offset))
        await all_heard(readers, offset)
        for client in readers:
            exactly(offsets(client), range(offset + 1), client.name)
        for client in stopped:
            client.reset()


@scenario("gateway")
async def stopped_readers_are_cut_off_after_the_time_limit(random: Random) -> None:
    """Below the hard limit, though nothing more is said to them."""
    with lag_limit_s(1.0):
        async with gateway_hub() as hub, joined_crowd(hub, 10) as readers:
            stopped = Crowd()
            await stopped.add(hub.url, 5, receive_buffer=SMALL)
            await join_all(stopped)
            for client in stopped:
                client.stop_reading()
            await until_lagging(hub, stopped, 0)
            await until(lambda: hub.gateway.connection_count == 10, lambda: left_over(hub.gateway))
            for client in stopped:
                client.go_on_reading()
                if await client.ended() != ABNORMAL:
                    raise Broken(f"{client} was closed with {client.close_text!r}")
            await asyncio.gather(*(client.call("session.leave", JOIN) for client in readers))


@scenario("gateway")
async def slow_readers_may_go_at_any_moment(random: Random) -> None:
    """While they lag, while they drain, while they are told: nothing of them stays."""
    async with gateway_hub() as hub, joined_crowd(hub, 10) as readers:
        for _ in range(3):
            slow = Crowd()
            await slow.add(hub.url, 5, receive_buffer=SMALL)
            await join_all(slow)
            for client in slow:
                client.stop_reading()
            first = readers[0]
            await until_lagging(hub, slow, 1 + max(offsets(first), default=-1))
            for client in slow:
                random.choice((client.reset, client.go_on_reading))()
            await asyncio.sleep(0)
            for client in slow:
                if client.close_code is None:
                    client.reset()
            await until(lambda: hub.gateway.connection_count == 10, lambda: left_over(hub.gateway))
        for client in readers:
            rising(offsets(client), client.name)
