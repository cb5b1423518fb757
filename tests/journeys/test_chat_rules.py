"""Who reads and writes what in a chat, in four browsers: the influencer, whom she lets help,
a customer, and somebody who only watches.

The steps build on each other and run in the order of the file, on one started program.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE
from tests.journeys.parts import PATIENCE_MS, choose, go_live, line, open_desk, say, sign_up, watch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

HELPER, CUSTOMER = "Meera Iyer", "Ravi Menon"
LINK = "See example.com for more"
ADDRESS = {
    "name": CUSTOMER,
    "phone": "9876543210",
    "line1": "12, 4th Cross, Indiranagar",
    "city": "Bengaluru",
    "postal-code": "560038",
}


@dataclass
class Journey:
    """Four people in one live session."""

    stack: Stack
    studio: Page
    helper: Page
    customer: Page
    guest: Page
    live_session_id: str = ""


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    # Most steps wait for what was done in another browser.
    expect.set_options(timeout=PATIENCE_MS)
    yield Journey(stack, open_page(LAPTOP), open_page(PHONE), open_page(PHONE), open_page(PHONE))
    expect.set_options(timeout=5_000)


def open_hosting(page: Page) -> None:
    """On the viewer page: what somebody with rights has to look after."""
    page.get_by_test_id("menu").click()
    page.get_by_test_id("hosting").click()


def test_whoever_pins_products_does_not_see_orders_before_that_right_is_given_too(
    journey: Journey, screenshots: Path
) -> None:
    studio, helper = journey.studio, journey.helper
    journey.live_session_id = go_live(studio, journey.stack, "Lamps for the festival")
    for page, name in ((helper, HELPER), (journey.customer, CUSTOMER)):
        watch(page, journey.stack, journey.live_session_id)
        sign_up(page, name)
    watch(journey.guest, journey.stack, journey.live_session_id)
    say(helper, "May I help you?")
    actions = choose(studio, "May I help you?")
    actions.get_by_test_id("appoint-open").click()
    actions.get_by_test_id("right-pin_products").check()
    expect(actions.get_by_test_id("right-see_orders")).not_to_be_checked()
    actions.get_by_test_id("appoint").click()

    helper.get_by_test_id("bag").click()
    pin = helper.locator("dialog [data-testid^='shelf-pin-']").last
    pin.click()
    product_id = (pin.get_attribute("data-testid") or "").removeprefix("shelf-pin-")
    expect(journey.guest.get_by_test_id("pin-card")).to_have_attribute(
        "data-product-id", product_id
    )
    helper.keyboard.press("Escape")
    expect(helper.get_by_role("dialog")).to_have_count(0)
    open_hosting(helper)
    expect(helper.get_by_test_id("desk-rules")).to_be_visible()
    expect(helper.get_by_test_id("sales-line")).to_have_count(0)
    helper.screenshot(path=screenshots / "rules-helper-desk.png")

    open_desk(studio, "people")
    studio.get_by_test_id("moderator").get_by_role("button", name="Change").click()
    studio.get_by_test_id("right-see_orders").check()
    studio.get_by_test_id("appoint").click()
    expect(helper.get_by_test_id("sales-line")).to_be_visible()
    helper.keyboard.press("Escape")


def test_links_are_refused_with_the_reason_where_only_moderators_may_post_them(
    journey: Journey, screenshots: Path
) -> None:
    studio, customer = journey.studio, journey.customer
    open_desk(studio, "rules")
    studio.get_by_test_id("rule-links").select_option("moderators")
    # Said to everybody: the rule is in force.
    expect(studio.get_by_test_id("rule-links")).to_have_value("moderators")
    say(customer, LINK)
    refused = line(customer, LINK)
    expect(refused).to_have_attribute("data-line", "refused")
    expect(refused).to_contain_text("Links are not allowed in this chat.")
    customer.screenshot(path=screenshots / "rules-link-refused.png")
    refused.get_by_role("button", name="Discard").click()
    expect(refused).to_have_count(0)
    say(journey.helper, LINK)
    expect(line(customer, LINK)).to_have_count(1)
    studio.get_by_test_id("rule-links").select_option("allow")


def test_a_message_is_pinned_from_its_menu_and_taken_down_again(
    journey: Journey, screenshots: Path
) -> None:
    choose(journey.helper, LINK).get_by_test_id("message-pin").click()
    for page in (journey.customer, journey.guest):
        expect(page.get_by_test_id("pinned-message")).to_contain_text(LINK)
    journey.guest.screenshot(path=screenshots / "rules-pinned-message.png")
    choose(journey.helper, LINK).get_by_test_id("message-pin").click()
    for page in (journey.customer, journey.guest):
        expect(page.get_by_test_id("pinned-message")).to_have_count(0)


def test_whoever_is_hidden_notices_nothing_and_is_read_by_moderators_only(
    journey: Journey, screenshots: Path
) -> None:
    helper, customer, guest = journey.helper, journey.customer, journey.guest
    say(customer, "hello to all")
    choose(helper, "hello to all").get_by_test_id("message-hide").click()
    expect(helper.get_by_test_id("message-actions")).to_have_count(0)
    open_desk(journey.studio, "people")
    expect(journey.studio.get_by_test_id("member")).to_contain_text(CUSTOMER)
    say(customer, "do you hear me")
    expect(line(helper, "do you hear me").locator("[data-badge=hidden]")).to_be_visible()
    said = line(customer, "do you hear me")
    expect(said).to_have_attribute("data-line", "sent")
    expect(said.locator("[data-badge=hidden]")).to_have_count(0)
    # Said later, so whatever was said before has come.
    say(helper, "welcome everybody")
    expect(line(guest, "welcome everybody")).to_be_visible()
    expect(line(guest, "do you hear me")).to_have_count(0)
    # Neither does a reload tell the one, nor the others.
    for page in (customer, guest):
        page.reload()
        expect(line(page, "welcome everybody")).to_be_visible()
    expect(line(customer, "do you hear me")).to_be_visible()
    expect(line(guest, "do you hear me")).to_have_count(0)
    helper.screenshot(path=screenshots / "rules-hidden.png")
    journey.studio.get_by_test_id("unhide").click()
    expect(journey.studio.get_by_test_id("member")).to_have_count(0)
    say(customer, "and now?")
    expect(line(guest, "and now?")).to_be_visible()


def test_only_buyers_may_write_and_an_order_makes_one(journey: Journey, screenshots: Path) -> None:
    studio, customer = journey.studio, journey.customer
    open_desk(studio, "rules")
    studio.get_by_test_id("rule-audience").select_option("buyers")
    expect(customer.get_by_test_id("writing")).to_have_attribute("data-mode", "buyers")
    field = customer.get_by_test_id("chat-input")
    expect(field).to_have_attribute("placeholder", "Only buyers may write")
    say(customer, "may I?")
    expect(line(customer, "may I?")).to_have_attribute("data-line", "refused")
    customer.screenshot(path=screenshots / "rules-buyers-only.png")
    line(customer, "may I?").get_by_role("button", name="Discard").click()
    buy_what_is_pinned(customer)
    say(customer, "I have ordered it")
    expect(line(customer, "I have ordered it")).to_have_attribute("data-line", "sent")
    bought = line(journey.guest, "I have ordered it")
    expect(bought.locator("[data-badge=buyer]")).to_be_visible()
    studio.get_by_test_id("rule-audience").select_option("everyone")


def buy_what_is_pinned(page: Page) -> None:
    # A card that was just changed takes no taps for a moment: they were meant for the one before.
    expect(page.get_by_test_id("buy")).to_be_enabled()
    page.get_by_test_id("buy").click()
    page.get_by_test_id("pay-cod").check(force=True)
    page.locator("[data-testid=place-order][data-needs=address]").click()
    for name, value in ADDRESS.items():
        page.get_by_test_id(f"address-{name}").fill(value)
    page.get_by_test_id("address-state").select_option(label="Karnataka")
    page.get_by_test_id("use-address").click()
    page.locator("[data-testid=place-order]:not([data-needs])").click()
    page.get_by_test_id("order-number").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_no_page_complained(journey: Journey, complaints: list[str]) -> None:
    assert complaints == []
