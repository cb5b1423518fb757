from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling import payloads as wire
from signaling.contract import OUTWARD_BY_NAME
from signaling.lanes import (
    CHAT_BATCH_MAX,
    CHAT_SHOWN,
    CHAT_WINDOW_MIN_S,
    COUNT_WINDOW_S,
    STATE_WINDOW_S,
    Departure,
    RoomLanes,
    before,
    chat_window_s,
    since,
)

LIVE = UUID(int=1)
PERSON = UUID(int=2)


def message(offset: int, epoch: str = "e", *, is_host: bool = True) -> wire.ChatPosted:
    posted = wire.PostedMessage(
        id=UUID(int=offset),
        text=str(offset),
        name="Asha",
        role="customer",
        is_host=is_host,
        sent_at_ms=0,
        author_id=PERSON,
        offset=offset,
    )
    return wire.ChatPosted(live_session_id=LIVE, epoch=epoch, offset=offset, messages=(posted,))


def pin(offset: int) -> wire.ProductPinned:
    return wire.ProductPinned(
        live_session_id=LIVE, epoch="e", offset=offset, product_id=UUID(int=9)
    )


def stock(offset: int, variant: int = 1) -> wire.StockChanged:
    return wire.StockChanged(
        live_session_id=LIVE,
        epoch="e",
        offset=offset,
        product_id=UUID(int=8),
        variant_id=UUID(int=variant),
        stock=1000 - offset,
    )


def push(lanes: RoomLanes, name: str, payload: wire.Wire, now_s: float) -> tuple[Departure, ...]:
    return lanes.push(OUTWARD_BY_NAME[name], payload, now_s, audience=1)


def offsets(departures: tuple[Departure, ...]) -> list[list[int]]:
    found = []
    for departure in departures:
        if isinstance(departure.payload, wire.ChatPosted):
            found.append([posted.offset for posted in departure.payload.messages])
        elif isinstance(departure.payload, wire.Recoverable):
            found.append([departure.payload.offset])
    return found


def test_chat_of_a_window_leaves_as_one_batch_with_the_last_offset() -> None:
    lanes = RoomLanes()
    for offset in (1, 2, 3):
        assert push(lanes, "chat.posted", message(offset), offset * 0.01) == ()
    assert lanes.next_due_s() == 0.01 + CHAT_WINDOW_MIN_S
    assert lanes.due(0.05) == ()
    (batch,) = lanes.due(0.2)
    assert isinstance(batch.payload, wire.ChatPosted)
    assert [posted.offset for posted in batch.payload.messages] == [1, 2, 3]
    assert batch.payload.offset == 3
    assert lanes.next_due_s() is None


def test_pin_takes_the_chat_before_it_along() -> None:
    lanes = RoomLanes()
    push(lanes, "chat.posted", message(1), 0.0)
    leaving = push(lanes, "product.pinned", pin(2), 0.01)
    assert [departure.event.name for departure in leaving] == ["chat.posted", "product.pinned"]


def test_full_batch_and_new_epoch_leave_early() -> None:
    lanes = RoomLanes()
    for offset in range(1, CHAT_BATCH_MAX + 1):
        assert push(lanes, "chat.posted", message(offset), 0.0) == ()
    (full,) = push(lanes, "chat.posted", message(CHAT_BATCH_MAX + 1), 0.0)
    assert len(offsets((full,))[0]) == CHAT_BATCH_MAX
    (old,) = push(lanes, "chat.posted", message(1, epoch="other"), 0.0)
    assert offsets((old,)) == [[CHAT_BATCH_MAX + 1]]


def test_messages_beyond_the_display_budget_are_left_out_for_all_but_moderators() -> None:
    lanes = RoomLanes()
    burst = round(CHAT_SHOWN.burst)
    for offset in range(1, burst + 11):
        push(lanes, "chat.posted", message(offset, is_host=False), 0.0)
    push(lanes, "chat.posted", message(burst + 11, is_host=True), 0.0)
    (batch,) = lanes.due(1.0)
    assert isinstance(batch.payload, wire.ChatPosted)
    assert isinstance(batch.unabridged, wire.ChatPosted)
    # The influencer is heard whatever the crowd says, and the place on the bus is that of the last.
    assert [each.offset for each in batch.payload.messages] == [*range(1, burst + 1), burst + 11]
    assert (batch.payload.left_out, batch.payload.offset) == (10, burst + 11)
    assert [each.offset for each in batch.unabridged.messages] == [*range(1, burst + 12)]
    assert batch.unabridged.left_out == 0


def test_chat_at_the_budgets_rate_is_never_left_out() -> None:
    lanes = RoomLanes()
    for offset in range(1, 400):
        now_s = offset / CHAT_SHOWN.per_s
        push(lanes, "chat.posted", message(offset, is_host=False), now_s)
        assert all(each.unabridged is None for each in lanes.due(now_s))


@pytest.mark.parametrize(
    ("audience", "messages_per_s", "window_s"),
    [(10, 1, 0.05), (1_000, 20, 0.05), (5_000, 20, 0.12), (10_000, 20, 0.12), (9_000, 90, 0.25)],
)
def test_window_grows_with_the_deliveries_that_a_room_asks_for(
    audience: int, messages_per_s: float, window_s: float
) -> None:
    assert chat_window_s(audience, messages_per_s) == window_s


def test_of_what_waits_a_newcomer_gets_what_its_snapshot_lacks() -> None:
    heard = wire.Position(epoch="e", offset=2)
    first, second, third = message(1), message(2), message(3)
    batch = third.model_copy(update={"messages": first.messages + second.messages + third.messages})
    rest = since(batch, heard)
    assert isinstance(rest, wire.ChatPosted)
    assert [each.offset for each in rest.messages] == [3]
    assert since(pin(2), heard) is None
    assert since(pin(3), heard) == pin(3)
    assert since(message(1, epoch="other"), heard) == message(1, epoch="other")
    viewers = wire.ViewersCounted(live_session_id=LIVE, viewers=3)
    assert since(viewers, heard) is viewers


def test_whoever_skips_a_batch_stands_before_its_first_message() -> None:
    batch = message(7).model_copy(update={"messages": message(5).messages + message(7).messages})
    assert before(batch) == wire.Position(epoch="e", offset=4)
    assert before(pin(3)) == wire.Position(epoch="e", offset=2)
    assert before(wire.ViewersCounted(live_session_id=LIVE, viewers=3)) is None


def test_of_counts_only_the_latest_leaves_and_reactions_add_up() -> None:
    lanes = RoomLanes()
    for viewers in (3, 5, 4):
        payload = wire.ViewersCounted(live_session_id=LIVE, viewers=viewers)
        assert push(lanes, "viewers.counted", payload, 0.0) == ()
        reactions = wire.ReactionsCounted(
            live_session_id=LIVE, count=viewers, kinds={"heart": viewers}
        )
        assert push(lanes, "reactions.counted", reactions, 0.1) == ()
    assert lanes.due(STATE_WINDOW_S - 0.01) == ()
    leaving = {each.event.name: each.payload for each in lanes.due(1.0)}
    counted, reacted = leaving["viewers.counted"], leaving["reactions.counted"]
    assert isinstance(counted, wire.ViewersCounted)
    assert isinstance(reacted, wire.ReactionsCounted)
    assert (counted.viewers, reacted.count) == (4, 12)


def test_of_a_storm_of_stock_the_first_leaves_at_once_and_then_the_newest_of_each_variant() -> None:
    lanes = RoomLanes()
    assert offsets(push(lanes, "stock.changed", stock(1), 10.0)) == [[1]]
    for offset, variant in ((2, 1), (3, 2), (4, 1), (5, 1)):
        assert push(lanes, "stock.changed", stock(offset, variant), 10.1) == ()
    assert lanes.next_due_s() == 10.0 + COUNT_WINDOW_S
    assert offsets(lanes.due(10.0 + COUNT_WINDOW_S)) == [[3], [5]]
    assert lanes.next_due_s() is None


def test_storm_that_goes_on_costs_one_departure_in_a_window() -> None:
    lanes = RoomLanes()
    left = 0
    for step in range(100):
        now_s = step * COUNT_WINDOW_S / 10
        left += len(lanes.due(now_s)) + len(push(lanes, "stock.changed", stock(step), now_s))
    assert left == 10


def test_pin_takes_the_stock_before_it_along() -> None:
    lanes = RoomLanes()
    push(lanes, "stock.changed", stock(1), 0.0)
    push(lanes, "stock.changed", stock(2), 0.1)
    assert offsets(push(lanes, "product.pinned", pin(3), 0.11)) == [[2], [3]]
    # The window begins anew: the stock has just been told.
    assert push(lanes, "stock.changed", stock(4), COUNT_WINDOW_S + 0.01) == ()


def test_chat_that_is_due_takes_the_stock_before_it_along() -> None:
    lanes = RoomLanes()
    push(lanes, "stock.changed", stock(1), 0.0)
    push(lanes, "stock.changed", stock(2), 0.01)
    push(lanes, "chat.posted", message(3), 0.02)
    assert offsets(lanes.due(0.02 + CHAT_WINDOW_MIN_S)) == [[2], [3]]


def test_full_batch_leaves_before_the_stock_that_came_after_it() -> None:
    lanes = RoomLanes()
    push(lanes, "stock.changed", stock(1), 0.0)
    for offset in range(2, CHAT_BATCH_MAX + 2):
        push(lanes, "chat.posted", message(offset), 0.0)
    push(lanes, "stock.changed", stock(CHAT_BATCH_MAX + 2), 0.0)
    leaving = push(lanes, "chat.posted", message(CHAT_BATCH_MAX + 3), 0.0)
    assert [departure.event.name for departure in leaving] == ["chat.posted", "stock.changed"]


@given(st.lists(st.sampled_from(["chat", "pin", "stock 1", "stock 2", "tick"]), max_size=60))
def test_positions_only_grow_and_nothing_but_older_counts_is_left_out(steps: list[str]) -> None:
    lanes = RoomLanes()
    left: list[int] = []
    positions: list[int] = []
    pushed: dict[int, str] = {}
    now_s = 0.0
    for step in steps:
        now_s += 0.03
        if step == "tick":
            departures = lanes.due(now_s)
        else:
            offset = len(pushed) + 1
            pushed[offset] = step
            name, payload = {
                "chat": ("chat.posted", message(offset)),
                "pin": ("product.pinned", pin(offset)),
            }.get(step) or ("stock.changed", stock(offset, int(step[-1])))
            departures = push(lanes, name, payload, now_s)
        positions += [
            each.payload.offset for each in departures if isinstance(each.payload, wire.Recoverable)
        ]
        left += [each for batch in offsets(departures) for each in batch]
    left += [each for batch in offsets(lanes.due(now_s + 1)) for each in batch]
    assert positions == sorted(positions)
    missing = set(pushed) - set(left)
    assert len(left) == len(set(left))
    for offset in missing:
        assert pushed[offset].startswith("stock")
        assert any(
            pushed[later] == pushed[offset] and later in left
            for later in range(offset + 1, len(pushed) + 1)
        )


@given(st.lists(st.sampled_from(["chat", "pin", "tick"]), max_size=60))
def test_recoverable_events_leave_once_each_in_the_order_of_arrival(steps: list[str]) -> None:
    lanes = RoomLanes()
    left: list[int] = []
    offset = 0
    now_s = 0.0
    for step in steps:
        now_s += 0.03
        if step == "tick":
            departures = lanes.due(now_s)
        else:
            offset += 1
            name, payload = (
                ("chat.posted", message(offset))
                if step == "chat"
                else ("product.pinned", pin(offset))
            )
            departures = push(lanes, name, payload, now_s)
        left += [each for batch in offsets(departures) for each in batch]
    left += [each for batch in offsets(lanes.due(now_s + 1)) for each in batch]
    assert left == list(range(1, offset + 1))
