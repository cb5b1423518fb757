"""Deals, holds and claims as the people of a live session see them, over two hub processes."""

from __future__ import annotations

from typing import Any

from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


async def worker_ticks(shop: ShopUnderTest) -> None:
    for statement in ("tick_deals_v1(1000)", "sweep_holds_v1(1000)", "tell_availability_v1(1000)"):
        await shop.sql.execute(f"select private.{statement}")


def a_deal(live: Any, product: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "live_session_id": live,
        "product_id": product.id,
        "price_minor": 99900,
        "duration_s": 600,
    } | more


async def test_a_deal_is_heard_by_everyone_and_found_by_newcomers(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, shirt = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, shirt)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(influencer.user_id, "influencer")) as host,
        person(two) as viewer,
    ):
        await viewer.call("session.join", live_session_id=live)
        begun = await host.call("deal.start", **a_deal(live, shirt, total_limit=3))
        heard = await viewer.hears("deal.started")
        async with person(one) as newcomer:
            snapshot = await newcomer.call("session.join", live_session_id=live)
        await host.call("deal.stop", live_session_id=live, deal_id=begun["deal"]["id"])
        over = await viewer.hears("deal.ended")
        async with person(two) as late:
            after = await late.call("session.join", live_session_id=live)

    assert heard["deal"] == begun["deal"]
    assert snapshot["deals"] == [begun["deal"]]
    assert (over["deal_id"], over["reason"]) == (begun["deal"]["id"], "stopped")
    assert after["deals"] == []


async def test_b32_a_newcomer_takes_the_servers_time_with_the_deals(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, shirt = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, shirt)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub) as viewer,
    ):
        await host.call("deal.start", **a_deal(live, shirt, starts_in_s=60))
        snapshot = await viewer.call("session.join", live_session_id=live)

    (deal,) = snapshot["deals"]
    left_ms = deal["ends_at_ms"] - snapshot["server_time_ms"]
    assert 0 < deal["starts_at_ms"] - snapshot["server_time_ms"] <= 60_000
    assert left_ms <= 660_000


async def test_a_deal_that_cannot_be_is_refused_with_the_reason(
    shop: ShopUnderTest, redis_url: str
) -> None:
    influencer, shirt = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, shirt)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer")) as host,
        person(hub, token(await shop.customer())) as customer,
    ):
        dear = await host.refusal("deal.start", **a_deal(live, shirt, price_minor=129900))
        foreign = await customer.refusal("deal.start", **a_deal(live, shirt))

    assert (dear.code, dear.details) == ("deal.price_not_lower", {"price_minor": 129900})
    assert foreign.code == "auth.forbidden"


async def test_an_edited_price_reaches_those_who_look_at_it(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt = await shop.product()
    live = await shop.live_session(await shop.influencer(), shirt)
    async with hub_process(shop.db, redis_url) as hub, person(hub) as viewer:
        await viewer.call("session.join", live_session_id=live)
        await shop.sql.execute("update products set sale_price = 1099")
        hub.relay.kick()
        heard = await viewer.hears("price.changed")

    assert (heard["price_minor"], heard["compare_at_minor"]) == (109900, 199900)


async def test_a_hold_is_told_to_its_customer_alone_and_what_is_left_to_all(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(asha)) as phone,
        person(two, token(asha)) as laptop,
        person(two, token(await shop.customer())) as other,
    ):
        for each in (phone, laptop, other):
            await each.call("session.join", live_session_id=live)
        promised = await phone.call(
            "hold.place", live_session_id=live, variant_id=shirt.variant_id, quantity=2
        )
        await worker_ticks(shop)
        one.relay.kick()
        told = await laptop.hears("hold.changed")
        await other.hears("stock.changed")
        released = await laptop.call(
            "hold.release", live_session_id=live, variant_id=shirt.variant_id
        )
        again = await phone.call("hold.release", live_session_id=live, variant_id=shirt.variant_id)
        await worker_ticks(shop)
        two.relay.kick()
        gone = await phone.hears("hold.changed", 2)
        stocks = [(await other.hears("stock.changed", n))["stock"] for n in (1, 2)]

    assert (promised["hold"]["quantity"], promised["missing"]) == (2, 0)
    assert told["hold"] == promised["hold"]
    assert (gone["hold"]["quantity"], gone["version"] > told["version"]) == (0, True)
    assert (released["released"], again["released"]) == (2, 0)
    assert stocks == [1, 3]
    assert [name for name, _ in other.heard if name == "hold.changed"] == []


async def test_a_snapshot_has_ones_own_holds_and_what_is_left_for_newcomers(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt, asha = await shop.product(stock=3), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    async with (
        hub_process(shop.db, redis_url) as one,
        hub_process(shop.db, redis_url) as two,
        person(one, token(asha)) as holder,
        person(two, token(await shop.customer())) as other,
    ):
        await holder.call(
            "hold.place", live_session_id=live, variant_id=shirt.variant_id, quantity=2
        )
        mine = await holder.call("session.join", live_session_id=live)
        theirs = await other.call("session.join", live_session_id=live)

    assert [(hold["quantity"], hold["source"]) for hold in mine["holds"]] == [(2, "cart")]
    assert theirs["holds"] == []
    assert theirs["products"][0]["stock"] == 1
    assert (mine["terms"]["hold_policy"], mine["terms"]["hold_ttl_s"]) == ("hold", 600)


async def test_a_claim_in_the_chat_is_said_to_all_and_answered_to_one(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt, asha = await shop.product(stock=2), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(asha)) as speaker,
        person(hub) as listener,
    ):
        snapshot = await listener.call("session.join", live_session_id=live)
        code = snapshot["products"][0]["claim_code"]
        said = {"live_session_id": live, "id": new_id(), "text": f"sold {code} 3"}
        first = await speaker.call("chat.send", **said)
        second = await speaker.call("chat.send", **said)
        heard = await listener.hears("chat.posted")
        talk = await speaker.call(
            "chat.send", live_session_id=live, id=new_id(), text="sold out already?"
        )

    assert snapshot["terms"]["claim_keyword"] == "SOLD"
    assert first["claim"]["outcome"] == "held"
    assert (first["claim"]["hold"]["quantity"], first["claim"]["hold"]["waiting"]) == (2, 1)
    assert second["claim"]["hold"] == first["claim"]["hold"] | {
        "expires_at_ms": second["claim"]["hold"]["expires_at_ms"]
    }
    assert [message["text"] for message in heard["messages"]] == [f"sold {code} 3"]
    assert "claim" not in heard["messages"][0]
    assert talk["claim"] is None
    assert await shop.sql.fetchval("select sum(quantity) from private.stock_holds") == 2


async def test_where_no_claims_are_taken_a_claim_is_a_message_like_any_other(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt, asha = await shop.product(stock=2), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    await shop.sql.execute("update live_sessions set takes_claims = false")
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(asha)) as speaker,
    ):
        snapshot = await speaker.call("session.join", live_session_id=live)
        code = snapshot["products"][0]["claim_code"]
        said = {"live_session_id": live, "id": new_id(), "text": f"SOLD {code}"}
        answer = await speaker.call("chat.send", **said)

    assert snapshot["terms"]["claim_keyword"] == ""
    assert (answer["message"]["text"], answer["claim"]) == (f"SOLD {code}", None)
    assert await shop.sql.fetchval("select count(*) from private.stock_holds") == 0


async def test_who_waits_is_told_when_the_turn_comes(shop: ShopUnderTest, redis_url: str) -> None:
    shirt, asha, ravi = await shop.product(stock=1), await shop.customer(), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)
    wish = {"live_session_id": live, "variant_id": shirt.variant_id, "quantity": 1}
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(asha)) as holder,
        person(hub, token(ravi)) as waiter,
    ):
        for each in (holder, waiter):
            await each.call("session.join", live_session_id=live)
        await holder.call("hold.place", **wish)
        sold_out = await waiter.refusal("hold.place", **wish)
        waiting = await waiter.call("waitlist.join", **wish)
        await shop.sql.execute("update private.stock_holds set expires_at = now()")
        await worker_ticks(shop)
        hub.relay.kick()
        turn = await waiter.hears("hold.changed")

    assert sold_out.code == "order.sold_out"
    assert (waiting["ahead"], waiting["hold"]["waiting"]) == (0, 1)
    assert (turn["hold"]["quantity"], turn["hold"]["source"], turn["hold"]["is_turn"]) == (
        1,
        "waitlist",
        True,
    )


async def test_more_than_one_may_buy_is_not_held(shop: ShopUnderTest, redis_url: str) -> None:
    shirt = await shop.product(stock=99)
    live = await shop.live_session(await shop.influencer(), shirt)
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(await shop.customer())) as customer,
    ):
        refused = await customer.refusal(
            "hold.place", live_session_id=live, variant_id=shirt.variant_id, quantity=11
        )

    assert refused.code == "order.quantity_invalid"
    assert refused.details is not None and refused.details["max"] == 10
