"""The main job in two real browsers: go live, watch, chat, pin, buy, count, recover.

The steps build on each other and run in the order of the file, on one started program. Each says
what a person would notice.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.sync_api import Browser, Page, expect

from loadtests.stack import Stack
from tests.journeys.conftest import LAPTOP, PHONE

pytestmark = pytest.mark.browser

# Records the page's peer connections, since a video element does not tell what it receives.
WATCH_PEERS = """
  window.peers = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...of) { super(...of); window.peers.push(this); }
  };
"""
RECEIVED = """async (kind) => {
  let best = 0;
  for (const peer of window.peers) {
    if (peer.connectionState !== 'connected') continue;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === kind)
        best = Math.max(best, kind === 'video' ? report.framesDecoded : report.packetsReceived);
    }
  }
  return best;
}"""
PATIENCE_MS = 30_000
TITLE = "Cotton kurtas, first look"


@dataclass
class Journey:
    """What the steps hand on to each other."""

    stack: Stack
    studio: Page
    viewer: Page
    live_session_id: str = ""
    product_ids: list[str] = field(default_factory=list)
    order_number: str = ""
    stock_before: int = 0

    def query(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Ask the program's own Postgres."""

        async def ask() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.stack.facts["database_url"])
            try:
                found: list[asyncpg.Record] = await connection.fetch(sql, *values)
                return found
            finally:
                await connection.close()

        # In a thread of its own: this one belongs to the browser driver's event loop.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(ask())).result()


@pytest.fixture(scope="module")
def journey(stack: Stack, open_page: Callable[..., Page]) -> Iterator[Journey]:
    viewer = open_page(PHONE)
    viewer.add_init_script(WATCH_PEERS)
    yield Journey(stack, studio=open_page(LAPTOP), viewer=viewer)


def received(page: Page, kind: str) -> int:
    """Video frames decoded, or audio packets received, by the page's best connected peer."""
    count: int = page.evaluate(RECEIVED, kind)
    return count


def wait_until_growing(page: Page, kind: str = "video", by: int = 5) -> None:
    """Wait until media arrives, also when a new peer connection started to count from zero."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    base = received(page, kind)
    while time.monotonic() < deadline:
        now = received(page, kind)
        if now >= base + by:
            return
        base = min(base, now)
        page.wait_for_timeout(100)
    raise AssertionError(f"no {kind} arrives: {base} for {PATIENCE_MS} ms")


def kill_and_await_successor(stack: Stack, child: str) -> None:
    """kill -9 a process of the program and wait until the supervisor has started another."""
    killed = stack.pid_of(child)
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        try:
            if stack.pid_of(child) != killed:
                return
        except LookupError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{child} did not come back")


def test_influencer_signs_in_with_her_link_and_prepares_a_live_session(journey: Journey) -> None:
    studio = journey.studio
    studio.goto(journey.stack.link("influencer"))
    studio.wait_for_url("**/studio**")
    studio.get_by_test_id("new-session").click()
    studio.get_by_test_id("session-title").fill(TITLE)
    picks = studio.locator("[data-testid^='pick-']")
    picks.nth(1).wait_for()
    for index in (0, 1):
        pick = picks.nth(index)
        journey.product_ids.append((pick.get_attribute("data-testid") or "").removeprefix("pick-"))
        pick.click()
    studio.get_by_test_id("save-session").click()
    studio.get_by_test_id("go-live").wait_for()
    row = journey.query("select id, status from live_sessions where title = $1", TITLE)
    assert [record["status"] for record in row] == ["scheduled"]
    journey.live_session_id = str(row[0]["id"])


def test_influencer_goes_live_with_camera_and_microphone(
    journey: Journey, screenshots: Path
) -> None:
    studio = journey.studio
    # The browser has allowed camera and microphone already, so the studio shows them by itself.
    studio.get_by_test_id("preview").wait_for()
    studio.get_by_test_id("go-live").click()
    expect(studio.get_by_test_id("studio-state")).to_have_attribute(
        "data-state", "live", timeout=PATIENCE_MS
    )
    (record,) = journey.query(
        "select status from live_sessions where id = $1::uuid", journey.live_session_id
    )
    assert record["status"] == "live"
    studio.screenshot(path=screenshots / "studio.png")


def test_viewer_sees_a_moving_picture_and_receives_sound(
    journey: Journey, screenshots: Path
) -> None:
    viewer = journey.viewer
    viewer.goto(f"{journey.stack.url}/live/{journey.live_session_id}")
    expect(viewer.get_by_test_id("stage")).to_have_attribute(
        "data-state", "live", timeout=PATIENCE_MS
    )
    wait_until_growing(viewer, "video")
    wait_until_growing(viewer, "audio")
    video = viewer.get_by_test_id("live-video")
    first = video.screenshot()
    viewer.wait_for_timeout(400)
    assert video.screenshot() != first
    viewer.screenshot(path=screenshots / "viewer.png")


def test_chat_goes_both_ways(journey: Journey) -> None:
    viewer, studio = journey.viewer, journey.studio
    studio.get_by_test_id("chat-input").fill("Namaste, welcome!")
    studio.get_by_test_id("chat-input").press("Enter")
    expect(viewer.get_by_text("Namaste, welcome!")).to_be_visible()
    viewer.get_by_test_id("chat-input").click()
    sign_up(viewer, "Asha", "asha@example.test")
    viewer.get_by_test_id("chat-input").fill("Is it cotton? <b>really</b>")
    viewer.get_by_test_id("chat-send").click()
    expect(studio.get_by_text("Is it cotton? <b>really</b>")).to_be_visible()


def test_pin_shows_on_the_viewers_video_and_survives_a_reload(journey: Journey) -> None:
    viewer, studio = journey.viewer, journey.studio
    product_id = journey.product_ids[0]
    studio.get_by_test_id(f"pin-{product_id}").click()
    card = viewer.get_by_test_id("pin-card")
    expect(card).to_have_attribute("data-product-id", product_id)
    viewer.reload()
    expect(card).to_have_attribute("data-product-id", product_id)
    wait_until_growing(viewer)


def test_viewer_buys_the_pinned_product_while_the_video_plays(
    journey: Journey, screenshots: Path
) -> None:
    viewer = journey.viewer
    product_id = journey.product_ids[0]
    journey.stock_before = stock_of(journey, product_id)
    # A card that has just appeared ignores taps for 400 ms: they were meant for what was there.
    viewer.wait_for_timeout(500)
    viewer.get_by_test_id("buy").click()
    viewer.get_by_test_id("buy-sheet").wait_for()
    viewer.get_by_test_id("pay-cod").click()
    viewer.locator("[data-testid=place-order][data-needs=address]").click()
    for name, value in {
        "address-name": "Asha Rao",
        "address-phone": "9876543210",
        "address-line1": "12, 4th Cross, Indiranagar",
        "address-city": "Bengaluru",
        "address-postal-code": "560038",
    }.items():
        viewer.get_by_test_id(name).fill(value)
    viewer.get_by_test_id("address-state").select_option(label="Karnataka")
    viewer.get_by_test_id("use-address").click()
    viewer.locator("[data-testid=place-order]:not([data-needs])").wait_for()
    viewer.screenshot(path=screenshots / "buy-sheet.png")
    viewer.get_by_test_id("place-order").dblclick()
    number = viewer.get_by_test_id("order-number")
    number.wait_for()
    viewer.screenshot(path=screenshots / "order-placed.png")
    journey.order_number = number.inner_text().strip()
    wait_until_growing(viewer)


def test_the_order_remembers_who_earned_it_and_took_one_from_stock(journey: Journey) -> None:
    orders = journey.query(
        "select o.live_session_id, o.influencer_id, l.influencer_id as earner, o.order_number "
        "from orders o join live_sessions l on l.id = o.live_session_id "
        "where o.live_session_id = $1::uuid",
        journey.live_session_id,
    )
    assert len(orders) == 1
    assert orders[0]["influencer_id"] == orders[0]["earner"]
    assert orders[0]["order_number"] in journey.order_number
    items = journey.query(
        "select i.product_id, i.quantity, i.influencer_id, i.live_session_id from order_items i "
        "join orders o on o.id = i.order_id where o.live_session_id = $1::uuid",
        journey.live_session_id,
    )
    assert [(str(item["product_id"]), item["quantity"]) for item in items] == [
        (journey.product_ids[0], 1)
    ]
    assert items[0]["influencer_id"] == orders[0]["earner"]
    assert str(items[0]["live_session_id"]) == journey.live_session_id
    assert stock_of(journey, journey.product_ids[0]) == journey.stock_before - 1


def test_studio_counts_the_click_and_the_order_and_postgres_gets_them(journey: Journey) -> None:
    studio = journey.studio
    product_id = journey.product_ids[0]
    expect(studio.get_by_test_id("sales-orders")).to_contain_text("1")
    expect(studio.get_by_test_id(f"orders-{product_id}")).to_contain_text("1")
    expect(studio.get_by_test_id(f"clicks-{product_id}")).to_contain_text("1")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    counted: tuple[int, bool, bool] | None = None
    while time.monotonic() < deadline:
        (row,) = journey.query(
            "select p.clicks, l.peak_viewers, l.total_joins from live_session_products p "
            "join live_sessions l on l.id = p.live_session_id "
            "where p.live_session_id = $1::uuid and p.product_id = $2::uuid",
            journey.live_session_id,
            product_id,
        )
        counted = (row["clicks"], row["peak_viewers"] >= 1, row["total_joins"] >= 1)
        if counted == (1, True, True):
            break
        studio.wait_for_timeout(200)
    assert counted == (1, True, True)


def test_video_comes_back_by_itself_after_the_media_process_is_killed(journey: Journey) -> None:
    kill_and_await_successor(journey.stack, "media")
    wait_until_growing(journey.viewer)
    expect(journey.viewer.get_by_test_id("stage")).to_have_attribute("data-state", "live")


def test_chat_comes_back_by_itself_after_the_hub_is_killed(journey: Journey) -> None:
    viewer, studio = journey.viewer, journey.studio
    kill_and_await_successor(journey.stack, "hub")
    expect(viewer.get_by_test_id("stage")).to_have_attribute(
        "data-link", "open", timeout=PATIENCE_MS
    )
    wait_until_growing(viewer)
    expect(viewer.get_by_test_id("pin-card")).to_have_attribute(
        "data-product-id", journey.product_ids[0]
    )
    studio.get_by_test_id("chat-input").fill("We are back")
    studio.get_by_test_id("chat-input").press("Enter")
    expect(viewer.get_by_text("We are back")).to_be_visible(timeout=PATIENCE_MS)


def test_another_device_takes_over_and_the_first_one_stops(
    journey: Journey, open_browser: Callable[[], Browser]
) -> None:
    phone = (
        open_browser()
        .new_context(
            viewport=LAPTOP,
            permissions=["camera", "microphone"],
            storage_state=journey.studio.context.storage_state(),
        )
        .new_page()
    )
    phone.goto(journey.studio.url)
    phone.get_by_test_id("preview").wait_for()
    phone.get_by_test_id("take-over").click()
    expect(phone.get_by_test_id("take-over")).to_be_hidden()
    expect(journey.studio.get_by_test_id("take-over")).to_be_visible(timeout=PATIENCE_MS)
    wait_until_growing(journey.viewer)


def test_viewers_stay_connected_while_the_upload_hangs(
    journey: Journey, open_page: Callable[..., Page]
) -> None:
    viewer = open_page(PHONE)
    viewer.add_init_script(WATCH_PEERS)
    viewer.goto(journey.stack.facts["viewer_url"])
    wait_until_growing(viewer)
    stage = viewer.get_by_test_id("stage")
    broadcaster = journey.stack.pid_of("broadcast")
    os.kill(broadcaster, signal.SIGSTOP)
    try:
        expect(stage).to_have_attribute("data-state", "reconnecting", timeout=PATIENCE_MS)
    finally:
        os.kill(broadcaster, signal.SIGCONT)
    expect(stage).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    wait_until_growing(viewer)
    # Neither the join nor the standstill took more than one connection.
    assert viewer.evaluate("window.peers.length") == 1


def test_influencer_ends_and_the_viewer_is_told(journey: Journey, screenshots: Path) -> None:
    journey.studio.get_by_test_id("end-live").click()
    journey.studio.get_by_test_id("confirm-end").click()
    expect(journey.viewer.get_by_test_id("stage")).to_have_attribute(
        "data-state", "ended", timeout=PATIENCE_MS
    )
    journey.viewer.screenshot(path=screenshots / "ended.png")


def test_no_page_complained(journey: Journey, complaints: list[str]) -> None:
    assert complaints == []


def sign_up(page: Page, name: str, email: str) -> None:
    """Fill the account form that the page has opened; it starts as a sign-up."""
    page.get_by_test_id("account-form").wait_for()
    page.get_by_test_id("account-name").fill(name)
    page.get_by_test_id("account-email").fill(email)
    page.get_by_test_id("account-password").fill("correct horse battery")
    page.get_by_test_id("account-submit").click()
    page.get_by_test_id("account-form").wait_for(state="detached")


def stock_of(journey: Journey, product_id: str) -> int:
    """What the product's row says is in stock."""
    (row,) = journey.query("select stock_quantity from products where id = $1::uuid", product_id)
    stock: int = row["stock_quantity"]
    return stock
