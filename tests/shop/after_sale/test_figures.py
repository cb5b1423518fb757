"""What customers, wholesalers and products say of themselves after something was cancelled."""

from livecommerce.maintenance.checks import check
from tests.shop.after_sale.sold import GSTIN, Sold


async def test_what_was_cancelled_was_never_sold(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller)
    order = await sold.order((product, 3), method="cod")
    await sold.cancel(order.customer, order, (0, 1))
    await sold.delivered(seller, order)
    row = await sold.shop.row(
        "select c.total_spent, w.total_sales, (select sum(sold) from private.product_changes) as n"
        " from customers c, wholesalers w"
    )
    assert (row["total_spent"], row["total_sales"], row["n"]) == (2360, 2360, 2)


async def test_everything_holds_after_a_day_of_parcels_and_returns(sold: Sold) -> None:
    first, second = await sold.seller(gstin=GSTIN), await sold.seller("Mysuru Silks")
    goods, others = await sold.product(first, stock=50), await sold.product(second, stock=50)
    paid = await sold.order((goods, 3), (others, 2))
    await sold.cancel(paid.customer, paid, (0, 1))
    await sold.delivered(first, paid)
    await sold.delivered(second, paid)
    for back in await sold.ask_return(paid, (0, 1), (1, 1)):
        row = await sold.shop.row(
            "select wholesaler_id as id from private.return_details where return_id = $1", back
        )
        await sold.receive(first if row["id"] == first.id else second, paid, back)
    cash = await sold.order((goods, 2), method="cod")
    await sold.ship(first, cash, (0, 1))
    await sold.bring_back(first, await sold.ship(first, cash, (0, 1)))
    await sold.sql.execute("select private.carry_product_facts_v1(1000)")
    await sold.sql.execute("select private.seal_audit_log_v1(1000)")
    broken = {v.invariant for v in await check(sold.db) if v.offences}
    assert broken == set()
