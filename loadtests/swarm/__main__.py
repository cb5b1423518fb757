"""The viewer swarm: thousands of browsers' sockets of one live session, from one process.

    python -m loadtests.swarm --lurkers 2000 --chatters 50
    python -m loadtests.swarm --flap 100 --storm 500 --seconds 60
    python -m loadtests.swarm http://staging:8080 --lurkers 10000 --seconds 120

Without a URL it starts a demo of its own and stops it afterwards. Every mode is a group of viewers
with figures of its own; all of them watch the same live session at the same time:

    lurkers   watch and say nothing
    chatters  signed in; together they write --messages-per-s messages a second
    slow      stop reading once they are in, behind a receive buffer of 2 KB
    storm     lose their connections all at once every --every seconds, and are back at once
    flap      each loses its network now and then, is away for 1 to 10 s, comes back and recovers;
              what it missed or heard twice is counted
    flood     each sends 100 reactions a second until it is put out

Viewers introduce themselves as Chrome does, deflate offered (--plain: as a bare client), and come
from many loopback addresses when the server is on this machine. How old messages are on arrival is
taken from the server's own time stamps by one viewer in --sample-every, which means something only
where both clocks are the same machine's. The last line on standard output is one JSON object; what
happens meanwhile is told on standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import uvloop

from loadtests.live_stack import go_live
from loadtests.stack import roomy, running_stack
from loadtests.swarm.crowd import Target, TooFewFiles, require_files
from loadtests.swarm.modes import (
    Chatters,
    Flappers,
    Flooders,
    Lurkers,
    Mode,
    SlowReaders,
    Storm,
)
from loadtests.swarm.strangers import NothingOn, first_live_session, sign_up
from loadtests.swarm.viewer import NotLetIn
from loadtests.swarm.wire import BROWSER_HEADERS

QUIET_S = 1.0
QUIET_TIMEOUT_S = 15.0


def main(words: Sequence[str] | None = None) -> int:
    """Run a swarm; 1 when it could not be run or something was missed, 2 for a wrong option."""
    parser = _parser()
    asked = parser.parse_args(words)
    counts = {name: getattr(asked, name) for name in MODES}
    if not sum(counts.values()):
        asked.lurkers = counts["lurkers"] = 1_000
    try:
        require_files(sum(counts.values()))
        figures = _with_server(asked, counts)
    except (TooFewFiles, NothingOn, NotLetIn, OSError) as failed:
        print(f"swarm: {failed}", file=sys.stderr)
        return 1
    print(json.dumps(figures))
    return 1 if figures.get("lost") or figures.get("flap", {}).get("missed") else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.swarm",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "url", nargs="?", type=_url, help="of a server that runs; without: a demo of its own"
    )
    for name in MODES:
        parser.add_argument(
            f"--{name}", type=_count, default=0, metavar="N", help="so many of them"
        )
    parser.add_argument("--seconds", type=float, default=30, help="once all are in (30)")
    parser.add_argument(
        "--messages-per-s",
        type=float,
        default=20,
        metavar="N",
        help="of all chatters together (20)",
    )
    parser.add_argument(
        "--every", type=float, default=10, metavar="S", help="between two losses of a network (10)"
    )
    parser.add_argument(
        "--live-session", type=UUID, metavar="ID", help="the first that the server lists"
    )
    parser.add_argument(
        "--tokens", type=Path, metavar="FILE", help="of accounts for chatters; without: sign up"
    )
    parser.add_argument(
        "--read-every",
        type=float,
        default=0,
        metavar="S",
        help="lurkers who are not sampled read once in so many seconds, so that more of them fit "
        "one core (0: at once)",
    )
    parser.add_argument("--plain", action="store_true", help="no browser headers, no deflate offer")
    parser.add_argument("--sample-every", type=_count, default=100, metavar="N", help="(100)")
    parser.add_argument("--seed", type=int, default=1, help="of who loses the network when (1)")
    return parser


def _url(text: str) -> str:
    parts = urlsplit(text)
    with contextlib.suppress(ValueError):
        if parts.scheme == "http" and parts.hostname and parts.port != 0:
            return text.rstrip("/")
    raise argparse.ArgumentTypeError("a server is http://HOST:PORT")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number of viewers is not negative")
    return number


MODES = ("lurkers", "chatters", "slow", "storm", "flap", "flood")


def _with_server(asked: argparse.Namespace, counts: dict[str, int]) -> dict[str, Any]:
    headers = {} if asked.plain else BROWSER_HEADERS
    if asked.url is not None:
        return uvloop.run(_against(asked, headers))
    with running_stack(roomy(sum(counts.values()))) as stack:
        asked.url = stack.url

        async def run() -> dict[str, Any]:
            live = await go_live(stack, max(1, asked.chatters))
            target = live.target(headers=headers)
            return await _swarm(asked, target, live.customers, live.live_session_id)

        return uvloop.run(run())


async def _against(asked: argparse.Namespace, headers: Any) -> dict[str, Any]:
    url = asked.url
    live = asked.live_session or await first_live_session(url)
    tokens: tuple[str, ...] = ()
    if asked.tokens is not None:
        tokens = tuple(asked.tokens.read_text().split())
    elif asked.chatters:
        tokens = await sign_up(url, asked.chatters)
    target = Target(url, ("session.join", {"live_session_id": str(live)}), headers)
    return await _swarm(asked, target, tokens, live)


def _modes(
    asked: argparse.Namespace, target: Target, tokens: tuple[str, ...], live: UUID
) -> list[Mode]:
    signed_in = Target(target.url, target.join, target.headers, tokens)
    every = asked.sample_every
    modes: dict[str, Callable[[int], Mode]] = {
        "lurkers": lambda n: Lurkers(target, n, every),
        "chatters": lambda n: Chatters(signed_in, n, asked.messages_per_s, live),
        "slow": lambda n: SlowReaders(target, n),
        "storm": lambda n: Storm(target, n, asked.every),
        "flap": lambda n: Flappers(target, n, asked.every, live, asked.seed),
        "flood": lambda n: Flooders(target, n, live),
    }
    return [make(count) for name, make in modes.items() if (count := getattr(asked, name))]


async def _swarm(
    asked: argparse.Namespace, target: Target, tokens: tuple[str, ...], live: UUID
) -> dict[str, Any]:
    async with _gathered(_modes(asked, target, tokens, live)) as modes:
        _say(f"all are in at {target.url}, live session {live}; {asked.seconds:g} s")
        gc.freeze()
        before = {mode.name: mode.heard for mode in modes}
        reading = [
            asyncio.create_task(mode.read_now_and_then(asked.read_every))
            for mode in modes
            if isinstance(mode, Lurkers) and asked.read_every
        ]
        await asyncio.gather(*(mode.play(asked.seconds) for mode in modes))
        for task in reading:
            task.cancel()
        await _quiet(modes)
        gc.unfreeze()
        figures: dict[str, Any] = {
            "viewers": sum(mode.count for mode in modes),
            "seconds": asked.seconds,
            **{mode.name: mode.figures() for mode in modes},
        }
        return figures | _lost(modes, before)


async def _quiet(modes: list[Mode]) -> None:
    """Wait until what was said last has come to everybody: until nothing has come for a second."""
    ends_s, heard = time.perf_counter() + QUIET_TIMEOUT_S, -1
    while time.perf_counter() < ends_s and heard != (now := _heard(modes)):
        heard = now
        await asyncio.sleep(QUIET_S)


def _heard(modes: list[Mode]) -> int:
    return sum(mode.heard + mode.said for mode in modes)


@asynccontextmanager
async def _gathered(modes: list[Mode]) -> AsyncIterator[list[Mode]]:
    try:
        for mode in modes:
            await mode.gather()
            _say(f"{mode.count} {mode.name}")
        yield modes
    finally:
        for mode in modes:
            await mode.leave()


def _lost(modes: list[Mode], before: dict[str, int]) -> dict[str, int]:
    """Chat messages that did not come to somebody who was there all the time. Known only when all
    that is said is said by this swarm, and shown to everybody."""
    said = sum(mode.said for mode in modes)
    if not said:
        return {}
    present = [mode for mode in modes if mode.name in ("lurkers", "chatters")]
    return {
        "said": said,
        "lost": sum(said * mode.count - (mode.heard - before[mode.name]) for mode in present),
    }


def _say(text: str) -> None:
    print(f"swarm: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
