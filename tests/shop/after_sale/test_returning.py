"""Returns and refunds: by what arrived, never more than was paid."""

import asyncio
import uuid
from datetime import datetime, timedelta

import asyncpg
import pytest

from shop import order_details, returns
from shop.checkout import ShopTerms
from shop.refusal import ShopRefused
from shop.returns import ReturnTerms
from tests.shop.after_sale.sold import GSTIN, NOW, Order, Seller, Sold

FEES = ShopTerms(shipping_minor=4900)


async def code_of(work: object) -> str:
    with pytest.raises(ShopRefused) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


async def delivered(sold: Sold, quantity: int = 3) -> tuple[Seller, Order]:
    seller = await sold.seller(gstin=GSTIN)
    product = await sold.product(seller, stock=5)
    order = await sold.order((product, quantity), terms=FEES)
    await sold.delivered(seller, order)
    return seller, order


async def stock(sold: Sold) -> int:
    return int((await sold.shop.row("select on_hand as n from product_stock"))["n"])


async def test_b26_the_refund_follows_what_arrived_and_not_what_was_announced(sold: Sold) -> None:
    seller, order = await delivered(sold)
    (announced,) = await sold.ask_return(order, (0, 3))
    assert await sold.refunds(order) == []
    await sold.receive(seller, order, announced, (0, 2, True))
    assert await sold.refunds(order) == [236000]
    assert await stock(sold) == 4
    await sold.succeed(order)
    assert await sold.status(order) == ("delivered", "partially_refunded")
    (shown,) = (await sold.detail(order))["returns"]
    assert (shown["status"], shown["lines"][0]["quantity_received"]) == ("refunded", 2)
    # The piece that did not arrive can still be sent.
    assert (await sold.detail(order))["parts"][0]["items"][0]["returnable"] == 1


async def test_b29_an_order_of_which_nothing_is_kept_is_refunded_whole(sold: Sold) -> None:
    seller, order = await delivered(sold)
    for quantity in (1, 2):
        (one,) = await sold.ask_return(order, (0, quantity))
        await sold.receive(seller, order, one)
    assert await sold.refunds(order) == [118000, 236000 + 4900]
    await sold.succeed(order)
    assert await sold.status(order) == ("refunded", "refunded")
    lines = await sold.sql.fetch(
        "select part, sum(amount_minor)::bigint as n from private.refund_lines group by part"
    )
    assert {row["part"]: row["n"] for row in lines} == {"item": 354000, "shipping": 4900}


async def test_b26_refunds_at_the_same_time_are_within_what_was_paid(sold: Sold) -> None:
    seller, order = await delivered(sold, quantity=2)
    both = [(await sold.ask_return(order, (0, 1)))[0] for _ in range(2)]
    for one in both:
        await returns.decide(sold.db, seller.person, one, "approved")
    # Somebody has already given something back by hand.
    await sold.sql.execute(
        "insert into refunds (order_id, amount, status) values ($1, 1500, 'pending')", order.id
    )
    await asyncio.gather(*(returns.receive(sold.db, seller.person, one, None, NOW) for one in both))
    assert sum(await sold.refunds(order)) == 2 * 118000 + 4900
    with pytest.raises(asyncpg.CheckViolationError, match="at most"):
        await sold.sql.execute("insert into refunds (order_id, amount) values ($1, 0.01)", order.id)


async def test_b26_what_was_collected_in_cash_is_the_most_that_goes_back(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3), method="cod")
    await sold.cancel(order.customer, order, (0, 1))
    await sold.delivered(seller, order)
    with pytest.raises(asyncpg.CheckViolationError, match="₹2360"):
        await sold.sql.execute(
            "insert into refunds (order_id, amount) values ($1, 2360.01)", order.id
        )
    (one,) = await sold.ask_return(order, (0, 2), upi_id="asha@bank")
    await sold.receive(seller, order, one)
    await sold.succeed(order)
    assert await sold.refunds(order) == [236000]
    assert await sold.status(order) == ("refunded", "refunded")


async def test_received_by_two_at_once_it_is_paid_once(sold: Sold) -> None:
    seller, order = await delivered(sold)
    (one,) = await sold.ask_return(order, (0, 1))
    await returns.decide(sold.db, seller.person, one, "approved")
    await asyncio.gather(
        *(returns.receive(sold.db, seller.person, one, None, NOW) for _ in range(4))
    )
    assert await sold.refunds(order) == [118000]
    assert await stock(sold) == 3
    assert [d["document_type"] for d in await sold.documents(order)].count("credit_note") == 1


async def test_no_more_comes_back_than_was_delivered(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3))
    assert await code_of(sold.ask_return(order, (0, 1))) == "return.not_delivered"
    parcel = await sold.ship(seller, order, (0, 2))
    await sold.deliver(seller, parcel)
    await sold.ask_return(order, (0, 1))
    with pytest.raises(ShopRefused) as refused:
        await sold.ask_return(order, (0, 2))
    assert refused.value.code == "return.too_many"
    assert refused.value.details["items"][0]["returnable"] == 1


async def test_a_return_is_asked_for_in_time(sold: Sold) -> None:
    _, order = await delivered(sold)
    now = await sold.sql.fetchval("select now()")
    late = now + timedelta(days=7, seconds=1)
    assert await code_of(sold.ask_return(order, (0, 1), now=late)) == "return.too_late"
    assert "return" not in (await sold.detail(order, late))["can"]
    assert "return" in (await sold.detail(order, now))["can"]
    await sold.ask_return(order, (0, 1), now=now + timedelta(days=6, hours=23))


async def test_what_was_paid_in_cash_needs_somewhere_to_go(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 1), method="cod")
    await sold.delivered(seller, order)
    assert await code_of(sold.ask_return(order, (0, 1))) == "return.upi_needed"
    (one,) = await sold.ask_return(order, (0, 1), upi_id="asha@bank")
    await sold.receive(seller, order, one)
    row = await sold.shop.row(
        "select r.method, d.upi_id from refunds r"
        " join private.return_details d on d.return_id = r.return_id"
    )
    assert (row["method"], row["upi_id"]) == ("upi", "asha@bank")


async def test_a_request_for_goods_of_two_becomes_a_return_of_each(sold: Sold) -> None:
    first, second = await sold.seller("Jaipur Cottons"), await sold.seller("Mysuru Silks")
    order = await sold.order((await sold.product(first), 1), (await sold.product(second), 1))
    for seller in (first, second):
        await sold.delivered(seller, order)
    id_ = uuid.uuid4()
    both = await sold.ask_return(order, (0, 1), (1, 1), id_=id_)
    assert await sold.ask_return(order, (0, 1), (1, 1), id_=id_) == both
    assert len(both) == 2
    page = await order_details.returns(sold.db, first.person, "open", None, 10)
    (own,) = page.rows
    assert [line["order_item_id"] for line in own["lines"]] == [str(order.item_ids[0])]
    other = next(one for one in both if str(one) != own["id"])
    assert await code_of(returns.decide(sold.db, first.person, other, "approved")) == (
        "return.not_found"
    )


async def test_a_return_goes_only_the_ways_there_are(sold: Sold) -> None:
    seller, order = await delivered(sold)
    (one,) = await sold.ask_return(order, (0, 1))
    person = seller.person
    assert await code_of(returns.receive(sold.db, person, one, None, NOW)) == "return.wrong_state"
    assert await code_of(returns.decide(sold.db, order.customer, one, "approved")) == (
        "return.not_found"
    )
    await returns.decide(sold.db, person, one, "rejected", "It was worn.")
    assert await code_of(returns.decide(sold.db, person, one, "approved")) == "return.wrong_state"
    (shown,) = (await sold.detail(order))["returns"]
    assert (shown["status"], shown["decision_note"]) == ("rejected", "It was worn.")
    (two,) = await sold.ask_return(order, (0, 3))
    await returns.decide(sold.db, person, two, "approved")
    await returns.decide(sold.db, order.customer, two, "cancelled")
    assert (await sold.detail(order))["parts"][0]["items"][0]["returnable"] == 3


async def test_a_return_of_which_nothing_arrived_pays_nothing(sold: Sold) -> None:
    seller, order = await delivered(sold)
    (one,) = await sold.ask_return(order, (0, 2))
    await sold.receive(seller, order, one, (0, 0, False))
    assert await sold.refunds(order) == []
    assert (await sold.detail(order))["returns"][0]["status"] == "rejected"
    assert len(await sold.documents(order)) == 1


async def test_more_than_was_announced_does_not_arrive(sold: Sold) -> None:
    seller, order = await delivered(sold)
    (one,) = await sold.ask_return(order, (0, 1))
    assert await code_of(sold.receive(seller, order, one, (0, 2, True))) == "return.too_many"
    assert await sold.refunds(order) == []


async def test_credit_notes_take_back_what_the_invoice_stated(sold: Sold) -> None:
    seller, order = await delivered(sold)
    for quantity in (1, 2):
        (one,) = await sold.ask_return(order, (0, quantity))
        await sold.receive(seller, order, one)
    row = await sold.shop.row(
        "select sum(case document_type when 'credit_note' then -1 else 1 end * cgst_minor)::bigint"
        " as cgst, sum(case document_type when 'credit_note' then -1 else 1 end * total_minor)"
        "::bigint as total, count(*) as n from private.invoices"
    )
    assert (row["n"], row["cgst"], row["total"]) == (3, 0, 0)


async def test_an_order_delivered_before_parcels_were_kept_comes_back_too(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 2))
    await sold.sql.execute("update orders set status = 'shipped'")
    await sold.sql.execute("update orders set status = 'delivered'")
    await sold.sql.execute("update order_items set quantity_shipped = 0, quantity_delivered = 0")
    assert await code_of(sold.cancel(order.customer, order)) == "order.nothing_to_cancel"
    assert await code_of(sold.ship(seller, order)) == "order.nothing_to_ship"
    (one,) = await sold.ask_return(order, (0, 2))
    await sold.receive(seller, order, one)
    assert await sold.refunds(order) == [236000]
    assert await sold.documents(order) == []


async def test_a_refund_that_failed_counts_no_more(sold: Sold) -> None:
    seller, order = await delivered(sold, quantity=1)
    (one,) = await sold.ask_return(order, (0, 1))
    await sold.receive(seller, order, one)
    await sold.sql.execute("update refunds set status = 'failed'")
    async with sold.sql.transaction():
        again = await sold.sql.fetchval("select private.refund_order_v1($1, 'by hand')", order.id)
    row = await sold.shop.row("select amount_minor as n from refunds where id = $1", again)
    assert row["n"] == 118000 + 4900


async def test_everything_is_refunded_with_lines_that_add_up(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3), terms=FEES)
    await sold.cancel(order.customer, order, (0, 1))
    await sold.sql.execute("update orders set status = 'cancelled'")
    first = await sold.sql.fetchval("select private.refund_order_v1($1, 'gone')", order.id)
    assert await sold.sql.fetchval("select private.refund_order_v1($1, 'gone')", order.id) is None
    rows = await sold.sql.fetch(
        "select part, quantity, amount_minor from private.refund_lines where refund_id = $1"
        " order by part",
        first,
    )
    assert [tuple(row) for row in rows] == [("item", 2, 236000), ("shipping", 0, 4900)]


async def test_the_order_says_until_when_each_line_may_be_sent_back(sold: Sold) -> None:
    _, order = await delivered(sold)
    arrived = await sold.sql.fetchval("select delivered_at from private.shipments")
    terms = ReturnTerms(timedelta(days=3))
    last = arrived + terms.window

    async def until(now: datetime) -> int | None:
        found = await order_details.order(sold.db, order.customer, order.id, now, terms)
        ends: int | None = found["parts"][0]["items"][0]["returnable_until_ms"]
        return ends

    # The database counts in microseconds, the page in milliseconds.
    assert abs((await until(arrived) or 0) - last.timestamp() * 1000) < 1
    assert await until(last + timedelta(seconds=1)) is None
