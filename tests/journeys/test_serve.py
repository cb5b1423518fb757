"""`livecommerce serve` on databases that DATABASE_URL and REDIS_URL name, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from livecommerce.embedded import Postgres, Valkey
from loadtests.stack import children_of, free_port

READY_S = 60
STOP_S = 15


@dataclass
class Served:
    """A running `serve`."""

    process: subprocess.Popen[bytes]
    http_port: int
    admin_port: int

    def get(self, path: str, port: int | None = None) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{port or self.http_port}{path}", timeout=5)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "serve ended"
            try:
                if self.get("/readyz").status_code == 200:
                    return
            except requests.RequestException:  # queued, until the hub is there
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready after {READY_S} s")


@pytest.fixture
def served(
    empty_database_url: str,
    redis_url: str,
    postgres_server: Postgres,
    valkey_server: Valkey,
    tmp_path: Path,
) -> Iterator[Served]:
    http_port, admin_port = free_port(), free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LIVECOMMERCE_")
    } | {
        "DATABASE_URL": empty_database_url,
        "REDIS_URL": redis_url,
        "LIVECOMMERCE_DATA_DIR": str(tmp_path / "data"),
        "LIVECOMMERCE_HTTP_PORT": str(http_port),
        "LIVECOMMERCE_ADMIN_PORT": str(admin_port),
        "LIVECOMMERCE_MEDIA_PORT": str(free_port()),
    }
    command = [sys.executable, "-m", "livecommerce", "serve", "--migrate"]
    process = subprocess.Popen(command, env=environment)
    yield Served(process, http_port, admin_port)
    if process.poll() is None:
        process.kill()
        process.wait()


def test_serve_runs_on_named_databases_and_stops_cleanly(served: Served) -> None:
    served.wait_until_ready()
    assert served.get("/livez").status_code == 200
    assert served.get("/metrics").status_code == 404
    for offset, process in enumerate(("hub", "media", "worker")):
        metrics = served.get("/metrics", served.admin_port + offset)
        assert f'process="{process}"' in metrics.text
        assert served.get("/readyz", served.admin_port + offset).status_code == 200
    sign_up = {
        "email": "asha@example.test",
        "password": "correct horse battery",
        "display_name": "Asha",
    }
    answer = requests.post(
        f"http://127.0.0.1:{served.http_port}/api/v1/auth/sign-up", json=sign_up, timeout=10
    )
    assert answer.status_code == 201
    children = children_of(served.process.pid)
    assert len(children) == 3
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(STOP_S) == 0
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []
