"""Bank and tax details of wholesalers and influencers: given in clear, answered masked.

No route answers a value in clear, to anybody. What opens them is the part that pays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, cast
from uuid import UUID

import structlog
from pydantic import Strict

from db import Actor, Query
from livecommerce import clock
from livecommerce.accounts.payment_details import (
    SEALED,
    Fault,
    Field,
    disagreement,
    mask,
    taken,
)
from livecommerce.accounts.resealing import DetailsRow
from livecommerce.accounts.sealing import (
    NONCE_BYTES,
    Keyring,
    Place,
    UnsealFailed,
    seal,
    unseal,
)
from livecommerce.accounts.sealing_keys import SealingKeys, SealingKeysInvalid
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from signaling.payloads import Empty, Wire

PAID: Final[Who] = frozenset(("wholesaler", "influencer"))
ADMIN: Final[Who] = frozenset(("admin",))

_HIDDEN: Final = "••••••"
_log = structlog.get_logger(__name__)


class PaymentDetails(Wire):
    """Masked; null where nothing was given. unreadable: fields whose value this server cannot open
    any more, and which have to be given again."""

    gst_number: str | None = None
    pan_number: str | None = None
    bank_account_number: str | None = None
    ifsc_code: str | None = None
    upi_id: str | None = None
    bank_name: str | None = None
    unreadable: Annotated[tuple[str, ...], Strict(False)] = ()


class PaymentDetailsOk(Wire):
    payment_details: PaymentDetails


class PaymentDetailsChange(Wire):
    """In clear. What is left out stays, null takes it away. upi_id: influencers only."""

    gst_number: str | None = None
    pan_number: str | None = None
    bank_account_number: str | None = None
    ifsc_code: str | None = None
    upi_id: str | None = None
    bank_name: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """The statements of one of the two kinds of people who are paid."""

    table: str
    fields: tuple[Field, ...]
    read: Query[DetailsRow]
    lock: Query[DetailsRow]
    put: Query[None]


_WHOLESALER: Final = Kind(
    "wholesalers",
    ("gst_number", "pan_number", "bank_account_number", "ifsc_code", "bank_name"),
    Query("sealing.wholesaler_details", DetailsRow),
    Query("sealing.lock_wholesaler_details", DetailsRow),
    Query("sealing.put_wholesaler_details"),
)
_INFLUENCER: Final = Kind(
    "influencers",
    (*SEALED, "bank_name"),
    Query("sealing.influencer_details", DetailsRow),
    Query("sealing.lock_influencer_details", DetailsRow),
    Query("sealing.put_influencer_details"),
)
_KINDS: Final = {"wholesaler": _WHOLESALER, "influencer": _INFLUENCER}
_LOCK_KEYS: Final = Query("sealing.lock_keys", None)


@dataclass(frozen=True, slots=True)
class Opened:
    """Details in clear. unreadable: fields that are set and cannot be opened."""

    clear: dict[Field, str]
    unreadable: tuple[Field, ...]


async def my_payment_details(call: Call[Empty]) -> Reply:
    kind = _KINDS[call.caller.role]
    keyring = _keyring(call.deps.sealing)
    actor = Actor(call.caller.role, call.caller.user_id)
    async with call.deps.db.acting_as(actor) as transaction:
        row = await transaction.one(kind.read, call.caller.user_id, None)
    if row is None:
        raise _no_profile()
    return _reply(_opened(keyring, kind, row))


async def change_my_payment_details(call: Call[PaymentDetailsChange]) -> Reply:
    kind = _KINDS[call.caller.role]
    given = _given(kind, call.body)
    # The service writes, since no person's role may; the audit log notes for whom.
    actor = Actor("service", call.caller.user_id)
    async with call.deps.db.acting_as(actor) as transaction:
        await transaction.run(_LOCK_KEYS)
        keyring = _keyring(call.deps.sealing)
        row = await transaction.one(kind.lock, call.caller.user_id)
        if row is None:
            raise _no_profile()
        before = _opened(keyring, kind, row)
        wanted = _merged(before, given)
        fault = disagreement(wanted.clear)
        if fault is not None:
            raise _not_taken({fault[0]: fault[1]})
        changed = {name for name in given if before.clear.get(name) != wanted.clear.get(name)}
        changed |= given.keys() & set(before.unreadable)
        if changed:
            await transaction.run(kind.put, row.id, _written(keyring, kind, row, wanted, changed))
    if changed:
        _log.info("payment_details.changed", fields=sorted(changed))
    return _reply(wanted)


async def payment_details_of_wholesaler(call: Call[Empty]) -> Reply:
    return await _of_other(call, _WHOLESALER, "wholesaler")


async def payment_details_of_influencer(call: Call[Empty]) -> Reply:
    return await _of_other(call, _INFLUENCER, "influencer")


async def _of_other(call: Call[Empty], kind: Kind, word: str) -> Reply:
    row_id = _id(call.request.match_info[f"{word}_id"], word)
    keyring = _keyring(call.deps.sealing)
    async with call.deps.db.acting_as(Actor("admin", call.caller.user_id)) as transaction:
        row = await transaction.one(kind.read, None, row_id)
    if row is None:
        raise _not_found(word)
    return _reply(_opened(keyring, kind, row))


def _given(kind: Kind, body: PaymentDetailsChange) -> dict[Field, str | None]:
    """What is to be changed, each value in the spelling that is kept. Raises ApiRefused."""
    given: dict[Field, str | None] = {}
    faults: dict[Field, Fault] = {}
    for name in sorted(body.model_fields_set):
        field, text = cast(Field, name), getattr(body, name)
        result = _taken(kind, field, text)
        if isinstance(result, Fault):
            faults[field] = result
        else:
            given[field] = result
    if faults:
        raise _not_taken(faults)
    return given


def _taken(kind: Kind, field: Field, text: str | None) -> str | Fault | None:
    if field not in kind.fields:
        return Fault("field.not_yours", "An account of this kind has no such detail.")
    return None if text is None else taken(field, text)


def _opened(keyring: Keyring, kind: Kind, row: DetailsRow) -> Opened:
    clear: dict[Field, str] = {}
    unreadable: list[Field] = []
    for field in kind.fields:
        text = row.details.get(field)
        if text is None:
            continue
        place = Place(f"{kind.table}.{field}", row.id)
        try:
            clear[field] = unseal(keyring, place, text) if field in SEALED else text
        except UnsealFailed as error:
            _log.error("payment_details.unreadable", place=str(place), reason=str(error))
            unreadable.append(field)
    return Opened(clear, tuple(unreadable))


def _merged(before: Opened, given: Mapping[Field, str | None]) -> Opened:
    after: dict[Field, str | None] = {**before.clear, **given}
    return Opened(
        {field: text for field, text in after.items() if text is not None},
        tuple(field for field in before.unreadable if field not in given),
    )


def _written(
    keyring: Keyring, kind: Kind, row: DetailsRow, wanted: Opened, changed: set[Field]
) -> dict[str, str]:
    """The columns as they are to be; what did not change keeps its seal."""
    columns = {name: text for name, text in row.details.items() if name not in changed}
    for field in changed & wanted.clear.keys():
        text = wanted.clear[field]
        if field in SEALED:
            place = Place(f"{kind.table}.{field}", row.id)
            text = seal(keyring, place, text, clock.random_bytes(NONCE_BYTES))
        columns[field] = text
    return columns


def _reply(opened: Opened) -> Reply:
    shown: dict[str, str] = {field: mask(field, text) for field, text in opened.clear.items()}
    shown |= dict.fromkeys(opened.unreadable, _HIDDEN)
    details = PaymentDetails.model_validate({**shown, "unreadable": opened.unreadable})
    return Reply(PaymentDetailsOk(payment_details=details))


def _keyring(keys: SealingKeys) -> Keyring:
    try:
        return keys.keyring()
    except (SealingKeysInvalid, OSError) as error:
        _log.error("sealing_keys.unusable", reason=str(error))
        raise ApiRefused(
            "service.unavailable", "Bank and tax details are not available right now."
        ) from None


def _not_taken(faults: Mapping[Field, Fault]) -> ApiRefused:
    """fields: a sentence for each; reasons: the same as stable words."""
    return ApiRefused(
        "payment_details.invalid",
        "Some of these details cannot be right.",
        details={
            "fields": {field: fault.sentence for field, fault in faults.items()},
            "reasons": {field: fault.reason for field, fault in faults.items()},
        },
    )


def _no_profile() -> ApiRefused:
    return ApiRefused("auth.forbidden", "This account has no active profile that is paid.")


def _id(text: str, word: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _not_found(word) from None


def _not_found(word: str) -> ApiRefused:
    return ApiRefused("profile.not_found", f"There is no such {word}.")


_MINE: Final = "/api/v1/me/payment-details"
_ADMIN: Final = "/api/v1/admin"

ROUTES: Final = (
    Route("GET", _MINE, "One's own bank and tax details, masked.", PAID, my_payment_details,
          PaymentDetailsOk),
    Route("PATCH", _MINE, "Give, replace or take away bank and tax details.", PAID,
          change_my_payment_details, PaymentDetailsOk, PaymentDetailsChange,
          errors=("payment_details.invalid",)),
    Route("GET", f"{_ADMIN}/wholesalers/{{wholesaler_id}}/payment-details",
          "A wholesaler's bank and tax details, masked.", ADMIN, payment_details_of_wholesaler,
          PaymentDetailsOk, errors=("profile.not_found",)),
    Route("GET", f"{_ADMIN}/influencers/{{influencer_id}}/payment-details",
          "An influencer's bank and tax details, masked.", ADMIN, payment_details_of_influencer,
          PaymentDetailsOk, errors=("profile.not_found",)),
)  # fmt: skip
