"""A message on the viewer page lies on nothing that a thumb reaches for."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FloatRect, Page, ViewportSize, expect

from loadtests.stack import Stack
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SMALL_PHONE = ViewportSize(width=320, height=640)


@pytest.fixture(scope="module")
def viewer(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Page]:
    """Somebody who watches without an account, and without sound."""
    page = open_page(PHONE)
    page.goto(stack.facts["viewer_url"])
    expect(page.get_by_test_id("sound")).to_be_visible(timeout=30_000)
    yield page


def box_of(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).bounding_box()
    assert box is not None, selector
    return box


def overlap(one: FloatRect, other: FloatRect) -> bool:
    def meet(start: float, length: float, other_start: float, other_length: float) -> bool:
        return start < other_start + other_length and other_start < start + length

    return meet(one["x"], one["width"], other["x"], other["width"]) and meet(
        one["y"], one["height"], other["y"], other["height"]
    )


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["phone", "small-phone"])
def test_a_message_covers_neither_sound_nor_buy_nor_the_chat_field(
    viewer: Page, size: ViewportSize
) -> None:
    viewer.set_viewport_size(size)
    viewer.get_by_test_id("reaction").click()
    message = viewer.locator(".toast")
    expect(message).to_be_visible()
    # Where it comes to rest, not where it comes from.
    message.evaluate("it => Promise.all(it.getAnimations().map((one) => one.finished))")

    lies = box_of(viewer, ".toast")
    for needed in ("sound", "buy", "chat-input"):
        assert not overlap(lies, box_of(viewer, f"[data-testid={needed}]")), needed


def test_the_page_complains_of_nothing(viewer: Page, complaints: list[str]) -> None:
    assert complaints == []
