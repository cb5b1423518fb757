"""The whole program as an ordinary user, where this machine gives one a Python to run it with."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = sysconfig.get_paths()["purelib"]


@pytest.fixture
def home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="lc-user-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def python_for(uid: int, environment: dict[str, str]) -> str | None:
    """A Python of our version that this user can run the program with; ours may be in /root."""
    same = (
        f"import sys, livecommerce.app.hub; assert sys.version_info[:2] == {sys.version_info[:2]}"
    )
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError):
            ran = subprocess.run(
                [python, "-c", same],
                user=uid,
                group=uid,
                extra_groups=[],
                cwd="/",
                env=environment,
                capture_output=True,
            )
            if ran.returncode == 0:
                return python
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests are run by an ordinary user then")
@pytest.mark.timeout(300)
def test_the_demo_runs_as_an_ordinary_user_and_leaves_nothing_behind(home: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    os.chown(home, uid, uid)
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PACKAGES}",
        "LIVECOMMERCE_DATA_DIR": str(home / "data"),
    }
    python = python_for(uid, environment)
    if python is None:
        pytest.skip("this machine gives an ordinary user no Python that reaches the program")
    demo = subprocess.Popen(
        [python, "-m", "livecommerce", "demo", "--json"],
        user=uid,
        group=uid,
        extra_groups=[],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with demo:
        try:
            assert demo.stdout is not None
            facts = json.loads(demo.stdout.readline())
            children = descendants(demo.pid)
            assert len(children) >= 6, "hub, media, worker, broadcaster, Postgres, Valkey"
            assert {os.stat(f"/proc/{pid}").st_uid for pid in children} == {uid}
            with urllib.request.urlopen(f"{facts['url']}/readyz", timeout=10) as answer:
                assert answer.status == 200
        finally:
            demo.send_signal(signal.SIGINT)
        demo.wait(30)
    assert demo.returncode == 0
    assert [pid for pid in children if Path(f"/proc/{pid}/exe").exists()] == []


def descendants(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *descendants(int(child))]
    return found
