"""`livecommerce serve` as an operator runs it: one command, its processes, its ports."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from livecommerce.hub_slots import admin_port
from livecommerce.listening import is_free
from loadtests.stack import children_of, free_port, words_of

START_S = 150
STOP_S = 60


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    http_port: int
    admin_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def hubs(self) -> dict[int, int]:
        """The process id of the hub in each slot; a slot between two hubs is missing."""
        found = {}
        for pid in children_of(self.process.pid):
            if "hub" in words_of(pid) and (slot := _slot_of(pid)) is not None:
                found[slot] = pid
        return found

    def admin(self, slot: int, path: str) -> requests.Response:
        """Ask the side of operators of a hub; waits while it is started again."""
        port = admin_port(self.admin_port, slot)
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=START_S)

    def answered(self, slot: int) -> float:
        """How many requests for /livez the hub in this slot has answered."""
        return sum(
            float(line.rpartition(" ")[2])
            for line in self.admin(slot, "/metrics").text.splitlines()
            if line.startswith("livecommerce_http_requests_total") and "/livez" in line
        )

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill_hub(self, slot: int) -> int:
        """Kill -9 the hub in this slot and wait until it is dead, and takes nobody from the queue
        any more. The process id that it had."""
        pid = self.hubs()[slot]
        process = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([process], [], [], STOP_S)
        os.close(process)
        return pid


def _slot_of(pid: int) -> int | None:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    slots = [each for each in variables if each.startswith(b"LIVECOMMERCE_SLOT=")]
    return int(slots[0].partition(b"=")[2]) if slots else None


@contextmanager
def serving(
    database_url: str, redis_url: str, data_dir: Path, *options: str, **settings: str
) -> Iterator[Served]:
    """Start it, wait until every hub is ready, and stop it afterwards without asking."""
    http_port, admin = _free_run(2), _free_run(6)
    environment = _without_ours(os.environ) | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "LIVECOMMERCE_DATA_DIR": str(data_dir),
        "LIVECOMMERCE_HTTP_PORT": str(http_port),
        "LIVECOMMERCE_ADMIN_PORT": str(admin),
        "LIVECOMMERCE_MEDIA_PORT": str(free_port()),
        **{f"LIVECOMMERCE_{name}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "livecommerce", "serve", *options]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    served = Served(process, http_port, admin)
    try:
        _until_ready(served)
        yield served
    finally:
        process.kill()
        process.wait()


def _until_ready(served: Served) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert served.process.poll() is None, "serve ended"
        try:
            # Its socket is open before the hub is there, and is ready when the hub is.
            if requests.get(f"{served.url}/readyz", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError(f"not ready after {START_S} s")


def _without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("LIVECOMMERCE_")}


def _free_run(count: int) -> int:
    """The first of so many ports in a row that nobody uses."""
    while True:
        first = free_port()
        ports = range(first, first + count)
        if all(is_free("127.0.0.1", port, socket.SOCK_STREAM) for port in ports):
            return first
