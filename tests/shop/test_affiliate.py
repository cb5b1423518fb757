"""Links of influencers: one per target, and a touch for whoever came by one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from livecommerce.maintenance.checks import check
from shop import affiliate
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import ShopUnderTest, a_request, place_order


def codes() -> Callable[[], str]:
    numbers = count(2)
    return lambda: f"MEERA22{next(numbers)}"


NOW = datetime.now(UTC)


async def test_a_target_has_one_link_and_its_clicks_are_counted(shop: ShopUnderTest) -> None:
    meera, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(meera, product)
    new_code = codes()
    targets: list[tuple[tuple[UUID | None, UUID | None], str]] = [
        ((product.id, None), f"/products/{product.id}"),
        ((None, live), f"/live/{live}"),
        ((None, None), "/"),
    ]
    for target, path in targets:
        link = await affiliate.make(shop.db, meera.user_id, target[0], target[1], new_code)
        again = await affiliate.make(shop.db, meera.user_id, target[0], target[1], new_code)
        assert link.code == again.code
        assert await affiliate.follow(shop.db, link.code) == f"{path}?ref={link.code}"
    links = await affiliate.links_of(shop.db, meera.user_id)
    assert [link.clicks for link in links] == [1, 1, 1]


@pytest.mark.parametrize("code", ["", "nothing", "ABCDEFGH", "../../etc", "A" * 5000])
async def test_a_link_that_is_none_leads_home(shop: ShopUnderTest, code: str) -> None:
    assert await affiliate.follow(shop.db, code) == "/"


async def test_nobody_links_to_the_live_session_of_another(shop: ShopUnderTest) -> None:
    meera, other = await shop.influencer(), await shop.influencer()
    live = await shop.live_session(other)
    targets: list[tuple[UUID | None, UUID | None]] = [
        (uuid4(), None),
        (None, live),
        (uuid4(), live),
    ]
    for target in targets:
        with pytest.raises(ShopRefused) as refused:
            await affiliate.make(shop.db, meera.user_id, target[0], target[1], codes())
        assert refused.value.code == "link.target_unknown"


async def touched(
    shop: ShopUnderTest, user_id: UUID, code: str, product_id: UUID, at: datetime = NOW
) -> bool:
    return await affiliate.note_touch(shop.db, user_id, code, product_id, at)


async def test_a_click_is_remembered_for_the_product_of_the_link(shop: ShopUnderTest) -> None:
    meera, customer = await shop.influencer(), await shop.customer()
    shirt, kurta = await shop.product(), await shop.product("Kurta")
    new_code = codes()
    to_shirt = await affiliate.make(shop.db, meera.user_id, shirt.id, None, new_code)
    to_shop = await affiliate.make(shop.db, meera.user_id, None, None, new_code)
    assert await touched(shop, customer, to_shirt.code, shirt.id)
    assert not await touched(shop, customer, to_shirt.code, kurta.id)
    assert await touched(shop, customer, to_shop.code, kurta.id)
    assert not await touched(shop, customer, "NOTHING2", kurta.id)
    assert (await affiliate.links_of(shop.db, meera.user_id))[0].customers == 1


async def test_the_newest_click_counts_none_from_the_future_and_none_of_long_ago(
    shop: ShopUnderTest,
) -> None:
    meera, customer, product = await shop.influencer(), await shop.customer(), await shop.product()
    link = await affiliate.make(shop.db, meera.user_id, None, None, codes())
    assert not await touched(shop, customer, link.code, product.id, NOW - timedelta(days=31))
    assert await touched(shop, customer, link.code, product.id, NOW - timedelta(days=1))
    assert not await touched(shop, customer, link.code, product.id, NOW - timedelta(days=2))
    assert await touched(shop, customer, link.code, product.id, NOW + timedelta(days=300))
    row = await shop.row("select touched_at <= now() as sane from private.touches")
    assert row["sane"] is True


async def test_an_influencer_earns_nothing_by_their_own_link(shop: ShopUnderTest) -> None:
    meera, product = await shop.influencer(), await shop.product()
    link = await affiliate.make(shop.db, meera.user_id, None, None, codes())
    await shop.sql.execute(
        "insert into customers (user_id, email) values ($1, 'm@example.in') on conflict do nothing",
        meera.user_id,
    )
    assert not await touched(shop, meera.user_id, link.code, product.id)


async def test_what_is_bought_by_a_link_is_in_order(shop: ShopUnderTest) -> None:
    meera, product, buyer = await shop.influencer(), await shop.product(), await shop.customer()
    link = await affiliate.make(shop.db, meera.user_id, None, None, codes())
    assert await affiliate.note_touch(shop.db, buyer, link.code, product.id, datetime.now(UTC))
    await place_order(shop.db, buyer, a_request(product))
    item = await shop.row("select influencer_id, live_session_id from order_items")
    assert item == {"influencer_id": meera.id, "live_session_id": None}
    broken = [verdict.invariant for verdict in await check(shop.db) if verdict.offences]
    assert broken == []


async def test_an_order_remembers_the_link_and_the_click_it_came_by(shop: ShopUnderTest) -> None:
    meera, product, buyer = await shop.influencer(), await shop.product(), await shop.customer()
    link = await affiliate.make(shop.db, meera.user_id, product.id, None, codes())
    clicked = datetime.now(UTC) - timedelta(days=3)
    assert await touched(shop, buyer, link.code, product.id, clicked)
    await place_order(shop.db, buyer, a_request(product))
    # What happens to the click afterwards changes nothing of what was earned by it.
    assert await touched(shop, buyer, link.code, product.id, datetime.now(UTC))
    item = await shop.row(
        "select influencer_id, attribution_kind, attribution_reason, attribution_rule,"
        " attributed_at from order_items"
    )
    assert item == {
        "influencer_id": meera.id,
        "attribution_kind": "affiliate_link",
        "attribution_reason": "last_click",
        "attribution_rule": 1,
        "attributed_at": clicked,
    }


async def test_each_link_counts_the_customers_who_came_by_it(shop: ShopUnderTest) -> None:
    meera, product = await shop.influencer(), await shop.product()
    new_code = codes()
    to_product = await affiliate.make(shop.db, meera.user_id, product.id, None, new_code)
    to_shop = await affiliate.make(shop.db, meera.user_id, None, None, new_code)
    for link in (to_product, to_shop, to_shop):
        assert await touched(shop, await shop.customer(), link.code, product.id)
    links = await affiliate.links_of(shop.db, meera.user_id)
    assert {link.code: link.customers for link in links} == {to_product.code: 1, to_shop.code: 2}


async def test_what_links_sold_and_earned_is_told_without_other_sales(
    shop: ShopUnderTest,
) -> None:
    meera, product = await shop.influencer(), await shop.product()
    link = await affiliate.make(shop.db, meera.user_id, product.id, None, codes())
    by_link, by_chance = await shop.customer(), await shop.customer()
    assert await touched(shop, by_link, link.code, product.id, datetime.now(UTC))
    for buyer in (by_link, by_chance):
        await place_order(shop.db, buyer, a_request(product))
    since = NOW - timedelta(days=1)
    unpaid = await affiliate.sales_since(shop.db, meera.user_id, since)
    assert unpaid == affiliate.LinkSales(orders=1, pieces=1, earned_minor=0)

    await shop.sql.execute(
        "update private.payments set status = case provider when 'cod' then 'collected' "
        "else 'captured' end"
    )
    await shop.sql.execute(
        "select case provider when 'cod' then private.ledger_cod_collected_v1(id) "
        "else private.ledger_captured_v1(id) end from private.payments"
    )
    split = await shop.row(
        "select commission_minor - cut_minor as part from private.order_item_splits "
        "where influencer_id is not null"
    )
    paid = await affiliate.sales_since(shop.db, meera.user_id, since)
    assert paid.earned_minor == split["part"] > 0
    later = await affiliate.sales_since(shop.db, meera.user_id, NOW + timedelta(days=1))
    assert later == affiliate.LinkSales(orders=0, pieces=0, earned_minor=0)
