"""PIN codes and their States, and the numbers of businesses. The numbers are public examples."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop import identifiers, pin_codes
from shop.address import STATES, checked
from shop.identifiers import Malformed
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import HOME


@pytest.mark.parametrize(
    ("judge", "written", "kept"),
    [
        (identifiers.gst_number, " 27 aapfu0939f 1zv ", "27AAPFU0939F1ZV"),
        (identifiers.gst_number, "38AAPFU0939F1ZS", "38AAPFU0939F1ZS"),
        (identifiers.pan_number, "aapfu-0939-f", "AAPFU0939F"),
        (identifiers.pan_number, "AAPEU0939F", "AAPEU0939F"),
        (identifiers.ifsc_code, "hdfc0001234", "HDFC0001234"),
        (identifiers.pin_code, "560 001", "560001"),
    ],
)
def test_what_is_right_is_kept_in_one_spelling(judge: object, written: str, kept: str) -> None:
    assert callable(judge)
    assert judge(written) == kept


@pytest.mark.parametrize(
    ("judge", "written", "reason"),
    [
        (identifiers.gst_number, "27AAPFU0939F1ZO", "gst.check_digit"),
        (identifiers.gst_number, "40AAPFU0939F1ZV", "gst.state_unknown"),
        (identifiers.gst_number, "27AAPXU0939F1ZV", "gst.malformed"),
        (identifiers.pan_number, "AAPXU0939F", "pan.malformed"),
        (identifiers.pan_number, "AAPFU0000F", "pan.malformed"),
        (identifiers.ifsc_code, "HDFC1001234", "ifsc.malformed"),
        (identifiers.pin_code, "056001", "pin.malformed"),
        (identifiers.pin_code, "५६०००१", "pin.malformed"),
    ],
)
def test_what_cannot_be_right_says_why(judge: object, written: str, reason: str) -> None:
    assert callable(judge)
    with pytest.raises(Malformed) as refused:
        judge(written)
    assert refused.value.reason == reason and refused.value.sentence.endswith(".")


@given(st.integers(100000, 999999))
def test_every_pin_code_names_states_that_there_are(number: int) -> None:
    assert set(pin_codes.states_of(str(number))) <= set(STATES)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_pin_code(state: str) -> None:
    assert any(state in pin_codes.states_of(str(number)) for number in range(100000, 990000, 1000))


@pytest.mark.parametrize(
    ("postal_code", "state"),
    [("403001", "Goa"), ("194101", "Ladakh"), ("605001", "Puducherry"), ("901234", "Assam")],
)
def test_an_address_near_a_border_or_of_the_army_is_taken(postal_code: str, state: str) -> None:
    assert checked(replace(HOME, postal_code=postal_code, state=state)).state == state


def test_a_pin_code_of_another_state_is_refused_with_the_state_it_lies_in() -> None:
    with pytest.raises(ShopRefused) as refused:
        checked(replace(HOME, state="Kerala"))
    assert refused.value.code == "order.address_invalid"
    assert refused.value.details == {
        "fields": {"postal_code": "This PIN code is in Karnataka, not in Kerala."}
    }
