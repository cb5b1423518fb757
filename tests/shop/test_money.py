from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.money import rounded_half_up, share, split, spoken

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@given(amounts, weights)
def test_parts_of_a_split_sum_to_the_whole(amount_minor: int, weights: list[int]) -> None:
    assert sum(split(amount_minor, weights)) == amount_minor


@given(amounts, weights)
def test_each_part_is_within_one_unit_of_its_exact_share(
    amount_minor: int, weights: list[int]
) -> None:
    total = sum(weights)
    for part, weight in zip(split(amount_minor, weights), weights, strict=True):
        assert abs(part - Fraction(amount_minor * weight, total)) < 1


@given(amounts, weights)
def test_a_weight_of_zero_gets_nothing_even_when_it_is_last(
    amount_minor: int, weights: list[int]
) -> None:
    assert split(amount_minor, [*weights, 0])[-1] == 0


@given(amounts, weights)
def test_a_reversal_takes_back_exactly_what_was_given(
    amount_minor: int, weights: list[int]
) -> None:
    given_ = split(amount_minor, weights)
    assert split(-amount_minor, weights) == tuple(-part for part in given_)


def test_left_over_units_go_to_the_largest_remainders_first_one_on_a_tie() -> None:
    assert split(100, [1, 1, 1]) == (34, 33, 33)
    assert split(10, [5, 5, 6]) == (3, 3, 4)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 5]])
def test_a_split_over_nothing_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        split(100, weights)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 10, 1),
        (4, 10, 0),
        (15, 10, 2),
        (-5, 10, -1),
        (-4, 10, 0),
        (0, 3, 0),
        (268642, 1000, 269),
    ],
)
def test_a_half_rounds_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert rounded_half_up(numerator, denominator) == rounded


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_and_the_rest_make_the_whole(amount_minor: int, rate_bp: int) -> None:
    assert 0 <= share(amount_minor, rate_bp) <= amount_minor
    assert abs(share(amount_minor, rate_bp) - Fraction(amount_minor * rate_bp, 10_000)) <= Fraction(
        1, 2
    )


@pytest.mark.parametrize(
    ("amount_minor", "text"),
    [
        (129900, "₹1,299"),
        (99, "₹0.99"),
        (0, "₹0"),
        (12990050, "₹1,29,900.50"),
        (123456789000, "₹1,23,45,67,890"),
        (100000, "₹1,000"),
        (-500, "-₹5"),
    ],
)
def test_amounts_are_written_as_in_india(amount_minor: int, text: str) -> None:
    assert spoken(amount_minor) == text
