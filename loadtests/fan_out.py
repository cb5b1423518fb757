"""CPU that a server spends on bringing one event to one connection.

The server is a process of its own on one core; the clients are this process, on another. What is
charged to the server is its own user and system time from /proc, whole, with whatever else it does
meanwhile. The next event is emitted when every client has the former: nothing piles up, nothing can
be skipped and counted as sent, and each server is measured at the pace it can keep. Counted is what
the clients received, not what the server says it wrote.

A send over loopback also pays for the receiving half of the kernel's work.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.swarm.crowd import Crowd, Target
from loadtests.swarm.tally import Tally
from loadtests.swarm.wire import BROWSER_HEADERS

LIVE = "00000000-0000-7000-8000-000000000001"
START_TIMEOUT_S = 30
HEARD_TIMEOUT_S = 60
WARM_UP_EVENTS = 20
PLAIN: Mapping[str, str] = {}
BROWSER = BROWSER_HEADERS


_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = {_CORES[0]}
"""Where the server under test runs; who measures takes CLIENT_CORES. The same on one core."""
CLIENT_CORES = set(_CORES[1:]) or SERVER_CORE


def cpu_s(pid: int) -> float:
    """User and system time of a process so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_kb(pid: int) -> int:
    """Resident memory of a process at this moment."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


class ServerFailed(Exception):
    """The server under test ended or said something else than it should."""


@dataclass(slots=True)
class Server:
    """A server under test. It is told what to do by JSON lines on its standard input."""

    url: str
    process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, do: str, **values: Any) -> None:
        assert self.process.stdin is not None, "started with a pipe"
        self.process.stdin.write(json.dumps({"do": do, **values}).encode() + b"\n")

    async def heard(self) -> dict[str, Any]:
        """Its answer to the earliest request that is not answered yet."""
        assert self.process.stdout is not None, "started with a pipe"
        line = await self.process.stdout.readline()
        if not line:
            raise ServerFailed(f"the server ended with code {await self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def ask(self, do: str, **values: Any) -> dict[str, Any]:
        self.tell(do, **values)
        return await self.heard()


@asynccontextmanager
async def running(command: Sequence[str]) -> AsyncIterator[Server]:
    """Start a server on its core; killed afterwards."""
    # Inherited, so that its threads are on that core from the first on.
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, SERVER_CORE)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    finally:
        os.sched_setaffinity(0, own)
    server = Server("", process)
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            server.url = f"http://127.0.0.1:{(await server.heard())['port']}"
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def python_server(name: str) -> list[str]:
    """The command of `ours` or `stock`."""
    return [sys.executable, "-m", "loadtests.fan_out_servers", name]


@dataclass(slots=True)
class Measured:
    """One server with its crowd, measured in turns with the others."""

    name: str
    server: Server
    crowd: Crowd
    tally: Tally
    samples_us: list[float]

    @property
    def us_per_delivery(self) -> float:
        return statistics.median(self.samples_us)

    async def deliver(self, events: int, seconds: float) -> tuple[int, float]:
        """Emit events one after the other, until there were `events` or the time is over: how many
        deliveries there were and what they cost the server."""
        viewers = len(self.crowd.viewers)
        before_s, ends_s, done = cpu_s(self.server.pid), time.perf_counter() + seconds, 0
        while done < events and time.perf_counter() < ends_s:
            self.tally.aim(viewers)
            await self.server.ask("emit")
            async with asyncio.timeout(HEARD_TIMEOUT_S):
                await self.tally.reached.wait()
            done += 1
        return done * viewers, cpu_s(self.server.pid) - before_s

    async def sample(self, seconds: float) -> None:
        deliveries, spent_s = await self.deliver(sys.maxsize, seconds)
        self.samples_us.append(spent_s / deliveries * 1e6)


@asynccontextmanager
async def measured(
    name: str, command: Sequence[str], viewers: int, headers: Mapping[str, str]
) -> AsyncIterator[Measured]:
    """A server with a full room, warm."""
    tally = Tally()
    async with running(command) as server:
        target = Target(server.url, ("session.join", {"live_session_id": LIVE}), headers)
        crowd = Crowd(target, tally)
        await crowd.open(viewers)
        each = Measured(name, server, crowd, tally, [])
        await each.deliver(WARM_UP_EVENTS, seconds=3)
        try:
            yield each
        finally:
            await crowd.close()
