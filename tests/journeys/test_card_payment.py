"""A customer pays an order by card, on the page of Stripe: turns back once, comes again, has paid.

Stripe is one on this machine; that the money came is told by Stripe, never by the browser.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, Route, expect

from loadtests.stack import Stack, running_stack
from tests.journeys.conftest import PHONE
from tests.journeys.people import Person, by_link
from tests.journeys.test_orders_page import PATIENCE_MS, Journey
from tests.shop.payments.localstripe_server import PROCESS, SECRET_KEY

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WEBHOOK_SECRET = "whsec_not_a_secret"


@pytest.fixture(scope="module")
def stripe_url() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, str(PROCESS)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def stack(stripe_url: str) -> Iterator[Stack]:
    environment = {
        "LIVECOMMERCE_PAYMENTS_METHODS": "cod,stripe",
        "LIVECOMMERCE_PAYMENTS_STRIPE_URL": stripe_url,
        "LIVECOMMERCE_PAYMENTS_STRIPE_SECRET_KEY": SECRET_KEY,
        "LIVECOMMERCE_PAYMENTS_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    with running_stack(environment) as running:
        hook = {"url": f"{running.url}/api/v1/webhooks/stripe", "secret": WEBHOOK_SECRET}
        headers = {"Content-Type": "application/json"}
        call = Request(
            f"{stripe_url}/_config/webhooks/ours", data=json.dumps(hook).encode(), headers=headers
        )
        with urlopen(call):
            yield running


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Journey:
    page = open_page(PHONE)
    signed_up = page.request.post(
        f"{stack.url}/api/v1/auth/sign-up",
        data={"email": "asha@example.org", "password": "four good words", "display_name": "Asha"},
    )
    page.add_init_script("localStorage.setItem('lc-signed-in', '1')")
    customer = Person(stack.url, signed_up.json()["access_token"])
    wholesaler = by_link(stack, "wholesaler")
    on = Journey(stack, page, customer, wholesaler, by_link(stack, "admin"))
    own = wholesaler.call("/wholesaler/products?state=for_sale")["products"]
    product = wholesaler.call(f"/wholesaler/products/{own[0]['id']}")["product"]
    on.variant_id = max(product["variants"], key=lambda one: one["stock"])["id"]
    on.order_id = on.place("stripe", 1)
    return on


def test_the_page_of_the_provider_is_left_without_paying(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.page
    journey.open(journey.order_id)
    page.get_by_test_id("order-pay").click()
    stage = page.get_by_test_id("pay-stage")
    expect(stage).to_have_attribute("data-stage", "leave", timeout=PATIENCE_MS)
    page.screenshot(path=screenshots / "order-card.png", full_page=True)
    page.get_by_test_id("leave").click()
    page.get_by_role("link", name="Back to the shop").click()
    page.wait_for_url("**/orders/**")
    expect(stage).to_have_attribute("data-stage", "leave", timeout=PATIENCE_MS)
    assert "turned_back" not in page.url
    page.get_by_role("button", name="Pay another way").click()
    expect(page.get_by_test_id("method-stripe")).to_be_checked()


def test_back_by_the_browser_shows_the_wait_and_the_way_there(
    journey: Journey, screenshots: Path
) -> None:
    page = journey.page
    journey.open(journey.order_id, "pay")
    page.get_by_test_id("leave").click()
    expect(page.get_by_role("button", name="Pay")).to_be_visible()
    page.go_back()
    # The page does not know: money may be on its way.
    stage = page.get_by_test_id("pay-stage")
    expect(stage).to_have_attribute("data-stage", "checking", timeout=PATIENCE_MS)
    page.screenshot(path=screenshots / "order-card-checking.png", full_page=True)
    page.get_by_test_id("not-paid").click()
    expect(stage).to_have_attribute("data-stage", "leave")


def test_whoever_paid_and_came_back_sees_it(journey: Journey) -> None:
    page = journey.page
    page.get_by_test_id("leave").click()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/orders/**")
    stage = page.get_by_test_id("pay-stage")
    expect(stage).to_have_attribute("data-stage", "paid", timeout=PATIENCE_MS)
    assert "back=" not in page.url
    page.get_by_role("link", name="See the order").last.click()
    expect(page.get_by_test_id("step-paid")).to_have_attribute("data-state", "done")
    order = journey.customer.call(f"/orders/{journey.order_id}")["order"]
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")


def test_the_page_of_razorpay_takes_the_form_that_the_browser_posts(journey: Journey) -> None:
    """Of Razorpay there is only what the page needs: its answer, and an address that is let out."""
    page, order_id = journey.page, journey.place("stripe", 1)
    form = {"action": "https://api.razorpay.com/v1/checkout/embedded", "fields": {"order_id": "o1"}}
    posted: list[str] = []

    def as_razorpay(route: Route) -> None:
        answer = route.fetch()
        payment = answer.json()["payment"]
        payment |= {"provider": "razorpay", "stripe": None, "razorpay": form}
        route.fulfill(response=answer, json={"payment": payment})

    def razorpay(route: Route) -> None:
        posted.append(route.request.post_data or "")
        route.fulfill(content_type="text/html", body="<h1>Razorpay</h1>")

    page.route("**/api/v1/orders/*/payment", as_razorpay)
    page.route("https://api.razorpay.com/**", razorpay)
    journey.open(order_id, "pay")
    page.get_by_test_id("leave").click(timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name="Razorpay")).to_be_visible()
    assert posted == ["order_id=o1"]
    page.go_back()
    stage = page.get_by_test_id("pay-stage")
    expect(stage).to_have_attribute("data-stage", "checking", timeout=PATIENCE_MS)
    # The page asks again and again: an answer may be on its way through `as_razorpay`.
    page.unroute_all(behavior="ignoreErrors")


def test_whoever_paid_and_never_came_back_has_paid(journey: Journey, complaints: list[str]) -> None:
    page = journey.page
    order_id = journey.place("stripe", 1)
    journey.open(order_id, "pay")
    stage = page.get_by_test_id("pay-stage")
    expect(stage).to_have_attribute("data-stage", "leave", timeout=PATIENCE_MS)
    payment = journey.customer.call(f"/orders/{order_id}/payment")["payment"]
    there = urlsplit(payment["stripe"]["redirect_url"])
    connection = HTTPConnection(there.netloc)
    connection.request("POST", there.path)
    # It leads back, and nobody follows.
    assert connection.getresponse().status == 303
    connection.close()
    # The desk asks after half a minute: within this time only the webhook can have told.
    expect(stage).to_have_attribute("data-stage", "paid", timeout=PATIENCE_MS)
    events = journey.admin.call("/admin/payment-events")["events"]
    assert "webhook" in {event["source"] for event in events}
    assert complaints == []
