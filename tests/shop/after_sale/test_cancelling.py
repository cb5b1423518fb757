"""Cancelling: what goes back, to whom, and exactly once."""

import asyncio
import itertools
import uuid
from typing import Any

import pytest

from shop.checkout import ShopTerms
from shop.refusal import ShopRefused
from tests.shop.after_sale.sold import GSTIN, Order, Seller, Sold

FEES = ShopTerms(shipping_minor=4900, cod_fee_minor=2500)


async def code_of(work: object) -> str:
    with pytest.raises(ShopRefused) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


async def test_b07_a_paid_order_is_cancelled_when_nothing_is_on_the_shelf(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=2)
    order = await sold.order((product, 2), terms=FEES)
    assert await sold.shop.stock(product.variant_id) == 0
    await sold.cancel(order.customer, order)
    assert await sold.shop.stock(product.variant_id) == 2
    assert await sold.refunds(order) == [2 * 118000 + 4900]
    assert await sold.status(order) == ("cancelled", "paid")
    await sold.succeed(order)
    assert await sold.status(order) == ("cancelled", "refunded")


async def test_b07_an_unpaid_order_gives_its_pieces_back_and_no_money(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=3)
    order = await sold.order((product, 2), is_paid=False)
    await sold.cancel(order.customer, order)
    assert await sold.shop.stock(product.variant_id) == 3
    assert await sold.refunds(order) == []
    row = await sold.shop.row("select status from private.payments")
    assert row["status"] == "cancelled"


async def test_b07_cancelled_by_many_at_once_it_goes_back_once(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=5)
    order = await sold.order((product, 2))
    outcomes = await asyncio.gather(
        *(sold.cancel(order.customer, order) for _ in range(5)), return_exceptions=True
    )
    refused = [one.code for one in outcomes if isinstance(one, ShopRefused)]
    assert refused == ["order.nothing_to_cancel"] * 4
    assert await sold.shop.stock(product.variant_id) == 5
    assert await sold.refunds(order) == [236000]


async def test_b07_what_was_never_taken_from_the_shelf_does_not_go_there(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=3)
    customer = await sold.customer()
    await sold.sql.execute("update customers set hold_policy = 'first_paid'")
    order = await sold.order((product, 2), customer=customer, is_paid=False)
    row = await sold.shop.row("select allocation from orders")
    assert row["allocation"] == "on_payment"
    await sold.cancel(customer, order)
    assert await sold.shop.stock(product.variant_id) == 3


async def test_b07_an_order_that_expires_by_its_state_alone_gives_everything_back(
    sold: Sold,
) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=3)
    order = await sold.order((product, 2), is_paid=False)
    await sold.sql.execute("update orders set status = 'cancelled', cancel_reason = 'unpaid'")
    await sold.sql.execute("update orders set status = 'cancelled'")
    assert await sold.shop.stock(product.variant_id) == 3
    row = await sold.shop.row(
        "select o.allocation, o.cancelled_at is not null as is_stamped, i.quantity_cancelled as n"
        " from orders o join order_items i on i.order_id = o.id"
    )
    assert (row["allocation"], row["is_stamped"], row["n"]) == ("released", True, 2)
    assert await code_of(sold.cancel(order.customer, order)) == "order.nothing_to_cancel"


async def test_b07_an_order_that_never_took_pieces_expires_without_any(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=3)
    customer = await sold.customer()
    await sold.sql.execute("update customers set hold_policy = 'first_paid'")
    await sold.order((product, 2), customer=customer, is_paid=False)
    await sold.sql.execute("update orders set status = 'cancelled', cancel_reason = 'unpaid'")
    assert await sold.shop.stock(product.variant_id) == 3


async def test_b13_the_use_of_a_coupon_comes_back_with_the_last_piece(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=9)
    await sold.sql.execute(
        "insert into private.coupons (code, title, kind, amount_minor, quota, funded_by)"
        " values ('TEN', 'Ten off', 'fixed', 1000, 1, 'platform')"
    )
    customer = await sold.customer()
    order = await sold.order((product, 2), customer=customer, coupon="TEN", shown=235000)
    await sold.cancel(customer, order, (0, 1))
    count = "select used from private.coupon_counts"
    assert (await sold.shop.row(count))["used"] == 1
    await sold.cancel(customer, order)
    assert (await sold.shop.row(count))["used"] == 0
    again = await sold.order((product, 2), customer=customer, coupon="TEN", shown=235000)
    assert await sold.status(again) == ("confirmed", "paid")


async def test_pieces_of_a_deal_can_be_bought_by_others_again(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=9)
    live_session = await sold.shop.live_session(await sold.shop.influencer(), product)
    deal = await sold.sql.fetchval(
        "insert into private.deals (live_session_id, product_id, price, ends_at, total_limit,"
        " customer_limit) values ($1, $2, 1000, now() + interval '1 hour', 5, 3) returning id",
        live_session,
        product.id,
    )
    customer = await sold.customer()
    order = await sold.order(
        (product, 3), customer=customer, live_session_id=live_session, shown=300000
    )
    assert (await sold.shop.row("select deal_id as id from order_items"))["id"] == deal
    await sold.cancel(customer, order, (0, 2))
    assert (await sold.shop.row("select sold from private.deal_counts"))["sold"] == 1
    assert (await sold.shop.row("select quantity as n from private.deal_purchases"))["n"] == 1


async def test_single_pieces_are_cancelled_and_the_rest_is_sent(sold: Sold) -> None:
    seller = await sold.seller(gstin=GSTIN)
    product = await sold.product(seller, stock=5)
    order = await sold.order((product, 3), terms=FEES)
    await sold.cancel(order.customer, order, (0, 1))
    assert await sold.refunds(order) == [118000]
    assert await sold.shop.stock(product.variant_id) == 3
    await sold.delivered(seller, order)
    assert await sold.status(order) == ("delivered", "paid")
    assert [document["total_minor"] for document in await sold.documents(order)] == [236000]
    await sold.succeed(order)
    assert await sold.status(order) == ("delivered", "partially_refunded")


async def test_what_is_packed_is_not_cancelled_any_more(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3))
    await sold.pack(seller, order, (0, 2))
    for person in (order.customer, seller.person, await sold.admin()):
        with pytest.raises(ShopRefused) as refused:
            await sold.cancel(person, order, (0, 2))
        assert refused.value.code == "order.nothing_to_cancel"
        assert refused.value.details["items"][0]["cancellable"] == 1
    await sold.cancel(order.customer, order)
    assert await sold.refunds(order) == [118000]


async def test_a_wholesaler_declines_its_own_lines_only(sold: Sold) -> None:
    first, second = await sold.seller("Jaipur Cottons"), await sold.seller("Mysuru Silks")
    order = await sold.order((await sold.product(first), 1), (await sold.product(second), 1))
    assert await code_of(sold.cancel(first.person, order, (1, 1))) == "order.nothing_to_cancel"
    await sold.cancel(first.person, order, reason="out_of_stock")
    assert await sold.refunds(order) == [118000]
    await sold.delivered(second, order)
    assert await sold.status(order) == ("delivered", "paid")
    event = next(e for e in (await sold.detail(order))["timeline"] if e["kind"] == "cancelled")
    assert (event["data"]["by"], event["data"]["reason"]) == ("wholesaler", "out_of_stock")


async def test_an_unpaid_order_is_cancelled_whole_or_not(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 2), is_paid=False)
    assert await code_of(sold.cancel(order.customer, order, (0, 1))) == "order.unpaid_whole_only"


async def test_a_cancellation_sent_twice_happens_once(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3))
    id_ = uuid.uuid4()
    await sold.cancel(order.customer, order, (0, 1), id_=id_)
    await sold.cancel(order.customer, order, (0, 1), id_=id_)
    assert await sold.refunds(order) == [118000]
    other = await sold.order((await sold.product(seller), 1), customer=order.customer)
    assert await code_of(sold.cancel(order.customer, other, id_=id_)) == "order.key_reused"


async def test_nobody_cancels_the_order_of_another(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 1))
    for stranger in (await sold.customer(), (await sold.seller("Elsewhere")).person):
        assert await code_of(sold.cancel(stranger, order)) == "order.not_found"
    assert await sold.status(order) == ("confirmed", "paid")


# ----------------------------------------------------------------------------- cash at the door


async def due(sold: Sold, order: Order) -> tuple[int, str]:
    row = await sold.shop.row(
        "select amount_minor, status from private.payments where order_id = $1", order.id
    )
    return row["amount_minor"], row["status"]


async def test_less_is_collected_at_the_door_for_what_was_cancelled(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3), method="cod", terms=FEES)
    await sold.cancel(order.customer, order, (0, 1))
    assert await due(sold, order) == (236000 + 7400, "created")
    assert (await sold.detail(order))["due_minor"] == 236000 + 7400
    await sold.delivered(seller, order)
    assert await due(sold, order) == (236000 + 7400, "collected")
    assert await sold.status(order) == ("delivered", "paid")
    assert (await sold.detail(order))["due_minor"] == 0


async def test_an_order_in_cash_that_is_cancelled_collects_nothing(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3), method="cod", terms=FEES)
    await sold.cancel(order.customer, order)
    assert (await due(sold, order))[1] == "cancelled"
    assert await sold.status(order) == ("cancelled", "pending")


# -------------------------------------------------------------------------- back to the origin


async def sent(sold: Sold, method: str, **terms: Any) -> tuple[Seller, Order, uuid.UUID]:
    seller = await sold.seller(gstin=GSTIN)
    product = await sold.product(seller, stock=5)
    order = await sold.order((product, 2), method=method, terms=ShopTerms(**terms))
    return seller, order, await sold.ship(seller, order)


async def test_a_refused_parcel_in_cash_collects_nothing_and_its_invoice_is_taken_back(
    sold: Sold,
) -> None:
    seller, order, parcel = await sent(sold, "cod", shipping_minor=4900)
    await sold.bring_back(seller, parcel)
    assert await sold.status(order) == ("cancelled", "pending")
    assert (await due(sold, order))[1] == "returned"
    kinds = {d["document_type"]: d["total_minor"] for d in await sold.documents(order)}
    assert kinds == {"invoice": 236000, "credit_note": 236000}
    assert (await sold.shop.row("select on_hand as n from product_stock"))["n"] == 5


async def test_a_paid_parcel_that_came_back_is_refunded_once(sold: Sold) -> None:
    seller, order, parcel = await sent(sold, "test", shipping_minor=4900)
    await sold.bring_back(seller, parcel)
    await sold.bring_back(seller, parcel)
    assert await sold.refunds(order) == [236000 + 4900]
    assert len(await sold.documents(order)) == 2
    assert (await sold.detail(order))["parts"][0]["status"] == "cancelled"


async def test_what_came_back_broken_is_not_on_the_shelf(sold: Sold) -> None:
    seller, _, parcel = await sent(sold, "test")
    await sold.bring_back(seller, parcel, to_shelf=False)
    assert (await sold.shop.row("select on_hand as n from product_stock"))["n"] == 3


async def test_one_parcel_of_two_comes_back_and_the_other_is_paid(sold: Sold) -> None:
    seller = await sold.seller(gstin=GSTIN)
    order = await sold.order((await sold.product(seller), 3), method="cod", terms=FEES)
    refused, taken = await sold.ship(seller, order, (0, 1)), await sold.ship(seller, order, (0, 2))
    await sold.deliver(seller, taken)
    await sold.bring_back(seller, refused)
    assert await sold.status(order) == ("delivered", "paid")
    assert await due(sold, order) == (236000 + 7400, "collected")


# -------------------------------------------------------------------------------- every paisa


@pytest.mark.parametrize("total", [1, 2, 99, 129901, 100000, 7])
@pytest.mark.parametrize("quantity", [1, 2, 3, 7])
async def test_pieces_come_to_the_line_however_they_are_taken(
    sold: Sold, total: int, quantity: int
) -> None:
    """sent and returned from the front, cancelled from the back."""
    rows = await sold.sql.fetch(
        "with line as (select jsonb_populate_record(null::order_items, jsonb_build_object("
        "  'quantity', $2::int, 'unit_price', ceil($1::numeric / $2) / 100, 'discount',"
        "  ceil($1::numeric / $2) * $2 / 100 - $1::numeric / 100)) as i)"
        " select k, private.units_minor_v1(i, 0, k) as front,"
        " private.units_minor_v1(i, k, $2::int) as back from line, generate_series(0, $2::int) k",
        total,
        quantity,
    )
    assert all(row["front"] + row["back"] == total for row in rows)
    assert rows[0]["front"] == 0 and rows[-1]["front"] == total
    assert all(a["front"] <= b["front"] for a, b in itertools.pairwise(rows))
