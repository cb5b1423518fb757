"""Statements of wholesalers and influencers: on the page, and as a table to keep."""

import io
from dataclasses import asdict, fields
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Strict, StringConstraints

from db import Actor
from livecommerce.http.api import Call, File, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from livecommerce.maintenance.reports import write_csv
from shop import statements
from shop.payouts import PayeeKind
from shop.statements import Account, StatementLine, Whose
from signaling.payloads import Empty, Id, Wire

WHOLESALER: Final[Who] = frozenset(("wholesaler",))
INFLUENCER: Final[Who] = frozenset(("influencer",))
ADMIN: Final[Who] = frozenset(("admin",))

_PER_PAGE: Final = 50
_INDIA: Final = timezone(timedelta(hours=5, minutes=30))


class StatementFilter(Wire):
    """after: `next` of the page before."""

    account: Account = "all"
    after: Annotated[str, StringConstraints(pattern=r"^\d{0,18}$")] = ""


class Month(Wire):
    """In India's time."""

    month: Annotated[str, StringConstraints(pattern=r"^2\d{3}-(0[1-9]|1[0-2])$")]


class Breakdown(Wire):
    """How what was paid for the pieces of this line was shared out, at the rates of their sale; of
    a refund, what was given back of each, below zero. discount_minor: the coupon's share, which is
    not in paid_minor; who funds it makes it up to the wholesaler."""

    paid_minor: int
    base_minor: int
    tax_minor: int
    fee_bp: int
    fee_minor: int
    fee_gst_bp: int
    fee_gst_minor: int
    commission_bp: int
    commission_minor: int
    cut_bp: int
    cut_minor: int
    tcs_bp: int
    tcs_minor: int
    tds_bp: int
    tds_minor: int
    discount_minor: int
    funded_by: str | None
    wholesaler_minor: int


class Entry(Wire):
    """A line of a statement. balance_minor: of its account afterwards. kind: sale, cod_sale,
    cod_netted, refund, released, payout, payout_returned, payout_cancelled or adjustment."""

    id: str
    at_ms: int
    account: str
    kind: str
    part: str
    amount_minor: int
    balance_minor: int
    order_id: Id | None
    order_number: str | None
    order_item_id: Id | None
    product_name: str | None
    quantity: int | None
    note: str | None
    available_from_ms: int | None
    payout_id: Id | None
    breakdown: Breakdown | None


class StatementBalances(Wire):
    """on_its_way_minor: claimed by payouts whose bank has not confirmed yet."""

    pending_minor: int
    available_minor: int
    on_its_way_minor: int
    paid_out_minor: int
    hold_days: int
    minimum_payout_minor: int


class Statement(Wire):
    """next: what to send as `after` for more; null at the end."""

    balances: StatementBalances
    lines: Annotated[tuple[Entry, ...], Strict(False)]
    next: str | None


async def wholesaler_statement(call: Call[StatementFilter]) -> Reply:
    return await _statement(call, _own(call, "wholesaler"))


async def influencer_statement(call: Call[StatementFilter]) -> Reply:
    return await _statement(call, _own(call, "influencer"))


async def statement_of_payee(call: Call[StatementFilter]) -> Reply:
    return await _statement(call, _of_payee(call))


async def wholesaler_statement_file(call: Call[Month]) -> Reply:
    return await _file(call, _own(call, "wholesaler"))


async def influencer_statement_file(call: Call[Month]) -> Reply:
    return await _file(call, _own(call, "influencer"))


async def statement_file_of_payee(call: Call[Month]) -> Reply:
    return await _file(call, _of_payee(call))


async def _statement(call: Call[StatementFilter], whose: Whose) -> Reply:
    terms, after = call.deps.payout_terms, call.body.after
    balances = await statements.balances(call.deps.db, whose)
    page = await statements.page(
        call.deps.db,
        whose,
        call.body.account,
        int(after) if after else None,
        _PER_PAGE,
        terms.hold_days,
    )
    return Reply(
        Statement(
            balances=StatementBalances(
                **asdict(balances),
                hold_days=terms.hold_days,
                minimum_payout_minor=terms.minimum_minor,
            ),
            lines=tuple(_entry(line) for line in page.lines),
            next=None if page.next is None else str(page.next),
        )
    )


def _entry(line: StatementLine) -> Entry:
    given = {field.name: getattr(line, field.name) for field in fields(line)}
    given["id"] = str(line.id)
    given["at_ms"] = _ms(given.pop("at"))
    available_from = given.pop("available_from")
    given["available_from_ms"] = None if available_from is None else _ms(available_from)
    breakdown = given["breakdown"]
    given["breakdown"] = None if breakdown is None else Breakdown(**breakdown)
    return Entry(**given)


async def _file(call: Call[Month], whose: Whose) -> Reply:
    year, month = (int(part) for part in call.body.month.split("-"))
    start = datetime(year, month, 1, tzinfo=_INDIA)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=_INDIA)
    # Asked first: without a payee there is no file, not an empty one.
    await statements.balances(call.deps.db, whose)
    lines = await statements.window(
        call.deps.db, whose, start, end, call.deps.payout_terms.hold_days
    )
    out = io.StringIO()
    write_csv(_COLUMNS, (_cells(line) for line in lines), out)
    name = f"statement-{call.body.month}.csv"
    return Reply(File(out.getvalue().encode(), "text/csv", name))


_COLUMNS: Final = (
    "entry", "at", "account", "kind", "part", "amount", "balance", "order", "product", "quantity",
    "paid", "base", "tax", "fee", "fee_gst", "commission", "platform_cut", "tcs", "tds", "discount",
    "discount_funded_by", "payout", "note",
)  # fmt: skip
_OF_BREAKDOWN: Final = (
    "paid_minor", "base_minor", "tax_minor", "fee_minor", "fee_gst_minor", "commission_minor",
    "cut_minor", "tcs_minor", "tds_minor", "discount_minor",
)  # fmt: skip


def _cells(line: StatementLine) -> list[object]:
    split: dict[str, Any] = line.breakdown or {}
    return [
        line.id,
        line.at.astimezone(_INDIA),
        line.account,
        line.kind,
        line.part,
        _rupees(line.amount_minor),
        _rupees(line.balance_minor),
        line.order_number,
        line.product_name,
        line.quantity,
        *(_rupees(split.get(name)) for name in _OF_BREAKDOWN),
        split.get("funded_by"),
        line.payout_id,
        line.note,
    ]


def _rupees(minor: int | None) -> Decimal | None:
    return None if minor is None else Decimal(minor).scaleb(-2)


def _own(call: Call[Any], kind: PayeeKind) -> Whose:
    return Whose(Actor(kind, call.caller.user_id), kind)


def _of_payee(call: Call[Any]) -> Whose:
    given = call.request.match_info
    try:
        payee_id = UUID(given["payee_id"])
    except ValueError:
        payee_id = None
    kind = given["kind"]
    if payee_id is None or kind not in ("wholesaler", "influencer"):
        raise ApiRefused("payee.not_found", "There is no such wholesaler or influencer.")
    admin = Actor("admin", call.caller.user_id)
    return Whose(admin, "wholesaler" if kind == "wholesaler" else "influencer", payee_id)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


_OF_PAYEE: Final = "/api/v1/admin/payees/{kind}/{payee_id}/statement"
_NO_PAYEE: Final = ("payee.not_found",)
_TOO_LONG: Final = ("payee.not_found", "statement.too_long")

ROUTES: Final = (
    Route("GET", "/api/v1/wholesaler/statement",
          "What the wholesaler's sales, refunds and payouts came to, newest first.", WHOLESALER,
          wholesaler_statement, Statement, StatementFilter, errors=_NO_PAYEE),
    Route("GET", "/api/v1/wholesaler/statement.csv", "The same of a month, as a table to keep.",
          WHOLESALER, wholesaler_statement_file, Empty, Month, errors=_TOO_LONG,
          file_type="text/csv"),
    Route("GET", "/api/v1/influencer/statement",
          "What the influencer's commissions, refunds and payouts came to, newest first.",
          INFLUENCER, influencer_statement, Statement, StatementFilter, errors=_NO_PAYEE),
    Route("GET", "/api/v1/influencer/statement.csv", "The same of a month, as a table to keep.",
          INFLUENCER, influencer_statement_file, Empty, Month, errors=_TOO_LONG,
          file_type="text/csv"),
    Route("GET", _OF_PAYEE, "The statement of a wholesaler or influencer, for admins.", ADMIN,
          statement_of_payee, Statement, StatementFilter, errors=_NO_PAYEE),
    Route("GET", f"{_OF_PAYEE}.csv", "The same of a month, as a table to keep.", ADMIN,
          statement_file_of_payee, Empty, Month, errors=_TOO_LONG, file_type="text/csv"),
)  # fmt: skip
