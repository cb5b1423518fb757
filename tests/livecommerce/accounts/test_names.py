import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.accounts.names import clean_display_name, normalised_email


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Asha@Example.COM ", "asha@example.com"),
        ("first.last+tag@mail.example.co.in", "first.last+tag@mail.example.co.in"),
        ("आशा@उदाहरण.भारत", None),  # the last label is no run of letters: it has a vowel sign
        ("asha@example", None),
        ("asha@@example.com", None),
        ("asha example@example.com", None),
        ("asha\0@example.com", None),
        ("asha@example.com\nBcc: x@example.com", None),
        ("<asha@example.com>", None),
        ("a" * 65 + "@example.com", None),
        ("a@" + "b." * 200 + "com", None),
        ("", None),
    ],
)
def test_email_has_one_spelling(typed: str, kept: str | None) -> None:
    assert normalised_email(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Asha \t Rao ", "Asha Rao"),
        ("आशा राव", "आशा राव"),
        ("Asha\u202e\u200bRao", "AshaRao"),
        ("Asha\x00\x1b[31m", "Asha[31m"),
        ("क्\u200dष", "क्\u200dष"),
        ("\u200d \u200c", None),
        ("", None),
        ("a" * 60, "a" * 60),
        ("a" * 61, None),
    ],
)
def test_display_name_shows_what_it_is(typed: str, kept: str | None) -> None:
    assert clean_display_name(typed) == kept


@given(st.text(max_size=80))
def test_cleaning_a_clean_name_changes_nothing(typed: str) -> None:
    name = clean_display_name(typed)
    if name is not None:
        assert clean_display_name(name) == name
        assert "\0" not in name and 1 <= len(name) <= 60
