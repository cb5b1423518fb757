"""Thousands of viewers: opened at a bounded pace from several loopback addresses, closed together.

One source address has about 28,000 ports towards one server, so the crowd comes from many.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import resource
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from loadtests.swarm.tally import Tally
from loadtests.swarm.viewer import NotLetIn, Viewer
from loadtests.swarm.wire import BROWSER_HEADERS, connect_frame, event_frame, upgrade

ADDRESSES = 200
AT_ONCE = 128
READY_TIMEOUT_S = 60
PATIENCE_S = 120.0
SAMPLE_EVERY = 100
READ_TURNS = 50
# Sockets of the program itself: its log, its control pipes, the event loop's own.
SPARE_FILES = 64


@dataclass(frozen=True, slots=True)
class Target:
    """Where viewers go and how they introduce themselves.

    join: an event, sent with the acknowledgement 0 after CONNECT; a viewer is there once that
      has been answered.
    tokens: of those who are logged in; the rest of the crowd is anonymous.
    """

    url: str
    join: tuple[str, Mapping[str, Any]] | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: BROWSER_HEADERS)
    tokens: tuple[str, ...] = ()

    @property
    def netloc(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.netloc.partition(":")
        return host, int(port or 80)


ViewerT = TypeVar("ViewerT", bound=Viewer)


class TooFewFiles(Exception):
    """The limit of open files of this process is below what the crowd needs."""


class Crowd:
    """Viewers of one target, counted in one tally."""

    def __init__(
        self,
        target: Target,
        tally: Tally,
        sample_every: int = SAMPLE_EVERY,
        receive_buffer: int = 0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.viewers: list[Viewer] = []
        self._target, self._tally = target, tally
        self._sample_every = sample_every
        self._receive_buffer = receive_buffer
        self._patience_s = patience_s
        self._gate = asyncio.Semaphore(AT_ONCE)
        self.greeting = upgrade(target.netloc, target.headers)
        self.connect = connect_frame({})
        self._join = b"" if target.join is None else event_frame(0, *target.join)
        self._opened = 0

    async def open(self, count: int) -> None:
        """Let `count` more in; raises what the first failure was."""
        require_files(count + len(self.viewers))
        self.viewers += await asyncio.gather(*(self.arrive() for _ in range(count)))

    async def arrive(self) -> Viewer:
        """One more viewer, ready; the caller keeps it."""
        tokens, number = self._target.tokens, self._opened
        connect = connect_frame({"token": tokens[number]}) if number < len(tokens) else self.connect
        is_sampled = self._sample_every > 0 and number % self._sample_every == 0
        return await self.let_in(
            lambda: Viewer(self._tally, self.greeting, connect, self._join, is_sampled=is_sampled)
        )

    async def read_now_and_then(self, every_s: float) -> None:
        """All but the sampled viewers read once in so many seconds, in turns. Cancel to stop.

        What is sent to them meanwhile is taken by the kernel, as ever, and pings are answered a
        little later. It spares the many calls that would only count one frame each.
        """
        lazy = [viewer for viewer in self.viewers if not viewer.is_sampled]
        for viewer in lazy:
            viewer.is_lazy = True
        began_s = time.perf_counter()
        try:
            for turn in itertools.count(1):
                await asyncio.sleep(began_s + turn * every_s / READ_TURNS - time.perf_counter())
                for viewer in lazy[turn % READ_TURNS :: READ_TURNS]:
                    viewer.resume()
        finally:
            for viewer in lazy:
                viewer.is_lazy = False
                viewer.resume()

    async def let_in(self, make: Callable[[], ViewerT]) -> ViewerT:
        """Open a connection and wait until it is ready; raises NotLetIn or OSError.

        Whoever is told to come back later does, as a browser does, for `patience_s` at most.
        """
        number, self._opened = self._opened, self._opened + 1
        ends_s = time.perf_counter() + self._patience_s
        async with self._gate:
            while True:
                viewer = make()
                try:
                    await self._dial(viewer, number)
                    async with asyncio.timeout(READY_TIMEOUT_S):
                        await viewer.ready
                except NotLetIn as refused:
                    after_s = refused.retry_after_s
                    if after_s is None or time.perf_counter() + after_s > ends_s:
                        raise
                    await asyncio.sleep(after_s * random.uniform(1, 2))
                else:
                    return viewer

    async def _dial(self, viewer: Viewer, number: int) -> None:
        loop = asyncio.get_running_loop()
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        if self._receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        host, port = self._target.address
        if host in ("127.0.0.1", "localhost"):
            host = "127.0.0.1"
            sock.bind((f"127.0.{number // ADDRESSES % 200}.{number % ADDRESSES + 1}", 0))
        try:
            await loop.sock_connect(sock, (host, port))
            await loop.create_connection(lambda: viewer, sock=sock)
        except BaseException:
            sock.close()
            raise

    async def close(self) -> None:
        """All of them leave at once."""
        for viewer in self.viewers:
            viewer.drop()
        while not all(viewer.is_gone for viewer in self.viewers):
            await asyncio.sleep(0.01)
        self.viewers.clear()


def require_files(sockets: int) -> None:
    """Raise the limit of open files as far as may be; TooFewFiles when that is not enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + SPARE_FILES
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise TooFewFiles(f"{sockets} sockets need ulimit -n {wanted}; the most here is {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
