from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from livecommerce.live.standings import KEPT_NO_S, KEPT_YES_S, Standings
from tests.shop.shop_under_test import Influencer, ShopUnderTest


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def standings(shop: ShopUnderTest, clock: Clock) -> AsyncIterator[Standings]:
    standings = Standings(shop.db, clock)
    running = asyncio.create_task(standings.run())
    yield standings
    running.cancel()


@pytest.fixture
async def influencer(shop: ShopUnderTest) -> Influencer:
    return await shop.influencer()


async def follow(shop: ShopUnderTest, influencer: Influencer, user_id: UUID) -> None:
    await shop.sql.execute(
        "insert into follows (user_id, influencer_id) values ($1, $2)", user_id, influencer.id
    )


async def test_that_somebody_follows_is_believed_for_a_while(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer, clock: Clock
) -> None:
    asha = await shop.customer()
    await follow(shop, influencer, asha)
    assert (await standings.of(influencer.id, asha, "is_follower")).is_follower
    await shop.sql.execute("delete from follows")
    clock.now_s += KEPT_YES_S - 1
    assert (await standings.of(influencer.id, asha, "is_follower")).is_follower
    clock.now_s += 1
    assert not (await standings.of(influencer.id, asha, "is_follower")).is_follower


async def test_that_somebody_does_not_follow_is_asked_again_soon(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer, clock: Clock
) -> None:
    asha = await shop.customer()
    assert not (await standings.of(influencer.id, asha, "is_follower")).is_follower
    await follow(shop, influencer, asha)
    assert not (await standings.of(influencer.id, asha, "is_follower")).is_follower
    clock.now_s += KEPT_NO_S
    standing = await standings.of(influencer.id, asha, "is_follower")
    assert (standing.is_follower, standing.is_buyer) == (True, False)


async def test_a_crowd_of_newcomers_is_asked_for_together(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer
) -> None:
    others = await shop.influencer()
    people = [await shop.customer() for _ in range(20)]
    for user_id in people:
        standings.expect(influencer.id, user_id)
    standings.expect(others.id, people[0])
    for user_id in people:
        await standings.of(influencer.id, user_id, "is_buyer")
    assert standings.known(influencer.id, people[-1]) is not None
    assert (await standings.of(others.id, people[0], "is_buyer")).is_buyer is False
