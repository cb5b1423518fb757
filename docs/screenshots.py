"""Takes the README's screenshots from the running program: `python docs/screenshots.py`.

The viewer page shows the demo's own live session; the studio is the demo's second influencer, with
the test card in place of a camera, and a viewer who chats, taps and buys.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from livecommerce.testcard import HEIGHT, WIDTH, Scene  # noqa: E402
from loadtests.browser import chromium, flags  # noqa: E402
from loadtests.stack import Stack, running_stack  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PHONE, LAPTOP = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
CAMERA_FRAMES = 50
# Chromium calls a camera by the name of the file that stands in for it.
NAME_THE_CAMERA = """
  const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
  navigator.mediaDevices.enumerateDevices = async () => (await list()).map((device) => ({
    deviceId: device.deviceId, groupId: device.groupId, kind: device.kind,
    label: device.kind === 'videoinput' ? 'Front camera' : 'Microphone',
  }));
"""
ADDRESS = {
    "name": "Asha Rao",
    "phone": "9876543210",
    "line1": "12, 4th Cross, Indiranagar",
    "city": "Bengaluru",
    "postal-code": "560038",
}


def main() -> None:
    """Start the program, walk through it, leave JPEGs in docs/images."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_stack() as stack,
        sync_playwright() as playwright,
    ):
        camera = Path(scratch) / "camera.y4m"
        make_camera(camera)
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[*flags(), f"--use-file-for-fake-video-capture={camera}"],
        )
        viewer = viewer_page(browser, stack)
        studio_page(browser, stack, viewer)
        browser.close()


def make_camera(path: Path) -> None:
    """A second of the test card as raw video, for Chromium to take as a camera."""
    scene = Scene()
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F25:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(CAMERA_FRAMES):
            luma, blue, red = scene.frame(number).convert("YCbCr").split()
            half = (WIDTH // 2, HEIGHT // 2)
            planes = (luma, blue.resize(half), red.resize(half))
            file.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in planes))


def viewer_page(browser: Browser, stack: Stack) -> Page:
    """A phone that watches the demo's live session, signed in and chatting."""
    context = browser.new_context(viewport=PHONE, locale="en-IN", device_scale_factor=2)
    page = context.new_page()
    page.goto(stack.link("customer"))
    page.wait_for_url(f"{stack.url}/")
    page.goto(f"{stack.url}/live/{stack.facts['live_session_id']}")
    page.locator("[data-testid=stage][data-state=live]").wait_for()
    for line in ("Is the kurta pure cotton?", "Ordered one in M, thank you!"):
        page.get_by_test_id("chat-input").fill(line)
        page.get_by_test_id("chat-send").click()
        page.wait_for_timeout(1500)
    shoot(page, "viewer")
    return page


def studio_page(browser: Browser, stack: Stack, viewer: Page) -> None:
    """The studio on air, after a viewer has tapped and bought."""
    context = browser.new_context(
        viewport=LAPTOP, locale="en-IN", permissions=["camera", "microphone"]
    )
    studio = context.new_page()
    studio.add_init_script(NAME_THE_CAMERA)
    studio.goto(stack.link("influencer"))
    studio.wait_for_url("**/studio**")
    studio.get_by_test_id("new-session").click()
    studio.get_by_test_id("session-title").fill("Festive evening, live")
    picks = studio.locator("[data-testid^='pick-']")
    picks.nth(4).wait_for()
    for index in range(5):
        picks.nth(index).click()
    studio.get_by_test_id("save-session").click()
    studio.get_by_test_id("go-live").click()
    studio.locator("[data-testid=studio-state][data-state=live]").wait_for()
    studio.locator("[data-testid^='pin-']").first.click()
    studio.get_by_test_id("chat-input").fill("Welcome everyone! Ask me anything about these.")
    studio.get_by_test_id("chat-input").press("Enter")
    live_session_id = studio.url.rpartition("=")[2]
    viewer.goto(f"{stack.url}/live/{live_session_id}")
    buy(viewer)
    viewer.get_by_test_id("chat-input").fill("Just ordered, so pretty!")
    viewer.get_by_test_id("chat-send").click()
    studio.wait_for_timeout(7000)
    shoot(studio, "studio")


def buy(viewer: Page) -> None:
    """Tap the pinned product and order one, cash on delivery."""
    viewer.get_by_test_id("pin-card").wait_for()
    viewer.wait_for_timeout(1000)
    viewer.get_by_test_id("buy").click()
    viewer.locator("[data-testid=place-order][data-needs=address]").click()
    for name, value in ADDRESS.items():
        viewer.get_by_test_id(f"address-{name}").fill(value)
    viewer.get_by_test_id("address-state").select_option(label="Karnataka")
    viewer.get_by_test_id("use-address").click()
    viewer.locator("[data-testid=place-order]:not([data-needs])").click()
    viewer.get_by_test_id("order-number").wait_for()
    viewer.keyboard.press("Escape")


def shoot(page: Page, name: str) -> None:
    """Save what the page shows as docs/images/<name>.jpg, small enough for a repository."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        page.screenshot(path=file.name)
        picture = Image.open(file.name).convert("RGB")
    picture.thumbnail((1440, 1200))
    picture.save(IMAGES / f"{name}.jpg", quality=82, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
