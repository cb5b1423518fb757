"""What the viewer page does when the server closes its connection: it obeys the close frame.

The hub is played here, since a real one closes for good only those who harm it; what its close
frames say is fixed by signaling/closing.py.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from loadtests.stack import Stack
from signaling import closing
from signaling.closing import Closing
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

OPEN = '0{"sid":"s","upgrades":[],"pingInterval":20000,"pingTimeout":15000,"maxPayload":65536}'


@dataclass
class ClosingHub:
    """Takes every connection and closes the first one, in the way it is told to."""

    way: Closing
    taken: list[WebSocketRoute] = field(default_factory=list)

    def take(self, socket: WebSocketRoute) -> None:
        is_first = not self.taken
        self.taken.append(socket)
        socket.on_message(lambda message: self._heard(socket, str(message), is_first))
        socket.send(OPEN)

    def _heard(self, socket: WebSocketRoute, message: str, is_first: bool) -> None:
        if not message.startswith("40"):
            return
        socket.send('40{"sid":"c"}')
        if is_first:
            if self.way.is_final:
                socket.send("41")
            socket.close(code=self.way.code, reason=self.way.text)


Watch = Callable[[Closing], tuple[Page, ClosingHub]]


@pytest.fixture
def watch(stack: Stack, open_page: Callable[..., Page]) -> Watch:
    def open_(way: Closing) -> tuple[Page, ClosingHub]:
        hub = ClosingHub(way)
        page = open_page(PHONE)
        page.route_web_socket(lambda url: "/socket.io/" in url, hub.take)
        page.goto(stack.facts["viewer_url"])
        return page, hub

    return open_


def test_after_a_drain_the_page_comes_back_without_a_word(
    watch: Watch,
) -> None:
    page, hub = watch(closing.DRAINING)
    deadline = time.monotonic() + 15
    while len(hub.taken) < 2 and time.monotonic() < deadline:
        # Nobody reads of a loss that heals at once.
        assert page.locator(".link-line[data-shown=true]").count() == 0
        page.wait_for_timeout(50)
    expect(page.get_by_test_id("stage")).to_have_attribute("data-link", "open")
    assert len(hub.taken) == 2


def test_a_final_close_is_told_and_only_a_person_connects_again(
    watch: Watch,
) -> None:
    page, hub = watch(closing.REPLACED)
    told = page.get_by_test_id("link-closed")
    expect(told).to_contain_text("open in too many places")
    assert len(hub.taken) == 1
    told.get_by_role("button").click()
    expect(page.get_by_test_id("stage")).to_have_attribute("data-link", "open")
    expect(told).to_have_count(0)
    assert len(hub.taken) == 2


def test_a_page_that_wrote_far_too_much_stays_away_as_long_as_it_was_told(
    watch: Watch,
) -> None:
    page, hub = watch(closing.FLOOD)
    # Two of the library's own attempts would have come by the time the loss is told.
    expect(page.locator(".link-line")).to_contain_text("Reconnecting")
    expect(page.get_by_test_id("stage")).to_have_attribute("data-link", "lost")
    assert len(hub.taken) == 1
