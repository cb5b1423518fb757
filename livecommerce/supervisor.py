"""Keeps a handful of processes running, and stops them in the right order.

A service is anything that can be started (and then is ready), watched and stopped: one of our own
programs, or an embedded database. Services come in stages: a stage is started when the one before
is ready, and stopped before that one is. What ends although nobody asked it to is started again,
at once the first time and ever later while it keeps ending (`after_exit` decides).

Processes are started from the main thread's event loop only (embedded/process.py says why).
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import orjson

from livecommerce import child, logs
from livecommerce.embedded.process import (
    ServerFailed,
    ServerProcess,
    dying_with_parent,
    last_lines,
    open_log,
)
from livecommerce.settings import BAD_CONFIGURATION

log = logs.get_logger(__name__)

T = TypeVar("T")

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
HEALTHY_S = 60.0
"""A process that ran this long had a good start: its next end counts as the first again."""

READY_S = 60.0
SILENT_S = 5.0
SILENCES = 2
"""Two waits of SILENT_S in a row without a beat. Two, since after a stall of our own the timer
can fire before the beats that waited in the pipe are read."""

TERM_S = 5.0
EXIT_S = 1.0


class Service(Protocol):
    """Something to keep running. `start` returns when it is ready; raises ServerFailed."""

    @property
    def name(self) -> str: ...
    async def start(self) -> ServerProcess: ...
    async def stop(self, process: ServerProcess) -> None: ...


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


def describe_exit(code: int) -> str:
    """An exit code in words, for logs and messages."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


# ---------------------------------------------------------------------------------- our programs


@dataclass(slots=True)
class Program:
    """One of our own processes: `python -m livecommerce <name>`.

    environment: what it gets beside our own. listening: a socket that it inherits at
    every start; held here, so that it stays open between two of them. log: where its
    output goes; None: where ours goes. stop_s: how long it may take to stop.
    """

    name: str
    environment: Mapping[str, str]
    listening: socket.socket | None = None
    log: Path | None = None
    stop_s: float = 1.0
    command: Sequence[str] = ()
    ports: dict[str, int] = field(default_factory=dict)
    _watch: "asyncio.Task[None] | None" = None

    async def start(self) -> ServerProcess:
        read_end, write_end = os.pipe()
        try:
            process = await self._spawn(write_end)
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        lines, transport = await _lines_of(read_end)
        try:
            self.ports = await asyncio.wait_for(_readiness(lines), READY_S)
        except (TimeoutError, EOFError) as error:
            transport.close()
            if isinstance(error, EOFError):  # it is ending, and its own exit code tells why
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.exited(), EXIT_S)
            await self.stop(process)
            raise self._failed(error, process) from None
        except BaseException:
            transport.close()
            await self.stop(process)
            raise
        self._watch = asyncio.create_task(_watch(process, lines, transport))
        return process

    async def stop(self, process: ServerProcess) -> None:
        if self._watch is not None:
            self._watch.cancel()
        await process.stop(gently=signal.SIGTERM, grace_s=self.stop_s)

    async def _spawn(self, pipe: int) -> ServerProcess:
        command = list(self.command) or [sys.executable, "-m", "livecommerce", self.name]
        inherited = (pipe,) if self.listening is None else (pipe, self.listening.fileno())
        environment = {**os.environ, **self.environment, child.CHILD_FD: str(pipe)}
        environment.pop(child.LISTEN_FD, None)
        if self.listening is not None:
            environment[child.LISTEN_FD] = str(self.listening.fileno())
        with contextlib.ExitStack() as stack:
            output = None if self.log is None else stack.enter_context(open_log(self.log))
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=environment,
                    pass_fds=inherited,
                    start_new_session=True,  # Ctrl-C is for us; we stop it in its turn
                    preexec_fn=dying_with_parent(signal.SIGKILL),
                )
            except OSError as error:
                raise ServerFailed(f"Cannot start {self.name} ({command[0]}): {error}.") from error
        return ServerProcess(self.name, process)

    def _failed(self, error: Exception, process: ServerProcess) -> ServerFailed:
        if isinstance(error, TimeoutError):
            text = f"{self.name} was not ready after {READY_S:.0f} s"
        else:
            code = process.exit_code
            text = f"{self.name} {describe_exit(0 if code is None else code)} before it was ready"
        if self.log is not None:
            text += f"; {self.log} says:\n{last_lines(self.log)}"
        return ServerFailed(text, exit_code=process.exit_code)


async def _lines_of(pipe: int) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", buffering=0)
    )
    return reader, transport


async def _readiness(lines: asyncio.StreamReader) -> dict[str, int]:
    """The ports of the child's first `ready` line; beats before it are fine."""
    while line := await lines.readline():
        message = orjson.loads(line)
        if message.get("ready"):
            ports: dict[str, int] = message["ports"]
            return ports
    raise EOFError


async def _watch(
    process: ServerProcess, lines: asyncio.StreamReader, transport: asyncio.ReadTransport
) -> None:
    """Read the beats; end a process that gives none for SILENT_S * SILENCES seconds."""
    silences = 0
    try:
        while silences < SILENCES:
            try:
                if not await asyncio.wait_for(lines.readline(), SILENT_S):
                    return  # the process has ended, which its keeper sees
                silences = 0
            except TimeoutError:
                silences += 1
        log.error("silent, ending it", service=process.name, silent_s=SILENT_S * SILENCES)
        process.send(child.DUMP_SIGNAL)
        await process.stop(gently=signal.SIGTERM, grace_s=TERM_S)
    finally:
        transport.close()


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

    async def stop(self) -> None:
        """Stop everything, the last stage first. Safe to call at any time, once."""
        while self._stages:
            stage = self._stages.pop()
            await asyncio.gather(*(kept.stop() for kept in stage))


class _Kept:
    """One service and the task that keeps it running."""

    def __init__(self, service: Service, fraction: Callable[[], float]) -> None:
        self._service = service
        self._fraction = fraction
        self._process: ServerProcess | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._process = await self._service.start()
        self._keeper = asyncio.create_task(self._keep(self._process))

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._process is not None and self._process.exit_code is None:
            await self._service.stop(self._process)

    async def _keep(self, process: ServerProcess | None) -> None:
        loop = asyncio.get_running_loop()
        failures, started_at, code = 0, loop.time(), 0
        while True:
            if process is not None:
                code = await process.exited()
                self._process = None
            decision = after_exit(failures, loop.time() - started_at, code, self._fraction())
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
