"""Is this process alive, and may it be given work?

`/livez` asks the event loop alone: restarting a process does not mend a database, so nothing
outside the process may make it look dead. `/readyz` asks what the work needs. Postgres must take a
write and have this release's schema. Redis being away is *degraded* and still ready: orders go on
without it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import orjson
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from db import SERVICE, Database, Query, pending_migrations
from livecommerce.http.metrics import LoopMetrics

TICK_S: Final = 0.1
# A loop that stands still for a second serves nobody: reliability, section 6.
LIVE_LAG_S: Final = 1.0

State = Literal["ready", "degraded", "not-ready", "draining"]

_log = structlog.get_logger(__name__)


class LoopLag:
    """Measures how late the event loop runs what it was asked to run."""

    def __init__(self, metrics: LoopMetrics) -> None:
        self._metrics = metrics
        self._last_s = 0.0
        self._due_s: float | None = None

    @contextlib.asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure for as long as the block runs."""
        task = asyncio.create_task(self._measure(), name="loop lag")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def now_s(self) -> float:
        """The lag of the last tick, or of the one that is overdue; 0 when nothing is measured."""
        if self._due_s is None:
            return 0.0
        overdue_s = asyncio.get_running_loop().time() - self._due_s
        return max(self._last_s, overdue_s, 0.0)

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._due_s = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            self._last_s = max(0.0, loop.time() - self._due_s)
            self._metrics.lagged(self._last_s)


@dataclass(frozen=True, slots=True)
class Probe:
    """check: returns when the part is fit for work, raises anything when it is not.
    required: without it there is no work; else the process is only degraded."""

    name: str
    check: Callable[[], Awaitable[None]]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    state: State
    checks: Mapping[str, bool]

    @property
    def is_ready(self) -> bool:
        return self.state in ("ready", "degraded")


def judge(results: Mapping[str, bool], required: frozenset[str], draining: bool) -> Report:
    if draining:
        state: State = "draining"
    elif not all(results[name] for name in required):
        state = "not-ready"
    else:
        state = "ready" if all(results.values()) else "degraded"
    return Report(state, results)


class Readiness:
    """Asks the probes, at most once per `fresh_s` however often it is asked itself.

    timeout_s: a probe that takes longer has failed. The endpoint is open to everybody, so what it
    costs must not depend on how many ask.
    """

    def __init__(
        self, probes: tuple[Probe, ...] = (), *, timeout_s: float = 2.0, fresh_s: float = 1.0
    ) -> None:
        self._probes = probes
        self._required = frozenset(probe.name for probe in probes if probe.required)
        self._timeout_s = timeout_s
        self._fresh_s = fresh_s
        self._asking = asyncio.Lock()
        self._results: Mapping[str, bool] = {}
        self._asked_at_s: float | None = None
        self._draining = False

    def drain(self) -> None:
        """Not ready any more, whatever the probes say: this process is about to stop."""
        self._draining = True

    async def report(self) -> Report:
        async with self._asking:
            now_s = asyncio.get_running_loop().time()
            if self._asked_at_s is None or now_s - self._asked_at_s >= self._fresh_s:
                answers = await asyncio.gather(*(self._passes(probe) for probe in self._probes))
                self._results = dict(
                    zip((probe.name for probe in self._probes), answers, strict=True)
                )
                self._asked_at_s = asyncio.get_running_loop().time()
        return judge(self._results, self._required, self._draining)

    async def _passes(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                await probe.check()
        except Exception as error:
            # Whatever a part fails with, the answer here is that it is not fit.
            _log.warning("probe.failed", probe=probe.name, error=f"{type(error).__name__}: {error}")
            return False
        return True


_WRITE: Final = Query("health.write_probe", str)


def postgres_probe(database: Database) -> Probe:
    """Postgres takes a write: a message into the write-ahead log, committed, that changes no table.
    It fails on a replica, on a full disk, in read-only mode, and while nobody answers."""

    async def check() -> None:
        async with database.acting_as(SERVICE) as transaction:
            await transaction.one(_WRITE)

    return Probe("postgres", check)


def migrations_probe(database: Database) -> Probe:
    """The schema is the one of this release. Once it is, it stays: it is asked no more."""
    is_current = False

    async def check() -> None:
        nonlocal is_current
        if is_current:
            return
        pending = await pending_migrations(database)
        if pending:
            raise RuntimeError(f"{len(pending)} migrations wait; run: livecommerce migrate")
        is_current = True

    return Probe("migrations", check)


class Health:
    """What every process can say about itself. registry: what its /metrics shows."""

    def __init__(self, registry: CollectorRegistry, readiness: Readiness) -> None:
        self.registry = registry
        self.readiness = readiness
        self.loop_lag = LoopLag(LoopMetrics(registry))


def add_health_routes(app: web.Application, health: Health) -> None:
    async def livez(_: web.Request) -> web.Response:
        lag_s = health.loop_lag.now_s()
        is_alive = lag_s < LIVE_LAG_S
        body = {"status": "ok" if is_alive else "stalled", "loop_lag_ms": round(lag_s * 1000)}
        return _answer(body, 200 if is_alive else 503)

    async def readyz(_: web.Request) -> web.Response:
        report = await health.readiness.report()
        checks = {name: "ok" if passed else "failed" for name, passed in report.checks.items()}
        body = {"status": report.state, "checks": checks}
        return _answer(body, 200 if report.is_ready else 503)

    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)


def _answer(body: Mapping[str, object], status: int) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
