"""Support in two real browsers: a customer asks, an admin answers, the customer sees it.

The steps build on each other and run in the order of the file, on one started program.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE

pytestmark = pytest.mark.browser

SUBJECT = "The sleeve came torn"
ANSWER = "We are sorry. A new one is on its way and arrives on Friday."
# The pages ask anew every 20 s.
PATIENCE_MS = 30_000


@dataclass
class Journey:
    """What the steps hand on to each other."""

    stack: Stack
    customer: Page
    admin: Page
    ticket: str = ""


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    yield Journey(stack, customer=open_page(PHONE), admin=open_page(LAPTOP))


def test_customer_asks_and_learns_ticket_and_deadlines(journey: Journey, screenshots: Path) -> None:
    page = journey.customer
    page.goto(journey.stack.link("customer"))
    page.wait_for_url(f"{journey.stack.url}/")
    page.goto(f"{journey.stack.url}/account")
    page.get_by_role("link", name="Ask support").click()
    page.wait_for_url("**/help")
    page.get_by_test_id("help-new").click()
    page.get_by_test_id("help-subject").fill(SUBJECT)
    page.get_by_test_id("help-submit").click()
    expect(page.get_by_text("Please write your message.")).to_be_visible()
    page.get_by_test_id("help-category").select_option("complaint")
    page.get_by_test_id("help-message").fill("It tore at the seam when I unfolded it.")
    page.get_by_test_id("help-submit").click()
    expect(page.get_by_test_id("query-status")).to_have_attribute("data-status", "open")
    journey.ticket = page.get_by_test_id("ticket").inner_text()
    assert journey.ticket.startswith("TKT-")
    deadline = page.get_by_test_id("deadline")
    expect(deadline).to_contain_text("We answer by")
    expect(deadline).to_contain_text("India time")
    page.screenshot(path=screenshots / "support-customer-open.png")


def test_admin_takes_the_query_up_notes_and_resolves_it_with_an_answer(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.admin
    page.goto(journey.stack.link("admin"))
    page.wait_for_url("**/admin/queries")
    page.get_by_test_id("ticket-search").fill(journey.ticket)
    # By keyboard: a row is a link.
    row = page.get_by_test_id(f"query-{journey.ticket}")
    expect(row).to_have_count(1)
    row.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("thread-message")).to_contain_text("tore at the seam")
    page.get_by_test_id("assign").click()
    expect(page.get_by_test_id("query-status")).to_have_attribute("data-status", "in_progress")
    page.get_by_test_id("note").fill("Third torn sleeve of this batch.")
    page.get_by_test_id("add-note").click()
    expect(page.get_by_test_id("staff-note")).to_contain_text("this batch")
    page.get_by_test_id("answer").fill(ANSWER)
    page.screenshot(path=screenshots / "support-admin-query.png")
    page.get_by_test_id("send-resolve").click()
    expect(page.get_by_test_id("query-status")).to_have_attribute("data-status", "resolved")
    page.go_back()
    page.get_by_test_id("shelf-resolved").click()
    expect(page.get_by_test_id(f"query-{journey.ticket}")).to_be_visible()


def test_customer_sees_answer_and_resolution_and_nothing_of_the_staff(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.customer
    status = page.get_by_test_id("query-status")
    expect(status).to_have_attribute("data-status", "resolved", timeout=PATIENCE_MS)
    answer = page.locator("[data-testid=thread-message][data-author=support]")
    expect(answer).to_contain_text(ANSWER)
    expect(page.get_by_text("Third torn sleeve")).to_have_count(0)
    page.screenshot(path=screenshots / "support-customer-resolved.png", full_page=True)


def test_another_word_takes_it_back_to_work_and_the_customer_may_close_it(
    journey: Journey, complaints: list[str]
) -> None:
    page = journey.customer
    status = page.get_by_test_id("query-status")
    page.get_by_test_id("reply").fill("Friday has passed.")
    page.get_by_test_id("reply-send").click()
    expect(status).to_have_attribute("data-status", "in_progress")
    page.get_by_test_id("close-query").click()
    expect(page.get_by_test_id("confirm-close")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("confirm-close")).to_have_count(0)
    expect(status).to_have_attribute("data-status", "in_progress")
    page.get_by_test_id("close-query").click()
    page.get_by_test_id("confirm-close").click()
    expect(status).to_have_attribute("data-status", "closed")
    expect(page.get_by_test_id("reply")).to_have_count(0)
    assert complaints == []
