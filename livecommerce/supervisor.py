"""Keeps a handful of processes running, and stops them in the right order.

A service is anything that can be started (and then is ready), watched and stopped: one of our own
programs, or an embedded database. Services come in stages: a stage is started when the one before
is ready, and stopped before that one is. What ends although nobody asked it to is started again,
at once the first time and ever later while it keeps ending (`after_exit` decides).
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from livecommerce import logs
from livecommerce.embedded.process import ServerFailed, ServerProcess
from livecommerce.program import describe_exit
from livecommerce.settings import BAD_CONFIGURATION

log = logs.get_logger(__name__)

T = TypeVar("T")

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
LONG_DELAY_S = 5.0
"""Who connects to a process that is started again waits for it; but not longer than this."""
HEALTHY_S = 60.0
"""A process that ran this long had a good start: its next end counts as the first again."""


class Service(Protocol):
    """Something to keep running. `start` returns when it is ready; raises ServerFailed."""

    @property
    def name(self) -> str: ...
    async def start(self) -> ServerProcess: ...
    async def stop(self, process: ServerProcess) -> None: ...


@runtime_checkable
class Replaceable(Service, Protocol):
    """A service of which two processes may run at once.

    retire: stops one that another has taken the place of. rest: nothing will serve for a while.
    """

    async def retire(self, process: ServerProcess) -> None: ...
    def rest(self) -> None: ...


# ------------------------------------------------------------------------------------- the policy


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again after `delay_s`; `failures` is the count to hand in next time."""

    failures: int
    delay_s: float


def after_exit(failures: int, ran_s: float, exit_code: int, fraction: float) -> Restart | None:
    """What to do after a process has ended by itself. None: leave it ended.

    failures: ends in a row so far. ran_s: how long it ran this time. fraction: random, in [0, 1),
    so that processes that ended together do not come back together.
    """
    if exit_code == BAD_CONFIGURATION:
        return None  # it would read the same settings again
    failures = 1 if ran_s >= HEALTHY_S else failures + 1
    longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - 1, 16))
    return Restart(failures, longest * (0.5 + 0.5 * fraction))


# ----------------------------------------------------------------------------------- the shell


async def unless(stopped: asyncio.Event, work: Coroutine[object, object, T]) -> T | None:
    """Do the work, but give it up when `stopped` is set first; None then."""
    doing = asyncio.create_task(work)
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        doing.cancel()
        await asyncio.wait({doing})
        return None
    finally:
        waiting.cancel()


class Supervisor:
    """Starts stages of services, keeps each one running, stops them in reverse.

    fraction: a random number in [0, 1) (clock.fraction).
    """

    def __init__(self, fraction: Callable[[], float]) -> None:
        self._fraction = fraction
        self._stages: list[list[_Kept]] = []
        self._stopping: list[_Kept] = []

    async def start(self, *services: Service) -> None:
        """Start one more stage, all of it at once. Raises the first ServerFailed.

        What the stage did start is stopped by `stop`, as everything is.
        """
        stage = [_Kept(service, self._fraction) for service in services]
        self._stages.append(stage)
        try:
            async with asyncio.TaskGroup() as group:
                for kept in stage:
                    group.create_task(kept.start())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def replace(self, service: Replaceable) -> None:
        """Start another process of a running service and let the former one go in its own time.

        Raises ServerFailed when the new one does not start; the former one then stays.
        """
        for stage in self._stages:
            for kept in stage:
                if kept.keeps(service):
                    await kept.replace(service)

    async def stop(self) -> None:
        """Stop everything, the last stage first. Safe to call at any time, once."""
        while self._stages:
            self._stopping = self._stages.pop()
            await asyncio.gather(*(kept.stop() for kept in self._stopping))

    def hurry(self) -> None:
        """Ask those that are stopping once more."""
        for kept in self._stopping:
            kept.hurry()


class _Kept:
    """One service and the task that keeps it running."""

    def __init__(self, service: Service, fraction: Callable[[], float]) -> None:
        self._service = service
        self._fraction = fraction
        self._process: ServerProcess | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._retiring: dict[ServerProcess, asyncio.Task[None]] = {}

    def keeps(self, service: Service) -> bool:
        return self._service is service

    async def start(self) -> None:
        self._process = await self._service.start()
        self._keeper = asyncio.create_task(self._keep(self._process))

    async def stop(self) -> None:
        await self._let_be()
        running = list(self._retiring)
        if self._process is not None and self._process.exit_code is None:
            running.append(self._process)
        await asyncio.gather(*(self._service.stop(process) for process in running))
        await asyncio.gather(*self._retiring.values())

    def hurry(self) -> None:
        for process in (*self._retiring, self._process):
            if process is not None:
                process.send(signal.SIGTERM)

    async def replace(self, service: Replaceable) -> None:
        """See Supervisor.replace. Of one that is being started again nothing is to be replaced."""
        while self._retiring:  # never more than two of them at once
            await asyncio.wait(self._retiring.values())
        former = self._process
        if former is None or former.exit_code is not None:
            return
        await self._let_be()
        try:
            self._process = await service.start()
        finally:
            assert self._process is not None, "the former one, or the new one"
            self._keeper = asyncio.create_task(self._keep(self._process))
        retiring = self._retiring[former] = asyncio.create_task(service.retire(former))
        retiring.add_done_callback(lambda _: self._retiring.pop(former))

    async def _let_be(self) -> None:
        """Keep it running no more."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper

    async def _keep(self, process: ServerProcess | None) -> None:
        loop = asyncio.get_running_loop()
        failures, started_at, code = 0, loop.time(), 0
        while True:
            if process is not None:
                code = await process.exited()
                self._process = None
            decision = after_exit(failures, loop.time() - started_at, code, self._fraction())
            is_far = decision is None or decision.delay_s > LONG_DELAY_S
            if is_far and isinstance(self._service, Replaceable):
                self._service.rest()
            if decision is None:
                log.error("refused its settings, not started again", service=self._service.name)
                return
            failures = decision.failures
            log.warning(
                f"{self._service.name} {describe_exit(code)}, starting it again",
                in_s=round(decision.delay_s, 2),
                times=failures,
            )
            await asyncio.sleep(decision.delay_s)
            started_at = loop.time()
            try:
                process = self._process = await self._service.start()
            except ServerFailed as failed:
                log.error(str(failed))
                process, code = None, failed.exit_code if failed.exit_code is not None else 1
            else:
                log.info(f"{self._service.name} is back")
