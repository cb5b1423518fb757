"""Whether a chat message leads somewhere else. Pure.

Chats are flooded with addresses of shops that take the money and send nothing. An address need not
begin with https:// to be one: pages and people make links of `shop.example.com`, and full-width or
spelled-out dots are dots.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SPELLED_DOT: Final = re.compile(r"\s?[\[({]\s?(?:dot|\.|डॉट)\s?[\])}]\s?|\s(?:dot|डॉट)\s|\s\.\s")
_DOTS: Final = str.maketrans("\u3002\uff61\u2024\u00b7", "....")
_SCHEMES: Final = re.compile(r"\b(?:https?|hxxps?|ftp|mailto|tel|upi|intent|whatsapp|tg):\S")
_AROUND: Final = "\"'`()[]{}<>,;:!?*_~…।-"
_NUMBERS: Final = re.compile(r"\d{1,3}")

# Those that spam comes with and that are no words beside a full stop.
_ENDINGS: Final = frozenset(
    (
        "com", "net", "org", "info", "biz", "shop", "store", "site", "online", "xyz", "app",
        "apk", "link", "club", "website", "space", "click", "icu", "cyou", "ly", "gl", "tk",
        "ml", "ga", "cf", "gq", "cc", "ru", "cn", "uk", "eu", "de", "fr", "jp", "br", "pk",
        "bd", "np", "lk", "ae", "page", "dev", "vip", "buzz",
    )
)  # fmt: skip
# Those that are words, too: only where there is more of an address.
_WORDS: Final = frozenset(
    (
        "in", "to", "me", "us", "co", "io", "tv", "gg", "is", "at", "am", "ai", "be", "it",
        "so", "no", "my", "id", "live", "top", "fun", "pro", "one", "win", "bar", "rest",
        "work", "tech", "world", "today", "life", "zone", "deals", "sale", "gift", "money",
        "cash", "bid", "best",
    )
)  # fmt: skip


def has_link(text: str) -> bool:
    """Of a cleaned text."""
    evened = unicodedata.normalize("NFKC", text).casefold().translate(_DOTS)
    if "." not in evened and ":" not in evened and "dot" not in evened and "डॉट" not in evened:
        return False
    evened = _SPELLED_DOT.sub(".", evened)
    if _SCHEMES.search(evened):
        return True
    return any(_is_address(word) for word in evened.split())


def _is_address(word: str) -> bool:
    word = word.strip(_AROUND).rstrip(".")
    host, slash, path = word.partition("/")
    host = host.rpartition("@")[2].partition("?")[0].partition(":")[0]
    labels = host.split(".")
    if len(labels) < 2 or not all(map(_is_label, labels)):
        return False
    if len(labels) == 4 and all(map(_NUMBERS.fullmatch, labels)):
        return True
    if not any(char.isalpha() for char in labels[-2]):
        return False
    if labels[-1] in _ENDINGS or labels[0] == "www":
        return True
    return labels[-1] in _WORDS and (bool(slash and path) or len(labels) > 2 or "@" in word)


def _is_label(label: str) -> bool:
    """What may stand between two dots; vowel signs of Indic scripts are no letters to Unicode."""
    return 0 < len(label) < 64 and all(
        char.isalnum() or char in "-_" or unicodedata.category(char) in ("Mn", "Mc")
        for char in label
    )
