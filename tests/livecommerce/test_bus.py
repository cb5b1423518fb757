from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import orjson
import pytest
import redis as sync_redis
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.bus import (
    BusConfig,
    BusUnavailable,
    Redis,
    RemoteRefused,
    Said,
    Subscription,
)
from livecommerce.bus.subscription import Entry
from livecommerce.embedded import Valkey, choose_account, choose_place, find_valkey
from livecommerce.facts import KNOWN, Fact, Position
from tests.livecommerce.bus_process import LIVE, process, say


async def test_two_processes_hear_every_fact_in_the_same_order(redis_url: str) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        await b.join()
        await asyncio.gather(*(say((a, b)[n % 2], n) for n in range(100)))
        await a.has_heard(100)
        await b.has_heard(100)
        assert a.texts() == b.texts()
        assert sorted(a.texts()) == list(range(100))
        assert [fact.position.offset for fact in a.heard if fact.position] == list(range(1, 101))


async def test_same_publish_id_is_one_fact(redis_url: str) -> None:
    async with process(redis_url) as a:
        await a.join()
        first = await say(a, "once", "id-1")
        again = await say(a, "once", "id-1")
        last = await say(a, "end", "id-2")
        await a.has_heard(2)
        assert again == first
        assert last.offset == first.offset + 1
        assert a.texts() == ["once", "end"]


async def test_late_subscriber_hears_only_what_comes_after_its_position(redis_url: str) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        sent = await say(a, "before")
        position = await b.join()
        await say(a, "after")
        await b.has_heard(1)
        assert position == sent
        assert b.texts() == ["after"]


async def test_facts_said_while_the_subscription_was_cut_are_filled_in(redis_url: str) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        await a.join()
        await b.join()
        await say(a, 0)
        await b.has_heard(1)
        with sync_redis.Redis.from_url(redis_url) as admin:
            for n in range(1, 20):
                if n == 3:
                    admin.client_kill_filter(_type="pubsub")
                await say(a, n)
        await b.has_heard(20)
        await a.has_heard(20)
        assert b.texts() == list(range(20)) == a.texts()
        assert not b.resets


async def test_message_that_never_arrived_is_fetched_when_the_next_shows_the_hole(
    redis_url: str,
) -> None:
    async with process(redis_url) as a:
        await a.join()
        await say(a, "first")
        await a.has_heard(1)
        with sync_redis.Redis.from_url(redis_url) as admin:
            meta = f"bus:{{{LIVE}}}:meta"
            body = orjson.dumps({"n": "chat.posted", "d": {"text": "silent"}})
            former = cast(bytes, admin.hget(meta, "mark"))
            mark = hashlib.sha1(former + body).hexdigest()[:16]
            admin.hset(meta, mapping={"offset": 2, "mark": mark})
            admin.xadd(f"bus:{{{LIVE}}}:stream", {"e": body, "m": mark}, id="2-1")
        await say(a, "third")
        await a.has_heard(3)
        assert a.texts() == ["first", "silent", "third"]


async def test_lost_data_of_redis_resets_the_subscriber(redis_url: str) -> None:
    async with process(redis_url) as a:
        before = await a.join()
        await say(a, "gone")
        await a.has_heard(1)
        with sync_redis.Redis.from_url(redis_url) as admin:
            admin.flushall()
        await say(a, "new world")
        while not a.resets:
            await asyncio.sleep(0.002)
        after = await a.join()
        assert after.epoch != before.epoch
        assert after.offset == 1


async def test_hole_that_the_stream_no_longer_holds_resets_the_subscriber(redis_url: str) -> None:
    async with process(redis_url) as a:
        await a.join()
        await say(a, "heard")
        await a.has_heard(1)
        with sync_redis.Redis.from_url(redis_url) as admin:
            admin.hincrby(f"bus:{{{LIVE}}}:meta", "offset", 5)
        await say(a, "after the hole")
        while not a.resets:
            await asyncio.sleep(0.002)
        assert a.texts() == ["heard"]


async def test_history_gives_the_last_facts_oldest_first(redis_url: str) -> None:
    async with process(redis_url) as a:
        for n in range(5):
            await say(a, n)
        facts = await a.bus.history(LIVE, 3)
        assert [fact.data["text"] for fact in facts] == [2, 3, 4]
        assert await a.bus.history(UUID(int=7), 3) == []


async def test_transient_facts_are_heard_and_in_no_history(redis_url: str) -> None:
    async with process(redis_url) as a, process(redis_url) as b:
        await b.join()
        await a.bus.publish_transient(LIVE, "reactions.counted", {"text": 3})
        await b.has_heard(1)
        assert b.heard[0] == Fact("reactions.counted", {"text": 3}, None)
        assert await a.bus.history(LIVE, 10) == []


async def test_stream_keeps_about_as_many_facts_as_it_is_told(redis_url: str) -> None:
    async with process(redis_url, stream_max=100, socket_timeout_s=20.0) as a:
        await asyncio.gather(*(say(a, n) for n in range(500)))
        with sync_redis.Redis.from_url(redis_url) as admin:
            assert 100 <= admin.xlen(f"bus:{{{LIVE}}}:stream") <= 250


async def test_effect_is_sent_once_when_its_reply_is_lost(redis_url: str) -> None:
    """A server that takes the command and hangs up: the library must not send it again."""
    received: list[bytes] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        while b"EVALSHA" not in data:
            chunk = await reader.read(65536)
            if not chunk:
                break
            data += chunk
            if b"EVALSHA" not in data:
                writer.write(b"+OK\r\n" * chunk.count(b"*"))
        received.append(data)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    redis = Redis(BusConfig(f"redis://127.0.0.1:{port}"))
    with pytest.raises(BusUnavailable):
        await redis.effect("bus_open", ["a", "b"], ["e", 1])
    await redis.close()
    server.close()
    assert sum(data.count(b"EVALSHA") for data in received) == 1


@pytest.mark.parametrize("command", ["effect", "repeatable"])
async def test_cancelled_call_ends_in_whatever_moment_it_is_cancelled(
    redis_url: str, command: str
) -> None:
    redis = Redis(BusConfig(redis_url))

    async def call() -> None:
        if command == "effect":
            await redis.effect("media_lost", ["media:x"], ["nobody"])
        else:
            await redis.repeatable("SET", "x", "y")
        await asyncio.Event().wait()

    for steps in range(40):
        calling = asyncio.create_task(call())
        for _ in range(steps):
            await asyncio.sleep(0)
        calling.cancel()
        await asyncio.wait({calling}, timeout=10)
        assert calling.cancelled(), f"it went on after a cancellation at step {steps}"
    await redis.close()


async def test_silent_server_costs_one_timeout_not_a_minute() -> None:
    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    redis = Redis(BusConfig(f"redis://127.0.0.1:{port}", socket_timeout_s=0.05))
    async with asyncio.timeout(5):
        with pytest.raises(BusUnavailable):
            await redis.effect("bus_open", ["a", "b"], ["e", 1])
        with pytest.raises(BusUnavailable):
            await redis.repeatable("GET", "a")
    await redis.close()
    server.close()


async def test_call_is_answered_by_the_other_process(redis_url: str) -> None:
    async with process(redis_url) as hub, process(redis_url) as media:

        async def handler(method: str, params: dict[str, Any]) -> dict[str, Any]:
            return {"method": method, "twice": params["n"] * 2}

        ready = asyncio.Event()
        await media.rpc.serve("m1", handler, ready.set)
        await ready.wait()
        answers = await asyncio.gather(
            *(hub.rpc.call("m1", "double", {"n": n}, 5) for n in range(20))
        )
        assert [answer["twice"] for answer in answers] == [2 * n for n in range(20)]


async def test_refusal_of_the_other_process_arrives_as_one(redis_url: str) -> None:
    async with process(redis_url) as hub, process(redis_url) as media:

        async def handler(method: str, params: dict[str, Any]) -> dict[str, Any]:
            if method == "break":
                raise KeyError(method)
            raise RemoteRefused("media.full", "No room.", 5.0)

        ready = asyncio.Event()
        await media.rpc.serve("m1", handler, ready.set)
        await ready.wait()
        with pytest.raises(RemoteRefused) as refused:
            await hub.rpc.call("m1", "watch", {}, 5)
        assert (refused.value.code, refused.value.retry_after_s) == ("media.full", 5.0)
        with pytest.raises(RemoteRefused) as broken:
            await hub.rpc.call("m1", "break", {}, 5)
        assert broken.value.code == "service.unavailable"


async def test_call_to_nobody_fails_at_once(redis_url: str) -> None:
    async with process(redis_url) as hub:
        with pytest.raises(BusUnavailable, match="nobody"):
            await hub.rpc.call("m1", "watch", {}, 60)


async def test_call_without_a_reply_fails_after_its_time(redis_url: str) -> None:
    async with process(redis_url) as hub, process(redis_url) as media:
        release = asyncio.Event()

        async def handler(method: str, params: dict[str, Any]) -> dict[str, Any]:
            await release.wait()
            return {}

        ready = asyncio.Event()
        await media.rpc.serve("m1", handler, ready.set)
        await ready.wait()
        with pytest.raises(BusUnavailable, match="did not answer"):
            await hub.rpc.call("m1", "watch", {}, 0.05)
        release.set()


@given(st.lists(st.integers(min_value=1, max_value=12), max_size=40))
def test_any_arrival_order_is_delivered_gapless_once(arrivals: list[int]) -> None:
    """Holes are filled from a stream of 12 facts as soon as they are seen."""
    heard: list[int] = []
    subscription = Subscription(
        lambda fact: heard.append(fact.data["n"]), lambda: None, lambda position, is_away: None
    )
    body = {n: orjson.dumps({"n": "x", "d": {"n": n}}) for n in range(1, 13)}

    def mark(n: int) -> str:
        return f"m{n}" if n else ""

    subscription.start(Position("e", 0), "")
    for n in arrivals:
        if subscription.take(Entry(Position("e", n), mark(n - 1), mark(n), body[n])):
            last = subscription.last
            assert last is not None
            entries = [(k, mark(k), body[k]) for k in range(last.offset + 1, n + 1)]
            assert not subscription.fill("e", n, mark(last.offset), entries)
    assert heard == list(range(1, max(arrivals, default=0) + 1))


async def test_server_that_is_out_of_memory_is_unavailable(redis_url: str) -> None:
    with sync_redis.Redis.from_url(redis_url) as admin:
        async with process(redis_url) as one:
            await one.bus.append(LIVE, "n", {}, "1")
            admin.config_set("maxmemory", 1)
            try:
                with pytest.raises(BusUnavailable):
                    await one.bus.append(LIVE, "n", {}, "2")
                with pytest.raises(BusUnavailable):
                    await one.redis.repeatable("SET", "x", "1")
            finally:
                admin.config_set("maxmemory", 0)
            await one.bus.append(LIVE, "n", {}, "2")


async def test_while_redis_is_away_one_hears_oneself_and_the_others_later() -> None:
    program = find_valkey()
    assert program is not None
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    valkey = Valkey(choose_place(directory, choose_account(None)), program, durable=True)
    running = await valkey.start()
    try:
        async with process(valkey.url) as a, process(valkey.url) as b:
            start = await a.join()
            await b.join()
            await a.bus.say(LIVE, "chat.posted", {"text": "one"}, "p1")
            await a.has_heard(1)
            await b.has_heard(1)
            await valkey.stop(running)
            said = await a.bus.say(LIVE, "chat.posted", {"text": "two"}, "p2")
            here, is_new = said.position, said.is_new
            assert is_new
            assert await a.bus.say(LIVE, "chat.posted", {"text": "two"}, "p2") == Said(here, False)
            assert a.texts() == ["one", "two"]
            assert a.moves == [(Position(here.epoch, 0), True)]
            assert here.epoch != start.epoch
            running = await valkey.start()
            await b.has_heard(2)
            assert b.texts() == ["one", "two"]
            # It may have lost the latest, so nobody goes on under the former epoch.
            epoch, offset = a.moves[-1][0].epoch, a.moves[-1][0].offset
            assert (offset, a.moves[-1][1]) == (start.offset + 1, False)
            assert epoch not in (start.epoch, here.epoch)
            assert not a.resets
            assert not b.resets
            await a.has_heard(3)
            assert [fact.name for fact in a.heard] == ["chat.posted", "chat.posted", KNOWN]
    finally:
        await valkey.stop(running)
        shutil.rmtree(directory, ignore_errors=True)


async def test_who_serves_nobody_there_can_tell_nobody(redis_url: str) -> None:
    async with process(redis_url) as lonely:
        with pytest.raises(BusUnavailable):
            lonely.bus.tell_here(LIVE, "product.pinned", {}, "id")
