"""Coming back: what was missed, in order and once, or a snapshot."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest
import redis as sync_redis
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.facts import Position
from livecommerce.live import recovery
from livecommerce.live.recovery import KEPT_S, Past, Recovery
from signaling import chat_payloads as chat
from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest

START = Position("e", 10)


def at(offset: int, epoch: str = "e") -> Position:
    return Position(epoch, offset)


def step(
    offset: int, *, at_s: float = 0.0, epoch: str = "e", for_moderators: bool = False, size: int = 0
) -> Past:
    event = orjson.dumps({"name": "n", "payload": {"offset": offset, "fill": "x" * size}})
    return Past(at(offset, epoch), at_s, event, for_moderators, message(offset))


def message(offset: int) -> chat.ChatMessage:
    return chat.ChatMessage(
        id=UUID(int=offset),
        text="hello",
        name="Asha",
        role="customer",
        is_host=False,
        sent_at_ms=0,
        author_id=UUID(int=offset % 3),
    )


def filled(*offsets: int, **options: Any) -> Recovery:
    past = Recovery(START)
    for offset in offsets:
        past.add(step(offset, **options))
    return past


def offsets(page: recovery.Page | None) -> list[int] | None:
    if page is None:
        return None
    return [event["payload"]["offset"] for event in orjson.loads(page.events)]


def test_what_came_after_is_told_and_where_it_leads() -> None:
    past = filled(11, 12, 13)
    page = past.since(at(11), for_moderator=False)
    assert page is not None
    assert (offsets(page), page.position, page.is_complete) == ([12, 13], at(13), True)
    assert offsets(past.since(START, for_moderator=False)) == [11, 12, 13]
    assert offsets(past.since(at(13), for_moderator=False)) == []


@pytest.mark.parametrize("stranger", [at(9), at(14), at(12, "other")])
def test_from_a_place_that_is_not_known_nothing_is_told(stranger: Position) -> None:
    assert filled(11, 12, 13).since(stranger, for_moderator=False) is None


def test_what_only_moderators_hear_leads_the_others_on_without_a_word() -> None:
    past = filled(11)
    past.add(step(12, for_moderators=True))
    page = past.since(START, for_moderator=False)
    assert page is not None
    assert (offsets(page), page.position) == ([11], at(12))
    assert offsets(past.since(START, for_moderator=True)) == [11, 12]


def test_a_long_absence_is_told_in_pages_without_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PAGE_BYTES", 1_000)
    past = filled(*range(11, 41), size=100)
    position, told, pages = START, [], 0
    while True:
        page = past.since(position, for_moderator=False)
        assert page is not None
        told += offsets(page) or []
        position, pages = page.position, pages + 1
        if page.is_complete:
            break
    assert told == list(range(11, 41))
    assert pages > 3


def test_message_longer_than_a_page_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PAGE_BYTES", 10)
    page = filled(11, 12).since(START, for_moderator=False)
    assert page is not None
    assert (offsets(page), page.is_complete) == ([11], False)


def test_what_is_too_old_is_forgotten_and_not_asked_for() -> None:
    past = filled(11, 12)
    past.add(step(13, at_s=KEPT_S + 1))
    assert past.since(at(11), for_moderator=False) is None
    assert offsets(past.since(at(12), for_moderator=False)) == [13]
    assert past.is_all


def test_more_than_is_kept_is_forgotten_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "KEPT_MAX", 3)
    past = filled(*range(11, 21))
    assert past.start == at(17)
    assert len(past._numbers) == 4


def test_what_was_read_from_the_stream_goes_before() -> None:
    past = filled(11, 12)
    past.prepend(at(8), [step(9), step(10)])
    assert offsets(past.since(at(8), for_moderator=False)) == [9, 10, 11, 12]
    assert offsets(past.since(at(9), for_moderator=False)) == [10, 11, 12]
    assert offsets(past.since(START, for_moderator=False)) == [11, 12]


def test_message_that_is_gone_is_told_to_nobody_who_comes_back() -> None:
    past = filled(11, 12, 13)
    assert offsets(past.since(START, for_moderator=False)) == [11, 12, 13]
    past.take_back(lambda each: each.id == UUID(int=12))
    assert offsets(past.since(START, for_moderator=False)) == [11, 13]
    past.prepend(at(8), [step(9), step(10)])
    past.take_back(lambda each: each.author_id == UUID(int=0))
    assert offsets(past.since(at(8), for_moderator=False)) == [10, 11, 13]


def test_whoever_stood_where_the_bus_broke_hears_what_was_said_without_it() -> None:
    past = filled(11)
    past.add(step(0, epoch="here"))
    past.add(step(1, epoch="here"))
    past.add(step(11))
    past.add(step(12))
    assert offsets(past.since(at(11), for_moderator=False)) == [0, 1, 11, 12]
    assert offsets(past.since(at(1, "here"), for_moderator=False)) == [11, 12]


def test_who_was_elsewhere_when_something_was_told_here_only_gets_no_part_of_it() -> None:
    past = filled(11)
    for offset in (0, 1):
        past.add(step(offset, epoch="here"))
    past.add(step(11, epoch="e1"))
    known = replace(step(12, epoch="e1"), event=b"", told_at=at(1, "here"))
    past.add(known)
    past.add(step(13, epoch="e1"))
    assert past.since(at(11, "e1"), for_moderator=False) is None
    assert offsets(past.since(at(12, "e1"), for_moderator=False)) == [13]
    # Who stood before it, or has heard it here, is told the rest.
    assert offsets(past.since(at(11), for_moderator=False)) == [0, 1, 11, 13]
    assert offsets(past.since(at(1, "here"), for_moderator=False)) == [11, 13]


def test_what_the_bus_did_not_know_is_not_asked_for_again() -> None:
    past = filled(11)
    past.give_up(at(5))
    past.give_up(at(3))
    assert [past.may_reach(at(offset)) for offset in (3, 5, 6)] == [False, False, True]


@given(st.lists(st.floats(0, 60), max_size=80), st.integers(0, 80))
def test_from_every_known_place_exactly_the_rest_is_told(pauses: list[float], back: int) -> None:
    past, now_s = Recovery(START), 0.0
    for number, pause in enumerate(pauses):
        now_s += pause
        past.add(step(11 + number, at_s=now_s))
    top = START.offset + len(pauses)
    position = at(max(START.offset, top - back))
    told = offsets(past.since(position, for_moderator=False))
    if position.offset >= past.start.offset:
        assert told == list(range(position.offset + 1, top + 1))
    else:
        assert told is None


# ---- over the wire


async def _says(who: Any, live: UUID, *texts: str) -> None:
    for text in texts:
        await who.call("chat.send", live_session_id=live, id=new_id(), text=text)


def _texts(events: list[dict[str, Any]]) -> list[str]:
    return [
        message["text"]
        for event in events
        if event["name"] == "chat.posted"
        for message in event["payload"]["messages"]
    ]


async def test_who_comes_back_to_another_process_hears_what_was_missed_and_goes_on(
    shop: ShopUnderTest, redis_url: str
) -> None:
    product = await shop.product()
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, product)
    asha = token(await shop.customer())
    host_token = token(influencer.user_id, "influencer")
    async with hub_process(shop.db, redis_url) as first, person(first, host_token) as host:
        async with person(first, asha) as viewer:
            position = (await viewer.call("session.join", live_session_id=live))["position"]
        await host.call("session.join", live_session_id=live)
        await _says(host, live, "one", "two")
        await host.call("product.pin", live_session_id=live, product_id=product.id)
        await host.hears("product.pinned")
        # A process that has never heard of the live session: it reads the stream.
        async with hub_process(shop.db, redis_url) as second, person(second, asha) as back:
            answer = await back.call("session.recover", live_session_id=live, position=position)
            assert answer["snapshot"] is None
            assert answer["is_complete"]
            assert [event["name"] for event in answer["events"]] == [
                "chat.posted", "chat.posted", "product.pinned",
            ]  # fmt: skip
            assert _texts(answer["events"]) == ["one", "two"]
            places = [event["payload"]["offset"] for event in answer["events"]]
            assert places == list(range(position["offset"] + 1, answer["position"]["offset"] + 1))
            await _says(host, live, "three")
            heard = await back.hears("chat.posted")
            assert [each["text"] for each in heard["messages"]] == ["three"]


async def test_what_the_stream_no_longer_holds_is_asked_for_once(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    host_token = token(influencer.user_id, "influencer")
    async with hub_process(shop.db, redis_url) as first, person(first, host_token) as host:
        position = (await host.call("session.join", live_session_id=live))["position"]
        await _says(host, live, "one", "two")
        with sync_redis.Redis.from_url(redis_url) as admin:
            admin.xtrim(f"bus:{{{live}}}:stream", maxlen=1, approximate=False)
        async with hub_process(shop.db, redis_url) as second, person(second) as back:
            room = await second.rooms.open(live)
            assert room.recovery.may_reach(Position(**position))
            answer = await back.call("session.recover", live_session_id=live, position=position)
            assert answer["snapshot"] is not None
            assert not room.recovery.may_reach(Position(**position))


async def test_deleted_message_is_not_told_to_who_comes_back(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, await shop.product())
    host_token = token(influencer.user_id, "influencer")
    async with hub_process(shop.db, redis_url) as hub, person(hub, host_token) as host:
        position = (await host.call("session.join", live_session_id=live))["position"]
        gone = new_id()
        await host.call("chat.send", live_session_id=live, id=gone, text="secret")
        await _says(host, live, "kept")
        await host.call("chat.delete", live_session_id=live, message_id=gone)
        await host.hears("chat.deleted")
        async with hub_process(shop.db, redis_url) as fresh:
            for process in (hub, fresh):
                async with person(process) as back:
                    answer = await back.call(
                        "session.recover", live_session_id=live, position=position
                    )
                    assert _texts(answer["events"]) == ["kept"]


async def test_position_that_nobody_knows_gives_a_snapshot_and_no_part(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product())
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        position = (await viewer.call("session.join", live_session_id=live))["position"]
        for wrong in (
            {"epoch": "other", "offset": position["offset"]},
            {"epoch": position["epoch"], "offset": position["offset"] + 5},
        ):
            answer = await viewer.call("session.recover", live_session_id=live, position=wrong)
            assert answer["events"] == []
            assert answer["snapshot"]["position"] == answer["position"] == position
        wrong = {"epoch": position["epoch"], "offset": -1}
        refused = await viewer.refusal("session.recover", live_session_id=live, position=wrong)
        assert refused.code == "payload.invalid"


async def test_newcomer_gets_of_a_batch_that_waits_only_what_its_snapshot_lacks(
    shop: ShopUnderTest, redis_url: str
) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product())
    asha, ravi = token(await shop.customer()), token(await shop.customer())
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, asha) as speaker,
        person(hub, ravi) as newcomer,
    ):
        await speaker.call("session.join", live_session_id=live)
        for number in range(3):
            await _says(speaker, live, f"before {number}")
            snapshot = await newcomer.call("session.join", live_session_id=live)
            await _says(speaker, live, f"after {number}")
            known = [each["text"] for each in snapshot["chat"]]
            assert known[-1] == f"before {number}"
            while f"after {number}" not in _heard_texts(newcomer):
                await asyncio.sleep(0.005)
            assert f"before {number}" not in _heard_texts(newcomer)
            await newcomer.call("session.leave", live_session_id=live)


def _heard_texts(who: Any) -> list[str]:
    return _texts([{"name": name, "payload": payload} for name, payload in who.heard])
