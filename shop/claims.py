"""Comment-to-buy: what `SOLD A1 2 blue` in the chat asks for. Pure.

A claim is a message that begins with the keyword, then a claim code (letters and digits, in any
case), then what may be left out: how many, and words that name a variant. Whatever does not fit is
no claim but talk ("sold out already?"), and nobody is bothered with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_CODE: Final = re.compile(r"#?([A-Z]{1,3}[0-9]{1,4})")
_QUANTITY: Final = re.compile(r"[X*]?([0-9]{1,4})[X*]?")
# What stands between words: "SOLD A1, 2 blue".
_EDGES: Final = ",;:!?()[]\"'"


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody asks for. words: of the variant, folded; empty when none was named.

    quantity: None when none was said, which is one. A number may also have been meant as the name
    of a variant ("SOLD A1 38"); only who knows the variants can tell.
    """

    code: str
    quantity: int | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimVariant:
    """A variant behind a claim code. options: {option: value} beside color and size."""

    id: UUID
    product_id: UUID
    product_name: str
    label: str
    color: str = ""
    size: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def names(self) -> tuple[frozenset[str], ...]:
        """The sets of words, each of which names it wholly."""
        parts = (self.label, self.color, self.size, *(value for _, value in self.options))
        return tuple(frozenset(_words(part)) for part in parts if _words(part))


@dataclass(frozen=True, slots=True)
class Wish:
    """A claim that names one variant."""

    variant: ClaimVariant
    quantity: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """A claim that fits several variants, or none; these are there to choose from."""

    choices: tuple[ClaimVariant, ...]


def parse(text: str, keyword: str) -> Claim | None:
    """The claim in a chat message; None when it is none. keyword: what begins one, '' for never."""
    tokens = [token.strip(_EDGES) for token in unicodedata.normalize("NFKC", text).split()]
    tokens = [token for token in tokens if token]
    opening = unicodedata.normalize("NFKC", keyword).casefold().split()
    if not opening or [token.casefold() for token in tokens[: len(opening)]] != opening:
        return None
    rest = tokens[len(opening) :]
    code = _CODE.fullmatch(rest[0].upper()) if rest else None
    if code is None:
        return None
    rest = rest[1:]
    quantity: int | None = None
    if rest and (number := _QUANTITY.fullmatch(rest[0].upper())) is not None:
        quantity = int(number[1])
        rest = rest[1:]
    return Claim(code[1], quantity, _words(" ".join(rest)))


def resolve(
    claim: Claim, variants: Sequence[ClaimVariant], max_quantity: int
) -> Wish | Unclear | None:
    """Which variant a claim means, and how many; None when it asks for an impossible quantity.

    variants: of the product with the code, not empty.
    """
    quantity = 1 if claim.quantity is None else claim.quantity
    if len(variants) == 1:
        # Nothing to choose; what else was said ("SOLD A1 please") is talk.
        return Wish(variants[0], quantity) if 1 <= quantity <= max_quantity else None
    words = claim.words
    if not words and claim.quantity is not None:
        # "SOLD A1 38" among sizes 36, 38, 40 means the size.
        named = _fitting((str(claim.quantity),), variants)
        if len(named) == 1:
            return Wish(named[0], 1)
    found = _fitting(words, variants) if words else tuple(variants)
    if not 1 <= quantity <= max_quantity:
        return None
    return Wish(found[0], quantity) if len(found) == 1 else Unclear(found or tuple(variants))


def _fitting(words: tuple[str, ...], variants: Sequence[ClaimVariant]) -> tuple[ClaimVariant, ...]:
    """The variants that all of the words describe; of those, the ones named exactly if any is.

    "m" is not the beginning of "medium": whole words only, so that M never becomes something else.
    """
    said = frozenset(words)
    exact = tuple(variant for variant in variants if frozenset(_words(variant.label)) == said)
    if exact:
        return exact
    return tuple(variant for variant in variants if said <= frozenset().union(*variant.names()))


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, folded. A letter keeps its marks: Hindi writes its vowels with them."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return tuple("".join(c if _is_part_of_word(c) else " " for c in folded).split())


def _is_part_of_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"
