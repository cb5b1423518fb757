"""Statements: every paisa on the accounts of a wholesaler or influencer, and where it came from.

Each line is an entry of the ledger. Its balance is that of its account afterwards, so the lines of
an account, read from the bottom up, can be added up by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor, Database, Query
from shop.payouts import PayeeKind
from shop.refusal import ShopRefused

Account = Literal["all", "pending", "available"]
_BATCH: Final = 5_000
MOST_LINES: Final = 100_000
"""In one file: what a spreadsheet still opens."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """part: which leg of the event it is: wholesaler, commission, discount … quantity: of
    the pieces that were paid for or given back; None for a part of a price. available_from: when
    the hold ends, of a sale that is earned and pending. breakdown: how what was paid for them was
    shared out, on the lines of a sale; what was given back of each, on those of a refund."""

    id: int
    at: datetime
    account: str
    kind: str
    part: str
    amount_minor: int
    balance_minor: int
    order_id: UUID | None
    order_number: str | None
    order_item_id: UUID | None
    product_name: str | None
    quantity: int | None
    note: str | None
    available_from: datetime | None
    payout_id: UUID | None
    breakdown: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Balances:
    """on_its_way_minor: claimed by payouts whose bank has not confirmed yet."""

    pending_minor: int
    available_minor: int
    on_its_way_minor: int
    paid_out_minor: int


@dataclass(frozen=True, slots=True)
class Whose:
    """The reader's own, or that of payee_id for an admin."""

    reader: Actor
    kind: PayeeKind
    payee_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """next: the id of the last line, while there are more."""

    lines: tuple[StatementLine, ...]
    next: int | None


_STATEMENT: Final = Query("payouts.statement", StatementLine)
_BALANCES: Final = Query("payouts.balances", Balances)


async def balances(db: Database, whose: Whose) -> Balances:
    """Raises ShopRefused when there is no such payee."""
    found = await db.acting_as(whose.reader).one(_BALANCES, whose.kind, whose.payee_id)
    if found is None:
        raise ShopRefused("payee.not_found", "There is no such wholesaler or influencer.")
    return found


async def page(
    db: Database, whose: Whose, account: Account, after: int | None, limit: int, hold_days: int
) -> Page:
    """Newest first."""
    rows = await db.acting_as(whose.reader).all(
        _STATEMENT, whose.kind, whose.payee_id, account, None, None, after, limit + 1, hold_days
    )
    lines = tuple(rows[:limit])
    return Page(lines, lines[-1].id if len(rows) > limit else None)


async def window(
    db: Database, whose: Whose, start: datetime, end: datetime, hold_days: int
) -> list[StatementLine]:
    """All lines of a time, oldest first. Raises ShopRefused when they are too many for a file."""
    lines: list[StatementLine] = []
    after: int | None = None
    while True:
        rows = await db.acting_as(whose.reader).all(
            _STATEMENT, whose.kind, whose.payee_id, "all", start, end, after, _BATCH, hold_days
        )
        lines += rows
        if len(rows) < _BATCH:
            return lines[::-1]
        if len(lines) >= MOST_LINES:
            raise ShopRefused(
                "statement.too_long", "This is too much for one file. Please ask for fewer days."
            )
        after = rows[-1].id
