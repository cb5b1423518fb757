"""Rooms that are written to in turns."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling import chat_payloads as chat
from signaling import fanout
from signaling import payloads as wire
from signaling.caller import Caller
from signaling.closing import LAGGING
from signaling.connection import LAG_LIMIT_S, PING_FRAME, SOFT_LIMIT_BYTES, Connection, text_frame
from signaling.contract import Lane
from signaling.fanout import Frame, _Pass
from signaling.rooms import Kind, Room
from tests.signaling.hub_under_test import LIVE, PERSON, ROOM, Hub, raw_socket, running_hub

JOIN = {"live_session_id": str(LIVE)}
MODERATORS = Room(Kind.MODERATORS, LIVE)


def frame(number: int) -> Frame:
    return Frame(b"%d" % number, Lane.NOW, None)


Steps = st.lists(
    st.one_of(
        st.just(("add",)),
        st.tuples(st.just("turn"), st.integers(1, 4)),
        st.tuples(st.just("ack"), st.integers(0, 5)),
        st.tuples(st.just("leave"), st.integers(0, 5)),
    ),
    max_size=50,
)


@given(Steps)
def test_everybody_gets_every_frame_once_in_order_however_turns_fall(
    steps: list[tuple[Any, ...]],
) -> None:
    # A pass looks at connections by their identity only.
    members = [cast(Connection, f"c{number}") for number in range(6)]
    waiting, got = _Pass(), {member: list[bytes]() for member in members}
    there = dict.fromkeys(members)
    published = 0

    def turn(most: int) -> None:
        if waiting.queue:
            frames, batch = waiting.next_batch(most)
            assert len(batch) <= most
            for member in batch:
                got[member] += [each.bytes for each in frames]

    for name, *arguments in steps:
        if name == "add":
            waiting.add(frame(published), there)
            published += 1
        elif name == "turn":
            turn(arguments[0])
        elif name == "ack":
            member = members[arguments[0]]
            got[member] += [each.bytes for each in waiting.take(member)]
        else:
            member = members[arguments[0]]
            waiting.take(member)
            there.pop(member, None)
    while waiting.queue:
        turn(3)
    for member in there:
        assert got[member] == [b"%d" % number for number in range(published)]
    for heard in got.values():
        assert heard == sorted(set(heard), key=int)


def test_frames_that_nobody_lacks_are_not_kept() -> None:
    members = [cast(Connection, f"c{number}") for number in range(4)]
    waiting = _Pass()
    for number in range(100):
        waiting.add(frame(number), members)
        waiting.next_batch(2)
    assert len(waiting.frames) <= 4


def pin(offset: int) -> wire.ProductPinned:
    return wire.ProductPinned(live_session_id=LIVE, epoch="e", offset=offset, product_id=LIVE)


def said(offset: int) -> chat.ChatPosted:
    message = chat.PostedMessage(
        id=UUID(int=offset),
        text="hello",
        name="Asha",
        role="customer",
        is_host=False,
        sent_at_ms=0,
        author_id=PERSON,
        offset=offset,
    )
    return chat.ChatPosted(live_session_id=LIVE, epoch="e", offset=offset, messages=(message,))


async def crowd(hub: Hub, stack: AsyncExitStack, count: int) -> dict[str, Any]:
    """Raw sockets in the room, by the id that the hub has for them."""
    sockets: dict[str, Any] = {}
    for _ in range(count):
        socket = await stack.enter_async_context(raw_socket(hub))
        await socket.connect()
        (sid,) = set(hub.gateway._connections) - set(sockets)
        sockets[sid] = socket
        hub.gateway.enter(sid, ROOM)
    return sockets


async def test_acknowledgement_between_two_turns_comes_after_what_was_published_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "TURN_WRITES", 2)

    async def act(_caller: Caller, _payload: Any) -> wire.Wire:
        for offset in (1, 2, 3):
            hub.gateway.publish(ROOM, "product.pinned", pin(offset))
        return wire.Empty()

    async with running_hub(acts={"session.leave": act}) as hub, AsyncExitStack() as stack:
        sockets = await crowd(hub, stack, 9)
        # Whoever came last is served last; its acknowledgement is made before its turn.
        last = list(sockets.values())[-1]
        await last.send("427" + json.dumps(["session.leave", JOIN]))
        for socket in sockets.values():
            heard = [json.loads((await socket.receive())[2:]) for _ in range(3)]
            assert [payload["offset"] for _, payload in heard] == [1, 2, 3]
        assert (await last.receive()).startswith("437[")


async def test_what_is_published_between_turns_reaches_those_who_were_served_and_those_who_were_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "TURN_WRITES", 2)
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await crowd(hub, stack, 7)
        hub.gateway.publish(ROOM, "product.pinned", pin(1))
        await asyncio.sleep(0)
        hub.gateway.publish(ROOM, "product.pinned", pin(2))
        for socket in sockets.values():
            offsets = [json.loads((await socket.receive())[2:])[1]["offset"] for _ in range(2)]
            assert offsets == [1, 2]
        assert not hub.gateway._fanout._passes


async def test_who_leaves_between_turns_hears_no_more_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "TURN_WRITES", 2)
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await crowd(hub, stack, 7)
        gone = list(sockets)[-1]
        hub.gateway.publish(ROOM, "product.pinned", pin(1))
        hub.gateway.leave(gone, ROOM)
        for sid, socket in sockets.items():
            if sid != gone:
                assert (await socket.receive()).startswith('42["product.pinned"')
        assert await sockets[gone].call("session.leave", JOIN) == {"ok": {}}


async def test_only_moderators_hear_what_is_for_them_in_the_order_of_everything() -> None:
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await crowd(hub, stack, 2)
        moderator, viewer = sockets
        hub.gateway.enter(moderator, MODERATORS)
        hub.gateway.publish(ROOM, "chat.posted", said(1))
        hub.gateway.publish(ROOM, "chat.posted", said(2), only_moderators=True)
        hub.gateway.publish(ROOM, "product.pinned", pin(3), only_moderators=True)
        hub.gateway.publish(ROOM, "product.pinned", pin(4))
        heard = [json.loads((await sockets[moderator].receive())[2:]) for _ in range(3)]
        assert [name for name, _ in heard] == ["chat.posted", "product.pinned", "product.pinned"]
        assert [each["offset"] for each in heard[0][1]["messages"]] == [1, 2]
        assert [payload["offset"] for _, payload in heard] == [2, 3, 4]
        heard = [json.loads((await sockets[viewer].receive())[2:]) for _ in range(2)]
        assert [each["offset"] for each in heard[0][1]["messages"]] == [1]
        assert heard[1][1]["offset"] == 4


async def test_newcomer_hears_of_a_batch_that_waits_only_what_is_newer_than_its_snapshot() -> None:
    async with running_hub() as hub, AsyncExitStack() as stack:
        sockets = await crowd(hub, stack, 2)
        newcomer = list(sockets)[1]
        hub.gateway.leave(newcomer, ROOM)
        hub.gateway.publish(ROOM, "chat.posted", said(1))
        hub.gateway.enter(newcomer, ROOM, wire.Position(epoch="e", offset=1))
        hub.gateway.publish(ROOM, "chat.posted", said(2))
        for sid, offsets in zip(sockets, ([1, 2], [2]), strict=True):
            batch = json.loads((await sockets[sid].receive())[2:])[1]
            assert [each["offset"] for each in batch["messages"]] == offsets


async def test_who_is_behind_because_of_answers_alone_is_cut_off_too() -> None:
    async with running_hub() as hub, raw_socket(hub) as stopped:
        await stopped.connect()
        (connection,) = hub.gateway._connections.values()
        stopped.transport.pause_reading()
        answer = text_frame(b"x" * 20_000)
        while connection.held() <= 4 * SOFT_LIMIT_BYTES:
            hub.gateway._fanout.write(connection, answer)
            await asyncio.sleep(0)
        hub.gateway._fanout.write(connection, answer)
        assert connection in hub.gateway._heartbeat._lagging
        since_s = connection._lagging_since_s
        assert since_s is not None
        closed = []
        for late_s in (0, 1):
            assert not connection.caught_up(since_s + LAG_LIMIT_S + late_s)
            closed.append(connection.closed)
        assert closed == [False, True]
        assert connection.close_reason == LAGGING.reason
        stopped.transport.resume_reading()


async def test_place_before_what_was_skipped_is_told_before_anything_later_is() -> None:
    async with running_hub() as hub, raw_socket(hub) as slow:
        await slow.connect()
        (connection,) = hub.gateway._connections.values()
        hub.gateway.enter(connection.sid, ROOM)
        slow.transport.pause_reading()
        while connection.held() <= 4 * SOFT_LIMIT_BYTES:
            connection.write(text_frame(b"6" + b"x" * 20_000))
            await asyncio.sleep(0)
        hub.gateway.publish(ROOM, "chat.posted", said(5))
        for viewers in (3, 4):
            counted = wire.ViewersCounted(live_session_id=LIVE, viewers=viewers)
            hub.gateway.publish(ROOM, "viewers.counted", counted)
        hub.gateway.publish(ROOM, "product.pinned", pin(6))
        while not hub.gateway._fanout._values:
            await asyncio.sleep(0.01)
        slow.transport.resume_reading()
        heard: list[Any] = []
        while len(heard) < 3:
            text = await slow.receive()
            if text.startswith("42"):
                heard.append(json.loads(text[2:]))
        # Should it be cut off after the pin, its client knows that it stands at 4 and not at 6.
        assert [name for name, _ in heard] == ["sync.gap", "product.pinned", "viewers.counted"]
        assert heard[0][1]["position"] == {"epoch": "e", "offset": 4}
        assert heard[2][1]["viewers"] == 4


async def test_who_has_drained_is_told_what_it_lacks_before_anything_later() -> None:
    async with running_hub() as hub, raw_socket(hub) as slow:
        await slow.connect()
        (connection,) = hub.gateway._connections.values()
        hub.gateway.enter(connection.sid, ROOM)
        slow.transport.pause_reading()
        while connection.held() <= 4 * SOFT_LIMIT_BYTES:
            connection.write(text_frame(b"6" + b"x" * 20_000))
            await asyncio.sleep(0)
        hub.gateway.publish(ROOM, "chat.posted", said(5))
        while not hub.gateway._fanout._skipped:
            await asyncio.sleep(0.005)
        slow.transport.resume_reading()
        while connection.held():
            await asyncio.sleep(0)
        connection.write(PING_FRAME)  # as soon as it takes anything
        hub.gateway.publish(ROOM, "product.pinned", pin(6))
        heard: list[str] = []
        while len(heard) < 2:
            text = await slow.receive()
            if text.startswith("42"):
                heard.append(json.loads(text[2:])[0])
        assert heard == ["sync.gap", "product.pinned"]


async def test_who_holds_little_and_lacks_nothing_gets_all_in_order_and_no_gap() -> None:
    async with running_hub() as hub, raw_socket(hub) as slow:
        await slow.connect()
        (connection,) = hub.gateway._connections.values()
        hub.gateway.enter(connection.sid, ROOM)
        slow.transport.pause_reading()
        while not connection.held():
            connection.write(text_frame(b"6" + b"x" * 20_000))
            await asyncio.sleep(0)
        for offset in range(5, 11):
            hub.gateway.publish(ROOM, "product.pinned", pin(offset))
        assert connection.fd == -1
        slow.transport.resume_reading()
        heard: list[tuple[str, int]] = []
        while len(heard) < 6:
            text = await slow.receive()
            if text.startswith("42"):
                name, payload = json.loads(text[2:])
                heard.append((name, payload["offset"]))
        assert heard == [("product.pinned", offset) for offset in range(5, 11)]
