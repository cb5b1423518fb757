"""Deals, coupons, holds and the stock set aside, at the moment at which an order is placed."""

import asyncio
import uuid
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from shop.checkout import OrderRequest
from shop.orders import Order
from shop.pricing import OrderLine
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import Product, ShopUnderTest, a_request, place_order
from tests.shop.test_batches import together

DEAL, PLAIN = 99900, 129900


class Show:
    """A live session with one product, on which a deal may run."""

    def __init__(self, shop: ShopUnderTest, product: Product, live: UUID) -> None:
        self.shop, self.product, self.live = shop, product, live

    async def deal(self, **columns: Any) -> UUID:
        """A deal at 999 that began a minute ago and goes on for an hour."""
        given = {
            "starts_at": "now() - interval '1 minute'",
            "ends_at": "now() + interval '1 hour'",
        } | {name: str(value) for name, value in columns.items()}
        names, values = ", ".join(given), ", ".join(given.values())
        id_: UUID = await self.shop.sql.fetchval(
            f"insert into private.deals (live_session_id, product_id, variant_id, price, {names})"
            f" values ($1, $2, $3, 999, {values}) returning id",
            self.live,
            self.product.id,
            self.product.variant_id,
        )
        return id_

    def request(self, deal: UUID | None, shown: int, quantity: int = 1) -> OrderRequest:
        request = a_request(self.product, shown, quantity=quantity, live_session_id=self.live)
        return replace(request, items=(OrderLine(self.product.variant_id, quantity, deal_id=deal),))

    async def outcome(self, request: OrderRequest, customer: UUID | None = None) -> Order | str:
        try:
            return await place_order(self.shop.db, customer or await self.shop.customer(), request)
        except ShopRefused as refusal:
            self.refusal = refusal
            return refusal.code


@pytest.fixture
async def show(shop: ShopUnderTest) -> Show:
    product = await shop.product(stock=10)
    return Show(shop, product, await shop.live_session(await shop.influencer(), product))


# ---- deals


async def test_a_deal_is_the_price_while_it_runs_and_its_pieces_are_counted(show: Show) -> None:
    deal = await show.deal(total_limit=5)
    order = await show.outcome(show.request(deal, 2 * DEAL, quantity=2))
    assert isinstance(order, Order)
    assert order.items[0].deal_id == deal
    assert (await show.shop.row("select sold from private.deal_counts"))["sold"] == 2


@pytest.mark.parametrize(
    "columns, reason",
    [
        ({"ends_at": "now() - interval '1 second'"}, "time"),
        ({"starts_at": "now() + interval '1 second'"}, "not_started"),
        ({"ended_at": "now()", "ended_reason": "'stopped'"}, "stopped"),
        ({"ended_at": "now()", "ended_reason": "'sold_out'"}, "sold_out"),
    ],
)
async def test_b32_the_clock_of_the_database_decides_whether_a_deal_runs(
    show: Show, columns: dict[str, str], reason: str
) -> None:
    deal = await show.deal(**columns)
    assert await show.outcome(show.request(deal, DEAL)) == "order.deal_ended"
    assert show.refusal.details["reason"] == reason
    assert show.refusal.details["total_minor"] == PLAIN
    # At the price beside the deal it is an order like any other.
    assert isinstance(await show.outcome(show.request(None, PLAIN)), Order)


async def test_a_deal_is_none_for_who_buys_elsewhere(show: Show) -> None:
    deal = await show.deal()
    elsewhere = replace(show.request(deal, DEAL), live_session_id=None)
    assert await show.outcome(elsewhere) == "order.deal_ended"
    assert isinstance(await show.outcome(replace(elsewhere, shown_total_minor=PLAIN)), Order)


async def test_b13_a_customer_gets_as_many_as_the_deal_grants(show: Show) -> None:
    deal, customer = await show.deal(customer_limit=2), await show.shop.customer()
    assert isinstance(await show.outcome(show.request(deal, DEAL), customer), Order)
    again = show.request(deal, 2 * DEAL, quantity=2)
    assert await show.outcome(again, customer) == "order.limit_reached"
    assert {name: show.refusal.details[name] for name in ("limit", "bought", "left")} == {
        "limit": 2,
        "bought": 1,
        "left": 1,
    }
    assert isinstance(await show.outcome(again), Order)


async def test_at_the_same_moment_a_deal_is_sold_to_its_limit_and_then_ends(show: Show) -> None:
    deal = await show.deal(total_limit=4)
    wishes = [(await show.shop.customer(), show.request(deal, DEAL)) for _ in range(9)]
    answers = await together(show.shop, *wishes)
    assert sum(isinstance(answer, Order) for answer in answers) == 4
    assert answers.count("order.deal_ended") == 5
    row = await show.shop.row("select ended_reason from private.deals")
    assert row["ended_reason"] == "sold_out"


async def test_two_batches_at_once_do_not_sell_more_of_a_deal_than_there_is(show: Show) -> None:
    deal = await show.deal(total_limit=3)
    buyers = [await show.shop.customer() for _ in range(8)]
    answers = await asyncio.gather(
        *(show.outcome(show.request(deal, DEAL), buyer) for buyer in buyers)
    )
    assert sum(isinstance(answer, Order) for answer in answers) == 3
    assert (await show.shop.row("select sold from private.deal_counts"))["sold"] == 3


async def test_what_is_set_aside_for_a_deal_is_not_sold_beside_it(show: Show) -> None:
    deal = await show.deal(total_limit=8, is_set_aside="true")
    beside = replace(show.request(None, 3 * PLAIN, quantity=3), live_session_id=None)
    assert await show.outcome(beside) == "order.sold_out"
    assert show.refusal.details["available"] == 2
    assert isinstance(await show.outcome(show.request(deal, 8 * DEAL, quantity=8)), Order)
    assert isinstance(
        await show.outcome(
            replace(
                beside,
                items=(OrderLine(show.product.variant_id, 2),),
                shown_total_minor=2 * PLAIN,
                key=uuid.uuid4(),
            )
        ),
        Order,
    )


# ---- holds


async def hold(show: Show, customer: UUID, quantity: int, lasts: str = "1 hour") -> None:
    await show.shop.sql.execute(
        "insert into private.stock_holds (id, variant_id, customer_id, quantity, expires_at)"
        " select gen_random_uuid(), $1, id, $2, now() + $3::text::interval from customers"
        " where user_id = $4",
        show.product.variant_id,
        quantity,
        lasts,
        customer,
    )


async def test_b06_a_hold_keeps_others_out_and_never_its_owner(show: Show) -> None:
    owner = await show.shop.customer()
    await hold(show, owner, 8)
    everything = show.request(None, 10 * PLAIN, quantity=10)
    assert await show.outcome(show.request(None, 3 * PLAIN, quantity=3)) == "order.sold_out"
    assert show.refusal.details["available"] == 2
    assert isinstance(await show.outcome(everything, owner), Order)
    assert await show.shop.count("private.stock_holds") == 0


async def test_b08_an_expired_hold_is_none_though_nobody_swept_it(show: Show) -> None:
    await hold(show, await show.shop.customer(), 10, lasts="-1 second")
    assert isinstance(await show.outcome(show.request(None, 10 * PLAIN, quantity=10)), Order)


async def test_an_order_of_a_part_leaves_the_rest_of_the_hold(show: Show) -> None:
    owner = await show.shop.customer()
    await hold(show, owner, 5)
    assert isinstance(await show.outcome(show.request(None, 2 * PLAIN, quantity=2), owner), Order)
    assert (await show.shop.row("select quantity from private.stock_holds"))["quantity"] == 3


async def test_b02_a_hold_made_while_an_order_is_written_is_respected(show: Show) -> None:
    """Between the look and the taking of the stock: the order looks again and finds too little."""
    owner, buyer = await show.shop.customer(), await show.shop.customer()
    async with show.shop.sql.transaction():
        await show.shop.sql.execute("update product_stock set promises = promises + 1")
        await hold(show, owner, 9)
        buying = asyncio.create_task(show.outcome(show.request(None, 2 * PLAIN, quantity=2), buyer))
        await show.shop.until_waiting(1)
    assert await buying == "order.sold_out"


async def test_first_paid_takes_its_stock_when_it_is_paid(show: Show) -> None:
    await show.shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")
    wish = replace(show.request(None, 10 * PLAIN, quantity=10), payment_method="test")
    first, second = await show.outcome(wish), await show.outcome(replace(wish, key=uuid.uuid4()))
    assert isinstance(first, Order) and isinstance(second, Order)
    assert await show.shop.stock(show.product.variant_id) == 10
    taken = [
        (await show.shop.row("select private.take_stock_of_order_v1($1) as taken", id_))["taken"]
        for id_ in (second.id, second.id, first.id)
    ]
    # Paid first is served first; again is no more; the other finds nothing left.
    assert taken == [True, True, False]
    assert await show.shop.stock(show.product.variant_id) == 0


# ---- coupons


async def coupon(show: Show, code: str = "DIWALI", **columns: Any) -> None:
    given = {
        "kind": "'percent'",
        "percent_bp": "1000",
        "max_discount_minor": "5000",
        "funded_by": "'platform'",
    } | {name: str(value) for name, value in columns.items()}
    await show.shop.sql.execute(
        f"insert into private.coupons (code, title, {', '.join(given)})"
        f" values ($1, 'A coupon', {', '.join(given.values())})",
        code,
    )


def with_coupon(request: OrderRequest, discount: int, code: str = "DIWALI") -> OrderRequest:
    shown = request.shown_total_minor - discount
    return replace(request, coupon_code=code, shown_total_minor=shown, key=uuid.uuid4())


async def test_a_coupon_lowers_the_total_up_to_its_cap(show: Show) -> None:
    await coupon(show)
    order = await show.outcome(with_coupon(show.request(None, PLAIN), 5000, " diwali "))
    assert isinstance(order, Order)
    assert (order.discount_minor, order.coupon_code) == (5000, "DIWALI")
    assert order.items[0].discount_minor == 5000


@pytest.mark.parametrize(
    "columns, code",
    [
        ({"is_active": "false"}, "order.coupon_ended"),
        ({"starts_at": "now() - interval '2 hours'", "ends_at": "now()"}, "order.coupon_ended"),
        ({"starts_at": "now() + interval '1 hour'"}, "order.coupon_unknown"),
        ({"min_spend_minor": PLAIN + 1}, "order.coupon_min_spend"),
        ({"wholesaler_id": "null::uuid", "live_session_id": "$2"}, "order.coupon_not_here"),
    ],
)
async def test_a_coupon_that_does_not_hold_is_refused_with_its_reason(
    show: Show, columns: dict[str, Any], code: str
) -> None:
    if columns.get("live_session_id") == "$2":
        other = await show.shop.live_session(await show.shop.influencer())
        columns = {"live_session_id": f"'{other}'"}
    await coupon(show, **columns)
    assert await show.outcome(with_coupon(show.request(None, PLAIN), 5000)) == code


async def test_a_coupon_that_is_for_live_only_does_not_hold_afterwards(show: Show) -> None:
    await coupon(show, is_live_only="true")
    wish = with_coupon(show.request(None, PLAIN), 5000)
    assert isinstance(await show.outcome(wish), Order)
    await show.shop.sql.execute("update live_sessions set status = 'ended', end_time = now()")
    assert await show.outcome(replace(wish, key=uuid.uuid4())) == "order.coupon_not_here"


async def test_each_customer_uses_a_coupon_once(show: Show) -> None:
    await coupon(show)
    customer = await show.shop.customer()
    wish = with_coupon(show.request(None, PLAIN), 5000)
    assert isinstance(await show.outcome(wish, customer), Order)
    assert await show.outcome(replace(wish, key=uuid.uuid4()), customer) == "order.coupon_used"


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_b11_a_coupon_with_one_use_left_is_used_once(show: Show, in_one_batch: bool) -> None:
    await coupon(show, quota=1)
    wishes = [
        (await show.shop.customer(), with_coupon(show.request(None, PLAIN), 5000)) for _ in range(6)
    ]
    if in_one_batch:
        answers = await together(show.shop, *wishes)
    else:
        answers = await asyncio.gather(*(show.outcome(wish, customer) for customer, wish in wishes))
    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert answers.count("order.coupon_quota") == 5
    assert (await show.shop.row("select used from private.coupon_counts"))["used"] == 1


async def test_b28_a_discount_is_shared_to_the_paisa_and_a_full_one_leaves_nothing(
    show: Show,
) -> None:
    await coupon(
        show, kind="'fixed'", percent_bp="null", max_discount_minor="null", amount_minor="100"
    )
    mugs = [await show.shop.product(name=f"Mug {n}", price="1") for n in range(3)]
    lines = [(mug.variant_id, 1) for mug in mugs]
    order = await show.outcome(with_coupon(a_request(lines=lines, shown=300), 100))
    assert isinstance(order, Order)
    assert [item.discount_minor for item in order.items] == [34, 33, 33]
    await coupon(
        show,
        "FREE",
        kind="'fixed'",
        percent_bp="null",
        max_discount_minor="null",
        amount_minor="1000000",
    )
    free = await show.outcome(with_coupon(a_request(lines=lines, shown=300), 300, "FREE"))
    assert isinstance(free, Order)
    assert free.total_minor == 0
    splits = await show.shop.sql.fetch(
        "select paid_minor, wholesaler_minor from private.order_item_splits where order_id = $1",
        free.id,
    )
    assert {tuple(row) for row in splits} == {(0, 0)}


# ---- who earns


@pytest.mark.parametrize(
    "status, ended, kind",
    [
        ("live", None, "in_session"),
        ("ended", "23 hours", "session_carryover"),
        ("ended", "25 hours", "replay"),
        ("ended", "8 days", "none"),
    ],
)
async def test_the_session_that_showed_it_earns_for_a_while(
    show: Show, status: str, ended: str | None, kind: str
) -> None:
    await show.shop.sql.execute(
        "update live_sessions set status = $1, end_time = now() - $2::text::interval", status, ended
    ) if status == "ended" else None
    assert isinstance(await show.outcome(show.request(None, PLAIN)), Order)
    item = await show.shop.row("select attribution_kind, influencer_id from order_items")
    assert item["attribution_kind"] == kind
    assert (item["influencer_id"] is None) == (kind == "none")


async def touch(show: Show, customer: UUID, kind: str, ago: str, influencer: UUID) -> None:
    await show.shop.sql.execute(
        "insert into private.touches (customer_id, product_id, kind, influencer_id, touched_at)"
        " select id, $1, $2, $3, now() - $4::text::interval from customers where user_id = $5",
        show.product.id,
        kind,
        influencer,
        ago,
        customer,
    )


async def test_outside_of_sessions_the_last_click_in_its_window_earns(show: Show) -> None:
    customer, first, last = (
        await show.shop.customer(),
        await show.shop.influencer(),
        await show.shop.influencer(),
    )
    await touch(show, customer, "link", "29 days", first.id)
    await touch(show, customer, "replay", "6 days", last.id)
    await show.outcome(replace(show.request(None, PLAIN), live_session_id=None), customer)
    item = await show.shop.row("select attribution_kind, influencer_id from order_items")
    assert (item["attribution_kind"], item["influencer_id"]) == ("replay", last.id)


async def test_a_click_past_its_window_earns_nothing(show: Show) -> None:
    customer, influencer = await show.shop.customer(), await show.shop.influencer()
    await touch(show, customer, "link", "31 days", influencer.id)
    await show.outcome(replace(show.request(None, PLAIN), live_session_id=None), customer)
    item = await show.shop.row("select attribution_kind, attribution_reason from order_items")
    assert tuple(item.values()) == ("none", "no_touch")


async def test_what_was_put_into_the_cart_in_a_session_earns_there_wherever_it_is_bought(
    show: Show,
) -> None:
    customer = await show.shop.customer()
    await show.shop.sql.execute(
        "insert into cart (customer_id, product_id, variant_id, quantity, live_session_id,"
        " touched_at) select id, $1, $2, 1, $3, now() - interval '5 minutes' from customers"
        " where user_id = $4",
        show.product.id,
        show.product.variant_id,
        show.live,
        customer,
    )
    bag = replace(show.request(None, PLAIN), live_session_id=None, from_cart=True)
    assert isinstance(await show.outcome(bag, customer), Order)
    item = await show.shop.row(
        "select attribution_kind, attribution_reason, live_session_id from order_items"
    )
    assert tuple(item.values()) == ("in_session", "added_to_cart", show.live)
    assert await show.shop.count("cart") == 0


async def test_what_goes_to_the_telephone_of_the_influencer_earns_nothing(show: Show) -> None:
    await show.shop.sql.execute("update influencers set phone = '+919876543210'")
    assert isinstance(await show.outcome(show.request(None, PLAIN)), Order)
    item = await show.shop.row("select attribution_kind, attribution_reason from order_items")
    assert tuple(item.values()) == ("none", "own_household")


async def test_the_first_rule_that_fits_sets_the_rates(show: Show) -> None:
    await show.shop.sql.execute(
        "insert into private.commission_rules (position, title, category, fee_bp, commission_bp)"
        " values (1, 'other goods', 'Toys', 1, 1), (2, 'festival', null, 500, 2000),"
        " (3, 'too late', null, 1, 1)"
    )
    assert isinstance(await show.outcome(show.request(None, PLAIN)), Order)
    split = await show.shop.row("select fee_bp, commission_bp from private.order_item_splits")
    assert tuple(split.values()) == (500, 2000)
