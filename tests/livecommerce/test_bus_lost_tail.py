"""A Redis that has lost the latest of what was told: it was killed, or a replica took over."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import redis as sync_redis

from livecommerce.bus.subscription import Entry, Subscription
from livecommerce.embedded import Valkey, choose_account, choose_place, find_valkey
from livecommerce.facts import Fact, Position
from tests.livecommerce.bus_process import LIVE, Process, process, say

KEYS = f"bus:{{{LIVE}}}:meta", f"bus:{{{LIVE}}}:stream"


class Tail:
    """What Redis holds now; `lose` takes it back there, as a replica that lagged behind would."""

    def __init__(self, url: str) -> None:
        self._url = url
        with sync_redis.Redis.from_url(url) as admin:
            self._kept = [cast(bytes, admin.dump(key)) for key in KEYS]

    def lose(self) -> None:
        with sync_redis.Redis.from_url(self._url) as admin:
            for key, value in zip(KEYS, self._kept, strict=True):
                admin.restore(key, 0, value, replace=True)


async def until(what: Any) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.002)


def offsets(who: Process) -> list[int]:
    return [fact.position.offset for fact in who.heard if fact.position is not None]


async def test_who_told_what_is_lost_starts_over_when_its_number_is_given_again(
    redis_url: str,
) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        start = await a.join()
        await say(a, "one")
        tail = Tail(redis_url)
        await say(a, "two")
        await a.has_heard(2)
        tail.lose()
        await b.join()
        assert offsets(a) == [1, 2]
        await say(b, "other two")
        await until(lambda: a.resets)
        await b.has_heard(1)
        assert a.texts() == ["one", "two"]
        again = await a.join()
        assert again.epoch != start.epoch
        # Who has heard only what Redis holds goes on and misses nothing.
        await say(a, "three")
        await b.has_heard(2)
        assert b.texts() == ["other two", "three"]
        assert not b.resets
        assert b.moves == [(Position(again.epoch, 2), False)]


async def test_number_that_was_passed_while_nobody_listened_is_not_taken_for_the_same(
    redis_url: str,
) -> None:
    """The subscription is interrupted, and the others have said more than was lost meanwhile."""
    async with process(redis_url) as a, process(redis_url) as b:
        start = await a.join()
        await say(a, "one")
        tail = Tail(redis_url)
        for text in ("two", "three"):
            await say(a, text)
        await a.has_heard(3)
        tail.lose()
        await a.listener.forget(f"bus:{{{LIVE}}}")
        for text in ("other two", "other three", "other four"):
            await say(b, text)
        assert a.texts() == ["one", "two", "three"]
        a.bus.compare(LIVE)
        await until(lambda: a.resets)
        assert a.texts() == ["one", "two", "three"]
        assert (await a.join()).epoch != start.epoch


async def test_after_the_loss_nobody_is_told_what_came_after_a_lost_position(
    redis_url: str,
) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        await say(a, "one")
        tail = Tail(redis_url)
        lost = await say(a, "two")
        await a.has_heard(2)
        tail.lose()
        await say(b, "other two")
        top = await say(b, "other three")
        await until(lambda: a.resets)
        assert await b.bus.between(LIVE, lost, top) is None


class Crashing:
    """A Valkey of one's own of which the disk may lack the latest."""

    def __init__(self, directory: Path) -> None:
        program = find_valkey()
        assert program is not None
        place = choose_place(directory, choose_account(None))
        self.valkey = Valkey(place, program, durable=True)
        self._data = place.home / "valkey"
        self._written: dict[Path, int] = {}
        self._running: Any = None

    async def start(self) -> None:
        self._running = await self.valkey.start()

    def keep(self) -> None:
        """All that was said until now is on the disk."""
        with sync_redis.Redis.from_url(self.valkey.url) as admin:
            admin.config_set("appendfsync", "always")
            admin.set("written", "all before this")
        self._written = {path: path.stat().st_size for path in self._data.rglob("*.aof")}

    async def crash(self) -> None:
        """What was said since never came there."""
        await self._running.stop(gently=signal.SIGKILL, grace_s=5)
        for path, size in self._written.items():
            os.truncate(path, size)

    async def stop(self) -> None:
        await self.valkey.stop(self._running)


@pytest.fixture
async def crashing() -> AsyncIterator[Crashing]:
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    server = Crashing(directory)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory, ignore_errors=True)


async def test_nobody_who_knew_is_left_and_yet_no_lost_position_is_taken_for_another(
    crashing: Crashing,
) -> None:
    async with process(crashing.valkey.url) as a:
        await a.join()
        await say(a, "one")
        crashing.keep()
        lost = await say(a, "two")
    await crashing.crash()
    await crashing.start()
    async with process(crashing.valkey.url) as b:
        position = await b.join()
        assert (position.epoch != lost.epoch, position.offset) == (True, 1)
        await say(b, "other two")
        top = await say(b, "other three")
        assert await b.bus.between(LIVE, lost, Position(lost.epoch, top.offset)) is None


async def test_server_that_was_started_again_and_lost_nothing_costs_nobody_a_snapshot(
    crashing: Crashing,
) -> None:
    async with process(crashing.valkey.url) as a, process(crashing.valkey.url) as b:
        start = await a.join()
        await b.join()
        await say(a, "one")
        await a.has_heard(1)
        await b.has_heard(1)
        crashing.keep()
        await crashing.crash()
        await crashing.start()
        await until(lambda: a.moves and b.moves)
        await say(b, "two")
        await a.has_heard(2)
        await b.has_heard(2)
        assert a.texts() == b.texts() == ["one", "two"]
        assert not a.resets
        assert not b.resets
        assert a.moves == b.moves
        assert a.moves[0][0].epoch != start.epoch


async def test_message_that_is_still_on_its_way_twice_is_told_once_and_asks_for_nothing() -> None:
    heard: list[Fact] = []
    subscription = Subscription(heard.append, lambda: None, lambda position, is_degraded: None)
    subscription.start(Position("e", 0), "")
    entry = Entry(Position("e", 1), "", "m1", b'{"n":"x","d":{}}')
    assert not subscription.take(entry)
    assert not subscription.take(entry)
    assert len(heard) == 1
