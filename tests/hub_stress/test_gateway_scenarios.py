"""One gateway, crowds of bare clients: each scenario checks itself and leaves nothing behind."""

from __future__ import annotations

import pytest

from tests.hub_stress.registry import SEED, Scenario, randomness, scenarios
from tests.hub_stress.running import uvloop_runner, within_its_time


@pytest.mark.parametrize("scenario", scenarios("gateway"), ids=lambda each: each.name)
def test_gateway(scenario: Scenario) -> None:
    print(f"seed {SEED}")
    with uvloop_runner() as runner:
        runner.run(within_its_time(scenario.run(randomness(SEED, scenario.name))))
