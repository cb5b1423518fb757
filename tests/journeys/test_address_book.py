"""A customer mends an address that the book already has."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

TYPED = {
    "name": "Asha Rao",
    "phone": "9876543210",
    "postal-code": "560038",
    "line1": "12, 4th Cross, Indiranagar",
    "city": "Bengaluru",
}


def test_an_address_is_changed_and_stays_the_first_choice(
    stack: Stack, open_page: Callable[..., Page], screenshots: Path, complaints: list[str]
) -> None:
    page = open_page(PHONE)
    page.goto(stack.link("customer"))
    page.wait_for_url(lambda url: "/log-in" not in url)
    page.goto(f"{stack.url}/account")
    page.get_by_test_id("other-address").click()
    for field, text in TYPED.items():
        page.get_by_test_id(f"address-{field}").fill(text)
    page.get_by_test_id("use-address").click()
    saved = page.get_by_test_id("book-address")
    expect(saved).to_contain_text("Bengaluru")

    page.get_by_test_id("edit-address").click()
    expect(page.get_by_test_id("address-phone")).to_have_value("9876543210")
    page.get_by_test_id("address-line1").fill("7, MG Road")
    page.screenshot(path=screenshots / "address-changed.png", full_page=True)
    page.get_by_test_id("use-address").click()
    expect(saved).to_contain_text("7, MG Road")
    expect(saved).not_to_contain_text("Indiranagar")
    expect(saved).to_have_attribute("data-default", "true")
    assert complaints == []
