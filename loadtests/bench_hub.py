"""`make bench-hub`: what the hub's fan-out costs, beside stock python-socketio and Node's.

    make bench-hub
    make bench-hub ARGS="--quick"                  only us_per_delivery_1000 of ours, a few seconds
    make bench-hub ARGS="--only fan-out,alone"     some of the parts

The parts, each of which is described where it is measured:

    fan-out   CPU per delivery at 1,000 and 5,000 connections, ours and both peers in turns
    browser   the same at 1,000, with clients who offer deflate as browsers do
    alone     our Gateway: chat in batches, memory of a connection, 5,000 disconnects at once
    live      the whole hub: 10,000 viewers and 20 messages a second; a pin to 5,000 while chat runs
    clicks    clicks counted a second, and whether each was

The servers run on one core and the clients on the other. The last line is one JSON object; exits
with 1 when a figure is beyond its budget. Machines differ and are shared: ratios say more.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvloop

from loadtests import fan_out, hub_alone, hub_clicks, hub_live, node_peer
from loadtests.bench import over_budget
from loadtests.bench_checkout import under_floor

ROUNDS = 5
FIGURES = (
    "us_per_delivery_1000",
    "us_per_delivery_5000",
    "vs_node",
    "vs_stock",
    "us_per_event_batched",
    "p99_ms_10k",
    "lost",
    "rss_kb_idle",
    "drop_block_ms",
    "pin_last_ms",
    "clicks_per_s",
    "clicks_inexact",
)
"""Those with a budget; whatever else is printed explains them."""
ALL = ("ours", "node", "stock")
Figures = dict[str, Any]


async def measure_fan_out(
    names: Sequence[str], viewers: int, seconds: float, headers: Mapping[str, str]
) -> dict[str, list[float]]:
    """Microseconds of CPU per delivery by server, ROUNDS samples of each, taken in turns."""
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(
                fan_out.measured(name, _command_of(name), viewers, headers)
            )
            for name in names
        ]
        for _ in range(ROUNDS):
            for each in servers:
                await each.sample(seconds / ROUNDS)
        return {each.name: each.samples_us for each in servers}


def _command_of(name: str) -> list[str]:
    return node_peer.command() if name == "node" else fan_out.python_server(name)


def _fan_out(seconds: float) -> Figures:
    figures: Figures = {}
    for viewers in (1_000, 5_000):
        samples = uvloop.run(measure_fan_out(ALL, viewers, seconds, fan_out.PLAIN))
        figures[f"us_per_delivery_{viewers}"] = _median(samples["ours"])
        for peer in ("node", "stock"):
            figures[f"{peer}_us_per_delivery_{viewers}"] = _median(samples[peer])
            figures[f"vs_{peer}_{viewers}"] = _ratio(samples, peer)
    for peer in ("node", "stock"):
        figures[f"vs_{peer}"] = max(figures[f"vs_{peer}_{viewers}"] for viewers in (1_000, 5_000))
    return figures


def _browser(seconds: float) -> Figures:
    samples = uvloop.run(measure_fan_out(ALL, 1_000, seconds, fan_out.BROWSER))
    figures = {f"browser_{name}_us_per_delivery": _median(samples[name]) for name in ALL}
    peers = {f"browser_vs_{peer}": _ratio(samples, peer) for peer in ("node", "stock")}
    return figures | peers


def _alone(seconds: float) -> Figures:
    figures = uvloop.run(hub_alone.measure_batched(per_s=20, seconds=2 * seconds))
    busier = uvloop.run(hub_alone.measure_batched(per_s=100, seconds=seconds))
    figures |= {f"{name}_at_100_per_s": value for name, value in busier.items()}
    return figures | uvloop.run(hub_alone.measure_memory_and_drop())


def _live(seconds: float) -> Figures:
    return hub_live.run(seconds=3 * seconds)


def _clicks(_seconds: float) -> Figures:
    return hub_clicks.run()


PARTS: dict[str, Callable[[float], Figures]] = {
    "fan-out": _fan_out,
    "browser": _browser,
    "alone": _alone,
    "live": _live,
    "clicks": _clicks,
}


def _median(samples_us: Sequence[float]) -> float:
    return round(statistics.median(samples_us), 2)


def _ratio(samples: Mapping[str, Sequence[float]], peer: str) -> float:
    """Ours to a peer's; of each round by itself, because a busy machine is so for both."""
    ratios = [ours / theirs for ours, theirs in zip(samples["ours"], samples[peer], strict=True)]
    return round(statistics.median(ratios), 3)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(
        prog="make bench-hub",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="only us_per_delivery of ours")
    parser.add_argument("--viewers", type=int, default=1_000, help="with --quick (1000)")
    parser.add_argument("--names", default="ours", help="with --quick: ours,node,stock (ours)")
    parser.add_argument("--only", metavar="PARTS", help="some of the parts, comma-separated")
    parser.add_argument("--seconds", type=float, default=6, help="of each server's samples (6)")
    asked = parser.parse_args(words)
    names = asked.only.split(",") if asked.only else list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; the parts are {', '.join(PARTS)}")
    os.sched_setaffinity(0, fan_out.CLIENT_CORES)
    if asked.quick:
        return _quick(asked.names.split(","), asked.viewers, asked.seconds)
    figures: Figures = {"cores": os.cpu_count()}
    for name in names:
        began_s = time.monotonic()
        found = PARTS[name](asked.seconds)
        print(f"{name} ({time.monotonic() - began_s:.0f} s): {found}", flush=True)
        figures |= found
    return judged(figures, FIGURES if not asked.only else ())


def _quick(names: Sequence[str], viewers: int, seconds: float) -> int:
    samples = uvloop.run(measure_fan_out(names, viewers, seconds, fan_out.PLAIN))
    for name in names:
        print(name, [round(us, 2) for us in samples[name]])
    figures = {f"{name}_us_per_delivery_{viewers}": _median(samples[name]) for name in names}
    print(json.dumps({key.removeprefix("ours_"): value for key, value in figures.items()}))
    return 0


def judged(figures: Figures, wanted: Sequence[str]) -> int:
    """Print the last line; 1 when something is beyond its budget or was not measured."""
    budgets = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())
    exceeded = over_budget(figures, {"hub": budgets["hub"]})
    exceeded += under_floor(figures, budgets["hub_floor"])
    missing = [name for name in wanted if name not in figures]
    for name in missing:
        print(f"MISSING: {name} was not measured", flush=True)
    for sentence in exceeded:
        print(f"OVER BUDGET: {sentence}", flush=True)
    print(json.dumps(figures))
    return 1 if exceeded or missing else 0


if __name__ == "__main__":
    sys.exit(main())
