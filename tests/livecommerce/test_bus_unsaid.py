"""What was said while Redis was away: bounded, and known again by its publish id."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
import redis as sync_redis
from prometheus_client import REGISTRY

from livecommerce.bus import session, unsaid
from livecommerce.bus.unsaid import Unsaid
from livecommerce.facts import HOLE, KNOWN, Position
from tests.livecommerce.bus_process import LIVE, Process, process

HERE = Position("here", 1)


def waiting(keep_s: float = 600) -> Unsaid:
    numbers = itertools.count()
    return Unsaid(keep_s, lambda: f"hole{next(numbers)}")


def add(these: Unsaid, *numbers: int, at_s: float = 0.0) -> None:
    for n in numbers:
        these.add(f"p{n}", "chat.posted", {"text": n}, HERE, at_s)


def ids(these: Unsaid) -> list[str]:
    return [publish_id for publish_id, _ in these.waiting()]


def counted(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


def test_beyond_its_bytes_the_oldest_are_given_up_and_a_hole_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unsaid, "BYTES_MAX", 25)
    given_up = counted("livecommerce_bus_given_up_total")
    these = waiting()
    add(these, 1, 2)
    assert (ids(these), these.hole) == (["p1", "p2"], None)
    add(these, 3)
    assert (ids(these), these.hole) == (["p2", "p3"], "hole0")
    assert counted("livecommerce_bus_given_up_total") == given_up + 1
    add(these, 4)
    assert these.hole == "hole0"


def test_what_is_older_than_redis_remembers_ids_is_given_up() -> None:
    these = waiting(keep_s=10)
    add(these, 1, at_s=0)
    add(these, 2, at_s=5)
    these.give_up(11)
    assert (ids(these), these.hole) == (["p2"], "hole0")


def test_bytes_that_wait_are_counted_and_gone_when_they_are_said() -> None:
    before = counted("livecommerce_bus_unsaid_bytes")
    these = waiting()
    add(these, 1, 2)
    assert counted("livecommerce_bus_unsaid_bytes") == before + 20
    these.remove("p1")
    these.remove("p1")
    these.remove("p2")
    assert counted("livecommerce_bus_unsaid_bytes") == before
    assert not these


def test_hole_of_which_the_others_know_is_not_that_of_what_is_given_up_later() -> None:
    these = waiting(keep_s=10)
    add(these, 1)
    these.give_up(11)
    these.fill_hole("hole0")
    add(these, 2, at_s=12)
    these.give_up(30)
    assert these.hole == "hole1"
    these.fill_hole("hole0")
    assert these.hole == "hole1"


class Away:
    """Redis takes nothing in while it is full; what is read from it is as before."""

    def __init__(self, url: str) -> None:
        self._url = url

    def begin(self) -> None:
        self._set(1)

    def end(self) -> None:
        self._set(0)

    def _set(self, bytes_: int) -> None:
        with sync_redis.Redis.from_url(self._url) as admin:
            admin.config_set("maxmemory", bytes_)


async def until(what: Any) -> None:
    async with asyncio.timeout(100):
        while not what():
            await asyncio.sleep(0.005)


async def say_away(who: Process, numbers: range) -> None:
    for n in numbers:
        await who.bus.say(LIVE, "chat.posted", {"text": n}, f"p{n}")


async def test_more_than_any_room_remembers_comes_again_and_nobody_hears_it_twice(
    redis_url: str,
) -> None:
    away = Away(redis_url)
    async with process(redis_url) as a, process(redis_url) as b:
        start = await a.join()
        await b.join()
        away.begin()
        try:
            await say_away(a, range(700))
            assert a.texts() == list(range(700))
            assert b.texts() == []
        finally:
            away.end()
        await until(lambda: len(b.heard) == 700)
        assert b.texts() == list(range(700))
        await until(lambda: len(a.heard) == 1400)
        assert a.texts() == list(range(700))
        assert {fact.name for fact in a.heard[700:]} == {KNOWN}
        assert not a.resets
        # A place of before does not stand for what was heard here meanwhile, too.
        back, is_degraded = a.moves[-1]
        assert (back.offset, is_degraded) == (start.offset, False)
        assert back.epoch != start.epoch


async def test_what_is_given_up_is_told_to_the_others_as_a_hole_before_the_rest(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaid, "BYTES_MAX", 100)
    away = Away(redis_url)
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        await b.join()
        away.begin()
        try:
            await say_away(a, range(30))
        finally:
            away.end()
        await until(lambda: b.heard and b.heard[-1].data.get("text") == 29)
        assert b.heard[0].name == HOLE
        assert [fact.data["text"] for fact in b.heard[1:]] == list(range(21, 30))


async def test_what_postgres_told_here_and_the_bus_tells_again_is_told_once(
    redis_url: str,
) -> None:
    async with process(redis_url) as a:
        await a.join()
        a.bus.tell_here(LIVE, "chat.deleted", {"text": "gone"}, "outbox:7", 7)
        await a.bus.append(LIVE, "chat.deleted", {"text": "gone"}, "outbox:7", 7)
        await a.bus.append(LIVE, "chat.posted", {"text": "after"}, "p1")
        await until(lambda: len(a.heard) == 3)
        assert [fact.name for fact in a.heard] == ["chat.deleted", KNOWN, "chat.posted"]


async def test_what_was_said_without_redis_is_heard_elsewhere_before_what_is_said_with_it(
    redis_url: str,
) -> None:
    away = Away(redis_url)
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        await b.join()
        away.begin()
        try:
            await say_away(a, range(50))
        finally:
            away.end()
        a.bus._away_until_s = 0.0
        said = await asyncio.gather(
            *(a.bus.say(LIVE, "chat.posted", {"text": n}, f"p{n}") for n in (50, 51, 7))
        )
        await until(lambda: len(b.heard) == 52)
        assert b.texts()[:50] == list(range(50))
        assert sorted(b.texts()) == list(range(52))
        assert [each.is_new for each in said] == [True, True, False]


async def test_room_that_was_lost_while_redis_was_asked_hears_nothing_any_more(
    redis_url: str,
) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        subscription = a.bus._subscriptions[LIVE]
        await a.listener.forget(f"bus:{{{LIVE}}}")
        await b.bus.append(LIVE, "chat.posted", {"text": 1}, "p1")
        a.bus.compare(LIVE)
        filling = subscription.filling
        assert filling is not None
        subscription.lose()
        await filling
        assert a.heard == []


async def test_who_waits_for_a_turn_while_redis_goes_away_does_not_wait_for_it_too(
    redis_url: str,
) -> None:
    away = Away(redis_url)
    async with process(redis_url) as a:
        await a.join()
        away.begin()
        try:
            await say_away(a, range(2))
            filling = a.bus._subscriptions[LIVE].filling
            assert filling is not None
            filling.cancel()  # It would find out that Redis is back.
            await asyncio.wait([filling])
            a.bus._away_until_s = 0.0
            async with a.bus._unsaid[LIVE].turn:
                saying = asyncio.create_task(a.bus.say(LIVE, "chat.posted", {"text": 2}, "p2"))
                await asyncio.sleep(0)
                a.bus._away_until_s = asyncio.get_running_loop().time() + 100
                away.end()
            epochs = {position.epoch for position, is_degraded in a.moves if is_degraded}
            assert (await saying).position.epoch in epochs
        finally:
            away.end()
            a.bus._away_until_s = 0.0


async def test_what_was_promised_is_said_though_nobody_is_there_any_more(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_COMPARE_EVERY_S", 0.01)
    away = Away(redis_url)
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        await b.join()
        away.begin()
        try:
            await say_away(a, range(3))
            await a.bus.unsubscribe(LIVE)
        finally:
            away.end()
        a.bus._away_until_s = 0.0
        running = asyncio.create_task(a.bus.run())
        try:
            await until(lambda: len(b.heard) == 3)
        finally:
            running.cancel()
        assert b.texts() == [0, 1, 2]
