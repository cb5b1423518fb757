from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from livecommerce.live.people import People
from livecommerce.live.standings import BADGE_S, KEPT_NO_S, KEPT_YES_S, Standings
from tests.livecommerce.live.hub_process import hub_process, new_id, person, running, token
from tests.shop.shop_under_test import Influencer, ShopUnderTest, a_request, place_order


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


async def test_who_has_just_followed_elsewhere_is_read_anew(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer
) -> None:
    asha = await shop.customer()
    assert await standings.soon(influencer.id, asha) is False
    await follow(shop, influencer, asha)
    standings.forget(influencer.id, asha)
    assert await standings.soon(influencer.id, asha) is True


async def test_what_is_read_from_before_a_follow_is_not_kept(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer
) -> None:
    asha = await shop.customer()
    await follow(shop, influencer, asha)
    async with shop.sql.transaction():
        # So that the reading waits while the person unfollows.
        await shop.sql.execute("lock table follows in access exclusive mode")
        reading = asyncio.create_task(standings.of(influencer.id, asha, "is_follower"))
        while not await shop.sql.fetchval("select exists (select from pg_locks where not granted)"):
            await asyncio.sleep(0.005)
        standings.forget(influencer.id, asha)
    await reading
    assert standings.known(influencer.id, asha) is None


# ---- on the page


@pytest.mark.parametrize("follows", [True, False])
async def test_who_joins_for_the_first_time_is_told_whether_they_follow(
    shop: ShopUnderTest, redis_url: str, influencer: Influencer, follows: bool
) -> None:
    live, asha = await shop.live_session(influencer), await shop.customer()
    if follows:
        await follow(shop, influencer, asha)
    async with hub_process(shop.db, redis_url) as hub, person(hub, token(asha)) as viewer:
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert snapshot["chat_state"]["you"]["is_following"] is follows
        async with (
            hub_process(shop.db, redis_url) as other,
            person(other, token(asha)) as back,
        ):
            answer = await back.call(
                "session.recover", live_session_id=live, position=snapshot["position"]
            )
            assert answer["snapshot"] is None
            assert answer["standing"]["is_following"] is follows


async def test_who_signs_up_in_the_live_session_is_told_whether_they_follow(
    shop: ShopUnderTest, redis_url: str, influencer: Influencer
) -> None:
    live = await shop.live_session(influencer)
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert snapshot["chat_state"]["you"]["is_following"] is None
        await viewer.call("auth.renew", token=token(await shop.customer()))
        snapshot = await viewer.call("session.join", live_session_id=live)
        assert snapshot["chat_state"]["you"]["is_following"] is False


async def test_who_is_muted_is_still_a_follower(
    shop: ShopUnderTest, redis_url: str, influencer: Influencer
) -> None:
    live, asha = await shop.live_session(influencer), await shop.customer()
    await follow(shop, influencer, asha)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(asha)) as viewer,
        person(hub, token(influencer.user_id, "influencer")) as host,
    ):
        await viewer.call("session.join", live_session_id=live)
        await host.call("chat.mute", live_session_id=live, user_id=asha, duration_s=60)
        told = await viewer.hears("standing.changed")
        assert told["you"]["is_following"] is True


async def test_who_follows_by_one_process_is_a_follower_on_the_other(
    shop: ShopUnderTest, redis_url: str, influencer: Influencer
) -> None:
    live, asha = await shop.live_session(influencer), await shop.customer()
    await follow(shop, influencer, asha)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(asha)) as here,
        person(two, token(asha)) as there,
    ):
        joined = await there.call("session.join", live_session_id=live)
        assert joined["chat_state"]["you"]["is_following"] is True
        await here.call("influencer.unfollow", influencer_id=influencer.id)
        await there.hears("follow.changed")
        joined = await there.call("session.join", live_session_id=live)
        assert joined["chat_state"]["you"]["is_following"] is False


async def an_order(shop: ShopUnderTest, influencer: Influencer, user_id: UUID) -> UUID:
    """Cash at the door, in a live session of the influencer."""
    product = await shop.product()
    live = await shop.live_session(influencer, product)
    request = a_request(lines=[(UUID(str(product.variant_id)), 1)], live_session_id=UUID(str(live)))
    return (await place_order(shop.db, user_id, request)).id


async def test_who_has_bought_is_known_as_soon_as_it_is_told_and_until_it_is_called_off(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer
) -> None:
    asha = await shop.customer()
    assert not (await standings.of(influencer.id, asha, "is_buyer")).is_buyer
    order_id = await an_order(shop, influencer, asha)
    standings.note_order(asha)
    assert (await standings.of(influencer.id, asha, "is_buyer")).is_buyer
    await shop.sql.execute("update orders set status = 'cancelled' where id = $1", order_id)
    standings.note_order(asha)
    assert not (await standings.of(influencer.id, asha, "is_buyer")).is_buyer


@pytest.mark.parametrize(
    ("change", "is_buyer"),
    [
        ("update orders set payment_method = 'upi'", False),
        ("update orders set payment_method = 'upi', payment_status = 'failed'", False),
        ("update orders set payment_method = 'upi', payment_status = 'paid'", True),
        ("update order_items set quantity_cancelled = quantity", False),
    ],
    ids=["not paid yet", "payment failed", "paid", "all pieces called off"],
)
async def test_who_has_not_paid_or_keeps_nothing_has_not_bought(
    shop: ShopUnderTest,
    standings: Standings,
    influencer: Influencer,
    change: str,
    is_buyer: bool,
) -> None:
    asha = await shop.customer()
    await an_order(shop, influencer, asha)
    await shop.sql.execute(change)
    assert (await standings.of(influencer.id, asha, "is_buyer")).is_buyer is is_buyer


async def test_badge_of_who_goes_on_writing_is_asked_for_anew_meanwhile(
    shop: ShopUnderTest, standings: Standings, influencer: Influencer, clock: Clock
) -> None:
    asha = await shop.customer()
    await standings.of(influencer.id, asha, "is_buyer")
    await an_order(shop, influencer, asha)
    clock.now_s += BADGE_S
    badge = standings.badge(influencer.id, asha)
    assert badge is not None and not badge.is_buyer
    while badge is not None and not badge.is_buyer:
        await asyncio.sleep(0.01)
        badge = standings.known(influencer.id, asha)


async def test_badge_of_a_buyer_goes_with_the_order_on_every_process(
    shop: ShopUnderTest, redis_url: str, influencer: Influencer
) -> None:
    asha = await shop.customer()
    order_id = await an_order(shop, influencer, asha)
    live = await shop.sql.fetchval("select id from live_sessions")
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        running(People(shop.db, two.bus, two.gateway, two.rooms.standings).run()),
        person(two, token(asha)) as buyer,
    ):
        await buyer.call("session.join", live_session_id=live)
        saying = {"live_session_id": live, "text": "Hi"}
        sent = await buyer.call("chat.send", id=new_id(), **saying)
        assert sent["message"]["marks"] == ["buyer"]
        await shop.sql.execute("update orders set status = 'cancelled' where id = $1", order_id)
        await shop.sql.execute("select private.tell_order_v1($1)", order_id)
        one.relay.kick()
        await buyer.hears("order.updated")
        await two.rooms.standings.of(influencer.id, asha, "is_buyer")
        sent = await buyer.call("chat.send", id=new_id(), **saying)
        assert sent["message"]["marks"] == []
