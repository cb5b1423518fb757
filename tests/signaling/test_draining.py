import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.draining import chosen, due
from signaling.rooms import Kind, Room
from tests.signaling.endings import code_of
from tests.signaling.hub_under_test import (
    LIVE,
    Hub,
    Raw,
    raw_socket,
    ready_socket_count,
    running_hub,
)

RESTARTS = 1012


def first() -> float:
    return 0.0


# ------------------------------------------------------------------------------------- the cores


@given(
    st.integers(0, 20_000),
    st.floats(0.01, 60),
    st.lists(st.floats(0, 1), max_size=60),
    st.data(),
)
def test_all_are_gone_at_the_end_and_none_before_its_turn(
    at_start: int, over_s: float, moments: list[float], data: st.DataObject
) -> None:
    left = at_start
    for moment in sorted(moments):
        left -= data.draw(st.integers(0, left))  # some leave by themselves
        count = due(left, at_start, moment * over_s, over_s)
        assert 0 <= count <= left
        left -= count
        assert left <= at_start * (1 - moment) + 1
    assert due(left, at_start, over_s, over_s) == left


def test_a_steady_crowd_goes_evenly() -> None:
    left, gone = 1_000, []
    for tenth in range(1, 11):
        gone.append(due(left, 1_000, tenth, 10))
        left -= gone[-1]
    assert sum(gone) == 1_000
    assert set(gone) <= {99, 100, 101}


def test_without_time_all_go_at_once() -> None:
    assert due(7, 7, 0, 0) == 7


@given(st.integers(0, 50), st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_chosen_are_different_ones_and_as_many_as_asked_for(
    size: int, count: int, source: random.Random
) -> None:
    found = chosen(range(size), count, source.random)
    assert len(found) == len(set(found)) == min(size, count)
    assert set(found) <= set(range(size))


def test_anybody_is_chosen_as_often_as_anybody_else() -> None:
    fraction = random.Random(1).random
    counts = Counter(item for _ in range(10_000) for item in chosen(range(10), 2, fraction))
    assert all(1_800 < counts[item] < 2_200 for item in range(10))


# ------------------------------------------------------------------------------------ the gateway


async def end_of(raw: Raw) -> int | None:
    return await code_of(raw.ws)


def ends_of(sockets: list[Raw]) -> "asyncio.Future[list[int | None]]":
    """Read until the ends, from now on: a client that looks only later finds a torn connection."""
    return asyncio.gather(*map(end_of, sockets))


async def connected(stack: AsyncExitStack, hub: Hub, count: int) -> list[Raw]:
    """Sockets past their CONNECT."""
    sockets = [await stack.enter_async_context(raw_socket(hub)) for _ in range(count)]
    for raw in sockets:
        assert (await raw.connect()).startswith("40")
    await ready_socket_count(hub, count)
    return sockets


async def test_everybody_is_told_to_come_back() -> None:
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await connected(stack, hub, 20)
        async with asyncio.timeout(30):
            ends = ends_of(sockets)
            await hub.gateway.let_go(0.5, asyncio.Event(), first)
            assert set(await ends) == {RESTARTS}
            await ready_socket_count(hub, 0)


@pytest.mark.parametrize("kind", [Kind.HOST, Kind.MODERATORS])
async def test_who_runs_the_live_session_goes_last(kind: Kind) -> None:
    gone: list[str] = []
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await connected(stack, hub, 12)

        async def remember(name: str, raw: Raw) -> None:
            await end_of(raw)
            gone.append(name)

        # With this fraction the first in the order of arrival is the first to go.
        host = next(iter(hub.gateway._connections))
        hub.gateway.enter(host, Room(kind, LIVE))
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            for name, raw in zip(["host", *map(str, range(1, 12))], sockets, strict=True):
                group.create_task(remember(name, raw))
            await hub.gateway.let_go(1, asyncio.Event(), first)
    assert gone[-1] == "host"
    assert len(gone) == 12


async def test_new_ones_are_sent_elsewhere_meanwhile() -> None:
    forced = asyncio.Event()
    async with running_hub() as hub, AsyncExitStack() as stack:
        await connected(stack, hub, 2)
        leaving = asyncio.create_task(hub.gateway.let_go(600, forced, first))
        await asyncio.sleep(0)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        url = f"{hub.url}/socket.io/?EIO=4&transport=websocket"
        async with session.get(url) as refused:
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) > 0
            assert (await refused.json())["refused"]["code"] == "service.unavailable"
        forced.set()
        await leaving


async def test_who_reaches_a_process_that_is_replaced_is_served_until_its_turn() -> None:
    forced = asyncio.Event()
    async with running_hub() as hub, AsyncExitStack() as stack:
        await connected(stack, hub, 2)
        leaving = asyncio.create_task(hub.gateway.let_go(600, forced, first, is_replaced=True))
        await asyncio.sleep(0)
        late = await stack.enter_async_context(raw_socket(hub))
        assert (await late.connect()).startswith("40")
        ends = ends_of([late])
        forced.set()
        async with asyncio.timeout(30):
            await leaving
            assert await ends == [RESTARTS]


async def test_who_is_still_there_is_served_until_it_goes() -> None:
    forced = asyncio.Event()
    async with running_hub() as hub, AsyncExitStack() as stack:
        raw, _ = await connected(stack, hub, 2)
        leaving = asyncio.create_task(hub.gateway.let_go(600, forced, first))
        await asyncio.sleep(0)
        join = {"live_session_id": str(uuid4())}
        assert "ok" in await raw.call("session.leave", join)
        forced.set()
        async with asyncio.timeout(30):
            await leaving


async def test_an_answer_that_is_being_made_is_waited_for() -> None:
    forced, begun, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_: Caller, __: Any) -> wire.Wire:
        begun.set()
        await may_end.wait()
        return wire.Empty()

    async def answer_and_end(raw: Raw) -> tuple[dict[str, Any], int | None]:
        return await raw.call("session.leave", {"live_session_id": str(uuid4())}), await end_of(raw)

    async with running_hub(acts={"session.leave": slow}) as hub, AsyncExitStack() as stack:
        asking, idle = await connected(stack, hub, 2)
        answered = asyncio.create_task(answer_and_end(asking))
        await begun.wait()
        leaving = asyncio.create_task(hub.gateway.let_go(0, forced, first))
        async with asyncio.timeout(30):
            assert await end_of(idle) == RESTARTS
            may_end.set()
            assert await answered == ({"ok": {}}, RESTARTS)
            await leaving


async def test_an_answer_that_does_not_come_is_not_waited_for_for_ever() -> None:
    async def stuck(_: Caller, __: Any) -> wire.Wire:
        await asyncio.Event().wait()
        return wire.Empty()

    async with running_hub(acts={"session.leave": stuck}) as hub, AsyncExitStack() as stack:
        (raw,) = await connected(stack, hub, 1)
        await raw.send(f'421["session.leave",{{"live_session_id":"{uuid4()}"}}]')
        while not hub.gateway.unanswered:
            await asyncio.sleep(0.005)
        async with asyncio.timeout(30):
            ends = ends_of([raw])
            await hub.gateway.let_go(0, asyncio.Event(), first)
            assert await ends == [RESTARTS]


async def test_whoever_has_no_patience_ends_it() -> None:
    forced = asyncio.Event()
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await connected(stack, hub, 5)
        leaving = asyncio.create_task(hub.gateway.let_go(600, forced, first))
        ends = ends_of(sockets)
        forced.set()
        async with asyncio.timeout(30):
            await leaving
            assert set(await ends) == {RESTARTS}
