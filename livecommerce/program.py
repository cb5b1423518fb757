"""One of our own processes: how it is started, found ready, watched and stopped.

Processes are started from the main thread's event loop only (embedded/process.py says why).
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from livecommerce import child, logs
from livecommerce.embedded.process import (
    ServerFailed,
    ServerProcess,
    dying_with_parent,
    last_lines,
    open_log,
)
from livecommerce.listening import BACKLOG

log = logs.get_logger(__name__)

READY_S = 60.0
SILENT_S = 5.0
SILENCES = 2
"""Two waits of SILENT_S in a row without a beat. Two, since after a stall of our own the timer
can fire before the beats that waited in the pipe are read."""

TERM_S = 5.0
EXIT_S = 1.0


@dataclass(slots=True)
class Program:
    """One of our own processes: `python -m livecommerce <name>`.

    environment: what it gets beside our own. sockets: listening ones that it inherits at every
    start, by the variable that names them; held here, so that they stay open between two starts,
    and what comes meanwhile waits in their queues. log: where its output goes; None: where ours
    goes. stop_s: how long it may take to stop.
    """

    name: str
    environment: Mapping[str, str]
    sockets: Mapping[str, socket.socket] = field(default_factory=dict)
    log: Path | None = None
    stop_s: float = 1.0
    command: Sequence[str] = ()
    ports: dict[str, int] = field(default_factory=dict)
    _watches: "dict[ServerProcess, asyncio.Task[None]]" = field(default_factory=dict)

    async def start(self) -> ServerProcess:
        """Start one process, beside another one of this program if there is one."""
        self._listen()
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
        watch = self._watches[process] = asyncio.create_task(_watch(process, lines, transport))
        watch.add_done_callback(lambda _: self._watches.pop(process, None))
        return process

    async def stop(self, process: ServerProcess) -> None:
        if process in self._watches:
            self._watches[process].cancel()
        await process.stop(gently=signal.SIGTERM, grace_s=self.stop_s)

    async def retire(self, process: ServerProcess) -> None:
        """Stop a process whose sockets another one serves by now."""
        await process.stop(gently=child.REPLACED_SIGNAL, grace_s=self.stop_s)

    def rest(self) -> None:
        """Turn away what comes until the next start, which is far or never."""
        for listening in self.sockets.values():
            with contextlib.suppress(OSError):  # it is shut already
                listening.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        """Open the sockets again that `rest` or the process before has shut."""
        try:
            for listening in self.sockets.values():
                listening.listen(BACKLOG)
        except OSError as error:
            raise ServerFailed(f"{self.name} cannot listen: {error.strerror}.") from error

    async def _spawn(self, pipe: int) -> ServerProcess:
        command = list(self.command) or [sys.executable, "-m", "livecommerce", self.name]
        passed = {name: listening.fileno() for name, listening in self.sockets.items()}
        own = {name: value for name, value in os.environ.items() if name not in child.VARIABLES}
        told = {name: str(number) for name, number in passed.items()}
        environment = {**own, **self.environment, **told, child.CHILD_FD: str(pipe)}
        with contextlib.ExitStack() as stack:
            output = None if self.log is None else stack.enter_context(open_log(self.log))
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=environment,
                    pass_fds=(pipe, *passed.values()),
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


def describe_exit(code: int) -> str:
    """An exit code in words, for logs and messages."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
