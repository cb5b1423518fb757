"""The moves of a support query, and the clocks that they stamp."""

import itertools
from datetime import timedelta
from typing import get_args

import asyncpg
import pytest

from shop.support import Status
from tests.shop.support.support_desk import Desk, now, refused

MOVES = {
    ("open", "in_progress"),
    ("open", "escalated"),
    ("open", "resolved"),
    ("open", "closed"),
    ("in_progress", "escalated"),
    ("in_progress", "resolved"),
    ("in_progress", "closed"),
    ("escalated", "in_progress"),
    ("escalated", "resolved"),
    ("escalated", "closed"),
    ("resolved", "in_progress"),
    ("resolved", "closed"),
}
STATES = get_args(Status)


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in itertools.product(STATES, STATES) if len({*pair}) == 2]
)
async def test_a_query_moves_along_its_table_only(desk: Desk, before: str, after: Status) -> None:
    query_id = await desk.query(before)
    if (before, after) in MOVES:
        await desk.moves(query_id, after)
    else:
        expected = "query.closed" if before == "closed" else "query.wrong_state"
        assert await refused(desk.moves(query_id, after)) == expected
        with pytest.raises(asyncpg.CheckViolationError, match="cannot become"):
            await desk.shop.sql.execute(
                "update queries set status = $2 where id = $1", query_id, after
            )
    assert (await desk.row(query_id))["status"] == (after if (before, after) in MOVES else before)


@pytest.mark.parametrize(
    ("status", "clocks"),
    [
        ("open", set()),
        ("in_progress", {"acknowledged_at"}),
        ("escalated", {"acknowledged_at", "escalated_at"}),
        ("resolved", {"acknowledged_at", "resolved_at", "resolution_time_hours"}),
        # Nobody of support has taken it up.
        ("closed", {"resolved_at", "closed_at", "resolution_time_hours"}),
    ],
)
@pytest.mark.parametrize("how", ["moved", "inserted"])
async def test_each_state_stamps_its_clocks(
    desk: Desk, status: Status, clocks: set[str], how: str
) -> None:
    query_id = await desk.query(status if how == "inserted" else "open")
    if how == "moved" and status != "open":
        await desk.moves(query_id, status)
    row = await desk.row(query_id)
    every = ("acknowledged_at", "escalated_at", "resolved_at", "closed_at", "resolution_time_hours")
    assert {name for name in every if row[name] is not None} == clocks


async def test_resolution_time_counts_from_the_opening(desk: Desk) -> None:
    query_id = await desk.query(created_at=now() - timedelta(hours=50, minutes=40))
    await desk.moves(query_id, "resolved")
    assert (await desk.row(query_id))["resolution_time_hours"] == 51


async def test_closing_a_resolved_query_keeps_when_it_was_resolved(desk: Desk) -> None:
    query_id = await desk.query()
    await desk.moves(query_id, "resolved")
    resolved_at = (await desk.row(query_id))["resolved_at"]
    await desk.moves(query_id, "closed")
    row = await desk.row(query_id)
    assert row["resolved_at"] == resolved_at and row["closed_at"] > resolved_at


async def test_moving_where_it_is_already_changes_nothing(desk: Desk) -> None:
    query_id = await desk.query("escalated")
    before = await desk.row(query_id)
    await desk.moves(query_id, "escalated")
    assert await desk.row(query_id) == before


async def test_maintenance_escalates_what_is_due_within_a_week_and_not_done(desk: Desk) -> None:
    near = {status: await desk.query(status, now() - timedelta(days=25)) for status in STATES}
    far = await desk.query()
    sql = "select done from private.escalate_queries_v1(now(), null, 100)"
    assert [await desk.shop.sql.fetchval(sql) for _ in range(2)] == [2, 0]
    after = {status: (await desk.row(query_id))["status"] for status, query_id in near.items()}
    assert after == {
        "open": "escalated",
        "in_progress": "escalated",
        "escalated": "escalated",
        "resolved": "resolved",
        "closed": "closed",
    }
    assert (await desk.row(far))["status"] == "open"
