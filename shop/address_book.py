"""The address book of a customer, and with what they chose to pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from db import SERVICE, Actor, Database, Query
from shop.address import STATES, Address, checked
from shop.orders import last_address
from shop.refusal import RefusalCode, ShopRefused

MAX_ADDRESSES: Final = 20

PaymentChoice = Literal["cod", "test", "upi", "stripe", "razorpay"]


@dataclass(frozen=True, slots=True)
class SavedAddress:
    """id: None for where the newest order went, while nothing has been saved. label: what the
    customer calls it. state_code: of GST."""

    id: UUID | None
    label: str | None
    address: Address
    state_code: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class AddressBook:
    """addresses: the default first, then by their last use. payment_method: None when never
    chosen."""

    addresses: tuple[SavedAddress, ...]
    payment_method: PaymentChoice | None


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    label: str | None
    address: dict[str, Any]
    state_code: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class _Choice:
    payment_method: PaymentChoice | None


_BOOK: Final = Query("addresses.book", _Row)
_PAYMENT_METHOD: Final = Query("addresses.payment_method", _Choice)
_CHOOSE_PAYMENT_METHOD: Final = Query("addresses.choose_payment_method", UUID)
_KEEP: Final = Query("addresses.keep", str)
_CHOOSE: Final = Query("addresses.choose", str)
_REMOVE: Final = Query("addresses.remove", str)

_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_customer": ("address.not_customer", "This account has no active customer profile."),
    "not_found": ("address.not_found", "There is no such address in your book."),
    "too_many": (
        "address.too_many",
        f"Your address book is full: it holds {MAX_ADDRESSES}. Please remove one first.",
    ),
}


async def book_of(db: Database, user_id: UUID) -> AddressBook:
    """Before the first address is saved: where the newest order went. Raises ShopRefused."""
    async with db.acting_as(_for(user_id)) as transaction:
        choice = await transaction.one(_PAYMENT_METHOD, user_id)
        rows = await transaction.all(_BOOK, user_id)
    if choice is None:
        raise _refused("not_customer")
    saved = tuple(
        SavedAddress(
            row.id, row.label, Address.from_json(row.address), row.state_code, row.is_default
        )
        for row in rows
    )
    if not saved:
        last = await last_address(db, user_id)
        saved = (SavedAddress(None, None, last, STATES.get(last.state, ""), False),) if last else ()
    return AddressBook(saved, choice.payment_method)


async def save(
    db: Database,
    user_id: UUID,
    address_id: UUID,
    label: str | None,
    address: Address,
    *,
    is_default: bool,
    is_new: bool,
) -> SavedAddress:
    """The first one is the default. address_id: made by the caller; the same new address sent twice
    is saved once. Raises ShopRefused."""
    tidy = checked(address)
    state_code = STATES[tidy.state]
    await _do(
        db, user_id, _KEEP, user_id, address_id, is_new, (label or "").strip() or None,
        tidy.as_json(), state_code, is_default, MAX_ADDRESSES,
    )  # fmt: skip
    book = await book_of(db, user_id)
    return next(one for one in book.addresses if one.id == address_id)


async def choose(db: Database, user_id: UUID, address_id: UUID) -> AddressBook:
    """It is the default from now on. Raises ShopRefused."""
    await _do(db, user_id, _CHOOSE, user_id, address_id)
    return await book_of(db, user_id)


async def remove(db: Database, user_id: UUID, address_id: UUID) -> AddressBook:
    """Orders keep the address that they were sent to. Raises ShopRefused."""
    await _do(db, user_id, _REMOVE, user_id, address_id)
    return await book_of(db, user_id)


async def choose_payment_method(
    db: Database, user_id: UUID, payment_method: PaymentChoice
) -> AddressBook:
    """Raises ShopRefused."""
    found = await db.acting_as(SERVICE).one(_CHOOSE_PAYMENT_METHOD, user_id, payment_method)
    if found is None:
        raise _refused("not_customer")
    return await book_of(db, user_id)


async def _do(db: Database, user_id: UUID, query: Query[str], *args: object) -> None:
    word = await db.acting_as(SERVICE).one(query, *args)
    assert word is not None, "these functions always answer"
    if word != "done":
        raise _refused(word)


def _refused(word: str) -> ShopRefused:
    code, sentence = _REFUSALS[word]
    return ShopRefused(code, sentence)


def _for(user_id: UUID) -> Actor:
    return Actor("service", user_id)
