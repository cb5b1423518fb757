"""Payouts: claimed once, paid, come back, called off; what is left for later."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import Actor
from shop import payouts, statements
from shop.payouts import Batch, Payout, PayoutTerms
from shop.refusal import ShopRefused
from tests.shop.ledger.books import Books, Line

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ADMIN = UUID(int=7)
TERMS = PayoutTerms()


@pytest.fixture
async def payable(books: Books) -> Books:
    """Everybody who is paid is verified and has said where to."""
    await verify(books)
    return books


async def verify(books: Books) -> None:
    for table in ("wholesalers", "influencers"):
        await books.sql.execute(
            f"update {table} set verification_status = 'verified',"
            " bank_account_number = 'sealed:v1:x:y', ifsc_code = 'sealed:v1:x:y'"
        )


async def earned(books: Books, *lines: Line) -> Any:
    """An order whose money is free for payout."""
    order = await books.order(*lines)
    await books.capture(order)
    await books.deliver(order)
    assert await books.release() > 0
    return order


async def batch(books: Books, terms: PayoutTerms = TERMS) -> Batch:
    return await payouts.make_batch(books.db, ADMIN, uuid.uuid4(), terms, NOW)


async def listed(books: Books) -> dict[str, Payout]:
    page = await payouts.payouts(books.db, ADMIN, "all", None, None, 50)
    return {payout.payee_kind: payout for payout in page.payouts}


async def move(books: Books, payout: Payout, to: Any, text: str = "UTR 1") -> Payout:
    return await payouts.move(books.db, ADMIN, payout.id, to, text, NOW)


async def test_a_batch_pays_everybody_what_is_available(payable: Books) -> None:
    await earned(payable)
    made = await batch(payable)
    assert (made.payouts, made.amount_minor, made.pending) == (2, 104_100, 2)
    found = await listed(payable)
    assert found["wholesaler"].amount_minor == 90_600
    assert found["influencer"].amount_minor == 13_500
    balances = await payable.balances()
    assert balances["payout_clearing"] == 104_100
    assert "wholesaler_available:0" not in balances


async def test_a_paid_payout_leaves_the_bank_and_the_earning_is_paid(payable: Books) -> None:
    await earned(payable)
    await batch(payable)
    for payout in (await listed(payable)).values():
        done = await move(payable, payout, "paid", "UTR 4711")
        assert (done.status, done.reference) == ("paid", "UTR 4711")
    balances = await payable.balances()
    assert "payout_clearing" not in balances
    assert balances["gateway_clearing:bank"] == 104_100
    assert await payable.earnings() == [("commission", 13_500, "paid")]


async def test_b29_a_payout_that_the_bank_returns_after_it_was_paid_is_available_again(
    payable: Books,
) -> None:
    await earned(payable)
    before = await payable.balances()
    await batch(payable)
    for payout in (await listed(payable)).values():
        await move(payable, payout, "paid")
        done = await move(payable, payout, "returned", "account closed")
        assert (done.status, done.reason) == ("returned", "account closed")
    assert await payable.balances() == before
    assert await payable.earnings() == [("commission", 13_500, "processed")]
    again = await batch(payable)
    assert again.amount_minor == 104_100


@pytest.mark.parametrize("to", ["returned", "cancelled"])
async def test_a_payout_that_was_never_paid_goes_back(payable: Books, to: str) -> None:
    await earned(payable)
    before = await payable.balances()
    await batch(payable)
    for payout in (await listed(payable)).values():
        await move(payable, payout, to, "wrong account")
    assert await payable.balances() == before


async def test_what_is_said_twice_of_a_payout_is_done_once(payable: Books) -> None:
    await earned(payable)
    await batch(payable)
    payout = (await listed(payable))["wholesaler"]
    for to in ("paid", "paid", "returned", "returned"):
        await move(payable, payout, to)
    assert (await payable.balances())["wholesaler_available:0"] == 90_600


@pytest.mark.parametrize(
    ("moves", "refused"),
    [(["paid"], "cancelled"), (["returned"], "paid"), (["cancelled"], "paid"),
     (["paid", "returned"], "paid")],
)  # fmt: skip
async def test_a_payout_moves_only_along_its_states(
    payable: Books, moves: list[str], refused: str
) -> None:
    await earned(payable)
    await batch(payable)
    payout = (await listed(payable))["wholesaler"]
    for to in moves:
        await move(payable, payout, to)
    before = await payable.balances()
    with pytest.raises(ShopRefused) as caught:
        await move(payable, payout, refused)
    assert caught.value.code == "payout.wrong_state"
    assert await payable.balances() == before


async def test_a_payout_that_does_not_exist_is_refused(payable: Books) -> None:
    with pytest.raises(ShopRefused) as caught:
        await payouts.move(payable.db, ADMIN, UUID(int=1), "paid", "x", NOW)
    assert caught.value.code == "payout.not_found"


async def test_less_than_the_minimum_is_kept_for_the_next_batch(payable: Books) -> None:
    await earned(payable)
    made = await batch(payable, PayoutTerms(minimum_minor=13_501))
    assert made.payouts == 1
    await earned(payable)
    made = await batch(payable, PayoutTerms(minimum_minor=13_501))
    assert made.amount_minor == 90_600 + 27_000


async def test_nobody_is_paid_twice_and_a_batch_of_nobody_is_none(payable: Books) -> None:
    await earned(payable)
    await batch(payable)
    with pytest.raises(ShopRefused) as caught:
        await batch(payable)
    assert caught.value.code == "payout.nothing_due"
    assert (await payouts.batches(payable.db, ADMIN, None, 50)).next is None


async def test_the_same_batch_asked_for_twice_is_made_once(payable: Books) -> None:
    await earned(payable)
    id_ = uuid.uuid4()
    first = await payouts.make_batch(payable.db, ADMIN, id_, TERMS, NOW)
    await earned(payable)
    assert await payouts.make_batch(payable.db, ADMIN, id_, TERMS, NOW) == first


async def test_batches_at_the_same_time_pay_once(payable: Books) -> None:
    await earned(payable)
    results = await asyncio.gather(*(batch(payable) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, Batch) for result in results) == 1
    assert (await payable.balances())["payout_clearing"] == 104_100


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("is_active = false", "inactive"),
        ("verification_status = 'pending'", "not_verified"),
        ("bank_account_number = null", "no_bank_details"),
        ("ifsc_code = null", "no_bank_details"),
    ],
)
async def test_who_cannot_be_paid_keeps_it_and_admins_see_why(
    payable: Books, change: str, problem: str
) -> None:
    await earned(payable)
    await payable.sql.execute(f"update wholesalers set {change}")
    made = await batch(payable)
    assert made.amount_minor == 13_500
    page = await payouts.payees(payable.db, ADMIN, None, 50, TERMS)
    assert [(payee.kind, payee.available_minor, payee.problem) for payee in page.payees] == [
        ("wholesaler", 90_600, problem)
    ]


async def test_an_influencer_can_be_paid_by_upi(payable: Books) -> None:
    await earned(payable)
    await payable.sql.execute(
        "update influencers set bank_account_number = null, upi_id = 'sealed:v1:x:y'"
    )
    assert (await batch(payable)).payouts == 2


# ---- refunds after payouts


async def test_b30_a_refund_after_the_payout_is_netted_from_the_next_one_once(
    payable: Books,
) -> None:
    order = await earned(payable)
    await batch(payable)
    for payout in (await listed(payable)).values():
        await move(payable, payout, "paid")
    await payable.refund(order, 118_000, (0, 1, 118_000))
    assert (await payable.balances())["wholesaler_available:0"] == -90_600
    with pytest.raises(ShopRefused):
        await batch(payable)
    await earned(payable, Line(quantity=3))
    made = await batch(payable)
    assert made.amount_minor == 2 * (90_600 + 13_500)
    for payout in (await payouts.payouts(payable.db, ADMIN, "pending", made.id, None, 9)).payouts:
        assert payout.entries == 2, "the clawback and the sale"
        await move(payable, payout, "paid")
    assert sum((await payable.balances()).values()) == 0


async def test_a_debt_can_be_written_off(payable: Books) -> None:
    order = await earned(payable)
    await batch(payable)
    await payable.refund(order, 118_000, (0, 1, 118_000))
    payee = await payouts.adjust(
        payable.db, ADMIN, uuid.uuid4(), "wholesaler", payable.wholesalers[0], 90_600,
        "closed his shop", TERMS, NOW,
    )  # fmt: skip
    assert payee.available_minor == 0
    assert (await payable.balances())["adjustments"] == -90_600


async def test_a_bonus_is_paid_with_the_next_batch_and_shown_as_an_earning(
    payable: Books,
) -> None:
    id_, influencer = uuid.uuid4(), payable.influencers[0]

    async def give(amount: int) -> Any:
        return await payouts.adjust(
            payable.db, ADMIN, id_, "influencer", influencer.id, amount, "best of May", TERMS, NOW
        )

    await give(20_000)
    assert (await give(20_000)).available_minor == 20_000, "sent twice, done once"
    with pytest.raises(ShopRefused) as caught:
        await give(30_000)
    assert caught.value.code == "payout.key_reused"
    assert await payable.earnings() == [("bonus", 20_000, "processed")]
    await batch(payable)
    await move(payable, (await listed(payable))["influencer"], "paid")
    assert await payable.earnings() == [("bonus", 20_000, "paid")]


async def test_who_does_not_exist_is_given_nothing(payable: Books) -> None:
    with pytest.raises(ShopRefused) as caught:
        await payouts.adjust(
            payable.db, ADMIN, uuid.uuid4(), "influencer", UUID(int=3), 1, "x", TERMS, NOW
        )
    assert caught.value.code == "payee.not_found"


# ---- the schedule


async def scheduled(books: Books, now: datetime, size: int = 500, days: int = 7) -> int:
    """A run of the job's step, to its end; how many payouts it made."""
    made: int = 0
    after = None
    while True:
        row = await books.row(
            "select * from private.make_payouts_v1($1, $2, $3, 10000, $4)", now, after, size, days
        )
        made += row["done"]
        after = row["walked_to"]
        if after is None:
            return made


async def test_b29_payouts_are_made_by_the_clock(payable: Books) -> None:
    await earned(payable)
    assert await scheduled(payable, NOW) == 2
    await earned(payable)
    assert await scheduled(payable, NOW + timedelta(days=1)) == 0
    assert await scheduled(payable, NOW + timedelta(days=7)) == 2


async def test_a_day_on_which_nobody_is_due_does_not_use_up_the_interval(payable: Books) -> None:
    assert await scheduled(payable, NOW) == 0
    await earned(payable)
    assert await scheduled(payable, NOW + timedelta(hours=1)) == 2


async def test_a_batch_that_was_cut_off_is_gone_on_with(payable: Books) -> None:
    await payable.open(3, 3)
    await verify(payable)
    await earned(payable, *(Line(wholesaler=i, influencer=i) for i in range(4)))
    first = await payable.row("select * from private.make_payouts_v1($1, null, 3, 10000, 7)", NOW)
    assert first["done"] == 3 and first["walked_to"] is not None
    assert await scheduled(payable, NOW + timedelta(hours=1), size=3) == 5
    page = await payouts.batches(payable.db, ADMIN, None, 50)
    assert [(made.payouts, made.amount_minor) for made in page.batches] == [(8, 4 * 104_100)]


# ---- statements


async def test_a_statement_explains_every_paisa_of_a_balance(payable: Books) -> None:
    order = await earned(payable)
    await batch(payable)
    payout = (await listed(payable))["wholesaler"]
    await move(payable, payout, "paid")
    await payable.refund(order, 59_000, (0, 0, 59_000))
    whose = statements.Whose(Actor("admin", ADMIN), "wholesaler", payable.wholesalers[0])
    page = await statements.page(payable.db, whose, "all", None, 50, 7)
    told = [(line.account, line.kind, line.amount_minor, line.balance_minor) for line in page.lines]
    assert told == [
        ("available", "refund", -45_300, -45_300),
        ("available", "payout", -90_600, 0),
        ("pending", "released", -90_600, 0),
        ("available", "released", 90_600, 90_600),
        ("pending", "sale", 90_600, 90_600),
    ]
    sale = page.lines[-1]
    assert sale.breakdown is not None
    legs = ("wholesaler_minor", "fee_minor", "fee_gst_minor", "commission_minor", "tcs_minor",
            "tds_minor")  # fmt: skip
    assert sum(sale.breakdown[leg] for leg in legs) == sale.breakdown["paid_minor"] == 118_000
    assert sale.product_name == "Linen shirt" and sale.order_id == order.id
    found = await statements.balances(payable.db, whose)
    assert found == statements.Balances(0, -45_300, 0, 90_600)


async def test_a_statement_is_read_page_by_page(payable: Books) -> None:
    for _ in range(3):
        await earned(payable)
    whose = statements.Whose(Actor("admin", ADMIN), "influencer", payable.influencers[0].id)
    seen, after = [], None
    while True:
        page = await statements.page(payable.db, whose, "available", after, 2, 7)
        seen += [line.balance_minor for line in page.lines]
        after = page.next
        if after is None:
            break
    assert seen == [40_500, 27_000, 13_500]


async def test_a_sale_on_hold_says_when_it_is_free(books: Books) -> None:
    order = await books.order()
    await books.capture(order)
    whose = statements.Whose(Actor("admin", ADMIN), "influencer", books.influencers[0].id)
    assert (await statements.page(books.db, whose, "all", None, 9, 7)).lines[
        0
    ].available_from is None
    await books.deliver(order)
    row = await books.sql.fetchval("select earned_at from private.ledger_lines")
    line = (await statements.page(books.db, whose, "all", None, 9, 7)).lines[0]
    assert line.available_from == row + timedelta(days=7)


async def test_nobody_reads_the_statement_of_another(books: Books) -> None:
    await books.capture(await books.order())
    other = await books.shop.user("wholesaler")
    whose = statements.Whose(Actor("wholesaler", other), "wholesaler")
    assert (await statements.page(books.db, whose, "all", None, 9, 7)).lines == ()
    spy = statements.Whose(Actor("wholesaler", other), "wholesaler", books.wholesalers[0])
    assert (await statements.page(books.db, spy, "all", None, 9, 7)).lines == ()
    with pytest.raises(ShopRefused):
        await statements.balances(books.db, spy)


async def test_a_statement_takes_no_writing(books: Books) -> None:
    with pytest.raises(asyncpg.PostgresError):
        async with books.sql.transaction():
            await books.sql.execute("set local role service_role")
            await books.sql.execute("delete from private.payouts")
