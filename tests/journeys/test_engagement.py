"""Questions, a poll and a giveaway in three real browsers: the influencer and two viewers.

The steps build on each other and run in the order of the file, on one started program.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE
from tests.journeys.parts import PATIENCE_MS, go_live, line, open_desk, say, sign_up, watch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@dataclass
class Journey:
    """Who is there."""

    stack: Stack
    studio: Page
    asha: Page
    ravi: Page
    heard: list[str] = field(default_factory=list)
    """What the hub told Ravi's page, frame by frame."""


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    # Most steps wait for what was done in another browser.
    expect.set_options(timeout=PATIENCE_MS)
    ravi = open_page(PHONE)
    made = Journey(stack, open_page(LAPTOP), asha=open_page(PHONE), ravi=ravi)

    def note(frame: str | bytes) -> None:
        if isinstance(frame, str):
            made.heard.append(frame)

    ravi.on("websocket", lambda socket: socket.on("framereceived", note))
    yield made
    expect.set_options(timeout=5_000)


def put_away(card: Locator) -> None:
    card.get_by_role("button", name="Put away").click()
    expect(card).to_have_count(0)


def test_two_viewers_come_and_are_counted_as_they_join(journey: Journey) -> None:
    live_session_id = go_live(journey.studio, journey.stack, "Sarees of the south")
    watch(journey.asha, journey.stack, live_session_id)
    sign_up(journey.asha, "Asha Rao")
    watch(journey.ravi, journey.stack, live_session_id)
    expect(journey.asha.get_by_test_id("joined")).to_contain_text("joined", timeout=30_000)
    sign_up(journey.ravi, "Ravi Menon")


def test_a_question_is_asked_wanted_by_another_and_answered(
    journey: Journey, screenshots: Path
) -> None:
    studio, asha, ravi = journey.studio, journey.asha, journey.ravi
    say(asha, "@question Do you ship to Leh?")
    expect(line(asha, "Do you ship to Leh?")).to_have_count(0)
    ravi.get_by_test_id("questions-open").click()
    question = ravi.get_by_test_id("question")
    expect(question).to_contain_text("Do you ship to Leh?")
    question.get_by_test_id("upvote").click()
    expect(question.get_by_test_id("upvote")).to_have_attribute("aria-pressed", "true")
    ravi.screenshot(path=screenshots / "engagement-questions.png")
    studio.get_by_test_id("room-questions").click()
    asked = studio.get_by_test_id("question")
    expect(asked.get_by_test_id("upvote")).to_have_text("1")
    asked.get_by_test_id("question-pick").click()
    expect(question).to_have_attribute("data-picked", "true")
    asked.get_by_test_id("question-answer").click()
    expect(question).to_have_count(0)
    expect(asked).to_have_count(0)
    ravi.keyboard.press("Escape")


def test_a_poll_is_voted_changed_and_closed(journey: Journey, screenshots: Path) -> None:
    studio, asha, ravi = journey.studio, journey.asha, journey.ravi
    open_desk(studio, "poll")
    studio.get_by_test_id("poll-start").click()
    expect(studio.get_by_text("Please write the question.")).to_be_visible()
    studio.get_by_test_id("poll-question").fill("Red or blue?")
    studio.get_by_test_id("poll-choice-0").fill("Red")
    studio.get_by_test_id("poll-choice-1").fill("Blue")
    studio.get_by_test_id("poll-minutes").select_option("0")
    studio.get_by_test_id("poll-start").click()
    for page, choice in ((asha, 0), (ravi, 0)):
        page.get_by_test_id(f"poll-option-{choice}").get_by_role("button").click()
    expect(studio.get_by_test_id("poll-option-0")).to_have_attribute("data-votes", "2")
    # By keyboard, since a mind may be changed without a finger.
    blue = ravi.get_by_test_id("poll-option-1").get_by_role("button")
    blue.focus()
    ravi.keyboard.press("Enter")
    expect(ravi.get_by_test_id("poll-option-1")).to_have_attribute("data-mine", "true")
    for votes in (studio.get_by_test_id("poll-option-1"), asha.get_by_test_id("poll-option-1")):
        expect(votes).to_have_attribute("data-votes", "1")
    asha.screenshot(path=screenshots / "engagement-poll.png")
    studio.get_by_test_id("poll-close").click()
    studio.get_by_test_id("poll-close-confirm").click()
    for page in (asha, ravi):
        card = page.get_by_test_id("poll-card")
        expect(card).to_contain_text("Closed")
        expect(card.get_by_test_id("poll-option-0").get_by_role("button")).to_have_count(0)
        put_away(card)


def test_a_giveaway_is_entered_drawn_and_checked_on_the_viewers_phone(
    journey: Journey, screenshots: Path
) -> None:
    studio, asha, ravi = journey.studio, journey.asha, journey.ravi
    open_desk(studio, "giveaway")
    studio.get_by_test_id("giveaway-prize").fill("The red scarf")
    studio.get_by_test_id("giveaway-needs").select_option("follow")
    studio.get_by_test_id("giveaway-start").click()
    # What was promised is read again before it begins.
    expect(studio.get_by_text("“The red scarf” for one winner.")).to_be_visible()
    studio.get_by_test_id("giveaway-confirm").click()
    for page in (asha, ravi):
        page.get_by_test_id("giveaway-enter").click()
        expect(page.get_by_test_id("giveaway-in")).to_be_visible()
    asha.screenshot(path=screenshots / "engagement-giveaway.png")
    studio.get_by_test_id("giveaway-draw").click()
    studio.get_by_test_id("giveaway-draw-confirm").click()
    winner = studio.get_by_test_id("winner")
    expect(winner).to_have_count(1)
    name = winner.inner_text()
    for page in (asha, ravi):
        expect(page.get_by_test_id("winner")).to_have_text(name)
    lucky = asha if name == "Asha Rao" else ravi
    expect(lucky.get_by_test_id("giveaway-card")).to_contain_text("You have won!")
    asha.get_by_test_id("draw-open").click()
    expect(asha.get_by_test_id("draw-check")).to_have_attribute("data-outcome", "fits")
    asha.screenshot(path=screenshots / "engagement-draw.png")
    asha.keyboard.press("Escape")
    for page in (asha, ravi):
        put_away(page.get_by_test_id("giveaway-card"))


def test_taps_of_a_kind_reach_the_other_viewer_as_one_sum(journey: Journey) -> None:
    asha = journey.asha
    asha.get_by_test_id("reactions-open").click()
    for _ in range(3):
        asha.get_by_test_id("reaction-fire").click()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and sum(_fires(journey.heard)) < 3:
        asha.wait_for_timeout(100)
    assert sum(_fires(journey.heard)) == 3


def _fires(frames: list[str]) -> list[int]:
    """How many of them each reactions.counted told of."""
    events = [
        json.loads(frame[2:]) for frame in frames if frame.startswith('42["reactions.counted"')
    ]
    return [event[1]["kinds"]["fire"] for event in events if event[1]["kinds"].get("fire")]


def test_no_page_complained(journey: Journey, complaints: list[str]) -> None:
    assert complaints == []
