"""A hub whose Redis is away: its own viewers go on, the others hear of it later."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from livecommerce.embedded import Valkey, choose_account, choose_place, find_valkey
from tests.livecommerce.live.hub_process import Person, hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


class StoppableValkey:
    """One that keeps its data, and can be away."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey
        self.url = valkey.url
        self._running: Any = None

    async def start(self) -> None:
        self._running = await self._valkey.start()

    async def stop(self) -> None:
        await self._valkey.stop(self._running)


@pytest.fixture
async def valkey() -> AsyncIterator[StoppableValkey]:
    program = find_valkey()
    assert program is not None
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    place = choose_place(directory, choose_account(None))
    stoppable = StoppableValkey(Valkey(place, program, durable=True))
    await stoppable.start()
    yield stoppable
    await stoppable.stop()
    shutil.rmtree(directory, ignore_errors=True)


def texts(who: Person) -> list[str]:
    return [
        message["text"]
        for name, payload in who.heard
        if name == "chat.posted"
        for message in payload["messages"]
    ]


async def until_heard(who: Person, *expected: str) -> None:
    async with asyncio.timeout(60):
        while len(texts(who)) < len(expected):
            await asyncio.sleep(0.01)
    assert texts(who) == list(expected)


async def test_chat_and_pins_reach_this_hubs_viewers_at_once_and_the_others_when_redis_is_back(
    shop: ShopUnderTest, valkey: StoppableValkey
) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product)
    host_token = token(influencer.user_id, "influencer")
    asha = token(await shop.customer())
    async with (
        hub_process(shop.db, valkey.url) as here,
        hub_process(shop.db, valkey.url) as there,
        person(here, host_token) as host,
        person(here) as neighbour,
        person(there, asha) as stranger,
    ):
        for each in (host, neighbour, stranger):
            await each.call("session.join", live_session_id=live)
        await host.call("chat.send", live_session_id=live, id=new_id(), text="one")
        await until_heard(neighbour, "one")
        await until_heard(stranger, "one")
        await valkey.stop()
        await host.call("chat.send", live_session_id=live, id=new_id(), text="two")
        await until_heard(neighbour, "one", "two")
        moved = await neighbour.hears("sync.moved")
        assert moved["is_degraded"]
        await host.call("product.pin", live_session_id=live, product_id=product.id)
        # Postgres tells every hub of what it holds.
        for each in (neighbour, stranger):
            pinned = await each.hears("product.pinned")
            assert pinned["product_id"] == str(product.id)
        assert texts(stranger) == ["one"]
        await valkey.start()
        await until_heard(stranger, "one", "two")
        assert not (await neighbour.hears("sync.moved", 2))["is_degraded"]
        await host.call("chat.send", live_session_id=live, id=new_id(), text="three")
        await until_heard(neighbour, "one", "two", "three")
        await until_heard(stranger, "one", "two", "three")
