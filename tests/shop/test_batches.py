"""Orders that are written together: what one of them does to the others."""

import asyncio
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

import pytest

from shop.checkout import Checkout, OrderRequest, ShopTerms
from shop.combiner import CombinerConfig
from shop.orders import Order, order_by_id
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import ShopUnderTest, a_request, place_order

# A window so long that what is asked together goes together.
TOGETHER = CombinerConfig(window_s=0.05, calls=1)


async def together(
    shop: ShopUnderTest, *wishes: tuple[UUID, OrderRequest], config: CombinerConfig = TOGETHER
) -> list[Order | str]:
    """The order of each, or the code of its refusal."""
    checkout = Checkout(shop.db, ShopTerms(), config)

    async def one(customer: UUID, request: OrderRequest) -> Order | str:
        try:
            return (await checkout.place(customer, request)).order
        except ShopRefused as refusal:
            return refusal.code

    return list(await asyncio.gather(*(one(*wish) for wish in wishes)))


async def customers(shop: ShopUnderTest, count: int) -> list[UUID]:
    return [await shop.customer() for _ in range(count)]


async def test_who_asks_for_too_much_takes_nothing_from_those_behind(shop: ShopUnderTest) -> None:
    a, b, c = await customers(shop, 3)
    shirt = await shop.product(stock=3)
    answers = await together(
        shop,
        (a, a_request(shirt, quantity=2, shown=2 * 129900)),
        (b, a_request(shirt, quantity=2, shown=2 * 129900)),
        (c, a_request(shirt)),
    )
    assert [answer if isinstance(answer, str) else "placed" for answer in answers] == [
        "placed",
        "order.sold_out",
        "placed",
    ]
    assert await shop.stock(shirt.variant_id) == 0


async def test_refusals_of_all_kinds_leave_their_neighbours_alone(shop: ShopUnderTest) -> None:
    a, b, c, d = await customers(shop, 4)
    nobody = await shop.user("admin")
    shirt, gone = await shop.product(), await shop.product(name="Mug", price="349")
    await shop.sql.execute("update products set is_active = false where id = $1", gone.id)
    answers = await together(
        shop,
        (a, a_request(shirt, shown=1)),
        (nobody, a_request(shirt)),
        (b, a_request(gone, shown=34900)),
        (c, a_request(shirt, live_session_id=UUID(int=1))),
        (d, a_request(shirt)),
    )
    assert answers[:4] == [
        "order.price_changed",
        "order.not_customer",
        "order.product_unavailable",
        "session.not_found",
    ]
    assert isinstance(answers[4], Order)


async def test_an_order_that_a_column_refuses_fails_alone(shop: ShopUnderTest) -> None:
    a, b = await customers(shop, 2)
    shirt = await shop.product(stock=2)
    checkout = Checkout(shop.db, ShopTerms(), TOGETHER)
    too_long = a_request(shirt)
    too_long = OrderRequest(
        **{name: getattr(too_long, name) for name in too_long.__slots__} | {"buyer_gstin": "x" * 99}
    )
    answers = await asyncio.gather(
        checkout.place(a, too_long), checkout.place(b, a_request(shirt)), return_exceptions=True
    )
    assert isinstance(answers[0], Exception)
    assert not isinstance(answers[1], BaseException)
    assert await shop.stock(shirt.variant_id) == 1


async def test_b01_two_hubs_that_sell_one_product_never_sell_a_piece_twice(
    shop: ShopUnderTest,
) -> None:
    everybody = await customers(shop, 60)
    shirt = await shop.product(stock=25)
    hubs = [Checkout(shop.db, ShopTerms(), CombinerConfig(batch_size=7)) for _ in range(2)]

    async def buy(n: int, customer: UUID) -> bool:
        try:
            await hubs[n % 2].place(customer, a_request(shirt))
        except ShopRefused as refusal:
            assert refusal.code == "order.sold_out"
            return False
        return True

    bought = await asyncio.gather(*(buy(n, customer) for n, customer in enumerate(everybody)))
    assert sum(bought) == 25
    assert await shop.stock(shirt.variant_id) == 0
    assert await shop.count("order_items") == 25
    moved = await shop.row("select sum(delta) as sum from private.stock_moves")
    assert moved["sum"] == 0


async def test_what_is_answered_is_what_is_read_afterwards(shop: ShopUnderTest) -> None:
    (customer,) = await customers(shop, 1)
    shirt, mug = await shop.product(), await shop.product(name="Mug", price="349")
    order = await place_order(
        shop.db,
        customer,
        a_request(lines=[(mug.variant_id, 2), (shirt.variant_id, 1)], shown=34900 * 2 + 129900),
    )
    read = await order_by_id(shop.db, customer, order.id)
    assert read is not None
    assert asdict(read) == asdict(order)


async def test_a_quote_writes_nothing_and_says_what_the_order_would_cost(
    shop: ShopUnderTest,
) -> None:
    (customer,) = await customers(shop, 1)
    shirt = await shop.product(stock=3)
    checkout = Checkout(shop.db, ShopTerms(shipping_minor=5000, cod_fee_minor=2000))
    quote = await checkout.quote(customer, a_request(shirt, quantity=2, shown=0))
    assert (quote.subtotal_minor, quote.total_minor) == (259800, 266800)
    assert await shop.count("orders") == 0
    assert await shop.stock(shirt.variant_id) == 3


@pytest.mark.parametrize("method, fee", [("cod", 2000), ("test", 0)])
async def test_only_cash_on_delivery_pays_its_fee(
    shop: ShopUnderTest, method: str, fee: int
) -> None:
    (customer,) = await customers(shop, 1)
    shirt = await shop.product()
    terms = ShopTerms(cod_fee_minor=2000)
    request = a_request(shirt, shown=129900 + fee, payment_method=method)
    order = await place_order(shop.db, customer, request, terms)
    assert (order.cod_fee_minor, order.total_minor) == (fee, 129900 + fee)
    assert (order.pay_until_ms is None) == (method == "cod")


async def test_the_worked_example_is_frozen_with_the_item(shop: ShopUnderTest) -> None:
    """1,180 with 18 % GST contained, 10 % fee, 15 % commission; the table of shop.md 7.4."""
    (customer,) = await customers(shop, 1)
    influencer = await shop.influencer(rate="15")
    shirt = await shop.product(price="1180")
    await shop.sql.execute("update products set tax_rate = 18")
    live = await shop.live_session(influencer, shirt)
    await place_order(shop.db, customer, a_request(shirt, 118000, live_session_id=live))
    split = await shop.row("select * from private.order_item_splits")
    amounts = {name: value for name, value in split.items() if name.endswith("_minor")}
    assert amounts == {
        "paid_minor": 118000,
        "discount_minor": 0,
        "base_minor": 100000,
        "tax_minor": 18000,
        "fee_minor": 10000,
        "fee_gst_minor": 1800,
        "commission_minor": 15000,
        "cut_minor": 1500,
        "tcs_minor": 500,
        "tds_minor": 100,
        "wholesaler_minor": 90600,
    }


@pytest.mark.parametrize("rate", ["0", "0.25", "3", "5", "12", "18", "40"])
@pytest.mark.parametrize("paid", [1, 99, 101, 9948, 10868, 16402, 99999999])
async def test_b27_the_halves_of_the_tax_are_equal_and_nothing_is_left_over(
    shop: ShopUnderTest, rate: str, paid: int
) -> None:
    split = await shop.row(
        "select * from private.split_of_line_v1($1, $2, 1000, 1500, 1800, 1000, 50, 10)",
        paid,
        Decimal(rate),
    )
    assert split["tax_minor"] % 2 == 0
    assert split["base_minor"] + split["tax_minor"] == paid
    exact = paid * Decimal(rate) / (100 + Decimal(rate))
    assert abs(split["tax_minor"] - exact) <= 1
    shares = ("fee", "fee_gst", "commission", "tcs", "tds", "wholesaler")
    assert sum(split[f"{name}_minor"] for name in shares) == paid
