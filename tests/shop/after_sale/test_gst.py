"""The tax in an amount: taken apart, taken back, and to whom it goes."""

from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.gst import Tax, split, state_code, state_tax_name, taken_back, thousandths

AMOUNTS = st.integers(min_value=0, max_value=10**10)
# The schedules since 2025-09-22, in thousandths of a percent, and odd ones that may come.
RATES = st.sampled_from([0, 250, 1500, 3000, 5000, 18000, 28000, 40000]) | st.integers(0, 60000)


def test_the_worked_example_contains_180_in_1180() -> None:
    assert split(118000, 18000, is_inter_state=False) == Tax(100000, 9000, 9000, 0)
    assert split(118000, 18000, is_inter_state=True) == Tax(100000, 0, 0, 18000)


@given(AMOUNTS, RATES, st.booleans())
def test_the_parts_of_an_amount_come_to_it(amount: int, rate: int, is_inter_state: bool) -> None:
    tax = split(amount, rate, is_inter_state)
    assert tax.total_minor == amount
    assert min(tax.taxable_minor, tax.cgst_minor, tax.sgst_minor, tax.igst_minor) >= 0
    assert tax.cgst_minor == tax.sgst_minor


@given(AMOUNTS, RATES)
def test_where_goods_go_changes_names_and_not_sums(amount: int, rate: int) -> None:
    inside, outside = split(amount, rate, False), split(amount, rate, True)
    assert inside.taxable_minor == outside.taxable_minor
    assert inside.cgst_minor + inside.sgst_minor == outside.igst_minor


@given(AMOUNTS, RATES)
def test_the_tax_is_right_to_the_paisa(amount: int, rate: int) -> None:
    tax = split(amount, rate, True).igst_minor
    assert abs(tax * (100_000 + rate) - amount * rate) <= 100_000 + rate


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=12), RATES, st.booleans())
def test_credits_in_any_portions_take_back_exactly_what_was_stated(
    portions: list[int], rate: int, is_inter_state: bool
) -> None:
    sold = split(sum(portions), rate, is_inter_state)
    before, credits = 0, []
    for portion in portions:
        credits.append(taken_back(sold, before, portion))
        before += portion
    assert [credit.total_minor for credit in credits] == portions
    assert all(credit.cgst_minor == credit.sgst_minor for credit in credits)
    assert reduce(add, credits) == sold


def test_nothing_is_taken_back_of_nothing() -> None:
    assert taken_back(Tax(), 0, 0) == Tax()


@pytest.mark.parametrize(
    ("text", "rate"), [("18.000", 18000), ("0.250", 250), ("0", 0), ("2.5", 2500)]
)
def test_rates_are_read_as_the_database_writes_them(text: str, rate: int) -> None:
    assert thousandths(text) == rate


def test_states_have_codes_and_some_union_territories_a_tax_of_their_own() -> None:
    assert (state_code("Karnataka"), state_code(" ladakh "), state_code("Atlantis")) == (
        "29",
        "38",
        None,
    )
    assert (state_tax_name("29"), state_tax_name("38"), state_tax_name("07")) == (
        "SGST",
        "UTGST",
        "SGST",
    )
