"""A stranger's first minutes: a clean clone, the README's first command, a live picture, Ctrl-C.

Runs the whole thing from outside, as whoever runs the tests; under root once more as an ordinary
user, where the machine gives that user a Python. Nothing is shared with this checkout but git.
"""

import functools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import words_of
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.stranger, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
START_S = 600
STOP_S = 10
ORDINARY = "nobody"


def python_of(user: str) -> str | None:
    """A Python of at least 3.11 that this user may run, or None."""
    for python in ("python3", "/usr/bin/python3", "/usr/local/bin/python3"):
        command = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        with_user = (
            subprocess.run(
                command,
                user=user,
                cwd="/",
                env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
                check=False,
            )
            if shutil.which(python)
            else None
        )
        if with_user is not None and with_user.returncode == 0:
            return python
    return None


def strangers() -> list[str]:
    """Who tries the program on this machine."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    return [me, ORDINARY] if os.geteuid() == 0 and python_of(ORDINARY) else [me]


# What a shell that `make test` did not start would not have; make exports ARGS, too.
OF_THIS_RUN = frozenset(
    ("DATABASE_URL", "REDIS_URL", "VIRTUAL_ENV", "MAKELEVEL", "MAKEFLAGS", "MAKEOVERRIDES", "ARGS")
)


@dataclass
class Checkout:
    """A clean clone that belongs to `user`."""

    directory: Path
    user: str

    def make_demo(self) -> "Demo":
        """`make demo`, as typed in a shell of that user, in a process group of its own."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("LIVECOMMERCE_") and name not in OF_THIS_RUN
        }
        command = ["make", "demo"]
        if self.user == ORDINARY:
            environment |= {
                "HOME": str(self.directory.parent),
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            }
            environment = {
                name: value for name, value in environment.items() if "CACHE" not in name
            }
            command.append(f"PYTHON={python_of(self.user)}")
        log = self.directory.parent / "demo.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=environment,
                user=self.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Demo(process, log, self.directory)


@dataclass
class Demo:
    """`make demo` under way."""

    process: subprocess.Popen[bytes]
    log: Path
    directory: Path

    def viewer_url(self) -> str:
        """Wait for the block at the end and read the viewer's address from it."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            said = self.log.read_text()
            if "Ctrl-C" in said:
                found = re.search(r"Viewer\s+(http\S+)", said)
                assert found is not None, said
                return found[1]
            assert self.process.poll() is None, said
            time.sleep(0.2)
        raise AssertionError(f"not ready after {START_S} s:\n{self.log.read_text()}")

    def press_ctrl_c(self) -> None:
        """What a terminal does: SIGINT to everything in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(STOP_S)

    def kill_parent(self) -> None:
        """kill -9 of the supervisor, which is the child of make."""
        for child in processes_of(self.directory):
            words = words_of(child)
            if "demo" in words and "livecommerce" in words:
                os.kill(child, signal.SIGKILL)
        self.process.wait(STOP_S)


def processes_of(directory: Path) -> list[int]:
    """Processes that were started from files of this checkout, or work in it."""
    mine = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(directory).encode() in words:
            mine.append(int(process.name))
    return mine


def nothing_is_left_of(directory: Path) -> bool:
    """Wait until no process of the checkout runs any more."""
    deadline = time.monotonic() + STOP_S
    while processes_of(directory) and time.monotonic() < deadline:
        time.sleep(0.1)
    return processes_of(directory) == []


@functools.cache
def committed() -> str:
    """What a clone contains; uncommitted changes are not part of it."""
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture(scope="module", params=strangers())
def checkout(request: pytest.FixtureRequest) -> Iterator[Checkout]:
    parent = Path(tempfile.mkdtemp(prefix="lc-stranger-"))
    parent.chmod(0o755)
    directory = parent / "livecommerce"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(directory)], check=True)
    head = ["git", "-C", str(directory), "checkout", "-q", "--detach", committed()]
    subprocess.run(head, check=True)
    if request.param != pwd.getpwuid(os.geteuid()).pw_name:
        subprocess.run(["chown", "-R", f"{request.param}:", str(parent)], check=True)
    yield Checkout(directory, request.param)
    for process in processes_of(directory):
        os.kill(process, signal.SIGKILL)
    shutil.rmtree(parent, ignore_errors=True)


def test_the_first_command_leads_to_a_live_picture_and_ctrl_c_ends_everything(
    checkout: Checkout, open_page: Callable[..., Page], screenshots: Path
) -> None:
    began_s = time.monotonic()
    demo = checkout.make_demo()
    viewer = open_page(PHONE)
    viewer.goto(demo.viewer_url())
    expect(viewer.get_by_test_id("stage")).to_have_attribute("data-state", "live", timeout=30_000)
    video = viewer.get_by_test_id("live-video")
    first = video.screenshot()
    viewer.wait_for_timeout(500)
    assert video.screenshot() != first
    print(f"clone to moving picture, as {checkout.user}: {time.monotonic() - began_s:.0f} s")
    expect(viewer.get_by_test_id("pin-card")).to_be_visible()
    expect(viewer.locator("[data-testid=chat-line]").first).to_be_visible()
    viewer.screenshot(path=screenshots / f"stranger-{checkout.user}.png")
    demo.press_ctrl_c()
    assert "Stopped in" in demo.log.read_text()
    assert nothing_is_left_of(checkout.directory)


def test_the_second_start_finds_its_data_and_kill_9_of_the_parent_leaves_no_orphan(
    checkout: Checkout,
) -> None:
    first_said = (checkout.directory.parent / "demo.log").read_text()
    demo = checkout.make_demo()
    address = demo.viewer_url().rpartition("/")[2]
    assert address in first_said
    assert "packages" not in demo.log.read_text()
    demo.kill_parent()
    assert nothing_is_left_of(checkout.directory)
