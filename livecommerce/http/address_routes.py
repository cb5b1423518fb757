"""The address book of a customer, the way of paying they chose, and what a PIN code says."""

from dataclasses import asdict
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Strict, StringConstraints

from livecommerce import clock
from livecommerce.http.api import ANYONE, Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from shop import address, address_book, identifiers, pin_codes
from signaling.cart_payloads import AddressBook, PaymentChoice, SavedAddress
from signaling.payloads import Address, Empty, Id, Wire

CUSTOMER: Final[Who] = frozenset(("customer",))

_Label = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]


class AddressChange(Wire):
    """label: what the customer calls it. An address that was the default stays it."""

    label: _Label | None = None
    address: Address
    is_default: bool = False


class AddressNew(AddressChange):
    """id: made by the caller; the same address sent twice with it is saved once."""

    id: Id | None = None


class PaymentMethodChoice(Wire):
    payment_method: PaymentChoice


class AddressOk(Wire):
    address: SavedAddress


class PinCode(Wire):
    """states: in which it can lie, the likeliest first; none where the code does not say."""

    pin_code: str
    states: Annotated[tuple[str, ...], Strict(False)]


async def address_book_of_caller(call: Call[Empty]) -> Reply:
    return Reply(_book(await address_book.book_of(call.deps.db, call.caller.user_id)))


async def save_address(call: Call[AddressNew]) -> Reply:
    return await _keep(call, call.body.id or clock.uuid7(), is_new=True)


async def change_address(call: Call[AddressChange]) -> Reply:
    return await _keep(call, _address_id(call), is_new=False)


async def choose_address(call: Call[Empty]) -> Reply:
    deps, user_id = call.deps, call.caller.user_id
    return Reply(_book(await address_book.choose(deps.db, user_id, _address_id(call))))


async def remove_address(call: Call[Empty]) -> Reply:
    deps, user_id = call.deps, call.caller.user_id
    return Reply(_book(await address_book.remove(deps.db, user_id, _address_id(call))))


async def choose_payment_method(call: Call[PaymentMethodChoice]) -> Reply:
    chosen = await address_book.choose_payment_method(
        call.deps.db, call.caller.user_id, call.body.payment_method
    )
    return Reply(_book(chosen))


async def pin_code(call: Call[Empty]) -> Reply:
    try:
        code = identifiers.pin_code(call.request.match_info["pin_code"])
    except ValueError:
        code = ""
    if not code or not pin_codes.is_assigned(code):
        raise ApiRefused("address.pin_unknown", "There is no such PIN code.")
    return Reply(PinCode(pin_code=code, states=pin_codes.states_of(code)))


async def _keep(call: Call[Any], address_id: UUID, *, is_new: bool) -> Reply:
    body = call.body
    saved = await address_book.save(
        call.deps.db,
        call.caller.user_id,
        address_id,
        body.label,
        address.Address(**body.address.model_dump()),
        is_default=body.is_default,
        is_new=is_new,
    )
    return Reply(AddressOk(address=SavedAddress.model_validate(asdict(saved))))


def _book(found: address_book.AddressBook) -> AddressBook:
    return AddressBook.model_validate(asdict(found))


def _address_id(call: Call[Any]) -> UUID:
    try:
        return UUID(call.request.match_info["address_id"])
    except ValueError:
        raise ApiRefused("address.not_found", "There is no such address in your book.") from None


_ADDRESSES: Final = "/api/v1/addresses"
_ONE: Final = f"{_ADDRESSES}/{{address_id}}"
_FAULTS: Final = ("order.address_invalid", "address.not_found", "address.not_customer")

ROUTES: Final = (
    Route("GET", _ADDRESSES,
          "The saved addresses, the default first; before the first one, where the newest order "
          "went.", CUSTOMER, address_book_of_caller, AddressBook, errors=("address.not_customer",)),
    Route("POST", _ADDRESSES, "Save an address; the first one is the default. At most 20.",
          CUSTOMER, save_address, AddressOk, AddressNew, status=201,
          errors=(*_FAULTS, "address.too_many")),
    Route("POST", f"{_ADDRESSES}/payment-method", "With what the customer pays from now on.",
          CUSTOMER, choose_payment_method, AddressBook, PaymentMethodChoice,
          errors=("address.not_customer",)),
    Route("POST", f"{_ONE}/change", "Change a saved address; orders keep theirs.", CUSTOMER,
          change_address, AddressOk, AddressChange, errors=_FAULTS),
    Route("POST", f"{_ONE}/default", "Make it the one that is offered first.", CUSTOMER,
          choose_address, AddressBook, errors=("address.not_found",)),
    Route("POST", f"{_ONE}/remove", "Take it out of the book.", CUSTOMER, remove_address,
          AddressBook, errors=("address.not_found",)),
    Route("GET", "/api/v1/pin-codes/{pin_code}", "In which States a PIN code can lie.", ANYONE,
          pin_code, PinCode, errors=("address.pin_unknown",)),
)  # fmt: skip
