"""Words that are not wanted in a chat, found however they are spelled. Pure.

A term and a text are brought to one form: compatibility letters, case, accents, letters of other
scripts that look like Latin ones, signs that stand for letters, and whatever cannot be seen are
evened out. Then whole words are compared, so that a short term does not hit the middle of a
harmless word. A letter may be repeated more often than in the term, and not less: `baaad` is
`bad`, but `as` is not `ass`. Letters that stand alone are read together: `b a d`, `b.a.d`; so are
parts of a word that are set apart by signs: `ba.d`.

Vowel signs of Indic scripts are letters; the nukta, and what only joins or parts letters, is not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, combinations, groupby, islice, product
from typing import Final

_WORDS_OF_TERM_MAX: Final = 6
# Of a word with signs in place of letters, so many readings are tried; of words with stars, and of
# words in parts, so many are looked at. Whoever writes more of them is read by people.
_READINGS_MAX: Final = 16
_MASKED_MAX: Final = 5
_PARTED_MAX: Final = 5
_PARTS_MAX: Final = 6
# Of letters that stand alone, so many in a row are looked at; of a text in one form, so many. A
# text of the greatest length is shorter, unless its letters are such as stand for several.
_SINGLES_MAX: Final = 128
_EVENED_MAX: Final = 2000

_VIRAMAS: Final = 9
"""The combining class of those, which are part of Indic spelling."""
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_VARIATION_SELECTORS: Final = range(0xFE00, 0xFE10)
# Letters of other scripts that a reader takes for these (after Unicode's confusables.txt).
_LOOK_ALIKE: Final[Mapping[str, str]] = {
    "a": "аαᴀɑ", "b": "вьβʙƅ", "c": "сϲᴄ", "d": "ԁᴅđ", "e": "еεᴇҽ", "f": "ƒғ", "g": "ɡɢց",
    "h": "һнʜħ", "i": "іιıɩɪ", "j": "јϳᴊ", "k": "кκᴋ", "l": "ӏʟłⅼ", "m": "мᴍ", "n": "ոɴη",
    "o": "оοᴏøσ", "p": "рρᴘ", "q": "ԛ", "r": "гʀ", "s": "ѕꜱ", "t": "тτᴛŧ", "u": "υцᴜ", "v": "ѵνᴠ",
    "w": "ԝωᴡѡш", "x": "хχ", "y": "уγʏ", "z": "ᴢ",
}  # fmt: skip
# Alphabets of letters in a square, and of flags, which have no compatibility form.
_PICTURED: Final = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
_EVENED: Final[Mapping[int, str]] = {
    **{ord(other): letter for letter, others in _LOOK_ALIKE.items() for other in others},
    **{first + n: chr(ord("a") + n) for first in _PICTURED for n in range(26)},
    # Chandrabindu is written as anusvara as often as not.
    0x0901: "\u0902",
}
# Signs that stand for letters where they are beside letters.
_STANDS_FOR: Final[Mapping[str, str]] = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t", "€": "e", "£": "l", "¢": "c",
}  # fmt: skip
_SIGNS: Final = "@$!|+€£¢"
# A star for a letter, as in f*ck: it may be any.
_STAR: Final = "*"
_VOWELS: Final = "aeiou"
_AROUND: Final = "\"'`()[]{}<>,;:!?_~.\u2026\u0964-"
_STARS: Final = str.maketrans("#\u2022\u00d7\u2217\u2731\u25cf", "******")
# What sets parts of a word apart, as in fu.ck. Not the apostrophe: `I'll` is a word.
_BETWEEN: Final = str.maketrans(
    dict.fromkeys(".-_~,/\\\u00b7\u2022\u2010\u2011\u2012\u2013\u2014\u2026", " ")
)
# Behind it is the next thing of an enumeration, as in `S, M, L`.
_LISTED: Final = ", "
# How a word goes on that is no other one: what `fu.cking` is and `who.really` is not.
_GOING_ON: Final = frozenset(("", "s", "es", "ed", "er", "ers", "ing", "in", "y", "a"))

_Runs = tuple[int, ...]
_Entry = tuple[str, _Runs, str]
"""A word in the form that is compared, how often each of its letters is in it, and its term."""


class WordFilter:
    """terms: as they were entered; one that ends with * stands for everything that begins so.
    Filters with the same terms are equal."""

    __slots__ = ("_initials", "_longest", "_phrases", "_prefixes", "_words", "terms")

    def __init__(self, terms: tuple[str, ...] = ()) -> None:
        self.terms = terms
        self._words: dict[str, list[_Entry]] = {}
        self._prefixes: dict[str, list[_Entry]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for term in terms:
            self._add(term)
        self._longest = max(map(len, self._prefixes), default=0)
        self._initials: dict[str, list[tuple[str, _Entry]]] = {}
        for letters, entry in self._entries():
            if len(entry[0]) > 2:
                self._initials.setdefault(letters[0], []).append((letters, entry))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordFilter) and other.terms == self.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __repr__(self) -> str:
        return f"WordFilter({self.terms!r})"

    def _add(self, term: str) -> None:
        words = words_of_term(term)
        if len(words) > 1:
            self._phrases.setdefault(_letters(words[0]), []).append((words, term))
        elif words:
            found = self._prefixes if term.rstrip().endswith(_STAR) else self._words
            found.setdefault(_letters(words[0]), []).append((words[0], _runs(words[0]), term))

    def _entries(self) -> Iterator[tuple[str, _Entry]]:
        for found in (self._words, self._prefixes):
            for letters, entries in found.items():
                yield from ((letters, entry) for entry in entries)

    def match(self, text: str) -> str | None:
        """The term that is found in a text, as it was entered; None when there is none."""
        if not self.terms:
            return None
        evened = _evened(text)
        words = tuple(_words(evened))
        harmless: set[str] = set()
        for at, readings in enumerate(words):
            for word in readings:
                term = None if word in harmless else self._as_word(word)
                harmless.add(word)
                term = term or self._as_phrase(word, words[at + 1 :])
                if term is not None:
                    return term
        parts = map(_words, evened.split(_LISTED)) if _LISTED in evened else (words,)
        return self._spaced(parts) or self._parted(evened) or self._masked(evened)

    def _as_word(self, word: str) -> str | None:
        letters = _letters(word)
        term = self._exactly(letters, word)
        if term is None and self._prefixes:
            term = self._begun(letters, word, range(1, min(len(letters), self._longest) + 1))
        return term

    def _exactly(self, letters: str, word: str) -> str | None:
        entries = self._words.get(letters)
        runs = _runs(word) if entries else ()
        return next((term for _, least, term in entries or () if _covers(runs, least)), None)

    def _begun(self, letters: str, word: str, ends: Iterable[int]) -> str | None:
        """ends: of the letters that may be a term."""
        runs: _Runs = ()
        for end in ends:
            for _, least, term in self._prefixes.get(letters[:end], ()):
                runs = runs or _runs(word)
                if _covers(runs, least):
                    return term
        return None

    def _as_phrase(self, word: str, rest: tuple[tuple[str, ...], ...]) -> str | None:
        for words, term in self._phrases.get(_letters(word), ()):
            if not _is_spelled(word, words[0]) or len(rest) < len(words) - 1:
                continue
            following = zip(words[1:], rest, strict=False)
            if all(any(_is_spelled(each, wanted) for each in said) for wanted, said in following):
                return term
        return None

    def _spaced(self, parts: Iterable[Iterable[tuple[str, ...]]]) -> str | None:
        """Letters that stand alone, read together."""
        for words in parts:
            singles = groupby(words, key=lambda readings: len(readings[0]) == 1)
            for is_single, group in singles:
                if not is_single:
                    continue
                said = "".join(readings[0] for readings in islice(group, _SINGLES_MAX))
                term = self._as_word(said) if len(said) > 2 else None
                term = term or self._among(said)
                if term is not None:
                    return term
        return None

    def _among(self, said: str) -> str | None:
        """A term that begins at any of the letters; only those are tried that begin one."""
        letters, runs = _letters(said), _runs(said)
        for start, initial in enumerate(letters):
            for wanted, (_, least, term) in self._initials.get(initial, ()):
                if letters.startswith(wanted, start) and _covers(runs[start:], least):
                    return term
        return None

    def _parted(self, evened: str) -> str | None:
        """Words whose parts are set apart by signs and not by blanks."""
        for joined in _joined(evened):
            for word in chain.from_iterable(_words(joined)):
                term = self._whole(word)
                if term is not None:
                    return term
        return None

    def _whole(self, word: str) -> str | None:
        """As _as_word, but what begins with a term goes on as words do: where two words were put
        together, another one may seem to begin in the first."""
        letters = _letters(word)
        term = self._exactly(letters, word)
        if term is None and self._prefixes:
            ends = (end for end in range(1, len(letters) + 1) if letters[end:] in _GOING_ON)
            term = self._begun(letters, word, ends)
        return term

    def _masked(self, evened: str) -> str | None:
        """Words in which stars stand for letters, each for one."""
        masked = (
            word
            for each in evened.translate(_STARS).split()
            if _STAR in (word := each.strip(_AROUND).lstrip(_STAR))
        )
        for word in islice(masked, _MASKED_MAX):
            for entries in self._words.values():
                for wanted, _, term in entries:
                    if _fits(word, wanted) or _fits(word.rstrip(_STAR), wanted):
                        return term
            for entries in self._prefixes.values():
                for wanted, _, term in entries:
                    if _fits(word[: len(wanted)], wanted):
                        return term
        return None


@lru_cache(maxsize=4096)
def words_of_term(term: str) -> tuple[str, ...]:
    """The words of a term in the form that is compared; () for one that cannot be looked for."""
    words = tuple(readings[0] for readings in _words(_evened(term.strip().rstrip(_STAR))))
    if len(words) > _WORDS_OF_TERM_MAX or sum(map(len, words)) < 2:
        return ()
    return words


def _words(evened: str) -> Iterator[tuple[str, ...]]:
    """The words of an evened text, each in every reading of what may stand for letters in it."""
    said = "".join(
        char if char.isalnum() or char in _SIGNS or _is_mark(char) else " " for char in evened
    )
    for word in said.split():
        trimmed = word.strip(_SIGNS)
        readings = dict.fromkeys((*_readings(trimmed), *_readings(word)))
        if readings:
            yield tuple(readings)


def _joined(evened: str) -> Iterator[str]:
    """Parts of words that stand side by side, put together in every way."""
    parted = (
        parts
        for word in evened.split()
        if 1 < len(parts := word.strip(_AROUND).translate(_BETWEEN).split()) <= _PARTS_MAX
    )
    for parts in islice(parted, _PARTED_MAX):
        for start, end in combinations(range(len(parts) + 1), 2):
            if end - start > 1:
                yield "".join(parts[start:end])


def _readings(word: str) -> Iterable[str]:
    """First as it is written, where no sign is in it. A number is a number."""
    if word.isalpha():
        return (word,)
    if not any(char.isalpha() for char in word):
        return (word,) if word.isdigit() else ()
    options = [_STANDS_FOR.get(char, char) for char in word]
    spelled = ("".join(letters) for letters in islice(product(*options), _READINGS_MAX))
    return spelled if any(char in _SIGNS for char in word) else (word, *spelled)


def _evened(text: str) -> str:
    if text.isascii():
        return text[:_EVENED_MAX].lower()
    text = unicodedata.normalize("NFKD", text.translate(_EVENED))[:_EVENED_MAX].casefold()
    kept = (char for char in unicodedata.normalize("NFKD", text) if not _is_unseen(char))
    return "".join(kept).translate(_EVENED)


def _is_unseen(char: str) -> bool:
    """Whether a letter is the same without it."""
    if char < "\u0300":
        return char == "\u00ad"  # the soft hyphen
    combining = unicodedata.combining(char)
    return (
        (combining != 0 and combining != _VIRAMAS)
        or unicodedata.category(char) in ("Cf", "Me", "Cn", "Co")
        or char in _UNSEEN
        or ord(char) in _VARIATION_SELECTORS
    )


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc")


def _letters(word: str) -> str:
    """Without repetitions."""
    return "".join(letter for letter, _ in groupby(word))


def _runs(word: str) -> _Runs:
    return tuple(len(list(run)) for _, run in groupby(word))


def _covers(runs: _Runs, needed: _Runs) -> bool:
    return all(run >= least for run, least in zip(runs, needed, strict=False))


def _is_spelled(word: str, wanted: str) -> bool:
    """Whether a word is the wanted one, letters repeated or not."""
    if word == wanted:
        return True
    return _letters(word) == _letters(wanted) and _covers(_runs(word), _runs(wanted))


def _fits(masked: str, wanted: str) -> bool:
    if len(masked) != len(wanted) or _STAR not in masked:
        return False
    known = sum(char != _STAR for char in masked)
    # One star behind a word may be none of its letters.
    is_last = masked.endswith(_STAR) and not masked.endswith(2 * _STAR)
    least = 3 if is_last else len(wanted) / 2
    return (
        known >= least
        and all(char in (_STAR, letter) for char, letter in zip(masked, wanted, strict=True))
        # Of three letters, a consonant that is missing leaves too much to be guessed.
        and (len(wanted) > 3 or wanted[masked.index(_STAR)] in _VOWELS)
    )
