"""A whole livecommerce of its own for a bench or a journey, started by the real command.

It runs `livecommerce demo --json` in a directory of its own with free ports, so that it never meets
a demo that somebody has open, and hands out the facts that the command prints.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 20
SPARE_CONNECTIONS = 200
# Below what kernels give to outgoing connections.
LISTENING_PORTS = range(12_000, 32_000)
FREE_PORT_TRIES = 50
# A crowd that comes from one machine, and faster than people would, is what the hub's limits of
# addresses and handshakes are there to stop.
ONE_MACHINE = {
    f"LIVECOMMERCE_HUB_{limit}": "100000"
    for limit in (
        "HANDSHAKES_PER_S",
        "HANDSHAKES_BURST",
        "ADDRESS_CONNECTIONS",
        "ADDRESS_HANDSHAKES_PER_S",
        "ADDRESS_HANDSHAKES_BURST",
        "ADDRESS_EVENTS_PER_S",
        "ADDRESS_EVENTS_BURST",
        "ANONYMOUS_WATCHES_PER_S",
        "ANONYMOUS_WATCHES_BURST",
    )
}


class StackFailed(Exception):
    """The program did not start; the text is what it printed."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A running program: `url` of its pages, `facts` as printed by `demo --json`."""

    url: str
    data_dir: Path
    log: Path
    facts: Mapping[str, Any]
    supervisor_pid: int

    def link(self, role: str) -> str:
        """The one-time log-in link of a role; it works once."""
        link: str = self.facts["links"][role]
        return link

    def pid_of(self, child: str) -> int:
        """The process id that a child (hub, media, worker, broadcast) has at this moment.

        Read from the kernel, because a restarted child has another one than at the start.
        """
        for pid in children_of(self.supervisor_pid):
            words = words_of(pid)
            if "livecommerce" in words and child in words:
                return pid
        raise LookupError(f"no child process {child}")


def words_of(pid: int) -> list[str]:
    """The command line of a process; nothing when it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def children_of(pid: int) -> list[int]:
    """Process ids whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return sorted(found)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that nothing uses at this moment, and that the kernel gives to no other connection.

    One that the kernel chose could be an outgoing connection's by the time a program binds it.
    """
    for _ in range(FREE_PORT_TRIES):
        port = random.choice(LISTENING_PORTS)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StackFailed(f"no free port among {LISTENING_PORTS}")


def roomy(connections: int) -> dict[str, str]:
    """Settings of a hub that a crowd of one machine may come to at once.

    The limits stay in force, as high as one process and one address then need them.
    """
    high = str(connections + SPARE_CONNECTIONS)
    names = (
        "MAX_CONNECTIONS",
        "HANDSHAKES_PER_S",
        "HANDSHAKES_BURST",
        "ADDRESS_CONNECTIONS",
        "ADDRESS_HANDSHAKES_PER_S",
        "ADDRESS_HANDSHAKES_BURST",
        "ADDRESS_EVENTS_PER_S",
    )
    return {f"LIVECOMMERCE_HUB_{name}": high for name in names}


@contextmanager
def running_stack(extra_environment: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """Start the demo, wait until it says that it is ready, and stop it afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="lc-stack-"))
    # The database runs under another account when we are root and must be able to enter.
    directory.chmod(0o755)
    log = directory / "demo.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "livecommerce", "demo", "--json"],
            env=_environment(directory / "data", extra_environment or {}),
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        facts = _facts(process, log)
        yield Stack(
            url=facts["url"].rstrip("/"),
            data_dir=directory / "data",
            log=log,
            facts=facts,
            supervisor_pid=process.pid,
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        shutil.rmtree(directory, ignore_errors=True)


def _environment(data_dir: Path, extra: Mapping[str, str]) -> dict[str, str]:
    environment = os.environ | {
        "LIVECOMMERCE_DATA_DIR": str(data_dir),
        "LIVECOMMERCE_HTTP_PORT": str(free_port()),
        "LIVECOMMERCE_ADMIN_PORT": str(free_port()),
        "LIVECOMMERCE_MEDIA_PORT": str(free_port(socket.SOCK_DGRAM)),
    }
    environment |= ONE_MACHINE | dict(extra)
    # A URL of somebody's real servers must not turn a bench loose on them.
    urls = [f"LIVECOMMERCE_DATABASE_{of}URL" for of in ("", "API_", "SERVICE_")]
    for name in ("DATABASE_URL", "REDIS_URL", "LIVECOMMERCE_REDIS_URL", *urls, "MAKELEVEL"):
        environment.pop(name, None)
    return environment


def _facts(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """The one JSON line that the demo prints on its standard output when everything is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise StackFailed(log.read_text()[-4000:])
    facts: dict[str, Any] = json.loads(line)
    return facts
