"""Nothing that can be tapped moves once it is seen, on no page, however late the answers come.

A link that is pushed down by what came above it is a link that a finger misses.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, ViewportSize

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE
from tests.journeys.people import ADDRESS, Person, variant_for_sale

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WATCH = Path(__file__).with_name("watch_for_moves.js")
# {live}, {product} and {order} stand for one of each.
PAGES = {
    "anonymous": ("/", "/products", "/products/{product}", "/bag", "/log-in", "/live/{live}"),
    "customer": (
        "/",
        "/account",
        "/orders",
        "/orders?order={order}",
        "/help",
        "/help?new",
        "/products",
        "/products/{product}",
        "/bag",
        "/wishlist",
        "/live/{live}",
    ),
    "wholesaler": ("/account", "/business", "/business/orders", "/business/money"),
    "influencer": ("/account", "/studio", "/studio?links", "/studio/money"),
    "admin": (
        "/admin/queries",
        "/admin/orders",
        "/admin/orders?order={order}",
        "/admin/money",
        # The last of a row of tabs that a phone has to scroll.
        "/admin/money?view=ledger",
        "/admin/reviews",
    ),
}


@dataclass
class Journey:
    """The browser of each role, and what stands for `{live}` and the others in an address."""

    stack: Stack
    browsers: dict[str, Page] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    on = Journey(stack)
    people = {}
    for role in PAGES:
        page = on.browsers[role] = open_page(PHONE)
        # What slides or fades in is under way when it is seen first.
        page.emulate_media(reduced_motion="reduce")
        page.add_init_script(path=WATCH)
        if role != "anonymous":
            people[role] = _signed_in(page, stack, role)
    lived = _life_of(people["customer"], people["wholesaler"])
    on.named = {"live": stack.facts["live_session_id"]} | lived
    yield on


def _signed_in(page: Page, stack: Stack, role: str) -> Person:
    """Whoever the link of the role belongs to; the refresh cookie stays with the browser."""
    page.add_init_script("localStorage.setItem('lc-signed-in', '1')")
    token = stack.link(role).split("#link=")[1]
    given = page.request.post(f"{stack.url}/api/v1/auth/link", data={"token": token})
    return Person(stack.url, given.json()["access_token"])


def _life_of(customer: Person, wholesaler: Person) -> dict[str, str]:
    """An order that came, one that waits, an address, a bag, a question: what comes late."""
    variant = variant_for_sale(wholesaler)
    came = customer.order(variant, "cod", 1)
    parcel = {"carrier": "India Post", "tracking_number": "EM123456789IN"}
    sent = wholesaler.call(f"/wholesaler/orders/{came}/ship", parcel)["order"]
    wholesaler.call(f"/shipments/{sent['shipments'][0]['id']}/deliver", {})
    customer.order(variant, "cod", 2)
    bag = {"variant_id": variant, "quantity": 2, "live_session_id": None}
    customer.call("/cart/add", {"id": str(uuid4()), **bag})
    customer.call("/addresses", {"id": str(uuid4()), "address": ADDRESS})
    customer.call("/queries", {"subject": "Which size?", "message": "Is it small?"})
    product = customer.call(f"/orders/{came}")["order"]["parts"][0]["items"][0]["product_id"]
    return {"order": came, "product": product}


def moved(page: Page, address: str, size: ViewportSize) -> list[str]:
    page.set_viewport_size(size)
    page.goto(address, wait_until="commit")
    moves: list[str] = page.evaluate("movesWhenQuiet()")
    return moves


# On a laptop the customer's pages alone: they hold all there is, and each page takes seconds.
@pytest.mark.parametrize(
    ("role", "size"), [*((role, PHONE) for role in PAGES), ("customer", LAPTOP)]
)
def test_nothing_that_can_be_tapped_moves(
    journey: Journey, complaints: list[str], role: str, size: ViewportSize
) -> None:
    page = journey.browsers[role]
    found = {
        path: moved(page, journey.stack.url + path.format(**journey.named), size)
        for path in PAGES[role]
    }
    assert {path: moves for path, moves in found.items() if moves} == {}
    assert complaints == []
