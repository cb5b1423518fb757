"""A customer without a pointer keeps a product in mind, buys it for a business and sees the order.

Every stop of the keyboard is looked at: its focus is seen, and nothing lies on it. The steps build
on each other and run in the order of the file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack, running_stack
from tests.journeys.conftest import PHONE
from tests.journeys.people import by_link

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# A public example, and the same with its last character mistyped.
GSTIN = "27AAPFU0939F1ZV"
MISTYPED = "27AAPFU0939F1ZO"
MOST_STOPS = 80
COUPON = {
    "code": "FLAT100",
    "title": "A hundred off",
    "kind": "fixed",
    "amount_minor": 10_000,
    "funded_by": "platform",
}

# What has the focus: {text, isThere, isSeen, isFree}. A choice that its label draws, and a card
# whose link reaches beyond its text, show their focus there.
STOP = """(selector) => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  const drawn = at.matches("input[type=radio], input[type=checkbox]") ? at.closest("label") : at;
  const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const drawings = [[at], [at, "::after"], [drawn]].map((drawing) => getComputedStyle(...drawing));
  const box = drawn.getBoundingClientRect();
  const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return {
    text: at.dataset.testid ?? at.textContent.trim(), isThere: at.matches(selector),
    isSeen: drawings.some(ring), isFree: there !== null && drawn.contains(there),
  };
}"""


@dataclass
class Keyboard:
    """The keys of a page, and nothing else of it."""

    page: Page

    def stop(self, selector: str = "*") -> dict[str, Any]:
        stop: dict[str, Any] | None = self.page.evaluate(STOP, selector)
        assert stop is not None, "nothing has the focus"
        return stop

    def go_to(self, selector: str) -> None:
        """Press Tab until the focus is there. Wherever it comes by, it is seen."""
        expect(self.page.locator(selector).first).to_be_visible()
        passed: list[str] = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.stop(selector)
            assert stop["isSeen"], f"the focus is not seen: {stop}"
            assert stop["isFree"], f"something lies on what has the focus: {stop}"
            if stop["isThere"]:
                return
            passed.append(stop["text"])
        raise AssertionError(f"the keyboard does not get to {selector}: {passed}")

    def press(self, testid: str, key: str = "Enter") -> None:
        self.go_to(f"[data-testid={testid}]")
        self.page.keyboard.press(key)

    def write(self, testid: str, text: str) -> None:
        self.go_to(f"[data-testid={testid}]")
        self.page.keyboard.type(text)


@dataclass
class Journey:
    stack: Stack
    page: Page
    keyboard: Keyboard


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack({"LIVECOMMERCE_SHOP_COD_FEE_MINOR": "4900"}) as running:
        yield running


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    by_link(stack, "admin").call("/coupons", COUPON)
    page = open_page(PHONE)
    page.goto(stack.link("customer"))
    page.wait_for_url(f"{stack.url}/")
    yield Journey(stack, page, Keyboard(page))


def test_what_the_heart_keeps_is_on_the_wishlist_and_a_removal_is_undone(
    journey: Journey, screenshots: Path
) -> None:
    page, keyboard = journey.page, journey.keyboard
    page.goto(f"{journey.stack.url}/wishlist")
    expect(page.get_by_role("heading", name="Nothing on your wishlist yet")).to_be_visible()
    page.goto(f"{journey.stack.url}/products")
    keyboard.press("wish", "Space")
    expect(page.get_by_test_id("wish").first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("It is on your wishlist.")).to_be_visible()
    page.goto(f"{journey.stack.url}/wishlist")
    wished = page.locator("[data-testid^=wished-]:has(a.card)")
    expect(wished).to_have_count(1)
    page.screenshot(path=screenshots / "wishlist.png")

    keyboard.press("wished-remove")
    expect(wished).to_have_count(0)
    expect(page.get_by_role("heading", name="Wishlist", exact=True)).to_be_focused()
    page.get_by_role("button", name="Undo").focus()
    with page.expect_response("**/api/v1/wishlist"):
        page.keyboard.press("Enter")
    expect(wished).to_have_count(1)
    page.reload()
    expect(wished).to_have_count(1)


def test_a_product_goes_from_its_page_into_the_bag(journey: Journey) -> None:
    page, keyboard = journey.page, journey.keyboard
    page.goto(f"{journey.stack.url}/wishlist")
    keyboard.go_to("[data-testid^=product-]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/*")
    keyboard.press("add-to-bag")
    expect(page.get_by_text("It is in your bag.")).to_be_visible()


def test_the_bag_is_ordered_from_by_keyboard_for_a_business(
    journey: Journey, screenshots: Path
) -> None:
    page, keyboard = journey.page, journey.keyboard
    page.goto(f"{journey.stack.url}/bag")
    keyboard.press("place-order")
    expect(page.get_by_role("heading", name="Delivery address")).to_be_focused()
    keyboard.write("address-phone", "9876543210")
    keyboard.write("address-postal-code", "560038")
    keyboard.write("address-line1", "12, 4th Cross")
    keyboard.write("address-city", "Bengaluru")
    keyboard.press("use-address")
    expect(page.get_by_role("heading", name="Your bag")).to_be_focused()

    keyboard.press("coupon-open")
    expect(page.get_by_test_id("coupon-code")).to_be_focused()
    page.keyboard.type("flat100")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove", exact=True)).to_be_focused()
    keyboard.press("business-open")
    expect(page.get_by_test_id("gstin")).to_be_focused()
    page.keyboard.type(MISTYPED)
    keyboard.press("place-order")
    expect(page.get_by_test_id("gstin")).to_be_focused()
    expect(page.get_by_test_id("gstin")).to_have_accessible_description(
        "One character of this GSTIN is mistyped."
    )
    assert keyboard.stop()["isFree"], "the button below does not lie on the field"
    page.screenshot(path=screenshots / "bag-gstin-mistyped.png")
    page.keyboard.press("Control+a")
    page.keyboard.type(GSTIN)
    keyboard.press("place-order")
    expect(page.get_by_test_id("order-number")).to_be_visible()
    expect(page.get_by_role("heading", name="Order placed")).to_be_focused()


def test_the_confirmation_explains_its_total_and_the_order_names_the_business(
    journey: Journey, screenshots: Path
) -> None:
    page, keyboard = journey.page, journey.keyboard
    expect(page.get_by_test_id("discount")).to_have_text("−₹100")
    expect(page.get_by_test_id("cod-fee")).to_have_text("₹49")
    page.screenshot(path=screenshots / "bag-ordered.png")
    page.goto(f"{journey.stack.url}/orders")
    keyboard.go_to("[data-testid^=order-row-] a")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"GSTIN {GSTIN}")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    keyboard.press("order-cancel")
    expect(page.get_by_role("heading", name="Cancel")).to_be_focused()


def test_a_page_that_is_walked_by_keyboard_complains_of_nothing(complaints: list[str]) -> None:
    assert complaints == []
