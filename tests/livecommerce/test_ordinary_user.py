"""The whole program as an ordinary user, where this machine gives one a Python to run it with."""

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


def python_for(uid: int, environment: dict[str, str], home: Path) -> str | None:
    """A Python of our version that this user can run the program with.

    Ours, if it is not in somebody's home; the system's; else a copy of ours, which finds its
    library from where it stands.
    """
    if runs_the_program(sys.executable, uid, environment):
        return sys.executable
    version = f"python3.{sys.version_info.minor}"
    if runs_the_program(f"/usr/bin/{version}", uid, environment):
        return f"/usr/bin/{version}"
    base, copy = Path(sys.base_prefix), home / "python"
    shutil.copytree(base / "lib" / version, copy / "lib" / version, ignore=NOT_NEEDED)
    for part in (f"bin/{version}", *(f"lib/{path.name}" for path in base.glob("lib/libpython3*"))):
        (copy / part).parent.mkdir(exist_ok=True)
        shutil.copy(base / part, copy / part)
    mine = str(copy / "bin" / version)
    environment["LD_LIBRARY_PATH"] = str(copy / "lib")  # before the system's of the same name
    return mine if runs_the_program(mine, uid, environment) else None


NOT_NEEDED = shutil.ignore_patterns("test", "tests", "site-packages", "config-*", "idlelib")


def runs_the_program(python: str, uid: int, environment: dict[str, str]) -> bool:
    same = (
        f"import sys, livecommerce.app.hub; assert sys.version_info[:2] == {sys.version_info[:2]}"
    )
    try:
        ran = subprocess.run(
            [python, "-c", same],
            user=uid,
            group=uid,
            extra_groups=[],
            cwd="/",
            env=environment,
            capture_output=True,
        )
    except OSError:
        return False
    return ran.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests are run by an ordinary user then")
@pytest.mark.timeout(300)
def test_the_demo_runs_as_an_ordinary_user_and_leaves_nothing_behind(home: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    home.chmod(0o755)
    os.chown(home, uid, uid)
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PACKAGES}",
        "LIVECOMMERCE_DATA_DIR": str(home / "data"),
    }
    python = python_for(uid, environment, home)
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
