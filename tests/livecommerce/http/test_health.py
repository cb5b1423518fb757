import asyncio
import time
from typing import Any

import pytest

from db import Database, logins_of
from livecommerce.http.admin import make_admin_app
from livecommerce.http.health import (
    Health,
    LoopLag,
    Probe,
    Readiness,
    Report,
    judge,
    migrations_probe,
    postgres_probe,
)
from livecommerce.http.metrics import LoopMetrics, new_registry

REQUIRED = frozenset(("postgres", "migrations"))
ALL_WELL = {"postgres": True, "migrations": True, "redis": True}


@pytest.mark.parametrize(
    ("changed", "draining", "state", "is_ready"),
    [
        ({}, False, "ready", True),
        ({"redis": False}, False, "degraded", True),
        ({"postgres": False}, False, "not-ready", False),
        ({"migrations": False}, False, "not-ready", False),
        ({"postgres": False, "redis": False}, False, "not-ready", False),
        ({}, True, "draining", False),
        ({"postgres": False}, True, "draining", False),
    ],
)
def test_readiness_states(
    changed: dict[str, bool], draining: bool, state: str, is_ready: bool
) -> None:
    report = judge(ALL_WELL | changed, REQUIRED, draining)
    assert (report.state, report.is_ready) == (state, is_ready)


class Part:
    """Something a process depends on."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_well = True
        self.hangs = False

    async def __call__(self) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if not self.is_well:
            raise ConnectionError("redis://:password@host is away")


async def serve_admin(aiohttp_client: Any, *probes: Probe, **options: Any) -> Any:
    registry = new_registry({"version": "1.2.3", "process": "hub"})
    health = Health(registry, Readiness(probes, **options))
    return await aiohttp_client(make_admin_app(health)), health


async def test_losing_redis_leaves_the_process_ready(aiohttp_client: Any) -> None:
    redis = Part()
    probes = Probe("postgres", Part()), Probe("redis", redis, required=False)
    client, _ = await serve_admin(aiohttp_client, *probes, fresh_s=0)
    redis.is_well = False
    response = await client.get("/readyz")
    text = await response.text()
    assert response.status == 200
    assert await response.json() == {
        "status": "degraded",
        "checks": {"postgres": "ok", "redis": "failed"},
    }
    assert "password" not in text


async def test_losing_postgres_does_not(aiohttp_client: Any) -> None:
    postgres = Part()
    postgres.is_well = False
    client, _ = await serve_admin(aiohttp_client, Probe("postgres", postgres))
    response = await client.get("/readyz")
    assert (response.status, (await response.json())["status"]) == (503, "not-ready")


async def test_draining_process_is_given_no_work(aiohttp_client: Any) -> None:
    client, health = await serve_admin(aiohttp_client, Probe("postgres", Part()))
    health.readiness.drain()
    response = await client.get("/readyz")
    assert (response.status, (await response.json())["status"]) == (503, "draining")
    assert (await client.get("/livez")).status == 200


async def test_part_that_says_nothing_has_failed() -> None:
    part = Part()
    part.hangs = True
    report = await Readiness((Probe("postgres", part),), timeout_s=0.01).report()
    assert report == Report("not-ready", {"postgres": False})


async def test_crowd_that_asks_costs_one_look(aiohttp_client: Any) -> None:
    part = Part()
    client, _ = await serve_admin(aiohttp_client, Probe("postgres", part), fresh_s=60)
    await asyncio.gather(*(client.get("/readyz") for _ in range(20)))
    assert part.asked == 1


async def test_postgres_takes_a_write(database: Database) -> None:
    probe = postgres_probe(database)
    await probe.check()
    await database.close()
    assert not (await Readiness((probe,)).report()).is_ready


async def test_postgres_that_is_read_only_is_not_ready(database_url: str) -> None:
    read_only = (
        f"{database_url}{'&' if '?' in database_url else '?'}default_transaction_read_only=on"
    )
    database = await Database.connect(service=logins_of(read_only).service)
    try:
        report = await Readiness((postgres_probe(database),)).report()
    finally:
        await database.close()
    assert not report.is_ready


async def test_schema_of_this_release_is_ready(database: Database) -> None:
    assert (await Readiness((migrations_probe(database),)).report()).is_ready


async def test_schema_that_waits_for_migrations_is_not(
    migrated_template: str, empty_database_url: str
) -> None:
    database = await Database.connect(service=logins_of(empty_database_url).service)
    try:
        report = await Readiness((migrations_probe(database),)).report()
    finally:
        await database.close()
    assert report == Report("not-ready", {"migrations": False})


async def test_loop_that_stood_still_shows_its_lag() -> None:
    lag = LoopLag(LoopMetrics(new_registry({})))
    assert lag.now_s() == 0
    async with lag.measured():
        await asyncio.sleep(0)
        time.sleep(0.3)
        assert lag.now_s() >= 0.15


async def test_stalled_loop_is_not_alive(aiohttp_client: Any, monkeypatch: Any) -> None:
    client, health = await serve_admin(aiohttp_client)
    assert (await client.get("/livez")).status == 200
    monkeypatch.setattr(health.loop_lag, "now_s", lambda: 1.5)
    response = await client.get("/livez")
    assert response.status == 503
    assert await response.json() == {"status": "stalled", "loop_lag_ms": 1500}


async def test_metrics_are_the_operators_alone(aiohttp_client: Any, client: Any) -> None:
    admin, _ = await serve_admin(aiohttp_client)
    response = await admin.get("/metrics")
    text = await response.text()
    assert 'livecommerce_build_info{process="hub",version="1.2.3"} 1.0' in text
    assert "livecommerce_loop_lag_seconds_bucket" in text
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert (await client.get("/metrics")).status == 404
    assert (await client.get("/readyz")).status == 200
