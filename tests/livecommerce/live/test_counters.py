"""What is counted arrives once, at the minute in which it happened, whatever is lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis as sync_redis
from prometheus_client import REGISTRY

from livecommerce import clock
from livecommerce.bus import BusConfig, BusUnavailable, Redis
from livecommerce.live import counters as module
from livecommerce.live.counter_flusher import CounterFlusher
from livecommerce.live.counters import CHAT, VISIT, Counters, batches_key, sources_key
from livecommerce.live.tally import Minute
from tests.shop.shop_under_test import ShopUnderTest


class Crash(BaseException):
    """Stands for kill -9."""


@dataclass
class Counting:
    shop: ShopUnderTest
    redis: Redis
    live: UUID
    product: UUID

    def counters(self, redis: Redis | None = None, **limits: int) -> Counters:
        return Counters(redis or self.redis, clock.uuid7, clock.epoch_s, **limits)

    def flusher(self) -> CounterFlusher:
        return CounterFlusher(self.redis, self.shop.db, clock.epoch_s)

    async def totals(self) -> tuple[int, int, int]:
        """Joins, peak and clicks as Postgres has them."""
        row = await self.shop.row(
            "select total_joins, peak_viewers, clicks from live_sessions l"
            " join live_session_products p on p.live_session_id = l.id where l.id = $1",
            self.live,
        )
        return row["total_joins"], row["peak_viewers"], row["clicks"]

    async def count(self, joins: int, peak: int, clicks: int) -> Counters:
        counters = self.counters()
        await self.more(counters, joins, peak, clicks)
        return counters

    async def more(self, counters: Counters, joins: int, peak: int, clicks: int) -> None:
        for _ in range(joins):
            counters.add_join(self.live)
        for _ in range(clicks):
            counters.add_click(self.live, self.product, clock.uuid7())
        counters.sample_viewers(self.live, peak)
        await counters.send()


@pytest.fixture
async def counting(shop: ShopUnderTest, redis_url: str) -> AsyncIterator[Counting]:
    redis = Redis(BusConfig(redis_url))
    product = await shop.product()
    live = await shop.live_session(await shop.influencer(), product)
    yield Counting(shop, redis, live, product.id)
    await redis.close()


async def test_counts_of_two_processes_add_up_and_peaks_do_not(counting: Counting) -> None:
    await counting.count(joins=2, peak=5, clicks=3)
    await counting.count(joins=1, peak=4, clicks=1)
    await counting.flusher().flush()
    assert await counting.totals() == (3, 5, 4)
    await counting.count(joins=1, peak=2, clicks=0)
    await counting.flusher().flush()
    assert await counting.totals() == (4, 5, 4)


async def test_flush_leaves_nothing_in_redis_and_flushing_nothing_changes_nothing(
    counting: Counting, redis_url: str
) -> None:
    await counting.count(joins=2, peak=1, clicks=1)
    for _ in range(3):
        await counting.flusher().flush()
    assert await counting.totals() == (2, 1, 1)
    with sync_redis.Redis.from_url(redis_url) as admin:
        assert not admin.exists(batches_key(counting.live))
        assert admin.hget(sources_key(counting.live), "bytes") == b"0"
        assert admin.ttl(sources_key(counting.live)) > 0


async def test_process_lets_go_of_a_batch_once_postgres_has_it(counting: Counting) -> None:
    counters = await counting.count(joins=1, peak=1, clicks=0)
    assert counters.held(counting.live) == 1
    await counting.flusher().flush()
    await counters.send()
    assert counters.held(counting.live) == 0


STEPS = ["_read", "_write", "_forget", "_forget_idle"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_flusher_that_dies_at_any_step_loses_and_doubles_nothing(
    counting: Counting, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counting.count(joins=3, peak=7, clicks=2)
    dying = counting.flusher()
    do = getattr(dying, step)

    async def die(*args: Any) -> Any:
        if when == "after":
            await do(*args)
        raise Crash

    monkeypatch.setattr(dying, step, die)
    with pytest.raises(Crash):
        await dying.flush()
    await counting.count(joins=1, peak=1, clicks=1)
    await counting.flusher().flush()
    assert await counting.totals() == (4, 7, 3)
    await counting.flusher().flush()
    assert await counting.totals() == (4, 7, 3)


async def test_flusher_that_dies_in_the_transaction_changes_nothing(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db import Transaction

    await counting.count(joins=3, peak=7, clicks=2)
    run = Transaction.run

    async def die_at_the_clicks(self: Transaction, query: Any, *args: object) -> int:
        if query.name == "counters.add_clicks":
            raise Crash
        return await run(self, query, *args)

    monkeypatch.setattr(Transaction, "run", die_at_the_clicks)
    with pytest.raises(Crash):
        await counting.flusher().flush()
    monkeypatch.undo()
    assert await counting.totals() == (0, 0, 0)
    await counting.flusher().flush()
    assert await counting.totals() == (3, 7, 2)


async def test_many_flushers_at_once_while_counting_are_exact(counting: Counting) -> None:
    async def flush_often() -> None:
        for _ in range(10):
            await counting.flusher().flush()

    async def count_often() -> None:
        counters = counting.counters()
        for _ in range(20):
            await counting.more(counters, joins=1, peak=1, clicks=2)

    await asyncio.gather(*(flush_often() for _ in range(4)), *(count_often() for _ in range(3)))
    await counting.flusher().flush()
    assert await counting.totals() == (60, 1, 120)


class LosesReplies(Redis):
    """Every second effect happens, but its reply does not come."""

    def __init__(self, config: BusConfig) -> None:
        super().__init__(config)
        self.lost = 0
        self._calls = 0

    async def effect(
        self, script: str, keys: Sequence[str], args: Sequence[str | bytes | int]
    ) -> Any:
        answer = await super().effect(script, keys, args)
        self._calls += 1
        if self._calls % 2:
            self.lost += 1
            raise BusUnavailable("the reply was lost")
        return answer


async def test_batch_whose_reply_was_lost_is_counted_once(
    counting: Counting, redis_url: str
) -> None:
    redis = LosesReplies(BusConfig(redis_url))
    counters = counting.counters(redis)
    for _ in range(10):
        counters.add_join(counting.live)
        await counters.send()
    await counters.send()
    await counters.send()
    await redis.close()
    with sync_redis.Redis.from_url(redis_url) as admin:
        assert admin.llen(batches_key(counting.live)) == counters.held(counting.live)
    await counting.flusher().flush()
    assert redis.lost >= 4
    assert (await counting.totals())[0] == 10


async def test_redis_that_lost_everything_is_told_again_what_postgres_does_not_have(
    counting: Counting, redis_url: str
) -> None:
    counters = await counting.count(joins=1, peak=1, clicks=1)
    await counting.flusher().flush()
    await counting.more(counters, joins=2, peak=1, clicks=2)
    await counting.more(counters, joins=4, peak=1, clicks=4)
    with sync_redis.Redis.from_url(redis_url) as admin:
        admin.flushall()
    await counting.more(counters, joins=8, peak=1, clicks=8)
    await counting.flusher().flush()
    assert await counting.totals() == (15, 1, 15)


async def test_redis_that_went_back_in_time_does_not_make_anything_count_twice(
    counting: Counting, redis_url: str
) -> None:
    counters = await counting.count(joins=1, peak=1, clicks=1)
    with sync_redis.Redis.from_url(redis_url) as admin:
        before = {key: admin.dump(key) for key in admin.scan_iter("counting:*")}
        await counting.more(counters, joins=2, peak=1, clicks=2)
        await counting.flusher().flush()
        admin.flushall()
        for key, value in before.items():
            admin.restore(key, 0, value)
    await counting.more(counters, joins=4, peak=1, clicks=4)
    await counting.flusher().flush()
    await counters.send()
    await counting.flusher().flush()
    assert await counting.totals() == (7, 1, 7)
    assert counters.held(counting.live) == 0


async def test_redis_that_takes_in_no_more_leaves_the_counts_with_their_process(
    counting: Counting,
) -> None:
    counters = counting.counters(waiting_bytes_max=10)
    for _ in range(5):
        await counting.more(counters, joins=1, peak=1, clicks=0)
    assert counters.held(counting.live) == 2  # One is there, one waits, the rest is in neither.
    await counting.flusher().flush()
    assert (await counting.totals())[0] == 1
    for _ in range(2):
        await counters.send()
        await counting.flusher().flush()
    assert (await counting.totals())[0] == 5


async def test_a_live_session_that_cannot_be_flushed_stops_no_other(
    counting: Counting, redis_url: str
) -> None:
    broken = uuid4()
    with sync_redis.Redis.from_url(redis_url) as admin:
        admin.zadd(module.INDEX, {str(broken): 0})
        admin.rpush(batches_key(broken), f"{uuid4()}|1||no JSON")
        await counting.count(joins=1, peak=1, clicks=0)
        await counting.flusher().flush()
        assert admin.zscore(module.INDEX, str(broken)) == 0
        assert admin.llen(batches_key(broken)) == 1
    assert (await counting.totals())[0] == 1


def chat_record(**more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "user_id": str(uuid4()),
        "username": "Asha",
        "message": "Hello",
        "sent_at": datetime.now(UTC).isoformat(),
    } | more


def refused_records() -> float:
    return REGISTRY.get_sample_value("livecommerce_counting_refused_total", {"kind": "chat"}) or 0


@pytest.mark.parametrize(
    "broken",
    [
        {"message": "a" * 2001},
        {"username": "a" * 101},
        {"sent_at": "1999-01-01T00:00:00+00:00"},
    ],
    ids=["too long", "name too long", "of a month that is not kept"],
)
async def test_record_that_postgres_refuses_is_counted_and_holds_up_no_other(
    counting: Counting, broken: dict[str, Any]
) -> None:
    refused, counters = refused_records(), counting.counters()
    for more in ({}, {}, broken, {}, {}):
        counters.keep(counting.live, CHAT, chat_record(**more))
    await counting.more(counters, joins=1, peak=1, clicks=1)
    for _ in range(2):
        await counting.flusher().flush()
        await counters.send()
    assert await counting.shop.sql.fetchval("select count(*) from live_session_chat") == 4
    assert await counting.totals() == (1, 1, 1)
    assert refused_records() == refused + 1
    assert counters.held(counting.live) == 0


async def test_reactions_are_kept_by_their_kind(counting: Counting) -> None:
    for kinds in ({"heart": 3, "fire": 1}, {"heart": 4}):
        counters = counting.counters()
        for kind, count in kinds.items():
            counters.add_reactions(counting.live, kind, count)
        await counters.send()
        await counting.flusher().flush()
    await counting.flusher().flush()
    rows = await counting.shop.sql.fetch("select kind, total from private.live_session_reactions")
    assert dict(map(tuple, rows)) == {"heart": 7, "fire": 1}
    assert (
        await counting.shop.sql.fetchval(
            "select total_reactions from live_sessions where id = $1", counting.live
        )
        == 8
    )


def test_counts_of_a_process_that_knows_no_kinds_are_read() -> None:
    minute, other = Minute(), Minute()
    minute.react("heart", 2)
    written = minute.written()
    del written["kinds"]
    other.absorb(written)
    assert (other.reactions, other.kinds) == (2, {})


async def test_tap_that_is_sent_again_is_counted_once(counting: Counting) -> None:
    counters = counting.counters()
    tap = clock.uuid7()
    for _ in range(5):
        counters.add_click(counting.live, counting.product, tap)
    counters.add_click(counting.live, counting.product, clock.uuid7())
    await counters.send()
    await counting.flusher().flush()
    assert (await counting.totals())[2] == 2


async def test_a_hundred_thousand_taps_while_they_are_sent_and_flushed_are_exact(
    counting: Counting,
) -> None:
    counters, taps = counting.counters(), [UUID(int=number) for number in range(100_000)]
    sending = asyncio.create_task(asyncio.sleep(0))
    for at in range(0, len(taps), 5_000):
        for tap in taps[at : at + 5_000]:
            counters.add_click(counting.live, counting.product, tap)
        for tap in taps[at : at + 5_000 : 20]:  # As after a lost answer.
            counters.add_click(counting.live, counting.product, tap)
        await sending
        sending = asyncio.create_task(counters.send())
        await counting.flusher().flush()
    await sending
    await counters.send()
    await counting.flusher().flush()
    assert (await counting.totals())[2] == 100_000


async def test_tap_that_is_repeated_to_another_process_is_counted_once(
    counting: Counting,
) -> None:
    one, two = counting.counters(), counting.counters()
    taps = [clock.uuid7() for _ in range(5)]
    for tap in taps:
        one.add_click(counting.live, counting.product, tap)
    one.add_to_cart(counting.live, counting.product, clock.uuid7())
    for tap in (*taps[1:3], clock.uuid7()):
        two.add_click(counting.live, counting.product, tap)
    for counters in (one, two):
        await counters.send()
    two.add_click(counting.live, counting.product, taps[0])
    await two.send()
    await counting.flusher().flush()
    assert (await counting.totals())[2] == 6
    way = await counting.shop.row(
        "select sum(clicked)::integer as clicked, sum(added_to_cart)::integer as added_to_cart"
        " from private.product_minutes"
    )
    assert way == {"clicked": 6, "added_to_cart": 1}


async def test_more_records_than_a_batch_holds_all_arrive(counting: Counting) -> None:
    counters = counting.counters()
    for _ in range(1_203):
        visit = {"id": str(uuid4()), "viewer_type": "anonymous", "is_returning": False}
        deeds = dict.fromkeys(
            ("messages_sent", "reactions_sent", "products_clicked", "orders_placed"), 0
        )
        times = {"joined_at": clock.now().isoformat(), "left_at": None, "user_id": None}
        counters.keep(counting.live, VISIT, visit | deeds | times)
    await counters.send()
    await counting.flusher().flush()
    assert await counting.shop.count("live_session_viewers") == 1_203


async def test_records_beyond_the_limit_are_dropped_until_some_were_sent(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RECORDS_MAX", 3)
    counters = counting.counters()
    for number in range(5):
        counters.keep(counting.live, "other", {"id": str(number)})
    counters.keep(counting.live, "other", {"id": "0", "is_later": True})
    assert list(counters.tally(counting.live).records["other"]) == ["0", "1", "2"]
    await counters.send()
    counters.keep(counting.live, "other", {"id": "5"})
    assert list(counters.tally(counting.live).records["other"]) == ["5"]


async def test_counts_belong_to_the_minute_in_which_they_happened(counting: Counting) -> None:
    at = datetime(2026, 5, 4, 12, 30, 59, tzinfo=UTC)
    seconds = [at.timestamp()]
    counters = Counters(counting.redis, clock.uuid7, lambda: seconds[0])
    counters.add_join(counting.live)
    counters.sample_viewers(counting.live, 3)
    counters.add_click(counting.live, counting.product, clock.uuid7())
    counters.add_shown(counting.live, counting.product, 3)
    counters.add_watch_time(counting.live, int(seconds[0]) // 60, 1_500)
    seconds[0] += 2
    counters.add_join(counting.live)
    counters.sample_viewers(counting.live, 5)
    counters.sample_viewers(counting.live, 6)
    counters.add_to_cart(counting.live, counting.product, clock.uuid7())
    await counters.send()
    await counting.flusher().flush()
    rows = await counting.shop.sql.fetch(
        "select period_start, viewers_joined, peak_concurrent_viewers as peak,"
        " average_concurrent_viewers::float as average, products_clicked as clicked, watch_time_ms"
        " from live_session_analytics order by period_type desc, period_start"
    )
    first, second = (
        datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
        datetime(2026, 5, 4, 12, 31, tzinfo=UTC),
    )
    assert [tuple(row) for row in rows] == [
        (first, 1, 3, 3.0, 1, 1_500),
        (second, 1, 6, 5.5, 0, 0),
        # India's hours begin at half past.
        (first, 2, 6, 4.67, 1, 1_500),
        (datetime(2026, 5, 3, 18, 30, tzinfo=UTC), 2, 6, 4.67, 1, 1_500),
    ]
    ways = await counting.shop.sql.fetch(
        "select minute, shown, clicked, added_to_cart from private.product_minutes order by minute"
    )
    assert [tuple(row) for row in ways] == [(first, 3, 1, 0), (second, 0, 0, 1)]


async def test_viewers_who_come_again_are_one_whatever_process_they_come_to(
    counting: Counting,
) -> None:
    one, two = counting.counters(), counting.counters()
    for viewer in range(5):
        one.see(counting.live, bytes([viewer]))
        two.see(counting.live, bytes([viewer, 1]))
        two.see(counting.live, bytes([viewer]))
    await one.send()
    await two.send()
    await counting.flusher().flush()
    unique = "select total_unique_viewers from live_sessions where id = $1"
    assert (await counting.shop.row(unique, counting.live))["total_unique_viewers"] == 10


async def test_a_product_that_was_taken_out_meanwhile_is_left_out(counting: Counting) -> None:
    counters = counting.counters()
    counters.add_click(counting.live, uuid4(), clock.uuid7())
    counters.add_click(counting.live, counting.product, clock.uuid7())
    await counters.send()
    await counting.flusher().flush()
    assert (await counting.totals())[2] == 1
    assert await counting.shop.count("private.product_minutes") == 1
