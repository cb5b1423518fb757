"""Visits: one record each, of the right person, with what was done."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from livecommerce.live.visits import Visits
from signaling.caller import Identity

LIVE, OTHER = UUID(int=1), UUID(int=2)
ASHA = Identity(UUID(int=7), "customer", "Asha", 1e12)


class Kept:
    def __init__(self) -> None:
        self.records: list[tuple[UUID, dict[str, Any]]] = []
        self.visits = Visits(lambda id_, record: self.records.append((id_, record)), uuid.uuid4)

    @property
    def only(self) -> dict[str, Any]:
        ((_, record),) = self.records
        return record


def test_a_visit_ends_when_its_connection_is_gone() -> None:
    kept = Kept()
    kept.visits.begin("a", LIVE, None, False, 1_000)
    kept.visits.begin("b", LIVE, None, False, 1_000)
    kept.visits.settle(lambda connection_id, _: connection_id == "b", 61_000)
    assert kept.only["viewer_type"] == "anonymous"
    assert kept.only["joined_at"] == "1970-01-01T00:00:01+00:00"
    assert kept.only["left_at"] == "1970-01-01T00:01:01+00:00"
    kept.visits.settle(lambda connection_id, _: connection_id == "b", 62_000)
    assert len(kept.records) == 1


def test_two_joins_of_a_connection_are_one_visit() -> None:
    kept = Kept()
    kept.visits.begin("a", LIVE, None, False, 1_000)
    kept.visits.begin("a", LIVE, None, True, 2_000)
    kept.visits.end_all(3_000)
    assert kept.only["is_returning"] is False


def test_a_connection_visits_two_live_sessions_at_once() -> None:
    kept = Kept()
    for live in (LIVE, OTHER):
        kept.visits.begin("a", live, None, False, 0)
    kept.visits.note("a", OTHER, "products_clicked")
    kept.visits.end_all(1)
    assert {id_: record["products_clicked"] for id_, record in kept.records} == {LIVE: 0, OTHER: 1}


def test_who_signs_in_while_watching_is_that_person() -> None:
    kept = Kept()
    kept.visits.begin("a", LIVE, None, False, 0)
    kept.visits.identify("a", ASHA)
    kept.visits.note("a", LIVE, "messages_sent")
    kept.visits.note("a", LIVE, "reactions_sent", 5)
    kept.visits.end_all(1)
    assert kept.only["user_id"] == str(ASHA.user_id)
    assert kept.only["viewer_type"] == "customer"
    assert (kept.only["messages_sent"], kept.only["reactions_sent"]) == (1, 5)


def test_a_deed_without_a_visit_is_no_error() -> None:
    kept = Kept()
    kept.visits.note("a", LIVE, "orders_placed")
    kept.visits.end_all(1)
    assert kept.records == []


def test_a_clock_that_was_set_back_makes_no_visit_negative() -> None:
    kept = Kept()
    kept.visits.begin("a", LIVE, None, False, 5_000)
    kept.visits.end_all(4_000)
    assert kept.only["left_at"] == kept.only["joined_at"]
