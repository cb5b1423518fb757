"""What a person types to be known by: an e-mail address and a display name, cleaned once."""

import re
import unicodedata

MAX_DISPLAY_NAME_CHARS = 60

# RFC 5321, 4.5.3.1: 64 octets before the @ and 254 in all is what a path can carry.
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x20\x7f]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_MAX_EMAIL_CHARS = 254

# Joiners shape Devanagari conjuncts and many emoji; every other format character is invisible or
# turns the direction of the text around it, so that one name could pass for another.
_JOINERS = frozenset("\u200c\u200d")


def normalised_email(text: str) -> str | None:
    """The address in the one spelling that we store and compare, or None when it is none."""
    email = unicodedata.normalize("NFC", text).strip().lower()
    if len(email) > _MAX_EMAIL_CHARS or _EMAIL.fullmatch(email) is None:
        return None
    return email


def clean_display_name(text: str) -> str | None:
    """The name without control and direction characters and with single spaces.

    None when nothing visible is left or when it is longer than MAX_DISPLAY_NAME_CHARS.
    """
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or _is_shown(character)
    )
    name = " ".join(kept.split())
    if not name.strip("\u200c\u200d ") or len(name) > MAX_DISPLAY_NAME_CHARS:
        return None
    return name


def _is_shown(character: str) -> bool:
    return character in _JOINERS or not unicodedata.category(character).startswith("C")
