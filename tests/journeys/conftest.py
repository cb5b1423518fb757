"""What journeys stand on: the whole program, started by its own command, and real browsers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    ViewportSize,
    sync_playwright,
)

from loadtests.browser import chromium, flags
from loadtests.stack import Stack, running_stack

PHONE = ViewportSize(width=390, height=844)
LAPTOP = ViewportSize(width=1440, height=900)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def open_browser(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Starts real browsers, each a process of its own, and closes them at the end."""
    opened: list[Browser] = []

    def launch() -> Browser:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags())
        opened.append(browser)
        return browser

    yield launch
    for browser in opened:
        browser.close()


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    """What the pages printed on their consoles as errors; a journey ends with this list empty."""
    return []


@pytest.fixture(scope="module")
def open_page(
    open_browser: Callable[[], Browser], complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser of its own, with camera and microphone allowed."""
    contexts: list[BrowserContext] = []

    def open_(viewport: ViewportSize) -> Page:
        context = open_browser().new_context(
            viewport=viewport, locale="en-IN", permissions=["camera", "microphone"]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def screenshots() -> Path:
    """Where journeys leave what they saw, for a person to look at (ignored by git)."""
    directory = Path(__file__).resolve().parents[2] / ".screenshots"
    directory.mkdir(exist_ok=True)
    return directory
