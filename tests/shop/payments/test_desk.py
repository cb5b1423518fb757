"""What happens at providers after an order was placed: made, paid, asked about, given up."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shop.payments import TEST_DECLINED_PHONE, PaymentMethod, inbox
from shop.payments.paying import Payments, pay
from shop.payments.scripted import reference_of
from shop.refusal import ShopRefused
from tests.shop.payments.till import PRICE, Bought, Till, new_id
from tests.shop.shop_under_test import a_request, place_order


async def test_an_order_is_paid_and_confirmed_by_itself(till: Till) -> None:
    bought = await till.buy()
    before = await till.order(bought)
    assert (before["status"], before["payment_status"]) == ("pending", "pending")
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert order["payment_reference"] == reference_of(bought.payment_id)
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "captured" and payment["due_at"] is None
    assert await till.told(bought) > 0
    assert await till.count("private.ledger_events") == 1 and await till.ledger_is_balanced()


async def test_b17_two_desks_make_one_payment(till: Till) -> None:
    bought = await till.buy()
    await asyncio.gather(till.desk.sweep(), till.desk.sweep(), till.desk.sweep())
    await till.work()
    assert await till.count("private.payment_events") == 1
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_a_declined_payment_leaves_the_order_open_for_another_try(till: Till) -> None:
    bought = await till.buy(phone=TEST_DECLINED_PHONE)
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("pending", "failed")
    payment = await till.payment(bought.payment_id)
    assert (payment["status"], payment["note"]) == ("failed", "The bank declined the payment.")


async def test_a_payment_that_takes_its_time_is_asked_about(till: Till) -> None:
    phone = await till.script({"kind": "pending"}, {"kind": "captured", "after_s": 90})
    bought = await till.buy(phone=phone)
    await till.work()
    assert (await till.payment(bought.payment_id))["status"] == "pending"
    till.pass_(seconds=95)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_b23_a_payment_that_failed_may_succeed_after_all(till: Till) -> None:
    phone = await till.script({"kind": "failed"}, {"kind": "captured", "after_s": 60, "times": 3})
    bought = await till.buy(phone=phone)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "failed"
    till.pass_(seconds=65)
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert await till.count("private.ledger_events") == 1


async def test_b09_an_unpaid_order_is_cancelled_and_its_stock_comes_back(till: Till) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    await till.work()
    assert await till.stock(bought.product.variant_id) == 4
    till.pass_(minutes=16)
    await till.work()
    # The time is over, but what was paid in its last moment may still be on its way.
    assert (await till.order(bought))["status"] == "pending"
    till.pass_(minutes=2)
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "unpaid")
    assert await till.stock(bought.product.variant_id) == 5
    assert (await till.payment(bought.payment_id))["status"] == "cancelled"


async def test_b09_orders_that_cannot_be_given_up_hold_up_none_behind_them(till: Till) -> None:
    product = await till.product(stock=26)
    bought = [await till.buy("upi", product=product) for _ in range(26)]
    broken, good = [each.order_id for each in bought[:25]], bought[25]
    # More of them than the desk looks at in one step, and all of them due before the good one.
    await till.sql.execute(
        "update orders set notes = 'broken', pay_until = pay_until - interval '1 minute'"
        " where id = any ($1)",
        broken,
    )
    await till.sql.execute(
        "create function public.breaks() returns trigger language plpgsql as"
        " $$ begin raise exception 'broken'; end $$;"
        "create trigger breaks before update on orders for each row"
        " when (new.status = 'cancelled' and new.notes = 'broken') execute function breaks()"
    )
    till.pass_(minutes=18)
    await till.work()
    assert (await till.order(good))["status"] == "cancelled"
    assert await till.stock(product.variant_id) == 1
    # What was mended goes, too; not at once, or its reason would fill the log.
    await till.sql.execute("drop trigger breaks on orders")
    await till.work()
    assert await till.stock(product.variant_id) == 1
    till.pass_(minutes=5)
    await till.work()
    assert await till.stock(product.variant_id) == 26


async def test_an_order_that_was_paid_is_not_given_up(till: Till) -> None:
    bought = await till.buy()
    await till.work()
    till.pass_(days=30)
    await till.work()
    assert (await till.order(bought))["status"] == "confirmed"


async def test_b23_a_late_capture_of_a_cancelled_order_goes_back(till: Till) -> None:
    phone = await till.script({"kind": "pending"}, {"kind": "captured", "after_s": 3600})
    bought = await till.buy(phone=phone)
    await till.work()
    till.pass_(minutes=20)
    await till.work()
    assert (await till.order(bought))["status"] == "cancelled"
    till.pass_(hours=2)
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("cancelled", "refunded")
    [refund] = await till.refunds(bought)
    assert (refund["status"], refund["amount_minor"]) == ("succeeded", PRICE)
    assert await till.stock(bought.product.variant_id) == 5
    assert await till.ledger_is_balanced()


async def test_b09_paid_but_the_stock_is_gone_is_refunded(till: Till) -> None:
    influencer = await till.influencer()
    product = await till.product(stock=1)
    live = await till.live_session(influencer, product)
    await till.sql.execute("update live_sessions set hold_policy = 'first_paid'")
    first = await till.buy(product=product, live_session_id=live)
    second = await till.buy(product=product, live_session_id=live)
    assert await till.stock(product.variant_id) == 1
    await till.work()
    orders = [await till.order(first), await till.order(second)]
    assert sorted((order["status"], order["payment_status"]) for order in orders) == [
        ("cancelled", "refunded"),
        ("confirmed", "paid"),
    ]
    assert await till.stock(product.variant_id) == 0
    assert await till.ledger_is_balanced()


async def test_a_provider_that_does_not_answer_is_asked_again_under_the_same_key(
    till: Till,
) -> None:
    class Flaky:
        def __init__(self, inner: object) -> None:
            self.inner = inner
            self.keys: list[object] = []

        @property
        def capabilities(self) -> object:
            return self.inner.capabilities  # type: ignore[attr-defined]

        async def create_intent(self, attempt: object, now: object) -> object:
            self.keys.append(attempt.id)  # type: ignore[attr-defined]
            if len(self.keys) == 1:
                raise ConnectionResetError("the network")
            return await self.inner.create_intent(attempt, now)  # type: ignore[attr-defined]

    flaky = Flaky(till.providers["test"])
    till.providers["test"] = flaky
    bought = await till.buy()
    await till.work()
    assert (await till.payment(bought.payment_id))["status"] == "created"
    till.pass_(minutes=5)
    await till.work()
    assert flaky.keys == [bought.payment_id, bought.payment_id]
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_a_desk_that_died_is_followed_by_another(till: Till) -> None:
    bought = await till.buy()
    till.catch_up()
    until = till.now + timedelta(seconds=60)
    # What a desk commits before it calls the provider; then it is gone.
    await till.sql.fetch(
        "select * from private.claim_payments_v1($1, $2, '{test}', 10)", till.now, until
    )
    await till.work()
    assert (await till.payment(bought.payment_id))["status"] == "created"
    till.pass_(seconds=61)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


@pytest.mark.parametrize("is_first_captured", [True, False])
async def test_b19_of_two_payments_of_an_order_one_goes_back(
    till: Till, is_first_captured: bool
) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    await till.work()
    word = await till.sql.fetchval(
        "select private.pay_again_v1($1, $2, gen_random_uuid(), 'test', $3)",
        bought.user_id,
        bought.order_id,
        till.now,
    )
    assert word == "done"
    other = await till.sql.fetchval(
        "select id from private.payments where order_id = $1 and id <> $2",
        bought.order_id,
        bought.payment_id,
    )
    assert (await till.payment(bought.payment_id))["status"] == "cancelled"
    await till.work()
    events = [
        bought.event("stale", "captured"),
        bought.event("new", "captured", reference=reference_of(other), payment_id=other),
    ]
    for event in events if is_first_captured else reversed(events):
        await inbox.receive(till.db, "test", "webhook", [event])
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    reversal = await till.row("select * from private.payment_reversals")
    assert reversal["payment_id"] == (other if is_first_captured else bought.payment_id)
    assert (reversal["status"], reversal["amount_minor"]) == ("succeeded", PRICE)
    assert await till.refunds(bought) == []
    assert await till.ledger_is_balanced()


async def an_order_of_first_paid(till: Till, stock: int) -> Bought:
    product = await till.product(stock=stock)
    live = await till.live_session(await till.influencer(), product)
    await till.sql.execute("update live_sessions set hold_policy = 'first_paid'")
    return await till.buy("upi", product=product, live_session_id=live)


async def pay_by(till: Till, bought: Bought, method: PaymentMethod) -> None:
    offered = Payments(("cod", "upi", "test"), till.providers)
    await pay(till.db, offered, bought.user_id, bought.order_id, new_id(), method, till.now)


async def test_b09_an_order_that_becomes_one_in_cash_takes_its_pieces(till: Till) -> None:
    bought = await an_order_of_first_paid(till, stock=5)
    assert await till.stock(bought.product.variant_id) == 5
    await pay_by(till, bought, "cod")
    assert (await till.order(bought))["allocation"] == "taken"
    assert await till.stock(bought.product.variant_id) == 4


async def test_b09_what_is_gone_cannot_be_paid_in_cash(till: Till) -> None:
    bought = await an_order_of_first_paid(till, stock=1)
    await till.buy("cod", product=bought.product)
    with pytest.raises(ShopRefused, match="cannot be paid any more"):
        await pay_by(till, bought, "cod")
    assert (await till.payment(bought.payment_id))["status"] == "created"
    assert await till.stock(bought.product.variant_id) == 0


async def test_an_order_in_cash_stays_one(till: Till) -> None:
    # Part of it may be cancelled, and without a time to be paid in it would wait for ever.
    bought = await till.buy("cod")
    with pytest.raises(ShopRefused, match="cannot be paid any more"):
        await pay_by(till, bought, "upi")
    assert (await till.payment(bought.payment_id))["status"] == "created"
    assert await till.count("private.payments") == 1


async def test_an_order_that_a_coupon_made_free_asks_nobody_for_money(till: Till) -> None:
    await till.sql.execute(
        "insert into private.coupons (code, title, kind, amount_minor, funded_by)"
        " values ('FREE', 'All of it', 'fixed', $1, 'platform')",
        PRICE,
    )
    request = replace(a_request(await till.product(), 0, payment_method="upi"), coupon_code="FREE")
    await place_order(till.db, await till.customer(), request)
    await till.work()
    order = await till.row("select status, payment_status from orders")
    assert order == {"status": "confirmed", "payment_status": "paid"}
    assert (await till.row("select client from private.payments"))["client"] is None
    assert await till.ledger_is_balanced()
