"""Rights in a live session, each one bit. Its influencer has all of them; moderators have those
that she gave them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Flag
from typing import Final

from signaling.chat_payloads import Permission as Name


class Permission(Flag):
    """The numbers are those of private.live_moderators.permissions."""

    MODERATE_CHAT = 1
    PIN_PRODUCTS = 2
    SEE_ORDERS = 4


NOTHING: Final = Permission(0)
EVERYTHING: Final = Permission.MODERATE_CHAT | Permission.PIN_PRODUCTS | Permission.SEE_ORDERS

_NAMES: Final[dict[Name, Permission]] = {
    "moderate_chat": Permission.MODERATE_CHAT,
    "pin_products": Permission.PIN_PRODUCTS,
    "see_orders": Permission.SEE_ORDERS,
}


def names_of(permissions: Permission) -> tuple[Name, ...]:
    """As the wire says it."""
    return tuple(name for name, permission in _NAMES.items() if permission in permissions)


def of_names(names: Iterable[Name]) -> Permission:
    permissions = NOTHING
    for name in names:
        permissions |= _NAMES[name]
    return permissions
