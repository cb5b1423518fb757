"""Numbers by which India knows a business, a bank and a place: how each is written, what is none.

GSTIN and PAN are judged by python-stdnum, but for two lists that are too narrow there (2.2) and
would keep real businesses out: its States end before Ladakh, and it lacks the partnerships of old
(E).
"""

from __future__ import annotations

import re
from typing import Final

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.in_ import gstin, pan

# 01 to 38 are States and union territories (25 and 28 of old registrations), 97 is Other Territory
# (the sea), 99 Centre Jurisdiction.
STATE_CODES: Final = frozenset(f"{code:02}" for code in (*range(1, 39), 97, 99))
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GSTIN: Final = re.compile(r"[0-9]{2}[A-Z0-9]{10}[1-9A-Z]Z[0-9A-Z]")
_IFSC: Final = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
_PIN_CODE: Final = re.compile(r"[1-9][0-9]{5}")


class Malformed(ValueError):
    """It cannot be right. reason: stable, for pages that word it themselves."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence


def gst_number(text: str) -> str:
    """The GSTIN in its one spelling. Raises Malformed."""
    code = _code(text)
    if not _GSTIN.fullmatch(code) or not _is_pan(code[2:12]):
        raise Malformed(
            "gst.malformed",
            "A GSTIN has 15 characters: two digits of the State, the PAN, one character, Z and a "
            "check character.",
        )
    if code[:2] not in STATE_CODES:
        raise Malformed("gst.state_unknown", f"There is no State with the code {code[:2]}.")
    if not (gstin.is_valid(code) or luhn.is_valid(code, _DIGITS)):
        raise Malformed(
            "gst.check_digit", "The check character does not fit: one character is mistyped."
        )
    return code


def gstin_check_digit(first_14: str) -> str:
    """The last character of a GSTIN: Luhn's algorithm over 36 digits."""
    digit: str = luhn.calc_check_digit(first_14, _DIGITS)
    return digit


def pan_number(text: str) -> str:
    """The PAN in its one spelling. Raises Malformed."""
    code = _code(text)
    if not _is_pan(code):
        raise Malformed(
            "pan.malformed", "A PAN has five letters, four digits and a letter, as on the card."
        )
    return code


def ifsc_code(text: str) -> str:
    """The code of a bank's branch in its one spelling. Raises Malformed."""
    code = _code(text)
    if not _IFSC.fullmatch(code):
        raise Malformed(
            "ifsc.malformed",
            "An IFSC has 11 characters: four letters of the bank, a zero, six of the branch.",
        )
    return code


def pin_code(text: str) -> str:
    """The PIN code in its one spelling; which State it lies in, see shop.pin_codes. Raises
    Malformed."""
    digits = text.replace(" ", "")
    if not _PIN_CODE.fullmatch(digits):
        raise Malformed("pin.malformed", "Please give the PIN code: 6 digits, the first not 0.")
    return digits


def _is_pan(code: str) -> bool:
    # stdnum takes other digits than 0-9 for digits where a text is not ASCII.
    if not code.isascii():
        return False
    known = code[:3] + "F" + code[4:] if code[3:4] == "E" else code
    try:
        return str(pan.validate(known)) == known
    except ValidationError:
        return False


def _code(text: str) -> str:
    """People write codes in groups, as they are printed."""
    return re.sub(r"[\s-]", "", text).upper()
