"""What each event does to the accounts. Credits (owed, earned) are above zero, debits below."""

import asyncio
import uuid

import asyncpg
import pytest

from tests.shop.ledger.books import Books, Line


async def test_the_worked_example_paisa_by_paisa(books: Books) -> None:
    order = await books.order(Line())
    await books.capture(order)
    assert await books.balances() == {
        "gateway_clearing:test": -118_000,
        "wholesaler_pending:0": 90_600,
        "influencer_pending:0": 13_500,
        "platform_fee_income": 10_000,
        "platform_influencer_cut": 1_500,
        "gst_on_fees": 1_800,
        "tcs_payable": 500,
        "tds_payable": 100,
    }


async def test_the_database_splits_a_line_as_the_pure_core_does(books: Books) -> None:
    for paid in (0, 1, 99, 118_000, 129_900, 16_402, 99_999_999):
        row = await books.row(
            "select * from private.split_of_line_v1($1, 18, 1000, 1500, 1800, 1000, 50, 10)", paid
        )
        share = Line(price_minor=paid).share
        assert (row["wholesaler_minor"], row["fee_minor"], row["fee_gst_minor"]) == (
            share.wholesaler_minor,
            share.fee_minor,
            share.fee_gst_minor,
        )
        assert row["commission_minor"] - row["cut_minor"] == share.influencer_minor


async def test_shipping_and_the_fee_for_cash_are_the_platforms(books: Books) -> None:
    order = await books.order(Line(), shipping_minor=4_900, cod_fee_minor=2_500)
    await books.capture(order)
    balances = await books.balances()
    assert balances["shipping_income"] == 4_900
    assert balances["cod_fee_income"] == 2_500
    assert balances["gateway_clearing:test"] == -125_400
    assert balances["wholesaler_pending:0"] == 90_600


async def test_each_wholesaler_and_influencer_has_the_money_of_the_own_lines(books: Books) -> None:
    await books.open(1, 1)
    order = await books.order(Line(), Line(wholesaler=1, influencer=1, quantity=2))
    await books.capture(order)
    balances = await books.balances()
    assert (balances["wholesaler_pending:0"], balances["wholesaler_pending:1"]) == (90_600, 181_200)
    assert (balances["influencer_pending:0"], balances["influencer_pending:1"]) == (13_500, 27_000)
    assert sum(balances.values()) == 0


async def test_nobody_earns_a_commission_of_a_line_that_no_influencer_sold(books: Books) -> None:
    order = await books.order(Line(influencer=None))
    await books.capture(order)
    balances = await books.balances()
    assert balances["wholesaler_pending:0"] == 90_600 + 15_000
    assert "influencer_pending:0" not in balances and "platform_influencer_cut" not in balances


@pytest.mark.parametrize(
    ("funded_by", "wholesaler", "influencer", "platform"),
    # 18,000 off: 1,00,000 are paid, of which 84,746 are the base.
    [("wholesaler", 0, 0, 0), ("platform", 18_000, 0, -18_000), ("influencer", 18_000, -18_000, 0)],
)
async def test_who_funds_a_coupon_makes_up_for_it_in_a_leg_of_its_own(
    books: Books, funded_by: str, wholesaler: int, influencer: int, platform: int
) -> None:
    line = Line(discount_minor=18_000, funded_by=funded_by)
    assert line.paid_minor == 100_000
    await books.capture(await books.order(line))
    balances = await books.balances()
    share = line.share
    assert balances["wholesaler_pending:0"] == share.wholesaler_minor + wholesaler
    assert balances["influencer_pending:0"] == share.influencer_minor + influencer
    assert balances.get("discount_funding", 0) == platform
    assert balances["gateway_clearing:test"] == -100_000


async def test_b28_a_line_that_a_coupon_makes_free_comes_to_exactly_nothing(books: Books) -> None:
    line = Line(discount_minor=118_000, funded_by="platform")
    order = await books.order(line, Line(price_minor=100))
    await books.capture(order)
    rows = await books.sql.fetch(
        "select leg, amount_minor from private.ledger_entries where order_item_id = $1"
        " order by leg",
        order.item_ids[0],
    )
    assert [tuple(row) for row in rows] == [("discount", 118_000), ("discount_funding", -118_000)]


async def test_an_event_is_posted_once(books: Books) -> None:
    order = await books.order(Line())
    await books.capture(order)
    before = await books.balances()
    await books.capture(order)
    await books.sql.execute("select private.ledger_captures_v1($1)", [order.payment_id] * 2)
    assert await books.balances() == before


async def test_two_processes_that_capture_the_same_payment_post_it_once(
    books: Books, database_url: str
) -> None:
    order = await books.order(Line())
    others = [await asyncpg.connect(database_url) for _ in range(4)]
    await asyncio.gather(
        *(
            other.execute("select private.ledger_captured_v1($1)", order.payment_id)
            for other in others
        )
    )
    for other in others:
        await other.close()
    assert (await books.balances())["gateway_clearing:test"] == -118_000


async def test_payments_of_many_orders_at_once_do_not_lock_each_other_out(
    books: Books, database_url: str
) -> None:
    await books.open(2, 2)
    orders = [
        await books.order(Line(wholesaler=i % 3, influencer=i % 3), Line(wholesaler=(i + 1) % 3))
        for i in range(24)
    ]
    others = [await asyncpg.connect(database_url) for _ in range(6)]

    async def capture(other: asyncpg.Connection, ids: list[uuid.UUID]) -> None:
        await other.execute("select private.ledger_captures_v1($1)", ids)

    await asyncio.gather(
        *(
            capture(other, [order.payment_id for order in orders[i::6]])
            for i, other in enumerate(others)
        )
    )
    for other in others:
        await other.close()
    balances = await books.balances()
    assert balances["gateway_clearing:test"] == -24 * 236_000
    assert sum(balances.values()) == 0
    assert await books.offences() == []


async def test_the_ledger_is_append_only_for_its_owner_too(books: Books) -> None:
    await books.capture(await books.order())
    for statement in (
        "update private.ledger_entries set amount_minor = amount_minor + 1",
        "delete from private.ledger_entries",
        "truncate private.ledger_entries",
        "delete from private.ledger_events",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await books.sql.execute(statement)


async def test_the_service_reads_the_ledger_and_writes_nothing_into_it(books: Books) -> None:
    await books.capture(await books.order())
    async with books.sql.transaction():
        await books.sql.execute("set local role service_role")
        assert await books.sql.fetchval("select count(*) from private.ledger_entries") == 8
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with books.sql.transaction():
                await books.sql.execute("update private.ledger_accounts set balance_minor = 0")


async def test_legs_that_do_not_add_up_are_refused(books: Books) -> None:
    with pytest.raises(asyncpg.RaiseError, match="off by 1 paise"):
        await books.sql.execute(
            "select private.post_legs(array[row('adjustment', gen_random_uuid(), 'adjusted', null,"
            " 'a', null, 'adjustments', null, '', 1)::private.ledger_leg])"
        )
    assert await books.sql.fetchval("select count(*) from private.ledger_events") == 0
