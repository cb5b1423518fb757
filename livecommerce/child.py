"""The child's side of the tie between the supervisor and its processes.

A child learns from its environment that it has a parent: LIVECOMMERCE_CHILD_FD is the end of a
pipe on which it says when it is ready and, once a second, that its event loop still turns. The
hub also inherits its listening socket, LIVECOMMERCE_LISTEN_FD, so that connections queue rather
than fail while it is started again. Started by hand there is neither, and everything works.

The pipe tells the child something too: when it breaks, the parent is gone, and the child stops.
(On Linux the kernel has killed it by then, see embedded/process.py.)
"""

import asyncio
import contextlib
import ctypes
import faulthandler
import os
import signal
import socket
import sys
from collections.abc import Mapping

import orjson

CHILD_FD = "LIVECOMMERCE_CHILD_FD"
LISTEN_FD = "LIVECOMMERCE_LISTEN_FD"
BEAT_S = 1.0
DUMP_SIGNAL = signal.SIGUSR2
"""On this signal a child writes the stacks of its threads to stderr; sent before a silent child is
ended, since they are the only witness of what it hung on."""

PR_SET_PDEATHSIG = 1


class Parent:
    """The process that started us, if it wants to hear from us."""

    def __init__(self, pipe: int | None, listening: int | None) -> None:
        self._pipe = pipe
        self._listening = listening
        if pipe is not None:
            os.set_blocking(pipe, False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Parent":
        def number(name: str) -> int | None:
            return int(environ[name]) if name in environ else None

        return cls(number(CHILD_FD), number(LISTEN_FD))

    def ready(self, **ports: int) -> None:
        """Say that we serve now. ports: the ones that we really listen on, by name."""
        self._say({"ready": True, "ports": ports})

    def listening_socket(self) -> socket.socket | None:
        """The socket that the parent opened for us; None: open one yourself."""
        if self._listening is None:
            return None
        inherited = socket.socket(fileno=self._listening)
        inherited.setblocking(False)
        return inherited

    async def beat_until(self, stopped: asyncio.Event) -> None:
        """Give a sign of life each second until `stopped`; set it when the parent is gone."""
        beat = 0
        while not stopped.is_set():
            beat += 1
            if not self._say({"beat": beat}):
                stopped.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), BEAT_S)

    def _say(self, message: dict[str, object]) -> bool:
        """False when nobody can hear us any more."""
        if self._pipe is None:
            return True
        try:
            os.write(self._pipe, orjson.dumps(message) + b"\n")
        except BlockingIOError:
            return True  # the parent is slow: 64 KB of beats wait for it already
        except OSError:
            return False
        return True


def stop_on_signals(stopped: asyncio.Event) -> None:
    """SIGTERM and SIGINT ask for a clean stop; the second one of them does not ask."""

    def on_signal() -> None:
        if stopped.is_set():
            os._exit(1)
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)


def dump_stacks_on_signal() -> None:
    faulthandler.register(DUMP_SIGNAL, all_threads=True)


def follow_parent(death_signal: signal.Signals) -> None:
    """Ask the kernel to send us this signal when our parent dies (Linux only)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
