"""Payouts, for admins: who is to be paid, batches, the file for the bank, what came of each."""

import io
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from pydantic import Field, Strict, StringConstraints

from livecommerce import clock
from livecommerce.accounts.sealing import Keyring, Place, UnsealFailed, unseal
from livecommerce.accounts.sealing_keys import SealingKeys, SealingKeysInvalid
from livecommerce.http.api import Call, File, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from livecommerce.maintenance.reports import write_csv
from shop import payouts
from shop.payouts import Cursor, PayeeKind, SealedPayout, Shelf
from signaling.payloads import Empty, Id, Wire

ADMIN: Final[Who] = frozenset(("admin",))

_PER_PAGE: Final = 50
_MOST_MINOR: Final = 10**11
_log = structlog.get_logger(__name__)

_After = Annotated[str, StringConstraints(max_length=100)]
_Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class PayoutFilter(Wire):
    """batch_id: empty for all. after: `next` of the page before."""

    status: Shelf = "all"
    batch_id: Annotated[str, StringConstraints(max_length=36)] = ""
    after: _After = ""


class OlderRows(Wire):
    """after: `next` of the page before."""

    after: _After = ""


class MakeBatch(Wire):
    """id: made by the caller; the same batch asked for twice with it is made once."""

    id: Id | None = None


class Paid(Wire):
    """reference: the bank's, such as the UTR."""

    reference: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
    ]


class Ended(Wire):
    reason: _Reason


class Adjust(Wire):
    """id: made by the caller; the same sent twice with it is done once. amount_minor: above zero in
    favour of the payee (a bonus, a correction, a debt written off), below against."""

    id: Id | None = None
    amount_minor: Annotated[int, Field(ge=-_MOST_MINOR, le=_MOST_MINOR)]
    reason: _Reason


class Payout(Wire):
    """entries: how many lines of the payee's statement it is the sum of. reason: why it came back
    or was called off, at ended_at_ms."""

    id: Id
    batch_id: Id
    payee_kind: PayeeKind
    payee_id: Id
    payee_name: str
    amount_minor: int
    currency: str
    status: payouts.Status
    reference: str | None
    reason: str | None
    entries: int
    created_at_ms: int
    paid_at_ms: int | None
    ended_at_ms: int | None


class Payouts(Wire):
    """next: what to send as `after` for more; null at the end."""

    payouts: Annotated[tuple[Payout, ...], Strict(False)]
    next: str | None


class PayoutOk(Wire):
    payout: Payout


class PayoutBatch(Wire):
    """payouts: how many; returned: those that came back or were called off."""

    id: Id
    created_at_ms: int
    is_scheduled: bool
    payouts: int
    amount_minor: int
    pending: int
    paid: int
    returned: int


class PayoutBatches(Wire):
    """next: what to send as `after` for more; null at the end."""

    batches: Annotated[tuple[PayoutBatch, ...], Strict(False)]
    next: str | None


class PayoutBatchOk(Wire):
    batch: PayoutBatch


class Payee(Wire):
    """problem: why the next batch would leave this payee out."""

    kind: PayeeKind
    id: Id
    name: str
    pending_minor: int
    available_minor: int
    problem: payouts.Problem | None


class Payees(Wire):
    """next: what to send as `after` for more; null at the end."""

    payees: Annotated[tuple[Payee, ...], Strict(False)]
    next: str | None


class PayeeOk(Wire):
    payee: Payee


class LedgerAccount(Wire):
    """All accounts of a name in sum: what is owed or earned is above zero, what is held below."""

    name: str
    provider: str
    owner_kind: str | None
    accounts: int
    balance_minor: int


class Ledger(Wire):
    """is_balanced: all balances come to nothing, as they have to."""

    accounts: Annotated[tuple[LedgerAccount, ...], Strict(False)]
    is_balanced: bool


async def list_payouts(call: Call[PayoutFilter]) -> Reply:
    given = call.body
    batch_id = _id(given.batch_id) if given.batch_id else None
    page = await payouts.payouts(
        call.deps.db,
        call.caller.user_id,
        given.status,
        batch_id,
        _cursor(given.after),
        _PER_PAGE,
    )
    shown = tuple(Payout(**_shown(payout)) for payout in page.payouts)
    return Reply(Payouts(payouts=shown, next=str(page.next) if page.next else None))


async def list_batches(call: Call[OlderRows]) -> Reply:
    page = await payouts.batches(
        call.deps.db, call.caller.user_id, _cursor(call.body.after), _PER_PAGE
    )
    shown = tuple(PayoutBatch(**_shown(batch)) for batch in page.batches)
    return Reply(PayoutBatches(batches=shown, next=str(page.next) if page.next else None))


async def make_payout_batch(call: Call[MakeBatch]) -> Reply:
    batch = await payouts.make_batch(
        call.deps.db,
        call.caller.user_id,
        call.body.id or clock.uuid7(),
        call.deps.payout_terms,
        call.now,
    )
    return Reply(PayoutBatchOk(batch=PayoutBatch(**_shown(batch))))


async def mark_paid(call: Call[Paid]) -> Reply:
    return await _moved(call, "paid", call.body.reference)


async def mark_returned(call: Call[Ended]) -> Reply:
    return await _moved(call, "returned", call.body.reason)


async def cancel_payout(call: Call[Ended]) -> Reply:
    return await _moved(call, "cancelled", call.body.reason)


async def _moved(call: Call[Any], to: payouts.Status, text: str) -> Reply:
    payout_id = _id(call.request.match_info["payout_id"])
    payout = await payouts.move(call.deps.db, call.caller.user_id, payout_id, to, text, call.now)
    return Reply(PayoutOk(payout=Payout(**_shown(payout))))


async def list_payees(call: Call[OlderRows]) -> Reply:
    after = _id(call.body.after) if call.body.after else None
    page = await payouts.payees(
        call.deps.db, call.caller.user_id, after, _PER_PAGE, call.deps.payout_terms
    )
    shown = tuple(Payee(**asdict(payee)) for payee in page.payees)
    return Reply(Payees(payees=shown, next=str(page.next) if page.next else None))


async def adjust_payee(call: Call[Adjust]) -> Reply:
    given = call.request.match_info
    kind = given["kind"]
    if call.body.amount_minor == 0:
        raise _not_well_formed("amount_minor", "is nothing")
    if kind not in ("wholesaler", "influencer"):
        raise ApiRefused("payee.not_found", "There is no such wholesaler or influencer.")
    payee = await payouts.adjust(
        call.deps.db,
        call.caller.user_id,
        call.body.id or clock.uuid7(),
        "wholesaler" if kind == "wholesaler" else "influencer",
        _id(given["payee_id"], "payee"),
        call.body.amount_minor,
        call.body.reason,
        call.deps.payout_terms,
        call.now,
    )
    return Reply(PayeeOk(payee=Payee(**asdict(payee))))


async def ledger(call: Call[Empty]) -> Reply:
    accounts = await payouts.ledger(call.deps.db, call.caller.user_id)
    return Reply(
        Ledger(
            accounts=tuple(LedgerAccount(**asdict(account)) for account in accounts),
            is_balanced=sum(account.balance_minor for account in accounts) == 0,
        )
    )


# ---- the file for the bank

_COLUMNS: Final = (
    "payout_id", "payee", "kind", "amount", "currency", "bank_account_number", "ifsc_code",
    "bank_name", "upi_id", "problem",
)  # fmt: skip


async def batch_file(call: Call[Empty]) -> Reply:
    batch_id = _id(call.request.match_info["batch_id"])
    keyring = _keyring(call.deps.sealing)
    rows = await payouts.export(call.deps.db, call.caller.user_id, batch_id)
    out = io.StringIO()
    write_csv(_COLUMNS, (_cells(keyring, row) for row in rows), out)
    return Reply(File(out.getvalue().encode(), "text/csv", f"payouts-{batch_id}.csv"))


def _cells(keyring: Keyring, row: SealedPayout) -> list[object]:
    clear, problem = _opened(keyring, row)
    return [
        row.id,
        row.payee_name,
        row.payee_kind,
        Decimal(row.amount_minor).scaleb(-2),
        row.currency,
        clear.get("bank_account_number"),
        clear.get("ifsc_code"),
        row.bank_name,
        clear.get("upi_id"),
        problem,
    ]


def _opened(keyring: Keyring, row: SealedPayout) -> tuple[Mapping[str, str], str | None]:
    """Details in clear, or why there are none: one payee's lost key keeps nobody else waiting."""
    try:
        return {
            field: unseal(keyring, Place(f"{row.payee_kind}s.{field}", row.payee_id), text)
            for field, text in row.details.items()
        }, None if row.details else "no bank details"
    except UnsealFailed as error:
        _log.error("payout.details_unreadable", payout_id=str(row.id), reason=str(error))
        return {}, "bank details cannot be opened"


def _keyring(keys: SealingKeys) -> Keyring:
    try:
        return keys.keyring()
    except (SealingKeysInvalid, OSError) as error:
        _log.error("sealing_keys.unusable", reason=str(error))
        raise ApiRefused(
            "service.unavailable", "Bank details are not available right now."
        ) from None


# ---- the wire's forms


def _shown(row: Any) -> dict[str, Any]:
    """The fields of a row; times as milliseconds, under the wire's names."""
    return {
        f"{name}_ms" if name.endswith("_at") else name: round(value.timestamp() * 1000)
        if isinstance(value, datetime)
        else value
        for name, value in asdict(row).items()
    }


def _cursor(text: str) -> Cursor | None:
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except ValueError:
        raise _not_well_formed("after", "is not what a page gave as next") from None


def _not_well_formed(field: str, fault: str) -> ApiRefused:
    return ApiRefused(
        "payload.invalid", "The request is not well formed.", details={"fields": {field: fault}}
    )


def _id(text: str, what: str = "payout") -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ApiRefused(f"{what}.not_found", f"There is no such {what}.") from None


_PAYOUTS: Final = "/api/v1/admin/payouts"
_ONE: Final = f"{_PAYOUTS}/{{payout_id}}"
_BATCHES: Final = "/api/v1/admin/payout-batches"
_PAYEES: Final = "/api/v1/admin/payees"
_MOVE_ERRORS: Final = ("payout.not_found", "payout.wrong_state")

ROUTES: Final = (
    Route("GET", _PAYOUTS, "Payouts, newest first.", ADMIN, list_payouts, Payouts, PayoutFilter,
          errors=("payout.not_found",)),
    Route("GET", _BATCHES, "Batches of payouts, newest first.", ADMIN, list_batches, PayoutBatches,
          OlderRows),
    Route("POST", _BATCHES, "Claim what is available of everybody who can be paid.", ADMIN,
          make_payout_batch, PayoutBatchOk, MakeBatch, status=201, errors=("payout.nothing_due",)),
    Route("GET", f"{_BATCHES}/{{batch_id}}.csv",
          "What the bank has still to pay of a batch, with bank details in clear; noted in the"
          " audit log.", ADMIN, batch_file, Empty,
          errors=("payout.not_found", "payout.nothing_due", "service.unavailable"),
          file_type="text/csv"),
    Route("POST", f"{_ONE}/paid", "The bank has paid it.", ADMIN, mark_paid, PayoutOk, Paid,
          errors=_MOVE_ERRORS),
    Route("POST", f"{_ONE}/returned",
          "It came back, also after it was paid: the payee has the money available again.", ADMIN,
          mark_returned, PayoutOk, Ended, errors=_MOVE_ERRORS),
    Route("POST", f"{_ONE}/cancel", "Call off a payout that the bank was not told of.", ADMIN,
          cancel_payout, PayoutOk, Ended, errors=_MOVE_ERRORS),
    Route("GET", _PAYEES, "Whoever has something on an account, and why it is not paid.", ADMIN,
          list_payees, Payees, OlderRows, errors=("payout.not_found",)),
    Route("POST", f"{_PAYEES}/{{kind}}/{{payee_id}}/adjust",
          "Give a payee something, or take it: a bonus, a correction, a debt written off.", ADMIN,
          adjust_payee, PayeeOk, Adjust, errors=("payee.not_found", "payout.key_reused")),
    Route("GET", "/api/v1/admin/ledger", "The sums of the accounts of the ledger.", ADMIN, ledger,
          Ledger),
)  # fmt: skip
