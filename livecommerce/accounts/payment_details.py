"""By what a wholesaler or influencer is paid and taxed: how each field is written, and shown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from shop import identifiers
from shop.identifiers import Malformed, gstin_check_digit

__all__ = [
    "MAX_CHARS",
    "SEALED",
    "Fault",
    "Field",
    "disagreement",
    "gstin_check_digit",
    "mask",
    "taken",
]

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
_ACCOUNT: Final = re.compile(r"[0-9]{9,18}")
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


def _judged(judge: Callable[[str], str]) -> Callable[[str], str | Fault]:
    def judged(text: str) -> str | Fault:
        try:
            return judge(text)
        except Malformed as malformed:
            return Fault(malformed.reason, malformed.sentence)

    return judged


def _code(text: str) -> str:
    """People write codes in groups, as they are printed."""
    return re.sub(r"[\s-]", "", text).upper()


def _bank_account_number(text: str) -> str | Fault:
    digits = _code(text)
    if not _ACCOUNT.fullmatch(digits) or not digits.strip("0"):
        return Fault("account.malformed", "An account number has 9 to 18 digits.")
    return digits


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
    "gst_number": _judged(identifiers.gst_number),
    "pan_number": _judged(identifiers.pan_number),
    "bank_account_number": _bank_account_number,
    "ifsc_code": _judged(identifiers.ifsc_code),
    "upi_id": _upi_id,
    "bank_name": _bank_name,
}
