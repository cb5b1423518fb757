"""What providers say, in every order, more than once, too early, or not to be understood."""

import asyncio
import itertools
from typing import Any

from shop.payments import inbox
from shop.payments.provider import Event
from shop.payments.scripted import reference_of
from tests.shop.payments.till import PRICE, Bought, Till, new_id
from tests.shop.shop_under_test import a_request, place_order


async def fate(till: Till, bought: Bought) -> tuple[object, ...]:
    """Everything that has become of an order, as one value."""
    order = await till.order(bought)
    payment = await till.payment(bought.payment_id)
    refunds = [(row["status"], row["amount_minor"]) for row in await till.refunds(bought)]
    balances = await till.sql.fetch(
        "select a.name, sum(n.amount_minor)::bigint as amount from private.ledger_entries n"
        " join private.ledger_events e on e.id = n.event_id"
        " join private.ledger_accounts a on a.id = n.account_id where e.order_id = $1"
        " group by a.name having sum(n.amount_minor) <> 0 order by a.name",
        bought.order_id,
    )
    return (
        order["status"],
        order["payment_status"],
        payment["status"],
        tuple(refunds),
        await till.stock(bought.product.variant_id),
        tuple((row["name"], row["amount"]) for row in balances),
    )


async def test_b21_every_order_of_the_same_events_has_the_same_result(till: Till) -> None:
    fates = set()
    kinds = ("pending", "failed", "captured", "refund_succeeded")
    for number, permutation in enumerate(itertools.permutations(kinds)):
        bought = await till.buy(phone=await till.script({"kind": "pending"}))
        for kind in permutation:
            more = {"refund_reference": f"refund-{number}"} if kind.startswith("refund") else {}
            event = bought.event(f"{number}:{kind}", kind, **more)
            await inbox.receive(till.db, "test", "webhook", [event, event])
        await till.work()
        fates.add(await fate(till, bought))
    assert fates == {
        ("cancelled", "refunded", "captured", (("succeeded", PRICE),), 5, ()),
    }


async def test_b22_a_repeated_event_is_one_event(till: Till) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    event = bought.event("evt_1", "captured")
    counts = await asyncio.gather(
        *(inbox.receive(till.db, "test", "webhook", [event]) for _ in range(8))
    )
    assert sum(counts) == 1
    assert await till.inbox() == {"evt_1": "applied"}
    assert (await till.order(bought))["payment_status"] == "paid"
    assert await till.count("private.ledger_events") == 1


async def test_b22_two_events_of_one_payment_at_the_same_time_pay_once(till: Till) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    await asyncio.gather(
        *(
            inbox.receive(till.db, "test", "webhook", [bought.event(f"evt_{n}", "captured")])
            for n in range(6)
        )
    )
    assert sorted((await till.inbox()).values()) == ["applied", *["ignored"] * 5]
    assert await till.count("private.ledger_events") == 1


async def test_an_event_that_comes_before_we_know_the_payment_is_kept(till: Till) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    # The provider's call is faster than our note of its name for the payment, and carries no
    # word of ours.
    early = bought.event("evt_early", "captured", payment_id=None)
    await inbox.receive(till.db, "test", "webhook", [early])
    assert await till.inbox() == {"evt_early": "waiting"}
    assert (await till.order(bought))["payment_status"] == "pending"
    await till.work()
    assert (await till.inbox())["evt_early"] == "applied"
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_an_early_event_with_our_name_for_the_payment_counts_at_once(till: Till) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    early = bought.event("evt_early", "captured")
    await inbox.receive(till.db, "test", "webhook", [early])
    assert (await till.order(bought))["payment_status"] == "paid"
    await till.work()
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "captured"
    assert payment["provider_reference"] == reference_of(bought.payment_id)


async def test_what_is_not_understood_is_stored_and_shown(till: Till) -> None:
    event = Event("evt_x", "unknown", "invoice.paid", body={"type": "invoice.paid"})
    await inbox.receive(till.db, "test", "webhook", [event])
    row = await till.row("select state, provider_kind, body from private.payment_events")
    assert (row["state"], row["provider_kind"]) == ("unknown", "invoice.paid")
    assert "invoice.paid" in row["body"]


async def test_b20_a_payment_of_another_amount_pays_nothing(till: Till) -> None:
    bought = await till.buy(phone=await till.script({"kind": "pending"}))
    cheap = bought.event("e", "captured", amount_minor=100)
    await inbox.receive(till.db, "test", "webhook", [cheap])
    row = await till.row("select state, note from private.payment_events")
    assert row["state"] == "mismatch" and "100 INR instead of 129900" in row["note"]
    assert (await till.order(bought))["payment_status"] == "pending"


async def test_a_part_refund_made_at_the_provider_is_for_people(till: Till) -> None:
    bought = await till.buy()
    await till.work()
    part = bought.event("r", "refund_succeeded", refund_reference="re_1", amount_minor=100)
    await inbox.receive(till.db, "test", "webhook", [part])
    assert (await till.inbox())["r"] == "mismatch"
    assert await till.refunds(bought) == []


async def test_what_is_under_way_stays_so_when_it_is_refunded_at_the_provider(till: Till) -> None:
    product = await till.product(stock=5)
    request = a_request(product, 3 * PRICE, quantity=3, payment_method="test")
    order = await place_order(till.db, await till.customer(), request)
    await till.work()
    wholesaler = await till.sql.fetchval("select user_id from wholesalers")
    parcel, item_id = new_id(), order.items[0].order_item_id
    await till.sql.execute(
        "select private.pack_v1($1, 'wholesaler', $2, $3, $4, '{1}')",
        wholesaler, parcel, order.id, [item_id],
    )  # fmt: skip
    await till.sql.execute(
        "select private.ship_v1($1, 'wholesaler', $2, null, null, null)", wholesaler, parcel
    )
    payment_id = await till.sql.fetchval("select id from private.payments")
    said: dict[str, Any] = {"refund_reference": "re_1", "amount_minor": 3 * PRICE}
    event = Event("r", "refund_succeeded", "refund", payment_id=payment_id, currency="INR", **said)
    await inbox.receive(till.db, "test", "webhook", [event])
    now = await till.row("select status, payment_status from orders")
    assert now == {"status": "processing", "payment_status": "refunded"}
    # One is in a parcel: it is not on the shelf, and arrives or comes back.
    assert await till.stock(product.variant_id) == 2
    word = await till.sql.fetchval(
        "select private.deliver_v1($1, 'wholesaler', $2)", wholesaler, parcel
    )
    assert word == "done"


async def test_an_event_that_cannot_be_applied_holds_up_no_other(till: Till) -> None:
    broken, good = await till.buy(), await till.buy()
    # No constraint of ours is broken by anything a provider may say, so one is made up.
    await till.sql.execute(
        "create function pg_temp.never() returns trigger language plpgsql as"
        " $$ begin raise exception 'never'; end $$"
    )
    await till.sql.execute(
        f"create trigger never before update on orders for each row"
        f" when (old.id = '{broken.order_id}') execute function pg_temp.never()"
    )
    for bought in (broken, good):
        event = bought.event(str(bought.order_id), "captured")
        await inbox.store(till.db, "test", "webhook", event)
    await till.work()
    states = await till.inbox()
    assert states[str(good.order_id)] == "applied"
    assert states[str(broken.order_id)] in ("new", "failed")
    for _ in range(12):
        till.pass_(hours=1)
        await till.work()
    row = await till.row(
        "select state, note from private.payment_events where event_id = $1", str(broken.order_id)
    )
    assert row["state"] == "failed" and "never" in row["note"]


async def test_a_refund_of_ours_is_recognised_by_our_name_for_it(till: Till) -> None:
    bought = await till.buy()
    await till.work()
    refund_id = new_id()
    await till.sql.execute(
        "insert into refunds (id, order_id, amount) values ($1, $2, 100)",
        refund_id,
        bought.order_id,
    )
    told = bought.event(
        "r1", "refund_succeeded", refund_id=refund_id, refund_reference="re_1", amount_minor=10000
    )
    await inbox.receive(till.db, "test", "webhook", [told])
    # The desk would ask for it as well: it is done already.
    await till.work()
    [refund] = await till.refunds(bought)
    assert (refund["status"], refund["provider_reference"]) == ("succeeded", "re_1")
    late = bought.event("r2", "refund_failed", refund_reference="re_1")
    await inbox.receive(till.db, "test", "webhook", [late])
    assert (await till.inbox())["r2"] == "mismatch"
    assert (await till.refunds(bought))[0]["status"] == "succeeded"
