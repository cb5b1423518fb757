"""A wholesaler gives bank and tax details on a phone, with the mistakes that people make."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from loadtests.stack import Stack
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


def fill(page: Page, **values: str) -> None:
    for field, value in values.items():
        page.get_by_test_id(f"payment-{field.replace('_', '-')}-input").fill(value)


def test_details_are_given_corrected_and_shown_masked(
    stack: Stack, open_page: Callable[[ViewportSize], Page], complaints: list[str]
) -> None:
    page = open_page(PHONE)
    page.goto(stack.link("wholesaler"))
    page.wait_for_url(lambda url: "/log-in" not in url)
    page.goto(f"{stack.url}/account")
    page.get_by_test_id("payment-edit").click()
    expect(page.get_by_test_id("payment-bank-account-number-input")).to_be_focused()

    fill(page, bank_account_number="50100234567890", repeat="50100234567809")
    page.get_by_test_id("payment-save").click()
    expect(page.get_by_test_id("payment-repeat-input")).to_be_focused()

    fill(page, repeat="5010 0234 567890", ifsc_code="HDFC1001234", gst_number="27AAPFU0939F1ZO")
    page.get_by_test_id("payment-save").click()
    expect(page.get_by_test_id("payment-ifsc-code-input")).to_be_focused()
    expect(page.get_by_text("One character of this GSTIN is mistyped.")).to_be_visible()

    fill(page, ifsc_code="hdfc0001234", gst_number="27 AAPFU0939F 1ZV")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_test_id("payment-edit")).to_be_focused()

    page.reload()
    expect(page.get_by_test_id("payment-bank-account-number")).to_have_text("••••••7890")
    expect(page.get_by_test_id("payment-gst-number")).to_have_text("27••••••1ZV")
    expect(page.get_by_test_id("payment-pan-number")).to_have_text("Not given yet")
    assert "50100234567890" not in page.content()

    page.get_by_test_id("payment-edit").click()
    page.get_by_test_id("payment-gst-number-remove").click()
    page.get_by_test_id("payment-save").click()
    expect(page.get_by_test_id("payment-gst-number")).to_have_text("Not given yet")
    expect(page.get_by_test_id("payment-bank-account-number")).to_have_text("••••••7890")
    assert complaints == []
    assert "50100234567890" not in stack.log.read_text()
