"""By what a wholesaler or influencer is paid and taxed: how each field is written, and shown.

GSTIN and PAN are checked here and not by python-stdnum: its list of States (2.2) ends before Ladakh
(38), and a check that is too narrow keeps a real business out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Field: TypeAlias = Literal[
    "gst_number", "pan_number", "bank_account_number", "ifsc_code", "upi_id", "bank_name"
]

SEALED: Final[tuple[Field, ...]] = (
    "gst_number",
    "pan_number",
    "bank_account_number",
    "ifsc_code",
    "upi_id",
)
"""Fields that are sealed at rest and masked in every answer; a bank's name is neither."""

MAX_CHARS: Final = 100
"""Of what anybody may send for one field. The longest that is taken is a bank's name."""

_DOTS: Final = "••••••"
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# 01 to 38 are States and union territories (25 and 28 of old registrations), 97 is Other Territory
# (the sea), 99 Centre Jurisdiction.
_STATE_CODES: Final = frozenset(f"{code:02}" for code in (*range(1, 39), 97, 99))
# The fourth letter of a PAN: association, body of individuals, company, partnership (E, F),
# government, Hindu undivided family, artificial person, trust of old (K), local authority, person,
# trust.
_PAN: Final = re.compile(r"[A-Z]{3}[ABCEFGHJKLPT][A-Z][0-9]{4}[A-Z]")
_GSTIN: Final = re.compile(r"[0-9]{2}[A-Z0-9]{10}[1-9A-Z]Z[0-9A-Z]")
_ACCOUNT: Final = re.compile(r"[0-9]{9,18}")
_IFSC: Final = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
_UPI: Final = re.compile(r"[a-z0-9._-]{2,64}@[a-z][a-z0-9]{1,31}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is not taken. reason: stable, for pages that word it themselves."""

    reason: str
    sentence: str


def taken(field: Field, text: str) -> str | Fault:
    """The value in the one spelling that is kept, or why it cannot be right."""
    if len(text) > MAX_CHARS:
        return Fault("field.too_long", f"This has more than {MAX_CHARS} characters.")
    return _RULES[field](text)


def disagreement(details: Mapping[Field, str | None]) -> tuple[Field, Fault] | None:
    """What is wrong between fields that are each right by themselves."""
    gst_number, pan_number = details.get("gst_number"), details.get("pan_number")
    if gst_number and pan_number and gst_number[2:12] != pan_number:
        return "gst_number", Fault(
            "gst.of_other_pan", "This GSTIN belongs to another PAN: the PAN is its middle part."
        )
    return None


def mask(field: Field, text: str) -> str:
    """What may be shown: enough for its owner to recognise it, too little to use it.

    A GSTIN shows nothing of the PAN inside it, since the PAN shows its own end.
    """
    match field:
        case "bank_account_number" | "pan_number":
            return f"{_DOTS}{text[-4:]}"
        case "gst_number":
            return f"{text[:2]}{_DOTS}{text[-3:]}"
        case "ifsc_code":
            return f"{text[:4]}{_DOTS}"
        case "upi_id":
            return f"{text[:1]}{_DOTS}@{text.partition('@')[2]}"
        case "bank_name":
            return text


def gstin_check_digit(first_14: str) -> str:
    """The last character of a GSTIN: Luhn's algorithm over 36 digits."""
    total = 0
    for place, character in enumerate(first_14):
        high, low = divmod(_DIGITS.index(character) * (1 + place % 2), len(_DIGITS))
        total += high + low
    return _DIGITS[-total % len(_DIGITS)]


def _code(text: str) -> str:
    """People write codes in groups, as they are printed."""
    return re.sub(r"[\s-]", "", text).upper()


def _gst_number(text: str) -> str | Fault:
    code = _code(text)
    if not _GSTIN.fullmatch(code) or isinstance(_pan_number(code[2:12]), Fault):
        return Fault(
            "gst.malformed",
            "A GSTIN has 15 characters: two digits of the State, the PAN, one character, Z and a "
            "check character.",
        )
    if code[:2] not in _STATE_CODES:
        return Fault("gst.state_unknown", f"There is no State with the code {code[:2]}.")
    if gstin_check_digit(code[:14]) != code[14]:
        return Fault(
            "gst.check_digit", "The check character does not fit: one character is mistyped."
        )
    return code


def _pan_number(text: str) -> str | Fault:
    code = _code(text)
    if not _PAN.fullmatch(code) or code[5:9] == "0000":
        return Fault(
            "pan.malformed", "A PAN has five letters, four digits and a letter, as on the card."
        )
    return code


def _bank_account_number(text: str) -> str | Fault:
    digits = _code(text)
    if not _ACCOUNT.fullmatch(digits) or not digits.strip("0"):
        return Fault("account.malformed", "An account number has 9 to 18 digits.")
    return digits


def _ifsc_code(text: str) -> str | Fault:
    code = _code(text)
    if not _IFSC.fullmatch(code):
        return Fault(
            "ifsc.malformed",
            "An IFSC has 11 characters: four letters of the bank, a zero, six of the branch.",
        )
    return code


def _upi_id(text: str) -> str | Fault:
    address = text.strip().lower()
    if not _UPI.fullmatch(address):
        return Fault("upi.malformed", "A UPI ID looks like name@bank.")
    return address


def _bank_name(text: str) -> str | Fault:
    name = " ".join(text.split())
    if not name or _CONTROL.search(name):
        return Fault("bank.malformed", "Please write the name of the bank.")
    return name


_RULES: Final[Mapping[Field, Callable[[str], str | Fault]]] = {
    "gst_number": _gst_number,
    "pan_number": _pan_number,
    "bank_account_number": _bank_account_number,
    "ifsc_code": _ifsc_code,
    "upi_id": _upi_id,
    "bank_name": _bank_name,
}
