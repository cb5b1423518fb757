"""Locust's people against the whole program: headless, spread over a master and two workers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

from loadtests.load import LOCUSTFILE, MANY_ADDRESSES
from loadtests.stack import free_port, roomy, running_stack

PEOPLE = 6
CHATTERS = {"user_class_name": "Chatter", "fixed_count": PEOPLE // 2}
# It is stopped as soon as it has shown what it is asked for.
LONGEST = "120s"


def row(line: str) -> tuple[str, ...]:
    """`WSR chat.posted 12 0(0.00%) | 85 20 130 ...`: type, name, count, failures, mean age."""
    return tuple(line.replace("|", " ").split()[:5])


def test_people_chat_and_the_age_of_what_everybody_hears_is_told() -> None:
    with running_stack(MANY_ADDRESSES | roomy(PEOPLE)) as stack:
        command = ["-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--host", stack.url]
        crowd = ["--users", str(PEOPLE), "--spawn-rate", str(PEOPLE), "--run-time", LONGEST]
        port = str(free_port())
        meeting = ["--master-bind-port", port, "--master-port", port]
        spread = ["--processes", "2", *meeting, "--expect-workers-max-wait", "60"]
        locust = subprocess.Popen(
            [sys.executable, *command, *crowd, *spread, "--config-users", json.dumps(CHATTERS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert locust.stdout is not None
        try:
            with locust.stdout as told:
                heard = next(
                    (row(line) for line in told if line.startswith("WSR ") and "%)" in line), None
                )
                locust.send_signal(signal.SIGTERM)
                # The table of percentiles below it has rows that begin alike.
                rest = [row(line) for line in told if "%)" in line]
        finally:
            locust.terminate()
            code = locust.wait()

    assert heard is not None and heard[1] == "chat.posted", (code, heard)
    said = max(int(each[2]) for each in rest if each[:2] == ("WSC", "chat.send"))
    _, _, count, failures, age_ms = max(
        (each for each in rest if each[:2] == ("WSR", "chat.posted")), key=lambda each: int(each[2])
    )
    assert code == 0
    # Everybody hears what one has said, in the pace of the chat's windows.
    assert int(count) > said > 0
    assert (failures, int(age_ms) > 0) == ("0(0.00%)", True)
