import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import orjson
import pytest

from shop.checkout import OrderRequest, ShopTerms
from shop.orders import last_address, order_by_id, orders_of
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import HOME, ShopUnderTest, a_request, place_order


async def refusal_of(shop: ShopUnderTest, customer: UUID, request: OrderRequest) -> ShopRefused:
    with pytest.raises(ShopRefused) as refusal:
        await place_order(shop.db, customer, request)
    return refusal.value


async def test_an_order_is_written_row_by_row(shop: ShopUnderTest) -> None:
    customer = await shop.customer()
    influencer = await shop.influencer(rate="15")
    shirt = await shop.product(price="1299.50", stock=[4, 6])
    mug = await shop.product(name="Mug", price="349", stock=9)
    live = await shop.live_session(influencer, shirt)

    order = await place_order(
        shop.db,
        customer,
        a_request(
            lines=[(mug.variant_id, 1), (shirt.variant_ids[1], 3)],
            shown=34900 + 3 * 129950 + 5000,
            live_session_id=live,
            payment_method="test",
        ),
        ShopTerms(shipping_minor=5000),
    )

    assert (order.subtotal_minor, order.shipping_minor, order.total_minor) == (424750, 5000, 429750)
    assert (order.status, order.payment_status, order.payment_method) == (
        "pending",
        "pending",
        "test",
    )
    assert order.address.phone == "+919876543210"
    assert [(item.name, item.label, item.quantity) for item in order.items] == [
        ("Mug", "Standard", 1),
        ("Linen shirt", "Size 1", 3),
    ]
    row = await shop.row("select * from orders where id = $1", order.id)
    assert row["influencer_id"] == influencer.id
    assert row["live_session_id"] == live
    assert row["total_amount"] == Decimal("4297.50")
    # 15 % of 3898.50 is 584.775: half up. The mug is not part of the live session.
    assert row["influencer_commission"] == Decimal("584.78")
    assert row["payment_gateway"] == "test"

    items = await shop.sql.fetch("select * from order_items order by position")
    assert [item["influencer_id"] for item in items] == [None, influencer.id]
    assert [item["live_session_id"] for item in items] == [None, live]
    assert [item["wholesaler_commission"] for item in items] == [
        Decimal("34.90"),
        Decimal("389.85"),
    ]
    assert [item["influencer_commission"] for item in items] == [Decimal(0), Decimal("584.78")]
    snapshot = orjson.loads(items[1]["product_snapshot"])
    assert snapshot["name"] == "Linen shirt"
    assert snapshot["mrp_minor"] == 199900

    assert await shop.stock(shirt.variant_ids[0]) == 4
    assert await shop.stock(shirt.variant_ids[1]) == 3
    assert await shop.stock(mug.variant_id) == 8
    assert await shop.product_stocks() == {shirt.id: 7, mug.id: 8}

    outbox = [
        (row["topic"], row["live_session_id"], orjson.loads(row["payload"]))
        for row in await shop.sql.fetch("select * from private.outbox order by id")
    ]
    assert outbox == [
        ("orders.placed", live, {"order_ids": [str(order.id)]}),
        (
            "stock.changed",
            live,
            {"product_id": str(shirt.id), "variant_id": str(shirt.variant_ids[1]), "stock": 3},
        ),
    ]


async def test_order_numbers_have_the_date_of_the_shop(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    order = await place_order(shop.db, customer, a_request(shirt))
    in_india = timezone(timedelta(hours=5, minutes=30))
    day = datetime.fromtimestamp(order.placed_at_ms / 1000, in_india).strftime("%Y%m%d")
    assert re.fullmatch(rf"ORD-{day}-\d{{6}}", order.order_number)


async def test_the_millionth_order_number_is_not_cut(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    await shop.sql.execute("select setval('order_sequence', 999999, true)")
    numbers = [
        (await place_order(shop.db, customer, a_request(shirt))).order_number for _ in range(2)
    ]
    assert [number.rpartition("-")[2] for number in numbers] == ["1000000", "1000001"]


async def test_cash_on_delivery_stays_pending(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    order = await place_order(shop.db, customer, a_request(shirt, payment_method="cod"))
    assert (order.status, order.payment_status) == ("pending", "pending")


async def test_b17_a_retry_gets_the_identical_order(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product(stock=2)
    request = a_request(shirt)
    first = await place_order(shop.db, customer, request)
    assert await place_order(shop.db, customer, request) == first
    # Nothing was begun and undone again.
    moves = await shop.sql.fetchval("select count(*) from private.stock_moves where delta < 0")
    assert moves == 1
    # The world has moved on: the stock is gone, the price is another, the order is on its way.
    await shop.sql.execute("update products set sale_price = 1")
    await shop.sql.execute("update product_stock set on_hand = 0")
    await shop.sql.execute("update orders set status = 'processing'")
    assert await place_order(shop.db, customer, request) == first
    assert await shop.count("orders") == 1
    assert await shop.stock(shirt.variant_id) == 0


async def test_b12_a_double_tap_at_the_same_moment_is_one_order(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product(stock=3)
    request = a_request(shirt)
    orders = await asyncio.gather(*(place_order(shop.db, customer, request) for _ in range(10)))
    assert len(set(orders)) == 1
    assert await shop.count("orders") == 1
    assert await shop.count("order_items") == 1
    assert await shop.stock(shirt.variant_id) == 2


async def test_b12_a_double_tap_on_the_last_unit_is_not_told_sold_out(shop: ShopUnderTest) -> None:
    for _ in range(5):
        customer, shirt = await shop.customer(), await shop.product(stock=1)
        request = a_request(shirt)
        orders = await asyncio.gather(*(place_order(shop.db, customer, request) for _ in range(6)))
        assert len(set(orders)) == 1


async def test_a_retry_that_overlaps_the_first_attempt_gets_its_order(shop: ShopUnderTest) -> None:
    """The first attempt takes the last unit while the retry waits, in another batch."""
    customer, shirt = await shop.customer(), await shop.product(stock=1)
    request = a_request(shirt)
    async with shop.sql.transaction():
        await shop.sql.execute("lock table live_session_products in access exclusive mode")
        first = asyncio.create_task(place_order(shop.db, customer, request))
        await shop.until_waiting(1)
        retry = asyncio.create_task(place_order(shop.db, customer, request))
        await shop.until_waiting(2)
    assert await retry == await first
    assert await shop.count("orders") == 1


async def test_b15_a_price_that_changes_under_the_order_is_noticed(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    async with shop.sql.transaction():
        await shop.sql.execute("lock table live_session_products in access exclusive mode")
        placing = asyncio.create_task(refusal_of(shop, customer, a_request(shirt)))
        await shop.until_waiting(1)
        await shop.sql.execute("update products set sale_price = 1399")
    assert (await placing).code == "order.price_changed"


async def test_a_key_with_other_content_is_refused(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    request = a_request(shirt)
    await place_order(shop.db, customer, request)
    other = a_request(shirt, shown=2 * 129900, quantity=2, key=request.key)
    assert (await refusal_of(shop, customer, other)).code == "order.key_reused"
    assert await shop.count("orders") == 1


async def test_a_key_belongs_to_its_customer(shop: ShopUnderTest) -> None:
    shirt, request = await shop.product(), None
    numbers = set()
    for _ in range(2):
        request = a_request(shirt, key=UUID(int=7))
        numbers.add((await place_order(shop.db, await shop.customer(), request)).order_number)
    assert len(numbers) == 2


async def test_a_refused_attempt_leaves_its_key_free(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    wrong = a_request(shirt, shown=99900)
    refusal = await refusal_of(shop, customer, wrong)
    assert refusal.code == "order.price_changed"
    confirmed = replace(wrong, shown_total_minor=refusal.details["total_minor"])
    assert (await place_order(shop.db, customer, confirmed)).total_minor == 129900


async def test_a_changed_price_is_refused_with_the_new_state(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product(stock=5)
    await shop.sql.execute("update products set sale_price = 1399")
    refusal = await refusal_of(shop, customer, a_request(shirt, quantity=2, shown=259800))
    assert refusal.code == "order.price_changed"
    assert refusal.details["total_minor"] == 279800
    (line,) = refusal.details["lines"]
    assert (line["unit_price_minor"], line["stock"]) == (139900, 5)
    assert await shop.count("private.outbox") == 0


async def test_a_sold_out_variant_is_refused_with_what_is_left(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product(stock=[5, 2])
    request = a_request(
        lines=[(shirt.variant_ids[1], 3), (shirt.variant_ids[0], 1)], shown=4 * 129900
    )
    refusal = await refusal_of(shop, customer, request)
    assert refusal.code == "order.sold_out"
    assert [line["quantity"] for line in refusal.details["lines"]] == [3, 1]
    assert refusal.details["available"] == 2
    assert refusal.details["variant_id"] == str(shirt.variant_ids[1])
    assert refusal.message == "Only 2 left of 'Linen shirt / Size 1'; you asked for 3."
    assert await shop.stock(shirt.variant_ids[0]) == 5


async def test_b03_lines_of_one_variant_cannot_pass_one_by_one(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product(stock=3)
    request = a_request(lines=[(shirt.variant_id, 2), (shirt.variant_id, 2)], shown=4 * 129900)
    assert (await refusal_of(shop, customer, request)).code == "order.sold_out"


@pytest.mark.parametrize(
    "statement",
    [
        "update products set is_active = false",
        "update products set status = 'discontinued'",
        "update wholesalers set is_active = false",
        "delete from product_variants",
    ],
)
async def test_a_product_that_is_gone_is_refused(shop: ShopUnderTest, statement: str) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    await shop.sql.execute(statement)
    refusal = await refusal_of(shop, customer, a_request(shirt))
    assert refusal.code == "order.product_unavailable"


async def test_only_customers_order(shop: ShopUnderTest) -> None:
    influencer, shirt = await shop.influencer(), await shop.product()
    refusal = await refusal_of(shop, influencer.user_id, a_request(shirt))
    assert refusal.code == "order.not_customer"


async def test_an_unknown_live_session_is_refused(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    request = a_request(shirt, live_session_id=uuid.uuid4())
    assert (await refusal_of(shop, customer, request)).code == "session.not_found"


@pytest.mark.parametrize(
    ("status", "price"),
    [
        ("live", 99900),
        ("paused", 99900),
        ("scheduled", 129900),
        ("ended", 129900),
        ("cancelled", 129900),
    ],
)
async def test_the_special_price_holds_while_on_air(
    shop: ShopUnderTest, status: str, price: int
) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    live = await shop.live_session(
        await shop.influencer(), shirt, status=status, special_price="999"
    )
    order = await place_order(
        shop.db, customer, a_request(shirt, shown=price, live_session_id=live)
    )
    assert order.total_minor == price


async def test_a_special_price_never_costs_more_and_leaves_own_prices_alone(
    shop: ShopUnderTest,
) -> None:
    customer = await shop.customer()
    shirt = await shop.product(stock=[5, 5], variant_prices=[None, "1500"])
    live = await shop.live_session(await shop.influencer(), shirt, special_price="5000")
    request = a_request(
        lines=[(variant_id, 1) for variant_id in shirt.variant_ids],
        shown=129900 + 150000,
        live_session_id=live,
    )
    order = await place_order(shop.db, customer, request)
    assert [item.unit_price_minor for item in order.items] == [129900, 150000]


@pytest.mark.parametrize(
    ("status", "ended_hours_ago", "is_attributed"),
    [
        ("live", None, True),
        ("paused", None, True),
        ("ended", 23, True),
        ("ended", 25, True),
        ("scheduled", None, False),
        ("cancelled", None, False),
    ],
)
async def test_a_live_session_earns_on_air_and_a_day_after(
    shop: ShopUnderTest, status: str, ended_hours_ago: int | None, is_attributed: bool
) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, shirt, status=status)
    await shop.sql.execute(
        "update live_sessions set end_time = now() - $1::interval",
        timedelta(hours=ended_hours_ago or 0),
    )
    await place_order(shop.db, customer, a_request(shirt, live_session_id=live))
    row = await shop.row("select live_session_id, influencer_id from orders")
    expected = (live, influencer.id) if is_attributed else (None, None)
    assert (row["live_session_id"], row["influencer_id"]) == expected


async def test_a_product_outside_the_live_session_earns_nothing(shop: ShopUnderTest) -> None:
    customer, shirt, mug = await shop.customer(), await shop.product(), await shop.product()
    live = await shop.live_session(await shop.influencer(), mug)
    await place_order(shop.db, customer, a_request(shirt, live_session_id=live))
    row = await shop.row("select live_session_id, influencer_commission from orders")
    assert (row["live_session_id"], row["influencer_commission"]) == (None, 0)


async def test_nobody_earns_on_a_purchase_of_their_own(shop: ShopUnderTest) -> None:
    shirt, influencer = await shop.product(), await shop.influencer()
    await shop.sql.execute(
        "insert into customers (user_id, email) values ($1, 'i@example.in')", influencer.user_id
    )
    live = await shop.live_session(influencer, shirt)
    await place_order(shop.db, influencer.user_id, a_request(shirt, live_session_id=live))
    assert (await shop.row("select influencer_id from orders"))["influencer_id"] is None


async def test_b01_the_last_unit_is_sold_once(shop: ShopUnderTest) -> None:
    buyers = [await shop.customer() for _ in range(2)]
    for _ in range(10):
        shirt = await shop.product(stock=1)
        outcomes = await outcomes_of(shop, [(buyer, a_request(shirt)) for buyer in buyers])
        assert outcomes == {"placed": 1, "order.sold_out": 1}
        assert await shop.stock(shirt.variant_id) == 0


async def test_b01_200_buyers_for_the_last_50_units(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=50)
    live = await shop.live_session(await shop.influencer(), shirt, special_price="999")
    attempts = [
        (await shop.customer(), a_request(shirt, shown=99900, live_session_id=live))
        for _ in range(200)
    ]
    assert await outcomes_of(shop, attempts) == {"placed": 50, "order.sold_out": 150}
    assert await shop.count("orders") == 50
    assert await shop.count("private.idempotency") == 50
    assert await shop.stock(shirt.variant_id) == 0
    assert await shop.product_stocks() == {shirt.id: 0}
    told = await shop.sql.fetch(
        "select (payload ->> 'stock')::int as stock from private.outbox"
        " where topic = 'stock.changed' order by id"
    )
    assert sorted(row["stock"] for row in told) == list(range(50))


async def test_carts_with_the_same_products_in_opposite_order_do_not_block_each_other(
    shop: ShopUnderTest,
) -> None:
    a, b = await shop.product(stock=[100, 100]), await shop.product(stock=[100, 100])
    attempts = []
    for i in range(40):
        lines = [(a.variant_ids[i % 2], 1), (b.variant_ids[0], 1), (b.variant_ids[1], 1)]
        request = a_request(lines=lines[:: 1 if i % 2 else -1], shown=3 * 129900)
        attempts.append((await shop.customer(), request))
    assert await outcomes_of(shop, attempts) == {"placed": 40}
    assert await shop.product_stocks() == {a.id: 160, b.id: 120}


async def test_a_customer_sees_own_orders_only(shop: ShopUnderTest) -> None:
    customer, stranger, shirt = (
        await shop.customer(),
        await shop.customer(),
        await shop.product(stock=9),
    )
    placed = [await place_order(shop.db, customer, a_request(shirt)) for _ in range(3)]
    assert await order_by_id(shop.db, customer, placed[0].id) == placed[0]
    assert await order_by_id(shop.db, stranger, placed[0].id) is None
    assert await orders_of(shop.db, customer, limit=2) == (placed[2], placed[1])
    assert await orders_of(shop.db, stranger) == ()


async def test_the_last_address_is_offered_again(shop: ShopUnderTest) -> None:
    customer, shirt = await shop.customer(), await shop.product()
    assert await last_address(shop.db, customer) is None
    await place_order(shop.db, customer, a_request(shirt))
    there = replace(HOME, city="Mysuru")
    order = await place_order(shop.db, customer, a_request(shirt, address=there))
    assert await last_address(shop.db, customer) == order.address


async def outcomes_of(
    shop: ShopUnderTest, attempts: Sequence[tuple[UUID, OrderRequest]]
) -> Counter[str]:
    """How many attempts, all made at once, ended which way."""

    async def outcome(customer: UUID, request: OrderRequest) -> str:
        try:
            await place_order(shop.db, customer, request)
        except ShopRefused as refusal:
            return refusal.code
        return "placed"

    return Counter(await asyncio.gather(*(outcome(*attempt) for attempt in attempts)))
