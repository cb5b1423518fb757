"""The child's side of the tie between the supervisor and its processes.

A child learns from its environment that it has a parent: LIVECOMMERCE_CHILD_FD is the end of a
pipe on which it says when it is ready and, once a second, that its event loop still turns. A hub
also inherits what it listens on, LIVECOMMERCE_LISTEN_FD and LIVECOMMERCE_ADMIN_FD, so that
connections queue rather than fail while it is started again, and the number of its slot,
LIVECOMMERCE_SLOT, where there are several. Started by hand there is none, and everything works.

The pipe tells the child something too: when it breaks, the parent is gone, and the child stops.
(On Linux the kernel has killed it by then, see embedded/process.py.)
"""

import asyncio
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
ADMIN_FD = "LIVECOMMERCE_ADMIN_FD"
SLOT = "LIVECOMMERCE_SLOT"
VARIABLES = frozenset({CHILD_FD, LISTEN_FD, ADMIN_FD, SLOT})
BEAT_S = 1.0
QUICK_STOP_S = 5.0
REPLACED_SIGNAL = signal.SIGHUP
"""Tells a process with inherited sockets that another one serves them from now on, and that it is
to stop without refusing anybody."""
DUMP_SIGNAL = signal.SIGUSR2
"""On this signal a child writes the stacks of its threads to stderr; sent before a silent child is
ended, since they are the only witness of what it hung on."""

PR_SET_PDEATHSIG = 1


class Parent:
    """The process that started us, if it wants to hear from us.

    forced: set when whoever stops us has no patience any more.
    is_replaced: whether another process serves our sockets already.
    """

    def __init__(self, pipe: int | None, listening: int | None, admin: int | None = None) -> None:
        self.forced = asyncio.Event()
        self.is_replaced = False
        self._pipe = pipe
        self._listening = listening
        self._admin = admin
        if pipe is not None:
            os.set_blocking(pipe, False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Parent":
        def number(name: str) -> int | None:
            return int(environ[name]) if name in environ else None

        return cls(number(CHILD_FD), number(LISTEN_FD), number(ADMIN_FD))

    def ready(self, **ports: int) -> None:
        """Say that we serve now. ports: the ones that we really listen on, by name."""
        self._say({"ready": True, "ports": ports})

    def listening_socket(self) -> socket.socket | None:
        """The socket that the parent opened for us; None: open one yourself."""
        return _inherited(self._listening)

    def admin_socket(self) -> socket.socket | None:
        """The same for the side of operators."""
        return _inherited(self._admin)

    def hear_signals(self, stopped: asyncio.Event) -> None:
        """Set `stopped` on a signal that asks for a clean stop; see stop_on_signals."""
        stop_on_signals(stopped, self.forced)

        def on_replaced() -> None:
            # Without a socket of the parent's nobody can have taken our place; it is a terminal
            # that was closed, or a signal for everything of this name.
            if self._listening is not None and not stopped.is_set():
                self.is_replaced = True
                stopped.set()

        asyncio.get_running_loop().add_signal_handler(REPLACED_SIGNAL, on_replaced)

    async def beat(self, stopped: asyncio.Event) -> None:
        """Give a sign of life each second, for ever; set `stopped` when the parent is gone."""
        beat = 0
        while True:
            beat += 1
            if not self._say({"beat": beat}):
                stopped.set()
            await asyncio.sleep(BEAT_S)

    async def end_forced(self) -> None:
        """End the process when a quick stop was asked for and even that has not come to its end."""
        await self.forced.wait()
        await asyncio.sleep(QUICK_STOP_S)
        os._exit(1)

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


def process_name(kind: str, environ: Mapping[str, str] = os.environ) -> str:
    """What a process is called in logs and figures: `hub`, or `hub-2` where there are several."""
    return f"{kind}-{environ[SLOT]}" if SLOT in environ else kind


def _inherited(descriptor: int | None) -> socket.socket | None:
    if descriptor is None:
        return None
    inherited = socket.socket(fileno=descriptor)
    inherited.setblocking(False)
    return inherited


def stop_on_signals(stopped: asyncio.Event, forced: asyncio.Event | None = None) -> None:
    """SIGTERM and SIGINT ask for a clean stop, the second one of them for a quick one (`forced`),
    and the next does not ask. Without `forced` the second one does not ask.
    """

    def on_signal() -> None:
        if not stopped.is_set():
            stopped.set()
        elif forced is not None and not forced.is_set():
            forced.set()
        else:
            os._exit(1)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)


def dump_stacks_on_signal() -> None:
    faulthandler.register(DUMP_SIGNAL, all_threads=True)


def follow_parent(death_signal: signal.Signals) -> None:
    """Ask the kernel to send us this signal when our parent dies (Linux only)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
