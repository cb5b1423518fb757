"""What a comment in the chat does to the stock."""

from uuid import UUID

from shop.claims import parse
from shop.holds import ClaimAnswer, answer_claim
from tests.shop.shop_under_test import ShopUnderTest


async def say(shop: ShopUnderTest, user_id: UUID, live: UUID, text: str) -> ClaimAnswer:
    claim = parse(text, "SOLD")
    assert claim is not None
    return await answer_claim(shop.db, user_id, live, claim, max_quantity=10)


async def test_a_comment_holds_what_it_asks_for(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=[5, 5])
    live = await shop.live_session(await shop.influencer(), shirt)

    answer = await say(shop, await shop.customer(), live, "SOLD A1 2 size 1")

    assert (answer.outcome, answer.product_name, answer.label) == ("held", "Linen shirt", "Size 1")
    assert answer.hold is not None
    assert (answer.hold.variant_id, answer.hold.quantity) == (shirt.variant_ids[1], 2)
    assert await shop.sql.fetchval("select source from private.stock_holds") == "comment"


async def test_products_are_coded_in_the_order_in_which_they_came(shop: ShopUnderTest) -> None:
    shirt, mug, cap = [await shop.product(name) for name in ("Shirt", "Mug", "Cap")]
    live = await shop.live_session(await shop.influencer(), shirt, mug)
    other = await shop.live_session(await shop.influencer(), mug, cap)

    rows = await shop.sql.fetch(
        "select live_session_id, product_id, claim_code from live_session_products"
    )

    assert {(r["live_session_id"], r["product_id"]): r["claim_code"] for r in rows} == {
        (live, shirt.id): "A1",
        (live, mug.id): "A2",
        (other, mug.id): "A1",
        (other, cap.id): "A2",
    }


async def test_the_same_comment_again_holds_the_same_once(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=5), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)

    answers = [await say(shop, asha, live, text) for text in ("SOLD A1 2", "SOLD A1 2", "SOLD A1")]

    assert [answer.hold and answer.hold.quantity for answer in answers] == [2, 2, 2]


async def test_what_is_not_there_is_waited_for(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=2), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)

    answer = await say(shop, asha, live, "SOLD A1 5")

    assert (answer.outcome, answer.wished) == ("held", 5)
    assert answer.hold is not None
    assert (answer.hold.quantity, answer.hold.waiting) == (2, 3)


async def test_who_claims_what_is_gone_waits_for_all(shop: ShopUnderTest) -> None:
    shirt, asha = await shop.product(stock=0), await shop.customer()
    live = await shop.live_session(await shop.influencer(), shirt)

    answer = await say(shop, asha, live, "SOLD A1 2")

    assert answer.outcome == "waiting"
    assert answer.hold is not None
    assert (answer.hold.quantity, answer.hold.waiting) == (0, 2)


async def test_a_claim_without_a_size_is_asked_which(shop: ShopUnderTest) -> None:
    shirt = await shop.product(stock=[1, 1])
    live = await shop.live_session(await shop.influencer(), shirt)

    answer = await say(shop, await shop.customer(), live, "SOLD A1")

    assert (answer.outcome, answer.choices) == ("unclear", ("Size 0", "Size 1"))
    assert await shop.count("private.stock_holds") == 0


async def test_a_code_that_nothing_has_is_unknown(shop: ShopUnderTest) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product())

    assert (await say(shop, await shop.customer(), live, "SOLD A7")).outcome == "unknown"


async def test_too_many_at_once_are_not_held(shop: ShopUnderTest) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product(stock=99))

    assert (await say(shop, await shop.customer(), live, "SOLD A1 11")).outcome == "invalid"


async def test_where_the_first_to_pay_is_served_a_claim_is_an_invitation_to_buy(
    shop: ShopUnderTest,
) -> None:
    live = await shop.live_session(await shop.influencer(), await shop.product(stock=9))
    await shop.sql.execute("update live_sessions set hold_policy = 'first_paid'")

    answer = await say(shop, await shop.customer(), live, "SOLD A1 2")

    assert (answer.outcome, answer.hold) == ("first_paid", None)
