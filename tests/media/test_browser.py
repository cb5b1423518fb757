"""A real Chromium publishes, a real Chromium watches: camera frames through the SFU."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from livecommerce.testcard import TestCard, broadcast
from loadtests.browser import chromium, flags
from media import Sfu, SfuConfig

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><video id=video autoplay muted playsinline></video><script>
async function goLive(codec) {
  const stream = await navigator.mediaDevices.getUserMedia(
    {audio: true, video: {width: 640, height: 360, frameRate: 30}});
  const connection = window.connection = new RTCPeerConnection({iceServers: []});
  for (const track of stream.getTracks()) {
    const transceiver = connection.addTransceiver(
      track, {direction: 'sendonly', streams: [stream]});
    if (track.kind === 'video' && codec) {
      const all = RTCRtpSender.getCapabilities('video').codecs;
      transceiver.setCodecPreferences(all.filter(
        c => c.mimeType === 'video/' + codec || c.mimeType === 'video/rtx'));
    }
  }
  await connection.setLocalDescription();
  const sdp = await window.publish(connection.localDescription.sdp);
  await connection.setRemoteDescription({type: 'answer', sdp});
}
async function watchLive(sounding) {
  video.muted = !sounding;
  const connection = window.connection = new RTCPeerConnection({iceServers: []});
  const stream = new MediaStream();
  connection.ontrack = event => { stream.addTrack(event.track); video.srcObject = stream; };
  const offer = await window.watch();
  await connection.setRemoteDescription({type: 'offer', sdp: offer.sdp});
  await connection.setLocalDescription();
  await window.answer(offer.peer, connection.localDescription.sdp);
}
async function figures() {
  const found = {}, reports = await window.connection.getStats();
  for (const report of reports.values())
    if (report.type === 'inbound-rtp') found[report.kind] = report;
  found.codec = found.video && reports.get(found.video.codecId)?.mimeType;
  return found;
}
function pixels() {
  const canvas = new OffscreenCanvas(64, 64), pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 64, 64);
  return Array.from(pen.getImageData(0, 0, 64, 64).data).join();
}
</script>"""


@pytest.fixture
async def sfu() -> AsyncIterator[Sfu]:
    sfu = Sfu(SfuConfig(), lambda event: None)
    await sfu.start()
    yield sfu
    await sfu.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[*flags(), "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        await browser.close()


@pytest.fixture
def ids() -> Iterator[int]:
    return count(1)


async def open_page(browser: Browser, sfu: Sfu, ids: Iterator[int]) -> Page:
    """A page on a secure origin whose signalling is a function call to the SFU."""
    page = await browser.new_page()

    async def publish(sdp: str) -> str:
        return await sfu.publish("live", f"peer-{next(ids)}", sdp)

    async def watch() -> dict[str, str]:
        peer = f"peer-{next(ids)}"
        return {"peer": peer, "sdp": await sfu.watch("live", peer)}

    await page.expose_function("publish", publish)
    await page.expose_function("watch", watch)
    await page.expose_function("answer", sfu.answer)
    await page.route(
        "https://live.test/", lambda route: route.fulfill(body=PAGE, content_type="text/html")
    )
    await page.goto("https://live.test/")
    return page


async def until_decoded(page: Page, frames: int, codec: str) -> dict[str, Any]:
    """Wait until the page has decoded that many frames in all, the last ones in codec."""
    async with asyncio.timeout(40):
        while True:
            figures: dict[str, Any] = await page.evaluate("figures()")
            video, audio = figures.get("video", {}), figures.get("audio", {})
            is_playing = video.get("framesDecoded", 0) >= frames
            has_codec = figures.get("codec") == f"video/{codec}"
            if is_playing and has_codec and audio.get("packetsReceived", 0) > 20:
                return figures
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_camera_of_one_browser_is_seen_by_another(
    browser: Browser, sfu: Sfu, ids: Iterator[int], codec: str
) -> None:
    publisher = await open_page(browser, sfu, ids)
    await publisher.evaluate(f"goLive('{codec}')")
    viewer = await open_page(browser, sfu, ids)
    await viewer.evaluate("watchLive()")

    figures = await until_decoded(viewer, 60, codec)

    assert figures["video"]["frameWidth"] == 640
    assert figures["video"]["packetsLost"] == figures["audio"]["packetsLost"] == 0
    stats = sfu.stats()
    assert (stats.publishers, stats.subscribers) == (1, 1)
    assert not any(stats.drops.values())


async def test_viewer_goes_on_when_another_camera_with_another_codec_takes_over(
    browser: Browser, sfu: Sfu, ids: Iterator[int]
) -> None:
    first = await open_page(browser, sfu, ids)
    await first.evaluate("goLive('H264')")
    viewer = await open_page(browser, sfu, ids)
    await viewer.evaluate("watchLive()")
    before = await until_decoded(viewer, 20, "H264")
    second = await open_page(browser, sfu, ids)
    await second.evaluate("goLive('VP8')")

    after = await until_decoded(viewer, before["video"]["framesDecoded"] + 40, "VP8")

    assert after["video"]["packetsLost"] == 0
    assert await viewer.evaluate("connection.connectionState") == "connected"


async def test_test_card_moves_and_sounds_in_a_browser(
    browser: Browser, sfu: Sfu, ids: Iterator[int], card: TestCard
) -> None:
    stopped = asyncio.Event()
    sending = asyncio.create_task(
        broadcast(card, lambda offer: sfu.publish("live", "card", offer), stopped)
    )
    viewer = await open_page(browser, sfu, ids)
    async with asyncio.timeout(10):
        while not sfu.stats().publishers:
            await asyncio.sleep(0.01)
    await viewer.evaluate("watchLive(true)")

    figures = await until_decoded(viewer, 30, "H264")
    picture = await viewer.evaluate("pixels()")
    figures = await until_decoded(viewer, figures["video"]["framesDecoded"] + 30, "H264")

    assert (figures["video"]["frameWidth"], figures["video"]["frameHeight"]) == (576, 1024)
    assert figures["audio"]["totalAudioEnergy"] > 0
    assert await viewer.evaluate("pixels()") != picture
    stopped.set()
    await sending
