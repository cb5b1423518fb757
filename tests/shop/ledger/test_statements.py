"""Statements of a history with everything in it: each line says why, and the lines come to the
totals."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from db import Actor
from shop import payouts, statements
from shop.statements import StatementLine, Whose
from tests.shop.ledger.books import Books, Line

ADMIN = UUID(int=77)
HOLD_DAYS = 7


async def a_year(books: Books) -> None:
    """The worked example; coupons of each funder; pieces given back before and after a payout; cash
    for a part of what was ordered; a bonus; payouts that arrive, come back and are called off."""
    example = await books.order()
    coupons = await books.order(
        *(
            Line(discount_minor=10_003, quantity=3, funded_by=funder)
            for funder in ("platform", "influencer", "wholesaler")
        ),
        shipping_minor=4_900,
    )
    cash = await books.order(Line(quantity=3, price_minor=33_333), provider="cod")
    for order in (example, coupons):
        await books.capture(order)
        await books.deliver(order)
    await books.sql.execute(
        "update order_items set quantity_cancelled = 1 where id = $1", cash.item_ids[0]
    )
    await books.deliver(cash)
    await books.collect(cash)
    await books.remit(cash)
    await books.refund(coupons, 114_666, (0, 1, 114_666))
    await books.release()
    for table in ("wholesalers", "influencers"):
        await books.sql.execute(
            f"update {table} set verification_status = 'verified',"
            " bank_account_number = 'sealed:v1:x:y', ifsc_code = 'sealed:v1:x:y'"
        )
    for ends in (("paid",), ("paid", "returned"), ("cancelled",), ()):
        await _payout(books, ends)
        if ends == ("paid",):
            await books.refund(example, 50_000)


async def _payout(books: Books, ends: tuple[payouts.Status, ...]) -> None:
    terms, now = payouts.PayoutTerms(), await books.now() + timedelta(days=8)
    await payouts.adjust(
        books.db, ADMIN, uuid4(), "influencer", books.influencers[0].id, 90_000, "x", terms, now
    )
    await payouts.adjust(
        books.db, ADMIN, uuid4(), "wholesaler", books.wholesalers[0], 90_000, "x", terms, now
    )
    batch = await payouts.make_batch(books.db, ADMIN, uuid4(), terms, now)
    page = await payouts.payouts(books.db, ADMIN, "all", batch.id, None, 10)
    assert len(page.payouts) == 2
    for payout in page.payouts:
        for end in ends:
            await payouts.move(books.db, ADMIN, payout.id, end, "UTR 1", now)


async def lines_of(books: Books, whose: Whose) -> list[StatementLine]:
    """Oldest first, by pages that are small enough to end between two entries of one event."""
    lines: list[StatementLine] = []
    after: int | None = None
    while True:
        page = await statements.page(books.db, whose, "all", after, 3, HOLD_DAYS)
        lines += page.lines
        if page.next is None:
            return lines[::-1]
        after = page.next


@pytest.fixture(params=["wholesaler", "influencer"])
def whose(request: pytest.FixtureRequest, books: Books) -> Whose:
    kind = request.param
    id_ = books.wholesalers[0] if kind == "wholesaler" else books.influencers[0].id
    return Whose(Actor("admin", ADMIN), kind, id_)


async def test_the_lines_of_all_pages_come_to_the_totals(books: Books, whose: Whose) -> None:
    await a_year(books)
    lines = await lines_of(books, whose)
    balances = await statements.balances(books.db, whose)
    for account, due in (
        ("pending", balances.pending_minor),
        ("available", balances.available_minor),
    ):
        own = [line for line in lines if line.account == account]
        assert sum(line.amount_minor for line in own) == own[-1].balance_minor == due
        for before, after in pairwise(own):
            assert before.balance_minor + after.amount_minor == after.balance_minor
    paid = sum(line.amount_minor for line in lines if line.kind.startswith("payout"))
    assert -paid == balances.on_its_way_minor + balances.paid_out_minor > 0


async def test_each_sale_and_each_refund_is_explained_to_the_paisa(
    books: Books, whose: Whose
) -> None:
    await a_year(books)
    kinds = ("sale", "cod_sale", "refund")
    part = {"wholesaler": "wholesaler", "influencer": "commission"}[whose.kind]
    lines = [
        line for line in await lines_of(books, whose) if line.kind in kinds and line.part == part
    ]
    assert len(lines) == 7
    for line in lines:
        split = line.breakdown
        assert split is not None
        assert split["base_minor"] + split["tax_minor"] == split["paid_minor"]
        taken = sum(split[f"{leg}_minor"] for leg in ("fee", "fee_gst", "commission", "tcs", "tds"))
        if whose.kind == "wholesaler":
            assert split["paid_minor"] - taken == split["wholesaler_minor"] == line.amount_minor
        else:
            assert split["commission_minor"] - split["cut_minor"] == line.amount_minor
        assert (line.amount_minor < 0) == (line.kind == "refund")


async def test_what_makes_up_for_a_coupon_is_said_beside_the_sale(books: Books) -> None:
    await a_year(books)
    whose = Whose(Actor("admin", ADMIN), "wholesaler", books.wholesalers[0])
    lines = await lines_of(books, whose)
    made_up = [line for line in lines if line.part == "discount" and line.kind == "sale"]
    assert [line.amount_minor for line in made_up] == [10_003, 10_003]
    assert all(line.breakdown and line.breakdown["discount_minor"] == 10_003 for line in made_up)


async def test_a_line_says_how_many_pieces_it_is_for(books: Books) -> None:
    await a_year(books)
    whose = Whose(Actor("admin", ADMIN), "wholesaler", books.wholesalers[0])
    told = {
        line.kind: line.quantity
        for line in await lines_of(books, whose)
        if line.part == "wholesaler" and line.kind in ("cod_sale", "refund")
    }
    # Of three that were ordered one was cancelled; the last refund is an amount, not pieces.
    assert told == {"cod_sale": 2, "refund": None}


async def test_what_is_given_back_in_parts_comes_to_nothing_in_each_column(books: Books) -> None:
    """Thirds of 999.00, whose tax does not divide by three."""
    order = await books.order(Line(price_minor=99_900))
    await books.capture(order)
    await books.deliver(order)
    for _ in range(3):
        await books.refund(order, 33_300, (0, 0, 33_300))
    whose = Whose(Actor("admin", ADMIN), "wholesaler", books.wholesalers[0])
    splits = [
        line.breakdown
        for line in await lines_of(books, whose)
        if line.part == "wholesaler" and line.kind in ("sale", "refund") and line.breakdown
    ]
    assert len(splits) == 4
    for column in ("paid_minor", "base_minor", "tax_minor", "wholesaler_minor"):
        assert sum(split[column] for split in splits) == 0, column
