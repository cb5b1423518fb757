"""Counting once, in every order in which it can happen; and each rule is needed for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.counting_model import MUTANTS, Bounds, Model

# Walks of a million states (two sources of two batches each, two faults) find nothing either, in
# minutes: Model(Bounds(2, 2, 1, 1)), Model(Bounds(2, 1, 2, 2)).
BOUNDS = (Bounds(1, 2, 2, 1), Bounds(2, 1, 1, 1), Bounds(1, 2, 1, 2))


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_no_order_of_steps_and_faults_counts_twice_or_loses(
    bounds: Bounds, record_property: Callable[[str, object], None]
) -> None:
    verdict = Model(bounds).walk()
    assert verdict.counterexample is None
    record_property("tried", f"counting: every one of {verdict.states} states within {bounds}")


@pytest.mark.parametrize("mutant", MUTANTS)
def test_without_any_one_of_its_rules_counting_goes_wrong(mutant: str) -> None:
    assert Model(Bounds(1, 2, 2, 2), mutant).walk().counterexample is not None
