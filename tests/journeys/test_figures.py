"""The influencer looks at who watched, how long, and what became of what was shown."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE
from tests.journeys.parts import PATIENCE_MS, go_live, watch

pytestmark = pytest.mark.browser


@pytest.mark.timeout(240)
def test_figures_of_a_live_session_that_is_on_air(
    stack: Stack, open_page: Callable[..., Page], complaints: list[str], screenshots: Path
) -> None:
    studio, viewer = open_page(LAPTOP), open_page(PHONE)
    live_session_id = go_live(studio, stack, "Counted sarees")
    studio.locator("[data-testid^='pin-']").first.click()
    studio.get_by_test_id("unpin").wait_for()
    watch(viewer, stack, live_session_id)
    viewer.get_by_test_id("pin-card").wait_for(timeout=PATIENCE_MS)
    watch(viewer, stack, live_session_id)  # Once more: one viewer, who has come twice.

    figures = studio.context.new_page()
    figures.goto(f"{stack.url}/studio")
    figures.get_by_test_id(f"figures-{live_session_id}").click()
    joins = figures.get_by_test_id("figure-joins")
    while True:  # Counted within a second, flushed within two.
        joins.wait_for()
        if joins.inner_text() == "2" and figures.locator(".figures-minutes rect").count():
            break
        figures.wait_for_timeout(250)
        figures.reload()
    expect(figures.get_by_test_id("figure-unique")).to_have_text("1")
    expect(figures.get_by_test_id("figure-customers")).to_have_text("0")
    expect(figures.locator("[data-testid^='figure-'][data-testid$='-shown']").first).to_have_text(
        "2"
    )
    for page, name in ((figures, "figures"), (figures, "figures-phone")):
        page.set_viewport_size(PHONE if name.endswith("phone") else LAPTOP)
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    width = figures.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "it is wider than a phone"
    assert complaints == []
