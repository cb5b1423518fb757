"""One server process: started so that it dies with us, watched, and stopped.

The tie to our own life is Linux's parent-death signal. It has two traps, both handled here: the
kernel clears it when the process changes its user, so it is set after that (`preexec_fn` runs
last), and it fires when the *thread* that forked ends, so a server is started from the main
thread only. Elsewhere (macOS) the signal does not exist: a server outlives a SIGKILL of ours and
is stopped at the next start.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from livecommerce.embedded.account import Account

PR_SET_PDEATHSIG = 1
POLL_S = 0.01
LOG_BYTES = 8 * 1024 * 1024
"""A server's log file is put aside (one old one is kept) when it is larger than this at start."""


class ServerFailed(Exception):
    """A server did not start; the text is for a person and names its log file.

    exit_code: of the process, if it came to one.
    """

    def __init__(self, message: str, *, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class ServerProcess:
    """A running server: its pid, its end, and how to bring that about."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal, as in subprocess."""
        return self._process.returncode

    async def exited(self) -> int:
        return await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; a process that is gone already is not an error.

        Not by the method of the same purpose: that one may reap a process that has just ended, and
        its exit code would be lost to those who wait for it.
        """
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def stop(self, *, gently: signal.Signals, grace_s: float) -> None:
        """Ask, wait at most `grace_s`, then kill. Returns when the process is gone."""
        self.send(gently)
        try:
            await asyncio.wait_for(self._process.wait(), grace_s)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self._process.wait()


async def start_server(
    name: str,
    command: list[str],
    *,
    account: Account,
    cwd: Path,
    log: Path,
    on_parent_death: signal.Signals,
) -> ServerProcess:
    """Start a server as `account`, in a session of its own, its output appended to `log`.

    on_parent_death: what the kernel sends it when we die by a signal that we cannot catch.
    Raises ServerFailed.
    """
    assert threading.current_thread() is threading.main_thread(), "see the traps above"
    with open_log(log) as output:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=environment(),
                start_new_session=True,
                preexec_fn=dying_with_parent(on_parent_death),
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerFailed(f"Cannot start {name} ({command[0]}): {error}.") from error
    return ServerProcess(name, process)


async def until_ready(
    server: ServerProcess,
    is_ready: Callable[[], Awaitable[bool]],
    *,
    within_s: float,
    stop: Callable[[ServerProcess], Awaitable[None]],
    log: Path,
) -> None:
    """Wait until a server that was just started is of use; else stop it and raise ServerFailed."""
    name = server.name.capitalize()
    try:
        async with asyncio.timeout(within_s):
            while not await is_ready():
                if server.exit_code is not None:
                    raise ServerFailed(
                        f"{name} ended with code {server.exit_code} while starting; {log} says:\n"
                        f"{last_lines(log)}"
                    )
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        await stop(server)
        raise ServerFailed(f"{name} was not ready after {within_s:.0f} s; see {log}.") from None
    except BaseException:
        await stop(server)
        raise


@contextlib.contextmanager
def open_log(path: Path) -> Iterator[int]:
    """A file descriptor to append to, whose file starts anew when it has grown large."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def environment() -> dict[str, str]:
    """What a server gets to see of our environment: nothing that could hold a secret.

    PG* variables would change what initdb and postgres do; DATABASE_URL and tokens are none of
    their business.
    """
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def dying_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What the new process does last before it becomes the server; None where it cannot."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()
    number = int(death_signal)

    def in_the_child() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above took effect
            os.kill(os.getpid(), signal.SIGKILL)

    return in_the_child


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, for the message of a start that failed."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-count:])
