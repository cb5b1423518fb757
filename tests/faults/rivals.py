"""Who meets a checkout on its way, and what may have become of both afterwards."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Final

from shop.orders import Order
from tests.faults.meetings import DEAL, OFF, PLAIN, SPECIAL, Meeting, Outcome, Rivals

# ---- edits


async def price_change(of: Rivals) -> Meeting:
    """Placed at the old price, or told the new one; never an amount that nobody was shown."""
    customer, request, product, _ = await of.bag(stock=3)

    async def rival() -> None:
        await of.edits.execute("update products set sale_price = 1399 where id = $1", product.id)

    async def verdict(first: Outcome, _: None) -> str:
        if isinstance(first, str):
            assert first == "order.price_changed"
            assert await of.left(product) == 3
            return "refused"
        assert [item.unit_price_minor for item in first.items] == [PLAIN]
        assert first.total_minor == PLAIN
        return "placed"

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def stock_edit(of: Rivals) -> Meeting:
    """Somebody takes the last piece off the shelf, if it is still there."""
    customer, request, product, _ = await of.bag(stock=1)

    async def rival() -> bool:
        status = await of.edits.execute(
            "update product_stock set on_hand = on_hand - 1 where variant_id = $1 and on_hand >= 1",
            product.variant_id,
        )
        return status == "UPDATE 1"

    async def verdict(first: Outcome, was_taken: bool) -> str:
        assert isinstance(first, Order) != was_taken
        assert isinstance(first, Order) or first == "order.sold_out"
        assert await of.left(product) == 0
        return "refused" if was_taken else "placed"

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def session_end(of: Rivals) -> Meeting:
    """The price of a live session holds until its end."""
    customer, request, product, live = await of.bag(stock=2, shown=SPECIAL, special_price="1099")

    async def rival() -> None:
        await of.end(live)

    async def verdict(first: Outcome, _: None) -> str:
        if isinstance(first, str):
            assert first == "order.price_changed"
            assert await of.left(product) == 2
            return "refused"
        assert first.total_minor == SPECIAL
        item = await of.shop.row(
            "select live_session_id from order_items where order_id = $1", first.id
        )
        assert item["live_session_id"] == live
        return "placed"

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def session_end_with_a_deal(of: Rivals) -> Meeting:
    """A deal ends with its live session; one piece of it at most was sold."""
    customer, request, product, live = await of.bag(
        stock=2, shown=DEAL, deal={"total_limit": "2", "is_set_aside": "true"}
    )

    async def rival() -> None:
        await of.end(live)

    async def verdict(first: Outcome, _: None) -> str:
        row = await of.deal_of(live)
        assert row["ended_reason"] == "session_ended"
        if isinstance(first, str):
            assert first == "order.deal_ended"
            assert (row["sold"], await of.left(product)) == (0, 2)
            return "refused"
        assert first.total_minor == DEAL
        assert (row["sold"], await of.left(product)) == (1, 1)
        return "placed"

    return Meeting(customer, request, rival, verdict, product.variant_id)


# ---- other customers


async def coupon_used_up(of: Rivals) -> Meeting:
    """Somebody else uses the last of a coupon."""
    customer, request, product, _ = await of.bag(stock=5, shown=PLAIN - OFF)
    request = replace(request, coupon_code=await of.coupon(quota="1"))
    other = await of.shop.customer()

    async def rival() -> Outcome:
        return await of.buy(other, replace(request, key=uuid.uuid4(), from_cart=False))

    async def verdict(first: Outcome, second: Outcome) -> str:
        word = await of.one_of_two(first, second, "order.coupon_quota", customer, other)
        used = await of.shop.row(
            "select n.used, (select count(*) from private.coupon_redemptions r"
            " where r.coupon_id = c.id) as redeemed"
            " from private.coupons c join private.coupon_counts n on n.coupon_id = c.id"
            " where c.code = $1",
            request.coupon_code,
        )
        assert (used["used"], used["redeemed"]) == (1, 1)
        assert await of.left(product) == 4
        return word

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def last_piece(of: Rivals) -> Meeting:
    """Somebody else buys the last piece."""
    customer, request, product, _ = await of.bag(stock=1)
    other = await of.shop.customer()

    async def rival() -> Outcome:
        return await of.buy(other, replace(request, key=uuid.uuid4(), from_cart=False))

    async def verdict(first: Outcome, second: Outcome) -> str:
        assert await of.left(product) == 0
        return await of.one_of_two(first, second, "order.sold_out", customer, other)

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def last_of_a_deal(of: Rivals) -> Meeting:
    """Somebody else buys the last piece of a deal."""
    customer, request, product, live = await of.bag(stock=5, shown=DEAL, deal={"total_limit": "1"})
    other = await of.shop.customer()

    async def rival() -> Outcome:
        return await of.buy(other, replace(request, key=uuid.uuid4(), from_cart=False))

    async def verdict(first: Outcome, second: Outcome) -> str:
        row = await of.deal_of(live)
        assert (row["ended_reason"], row["sold"]) == ("sold_out", 1)
        assert await of.left(product) == 4
        return await of.one_of_two(first, second, "order.deal_ended", customer, other)

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def hold_of_another(of: Rivals) -> Meeting:
    """Somebody else is promised the last piece."""
    customer, request, product, live = await of.bag(stock=1)
    other = await of.shop.customer()

    async def rival() -> bool:
        word = await of.edits.fetchval(
            "select private.hold_v1(id, $1, 1, $2, 'cart') ->> 'outcome' from customers"
            " where user_id = $3",
            product.variant_id,
            live,
            other,
        )
        assert word in ("held", "sold_out")
        return bool(word == "held")

    async def verdict(first: Outcome, is_held: bool) -> str:
        assert isinstance(first, Order) != is_held
        assert isinstance(first, Order) or first == "order.sold_out"
        assert await of.left(product) == (1 if is_held else 0)
        return "refused" if is_held else "placed"

    return Meeting(customer, request, rival, verdict, product.variant_id)


# ---- the same customer in a second tab


async def second_tab_with_the_same_key(of: Rivals) -> Meeting:
    """One order, and both tabs are told of it."""
    return await _of_the_same_key(of, stock=3, is_held=False)


async def second_tab_for_the_last_piece(of: Rivals) -> Meeting:
    """With the same key: neither is told that it is sold out."""
    return await _of_the_same_key(of, stock=1, is_held=True)


async def _of_the_same_key(of: Rivals, *, stock: int, is_held: bool) -> Meeting:
    customer, request, product, _ = await of.bag(stock=stock, is_held=is_held)

    async def rival() -> Outcome:
        return await of.buy(customer, request)

    async def verdict(first: Outcome, second: Outcome) -> str:
        assert isinstance(first, Order)
        assert first == second
        assert (await of.orders_of(customer), await of.left(product)) == (1, stock - 1)
        return "placed"

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def second_tab_with_another_key(of: Rivals) -> Meeting:
    """The last piece, held for the customer, is sold to him once."""
    customer, request, product, _ = await of.bag(stock=1, is_held=True)

    async def rival() -> Outcome:
        return await of.buy(customer, replace(request, key=uuid.uuid4()))

    async def verdict(first: Outcome, second: Outcome) -> str:
        assert await of.left(product) == 0
        return await of.one_of_two(first, second, "order.sold_out", customer)

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def second_tab_with_the_coupon(of: Rivals) -> Meeting:
    """A coupon is for each customer once."""
    customer, request, product, _ = await of.bag(stock=5, shown=PLAIN - OFF)
    request = replace(request, coupon_code=await of.coupon())

    async def rival() -> Outcome:
        return await of.buy(customer, replace(request, key=uuid.uuid4()))

    async def verdict(first: Outcome, second: Outcome) -> str:
        assert await of.left(product) == 4
        return await of.one_of_two(first, second, "order.coupon_used", customer)

    return Meeting(customer, request, rival, verdict, product.variant_id)


async def second_tab_with_the_deal(of: Rivals) -> Meeting:
    """A deal of one piece for each customer."""
    customer, request, product, _ = await of.bag(stock=5, shown=DEAL, deal={"customer_limit": "1"})

    async def rival() -> Outcome:
        return await of.buy(customer, replace(request, key=uuid.uuid4()))

    async def verdict(first: Outcome, second: Outcome) -> str:
        assert await of.left(product) == 4
        return await of.one_of_two(first, second, "order.limit_reached", customer)

    return Meeting(customer, request, rival, verdict, product.variant_id)


ALL: Final = (
    price_change,
    stock_edit,
    session_end,
    session_end_with_a_deal,
    coupon_used_up,
    last_piece,
    last_of_a_deal,
    hold_of_another,
    second_tab_with_the_same_key,
    second_tab_for_the_last_piece,
    second_tab_with_another_key,
    second_tab_with_the_coupon,
    second_tab_with_the_deal,
)
