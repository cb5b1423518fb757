"""Bank and tax details as people write them. The numbers are made up, or public examples."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.accounts.payment_details import (
    SEALED,
    Fault,
    disagreement,
    gstin_check_digit,
    mask,
    taken,
)

KEPT: list[tuple[Any, str, str]] = [
    ("gst_number", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
    ("gst_number", " 27 aapfu0939f 1zv ", "27AAPFU0939F1ZV"),
    # Ladakh.
    ("gst_number", "38AAPFU0939F1ZS", "38AAPFU0939F1ZS"),
    ("pan_number", "aapfu0939f", "AAPFU0939F"),
    ("pan_number", "AAPFU 0939 F", "AAPFU0939F"),
    ("bank_account_number", "0012 3456-7890", "001234567890"),
    ("bank_account_number", "1" * 9, "1" * 9),
    ("bank_account_number", "1" * 18, "1" * 18),
    ("ifsc_code", "hdfc0001234", "HDFC0001234"),
    ("ifsc_code", "SBIN0ABC12D", "SBIN0ABC12D"),
    ("upi_id", " Asha.Rao@OKAXIS ", "asha.rao@okaxis"),
    ("bank_name", "  State  Bank of India ", "State Bank of India"),
]

REFUSED: list[tuple[Any, str, str]] = [
    ("gst_number", "", "gst.malformed"),
    ("gst_number", "27AAPFU0939F1Z", "gst.malformed"),
    ("gst_number", "27AAPFU0939F1AV", "gst.malformed"),
    ("gst_number", "27AAPFU0939F0ZV", "gst.malformed"),
    ("gst_number", "27AAPXU0939F1ZV", "gst.malformed"),
    ("gst_number", "40AAPFU0939F1ZV", "gst.state_unknown"),
    ("gst_number", "00AAPFU0939F1ZV", "gst.state_unknown"),
    ("gst_number", "27AAPFU0939F1ZO", "gst.check_digit"),
    ("gst_number", "27AAPFU0993F1ZV", "gst.check_digit"),
    ("pan_number", "AAPFU0939", "pan.malformed"),
    ("pan_number", "AAPXU0939F", "pan.malformed"),
    ("pan_number", "AAPFU0000F", "pan.malformed"),
    ("pan_number", "AAPFU0939\u0660", "pan.malformed"),
    ("bank_account_number", "12345678", "account.malformed"),
    ("bank_account_number", "1" * 19, "account.malformed"),
    ("bank_account_number", "0" * 12, "account.malformed"),
    ("bank_account_number", "\u0967" * 12, "account.malformed"),
    ("ifsc_code", "HDFC1001234", "ifsc.malformed"),
    ("ifsc_code", "HDF00001234", "ifsc.malformed"),
    ("upi_id", "asha", "upi.malformed"),
    ("upi_id", "asha@mail.example", "upi.malformed"),
    ("bank_name", "   ", "bank.malformed"),
    ("bank_name", "State\x07Bank", "bank.malformed"),
    ("bank_name", "x" * 101, "field.too_long"),
]


@pytest.mark.parametrize(("field", "written", "kept"), KEPT)
def test_what_is_right_is_kept_in_one_spelling(field: Any, written: str, kept: str) -> None:
    assert taken(field, written) == kept
    assert taken(field, kept) == kept


@pytest.mark.parametrize(("field", "written", "reason"), REFUSED)
def test_what_cannot_be_right_is_refused_with_a_sentence(
    field: Any, written: str, reason: str
) -> None:
    fault = taken(field, written)
    assert isinstance(fault, Fault)
    assert fault.reason == reason
    assert fault.sentence.endswith(".")


alphabet = string.digits + string.ascii_uppercase
pans = st.from_regex(r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{3}[1-9][A-Z]", fullmatch=True)
gstins = st.builds(
    lambda state, pan, entity: f"{state:02}{pan}{entity}Z",
    st.integers(1, 38),
    pans,
    st.sampled_from(alphabet[1:]),
).map(lambda first: first + gstin_check_digit(first))


@given(gstins, st.integers(0, 14), st.sampled_from(alphabet))
def test_one_mistyped_character_of_a_gstin_is_found(gstin: str, at: int, typed: str) -> None:
    assert taken("gst_number", gstin) == gstin
    if typed != gstin[at]:
        assert isinstance(taken("gst_number", gstin[:at] + typed + gstin[at + 1 :]), Fault)


@given(gstins, pans)
def test_a_gstin_belongs_to_the_pan_inside_it(gstin: str, pan: str) -> None:
    assert disagreement({"gst_number": gstin, "pan_number": gstin[2:12]}) is None
    found = disagreement({"gst_number": gstin, "pan_number": pan})
    assert (found is None) == (pan == gstin[2:12])


def test_a_gstin_alone_agrees_with_nothing_in_particular() -> None:
    assert disagreement({"gst_number": "27AAPFU0939F1ZV", "pan_number": None}) is None


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("bank_account_number", "001234567890", "••••••7890"),
        ("pan_number", "AAPFU0939F", "••••••939F"),
        ("gst_number", "27AAPFU0939F1ZV", "27••••••1ZV"),
        ("ifsc_code", "HDFC0001234", "HDFC••••••"),
        ("upi_id", "asha.rao@okaxis", "a••••••@okaxis"),
        ("bank_name", "State Bank of India", "State Bank of India"),
    ],
)
def test_a_mask_shows_enough_to_recognise_the_value(field: Any, text: str, shown: str) -> None:
    assert mask(field, text) == shown


@given(st.integers(100_000_000, 10**18 - 1).map(str))
def test_masks_of_accounts_with_the_same_end_are_the_same(account: str) -> None:
    assert mask("bank_account_number", account) == mask(
        "bank_account_number", "0" * 5 + account[-4:]
    )


def test_a_masked_gstin_shows_nothing_of_its_pan() -> None:
    assert not set("AAPFU0939F") & set(mask("gst_number", "38AAPFU0939F1ZS")[2:-3])


def test_every_sealed_field_hides_something() -> None:
    examples = {field: kept for field, _, kept in KEPT}
    assert all("•" in mask(field, examples[field]) for field in SEALED)
