"""An admin looks at what a payment provider said and nobody understood, and deals with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import orjson
import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack, running_stack
from shop.payments.scripted import signature
from tests.journeys.conftest import LAPTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SECRET = "the webhook's secret"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack({"LIVECOMMERCE_PAYMENTS_TEST_WEBHOOK_SECRET": SECRET}) as running:
        yield running


def told(stack: Stack, event_id: str) -> None:
    """The provider says something of which nobody here knows what it means."""
    raw = orjson.dumps({"event_id": event_id, "kind": "dispute", "reference": "another-shop"})
    headers = {"X-Test-Signature": signature(SECRET, raw)}
    with urlopen(Request(f"{stack.url}/api/v1/webhooks/test", data=raw, headers=headers)):
        return


def test_an_event_that_nobody_understands_is_looked_at_and_closed(
    stack: Stack, open_page: Callable[..., Page], screenshots: Path, complaints: list[str]
) -> None:
    told(stack, "evt_1")
    told(stack, "evt_2")
    page = open_page(LAPTOP)
    page.goto(stack.link("admin"))
    page.wait_for_url(lambda url: "/log-in" not in url)
    page.goto(f"{stack.url}/admin/money")
    page.get_by_test_id("tab-events").click()
    row = page.get_by_test_id("event-evt_1")
    expect(row).to_contain_text("test.dispute")
    page.screenshot(path=screenshots / "payment-events.png", full_page=True)
    row.get_by_test_id("event-done").click()
    page.get_by_test_id("confirm-ask").click()
    expect(page.get_by_text("Please write what you found.")).to_be_visible()
    page.get_by_test_id("ask-text").fill("It is of our other shop.")
    page.screenshot(path=screenshots / "payment-events-done.png")
    page.get_by_test_id("confirm-ask").click()
    expect(row).to_have_count(0)
    expect(page.get_by_test_id("event-evt_2")).to_be_visible()
    page.set_viewport_size(PHONE)
    page.screenshot(path=screenshots / "payment-events-phone.png", full_page=True)
    page.get_by_test_id("filter-ignored").click()
    expect(row).to_contain_text("It is of our other shop.")
    expect(row.get_by_test_id("event-done")).to_have_count(0)
    assert complaints == []
