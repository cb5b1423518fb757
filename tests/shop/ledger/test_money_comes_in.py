"""Money that comes late, twice, in cash; when it is earned and when it is free for payout."""

import uuid

import asyncpg
import pytest

from tests.shop.ledger.books import Books, Line

AVAILABLE = {"wholesaler_available:0": 90_600, "influencer_available:0": 13_500}


async def test_b23_what_comes_in_for_a_cancelled_order_is_owed_to_the_customer(
    books: Books,
) -> None:
    order = await books.order()
    await books.sql.execute("update orders set status = 'cancelled' where id = $1", order.id)
    await books.capture(order)
    assert await books.balances() == {
        "gateway_clearing:test": -118_000,
        "refunds_payable": 118_000,
    }
    await books.refund(order, 118_000)
    assert await books.balances() == {}


async def test_b19_a_second_payment_of_an_order_is_owed_until_it_is_back(books: Books) -> None:
    order = await books.order()
    await books.capture(order)
    before = await books.balances()
    second = await books.pay(order, uuid.uuid4())
    await books.sql.execute(
        "insert into private.payment_reversals (payment_id, amount_minor) values ($1, $2)",
        second,
        118_000,
    )
    balances = await books.balances()
    assert balances["refunds_payable"] == 118_000
    assert balances["gateway_clearing:test"] == -236_000
    assert balances["wholesaler_pending:0"] == 90_600
    await books.sql.execute("update private.payment_reversals set status = 'succeeded'")
    assert await books.balances() == before


async def test_b19_the_refund_of_a_sale_does_not_take_what_a_second_payment_is_owed(
    books: Books,
) -> None:
    order = await books.order()
    await books.capture(order)
    second = await books.pay(order, uuid.uuid4())
    await books.sql.execute(
        "insert into private.payment_reversals (payment_id, amount_minor) values ($1, $2)",
        second,
        118_000,
    )
    await books.refund(order, 118_000)
    assert await books.balances() == {
        "gateway_clearing:test": -118_000,
        "refunds_payable": 118_000,
    }


async def test_a_second_capture_that_was_not_called_off_is_owed_and_no_second_sale(
    books: Books,
) -> None:
    order = await books.order()
    await books.capture(order)
    await books.capture(order, await books.pay(order, uuid.uuid4()))
    balances = await books.balances()
    assert balances["wholesaler_pending:0"] == 90_600
    assert balances["refunds_payable"] == 118_000


# ---- cash


async def test_b31_cash_at_the_door_is_on_its_way_and_earns_nobody_anything(books: Books) -> None:
    order = await books.order(Line(), provider="cod", cod_fee_minor=2_000)
    await books.deliver(order)
    await books.collect(order)
    balances = await books.balances()
    assert balances["cod_in_transit"] == -120_000
    assert balances["wholesaler_pending:0"] == 90_600
    assert await books.earnings() == []
    assert await books.release(after_days=400) == 0, "not payable before the cash is here"


async def test_cash_is_earned_when_it_is_remitted_and_delivered(books: Books) -> None:
    order = await books.order(Line(), provider="cod")
    await books.deliver(order)
    await books.collect(order)
    await books.remit(order)
    balances = await books.balances()
    assert balances["gateway_clearing:bank"] == -118_000
    assert "cod_in_transit" not in balances
    assert await books.earnings() == [("commission", 13_500, "pending")]
    assert await books.release() == 1
    assert (await books.balances()).items() >= AVAILABLE.items()


async def test_cash_that_is_remitted_before_the_courier_says_collected_is_both(
    books: Books,
) -> None:
    order = await books.order(Line(), provider="cod")
    await books.remit(order)
    balances = await books.balances()
    assert balances["gateway_clearing:bank"] == -118_000
    assert "cod_in_transit" not in balances


async def test_b31_cash_that_the_wholesaler_took_raises_nothing_that_he_can_withdraw(
    books: Books,
) -> None:
    order = await books.order(Line(), provider="cod")
    await books.deliver(order)
    await books.collect(order, holder=books.wholesalers[0])
    balances = await books.balances()
    assert balances["cod_in_transit:0"] == -118_000
    assert "wholesaler_available:0" not in balances
    # He keeps the cash: what he has had is taken off what he is owed.
    await books.remit(order, is_netted=True)
    assert await books.release() == 1
    balances = await books.balances()
    assert balances["wholesaler_available:0"] == 90_600 - 118_000
    assert "cod_in_transit:0" not in balances


async def test_a_courier_has_no_account_that_cash_could_be_netted_with(books: Books) -> None:
    order = await books.order(Line(), provider="cod")
    await books.collect(order)
    with pytest.raises(asyncpg.PostgresError, match="no account"):
        await books.remit(order, is_netted=True)


async def test_cash_is_for_the_pieces_that_were_not_cancelled(books: Books) -> None:
    order = await books.order(Line(price_minor=100, quantity=3), provider="cod", shipping_minor=50)
    await books.sql.execute("update order_items set quantity_cancelled = 1")
    due = await books.sql.fetchval("select private.order_due_v1($1)", order.id)
    assert due == 250
    await books.sql.execute("update private.payments set amount_minor = $1", due)
    await books.collect(order)
    balances = await books.balances()
    assert balances["cod_in_transit"] == -250
    assert balances["shipping_income"] == 50
    assert "refunds_payable" not in balances
    assert sum(balances.values()) == 0


async def test_nothing_is_due_of_an_order_that_was_cancelled_whole(books: Books) -> None:
    order = await books.order(Line(), provider="cod", shipping_minor=50)
    await books.sql.execute("update order_items set quantity_cancelled = quantity")
    assert await books.sql.fetchval("select private.order_due_v1($1)", order.id) == 0


# ---- delivery and hold


async def test_a_line_is_earned_when_it_is_paid_and_delivered_in_whichever_order(
    books: Books,
) -> None:
    early, late = await books.order(), await books.order()
    await books.capture(early)
    assert await books.earnings() == []
    await books.deliver(early)
    await books.deliver(late)
    assert await books.earnings() == [("commission", 13_500, "pending")]
    await books.capture(late)
    assert await books.earnings() == [("commission", 13_500, "pending")] * 2


async def test_the_total_of_the_influencer_follows_the_earnings(books: Books) -> None:
    order = await books.order(Line(quantity=2))
    await books.capture(order)
    await books.deliver(order)
    total = "select total_earnings * 100 from influencers"
    assert await books.sql.fetchval(total) == 27_000
    await books.refund(order, 118_000, (0, 1, 118_000))
    assert await books.sql.fetchval(total) == 13_500


async def test_b29_a_line_in_two_parcels_is_earned_once_with_the_last_one(books: Books) -> None:
    order = await books.order(Line(quantity=3))
    await books.capture(order)
    await books.sql.execute("update order_items set quantity_shipped = 2, quantity_delivered = 2")
    await books.sql.execute("select private.ledger_delivered_v1($1)", order.item_ids)
    assert await books.earnings() == []
    await books.deliver(order)
    await books.deliver(order)
    assert await books.earnings() == [("commission", 3 * 13_500, "pending")]


async def test_a_line_is_earned_when_the_rest_of_it_is_cancelled(books: Books) -> None:
    order = await books.order(Line(quantity=2))
    await books.capture(order)
    await books.sql.execute("update order_items set quantity_shipped = 1, quantity_delivered = 1")
    await books.sql.execute("update order_items set quantity_cancelled = 1")
    await books.refund(order, 118_000, (0, 1, 118_000))
    await books.sql.execute("select private.ledger_delivered_v1($1)", order.item_ids)
    assert await books.earnings() == [
        ("commission", 27_000, "pending"),
        ("clawback", -13_500, "pending"),
    ]


async def test_an_order_that_is_said_to_be_delivered_begins_the_hold_of_its_lines(
    books: Books,
) -> None:
    order = await books.order(Line(), Line(price_minor=100))
    await books.capture(order)
    for status in ("confirmed", "shipped", "delivered"):
        await books.sql.execute("update orders set status = $1", status)
    assert [amount for _, amount, _ in await books.earnings()] == [13_500, 12]


async def test_the_hold_runs_out_after_its_days_and_not_before(books: Books) -> None:
    order = await books.order()
    await books.capture(order)
    await books.deliver(order)
    assert await books.release(after_days=6) == 0
    assert await books.release(after_days=7) == 1
    assert await books.release(after_days=8) == 0
    balances = await books.balances()
    assert balances.items() >= AVAILABLE.items()
    assert "wholesaler_pending:0" not in balances
    assert await books.earnings() == [("commission", 13_500, "processed")]


async def test_what_is_not_delivered_stays_pending_for_ever(books: Books) -> None:
    await books.capture(await books.order())
    assert await books.release(after_days=4000) == 0


async def test_the_hold_goes_on_while_something_is_about_to_be_given_back(books: Books) -> None:
    order, returned = await books.order(), await books.order()
    for each in (order, returned):
        await books.capture(each)
        await books.deliver(each)
    refund_id = await books.refund(order, 1_000, (0, 0, 1_000), status="pending")
    for status in ("confirmed", "shipped", "delivered"):
        await books.sql.execute("update orders set status = $2 where id = $1", returned.id, status)
    return_id = await books.sql.fetchval(
        "insert into returns (order_id, customer_id, reason, return_number)"
        " values ($1, $2, 'other', '') returning id",
        returned.id,
        books.customer_id,
    )
    await books.sql.execute(
        "insert into return_items (return_id, order_item_id, quantity) values ($1, $2, 1)",
        return_id,
        returned.item_ids[0],
    )
    assert await books.release() == 0
    await books.settle_refund(refund_id, "failed")
    assert await books.release() == 1
    await books.sql.execute("update returns set status = 'rejected'")
    assert await books.release() == 1


async def test_an_order_that_somebody_works_on_is_left_for_the_next_run(
    books: Books, database_url: str
) -> None:
    orders = [await books.order(), await books.order()]
    for order in orders:
        await books.capture(order)
        await books.deliver(order)
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute("select from orders where id = $1 for update", orders[0].id)
        assert await books.release() == 1
    await other.close()
    assert await books.release() == 1


async def test_the_release_walks_over_more_than_one_batch(books: Books) -> None:
    for _ in range(5):
        order = await books.order()
        await books.capture(order)
        await books.deliver(order)
    after, released = None, 0
    while True:
        row = await books.row(
            "select done, walked_to from private.release_matured_v1(now() + '8 days', $1, 2, 7)",
            after,
        )
        released += row["done"]
        after = row["walked_to"]
        if after is None:
            break
    assert released == 5
