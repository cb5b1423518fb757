"""What a chat message may be. Pure.

Text is kept as people typed it, minus what no person types on purpose: control characters, marks
that turn the writing direction of what follows, invisible fillers. It is never HTML; pages show it
as text. Length is counted as a reader counts: a letter with its accents is one, an emoji family is
one.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width (non-)joiner: parts of Indic spelling and of emoji families, kept between letters."""
_VARIATION_SELECTOR_16: Final = "\ufe0f"
_REGIONAL: Final = range(0x1F1E6, 0x1F200)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_ENCLOSED: Final = range(0x1F100, 0x1F200)
_ARROWS: Final = "\u2194\u2195"
_MARKS: Final = frozenset(("Mn", "Mc", "Me"))
_REMOVED: Final = frozenset(("Cc", "Cf", "Cs", "Co"))
# Accents on one letter: Vietnamese takes two, vocalised Arabic three; fifty make a tower over the
# page.
_MARKS_MAX: Final = 5
CODE_POINTS_MAX: Final = 2000
"""What Postgres takes of one text."""


def clean(text: str) -> str:
    """The text as it is kept and shown: NFC, one line, single spaces, nothing invisible."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if char.isspace() or category in ("Zl", "Zp"):
            kept.append(" ")
        elif char in _JOINERS:
            if kept and kept[-1] != " " and kept[-1] not in _JOINERS:
                kept.append(char)
        elif category not in _REMOVED and marks <= _MARKS_MAX:
            kept.append(char)
    return " ".join("".join(kept).split()).strip("".join(_JOINERS))


def length(text: str) -> int:
    """How many characters a reader sees in a cleaned text."""
    count = 0
    is_joined = False
    half_flag = False
    # Whether what a joiner follows is a picture: between letters it joins nothing a reader sees.
    is_picture = False
    for char in text:
        code = ord(char)
        if code in _REGIONAL:
            # Two of these letters are one flag.
            count += 0 if half_flag else 1
            half_flag = not half_flag
            is_picture = is_joined = False
            continue
        half_flag = False
        if char == "\u200d":
            is_joined = is_picture
            continue
        attached = (
            unicodedata.category(char) in _MARKS
            or char in _JOINERS
            or char == _VARIATION_SELECTOR_16
            or code in _SKIN_TONES
        )
        if attached:
            continue
        was_picture, is_picture = is_joined, _is_picture(char)
        if not (was_picture and is_picture):
            count += 1
        is_joined = False
    return count


def _is_picture(char: str) -> bool:
    """Whether a joiner may make one picture of this and another; letters in circles are letters."""
    return char in _ARROWS or (
        unicodedata.category(char) == "So"
        and not unicodedata.decomposition(char)
        and ord(char) not in _ENCLOSED
    )


def fault(cleaned: str, max_chars: int) -> str | None:
    """The code of what is wrong with a cleaned text: chat.empty, chat.too_long, or None."""
    if not any(unicodedata.category(char)[0] in "LNPS" for char in cleaned):
        return "chat.empty"
    # A reader's character may be many code points; joined without end they are still too long.
    if length(cleaned) > max_chars or len(cleaned) > min(8 * max_chars, CODE_POINTS_MAX):
        return "chat.too_long"
    return None
