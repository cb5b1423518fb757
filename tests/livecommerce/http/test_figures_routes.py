"""What an influencer is shown of a live session, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


def path(live_session_id: object, more: str = "") -> str:
    return f"/api/v1/studio/live-sessions/{live_session_id}/figures{more}"


@pytest.fixture
async def influencer(world: Any) -> UUID:
    user_id: UUID = await world.user()
    return user_id


@pytest.fixture
async def saree(world: Any) -> UUID:
    product_id: UUID = await world.product("Saree")
    return product_id


@pytest.fixture
async def live(world: Any, influencer: UUID, saree: UUID) -> UUID:
    """Of which something was counted."""
    live_session_id: UUID = await world.live_session(
        influencer, saree, status="live", total_joins=9, peak_viewers=4, total_unique_viewers=7
    )
    for period in ("minute", "day"):
        await world.ask(
            "insert into live_session_analytics (live_session_id, period_type, period_start,"
            " period_end, viewers_joined, watch_time_ms, average_concurrent_viewers)"
            " values ($1, $2, $3, $3::timestamptz + interval '1 minute', 9, 30000, 2.5)",
            live_session_id,
            period,
            AT,
        )
    await world.ask(
        "insert into private.product_minutes values ($1, $2, $3, 6, 3, 2)",
        live_session_id,
        saree,
        AT,
    )
    return live_session_id


async def test_figures_of_ones_own_live_session(
    client: Any, bearer: Any, viewers: Any, influencer: UUID, live: UUID, saree: UUID
) -> None:
    viewers.counts = {live: 5}
    response = await client.get(path(live), headers=bearer("influencer", influencer))
    assert response.status == 200
    figures = await response.json()
    assert (figures["viewers"], figures["peak_viewers"]) == (5, 5)
    assert (figures["joins"], figures["unique_viewers"]) == (9, 7)
    assert figures["watch_time_ms"] == 30_000
    way = {"shown": 6, "clicked": 0, "added_to_cart": 2, "ordered": 0}
    named = {"product_id": str(saree), "name": "Saree", "translations": {}}
    assert figures["products"] == [named | way]
    (minute,) = figures["minutes"]
    assert minute["at_ms"] == int(AT.timestamp() * 1000)
    assert (minute["joins"], minute["average_viewers"]) == (9, 2.5)


async def test_a_product_minute_by_minute(
    client: Any, bearer: Any, influencer: UUID, live: UUID, saree: UUID
) -> None:
    address = path(live, f"/products/{saree}")
    response = await client.get(address, headers=bearer("influencer", influencer))
    way = {"shown": 6, "clicked": 3, "added_to_cart": 2, "ordered": 0}
    at_ms = int(AT.timestamp() * 1000)
    assert await response.json() == {"minutes": [{"at_ms": at_ms, **way}]}


@pytest.mark.parametrize("more", ["", "/products/00000000-0000-0000-0000-000000000001"])
async def test_figures_of_others_are_as_if_there_were_none(
    client: Any, bearer: Any, world: Any, live: UUID, more: str
) -> None:
    headers = bearer("influencer", await world.user())
    for asked in (live, UUID(int=1), "no-id"):
        response = await client.get(path(asked, more), headers=headers)
        assert response.status == 404
        assert (await response.json())["refused"]["code"] == "session.not_found"


async def test_figures_are_there_when_nobody_can_say_how_many_watch(
    client: Any, bearer: Any, viewers: Any, influencer: UUID, live: UUID
) -> None:
    viewers.is_broken = True
    response = await client.get(path(live), headers=bearer("influencer", influencer))
    assert (response.status, (await response.json())["viewers"]) == (200, 0)
