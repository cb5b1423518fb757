"""Where an order goes: an address in India, checked and brought into one form before it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shop import identifiers, pin_codes
from shop.refusal import ShopRefused

MAX_LINE_CHARS = 200
_MAX_NAME_CHARS = 100

_PHONE = re.compile(r"(?:\+91|0091|91|0)?([6-9]\d{9})")
# What a text field of one line may not hold: control characters, line breaks among them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W\d_]")

# States and union territories by their two-digit GST code, which tax rules ask for later.
STATES: dict[str, str] = {
    "Jammu and Kashmir": "01",
    "Himachal Pradesh": "02",
    "Punjab": "03",
    "Chandigarh": "04",
    "Uttarakhand": "05",
    "Haryana": "06",
    "Delhi": "07",
    "Rajasthan": "08",
    "Uttar Pradesh": "09",
    "Bihar": "10",
    "Sikkim": "11",
    "Arunachal Pradesh": "12",
    "Nagaland": "13",
    "Manipur": "14",
    "Mizoram": "15",
    "Tripura": "16",
    "Meghalaya": "17",
    "Assam": "18",
    "West Bengal": "19",
    "Jharkhand": "20",
    "Odisha": "21",
    "Chhattisgarh": "22",
    "Madhya Pradesh": "23",
    "Gujarat": "24",
    "Dadra and Nagar Haveli and Daman and Diu": "26",
    "Maharashtra": "27",
    "Karnataka": "29",
    "Goa": "30",
    "Lakshadweep": "31",
    "Kerala": "32",
    "Tamil Nadu": "33",
    "Puducherry": "34",
    "Andaman and Nicobar Islands": "35",
    "Telangana": "36",
    "Andhra Pradesh": "37",
    "Ladakh": "38",
}
# Names that people and browsers' autofill still write, and the two letters of licence plates.
_ALSO_KNOWN_AS = {
    "orissa": "Odisha",
    "pondicherry": "Puducherry",
    "uttaranchal": "Uttarakhand",
    "new delhi": "Delhi",
    "nct of delhi": "Delhi",
    "national capital territory of delhi": "Delhi",
    "jammu": "Jammu and Kashmir",
    "kashmir": "Jammu and Kashmir",
    "tamilnadu": "Tamil Nadu",
    "daman and diu": "Dadra and Nagar Haveli and Daman and Diu",
    "dadra and nagar haveli": "Dadra and Nagar Haveli and Daman and Diu",
    "the dadra and nagar haveli and daman and diu": "Dadra and Nagar Haveli and Daman and Diu",
    "andaman and nicobar": "Andaman and Nicobar Islands",
    "chattisgarh": "Chhattisgarh",
}
_PLATES = (
    "an:Andaman and Nicobar Islands ap:Andhra Pradesh ar:Arunachal Pradesh as:Assam br:Bihar "
    "cg:Chhattisgarh ch:Chandigarh dl:Delhi ga:Goa gj:Gujarat hp:Himachal Pradesh hr:Haryana "
    "jh:Jharkhand jk:Jammu and Kashmir ka:Karnataka kl:Kerala la:Ladakh ld:Lakshadweep "
    "mh:Maharashtra ml:Meghalaya mn:Manipur mp:Madhya Pradesh mz:Mizoram nl:Nagaland od:Odisha "
    "or:Odisha pb:Punjab py:Puducherry rj:Rajasthan sk:Sikkim tg:Telangana tn:Tamil Nadu "
    "tr:Tripura ts:Telangana ua:Uttarakhand uk:Uttarakhand up:Uttar Pradesh wb:West Bengal"
)
_STATE_BY_NAME = (
    {name.lower(): name for name in STATES}
    | _ALSO_KNOWN_AS
    | dict(re.findall(r"(\w\w):([A-Z][a-z]+(?: (?:and|[A-Z][a-z]+))*)", _PLATES))
)


@dataclass(frozen=True, slots=True)
class Address:
    """A shipping address. line1: house and street; line2: the area; postal_code: the PIN code."""

    name: str
    phone: str
    line1: str
    line2: str | None
    landmark: str | None
    city: str
    state: str
    postal_code: str
    country: str = "IN"

    def as_json(self) -> dict[str, Any]:
        """The address as it is kept with the order and shown to its customer."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Address:
        return cls(**data)


def checked(address: Address) -> Address:
    """The address in the form in which it is kept: tidy spaces, phone as +91..., state by its name.

    Raises ShopRefused order.address_invalid with details {fields: {field: sentence}} that names
    every field to mend, so that a form needs one round only.
    """
    tidy = {field: _tidied(value) for field, value in address.as_json().items()}
    problems: dict[str, str] = {}
    for field, check in _CHECKS.items():
        try:
            tidy[field] = check(tidy[field] or "")
        except ValueError as error:
            problems[field] = str(error)
    if not problems and not pin_codes.is_in(tidy["postal_code"] or "", tidy["state"] or ""):
        problems["postal_code"] = (
            f"This PIN code is in {_either(pin_codes.states_of(tidy['postal_code'] or ''))}, "
            f"not in {tidy['state']}."
        )
    if problems:
        raise ShopRefused(
            "order.address_invalid", next(iter(problems.values())), {"fields": problems}
        )
    return Address.from_json(tidy)


def _tidied(value: str | None) -> str | None:
    if value is None:
        return None
    if value.isprintable() and "  " not in value:
        return value.strip() or None  # As nearly all are: no control character, no odd space.
    return _SPACES.sub(" ", _CONTROL.sub(" ", value)).strip() or None


def _name(value: str) -> str:
    if len(value) > _MAX_NAME_CHARS or not _LETTER.search(value):
        raise ValueError("Please give the name of the person who receives the parcel.")
    return value


def _phone(value: str) -> str:
    match = _PHONE.fullmatch(re.sub(r"[\s().-]", "", value))
    if match is None:
        raise ValueError("Please give an Indian mobile number with 10 digits.")
    return f"+91{match[1]}"


def _line1(value: str) -> str:
    if not 3 <= len(value) <= MAX_LINE_CHARS:
        raise ValueError("Please give the house number and street.")
    return value


def _optional(value: str) -> str | None:
    if len(value) > MAX_LINE_CHARS:
        raise ValueError(f"Please use at most {MAX_LINE_CHARS} characters.")
    return value or None


def _city(value: str) -> str:
    if len(value) > _MAX_NAME_CHARS or not _LETTER.search(value):
        raise ValueError("Please give the city or town.")
    return value


def _state(value: str) -> str:
    name = _STATE_BY_NAME.get(value.lower().replace("&", "and").replace(".", ""))
    if name is None:
        raise ValueError("Please give the state or union territory, such as Maharashtra.")
    return name


def _either(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _country(value: str) -> str:
    if value.upper() not in ("IN", "INDIA"):
        raise ValueError("We deliver within India only.")
    return "IN"


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "name": _name,
    "phone": _phone,
    "line1": _line1,
    "line2": _optional,
    "landmark": _optional,
    "city": _city,
    "state": _state,
    "postal_code": identifiers.pin_code,
    "country": _country,
}
