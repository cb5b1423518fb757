"""Chromium for benches and journeys: the distribution's, headless, with a made-up camera."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=device-count=2,fps=30",
    "--disable-gpu",
    # Drawing without any 3D costs half as much a frame as with 3D in software.
    "--disable-software-rasterizer",
    "--no-first-run",
    # Without these it looks up its maker's hosts at every start; tests stay on loopback.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


class ChromiumMissing(Exception):
    """No Chromium on this machine; the text says how to get one."""

    def __init__(self) -> None:
        super().__init__(
            "No Chromium found. On Debian and Ubuntu: apt-get install chromium; "
            "or name one in LIVECOMMERCE_TEST_CHROMIUM."
        )


def chromium() -> str:
    """The path of the Chromium to drive; raises ChromiumMissing."""
    named = os.environ.get("LIVECOMMERCE_TEST_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise ChromiumMissing


def flags() -> list[str]:
    """The command line of Chromium; its sandbox does not start under root."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
