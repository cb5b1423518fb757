"""Those behind the shop at their desks: an influencer shares a link, a wholesaler takes cash at the
door, an admin hides a review and cancels an order.

What customers do meanwhile goes through the interfaces that their pages use. The steps build on
each other and run in the order of the file.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
import socketio
from playwright.sync_api import Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ADDRESS = {
    "name": "Asha Rao",
    "phone": "9876543210",
    "line1": "12, 4th Cross, Indiranagar",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560038",
    "country": "IN",
}


@dataclass
class Journey:
    """product_id, variant_id: of what is shared, bought and reviewed."""

    stack: Stack
    influencer: Page
    wholesaler: Page
    admin: Page
    customer_token: str
    product_id: str = ""
    variant_id: str = ""

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """As the customer."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.customer_token}",
        }
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.stack.url}/api/v1{path}"
        with urlopen(Request(url, data=data, headers=headers)) as answer:
            return json.load(answer)

    def place(self) -> str:
        """The number of a new order of one piece, to be paid in cash."""
        bag = {"variant_id": self.variant_id, "quantity": 1, "live_session_id": None}
        cart = self.call("/cart/add", {"id": str(uuid4()), **bag})["cart"]
        self.call("/cart/remove", {"variant_ids": [self.variant_id]})
        order = {
            "id": str(uuid4()),
            "items": [{"variant_id": self.variant_id, "quantity": 1}],
            "address": ADDRESS,
            "payment_method": "cod",
            "shown_total_minor": cart["total_minor"],
        }
        with socketio.SimpleClient() as client:
            auth = {"token": self.customer_token}
            client.connect(self.stack.url, transports=["websocket"], auth=auth)
            answer = client.call("order.place", order)
        assert "ok" in answer, answer
        number: str = answer["ok"]["order"]["order_number"]
        return number


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    def signed_in(role: str) -> Page:
        page = open_page(PHONE)
        page.goto(stack.link(role))
        page.wait_for_url(lambda url: "/log-in" not in url)
        return page

    customer = open_page(PHONE).request.post(
        f"{stack.url}/api/v1/auth/sign-up",
        data={"email": "asha@example.org", "password": "four good words", "display_name": "Asha"},
    )
    influencer, wholesaler, admin = map(signed_in, ("influencer", "wholesaler", "admin"))
    yield Journey(stack, influencer, wholesaler, admin, customer.json()["access_token"])


def test_influencer_makes_a_link_and_sees_who_came_by_it(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.influencer
    page.goto(f"{journey.stack.url}/studio")
    page.get_by_test_id("studio-links").click()
    expect(page.get_by_text("No links yet")).to_be_visible()
    page.get_by_test_id("link-new").click()
    page.get_by_test_id("link-make").click()
    expect(page.get_by_text("Please choose where it leads.")).to_be_visible()
    page.get_by_test_id("link-search").fill("linen")
    choice = page.get_by_role("radio", name=re.compile("Jaipur Loom House")).first
    choice.check()
    journey.product_id = (choice.get_attribute("data-testid") or "")[len("link-product-") :]
    page.get_by_test_id("link-make").click()
    row = page.locator("[data-testid^=link-][data-path]")
    expect(row.get_by_test_id("link-clicks")).to_have_text("No clicks")

    path = row.get_attribute("data-path") or ""
    followed = page.request.get(journey.stack.url + path, max_redirects=0)
    assert followed.headers["location"].startswith(f"/products/{journey.product_id}?ref=")
    touch = {"code": path[len("/l/") :], "product_id": journey.product_id}
    assert journey.call("/touches", touch | {"touched_at_ms": 4_000_000_000_000})["kept"]
    product = journey.call(f"/products/{journey.product_id}")["product"]
    journey.variant_id = max(product["variants"], key=lambda one: one["stock"])["id"]
    journey.place()
    page.reload()
    expect(row.get_by_test_id("link-clicks")).to_have_text("1 click")
    expect(row.get_by_test_id("link-customers")).to_have_text("1 customer")
    expect(page.get_by_test_id("link-orders")).to_have_text("1")
    expect(page.get_by_test_id("link-earned")).to_have_attribute("data-minor", "0")
    page.screenshot(path=screenshots / "studio-links.png", full_page=True)


def test_wholesaler_sends_a_parcel_and_takes_the_cash_himself(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.wholesaler
    page.goto(f"{journey.stack.url}/business/orders")
    page.locator("[data-testid^=part-ORD]").get_by_role("link").click()
    expect(page.get_by_test_id("cash")).to_have_attribute("data-status", "created")
    page.get_by_test_id("carrier").fill("Own van")
    page.get_by_test_id("ship").click()
    page.get_by_test_id("parcel-deliver").click()
    page.get_by_test_id("took-cash").check()
    page.screenshot(path=screenshots / "cash-at-the-door.png")
    page.get_by_test_id("confirm-deliver").click()
    cash = page.get_by_test_id("cash")
    expect(cash).to_have_attribute("data-status", "collected")
    expect(cash).to_have_attribute("data-own", "true")
    expect(cash).to_contain_text("You have it")

    journey.influencer.reload()
    earned = journey.influencer.get_by_test_id("link-earned")
    expect(earned).not_to_have_attribute("data-minor", "0")


def test_admin_hides_a_review_and_takes_it_back(
    journey: Journey, screenshots: Path, complaints: list[str]
) -> None:
    written = {"product_id": journey.product_id, "rating": 1, "title": "", "body": "Call 98765"}
    journey.call("/reviews", written)
    reviews = f"/products/{journey.product_id}/reviews"
    page = journey.admin
    page.get_by_test_id("desk-reviews").click()
    page.get_by_test_id("review-hide").click()
    page.get_by_test_id("hide-reason-own").check()
    page.get_by_test_id("confirm-hide").click()
    expect(page.get_by_text("Please give a reason.")).to_be_visible()
    page.get_by_test_id("hide-reason-private").check()
    page.screenshot(path=screenshots / "review-hidden.png")
    page.get_by_test_id("confirm-hide").click()
    expect(page.get_by_text("The review is hidden.")).to_be_visible()
    assert [one["status"] for one in journey.call(reviews)["reviews"]] == []
    page.get_by_test_id("filter-hidden").click()
    expect(page.get_by_text("Hidden: It contains personal details")).to_be_visible()
    page.get_by_test_id("review-show").click()
    expect(page.get_by_text("No review is hidden")).to_be_visible()
    assert [one["status"] for one in journey.call(reviews)["reviews"]] == ["published"]
    assert complaints == []


def test_admin_finds_an_order_cancels_it_and_sees_it_cancelled(
    journey: Journey, screenshots: Path, complaints: list[str]
) -> None:
    number = journey.place()
    page = journey.admin
    page.get_by_test_id("desk-orders").click()
    page.get_by_test_id("order-search").fill(number.lower())
    page.get_by_test_id("order-search").press("Enter")
    page.get_by_test_id(f"order-{number}").get_by_role("link").click()
    expect(page.locator("[data-testid^=attribution-]")).to_contain_text("Link")
    page.get_by_test_id("order-cancel").click()
    page.get_by_test_id("confirm-cancel").click()
    expect(page.get_by_text("Please say why.")).to_be_visible()
    page.get_by_test_id("cancel-reason").fill("The address does not exist.")
    page.get_by_test_id("confirm-cancel").click()
    expect(page.get_by_test_id("order-status")).to_have_attribute("data-status", "cancelled")
    expect(page.get_by_text("Cancelled: The address does not exist.")).to_be_visible()
    page.screenshot(path=screenshots / "order-cancelled.png", full_page=True)
    (mine,) = (one for one in journey.call("/orders")["orders"] if one["order_number"] == number)
    assert mine["status"] == "cancelled"
    assert complaints == []
