"""Coupons: what one takes off, why it does not, and who makes them."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop import coupons
from shop.coupons import Asked, Discount, Line, NewCoupon, Terms, discount
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import HOME, ShopUnderTest

TENTH = Terms("percent", percent_bp=1000, max_discount_minor=20_000)
FIXED = Terms("fixed", amount_minor=15_000)

amounts = st.lists(st.integers(0, 10**9), max_size=12)


# ---------------------------------------------------------------------------- the sums


@given(
    parts=amounts,
    bp=st.integers(1, 10_000),
    most=st.integers(1, 10**9),
)
def test_a_percentage_never_takes_more_than_its_cap_or_the_lines(
    parts: list[int], bp: int, most: int
) -> None:
    off = discount(Terms("percent", bp, most), [Line(part) for part in parts])
    assert off.eligible_minor == sum(parts)
    assert 0 <= off.discount_minor <= min(most, off.eligible_minor)
    assert sum(off.shares) == off.discount_minor
    assert all(share <= part for share, part in zip(off.shares, parts, strict=True))


def test_b28_a_discount_of_everything_leaves_exactly_nothing() -> None:
    whole = Terms("percent", 10_000, 10**9)
    assert discount(whole, [Line(33_333), Line(0), Line(1)]) == Discount(
        33_334, 33_334, (33333, 0, 1)
    )


@pytest.mark.parametrize(
    ("terms", "lines", "taken"),
    [
        (TENTH, [100_005], 10_001),
        (TENTH, [100_004], 10_000),
        (TENTH, [500_000], 20_000),
        (FIXED, [10_000], 10_000),
        (FIXED, [20_000, 20_000], 15_000),
    ],
)
def test_what_comes_off_is_rounded_half_up_and_capped(
    terms: Terms, lines: list[int], taken: int
) -> None:
    assert discount(terms, [Line(amount) for amount in lines]).discount_minor == taken


def test_only_the_lines_count_that_the_coupon_is_for() -> None:
    seller, show = uuid.uuid4(), uuid.uuid4()
    lines = [Line(1000, seller, show, True), Line(3000, seller), Line(500, uuid.uuid4(), show)]
    by_seller = replace(FIXED, amount_minor=100, wholesaler_id=seller)
    assert discount(by_seller, lines).shares == (25, 75, 0)
    by_show = replace(FIXED, amount_minor=300, live_session_id=show)
    assert discount(by_show, lines).shares == (200, 0, 100)
    assert discount(replace(by_show, is_live_only=True), lines).shares == (300, 0, 0)


# ---------------------------------------------------------------------------- the preview


async def make(shop: ShopUnderTest, **more: Any) -> UUID:
    values = {
        "code": "DIWALI", "title": "Diwali", "kind": "fixed", "amount_minor": 15_000,
        "funded_by": "platform",
    } | more  # fmt: skip
    if values["kind"] == "percent":
        values["amount_minor"] = None
    names, places = ", ".join(values), ", ".join(f"${i + 1}" for i in range(len(values)))
    coupon_id: UUID = await shop.sql.fetchval(
        f"insert into private.coupons ({names}) values ({places}) returning id", *values.values()
    )
    return coupon_id


async def preview(shop: ShopUnderTest, customer: UUID, *asked: Asked) -> coupons.Preview:
    return await coupons.check(shop.db, customer, " diwali ", asked)


async def refusal(shop: ShopUnderTest, customer: UUID, *asked: Asked) -> ShopRefused:
    with pytest.raises(ShopRefused) as refused:
        await preview(shop, customer, *asked)
    return refused.value


async def test_a_coupon_is_previewed_at_the_prices_of_the_server(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product(price="1000")
    await make(shop, kind="percent", percent_bp=1000, max_discount_minor=15_000)
    found = await preview(shop, customer, Asked(product.variant_id, 1))
    assert (found.code, found.eligible_minor, found.discount_minor) == ("DIWALI", 100_000, 10_000)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("code = 'OTHER'", "order.coupon_unknown"),
        ("starts_at = now() + interval '1 hour'", "order.coupon_unknown"),
        ("is_active = false", "order.coupon_ended"),
        ("ends_at = now(), starts_at = now() - interval '1 day'", "order.coupon_ended"),
        ("is_live_only = true", "order.coupon_not_here"),
        ("min_spend_minor = 100001", "order.coupon_min_spend"),
    ],
)
async def test_a_coupon_that_does_not_hold_says_why(
    shop: ShopUnderTest, change: str, code: str
) -> None:
    customer, product = await shop.customer(), await shop.product(price="1000")
    await make(shop)
    await shop.sql.execute(f"update private.coupons set {change}")
    refused = await refusal(shop, customer, Asked(product.variant_id, 1))
    assert refused.code == code and refused.message.endswith(".")
    if code == "order.coupon_min_spend":
        assert refused.details == {"min_spend_minor": 100_001, "eligible_minor": 100_000}


async def test_b11_a_quota_that_is_used_up_and_a_use_of_ones_own_are_told_apart(
    shop: ShopUnderTest,
) -> None:
    customer, product = await shop.customer(), await shop.product()
    coupon_id = await make(shop, quota=1)
    await shop.sql.execute(
        "update private.coupon_counts set used = 1 where coupon_id = $1", coupon_id
    )
    asked = Asked(product.variant_id, 1)
    assert (await refusal(shop, customer, asked)).code == "order.coupon_quota"
    await shop.sql.execute(
        "insert into private.coupon_redemptions (coupon_id, customer_id, order_id, discount_minor)"
        " select $1, id, gen_random_uuid(), 100 from customers where user_id = $2",
        coupon_id,
        customer,
    )
    assert (await refusal(shop, customer, asked)).code == "order.coupon_used"


async def test_b13_a_use_that_came_back_may_be_made_again(shop: ShopUnderTest) -> None:
    customer, product = await shop.customer(), await shop.product()
    coupon_id = await make(shop)
    await shop.sql.execute(
        "insert into private.coupon_redemptions (coupon_id, customer_id, order_id, discount_minor,"
        " returned_at) select $1, id, gen_random_uuid(), 100, now() from customers"
        " where user_id = $2",
        coupon_id,
        customer,
    )
    assert (await preview(shop, customer, Asked(product.variant_id, 1))).discount_minor == 15_000


async def test_a_coupon_of_a_live_session_counts_what_is_bought_in_it(
    shop: ShopUnderTest,
) -> None:
    customer, shirt, kurta = (
        await shop.customer(),
        await shop.product(price="1000"),
        await shop.product("Kurta", price="500"),
    )
    live = await shop.live_session(await shop.influencer(), shirt)
    await make(shop, live_session_id=live, is_live_only=True)
    asked = [Asked(shirt.variant_id, 1, live), Asked(kurta.variant_id, 1)]
    assert (await preview(shop, customer, *asked)).eligible_minor == 100_000
    await shop.sql.execute("update live_sessions set status = 'ended', end_time = now()")
    assert (await refusal(shop, customer, *asked)).code == "order.coupon_not_here"


async def test_b14_the_preview_is_what_the_checkout_takes_off(shop: ShopUnderTest) -> None:
    customer = await shop.customer()
    one, two = await shop.product(price="333.33"), await shop.product("Kurta", price="66.65")
    live = await shop.live_session(await shop.influencer(), one)
    await make(shop, kind="percent", percent_bp=1234, max_discount_minor=9_000)
    wishes = [(one.variant_id, 3, live), (two.variant_id, 1, None)]
    found = await preview(shop, customer, *(Asked(*wish) for wish in wishes))
    request = {
        "user_id": str(customer), "key": str(uuid.uuid4()), "hash": "00", "live_session_id": None,
        "lines": [
            {"variant_id": str(variant), "quantity": quantity,
             "live_session_id": str(session) if session else None, "deal_id": None}
            for variant, quantity, session in wishes
        ],
        "address": HOME.as_json(), "place_of_supply": "29", "provider": "cod", "is_prepaid": False,
        "shown_total_minor": found.eligible_minor - found.discount_minor, "coupon": "DIWALI",
        "from_cart": False, "buyer_gstin": None,
    }  # fmt: skip
    terms = {
        "shipping_minor": 0, "cod_fee_minor": 0, "pay_within_s": 900, "carryover_s": 86400,
        "replay_s": 604800, "link_s": 2592000,
    }  # fmt: skip
    await shop.sql.set_type_codec(
        "jsonb", encoder=json.dumps, decoder=json.loads,
        schema="pg_catalog",
    )  # fmt: skip
    row = await shop.row("select * from private.place_orders_v4($1, $2)", [request], terms)
    assert row["outcome"] == "placed", row["answer"]
    assert row["discount_minor"] == found.discount_minor


# ---------------------------------------------------------------------------- who makes them


def new(**more: Any) -> NewCoupon:
    values: dict[str, Any] = {
        "code": " live-10 ", "title": "Ten percent", "terms": TENTH, "quota": 100,
        "funded_by": "platform", "starts_at": None, "ends_at": None,
    } | more  # fmt: skip
    return NewCoupon(**values)


async def test_an_admin_makes_sees_and_stops_a_coupon(shop: ShopUnderTest) -> None:
    admin, coupon_id = await shop.user("admin"), uuid.uuid4()
    await coupons.create(shop.db, admin, "admin", coupon_id, new())
    made = await coupons.create(shop.db, admin, "admin", coupon_id, new())
    assert (made.code, made.state, made.used, made.funded_by) == (
        "LIVE-10",
        "running",
        0,
        "platform",
    )
    assert await shop.count("private.coupons") == 1
    page = await coupons.coupons_of(shop.db, admin, "admin", None, 10)
    assert page.coupons == (made,) and page.next is None
    stopped = await coupons.stop(shop.db, admin, "admin", coupon_id)
    assert (stopped.state, stopped.is_active) == ("stopped", False)


async def test_a_code_is_given_once(shop: ShopUnderTest) -> None:
    admin = await shop.user("admin")
    await coupons.create(shop.db, admin, "admin", uuid.uuid4(), new())
    with pytest.raises(ShopRefused) as refused:
        await coupons.create(shop.db, admin, "admin", uuid.uuid4(), new())
    assert refused.value.code == "coupon.code_taken"


async def test_an_influencer_makes_coupons_of_their_own_live_sessions_only(
    shop: ShopUnderTest,
) -> None:
    meera, other = await shop.influencer(), await shop.influencer()
    own, theirs = await shop.live_session(meera), await shop.live_session(other)
    given = new(terms=replace(TENTH, live_session_id=own))
    made = await coupons.create(shop.db, meera.user_id, "influencer", uuid.uuid4(), given)
    assert (made.funded_by, made.live_session_title) == ("influencer", "Sale")
    for terms, code in (
        (replace(TENTH, live_session_id=theirs), "coupon.not_yours"),
        (TENTH, "coupon.invalid"),
        (replace(TENTH, live_session_id=own, percent_bp=1_001), "coupon.invalid"),
        (replace(FIXED, live_session_id=own), "coupon.invalid"),
    ):
        with pytest.raises(ShopRefused) as refused:
            await coupons.create(
                shop.db, meera.user_id, "influencer", uuid.uuid4(), new(code="ABC", terms=terms)
            )
        assert refused.value.code == code
    assert (await coupons.coupons_of(shop.db, other.user_id, "influencer", None, 9)).coupons == ()
    with pytest.raises(ShopRefused) as refused:
        await coupons.stop(shop.db, other.user_id, "influencer", made.id)
    assert refused.value.code == "coupon.not_found"


async def test_a_wholesaler_makes_coupons_of_their_own_products_only(shop: ShopUnderTest) -> None:
    own, other = await shop.wholesaler(), await shop.wholesaler()
    user_id = (await shop.row("select user_id from wholesalers where id = $1", own))["user_id"]
    made = await coupons.create(shop.db, user_id, "wholesaler", uuid.uuid4(), new())
    assert (made.wholesaler_id, made.funded_by) == (own, "wholesaler")
    with pytest.raises(ShopRefused) as refused:
        await coupons.create(
            shop.db, user_id, "wholesaler", uuid.uuid4(),
            new(code="ABC", terms=replace(TENTH, wholesaler_id=other)),
        )  # fmt: skip
    assert refused.value.code == "coupon.not_yours"


async def test_pages_of_coupons_follow_each_other(shop: ShopUnderTest) -> None:
    admin = await shop.user("admin")
    for i in range(5):
        await coupons.create(shop.db, admin, "admin", uuid.uuid4(), new(code=f"CODE{i}"))
    seen, after = [], None
    for _ in range(3):
        page = await coupons.coupons_of(shop.db, admin, "admin", after, 2)
        seen += [one.code for one in page.coupons]
        after = page.next
    assert seen == ["CODE4", "CODE3", "CODE2", "CODE1", "CODE0"] and after is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (new(code="AB"), "code"),
        (new(code="-ABC"), "code"),
        (new(code="दस प्रतिशत"), "code"),
        (new(title="  "), "title"),
        (new(terms=replace(TENTH, max_discount_minor=None)), "max_discount_minor"),
        (new(terms=replace(TENTH, percent_bp=10_001)), "percent_bp"),
        (new(terms=replace(TENTH, amount_minor=5)), "amount_minor"),
        (new(terms=replace(FIXED, amount_minor=0)), "amount_minor"),
        (new(terms=replace(FIXED, percent_bp=5)), "percent_bp"),
        (new(terms=replace(FIXED, min_spend_minor=-1)), "min_spend_minor"),
        (new(quota=0), "quota"),
        (new(funded_by=None), "funded_by"),
        (
            new(starts_at=datetime.now(UTC), ends_at=datetime.now(UTC) - timedelta(hours=1)),
            "ends_at_ms",
        ),
    ],
)
async def test_what_is_wrong_with_a_coupon_is_named_by_field(
    shop: ShopUnderTest, given: NewCoupon, field: str
) -> None:
    with pytest.raises(ShopRefused) as refused:
        await coupons.create(shop.db, await shop.user("admin"), "admin", uuid.uuid4(), given)
    assert refused.value.code == "coupon.invalid"
    assert list(refused.value.details["fields"]) == [field]
