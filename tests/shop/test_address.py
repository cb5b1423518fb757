from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.address import STATES, Address, checked
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import HOME


def test_an_address_is_brought_into_one_form() -> None:
    typed = replace(
        HOME,
        name="  Asha\tRao ",
        phone="+91 98765-43210",
        line2="   ",
        state="  tamil nadu",
        postal_code="600 001",
        country="India",
    )
    assert checked(typed) == replace(
        HOME,
        name="Asha Rao",
        phone="+919876543210",
        line2=None,
        state="Tamil Nadu",
        postal_code="600001",
        country="IN",
    )


def test_a_checked_address_stays_as_it_is() -> None:
    assert checked(checked(HOME)) == checked(HOME)


@pytest.mark.parametrize("phone", ["9876543210", "09876543210", "+919876543210", "91 98765 43210"])
def test_a_mobile_number_may_be_written_in_any_usual_way(phone: str) -> None:
    assert checked(replace(HOME, phone=phone)).phone == "+919876543210"


@pytest.mark.parametrize(
    ("typed", "state"),
    [("MH", "Maharashtra"), ("orissa", "Odisha"), ("J & K", None), ("Jammu & Kashmir", STATES)],
)
def test_a_state_is_known_by_its_other_names(typed: str, state: object) -> None:
    # The army's post may be anywhere.
    anywhere = replace(HOME, postal_code="900056", state=typed)
    if state is None:
        with pytest.raises(ShopRefused):
            checked(anywhere)
    else:
        assert checked(anywhere).state in STATES


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "12345"),
        ("name", "x" * 101),
        ("phone", "12345"),
        ("phone", "5876543210"),
        ("phone", "+1 212 555 0100"),
        ("phone", "९८७६५४३२१०"),
        ("line1", "  "),
        ("line1", "x" * 201),
        ("line2", "x" * 201),
        ("landmark", "x" * 201),
        ("city", "560001"),
        ("state", "Atlantis"),
        ("postal_code", "056001"),
        ("postal_code", "56001"),
        ("postal_code", "५६०००१"),
        ("country", "US"),
    ],
)
def test_a_field_that_cannot_be_right_is_named(field: str, value: str) -> None:
    with pytest.raises(ShopRefused) as refusal:
        checked(replace(HOME, **{field: value}))
    assert refusal.value.code == "order.address_invalid"
    assert list(refusal.value.details["fields"]) == [field]


def test_all_fields_to_mend_are_named_at_once() -> None:
    empty = Address("", "", "", None, None, "", "", "")
    with pytest.raises(ShopRefused) as refusal:
        checked(empty)
    assert set(refusal.value.details["fields"]) == {
        "name",
        "phone",
        "line1",
        "city",
        "state",
        "postal_code",
    }


@given(st.text(max_size=60))
def test_no_text_breaks_the_check_and_none_keeps_a_control_character(text: str) -> None:
    try:
        kept = checked(replace(HOME, name=text, landmark=text))
    except ShopRefused:
        return
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in kept.name)
