from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from db import SERVICE, Query
from livecommerce import clock
from livecommerce.bus import BusConfig, BusUnavailable, Listener, Redis, SessionBus
from livecommerce.relay import OutboxRow, Relay, worth_telling
from tests.livecommerce.live.hub_process import running
from tests.shop.shop_under_test import ShopUnderTest

ADD = Query("outbox.add")


@dataclass
class Posts:
    shop: ShopUnderTest
    bus: SessionBus
    live: UUID

    async def write(self, *numbers: int) -> None:
        async with self.shop.db.acting_as(SERVICE) as tx:
            for number in numbers:
                await tx.run(ADD, "product.pinned", self.live, {"n": number})

    async def published(self) -> list[int]:
        return [fact.data["n"] for fact in await self.bus.history(self.live, 1000)]

    async def unpublished(self) -> int:
        row = await self.shop.row(
            "select count(*) as n from private.outbox where published_at is null"
        )
        return int(row["n"])


@pytest.fixture
async def posts(shop: ShopUnderTest, redis_url: str) -> AsyncIterator[Posts]:
    config = BusConfig(redis_url)
    redis = Redis(config)
    bus = SessionBus(redis, Listener(redis), config, lambda: clock.secret(6))
    live = await shop.live_session(await shop.influencer())
    yield Posts(shop, bus, live)
    await redis.close()


async def test_rows_arrive_in_order_with_their_id_as_version(posts: Posts) -> None:
    await posts.write(1, 2, 3)
    assert await Relay(posts.shop.db, posts.bus).sweep() == 3
    facts = await posts.bus.history(posts.live, 10)
    assert [fact.data["n"] for fact in facts] == [1, 2, 3]
    versions = [fact.version for fact in facts if fact.version is not None]
    assert len(versions) == 3
    assert versions == sorted(versions)
    assert await posts.unpublished() == 0
    assert await Relay(posts.shop.db, posts.bus).sweep() == 0


async def test_relay_that_dies_between_append_and_mark_repeats_nothing(
    posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await posts.write(1, 2)
    dying = Relay(posts.shop.db, posts.bus)
    append = dying._append

    async def die_after_the_second(row: Any) -> None:
        await append(row)
        if row.payload["n"] == 2:
            raise BusUnavailable("the reply was lost")

    monkeypatch.setattr(dying, "_append", die_after_the_second)
    with pytest.raises(BusUnavailable):
        await dying.sweep()
    assert await posts.unpublished() == 2
    await Relay(posts.shop.db, posts.bus).sweep()
    assert await posts.published() == [1, 2]
    assert await posts.unpublished() == 0


async def test_relays_at_once_publish_each_row_once(posts: Posts) -> None:
    await posts.write(*range(300))
    relays = [Relay(posts.shop.db, posts.bus) for _ in range(4)]
    while await posts.unpublished():
        await asyncio.gather(*(relay.sweep() for relay in relays))
    assert sorted(await posts.published()) == list(range(300))


async def test_kick_publishes_without_waiting_for_the_sweep(posts: Posts) -> None:
    relay = Relay(posts.shop.db, posts.bus, interval_s=3600)
    async with running(relay.run()):
        for n in range(5):
            await posts.write(n)
            relay.kick()
            while await posts.unpublished():
                await asyncio.sleep(0.005)
    assert await posts.published() == [0, 1, 2, 3, 4]


async def test_row_about_no_live_session_is_marked_and_heard_by_nobody(posts: Posts) -> None:
    async with posts.shop.db.acting_as(SERVICE) as tx:
        await tx.run(ADD, "order.placed", None, {"order_id": "x"})
    assert await Relay(posts.shop.db, posts.bus).sweep() == 1
    assert await posts.unpublished() == 0
    assert await posts.published() == []


def test_of_the_stock_that_waits_together_only_the_newest_is_told() -> None:
    live, other = UUID(int=1), UUID(int=2)

    def row(number: int, topic: str, session: UUID, **payload: object) -> OutboxRow:
        return OutboxRow(number, topic, session, payload)

    rows = [
        row(1, "stock.changed", live, variant_id="a", stock=9),
        row(2, "orders.placed", live, order_ids=["x"]),
        row(3, "stock.changed", live, variant_id="b", stock=5),
        row(4, "stock.changed", other, variant_id="a", stock=9),
        row(5, "stock.changed", live, variant_id="a", stock=8),
    ]
    assert [told.id for told in worth_telling(rows)] == [2, 3, 4, 5]
