"""`make bench`: the figures of the main path, compared with loadtests/budgets.toml.

Prints what it measures as it goes; the last line is one JSON object. Exits with 1 when a figure is
beyond its budget. Nothing here is a test: machines differ, and this one may be busy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from loadtests import bench_database, bench_forward, bench_pin, bench_rls
from loadtests.browser import chromium, flags
from loadtests.stack import Stack, running_stack

ROOT = Path(__file__).resolve().parent.parent
JOINS = 20
JOIN_TIMEOUT_S = 30
HAS_FRAME = "() => performance.getEntriesByName('lc-first-frame').length > 0"
MARKS = """() => {
  const at = (name) => performance.getEntriesByName(name)[0].startTime;
  const frame = at('lc-first-frame');
  return { from_join: frame - at('lc-join-start'), from_navigation: frame };
}"""


def measure_joins(stack: Stack, joins: int) -> dict[str, float]:
    """Open the viewer page `joins` times, each in a fresh browser context.

    Milliseconds to the first decoded frame.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags())
        # The browser's own start (codec libraries, GPU process) is not a join.
        _join(browser, stack)
        samples = [_join(browser, stack) for _ in range(joins)]
        browser.close()
    from_join = sorted(sample["from_join"] for sample in samples)
    from_navigation = sorted(sample["from_navigation"] for sample in samples)
    print(f"join, ms, each of {joins}: {' '.join(f'{value:.0f}' for value in from_join)}")
    return {
        "join_p50_ms": round(statistics.median(from_join), 1),
        "join_p95_ms": round(_percentile(from_join, 95), 1),
        "navigation_p50_ms": round(statistics.median(from_navigation), 1),
        "navigation_p95_ms": round(_percentile(from_navigation, 95), 1),
    }


def _join(browser: Browser, stack: Stack) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{stack.url}/live/{stack.facts['live_session_id']}")
    # Polled from outside: the page's own policy forbids what wait_for_function does inside it.
    deadline = time.monotonic() + JOIN_TIMEOUT_S
    while not page.evaluate(HAS_FRAME):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no picture within {JOIN_TIMEOUT_S} s")
        page.wait_for_timeout(50)
    marks: dict[str, float] = page.evaluate(MARKS)
    context.close()
    return marks


def measure_forwarding() -> dict[str, float]:
    """CPU of the whole media process per packet sent to a viewer; see bench_forward."""
    figures: dict[str, float] = bench_forward.run(viewers=100, seconds=10)
    return figures


def measure_page() -> dict[str, float]:
    """Compressed script that the viewer page loads before the video plays; the build counts it."""
    sizes = json.loads((ROOT / "livecommerce/web/dist/sizes.json").read_text())
    return {"viewer_js_kb": sizes["viewer_js_kb"]}


def _percentile(ordered: list[float], percent: int) -> float:
    """Nearest-rank percentile of an ordered, non-empty list."""
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[rank - 1]


def over_budget(figures: dict[str, Any], budgets: dict[str, dict[str, float]]) -> list[str]:
    """A sentence per figure that is beyond its budget."""
    limits = {name: limit for table in budgets.values() for name, limit in table.items()}
    return [
        f"{name} is {figures[name]}, its budget is {limit}"
        for name, limit in limits.items()
        if figures.get(name, 0) > limit
    ]


def _measured(title: str, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    began_s = time.monotonic()
    figures = measure()
    print(f"{title} ({time.monotonic() - began_s:.0f} s): {figures}", flush=True)
    return figures


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--joins", type=int, default=JOINS, help="how many times to open the page")
    parser.add_argument(
        "--orders",
        type=int,
        default=bench_database.MILLION.orders,
        help="how large a shop the pages are measured on",
    )
    arguments = parser.parse_args()
    budgets = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())
    figures: dict[str, Any] = {"cores": os.cpu_count()}
    with running_stack() as stack:
        steps: tuple[tuple[str, Callable[[], dict[str, float]]], ...] = (
            ("viewer page", measure_page),
            ("join to first decoded frame", lambda: measure_joins(stack, arguments.joins)),
            ("pin to 50 viewers", lambda: bench_pin.run(stack)),
        )
        for title, measure in steps:
            figures |= _measured(title, measure)
    # Alone: the program above would share its cores.
    figures |= _measured("forwarding to 100 viewers", measure_forwarding)
    figures |= _measured("large shop", lambda: bench_database.run(arguments.orders))
    figures |= _measured("acting as a person", bench_rls.run)
    exceeded = over_budget(figures, budgets)
    for sentence in exceeded:
        print(f"OVER BUDGET: {sentence}", flush=True)
    print(json.dumps(figures))
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
