"""A sign-in that runs out in the middle of a live session."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

from signaling.rooms import Kind, Room
from tests.livecommerce.live.hub_process import HubProcess, hub_process, person, token
from tests.shop.shop_under_test import ShopUnderTest


def pass_the_life_of_a_token(hub: HubProcess) -> None:
    identities = hub.gateway._identities
    identities._epoch_s = lambda: time.time() + 700
    identities.expire()
    identities._epoch_s = time.time


def sizes(hub: HubProcess, live: UUID) -> dict[Kind, int]:
    return {kind: hub.gateway.size(Room(kind, live)) for kind in Kind if kind is not Kind.PERSON}


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_an_influencer_whose_sign_in_ran_out_hears_what_a_stranger_hears(
    shop: ShopUnderTest, redis_url: str, visibility: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    await shop.sql.execute("update live_sessions set visibility = $1", visibility)
    signed_in = token(influencer.user_id, "influencer", "Meera")
    async with hub_process(shop.db, redis_url) as hub, person(hub, signed_in) as host:
        await host.call("session.join", live_session_id=live)
        assert sizes(hub, live) == {Kind.LIVE_SESSION: 1, Kind.HOST: 1, Kind.MODERATORS: 1}
        pass_the_life_of_a_token(hub)
        assert await host.hears("auth.expired") == {}
        is_public = visibility == "public"
        assert sizes(hub, live) == {
            Kind.LIVE_SESSION: int(is_public),
            Kind.HOST: 0,
            Kind.MODERATORS: 0,
        }
        assert (await host.refusal("session.pause", live_session_id=live)).code == "auth.required"
        await host.call("auth.renew", token=signed_in)
        await host.call("session.join", live_session_id=live)
        assert sizes(hub, live) == {Kind.LIVE_SESSION: 1, Kind.HOST: 1, Kind.MODERATORS: 1}


async def test_orders_of_a_customer_are_not_told_to_a_connection_that_is_nobodys_any_more(
    shop: ShopUnderTest, redis_url: str
) -> None:
    customer = await shop.customer()
    async with hub_process(shop.db, redis_url) as hub, person(hub, token(customer)) as viewer:
        assert hub.gateway.size(Room(Kind.PERSON, customer)) == 1
        pass_the_life_of_a_token(hub)
        await viewer.hears("auth.expired")
        assert hub.gateway.size(Room(Kind.PERSON, customer)) == 0
