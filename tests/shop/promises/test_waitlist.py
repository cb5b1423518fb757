from uuid import UUID

import pytest

from shop.holds import (
    holds_of_customer,
    join_waitlist,
    leave_waitlist,
    place_hold,
    release_hold,
)
from shop.refusal import ShopRefused
from tests.shop.promises.promises_under_test import buy, let_holds_expire, sweep
from tests.shop.shop_under_test import Product, ShopUnderTest

PRICE = 129900


async def held_by(shop: ShopUnderTest) -> dict[UUID, int]:
    rows = await shop.sql.fetch(
        "select c.user_id, h.quantity from private.stock_holds h"
        " join customers c on c.id = h.customer_id where h.expires_at > now()"
    )
    return {row["user_id"]: row["quantity"] for row in rows}


async def statuses(shop: ShopUnderTest) -> list[str]:
    rows = await shop.sql.fetch("select status from private.waitlist order by created_at, id")
    return [row["status"] for row in rows]


class Queue:
    """A variant of which the first customer holds everything and the others wait, in turn."""

    def __init__(self, shop: ShopUnderTest, shirt: Product, live: UUID, users: list[UUID]) -> None:
        self.shop, self.shirt, self.live, self.users = shop, shirt, live, users

    @classmethod
    async def of(cls, shop: ShopUnderTest, *wishes: int, stock: int = 1) -> "Queue":
        shirt = await shop.product(stock=stock)
        live = await shop.live_session(await shop.influencer(), shirt)
        users = [await shop.customer() for _ in range(len(wishes) + 1)]
        await place_hold(shop.db, users[0], shirt.variant_id, stock, live)
        for user, wish in zip(users[1:], wishes, strict=True):
            await join_waitlist(shop.db, user, shirt.variant_id, wish, live)
        return cls(shop, shirt, live, users)


async def test_whoever_waits_knows_how_many_wait_before(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1, 1)

    waiting = await join_waitlist(
        shop.db, await shop.customer(), queue.shirt.variant_id, 2, queue.live
    )

    assert (waiting.ahead, waiting.hold.waiting, waiting.hold.quantity) == (2, 2, 0)


async def test_joining_twice_keeps_the_place(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1, 1)

    again = await join_waitlist(shop.db, queue.users[1], queue.shirt.variant_id, 3, queue.live)

    assert (again.ahead, again.hold.waiting) == (0, 3)
    assert await statuses(shop) == ["waiting", "waiting"]


async def test_nobody_waits_for_what_is_there(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=2)

    with pytest.raises(ShopRefused) as refused:
        await join_waitlist(shop.db, await shop.customer(), shirt.variant_id, 2, None)

    assert refused.value.code == "waitlist.available"
    assert refused.value.details["available"] == 2


async def test_what_is_given_back_goes_to_the_first_who_waits_at_once(
    shop: ShopUnderTest,
) -> None:
    queue = await Queue.of(shop, 1, 1)

    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)

    assert await held_by(shop) == {queue.users[1]: 1}
    assert await statuses(shop) == ["promoted", "waiting"]


async def test_a_later_comer_cannot_slip_in_before_who_waits(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1)
    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)

    with pytest.raises(ShopRefused) as refused:
        await buy(shop, await shop.customer(), queue.shirt, PRICE)

    assert refused.value.code == "order.sold_out"


async def test_who_gets_a_part_waits_on_for_the_rest_at_the_same_place(
    shop: ShopUnderTest,
) -> None:
    queue = await Queue.of(shop, 3, 1)

    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)

    (first,) = await holds_of_customer(shop.db, queue.users[1], queue.live)
    assert (first.quantity, first.waiting, first.is_turn) == (1, 2, True)
    await shop.sql.execute("update product_stock set on_hand = 4")
    await sweep(shop)
    assert await held_by(shop) == {queue.users[1]: 3, queue.users[2]: 1}


async def test_when_a_hold_runs_out_the_next_has_a_turn(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1)
    await let_holds_expire(shop)

    await sweep(shop)

    assert await held_by(shop) == {queue.users[1]: 1}


async def test_a_turn_that_is_not_taken_goes_to_the_one_after(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1, 1)
    for _ in range(2):
        await let_holds_expire(shop)
        await sweep(shop)

    assert await held_by(shop) == {queue.users[2]: 1}


async def test_new_stock_serves_those_who_wait_in_their_order(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 2, 2, 2)

    await shop.sql.execute("update product_stock set on_hand = on_hand + 5")
    await sweep(shop)

    assert await held_by(shop) == {
        queue.users[0]: 1,
        queue.users[1]: 2,
        queue.users[2]: 2,
        queue.users[3]: 1,
    }
    assert await statuses(shop) == ["promoted", "promoted", "waiting"]


async def test_a_cancelled_order_serves_who_waits(shop: ShopUnderTest) -> None:
    shirt, asha, ravi = await shop.product(stock=1), await shop.customer(), await shop.customer()
    order = await buy(shop, asha, shirt, PRICE)
    await join_waitlist(shop.db, ravi, shirt.variant_id, 1, None)

    await shop.sql.execute("update orders set status = 'cancelled' where id = $1", order.id)
    await sweep(shop)

    assert await held_by(shop) == {ravi: 1}


async def test_who_left_gets_nothing(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1, 1)

    assert await leave_waitlist(shop.db, queue.users[1], queue.shirt.variant_id)
    assert not await leave_waitlist(shop.db, queue.users[1], queue.shirt.variant_id)
    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)

    assert await held_by(shop) == {queue.users[2]: 1}


async def test_where_the_first_to_pay_is_served_those_who_wait_are_told_and_nothing_is_held(
    shop: ShopUnderTest,
) -> None:
    queue = await Queue.of(shop, 1, 1)
    await shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")

    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)

    assert await held_by(shop) == {}
    assert await statuses(shop) == ["promoted", "waiting"]
    assert await shop.sql.fetchval("select user_id from notifications") == queue.users[1]


async def test_whose_turn_it_is_is_notified(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1)

    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)

    note = await shop.row("select * from notifications")
    assert note["user_id"] == queue.users[1]
    assert note["message"] == '1 of "Linen shirt" held for you for 10 minutes.'
    assert note["action_url"] == f"/live/{queue.live}"


async def test_what_became_of_a_turn_is_written_down(shop: ShopUnderTest) -> None:
    queue = await Queue.of(shop, 1, 1, stock=2)
    await release_hold(shop.db, queue.users[0], queue.shirt.variant_id)
    await buy(shop, queue.users[1], queue.shirt, PRICE, live_session_id=queue.live)
    await let_holds_expire(shop)

    await shop.sql.execute(
        "select private.settle_waitlist_v1(now() + interval '20 minutes', null, 100)"
    )

    assert await statuses(shop) == ["bought", "lapsed"]


async def test_nobody_waits_for_ever(shop: ShopUnderTest) -> None:
    await Queue.of(shop, 1)

    done = await shop.sql.fetchval(
        "select done from private.settle_waitlist_v1(now() + interval '31 days', null, 100)"
    )

    assert done == 1
    assert await statuses(shop) == ["lapsed"]
