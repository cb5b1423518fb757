"""What a viewer sees while the bus between the servers is away: one quiet sentence."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack, children_of, words_of
from tests.journeys.conftest import PHONE
from tests.journeys.parts import PATIENCE_MS, line, say, sign_up, watch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def valkey(stack: Stack) -> Iterator[int]:
    """The process id of the bus; it runs again afterwards, whatever happens."""
    pids = children_of(stack.supervisor_pid)
    pid = next(pid for pid in pids if any("valkey-server" in word for word in words_of(pid)))
    yield pid
    os.kill(pid, signal.SIGCONT)


def test_a_frozen_bus_is_said_quietly_and_no_longer_once_it_answers_again(
    stack: Stack, open_page: Callable[..., Page], valkey: int, complaints: list[str]
) -> None:
    page = open_page(PHONE)
    watch(page, stack, stack.facts["live_session_id"])
    sign_up(page, "Asha Rao")
    degraded = page.get_by_test_id("degraded")
    expect(degraded).to_have_count(0)
    os.kill(valkey, signal.SIGSTOP)
    # Noticed by whoever says something.
    say(page, "does anybody hear me")
    expect(degraded).to_have_text(
        "Messages of some viewers may come late just now.", timeout=PATIENCE_MS
    )
    os.kill(valkey, signal.SIGCONT)
    expect(degraded).to_have_count(0, timeout=PATIENCE_MS)
    say(page, "all is well again")
    expect(line(page, "all is well again")).to_have_attribute(
        "data-line", "sent", timeout=PATIENCE_MS
    )
    assert complaints == []
