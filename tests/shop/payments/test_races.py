"""Money that comes while the shop goes on: the stock, the prices and the providers do not wait."""

import asyncio
import json
from decimal import Decimal
from typing import Any

from livecommerce.maintenance.checks import check
from shop.payments import inbox
from shop.payments.desk import DeskTerms, PaymentDesk
from shop.refusal import ShopRefused
from tests.shop.after_sale.sold import GSTIN, Order, Seller, Sold
from tests.shop.payments.till import PRICE, Till
from tests.shop.shop_under_test import a_request, place_order


async def broken(till: Till) -> list[str]:
    return [verdict.invariant for verdict in await check(till.db) if verdict.offences]


async def test_b05_who_pays_first_and_who_buys_at_once_take_each_piece_once(till: Till) -> None:
    """Six wait for their money, and take their piece with it; four take theirs with the order."""
    product = await till.product(stock=5)
    live = await till.live_session(await till.influencer(), product)
    await till.sql.execute("update live_sessions set hold_policy = 'first_paid'")
    for _ in range(6):
        await till.buy(product=product, live_session_id=live)
    assert await till.stock(product.variant_id) == 5
    buyers = [await till.customer() for _ in range(4)]

    async def buy(n: int) -> bool:
        try:
            await place_order(till.db, buyers[n], a_request(product))
        except ShopRefused as refusal:
            assert refusal.code == "order.sold_out"
            return False
        return True

    other = PaymentDesk(till.db, till.providers, lambda: till.now, DeskTerms())
    till.catch_up()
    bought = await asyncio.gather(*(buy(n) for n in range(4)), till.desk.sweep(), other.sweep())
    await till.work()
    fates = await till.sql.fetch("select status, payment_status, allocation from orders")
    open_orders = [fate for fate in fates if fate["status"] != "cancelled"]
    assert len(open_orders) == 5 and sum(bought[:4]) <= 4
    assert {fate["allocation"] for fate in open_orders} == {"taken"}
    assert {fate["payment_status"] for fate in fates if fate["status"] == "cancelled"} == {
        "refunded"
    }
    pieces = await till.row(
        "select (select -sum(delta) from private.stock_moves where order_id is not null) as taken,"
        " (select sum(i.quantity) from order_items i join orders o on o.id = i.order_id"
        "  where o.status <> 'cancelled') as ordered"
    )
    assert pieces == {"taken": 5, "ordered": 5}
    assert await till.stock(product.variant_id) == 0
    assert await broken(till) == []


async def sold_at(till: Till, price: str, tax_rate: str) -> tuple[Seller, Order]:
    """An order of one piece at this price, which nobody has paid."""
    sold = Sold(till)
    seller = await sold.seller(gstin=GSTIN)
    product = await sold.product(seller, price=price, tax_rate=tax_rate)
    return seller, await sold.order((product, 1), is_paid=False)


async def test_b15_what_was_bought_is_paid_posted_and_invoiced_as_it_was_bought(
    till: Till,
) -> None:
    seller, order = await sold_at(till, "1180", "18")
    before = await till.row("select * from private.order_item_splits")
    # While the customer is at the bank: dearer, taxed otherwise, under another number and fee.
    await till.sql.execute(
        "update products set retail_price = 9999, sale_price = 2360, tax_rate = 5,"
        " hsn_code = '6206', name = 'Another shirt'"
    )
    await till.sql.execute("update product_variants set price = 2360")
    await till.sql.execute("update wholesalers set commission_rate = 25")
    asked = await till.row("select id, amount_minor, status from private.payments")
    assert (asked["amount_minor"], asked["status"]) == (118000, "created")

    await till.work()
    paid = await till.row("select status, amount_minor from private.payments")
    assert paid == {"status": "captured", "amount_minor": 118000}
    assert await till.row("select * from private.order_item_splits") == before
    balances = {
        row["name"]: row["balance_minor"]
        for row in await till.sql.fetch("select name, balance_minor from private.ledger_accounts")
    }
    assert balances["gateway_clearing"] == -118000
    assert balances["wholesaler_pending"] == before["wholesaler_minor"]
    assert balances["platform_fee_income"] == before["fee_minor"]

    sold = Sold(till)
    await sold.ship(seller, order)
    [invoice] = await sold.documents(order)
    [line] = json.loads(invoice["document"])["lines"]
    assert invoice["total_minor"] == 118000
    assert (line["name"], line["hsn_code"], Decimal(line["tax_rate"])) == (
        "Linen shirt",
        "6105",
        Decimal(18),
    )
    assert (line["taxable_minor"], line["cgst_minor"], line["sgst_minor"]) == (100000, 9000, 9000)
    assert await broken(till) == []


async def test_b15_the_price_of_today_does_not_pay_for_what_was_bought_yesterday(
    till: Till,
) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    await till.sql.execute("update products set sale_price = 649.50, tax_rate = 28")
    for event_id, amount, state in (
        ("of today", PRICE // 2, "mismatch"),
        ("as bought", PRICE, "applied"),
    ):
        event: Any = bought.event(event_id, "captured", amount_minor=amount)
        await inbox.receive(till.db, "test", "webhook", [event])
        assert (await till.inbox())[event_id] == state
    assert (await till.order(bought))["payment_status"] == "paid"
