"""Shares of what is paid: nothing is lost or made by rounding, whatever the amounts."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.money import apportion, at_rate, part, tax_in
from shop.splits import Rates, Share, given_back, part_of_share, split_of_line
from tests.shop.ledger.books import EXAMPLE

amounts = st.integers(0, 10**10)
rates_bp = st.integers(0, 10_000)
RATES = st.builds(
    Rates,
    tax_thousandths=st.sampled_from([0, 250, 1500, 3000, 5000, 12_000, 18_000, 28_000, 40_000]),
    fee_bp=rates_bp,
    fee_gst_bp=st.sampled_from([0, 1800]),
    commission_bp=rates_bp,
    cut_bp=rates_bp,
    tcs_bp=st.integers(0, 100),
    tds_bp=st.integers(0, 500),
)


def test_the_worked_example() -> None:
    assert tax_in(118_000, 18_000) == 18_000
    assert split_of_line(118_000, EXAMPLE) == Share(
        paid_minor=118_000,
        wholesaler_minor=90_600,
        influencer_minor=13_500,
        cut_minor=1_500,
        fee_minor=10_000,
        fee_gst_minor=1_800,
        tcs_minor=500,
        tds_minor=100,
    )


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [(5, 1, 10, 1), (4, 1, 10, 0), (15, 1, 10, 2), (-5, 1, 10, 0), (-6, 1, 10, -1), (1, 1, 3, 0)],
)
def test_halves_are_rounded_up(
    amount: int, numerator: int, denominator: int, expected: int
) -> None:
    assert part(amount, numerator, denominator) == expected


@pytest.mark.parametrize(
    ("price", "rate_bp", "expected"), [(16_402, 260, 426), (268_643, 1, 27), (9_948, 1_500, 1_492)]
)
def test_b27_a_rate_gives_whole_paise(price: int, rate_bp: int, expected: int) -> None:
    assert at_rate(price, rate_bp) == expected


def test_b27_inclusive_tax_of_many_lines_adds_up_to_their_prices() -> None:
    lines = [9_948] * 6 + [10_868] * 6
    taxes = [tax_in(price, 15_000) for price in lines]
    assert sum(lines) == sum(price - tax for price, tax in zip(lines, taxes, strict=True)) + sum(
        taxes
    )
    assert all(tax % 2 == 0 for tax in taxes)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (2, [1, 1, 1], (1, 1, 0)),
        (5, [3, 0], (5, 0)),
        (5, [0, 3, 0], (0, 5, 0)),
        (0, [1, 2], (0, 0)),
        (7, [0, 0], (0, 0)),
        (7, [], ()),
    ],
)
def test_b28_a_split_loses_no_unit_and_gives_none_to_a_line_of_nothing(
    total: int, weights: list[int], expected: tuple[int, ...]
) -> None:
    assert apportion(total, weights) == expected


@given(total=amounts, weights=st.lists(amounts, min_size=1, max_size=12).filter(any))
def test_b28_shares_come_to_the_total_and_are_off_by_less_than_a_unit(
    total: int, weights: list[int]
) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < whole


@given(weights=st.lists(amounts, min_size=1, max_size=12).filter(any))
def test_b28_a_discount_of_everything_leaves_exactly_nothing(weights: list[int]) -> None:
    assert apportion(sum(weights), weights) == tuple(weights)


@given(price=amounts, rate=st.sampled_from([0, 250, 1500, 3000, 5000, 12_000, 18_000, 28_000]))
def test_contained_tax_has_equal_halves_and_is_near_the_exact_one(price: int, rate: int) -> None:
    tax = tax_in(price, rate)
    assert tax % 2 == 0
    assert 0 <= tax <= price + 1
    assert abs(tax * (100_000 + rate) - price * rate) <= 100_000 + rate


@given(paid=amounts, rates=RATES, discount=amounts)
def test_b27_the_legs_of_a_line_come_to_what_is_paid(
    paid: int, rates: Rates, discount: int
) -> None:
    share = split_of_line(paid, rates, discount)
    assert share.legs_minor == paid
    assert all(leg >= 0 for leg in astuple(share)[2:]), (
        "only the wholesaler's rest may be below zero"
    )


@given(paid=st.integers(0, 10**7), rates=RATES, quantity=st.integers(1, 20), data=st.data())
def test_b30_refunds_of_the_pieces_one_after_the_other_return_exactly_the_original(
    paid: int, rates: Rates, quantity: int, data: st.DataObject
) -> None:
    share = split_of_line(paid, rates, data.draw(amounts))
    before = given_back(share, quantity, 0, 0)
    assert before == share - share
    total = before
    for pieces in range(1, quantity + 1):
        after = given_back(share, quantity, pieces, part(paid, pieces, quantity))
        step = after - before
        assert step.legs_minor == step.paid_minor
        assert min(astuple(step)[2:]) >= 0
        total, before = total + step, after
    assert total == share


@given(
    paid=st.integers(1, 10**7),
    rates=RATES,
    quantity=st.integers(1, 20),
    cuts=st.lists(st.integers(0, 10**7), max_size=6),
)
def test_b30_refunds_of_any_amounts_return_exactly_the_original(
    paid: int, rates: Rates, quantity: int, cuts: list[int]
) -> None:
    share = split_of_line(paid, rates)
    before = share - share
    for refunded in [*sorted(min(cut, paid) for cut in cuts), paid]:
        after = given_back(share, quantity, 0, refunded)
        assert (after - before).legs_minor == (after - before).paid_minor
        assert after.paid_minor == refunded
        before = after
    assert before == share


@given(paid=amounts, rates=RATES, quantity=st.integers(1, 30), data=st.data())
def test_a_part_of_a_share_is_a_share(
    paid: int, rates: Rates, quantity: int, data: st.DataObject
) -> None:
    pieces = data.draw(st.integers(0, quantity))
    some = part_of_share(split_of_line(paid, rates), pieces, quantity)
    assert some.legs_minor == some.paid_minor == part(paid, pieces, quantity)
