"""Part-orders and parcels: each wholesaler sends its lines, and the order follows from them."""

import asyncio
import uuid

import asyncpg
import pytest

from shop import fulfilment, order_details
from shop.checkout import ShopTerms
from shop.fulfilment import Tracking
from shop.payments import back_office
from shop.refusal import ShopRefused
from tests.shop.after_sale.sold import GSTIN, NOW, Sold, opened


async def code_of(work: object) -> str:
    with pytest.raises(ShopRefused) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


async def test_b29_one_payment_lets_every_wholesaler_send_its_part(sold: Sold) -> None:
    first, second = await sold.seller("Jaipur Cottons"), await sold.seller("Mysuru Silks")
    order = await sold.order((await sold.product(first), 2), (await sold.product(second), 1))
    parcel = await sold.ship(first, order)
    assert await sold.status(order) == ("processing", "paid")
    other = await sold.ship(second, order)
    assert await sold.status(order) == ("shipped", "paid")
    await sold.deliver(first, parcel)
    assert await sold.status(order) == ("shipped", "paid")
    await sold.deliver(second, other)
    assert await sold.status(order) == ("delivered", "paid")
    detail = await sold.detail(order)
    assert [part["status"] for part in detail["parts"]] == ["delivered", "delivered"]


async def test_b29_two_parcels_cost_one_delivery(sold: Sold) -> None:
    seller = await sold.seller(gstin=GSTIN)
    terms = ShopTerms(shipping_minor=4900)
    order = await sold.order((await sold.product(seller), 3), terms=terms)
    for parcel in [await sold.ship(seller, order, (0, 1)), await sold.ship(seller, order, (0, 2))]:
        await sold.deliver(seller, parcel)
    detail = await sold.detail(order)
    assert (detail["shipping_minor"], detail["total_minor"]) == (4900, 3 * 118000 + 4900)
    invoiced = [document["total_minor"] for document in await sold.documents(order)]
    assert invoiced == [118000, 236000]
    assert await sold.status(order) == ("delivered", "paid")


async def test_a_wholesaler_sees_and_sends_only_its_own_lines(sold: Sold) -> None:
    first, second = await sold.seller("Jaipur Cottons"), await sold.seller("Mysuru Silks")
    order = await sold.order((await sold.product(first), 2), (await sold.product(second), 1))
    part = await order_details.part_order(sold.db, second.person, order.id)
    assert [item["order_item_id"] for item in part["items"]] == [str(order.item_ids[1])]
    assert part["total_minor"] == 118000
    assert await code_of(sold.ship(second, order, (0, 1))) == "order.nothing_to_ship"
    parcel = await sold.pack(first, order)
    assert await code_of(sold.deliver(second, parcel)) == "shipment.not_found"
    outsider = await sold.seller("Elsewhere")
    assert await code_of(sold.ship(outsider, order)) == "order.not_found"
    assert await code_of(order_details.part_order(sold.db, outsider.person, order.id)) == (
        "order.not_found"
    )


async def test_what_is_not_paid_is_not_sent_but_cash_is_paid_at_the_door(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller)
    unpaid = await sold.order((product, 1), is_paid=False)
    assert await code_of(sold.ship(seller, unpaid)) == "order.not_paid"
    cash = await sold.order((product, 1), method="cod")
    parcel = await sold.ship(seller, cash)
    assert await sold.status(cash) == ("shipped", "pending")
    await sold.deliver(seller, parcel)
    assert await sold.status(cash) == ("delivered", "paid")


async def test_more_than_what_waits_is_not_sent(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 3))
    await sold.pack(seller, order, (0, 2))
    with pytest.raises(ShopRefused) as refused:
        await sold.ship(seller, order, (0, 2))
    assert refused.value.details["items"][0]["open"] == 1
    assert await code_of(sold.ship(seller, order, (0, 1), (0, 1))) == "order.nothing_to_ship"
    await sold.ship(seller, order)
    assert await code_of(sold.ship(seller, order)) == "order.nothing_to_ship"


async def test_a_parcel_sent_twice_with_its_id_leaves_once_with_one_invoice(sold: Sold) -> None:
    seller = await sold.seller(gstin=GSTIN)
    order = await sold.order((await sold.product(seller), 2))
    id_ = uuid.uuid4()
    await sold.ship(seller, order, (0, 1), id_=id_)
    await sold.ship(seller, order, (0, 1), id_=id_)
    assert len(await sold.documents(order)) == 1
    row = await sold.shop.row("select quantity_shipped as n from order_items")
    assert row["n"] == 1
    another = await sold.order((await sold.product(seller), 1))
    assert await code_of(sold.ship(seller, another, id_=id_)) == "order.key_reused"


async def test_the_same_pieces_packed_by_two_at_once_are_packed_once(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 1))
    outcomes = await asyncio.gather(
        *(sold.ship(seller, order, (0, 1)) for _ in range(6)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [getattr(one, "code", one) for one in refused] == ["order.nothing_to_ship"] * 5
    row = await sold.shop.row("select quantity_shipped as n from order_items")
    assert row["n"] == 1


async def test_a_packed_parcel_can_be_unpacked_and_its_journey_told(sold: Sold) -> None:
    seller, admin = await sold.seller(), await sold.admin()
    order = await sold.order((await sold.product(seller), 1))
    parcel = await sold.pack(seller, order)
    assert await code_of(sold.deliver(seller, parcel)) == "shipment.wrong_state"
    await fulfilment.unpack(sold.db, seller.person, parcel)
    parcel = await sold.pack(seller, order)
    assert (await sold.detail(order))["parts"][0]["items"][0]["cancellable"] == 0
    await fulfilment.ship(sold.db, admin, parcel, Tracking("Delhivery"), opened, NOW)
    assert await code_of(fulfilment.unpack(sold.db, seller.person, parcel)) == (
        "shipment.wrong_state"
    )
    travel = Tracking("Delhivery", "DL-7", "https://example.in/DL-7")
    await fulfilment.track(sold.db, seller.person, parcel, travel)
    detail = await sold.detail(order)
    (shown,) = detail["parts"][0]["shipments"]
    assert (shown["carrier"], shown["tracking_number"]) == ("Delhivery", "DL-7")
    kinds = [event["kind"] for event in detail["timeline"]]
    assert kinds[0] == "placed"
    assert [kind for kind in kinds if kind in ("packed", "unpacked", "shipped", "tracking")] == [
        "packed",
        "unpacked",
        "packed",
        "shipped",
        "tracking",
    ]
    row = await sold.shop.row("select tracking_number as n from orders")
    assert row["n"] == "DL-7"


async def test_the_customer_hears_of_a_parcel(sold: Sold) -> None:
    seller = await sold.seller()
    order = await sold.order((await sold.product(seller), 1))
    await sold.sql.execute("delete from private.outbox")
    await sold.ship(seller, order)
    told = await sold.shop.row(
        "select payload ->> 'order_id' as id from private.outbox where topic = 'order.updated'"
    )
    assert told["id"] == str(order.id)
    row = await sold.shop.row("select title from notifications where type = 'order_update'")
    assert row["title"] == "A parcel is on its way"


async def test_shelves_show_what_is_to_be_done(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller, stock=50)
    now = await sold.sql.fetchval("select now()")

    async def shelf(name: order_details.Shelf) -> list[str]:
        page = await order_details.part_orders(sold.db, seller.person.user_id, name, now, None, 30)
        return [row["id"] for row in page.rows]

    orders = [await sold.order((product, 2)) for _ in range(4)]
    await sold.order((product, 1), is_paid=False)
    await sold.pack(seller, orders[1], (0, 1))
    await sold.ship(seller, orders[2])
    await sold.delivered(seller, orders[3])
    ids = [str(order.id) for order in orders]
    assert await shelf("to_pack") == ids[:2]
    assert await shelf("packed") == [ids[1]]
    assert await shelf("on_the_way") == [ids[2]]
    assert await shelf("done") == [ids[3]]
    assert await shelf("all") == ids[::-1]
    counts = await order_details.counts(sold.db, seller.person.user_id, now)
    assert (counts.to_pack, counts.packed, counts.on_the_way) == (2, 1, 1)


async def test_pages_of_a_shelf_follow_each_other(sold: Sold) -> None:
    seller = await sold.seller()
    product = await sold.product(seller)
    ids = [str((await sold.order((product, 1))).id) for _ in range(3)]
    now = await sold.sql.fetchval("select now()")
    first = await order_details.part_orders(sold.db, seller.person.user_id, "to_pack", now, None, 2)
    second = await order_details.part_orders(
        sold.db, seller.person.user_id, "to_pack", now, first.next_place, 2
    )
    assert [row["id"] for row in (*first.rows, *second.rows)] == ids
    assert second.next_place is None


# ------------------------------------------------------------------------------------- documents


async def test_invoices_of_a_seller_are_numbered_without_a_gap(sold: Sold) -> None:
    seller = await sold.seller(gstin=GSTIN)
    product = await sold.product(seller, stock=50)
    orders = [await sold.order((product, 1)) for _ in range(6)]

    async def fails(order: object) -> None:
        def unreadable(*_: object) -> str:
            raise ShopRefused("invoice.gstin_unreadable", "no")

        await fulfilment.pack_and_ship(
            sold.db,
            seller.person,
            uuid.uuid4(),
            order.id,  # type: ignore[attr-defined]
            None,
            Tracking(),
            unreadable,
            NOW,
        )

    assert await code_of(fails(orders[0])) == "invoice.gstin_unreadable"
    await asyncio.gather(*(sold.ship(seller, order) for order in orders))
    rows = await sold.sql.fetch("select number, serial from private.invoices order by serial")
    assert [row["serial"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[0]["number"].endswith("/2627/00001")
    assert all(len(row["number"]) <= 16 for row in rows)


async def test_each_supplier_year_and_kind_has_its_own_numbers(sold: Sold) -> None:
    seller, other = await sold.seller(gstin=GSTIN), await sold.seller(gstin="27ABCDE1234F1Z5")
    for one in (seller, other):
        await sold.ship(one, await sold.order((await sold.product(one), 1)))
    order = await sold.order((await sold.product(seller), 1))
    await fulfilment.pack_and_ship(
        sold.db,
        seller.person,
        uuid.uuid4(),
        order.id,
        None,
        Tracking(),
        opened,
        NOW.replace(year=2027, month=5),
    )
    rows = await sold.sql.fetch(
        "select serial, financial_year from private.invoices order by financial_year, number"
    )
    assert [tuple(row) for row in rows] == [(1, 2026), (1, 2026), (1, 2027)]
    numbers = await sold.sql.fetch("select distinct number from private.invoices")
    assert len(numbers) == 3


async def test_a_document_is_never_changed(sold: Sold) -> None:
    seller = await sold.seller(gstin=GSTIN)
    await sold.ship(seller, await sold.order((await sold.product(seller), 1)))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await sold.sql.execute("update private.invoices set total_minor = 0")


@pytest.mark.parametrize(
    ("series", "number"), [(1, "W1/2627/00001"), (36, "W10/2627/00001"), (46655, "WZZZ/2627/00001")]
)
async def test_numbers_stay_within_16_characters(sold: Sold, series: int, number: str) -> None:
    await sold.sql.execute(
        "alter table private.invoice_series alter column id restart with " + str(series)
    )
    seller = await sold.seller(gstin=GSTIN)
    order = await sold.order((await sold.product(seller), 1))
    await sold.ship(seller, order)
    assert [document["number"] for document in await sold.documents(order)] == [number]


async def test_only_those_whom_it_concerns_read_a_document(sold: Sold) -> None:
    from shop import invoices

    seller, admin = await sold.seller(gstin=GSTIN), await sold.admin()
    order = await sold.order((await sold.product(seller), 1))
    await sold.ship(seller, order)
    (paper,) = (await sold.detail(order))["invoices"]
    id_ = uuid.UUID(paper["id"])
    for person in (order.customer, seller.person, admin):
        printed = await invoices.printed(sold.db, person.actor, order.id, id_)
        assert printed.body.startswith(b"%PDF") and printed.name.endswith(".pdf")
    for stranger in (await sold.customer(), (await sold.seller()).person):
        asked = invoices.printed(sold.db, stranger.actor, order.id, id_)
        assert await code_of(asked) == "invoice.not_found"


async def test_a_part_order_says_who_has_its_cash(sold: Sold) -> None:
    seller = await sold.seller()
    terms = ShopTerms(cod_fee_minor=2500)
    ways = ("courier", "wholesaler")
    for way in ways:
        order = await sold.order((await sold.product(seller), 1), method="cod", terms=terms)
        parcel = await sold.ship(seller, order)
        part = await order_details.part_order(sold.db, seller.person, order.id)
        assert (part["cash"]["status"], part["cash"]["amount_minor"]) == ("created", 120500)
        if way == "wholesaler":
            payment_id = uuid.UUID(part["cash"]["payment_id"])
            await back_office.collect_own_cash(sold.db, seller.person.user_id, payment_id)
        await sold.deliver(seller, parcel)
        part = await order_details.part_order(sold.db, seller.person, order.id)
        assert part["cash"]["status"] == "collected"
        assert part["cash"]["is_with_wholesaler"] == (way == "wholesaler")


async def test_the_cash_of_an_order_of_several_is_nobodys_but_the_couriers(sold: Sold) -> None:
    first, second = await sold.seller("Jaipur Cottons"), await sold.seller("Mysuru Silks")
    lines = (await sold.product(first), 1), (await sold.product(second), 1)
    order = await sold.order(*lines, method="cod")
    part = await order_details.part_order(sold.db, first.person, order.id)
    assert part["cash"] == {
        "status": "created",
        "payment_id": None,
        "amount_minor": None,
        "is_with_wholesaler": False,
    }
    paid = await sold.order(*lines)
    assert (await order_details.part_order(sold.db, first.person, paid.id))["cash"] is None
