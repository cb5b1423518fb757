"""Visits: one record each, of the right person, with what was done; and the time they watched."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.bus import BusConfig, Redis
from livecommerce.live.counters import VISIT, Counters
from livecommerce.live.visits import Visits
from signaling.caller import Identity

LIVE, OTHER = UUID(int=1), UUID(int=2)
SAREE, KURTA = UUID(int=11), UUID(int=12)
ASHA = Identity(UUID(int=7), "customer", "Asha", 1e12)


class Watched:
    """Visits at a clock that is set by hand; what they count stays in the counters."""

    def __init__(self) -> None:
        self.now_ms = 600_000
        self.counters = Counters(
            Redis(BusConfig("redis://127.0.0.1:1")), uuid.uuid4, lambda: self.now_ms / 1000
        )
        self.visits = Visits(self.counters, uuid.uuid4, lambda: self.now_ms)
        self.pinned: UUID | None = None

    def begin(self, connection_id: str, live_session_id: UUID = LIVE, **more: Any) -> None:
        self.visits.begin(
            connection_id, live_session_id, more.pop("identity", None), pinned=self.pinned, **more
        )

    def settle(self) -> None:
        self.visits.settle(lambda live_session_id: self.pinned)

    def records(self, live_session_id: UUID = LIVE) -> list[Mapping[str, Any]]:
        return list(self.counters.tally(live_session_id).records.get(VISIT, {}).values())

    @property
    def only(self) -> Mapping[str, Any]:
        (record,) = self.records()
        return record

    def sum(self, field: str) -> int:
        minutes = self.counters.tally(LIVE).minutes.values()
        return sum(getattr(minute, field) for minute in minutes)

    def shown(self, product_id: UUID) -> int:
        minutes = self.counters.tally(LIVE).minutes.values()
        return sum(minute.product(product_id).shown for minute in minutes)


def test_a_visit_ends_when_its_connection_leaves() -> None:
    watched = Watched()
    watched.begin("a")
    watched.now_ms += 60_000
    watched.visits.end("a", LIVE)
    watched.now_ms += 60_000
    watched.visits.end("a", LIVE)
    watched.visits.end_all()
    assert watched.only["viewer_type"] == "anonymous"
    assert watched.only["joined_at"] == "1970-01-01T00:10:00+00:00"
    assert watched.only["left_at"] == "1970-01-01T00:11:00+00:00"
    assert (watched.sum("joins"), watched.sum("leaves")) == (1, 1)


def test_a_visit_is_on_record_from_its_beginning() -> None:
    watched = Watched()
    watched.begin("a", identity=ASHA)
    assert (watched.only["user_id"], watched.only["left_at"]) == (str(ASHA.user_id), None)


def test_two_joins_of_a_connection_are_one_visit() -> None:
    watched = Watched()
    watched.begin("a")
    watched.begin("a", is_returning=True)
    watched.visits.end_all()
    assert watched.only["is_returning"] is False
    assert watched.sum("joins") == 1


def test_who_is_back_after_a_lost_connection_has_not_joined_again() -> None:
    watched = Watched()
    watched.begin("a")
    watched.visits.end("a", LIVE)
    watched.begin("b", is_returning=True)
    assert watched.sum("joins") == 1


def test_a_connection_visits_two_live_sessions_at_once() -> None:
    watched = Watched()
    for live in (LIVE, OTHER):
        watched.begin("a", live)
    watched.visits.note("a", OTHER, "products_clicked")
    watched.visits.end_all()
    clicked = [watched.records(live)[0]["products_clicked"] for live in (LIVE, OTHER)]
    assert clicked == [0, 1]


def test_who_signs_in_while_watching_is_that_person_at_once() -> None:
    watched = Watched()
    watched.begin("a")
    watched.visits.identify("a", ASHA)
    assert watched.only["user_id"] == str(ASHA.user_id)
    watched.visits.note("a", LIVE, "messages_sent")
    watched.visits.note("a", LIVE, "reactions_sent", 5)
    watched.visits.end_all()
    assert watched.only["viewer_type"] == "customer"
    assert (watched.only["messages_sent"], watched.only["reactions_sent"]) == (1, 5)


def test_a_deed_without_a_visit_is_no_error() -> None:
    watched = Watched()
    watched.visits.note("a", LIVE, "orders_placed")
    watched.visits.end_all()
    assert watched.records() == []


def test_a_clock_that_was_set_back_makes_nothing_negative() -> None:
    watched = Watched()
    watched.begin("a")
    watched.now_ms -= 5_000
    watched.settle()
    watched.visits.end_all()
    assert watched.only["left_at"] == watched.only["joined_at"]
    assert watched.sum("watch_ms") == 0


def test_a_machine_that_slept_has_not_watched() -> None:
    watched = Watched()
    watched.begin("a")
    watched.now_ms += 8 * 3_600_000
    watched.settle()
    assert watched.sum("watch_ms") == 60_000


@given(
    st.lists(st.tuples(st.integers(0, 59_000), st.sampled_from("abc"), st.booleans()), max_size=40)
)
def test_time_watched_is_the_sum_of_all_visits_each_minute_its_own(
    steps: list[tuple[int, str, bool]],
) -> None:
    watched = Watched()
    began: dict[str, int] = {}
    spans: list[tuple[int, int]] = []
    for wait_ms, connection_id, comes in steps:
        watched.now_ms += wait_ms
        if comes:
            watched.begin(connection_id)
            began.setdefault(connection_id, watched.now_ms)
        else:
            watched.visits.end(connection_id, LIVE)
            if connection_id in began:
                spans.append((began.pop(connection_id), watched.now_ms))
        watched.settle()
    watched.visits.end_all()
    spans += [(at_ms, watched.now_ms) for at_ms in began.values()]
    for number, minute in watched.counters.tally(LIVE).minutes.items():
        from_ms, until_ms = 60_000 * number, 60_000 * (number + 1)
        in_it = [max(0, min(end, until_ms) - max(start, from_ms)) for start, end in spans]
        assert minute.watch_ms == sum(in_it)
    assert watched.sum("watch_ms") == sum(end - start for start, end in spans)


def test_what_is_pinned_is_shown_to_who_is_there_and_to_who_comes() -> None:
    watched = Watched()
    for connection_id in "abc":
        watched.begin(connection_id)
    watched.pinned = SAREE
    watched.begin("d")  # Within the second of the pin: counted with the others.
    watched.settle()
    watched.settle()
    watched.begin("e")
    assert watched.shown(SAREE) == 5
    watched.pinned = KURTA
    watched.visits.end("a", LIVE)
    watched.settle()
    watched.pinned = None
    watched.settle()
    watched.begin("f")
    assert (watched.shown(SAREE), watched.shown(KURTA)) == (5, 4)


def test_who_is_back_on_another_process_has_not_seen_the_pin_again() -> None:
    watched = Watched()
    watched.pinned = SAREE
    watched.begin("a", is_returning=True)
    watched.settle()
    watched.begin("b")
    assert watched.shown(SAREE) == 1


@pytest.mark.parametrize(
    ("first", "again", "unique"),
    [
        ({"identity": ASHA}, {"identity": ASHA}, 1),
        ({"client_id": UUID(int=5)}, {"client_id": UUID(int=5)}, 1),
        ({"client_id": UUID(int=5)}, {"client_id": UUID(int=6)}, 2),
        ({"identity": ASHA, "client_id": UUID(int=5)}, {"client_id": UUID(int=6)}, 2),
        ({}, {}, 2),
    ],
)
def test_a_viewer_is_an_account_else_a_browser_else_a_connection(
    first: dict[str, Any], again: dict[str, Any], unique: int
) -> None:
    watched = Watched()
    watched.begin("a", **first)
    watched.visits.end("a", LIVE)
    watched.begin("b", **again)
    assert watched.counters.waiting_viewers(LIVE) == unique
