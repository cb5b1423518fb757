"""Products in the language of the page, and a live session that only its influencer can see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from livecommerce.seed.hindi import HINDI
from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE

pytestmark = pytest.mark.browser

KURTA = HINDI["anarkali-kurta"]
LIPSTICK = HINDI["matte-lipsticks"]


def speak_hindi(page: Page) -> None:
    page.get_by_role("button", name="हिन्दी").click()
    expect(page.locator("html")).to_have_attribute("lang", "hi")


def test_viewer_reads_and_buys_in_hindi(
    stack: Stack, open_page: Callable[[ViewportSize], Page], complaints: list[str]
) -> None:
    viewer = open_page(PHONE)
    viewer.goto(stack.url)
    live_session_id = stack.facts["live_session_id"]
    card = viewer.get_by_test_id(f"session-{live_session_id}")
    expect(card).to_contain_text("Hand-block Anarkali Kurta")
    speak_hindi(viewer)
    expect(card).to_contain_text(KURTA.name)
    card.click()
    pinned = viewer.get_by_test_id("pin-card")
    expect(pinned).to_contain_text(KURTA.name)
    # A tap right after a product has appeared is not meant for it.
    viewer.wait_for_timeout(1000)
    viewer.get_by_test_id("buy").click()
    sheet = viewer.get_by_test_id("buy-sheet")
    expect(sheet.get_by_role("heading", name=KURTA.name)).to_be_visible()
    expect(sheet).to_contain_text(KURTA.short)
    assert complaints == []


def test_private_live_session_found_by_hindi_words_is_seen_by_its_influencer_only(
    stack: Stack, open_page: Callable[[ViewportSize], Page], complaints: list[str]
) -> None:
    studio = open_page(LAPTOP)
    studio.goto(stack.link("influencer"))
    studio.wait_for_url("**/studio**")
    speak_hindi(studio)
    studio.get_by_test_id("new-session").click()
    studio.get_by_test_id("session-title").fill("Rehearsal")
    studio.get_by_test_id("session-visibility").select_option("private")
    studio.get_by_test_id("product-search").fill(LIPSTICK.name.split(",")[0])
    found = studio.locator(".pick")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(LIPSTICK.name)
    found.click()
    studio.get_by_test_id("save-session").click()
    studio.get_by_test_id("go-live").wait_for()
    live_session_id = studio.url.rpartition("=")[2]
    studio.goto(f"{stack.url}/studio")
    expect(studio.locator("[data-visibility=private]")).to_have_count(1)

    stranger = open_page(PHONE)
    stranger.goto(f"{stack.url}/live/{live_session_id}")
    stage = "[data-testid=stage][data-state=%s]"
    stranger.locator(stage % "missing").wait_for()
    assert "Rehearsal" not in stranger.title()
    stranger.goto(stack.url)
    stranger.get_by_test_id(f"session-{stack.facts['live_session_id']}").wait_for()
    expect(stranger.get_by_test_id(f"session-{live_session_id}")).to_have_count(0)
    studio.goto(f"{stack.url}/live/{live_session_id}")
    studio.locator(stage % "before").wait_for()
    assert complaints == []
