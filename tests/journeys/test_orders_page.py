"""A customer looks after orders: sees them, cancels, pays, gets, rates and sends back what came.

The orders are placed through the interfaces that the pages use; what is done with them afterwards
is done in a real browser. The steps build on each other and run in the order of the file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack, running_stack
from tests.journeys.conftest import PHONE
from tests.journeys.people import Person, by_link, variant_for_sale

pytestmark = pytest.mark.browser

REFERENCE = "412345678901"
# The payment screen asks every 5 s; the server tells it sooner.
PATIENCE_MS = 15_000


@dataclass
class Journey:
    """What the steps hand on to each other. variant_id: of what is bought."""

    stack: Stack
    page: Page
    customer: Person
    wholesaler: Person
    admin: Person
    variant_id: str = ""
    order_id: str = ""

    def place(self, payment_method: str, quantity: int) -> str:
        """The id of a new order of that many pieces."""
        return self.customer.order(self.variant_id, payment_method, quantity)

    def open(self, order_id: str, task: str = "") -> None:
        self.page.goto(f"{self.stack.url}/orders?order={order_id}{task and f'&do={task}'}")

    def units(self) -> str:
        """The id of the only line of the open order's form."""
        stepper = self.page.locator("[data-testid^=units-]")
        return (stepper.get_attribute("data-testid") or "").removeprefix("units-")

    def number(self, order_id: str) -> str:
        number: str = self.customer.call(f"/orders/{order_id}")["order"]["order_number"]
        return number


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """With payment by UPI, which needs somebody to pay to."""
    environment = {
        "LIVECOMMERCE_PAYMENTS_METHODS": "cod,upi,test",
        "LIVECOMMERCE_PAYMENTS_UPI_ADDRESS": "shop@examplebank",
    }
    with running_stack(environment) as running:
        yield running


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    page = open_page(PHONE)
    # The refresh cookie of the answer stays with the browser.
    signed_up = page.request.post(
        f"{stack.url}/api/v1/auth/sign-up",
        data={"email": "asha@example.org", "password": "four good words", "display_name": "Asha"},
    )
    page.add_init_script("localStorage.setItem('lc-signed-in', '1')")
    customer = Person(stack.url, signed_up.json()["access_token"])
    wholesaler = by_link(stack, "wholesaler")
    on = Journey(stack, page, customer, wholesaler, by_link(stack, "admin"))
    on.variant_id = variant_for_sale(wholesaler)
    yield on


def test_list_is_empty_at_first_and_then_has_the_order(journey: Journey) -> None:
    page = journey.page
    page.goto(f"{journey.stack.url}/orders")
    expect(page.get_by_text("You have not ordered anything yet")).to_be_visible()
    journey.order_id = journey.place("cod", 3)
    page.reload()
    row = page.get_by_test_id(f"order-row-{journey.number(journey.order_id)}")
    expect(row).to_contain_text("Received")
    expect(row).to_contain_text("To pay on delivery")
    row.get_by_role("link").click()
    expect(page.get_by_test_id("step-packed")).to_have_attribute("data-state", "now")
    expect(page.get_by_test_id("history")).to_contain_text("You placed the order")
    page.go_back()
    expect(row.get_by_role("link")).to_be_focused()


def test_one_piece_is_cancelled_and_then_the_rest(journey: Journey, screenshots: Path) -> None:
    page = journey.page
    journey.open(journey.order_id, "cancel")
    line = journey.units()
    page.get_by_test_id(f"less-{line}").click()
    page.get_by_test_id(f"less-{line}").click()
    page.get_by_test_id("submit").click()
    expect(page.get_by_text("Please choose a reason.")).to_be_visible()
    page.get_by_test_id("reason").select_option("changed_mind")
    expect(page.get_by_text("You then pay")).to_be_visible()
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("confirm")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("confirm")).to_have_count(0)
    page.get_by_test_id("submit").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_text("1 cancelled")).to_be_visible()
    expect(page.get_by_test_id("order-status")).to_have_attribute("data-status", "pending")

    page.get_by_test_id("order-cancel").click()
    page.get_by_test_id("reason").select_option("too_slow")
    page.get_by_test_id("submit").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("order-status")).to_have_attribute("data-status", "cancelled")
    expect(page.get_by_test_id("step-cancelled")).to_have_attribute("data-state", "stopped")
    expect(page.get_by_test_id("history")).to_contain_text("You cancelled 2 ×")
    expect(page.get_by_text("Nothing to pay")).to_be_visible()
    expect(page.get_by_test_id("order-cancel")).to_have_count(0)
    page.screenshot(path=screenshots / "order-cancelled.png", full_page=True)


def test_upi_payment_waits_through_a_reload_until_the_money_is_found(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.page
    journey.order_id = journey.place("upi", 2)
    journey.open(journey.order_id)
    expect(page.get_by_test_id("order-status")).to_have_text("Waiting for payment")
    page.get_by_test_id("order-pay").click()
    stage = page.get_by_test_id("pay-stage")
    expect(stage).to_have_attribute("data-stage", "scan", timeout=PATIENCE_MS)
    assert (page.get_by_test_id("upi-link").get_attribute("href") or "").startswith("upi://pay?")
    width = "image => image.complete && image.naturalWidth > 0"
    assert page.get_by_test_id("upi-qr").evaluate(width)
    expect(page.get_by_test_id("countdown")).to_be_visible()
    page.screenshot(path=screenshots / "order-upi.png", full_page=True)
    page.get_by_test_id("i-paid").click()
    expect(stage).to_have_attribute("data-stage", "checking")
    page.reload()
    expect(stage).to_have_attribute("data-stage", "checking")
    expect(page.get_by_text("Do not pay again.")).to_be_visible()
    page.get_by_test_id("utr").fill("41234")
    page.get_by_test_id("utr-send").click()
    expect(page.get_by_text("The reference has 12 digits.")).to_be_visible()
    page.get_by_test_id("utr").fill("4123 4567 8901")
    page.get_by_test_id("utr-send").click()
    expect(page.get_by_text(f"We have your reference {REFERENCE}")).to_be_visible()

    payment = journey.customer.call(f"/orders/{journey.order_id}/payment")["payment"]
    found = {"reference": REFERENCE, "amount_minor": payment["amount_minor"]}
    journey.admin.call(f"/admin/upi-payments/{payment['payment_id']}/confirm", found)
    expect(stage).to_have_attribute("data-stage", "paid", timeout=PATIENCE_MS)
    page.get_by_role("link", name="See the order").last.click()
    expect(page.get_by_test_id("step-paid")).to_have_attribute("data-state", "done")


def test_parcel_appears_with_its_tracking_and_its_invoice(
    journey: Journey, screenshots: Path
) -> None:
    page, order = journey.page, f"/wholesaler/orders/{journey.order_id}"
    parcel = {"carrier": "India Post", "tracking_number": "EM123456789IN"}
    shipped = journey.wholesaler.call(
        f"{order}/ship", parcel | {"tracking_url": "https://example.org/track/EM123456789IN"}
    )["order"]
    expect(page.get_by_test_id("order-status")).to_have_text("On its way", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("parcel")).to_contain_text("EM123456789IN")
    expect(page.get_by_test_id("track")).to_have_attribute("rel", "noopener noreferrer")
    with page.expect_download() as kept:
        page.locator("[data-testid^=document-]").first.click()
    assert kept.value.path().read_bytes().startswith(b"%PDF-")
    journey.wholesaler.call(f"/shipments/{shipped['shipments'][0]['id']}/deliver", {})
    expect(page.get_by_test_id("order-status")).to_have_text("Delivered", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("step-delivered")).to_have_attribute("data-state", "done")
    page.screenshot(path=screenshots / "order-delivered.png", full_page=True)


def test_what_came_is_rated_once(journey: Journey) -> None:
    page = journey.page
    page.get_by_test_id("rate").click()
    page.get_by_test_id("rate-send").click()
    expect(page.get_by_text("Please choose one to five stars.")).to_be_visible()
    page.get_by_test_id("star-4").check(force=True)
    page.get_by_test_id("rate-body").fill("Just as in the live session.")
    page.get_by_test_id("rate-send").click()
    expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    expect(page.get_by_test_id("rate")).to_have_count(0)


def test_one_of_two_is_sent_back_and_the_money_is_as_announced(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.page
    page.get_by_test_id("order-return").click()
    line = journey.units()
    page.get_by_test_id("submit").click()
    expect(page.get_by_text("Please choose at least one item.")).to_be_visible()
    page.get_by_test_id(f"more-{line}").click()
    page.get_by_test_id("reason").select_option("damaged")
    page.get_by_test_id("comment").fill("The seam is torn.")
    announced = page.get_by_test_id("sum").inner_text()
    page.get_by_test_id("submit").click()
    expect(page.get_by_role("dialog")).to_contain_text(announced)
    page.get_by_test_id("confirm").click()
    asked = page.locator("[data-testid^=return-]")
    expect(asked).to_have_attribute("data-status", "requested")

    order = journey.customer.call(f"/orders/{journey.order_id}")["order"]
    back = f"/returns/{order['returns'][0]['id']}"
    journey.wholesaler.call(f"{back}/approve", {"note": "Please use the original box."})
    expect(asked).to_contain_text("Please use the original box.", timeout=PATIENCE_MS)
    journey.wholesaler.call(f"{back}/receive", {})
    expect(page.get_by_role("heading", name="Refunds")).to_be_visible(timeout=PATIENCE_MS)
    refunds = page.locator("section", has=page.get_by_role("heading", name="Refunds"))
    expect(refunds).to_contain_text(announced)
    page.screenshot(path=screenshots / "order-returned.png", full_page=True)


def test_the_same_things_go_into_the_bag_again(journey: Journey, complaints: list[str]) -> None:
    page = journey.page
    page.get_by_test_id("order-again").click()
    expect(page.get_by_text("Your bag has these items again")).to_be_visible()
    cart = journey.customer.call("/cart")["cart"]
    assert [(line["variant_id"], line["quantity"]) for line in cart["lines"]] == [
        (journey.variant_id, 2)
    ]
    assert complaints == []
