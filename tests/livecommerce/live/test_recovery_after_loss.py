"""Viewers of a Redis that lost the latest of what they heard: a snapshot, never a wrong rest."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
import redis as sync_redis

from livecommerce.bus import unsaid
from tests.livecommerce.live.hub_process import Person, hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


def _texts(who: Person) -> list[str]:
    return [
        message["text"]
        for name, payload in who.heard
        if name == "chat.posted"
        for message in payload["messages"]
    ]


async def _until(who: Person, text: str) -> None:
    async with asyncio.timeout(100):
        while text not in _texts(who):
            await asyncio.sleep(0.01)


async def _says(who: Person, live: UUID, *texts: str) -> None:
    for text in texts:
        await who.call("chat.send", live_session_id=live, id=new_id(), text=text)


async def test_lost_tail_gives_everybody_a_snapshot_or_all_of_it(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    host_token = token(influencer.user_id, "influencer")
    keys = f"bus:{{{live}}}:meta", f"bus:{{{live}}}:stream"
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, host_token) as host,
        person(hub) as stays,
    ):
        await host.call("session.join", live_session_id=live)
        await stays.call("session.join", live_session_id=live)
        await _says(host, live, "one")
        await _until(stays, "one")
        with sync_redis.Redis.from_url(redis_url, decode_responses=False) as admin:
            kept: list[Any] = [admin.dump(key) for key in keys]
            await _says(host, live, "two", "three")
            await _until(stays, "three")
            (*_, lost) = [payload for name, payload in stays.heard if name == "chat.posted"]
            for key, value in zip(keys, kept, strict=True):
                admin.restore(key, 0, value, replace=True)
        await _says(host, live, "four", "five", "six")
        # Whoever stayed is told to look again, and sees all: also what Redis has lost.
        await stays.hears("sync.gap")
        snapshot = await stays.call("session.join", live_session_id=live)
        position = {"epoch": lost["epoch"], "offset": lost["offset"]}
        assert snapshot["position"]["epoch"] != position["epoch"]
        shown = {each["text"] for each in snapshot["chat"]} | set(_texts(stays))
        assert {"one", "two", "three", "four", "five", "six"} <= shown
        async with hub_process(shop.db, redis_url) as other:
            for process in (hub, other):
                async with person(process) as back:
                    answer = await back.call(
                        "session.recover", live_session_id=live, position=position
                    )
                    assert answer["events"] == []
                    assert answer["snapshot"] is not None


async def test_what_nobody_can_tell_any_more_gives_everybody_a_snapshot(
    shop: ShopUnderTest, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaid, "BYTES_MAX", 1_000)
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    host_token = token(influencer.user_id, "influencer")
    async with (
        hub_process(shop.db, redis_url) as here,
        hub_process(shop.db, redis_url) as there,
        person(here, host_token) as host,
        person(there) as stranger,
    ):
        await host.call("session.join", live_session_id=live)
        before = (await stranger.call("session.join", live_session_id=live))["position"]
        with sync_redis.Redis.from_url(redis_url) as admin:
            admin.config_set("maxmemory", 1)
            try:
                await _says(host, live, *(f"away {n}" for n in range(10)))
            finally:
                admin.config_set("maxmemory", 0)
        await _until(stranger, "away 9")
        gap = await stranger.hears("sync.gap")
        assert gap["position"] is None
        assert "away 0" not in _texts(stranger)
        async with person(there) as back:
            answer = await back.call("session.recover", live_session_id=live, position=before)
            assert answer["snapshot"] is not None
