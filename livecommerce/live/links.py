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
        "bd", "np", "lk", "ae", "page", "dev", "vip", "buzz", "co", "io", "mobi", "sbs", "cfd",
        "bharat", "भारत",
    )
)  # fmt: skip
# Those that are words, too: only where there is more of an address.
_WORDS: Final = frozenset(
    (
        "to", "me", "us", "tv", "gg", "is", "at", "am", "ai", "be", "it",
        "so", "no", "my", "id", "live", "top", "fun", "pro", "one", "win", "bar", "rest",
        "work", "tech", "world", "today", "life", "zone", "deals", "sale", "gift", "money",
        "cash", "bid", "best",
    )
)  # fmt: skip
# Short addresses of well-known places, which are made of such words.
_PLACES: Final = frozenset(
    (
        "wa.me", "t.me", "m.me", "fb.me", "ig.me", "line.me", "telegram.me", "msng.link",
        "fb.watch", "youtu.be", "amzn.to", "a.co", "g.co", "is.gd", "v.gd", "s.id",
        "instagr.am", "discord.gg", "telegram.dog", "linktr.ee", "rb.gy", "tiny.one", "flip.it",
        "dub.sh", "threads.net",
    )
)  # fmt: skip
# What people write before a full stop that no blank follows, as in "nice.in red". Any other name
# before .in is one of a shop in India.
_BEFORE_IN: Final = frozenset(
    (
        "ok", "okay", "nice", "good", "great", "super", "best", "wow", "yes", "no", "not",
        "please", "pls", "plz", "thanks", "thank", "thankyou", "love", "lovely", "beautiful",
        "pretty", "cute", "it", "this", "that", "the", "one", "here", "there", "now", "today",
        "available", "size", "colour", "color", "price", "stock", "sold", "also", "too",
        "me", "you", "hai", "kya", "polka", "a", "small", "big", "white", "black",
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
    words = evened.split()
    return any(_is_address(word, is_last=at == len(words)) for at, word in enumerate(words, 1))


def _is_address(word: str, *, is_last: bool) -> bool:
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
    if labels[-1] in _ENDINGS or labels[0] == "www" or ".".join(labels[-2:]) in _PLACES:
        return True
    if labels[-1] == "in":
        return is_last or len(labels) > 2 or "/" in word or labels[0] not in _BEFORE_IN
    return labels[-1] in _WORDS and (bool(slash and path) or len(labels) > 2 or "@" in word)


def _is_label(label: str) -> bool:
    """What may stand between two dots; vowel signs of Indic scripts are no letters to Unicode."""
    return 0 < len(label) < 64 and all(
        char.isalnum() or char in "-_" or unicodedata.category(char) in ("Mn", "Mc")
        for char in label
    )
