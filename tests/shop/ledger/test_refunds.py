"""What goes back to a customer is taken from those who had a share of it: exactly, and once."""

import pytest

from tests.shop.ledger.books import Books, Line, Order


async def _sold(books: Books, *lines: Line, shipping_minor: int = 0) -> Order:
    order = await books.order(*lines, shipping_minor=shipping_minor)
    await books.capture(order)
    await books.deliver(order)
    return order


async def test_a_full_refund_before_the_payout_leaves_nothing_on_any_account(books: Books) -> None:
    order = await _sold(books, Line(), Line(price_minor=3_333, quantity=3), shipping_minor=4_900)
    await books.refund(order, order.total_minor)
    assert await books.balances() == {}


async def test_b28_refunds_piece_by_piece_return_exactly_the_original(books: Books) -> None:
    line = Line(price_minor=3_333, quantity=3, discount_minor=100, funded_by="influencer")
    order = await _sold(books, line)
    refunded = 0
    for pieces in (1, 2, 3):
        amount = (2 * line.paid_minor * pieces + 3) // 6 - refunded
        refunded += amount
        await books.refund(order, amount, (0, 1, amount))
        assert sum((await books.balances()).values()) == 0
    assert await books.balances() == {}


async def test_a_refund_of_some_pieces_takes_their_part_of_each_leg(books: Books) -> None:
    order = await _sold(books, Line(quantity=3))
    await books.refund(order, 118_000, (0, 1, 118_000))
    assert await books.balances() == {
        "gateway_clearing:test": -236_000,
        "wholesaler_pending:0": 181_200,
        "influencer_pending:0": 27_000,
        "platform_fee_income": 20_000,
        "platform_influencer_cut": 3_000,
        "gst_on_fees": 3_600,
        "tcs_payable": 1_000,
        "tds_payable": 200,
    }


async def test_b31_a_refund_changes_the_balance_of_the_wholesaler(books: Books) -> None:
    order = await _sold(books, Line())
    await books.release()
    await books.refund(order, 59_000, (0, 0, 59_000))
    balances = await books.balances()
    assert balances["wholesaler_available:0"] == 45_300
    assert balances["influencer_available:0"] == 6_750


async def test_a_refund_after_the_hold_takes_it_from_what_was_free_for_payout(
    books: Books,
) -> None:
    order = await _sold(books, Line())
    await books.release()
    await books.refund(order, 118_000, (0, 1, 118_000))
    assert await books.balances() == {}
    assert await books.earnings() == [
        ("commission", 13_500, "processed"),
        ("clawback", -13_500, "processed"),
    ]


async def test_a_refund_is_posted_once_however_often_it_is_asked_for(books: Books) -> None:
    order = await _sold(books, Line(quantity=2))
    refund_id = await books.refund(order, 118_000, (0, 1, 118_000))
    before = await books.balances()
    for _ in range(3):
        await books.sql.execute("select private.ledger_refunded_v1($1)", refund_id)
    assert await books.balances() == before


async def test_a_refund_that_waits_or_failed_moves_no_money(books: Books) -> None:
    order = await _sold(books, Line())
    before = await books.balances()
    refund_id = await books.refund(order, 118_000, (0, 1, 118_000), status="pending")
    await books.sql.execute("select private.ledger_refunded_v1($1)", refund_id)
    assert await books.balances() == before
    await books.settle_refund(refund_id, "failed")
    assert await books.balances() == before
    await books.settle_refund(refund_id, "pending")
    await books.settle_refund(refund_id)
    assert await books.balances() == {}


async def test_what_a_refund_gives_beyond_its_lines_is_shipping_then_the_platforms(
    books: Books,
) -> None:
    order = await _sold(books, Line(), shipping_minor=4_900)
    await books.refund(order, 59_000 + 4_900, (0, 0, 59_000))
    balances = await books.balances()
    assert "shipping_income" not in balances
    assert balances["wholesaler_pending:0"] == 45_300
    await books.refund(order, 1_000, (0, 0, 500))
    assert (await books.balances())["adjustments"] == -500


async def test_a_refund_that_names_no_lines_takes_a_share_of_everything(books: Books) -> None:
    order = await _sold(books, Line(), Line(), shipping_minor=118_000)
    await books.refund(order, 100)
    balances = await books.balances()
    assert balances["shipping_income"] == 118_000 - 33
    lines = await books.sql.fetch("select refunded_minor from private.ledger_lines")
    assert sorted(row[0] for row in lines) == [33, 34]
    assert sum(balances.values()) == 0


async def test_b29_a_refund_goes_back_through_the_provider_that_took_the_money(
    books: Books,
) -> None:
    order = await books.order(provider="stripe")
    await books.capture(order)
    await books.sql.execute("update orders set payment_gateway = 'razorpay'")
    await books.refund(order, 118_000)
    assert await books.balances() == {}


async def test_cash_is_given_back_through_the_bank(books: Books) -> None:
    order = await books.order(provider="cod")
    await books.collect(order)
    await books.remit(order)
    await books.refund(order, 118_000, (0, 1, 118_000), method="upi")
    assert await books.balances() == {}


async def test_store_credit_is_owed_to_the_customer(books: Books) -> None:
    order = await _sold(books, Line())
    await books.refund(order, 118_000, (0, 1, 118_000), method="store_credit")
    assert await books.balances() == {"store_credit": 118_000, "gateway_clearing:test": -118_000}


async def test_a_refund_before_delivery_takes_back_nothing_that_was_not_earned(
    books: Books,
) -> None:
    order = await books.order()
    await books.capture(order)
    await books.refund(order, 118_000, (0, 1, 118_000))
    assert await books.earnings() == []
    assert await books.balances() == {}


async def test_orders_that_are_older_than_the_ledger_are_left_alone(books: Books) -> None:
    order = await books.order()
    await books.sql.execute("update orders set payment_status = 'paid'")
    await books.refund(order, 118_000)
    assert await books.balances() == {}
    assert await books.sql.fetchval("select count(*) from private.ledger_events") == 0


async def test_a_refund_that_is_written_as_done_at_once_is_posted_with_its_lines(
    books: Books,
) -> None:
    order = await _sold(books, Line(quantity=2))
    async with books.sql.transaction():
        refund_id = await books.sql.fetchval(
            "insert into refunds (order_id, amount, status) values ($1, 1180, 'succeeded')"
            " returning id",
            order.id,
        )
        await books.sql.execute(
            "insert into private.refund_lines (refund_id, part, order_item_id, quantity,"
            " amount_minor) values ($1, 'item', $2, 1, 118000)",
            refund_id,
            order.item_ids[0],
        )
    assert (await books.balances())["wholesaler_pending:0"] == 90_600


@pytest.mark.parametrize("amount", [1, 2, 3, 58_999, 59_001, 117_999])
async def test_b28_whatever_is_given_back_the_legs_come_to_it(books: Books, amount: int) -> None:
    order = await _sold(books, Line())
    await books.refund(order, amount, (0, 0, amount))
    balances = await books.balances()
    assert balances["gateway_clearing:test"] == amount - 118_000
    assert sum(balances.values()) == 0
    await books.refund(order, 118_000 - amount, (0, 0, 118_000 - amount))
    assert await books.balances() == {}
