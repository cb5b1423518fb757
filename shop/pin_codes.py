"""In which States a PIN code can lie.

The first two digits name a postal circle or a part of one, the third a sorting district. Where a
circle serves several States, or an office serves villages across a border, all of them are taken:
who is refused here could not have a parcel sent to their own house.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NORTH_EAST: Final = (
    "Arunachal Pradesh", "Assam", "Manipur", "Meghalaya", "Mizoram", "Nagaland", "Tripura",
)  # fmt: skip
_UP: Final = ("Uttar Pradesh", "Uttarakhand")
_DAMAN: Final = "Dadra and Nagar Haveli and Daman and Diu"

_BY_TWO: Final[Mapping[str, tuple[str, ...]]] = {
    "11": ("Delhi", "Haryana", "Uttar Pradesh"),
    "12": ("Haryana", "Delhi"),
    "13": ("Haryana", "Punjab", "Chandigarh"),
    "14": ("Punjab", "Chandigarh", "Himachal Pradesh"),
    "15": ("Punjab", "Chandigarh"),
    "16": ("Chandigarh", "Punjab", "Haryana"),
    "17": ("Himachal Pradesh",),
    "18": ("Jammu and Kashmir", "Ladakh"),
    "19": ("Jammu and Kashmir", "Ladakh"),
    **dict.fromkeys(("20", "21", "22", "23", "24", "25", "26", "27", "28"), _UP),
    **dict.fromkeys(("30", "31", "32", "33", "34"), ("Rajasthan",)),
    **dict.fromkeys(("36", "37", "38"), ("Gujarat", _DAMAN)),
    "39": ("Gujarat", _DAMAN),
    "40": ("Maharashtra", "Goa"),
    "41": ("Maharashtra", "Goa"),
    "42": ("Maharashtra",),
    "43": ("Maharashtra",),
    "44": ("Maharashtra",),
    **dict.fromkeys(("45", "46", "47", "48"), ("Madhya Pradesh",)),
    "49": ("Chhattisgarh", "Madhya Pradesh"),
    "50": ("Telangana", "Andhra Pradesh"),
    "51": ("Andhra Pradesh", "Telangana"),
    "52": ("Andhra Pradesh", "Telangana"),
    "53": ("Andhra Pradesh", "Telangana", "Puducherry"),
    **dict.fromkeys(("56", "57", "58", "59"), ("Karnataka",)),
    **dict.fromkeys(("60", "61", "62", "63", "64"), ("Tamil Nadu", "Puducherry")),
    "65": ("Tamil Nadu",),
    "66": ("Tamil Nadu",),
    "67": ("Kerala", "Puducherry"),
    "68": ("Kerala", "Lakshadweep"),
    "69": ("Kerala",),
    **dict.fromkeys(("70", "71", "72"), ("West Bengal",)),
    "73": ("West Bengal", "Sikkim"),
    "74": ("West Bengal", "Andaman and Nicobar Islands"),
    **dict.fromkeys(("75", "76", "77"), ("Odisha",)),
    "78": ("Assam", "Meghalaya"),
    "79": _NORTH_EAST,
    **dict.fromkeys(("80", "81", "82", "83", "84", "85"), ("Bihar", "Jharkhand")),
}
# Where the third digit says more than the first two.
_BY_THREE: Final[Mapping[str, tuple[str, ...]]] = {
    "194": ("Ladakh", "Jammu and Kashmir"),
    "403": ("Goa", "Maharashtra"),
    "682": ("Kerala", "Lakshadweep"),
    "737": ("Sikkim", "West Bengal"),
    "744": ("Andaman and Nicobar Islands",),
}


def states_of(pin_code: str) -> tuple[str, ...]:
    """The likeliest first; () when the first digits say nothing, as for the post of the army."""
    return _BY_THREE.get(pin_code[:3]) or _BY_TWO.get(pin_code[:2], ())


def is_in(pin_code: str, state: str) -> bool:
    """Whether an address with this PIN code can be in the State; True where nothing is known."""
    states = states_of(pin_code)
    return not states or state in states


def is_assigned(pin_code: str) -> bool:
    """Whether there are addresses with these first two digits; 90 to 99 is the army's post."""
    return pin_code[:2] in _BY_TWO or pin_code[0] == "9"
