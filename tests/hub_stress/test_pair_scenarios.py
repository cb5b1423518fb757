"""Two hub processes, one bus: each scenario checks itself and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from livecommerce.embedded import Postgres
from tests.conftest import Background, _execute
from tests.hub_stress.pair import Pair
from tests.hub_stress.registry import SEED, Scenario, randomness, scenarios
from tests.hub_stress.running import running_pair, uvloop_runner, within_its_time


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all scenarios, since the pair lives through them."""
    with uvloop_runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def pair(
    runner: asyncio.Runner,
    background: Background,
    postgres_server: Postgres,
    migrated_template: str,
) -> Iterator[Pair]:
    name = "hub_stress"
    background.run(
        _execute(postgres_server, f'create database "{name}" template "{migrated_template}"')
    )
    stack = AsyncExitStack()
    yield runner.run(stack.enter_async_context(running_pair(postgres_server.url_of(name))))
    runner.run(stack.aclose())
    background.run(_execute(postgres_server, f'drop database "{name}" with (force)'))


@pytest.mark.parametrize("scenario", scenarios("pair"), ids=lambda each: each.name)
def test_pair(scenario: Scenario, pair: Pair, runner: asyncio.Runner) -> None:
    print(f"seed {SEED}")
    runner.run(within_its_time(scenario.run(pair, randomness(SEED, scenario.name))))
