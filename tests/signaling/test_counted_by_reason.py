"""Every way in which a connection ends, and every lane that a viewer may miss something of, has a
label of its own in the metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest

from signaling import chat_payloads as chat
from signaling import metrics
from signaling import payloads as wire
from signaling.closing import CLOSINGS
from signaling.connection import HARD_LIMIT_BYTES, SOFT_LIMIT_BYTES, Connection, text_frame
from signaling.contract import OUTWARD_BY_NAME, Lane
from signaling.gateway import GatewayConfig
from signaling.limits import PartyLimits
from tests.signaling.hub_under_test import (
    LIVE,
    PERSON,
    ROOM,
    Hub,
    Raw,
    raw_socket,
    running_hub,
)


def counted(metric: Any) -> dict[str, float]:
    """By label, of what has been counted at all."""
    return {
        next(iter(sample.labels.values())): sample.value
        for family in metric.collect()
        for sample in family.samples
        if sample.name.endswith("_total") and sample.value
    }


def new(metric: Any, before: dict[str, float]) -> dict[str, float]:
    now = counted(metric)
    more = {label: value - before.get(label, 0) for label, value in now.items()}
    return {label: value for label, value in more.items() if value}


# ---- the ends of connections


def the_connection(hub: Hub) -> Connection:
    (connection,) = hub.gateway._connections.values()
    return connection


async def stop_reading(hub: Hub, socket: Raw, held: int) -> Connection:
    """Have so many bytes held for a client that reads nothing."""
    connection = the_connection(hub)
    socket.transport.pause_reading()
    frame = text_frame(b"6" + b"x" * 20_000)
    while connection.held() <= held and not connection.closed:
        connection.write(frame)
        await asyncio.sleep(0)
    return connection


def let_go(socket: Raw) -> None:
    """A client that reads nothing would wait for an answer to its goodbye."""
    connection = socket.ws._response.connection
    if connection is not None and connection.transport is not None:
        socket.transport.abort()


async def client_left(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    await socket.ws.close()


async def server_left(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    await the_connection(hub).close()


async def malformed(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    for _ in range(3):
        await socket.send("42[")


async def binary(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    await socket.ws.send_bytes(b"42")


async def nothing(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    """The server does what it does by itself."""


async def too_big(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    await socket.send("42" + "x" * 70_000)


async def drain(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    hub.gateway.drain()


async def login_ended(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    hub.gateway.end_identities(PERSON, lambda one: True)


async def replaced(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    another = await stack.enter_async_context(raw_socket(hub))
    await another.connect({"token": "customer"})


async def flood(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    for number in range(200):
        await socket.send(f'42{number}["session.leave",{{}}]')


async def slow(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    connection = await stop_reading(hub, socket, HARD_LIMIT_BYTES)
    connection.write(text_frame(b"6"))


async def lagging(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    connection = await stop_reading(hub, socket, 4 * SOFT_LIMIT_BYTES)
    since_s = connection._lagging_since_s
    assert since_s is not None
    connection.caught_up(since_s + 60)


async def transport_lost(hub: Hub, socket: Raw, stack: AsyncExitStack) -> None:
    socket.transport.abort()


Way = tuple[Callable[[Hub, Raw, AsyncExitStack], Awaitable[None]], GatewayConfig]
WAYS: dict[str, Way] = {
    "client_left": (client_left, GatewayConfig()),
    "server_left": (server_left, GatewayConfig()),
    "malformed": (malformed, GatewayConfig()),
    "binary": (binary, GatewayConfig()),
    "connect_deadline": (nothing, GatewayConfig(connect_deadline_s=0.05)),
    "too_big": (too_big, GatewayConfig()),
    "drain": (drain, GatewayConfig()),
    "login_ended": (login_ended, GatewayConfig()),
    "replaced": (replaced, GatewayConfig(of_person=PartyLimits(connections=1))),
    "flood": (flood, GatewayConfig(events_per_s=0.001, events_burst=2)),
    "slow": (slow, GatewayConfig()),
    "lagging": (lagging, GatewayConfig()),
    "ping_timeout": (nothing, GatewayConfig(ping_interval_s=2, ping_timeout_s=1)),
    "transport_lost": (transport_lost, GatewayConfig()),
}


def test_every_closing_has_its_way() -> None:
    assert list(WAYS) == [closing.reason for closing in CLOSINGS]


@pytest.mark.parametrize("reason", WAYS)
async def test_an_end_is_counted_under_its_reason_and_no_other(reason: str) -> None:
    end, config = WAYS[reason]
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(running_hub(config))
        before = counted(metrics.CLOSED)
        socket = await stack.enter_async_context(raw_socket(hub))
        if reason != "connect_deadline":
            assert (await socket.connect({"token": "customer"})).startswith("40{")
        await end(hub, socket, stack)
        while not (found := new(metrics.CLOSED, before)):
            await asyncio.sleep(0.01)
        let_go(socket)
        assert found == {reason: 1}


# ---- what is skipped

PLACE: dict[str, Any] = {"live_session_id": LIVE, "epoch": "e", "offset": 2}
SAID = chat.PostedMessage(
    id=UUID(int=1),
    text="Hello",
    name="Asha",
    role="customer",
    is_host=False,
    sent_at_ms=0,
    author_id=PERSON,
    offset=2,
)
OF_LANE: dict[Lane, tuple[str, wire.Wire]] = {
    Lane.NOW: ("product.pinned", wire.ProductPinned(**PLACE, product_id=UUID(int=1))),
    Lane.COUNT: (
        "stock.changed",
        wire.StockChanged(**PLACE, product_id=UUID(int=1), variant_id=UUID(int=2), stock=3),
    ),
    Lane.CHAT: ("chat.posted", chat.ChatPosted(**PLACE, messages=(SAID,), left_out=0)),
    Lane.STATE: ("viewers.counted", wire.ViewersCounted(live_session_id=LIVE, viewers=1)),
}


def test_every_lane_has_its_event() -> None:
    assert list(OF_LANE) == list(Lane)
    assert all(OUTWARD_BY_NAME[name].lane is lane for lane, (name, _) in OF_LANE.items())


LAGGING = 4 * SOFT_LIMIT_BYTES


@pytest.mark.parametrize(
    ("lane", "held", "is_skipped"),
    [
        (Lane.NOW, LAGGING, False),
        (Lane.COUNT, LAGGING, False),
        (Lane.CHAT, LAGGING, True),
        (Lane.STATE, LAGGING, True),
        # Cut off instead of written to.
        (Lane.NOW, HARD_LIMIT_BYTES, True),
        (Lane.COUNT, HARD_LIMIT_BYTES, True),
    ],
)
async def test_what_a_viewer_does_not_get_is_counted_under_its_lane_and_no_other(
    lane: Lane, held: int, is_skipped: bool
) -> None:
    name, payload = OF_LANE[lane]
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        hub.gateway.enter(the_connection(hub).sid, ROOM)
        connection = await stop_reading(hub, socket, held)
        skipped, written = counted(metrics.SKIPPED), counted(metrics.FRAMES)
        hub.gateway.publish(ROOM, name, payload)
        told = {lane.value: 1.0}
        while not (new(metrics.SKIPPED, skipped) or new(metrics.FRAMES, written)):
            await asyncio.sleep(0.01)
        found = new(metrics.SKIPPED, skipped), new(metrics.FRAMES, written)
        is_cut_off = connection.closed
        let_go(socket)
        assert found == ((told, {}) if is_skipped else ({}, told))
        assert is_cut_off is (held == HARD_LIMIT_BYTES)
