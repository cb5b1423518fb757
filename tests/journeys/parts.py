"""Steps of several journeys: go live from the studio, come to watch, sign up, say something."""

import re

from playwright.sync_api import Locator, Page, expect

from loadtests.stack import Stack

PATIENCE_MS = 30_000


def go_live(studio: Page, stack: Stack, title: str, products: int = 2) -> str:
    """Sign in with the influencer's link, plan a live session and begin it; its id."""
    studio.goto(stack.link("influencer"))
    studio.wait_for_url("**/studio**")
    studio.get_by_test_id("new-session").click()
    studio.get_by_test_id("session-title").fill(title)
    picks = studio.locator("[data-testid^='pick-']")
    picks.nth(products - 1).wait_for()
    for index in range(products):
        picks.nth(index).click()
    studio.get_by_test_id("save-session").click()
    studio.get_by_test_id("go-live").wait_for()
    studio.get_by_test_id("preview").wait_for()
    studio.get_by_test_id("go-live").click()
    state = studio.get_by_test_id("studio-state")
    expect(state).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    return studio.url.rpartition("=")[2]


def watch(page: Page, stack: Stack, live_session_id: str) -> None:
    """Open the live session and wait for its picture."""
    page.goto(f"{stack.url}/live/{live_session_id}")
    stage = page.get_by_test_id("stage")
    expect(stage).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)


def sign_up(page: Page, name: str) -> None:
    """Become a customer from the chat field."""
    page.get_by_test_id("chat-input").click()
    page.get_by_test_id("account-form").wait_for()
    page.get_by_test_id("account-name").fill(name)
    email = re.sub(r"\W", "", name.lower()) + "@example.test"
    page.get_by_test_id("account-email").fill(email)
    page.get_by_test_id("account-password").fill("correct horse battery")
    page.get_by_test_id("account-submit").click()
    page.get_by_test_id("account-form").wait_for(state="detached")
    # Only who is known to the hub may write.
    expect(page.get_by_test_id("writing")).not_to_have_attribute("data-mode", "anonymous")


def say(page: Page, text: str) -> None:
    page.get_by_test_id("chat-input").fill(text)
    page.get_by_test_id("chat-input").press("Enter")


def line(page: Page, text: str) -> Locator:
    """The message that says this; not one that answers it."""
    said = page.locator(".line-text > bdi", has_text=text)
    return page.get_by_test_id("chat-line").filter(has=said)


def choose(page: Page, text: str) -> Locator:
    """Tap a message: what can be done with it."""
    line(page, text).locator(".line-text").click()
    actions = page.get_by_test_id("message-actions")
    actions.wait_for()
    return actions


def open_desk(studio: Page, part: str) -> None:
    """In the studio: a part of what is to be looked after."""
    studio.get_by_test_id("room-desk").click()
    if studio.get_by_test_id("desk-back").count():
        studio.get_by_test_id("desk-back").click()
    studio.get_by_test_id(f"desk-{part}").click()
