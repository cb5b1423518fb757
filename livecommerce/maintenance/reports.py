"""The reports as they are read: which there are, and one of them as CSV.

A spreadsheet takes a cell that begins with = + - @ for a formula, whoever wrote it; a title of a
live session or a business name is anybody's text. Such a text gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TextIO
from uuid import UUID

from db import SERVICE, Database, Query

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
BEGINNING: Final = date(2000, 1, 1)
"""Before anything was sold here."""


@dataclass(frozen=True, slots=True)
class SalesRow:
    day: date
    orders: int
    cancelled_orders: int
    customers: int
    pieces: int
    gross_amount: Decimal
    live_amount: Decimal
    shipping_amount: Decimal
    cancelled_amount: Decimal
    refunded_amount: Decimal
    net_amount: Decimal
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class WholesalerRow:
    month: date
    wholesaler_id: UUID
    wholesaler: str
    orders: int
    pieces: int
    gross_amount: Decimal
    cancelled_amount: Decimal
    refunded_amount: Decimal
    net_amount: Decimal
    commission_amount: Decimal
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class InfluencerRow:
    month: date
    influencer_id: UUID
    influencer: str | None
    live_sessions: int
    live_minutes: int
    viewers: int
    new_followers: int
    orders: int
    gross_amount: Decimal
    cancelled_amount: Decimal
    refunded_amount: Decimal
    net_amount: Decimal
    earned_amount: Decimal
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class LiveSessionRow:
    day: date
    live_session_id: UUID
    influencer_id: UUID
    influencer: str | None
    title: str
    minutes: int
    joins: int
    peak_viewers: int
    unique_viewers: int
    messages: int
    reactions: int
    clicks: int
    orders: int
    gross_amount: Decimal
    cancelled_amount: Decimal
    refunded_amount: Decimal
    net_amount: Decimal
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class SupportRow:
    month: date
    category: str
    opened: int
    acknowledged: int
    acknowledged_in_time: int
    escalated: int
    resolved: int
    resolved_in_time: int
    first_response_hours_median: Decimal | None
    first_response_hours_p90: Decimal | None
    resolution_hours_median: Decimal | None
    resolution_hours_p90: Decimal | None
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class AbandonedCartsRow:
    day: date
    carts: int
    lines: int
    amount: Decimal
    computed_at: datetime


REPORTS: Final[dict[str, Query[Any]]] = {
    "sales": Query("maintenance.sales", SalesRow),
    "wholesalers": Query("maintenance.wholesalers", WholesalerRow),
    "influencers": Query("maintenance.influencers", InfluencerRow),
    "live-sessions": Query("maintenance.live_sessions", LiveSessionRow),
    "support": Query("maintenance.support", SupportRow),
    "abandoned-carts": Query("maintenance.abandoned_carts", AbandonedCartsRow),
}


async def write_report(name: str, db: Database, first: date, last: date, to: TextIO) -> int:
    """One report as CSV, a header and the rows of these days; how many rows.

    Raises KeyError for a name that is none, DatabaseUnavailable.
    """
    query = REPORTS[name]
    rows = await db.acting_as(SERVICE).all(query, first, last)
    assert query.row is not None, "every report has a type of rows"
    columns = [field.name for field in dataclasses.fields(query.row)]
    write_csv(columns, ([getattr(row, column) for column in columns] for row in rows), to)
    return len(rows)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], to: TextIO) -> None:
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(value) for value in row])


def cell(value: object) -> object:
    """A value as it stands in a cell. Numbers are ours and stay numbers, also below zero."""
    match value:
        case None:
            return ""
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case datetime():
            return value.isoformat(timespec="seconds")
        case _:
            return value
