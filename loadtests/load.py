"""`make load`: locust's viewers and chatters against a livecommerce of their own, headless.

    make load
    make load ARGS="--users 200 --spawn-rate 20 --run-time 2m"
    make load ARGS="--host https://staging.example.com --users 100"   # a server that runs already

Without --host it starts the whole program in a directory of its own and stops it afterwards. All
arguments are locust's. Exits with 1 when an event failed that was not refused for a good reason.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loadtests.stack import roomy, running_stack

DEFAULTS = {"--users": "50", "--spawn-rate": "10", "--run-time": "40s"}
# More than one machine's worth of locust.
USERS_MAX = 20_000
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
# Load comes from one machine but stands for many; with this the server believes the address that
# each user gives, and throttles sign-ups by it.
MANY_ADDRESSES = {"LIVECOMMERCE_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"}


def main(arguments: list[str]) -> int:
    """Run locust; its exit code."""
    if "--host" in arguments or "-H" in arguments:
        return _locust(arguments)
    with running_stack(MANY_ADDRESSES | roomy(USERS_MAX)) as stack:
        print(f"load: {stack.url}, live session {stack.facts['live_session_id']}", flush=True)
        return _locust(["--host", stack.url, *arguments])


def _locust(arguments: list[str]) -> int:
    options = [
        word for name, value in DEFAULTS.items() if name not in arguments for word in (name, value)
    ]
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless"]
    return subprocess.run(
        [*command, "--only-summary", *options, *arguments], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
