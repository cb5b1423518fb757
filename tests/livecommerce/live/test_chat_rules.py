from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.live import chat_rules

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
INDIA = "\U0001f1ee\U0001f1f3"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hello", "hello"),
        ("  two   words \n", "two words"),
        ("line\nbreak\ttab", "line break tab"),
        ("e\u0301", "\u00e9"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\u0000b\u0007c\u001b[31md", "abc[31md"),
        ("z\u200bw\ufeffj", "zwj"),
        ("\u200d\u200d x \u200d", "x"),
        ("a\u200d\u200d\u200db", "a\u200db"),
        (FAMILY, FAMILY),
        ("\u0928\u092e\u0938\u094d\u0924\u0947", "\u0928\u092e\u0938\u094d\u0924\u0947"),
        ("Z" + "\u0353" * 50, "Z" + "\u0353" * 5),
        ("\ue000private", "private"),
        ("\u2028para\u2029", "para"),
    ],
)
def test_text_is_kept_without_what_nobody_types(typed: str, kept: str) -> None:
    assert chat_rules.clean(typed) == kept


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("\u00e9", 1),
        ("e\u0323\u0302", 1),
        (FAMILY, 1),
        (INDIA, 1),
        (INDIA + INDIA, 2),
        ("\U0001f44d\U0001f3fd", 1),
        ("\u2764\ufe0f", 1),
        ("\u0928\u092e\u0938\u094d\u0924\u0947", 4),
        ("\u200d".join("a" * 800), 800),
        ("\u200d".join("⒜" * 3), 3),
        ("\u200d".join("🅰" * 3), 3),
        ("\u0915\u094d\u200d\u0937", 2),
        ("a\u200d\U0001f468", 2),
        ("\U0001f468\u200da", 2),
        ("\u2764\ufe0f\u200d\U0001f525", 1),
        ("\U0001f469\U0001f3fd\u200d\u2695\ufe0f", 1),
        ("\U0001f642\u200d\u2194\ufe0f", 1),
    ],
)
def test_length_is_what_a_reader_counts(text: str, length: int) -> None:
    assert chat_rules.length(text) == length


@pytest.mark.parametrize(
    ("cleaned", "fault"),
    [
        ("", "chat.empty"),
        ("\u0301", "chat.empty"),
        ("\u200d", "chat.empty"),
        ("?", None),
        ("\U0001f44d", None),
        ("5", None),
        ("abcde", None),
        ("abcdef", "chat.too_long"),
        (FAMILY * 5, None),
        (FAMILY * 9, "chat.too_long"),
        ("a" + "\u200da" * 60, "chat.too_long"),
    ],
)
def test_fault_of_a_text_when_five_characters_are_allowed(cleaned: str, fault: str | None) -> None:
    assert chat_rules.fault(cleaned, max_chars=5) == fault


@given(st.text(max_size=300))
def test_cleaned_text_is_stable_one_line_and_has_nothing_invisible(text: str) -> None:
    cleaned = chat_rules.clean(text)
    assert chat_rules.clean(cleaned) == cleaned
    assert "  " not in cleaned
    assert all(unicodedata.category(char) not in ("Cc", "Cs", "Co", "Zl", "Zp") for char in cleaned)
    assert all(char in "\u200c\u200d" for char in cleaned if unicodedata.category(char) == "Cf")
    assert chat_rules.length(cleaned) <= len(cleaned)


def test_no_text_is_longer_than_what_is_kept_of_it() -> None:
    family = "\u200d".join("\U0001f468" * 3)
    assert chat_rules.length(family * 400) <= 500
    assert chat_rules.fault(family * 400, max_chars=500) is None
    assert chat_rules.fault(family * 401, max_chars=500) == "chat.too_long"
