"""Every scenario by its name: what it runs on, and what it does."""

from __future__ import annotations

import importlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal

Group = Literal["gateway", "pair"]
_MODULES: Final = (
    "tests.hub_stress.ordering",
    "tests.hub_stress.turning",
    "tests.hub_stress.crowds",
    "tests.hub_stress.hostile",
    "tests.hub_stress.slowness",
    "tests.hub_stress.pairs",
    "tests.hub_stress.recovering",
    "tests.hub_stress.faults",
)
# Another seed is another run: `LIVECOMMERCE_STRESS_SEED=7 make test`.
SEED: Final = int(os.environ.get("LIVECOMMERCE_STRESS_SEED", "1"))


@dataclass(frozen=True, slots=True)
class Scenario:
    """group: `gateway` scenarios make a gateway of their own; `pair` ones share two hubs."""

    name: str
    group: Group
    run: Callable[..., Awaitable[None]]


_found: dict[str, Scenario] = {}


def scenario(group: Group) -> Callable[[Callable[..., Awaitable[None]]], Any]:
    def register(run: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        name = getattr(run, "__name__", "")
        assert name not in _found, f"two scenarios named {name}"
        _found[name] = Scenario(name, group, run)
        return run

    return register


def scenarios(group: Group) -> list[Scenario]:
    """In the order in which they are written."""
    for module in _MODULES:
        importlib.import_module(module)
    return [each for each in _found.values() if each.group == group]


def randomness(seed: int, name: str) -> Random:
    """The same for the same seed and scenario, whatever ran before."""
    return Random(f"{seed}/{name}")
