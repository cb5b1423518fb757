"""Payouts: what wholesalers and influencers have earned, on its way to their banks.

Money is earned when an item is delivered (paid in cash: when the cash is here, too), pending for
the days of the hold, then available. A batch claims what is available of everybody who has at least
the minimum and can be paid; who has less, or less than nothing after a refund, keeps it for the
next one. A payout is `pending` until the bank's reference is known (`paid`), and may come back
before or after that (`returned`): the money is then available again. The sums are the ledger's, in
20261124000310_payouts.sql; here are the use cases of admins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query
from shop.refusal import RefusalCode, ShopRefused

PayeeKind = Literal["wholesaler", "influencer"]
Status = Literal["pending", "paid", "returned", "cancelled"]
Shelf = Literal["all", "pending", "paid", "returned", "cancelled"]
Problem = Literal["below_minimum", "negative", "inactive", "not_verified", "no_bank_details"]


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """Each is explained at the setting of its name."""

    hold_days: int = 7
    minimum_minor: int = 10_000
    interval_days: int = 7


DEFAULT_PAYOUT_TERMS: Final = PayoutTerms()


@dataclass(frozen=True, slots=True)
class Payout:
    """reference: the bank's. reason: why it came back or was called off. entries: how many of the
    payee's entries it is the sum of. ended_at: when it came back or was called off."""

    id: UUID
    batch_id: UUID
    payee_kind: str
    payee_id: UUID
    payee_name: str
    amount_minor: int
    currency: str
    status: str
    reference: str | None
    reason: str | None
    entries: int
    created_at: datetime
    paid_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """payouts: how many. returned: those called off among them."""

    id: UUID
    created_at: datetime
    is_scheduled: bool
    payouts: int
    amount_minor: int
    pending: int
    paid: int
    returned: int


@dataclass(frozen=True, slots=True)
class Payee:
    """problem: why the next batch would not pay; None when it would."""

    kind: str
    id: UUID
    name: str
    pending_minor: int
    available_minor: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class LedgerAccounts:
    """All accounts of a name (and provider) in sum; what is held is below zero."""

    name: str
    provider: str
    owner_kind: str | None
    accounts: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class SealedPayout:
    """What the bank has to know; details: bank_account_number, ifsc_code, upi_id, sealed."""

    id: UUID
    payee_kind: str
    payee_id: UUID
    payee_name: str
    amount_minor: int
    currency: str
    status: str
    bank_name: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z_{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises ValueError for what is no cursor."""
        at, _, id_ = text.partition("_")
        return cls(datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC), UUID(id_))


@dataclass(frozen=True, slots=True)
class PayoutPage:
    payouts: tuple[Payout, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class BatchPage:
    batches: tuple[Batch, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class PayeePage:
    payees: tuple[Payee, ...]
    next: UUID | None


_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_found": ("payout.not_found", "There is no such payout."),
    "wrong_state": ("payout.wrong_state", "That is not possible in the state of this payout."),
    "nothing_due": ("payout.nothing_due", "Nobody is to be paid right now."),
    "nothing_waits": ("payout.nothing_due", "No payout of this batch is still to be made."),
    "payee_not_found": ("payee.not_found", "There is no such wholesaler or influencer."),
    "key_reused": ("payout.key_reused", "This id was used for something else."),
}

_MAKE_BATCH: Final = Query("payouts.make_batch", bool)
_MOVE: Final = Query("payouts.move", str)
_ADJUST: Final = Query("payouts.adjust", str)
_NOTE_EXPORT: Final = Query("payouts.note_export")
_DETAILS: Final = Query("payouts.details", SealedPayout)
_PAYOUTS: Final = Query("payouts.payouts", Payout)
_BATCHES: Final = Query("payouts.batches", Batch)
_PAYEES: Final = Query("payouts.payees", Payee)
_LEDGER: Final = Query("payouts.ledger", LedgerAccounts)


async def make_batch(
    db: Database, admin_id: UUID, batch_id: UUID, terms: PayoutTerms, now: datetime
) -> Batch:
    """Claim all that can be paid. Raises ShopRefused when that is nothing.

    batch_id: made by the caller, so that the same batch asked for twice is made once.
    """
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        is_made = await transaction.one(_MAKE_BATCH, batch_id, admin_id, terms.minimum_minor, now)
    if not is_made:
        raise _refused("nothing_due")
    rows = await db.acting_as(_admin(admin_id)).all(_BATCHES, batch_id, None, None, 1)
    return rows[0]


async def move(
    db: Database, admin_id: UUID, payout_id: UUID, to: Status, text: str, now: datetime
) -> Payout:
    """text: the bank's reference of one that is paid, else the reason. Raises ShopRefused."""
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        word = await transaction.one(_MOVE, payout_id, to, text, admin_id, now)
    if word != "done":
        raise _refused(str(word))
    rows = await db.acting_as(_admin(admin_id)).all(_PAYOUTS, payout_id, None, "all", None, None, 1)
    return rows[0]


async def payouts(
    db: Database,
    admin_id: UUID,
    shelf: Shelf,
    batch_id: UUID | None,
    after: Cursor | None,
    limit: int,
) -> PayoutPage:
    """Newest first."""
    rows = await db.acting_as(_admin(admin_id)).all(
        _PAYOUTS, None, batch_id, shelf, *_place(after), limit + 1
    )
    page = tuple(rows[:limit])
    return PayoutPage(page, _cursor(page[-1]) if len(rows) > limit else None)


async def batches(db: Database, admin_id: UUID, after: Cursor | None, limit: int) -> BatchPage:
    """Newest first."""
    rows = await db.acting_as(_admin(admin_id)).all(_BATCHES, None, *_place(after), limit + 1)
    page = tuple(rows[:limit])
    return BatchPage(page, _cursor(page[-1]) if len(rows) > limit else None)


async def export(db: Database, admin_id: UUID, batch_id: UUID) -> list[SealedPayout]:
    """What the bank has still to pay of a batch; noted in the audit log. Raises ShopRefused.

    Whoever was paid, or whose money came back or was called off, is not in it: that money is on
    their account again and in the next batch, and a file with both would pay them twice.
    """
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        rows = await transaction.all(_DETAILS, batch_id)
        if not rows:
            raise _refused("not_found")
        waiting = [row for row in rows if row.status == "pending"]
        if not waiting:
            raise _refused("nothing_waits")
        await transaction.run(_NOTE_EXPORT, batch_id, admin_id)
    return waiting


async def payees(
    db: Database, admin_id: UUID, after: UUID | None, limit: int, terms: PayoutTerms
) -> PayeePage:
    """Everybody with something on an account, by id."""
    rows = await db.acting_as(_admin(admin_id)).all(
        _PAYEES, None, None, after, limit + 1, terms.minimum_minor
    )
    page = tuple(rows[:limit])
    return PayeePage(page, page[-1].id if len(rows) > limit else None)


async def adjust(
    db: Database,
    admin_id: UUID,
    adjustment_id: UUID,
    kind: PayeeKind,
    payee_id: UUID,
    amount_minor: int,
    reason: str,
    terms: PayoutTerms,
    now: datetime,
) -> Payee:
    """Give (above zero) a bonus, a correction or a written-off debt, or take. Raises ShopRefused.

    adjustment_id: made by the caller, so that the same one sent twice is made once.
    """
    async with db.acting_as(Actor("service", admin_id)) as transaction:
        word = await transaction.one(
            _ADJUST, adjustment_id, kind, payee_id, amount_minor, reason, admin_id, now
        )
    if word != "done":
        raise _refused("payee_not_found" if word == "not_found" else str(word))
    rows = await db.acting_as(_admin(admin_id)).all(
        _PAYEES, kind, payee_id, None, 1, terms.minimum_minor
    )
    return rows[0]


async def ledger(db: Database, admin_id: UUID) -> tuple[LedgerAccounts, ...]:
    return tuple(await db.acting_as(_admin(admin_id)).all(_LEDGER))


def _admin(user_id: UUID) -> Actor:
    return Actor("admin", user_id)


def _place(after: Cursor | None) -> tuple[datetime | None, UUID | None]:
    return (after.at, after.id) if after else (None, None)


def _cursor(row: Payout | Batch) -> Cursor:
    return Cursor(row.created_at, row.id)


def _refused(word: str) -> ShopRefused:
    code, sentence = _REFUSALS[word]
    return ShopRefused(code, sentence)
