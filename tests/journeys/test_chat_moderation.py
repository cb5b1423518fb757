"""The chat kept in order, in three real browsers: the influencer, a moderator on a phone, a viewer.

The steps build on each other and run in the order of the file, on one started program.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE
from tests.journeys.parts import PATIENCE_MS, choose, go_live, line, open_desk, say, sign_up, watch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MODERATOR, VIEWER = "Meera Iyer", "Ravi Menon"
ANNOUNCEMENT = "Free delivery until nine"


@dataclass
class Journey:
    """Three people in one live session."""

    stack: Stack
    studio: Page
    moderator: Page
    viewer: Page
    live_session_id: str = ""


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    # Most steps wait for what was done in another browser.
    expect.set_options(timeout=PATIENCE_MS)
    yield Journey(stack, open_page(LAPTOP), moderator=open_page(PHONE), viewer=open_page(PHONE))
    expect.set_options(timeout=5_000)


def test_three_people_talk_and_one_answers_another(journey: Journey) -> None:
    journey.live_session_id = go_live(journey.studio, journey.stack, "Cotton kurtas, first look")
    for page, name in ((journey.moderator, MODERATOR), (journey.viewer, VIEWER)):
        watch(page, journey.stack, journey.live_session_id)
        sign_up(page, name)
    say(journey.moderator, "Love the print")
    say(journey.viewer, "Is it pure cotton?")
    choose(journey.studio, "Is it pure cotton?").get_by_test_id("message-reply").click()
    say(journey.studio, "Yes, woven in Bagru")
    answer = line(journey.viewer, "Yes, woven in Bagru")
    expect(answer.locator(".line-answered")).to_contain_text("Is it pure cotton?")
    # It was said to this viewer, and to nobody else.
    expect(answer).to_have_attribute("data-mentioned", "true")
    expect(line(journey.moderator, "woven in Bagru")).to_have_attribute("data-mentioned", "false")


def test_viewers_have_no_tools_before_they_are_given_any(journey: Journey) -> None:
    actions = choose(journey.moderator, "Is it pure cotton?")
    expect(actions.get_by_test_id("message-reply")).to_be_visible()
    expect(actions.get_by_test_id("message-delete")).to_have_count(0)
    journey.moderator.keyboard.press("Escape")
    expect(journey.moderator.get_by_test_id("message-actions")).to_have_count(0)


def test_influencer_makes_a_viewer_moderator_from_a_message(
    journey: Journey, screenshots: Path
) -> None:
    studio, phone = journey.studio, journey.moderator
    actions = choose(studio, "Love the print")
    actions.get_by_test_id("appoint-open").click()
    actions.get_by_test_id("right-pin_products").check()
    studio.screenshot(path=screenshots / "moderation-appoint.png")
    actions.get_by_test_id("appoint").click()
    # The phone learns of its rights by itself.
    tools = choose(phone, "Is it pure cotton?")
    expect(tools.get_by_test_id("message-delete")).to_be_visible()
    phone.screenshot(path=screenshots / "moderation-tools.png")
    phone.keyboard.press("Escape")
    say(phone, "I am here to help")
    badge = line(journey.viewer, "I am here to help").locator("[data-badge=moderator]")
    expect(badge).to_be_visible()


def test_moderator_puts_a_product_on_the_video(journey: Journey) -> None:
    phone = journey.moderator
    phone.get_by_test_id("bag").click()
    pin = phone.locator("dialog [data-testid^='shelf-pin-']").first
    pin.click()
    product_id = (pin.get_attribute("data-testid") or "").removeprefix("shelf-pin-")
    card = journey.viewer.get_by_test_id("pin-card")
    expect(card).to_have_attribute("data-product-id", product_id)
    phone.keyboard.press("Escape")


def test_moderator_deletes_and_mutes_and_the_muted_viewer_is_told_for_how_long(
    journey: Journey, screenshots: Path
) -> None:
    phone, viewer = journey.moderator, journey.viewer
    say(viewer, "buy at my shop instead")
    choose(phone, "buy at my shop").get_by_test_id("message-delete").click()
    expect(line(viewer, "buy at my shop")).to_have_count(0)
    expect(line(journey.studio, "buy at my shop")).to_have_count(0)
    choose(phone, "Is it pure cotton?").get_by_test_id("message-mute-300").click()
    expect(viewer.get_by_test_id("writing")).to_have_attribute("data-mode", "muted")
    field = viewer.get_by_test_id("chat-input")
    expect(field).to_be_disabled()
    expect(field).to_have_attribute("placeholder", re.compile(r"Muted for 4:\d\d"))
    viewer.screenshot(path=screenshots / "moderation-muted.png")


def test_influencer_takes_the_mute_back_from_the_list(journey: Journey) -> None:
    studio = journey.studio
    open_desk(studio, "people")
    expect(studio.get_by_test_id("moderator")).to_contain_text(MODERATOR)
    muted = studio.get_by_test_id("member")
    expect(muted).to_contain_text(VIEWER)
    muted.get_by_test_id("unmute").click()
    expect(muted).to_have_count(0)
    expect(journey.viewer.get_by_test_id("chat-input")).to_be_enabled()


def test_slow_mode_counts_down_in_the_field_and_ends_when_it_is_switched_off(
    journey: Journey, screenshots: Path
) -> None:
    studio, viewer = journey.studio, journey.viewer
    open_desk(studio, "rules")
    studio.get_by_test_id("rule-slow").select_option("60")
    expect(viewer.get_by_test_id("chat-input")).to_have_attribute("placeholder", "Slow mode: 60 s")
    say(viewer, "only one message")
    expect(viewer.get_by_test_id("writing")).to_have_attribute("data-mode", "slow")
    expect(viewer.get_by_test_id("slow-mode")).to_have_text(re.compile(r"^\d\d$"))
    viewer.screenshot(path=screenshots / "moderation-slow.png")
    # Moderators are not slowed.
    expect(journey.moderator.get_by_test_id("writing")).to_have_attribute("data-mode", "open")
    studio.get_by_test_id("rule-slow").select_option("0")
    expect(viewer.get_by_test_id("writing")).to_have_attribute("data-mode", "open")


def test_only_followers_may_write_and_one_tap_makes_one(journey: Journey) -> None:
    studio, viewer = journey.studio, journey.viewer
    studio.get_by_test_id("rule-audience").select_option("followers")
    expect(viewer.get_by_test_id("writing")).to_have_attribute("data-mode", "followers")
    viewer.get_by_test_id("writing").get_by_role("button", name="Follow").click()
    expect(viewer.get_by_test_id("writing")).to_have_attribute("data-mode", "open")
    say(viewer, "I follow you now")
    expect(line(studio, "I follow you now")).to_have_count(0)
    studio.get_by_test_id("room-chat").click()
    expect(line(studio, "I follow you now")).to_be_visible()
    open_desk(studio, "rules")
    studio.get_by_test_id("rule-audience").select_option("everyone")


def test_a_message_with_an_unwanted_word_waits_until_the_moderator_shows_it(
    journey: Journey, screenshots: Path
) -> None:
    studio, phone, viewer = journey.studio, journey.moderator, journey.viewer
    open_desk(studio, "words")
    studio.get_by_test_id("word-text").fill("bargain*")
    studio.get_by_test_id("word-add").click()
    expect(studio.get_by_test_id("word")).to_have_text("bargain*")
    say(viewer, "such bargains")
    held = line(viewer, "such bargains")
    expect(held).to_have_attribute("data-line", "held")
    viewer.screenshot(path=screenshots / "moderation-held.png")
    phone.get_by_test_id("menu").click()
    phone.get_by_test_id("hosting").click()
    phone.get_by_test_id("desk-review").click()
    waiting = phone.get_by_test_id("held").filter(has_text="such bargains")
    expect(line(phone, "such bargains")).to_have_count(0)
    waiting.get_by_test_id("approve").click()
    expect(waiting).to_have_count(0)
    expect(held).to_have_attribute("data-line", "sent")
    expect(line(phone, "such bargains")).to_have_count(1)
    phone.keyboard.press("Escape")


def test_an_announcement_stays_on_top(journey: Journey, screenshots: Path) -> None:
    open_desk(journey.studio, "announce")
    journey.studio.get_by_test_id("announce-text").fill(ANNOUNCEMENT)
    journey.studio.get_by_test_id("announce-send").click()
    for page in (journey.viewer, journey.moderator):
        expect(page.get_by_test_id("pinned-message")).to_contain_text(ANNOUNCEMENT)
    journey.viewer.reload()
    expect(journey.viewer.get_by_test_id("pinned-message")).to_contain_text(ANNOUNCEMENT)
    journey.viewer.screenshot(path=screenshots / "moderation-announcement.png")


def test_a_banned_viewer_is_out_at_once_with_all_that_was_written_and_can_be_let_in_again(
    journey: Journey, screenshots: Path
) -> None:
    studio, phone, viewer = journey.studio, journey.moderator, journey.viewer
    choose(phone, "Is it pure cotton?").get_by_test_id("message-ban").click()
    phone.get_by_test_id("ban-confirm").click()
    stage = viewer.get_by_test_id("stage")
    expect(stage).to_have_attribute("data-state", "banned")
    viewer.screenshot(path=screenshots / "moderation-banned.png")
    studio.get_by_test_id("room-chat").click()
    expect(line(studio, "Is it pure cotton?")).to_have_count(0)
    viewer.reload()
    expect(stage).to_have_attribute("data-state", "banned")
    open_desk(studio, "people")
    studio.get_by_test_id("unban").click()
    expect(studio.get_by_test_id("member")).to_have_count(0)
    watch(viewer, journey.stack, journey.live_session_id)


def test_clearing_asks_once_and_what_was_done_is_on_record(journey: Journey) -> None:
    studio = journey.studio
    open_desk(studio, "clear")
    studio.get_by_test_id("clear-confirm").click()
    expect(journey.viewer.get_by_test_id("chat-line")).to_have_count(0)
    open_desk(studio, "log")
    rows = studio.get_by_test_id("log-row")
    expect(rows.first).to_contain_text("cleared the chat")
    expect(rows.filter(has_text=f"banned {VIEWER}")).to_contain_text(MODERATOR)


def test_no_page_complained(journey: Journey, complaints: list[str]) -> None:
    assert complaints == []
