"""Support queries as they are opened: numbered, due, once, and not too many."""

import asyncio
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from shop import support
from shop.refusal import ShopRefused
from tests.shop.support.support_desk import LONG_AGO, Desk, new, now, refused


async def test_a_query_is_numbered_by_the_day_in_india_and_has_both_deadlines(desk: Desk) -> None:
    # 06:30 UTC is noon in India; the month of redress ends on the last day of February.
    row = await desk.row(await desk.query(created_at=LONG_AGO))
    assert row["ack_due_at"] == LONG_AGO + timedelta(hours=48)
    assert row["redress_due_at"] == datetime(2024, 2, 29, 6, 30, tzinfo=UTC)
    opened = await support.open_query(desk.shop.db, desk.customer, new(), now())
    india = (opened.created_at + timedelta(hours=5, minutes=30)).strftime("%Y%m%d")
    assert opened.ticket_number.startswith(f"TKT-{india}-")
    assert len(opened.ticket_number.rsplit("-", 1)[1]) == 6
    assert opened.status == "open" and opened.messages == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
async def test_the_month_of_redress_is_indias_whatever_the_connections_zone(
    desk: Desk, zone: str
) -> None:
    # 01:30 on 31 March in India, still 30 March in UTC.
    at = datetime(2026, 3, 30, 20, 0, tzinfo=UTC)
    async with desk.shop.sql.transaction():
        await desk.shop.sql.execute(f"set local timezone = '{zone}'")
        row = await desk.row(await desk.query(created_at=at))
    assert row["redress_due_at"] == datetime(2026, 4, 29, 20, 0, tzinfo=UTC)


async def test_contact_is_that_of_the_customer_when_none_is_given(desk: Desk) -> None:
    await desk.shop.sql.execute("update customers set phone = '9876543210'")
    row = await desk.row(await desk.query())
    assert row["customer_email"] == f"{desk.customer}@example.in"
    assert row["customer_phone"] == "9876543210"


async def test_the_same_query_sent_twice_is_opened_once(desk: Desk) -> None:
    query = new()
    first = await support.open_query(desk.shop.db, desk.customer, query, now())
    again = await support.open_query(desk.shop.db, desk.customer, query, now())
    assert again.ticket_number == first.ticket_number
    assert await desk.shop.sql.fetchval("select count(*) from queries") == 1


async def test_an_id_that_is_somebody_elses_opens_nothing(desk: Desk) -> None:
    query = new()
    await support.open_query(desk.shop.db, await desk.shop.customer(), query, now())
    opening = support.open_query(desk.shop.db, desk.customer, query, now())
    assert await refused(opening) == "query.key_reused"


async def test_a_query_can_be_about_an_order_of_ones_own_only(desk: Desk) -> None:
    own, other = await desk.order(), await desk.order(await desk.shop.customer())
    query = new(order_id=own)
    opened = await support.open_query(desk.shop.db, desk.customer, query, now())
    assert opened.order_id == own and opened.order_number
    for order_id in (other, uuid.uuid4()):
        opening = support.open_query(desk.shop.db, desk.customer, new(order_id=order_id), now())
        assert await refused(opening) == "query.order_unknown"


async def test_the_sixth_query_of_an_hour_waits_for_the_first_to_be_an_hour_old(
    desk: Desk,
) -> None:
    opened = [await support.open_query(desk.shop.db, desk.customer, new(), now()) for _ in range(5)]
    with pytest.raises(ShopRefused) as refusal:
        await support.open_query(desk.shop.db, desk.customer, new(), now())
    assert refusal.value.code == "query.too_many"
    assert refusal.value.retry_after_s and 3500 < refusal.value.retry_after_s <= 3600
    await support.open_query(desk.shop.db, await desk.shop.customer(), new(), now())
    await desk.shop.sql.execute(
        "update queries set created_at = now() - interval '61 minutes' where id = $1", opened[0].id
    )
    await support.open_query(desk.shop.db, desk.customer, new(), now())


async def test_queries_sent_at_the_same_time_are_counted_one_after_the_other(desk: Desk) -> None:
    async def open_one() -> str:
        try:
            await support.open_query(desk.shop.db, desk.customer, new(), now())
        except ShopRefused as refusal:
            return refusal.code
        return "opened"

    answers = await asyncio.gather(*(open_one() for _ in range(12)))
    assert Counter(answers) == {"opened": 5, "query.too_many": 7}


async def test_the_same_query_sent_twice_at_the_same_time_is_opened_once(desk: Desk) -> None:
    query = new()
    opening = (support.open_query(desk.shop.db, desk.customer, query, now()) for _ in range(8))
    assert len({opened.ticket_number for opened in await asyncio.gather(*opening)}) == 1


async def test_an_account_without_a_customer_profile_opens_nothing(desk: Desk) -> None:
    wholesaler = await desk.shop.user("wholesaler")
    opening = support.open_query(desk.shop.db, wholesaler, new(), now())
    assert await refused(opening) == "query.not_customer"
