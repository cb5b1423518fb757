"""Whether a chat message leads somewhere else. Pure.

Chats are flooded with addresses of shops that take the money and send nothing. An address need not
begin with https:// to be one: pages and people make links of `shop.example.com`, and full-width or
spelled-out dots are dots.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import Final

_SPELLED_DOT: Final = re.compile(
    r"\s?[\[({]\s?(?:dot|\.|डॉट)\s?[\])}]\s?"
    # "the red dot in stock" and "nice . in red": more than an address follows.
    r"|\s(?:dot|डॉट|\.)\s(?!in\s+[^\s/])"
)
_DOTS: Final = str.maketrans(
    {**dict.fromkeys("\u3002\uff61\u2024\u00b7", "."), **dict.fromkeys("\u200c\u200d\ufe0f")}
)
"""Full stops of all scripts; what cannot be seen is gone."""
_SCHEMES: Final = re.compile(
    r"\b(?:(?:https?|hxxps?|ftp|mailto):\S|(?:upi|intent|whatsapp|tg)://|tel:\+?\d{6})"
)
_OF_ADDRESS: Final = ".-@/"
_PAUSE: Final = re.compile(r"\.{2,}")
_NUMBERS: Final = re.compile(r"\d{1,3}")
_AMOUNT: Final = re.compile(r"\d+[a-z]{0,3}")

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
        "xs", "xl", "xxl", "xxxl", "medium", "large", "kurti", "kurta", "kurtis", "saree", "sari",
        "sarees", "lehenga", "dupatta", "blouse", "dress", "suit", "shirt", "top", "jeans",
        "cotton", "silk", "georgette", "chiffon", "rayon", "linen", "wool", "gold", "silver",
        "delivery", "cod", "offer", "order", "yaar", "didi", "bhaiya", "sir", "madam", "mam",
    )
)  # fmt: skip
# What is said after "in" and seldom after an address.
_AFTER_IN: Final = frozenset(
    (
        "stock", "red", "blue", "green", "black", "white", "pink", "yellow", "maroon", "purple",
        "orange", "brown", "grey", "gray", "cream", "navy", "golden", "size", "which", "what",
        "my", "your", "the", "this", "that", "these", "other", "another", "small", "medium",
        "large", "xs", "s", "m", "l", "xl", "xxl", "cotton", "silk", "rupees", "rs", "india",
    )
)  # fmt: skip
_REGISTERED_IN: Final = frozenset(("co", "net", "org", "gen", "firm", "ind"))
"""Before .in, names of shops are registered under these."""
_ENDINGS_IN_NAMES: Final = frozenset(
    (
        "com", "net", "org", "info", "biz", "shop", "store", "site", "online", "xyz", "app",
        "apk", "link", "club", "website", "click", "co", "in", "bharat", "भारत",
    )
)  # fmt: skip
"""Without those that are surnames, too: Kapil.Dev, S.De."""


def has_link(text: str) -> bool:
    """Of a cleaned text."""
    return _has_address(text, is_name=False)


def is_address_in_name(name: str) -> bool:
    """Of a cleaned name, in which initials are often set apart by nothing but a full stop."""
    return _has_address(name, is_name=True)


def _has_address(text: str, *, is_name: bool) -> bool:
    evened = unicodedata.normalize("NFKC", text).casefold().translate(_DOTS)
    if "." not in evened and ":" not in evened and "dot" not in evened and "डॉट" not in evened:
        return False
    evened = _SPELLED_DOT.sub(".", evened)
    if _SCHEMES.search(evened):
        return True
    pieces = _pieces(evened)
    for piece, following in zip(pieces, chain(pieces[1:], ("",)), strict=False):
        *parts, last = piece.split("/")
        if _is_address(last, following, has_path=False, is_name=is_name) or any(
            _is_address(part, following, has_path=True, is_name=is_name) for part in parts
        ):
            return True
    return False


def _pieces(evened: str) -> list[str]:
    """What may be an address, whatever is written beside it without a blank."""
    if "." not in evened:
        return []
    apart = (char if char in _OF_ADDRESS or _is_spelling(char) else " " for char in evened)
    pieces = _PAUSE.sub(" ", "".join(apart)).split()
    return [bare for piece in pieces if (bare := piece.strip(_OF_ADDRESS))]


def _is_address(part: str, following: str, *, has_path: bool, is_name: bool) -> bool:
    """part: of a piece, up to a slash. following: the next piece, "" behind the last one."""
    person, _, host = part.strip(_OF_ADDRESS).rpartition("@")
    labels = host.split(".")
    if len(labels) < 2 or not all(0 < len(label) < 64 for label in labels):
        return False
    if len(labels) == 4 and all(map(_NUMBERS.fullmatch, labels)):
        return True
    if not any(char.isalpha() for char in labels[-2]):
        return False
    if labels[0] == "www" or ".".join(labels[-2:]) in _PLACES:
        return True
    has_more = has_path or bool(person)
    ending = labels[-1].partition("-")[0]
    if labels[-1] == "in":
        return has_more or _is_shop_in_india(labels[-2], following)
    if is_name and not has_more:
        return ending in _ENDINGS_IN_NAMES
    return ending in _ENDINGS or (labels[-1] in _WORDS and (has_more or len(labels) > 2))


def _is_shop_in_india(name: str, following: str) -> bool:
    """Whether a name before .in is one, and not a word that no blank follows."""
    if name in _REGISTERED_IN:
        return True
    if len(name) == 1 or _AMOUNT.fullmatch(name):
        return False
    return not following or not (name in _BEFORE_IN or following in _AFTER_IN)


def _is_spelling(char: str) -> bool:
    """Vowel signs of Indic scripts are no letters to Unicode."""
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")
