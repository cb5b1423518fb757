"""Short words for what the tests of deals, holds and the waitlist do again and again."""

import json
import uuid
from typing import Any
from uuid import UUID

from shop.checkout import DEFAULT_TERMS, batch_writer, placed, prepared
from shop.deals import Deal, NewDeal, start_deal
from shop.orders import Order
from tests.shop.shop_under_test import Influencer, Product, ShopUnderTest, a_request


async def buy(
    shop: ShopUnderTest,
    user_id: UUID,
    product: Product,
    shown: int,
    quantity: int = 1,
    live_session_id: UUID | None = None,
    deal_id: UUID | None = None,
) -> Order:
    """Place an order as the hub does, alone in its batch. Raises ShopRefused."""
    # Ids read from the database are of the driver's own class.
    there = None if live_session_id is None else UUID(str(live_session_id))
    lines = [(UUID(str(product.variant_id)), quantity)]
    request = a_request(shown=shown, lines=lines, live_session_id=there)
    wish = prepared(user_id, request, DEFAULT_TERMS)
    if deal_id is not None:
        wish["lines"] = [line | {"deal_id": str(deal_id)} for line in wish["lines"]]
    (answer,) = await batch_writer(shop.db, DEFAULT_TERMS)([wish])
    return placed(answer, wish).order


async def a_deal(
    shop: ShopUnderTest,
    influencer: Influencer,
    live_session_id: UUID,
    product: Product,
    **changes: Any,
) -> Deal:
    """A deal on every variant for 999.00, which runs for ten minutes from now."""
    new: dict[str, Any] = {
        "id": uuid.uuid4(),
        "live_session_id": live_session_id,
        "product_id": product.id,
        "variant_id": None,
        "price_minor": 99900,
        "starts_in_s": 0,
        "duration_s": 600,
        "total_limit": None,
        "customer_limit": None,
        "is_set_aside": False,
    }
    return await start_deal(shop.db, influencer.user_id, NewDeal(**(new | changes)))


async def told(shop: ShopUnderTest, topic: str) -> list[dict[str, Any]]:
    """What the outbox holds about a topic, each with its live session, oldest first."""
    rows = await shop.sql.fetch(
        "select live_session_id, payload from private.outbox where topic = $1 order by id", topic
    )
    return [_decoded(row["payload"]) | {"in": row["live_session_id"]} for row in rows]


async def let_holds_expire(shop: ShopUnderTest) -> None:
    await shop.sql.execute(
        "update private.stock_holds set expires_at = now() - interval '1 millisecond'"
    )


async def sweep(shop: ShopUnderTest) -> int:
    done: int = await shop.sql.fetchval("select private.sweep_holds_v1(1000)")
    return done


async def tick(shop: ShopUnderTest) -> int:
    done: int = await shop.sql.fetchval("select private.tick_deals_v1(1000)")
    return done


def _decoded(payload: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(payload) if isinstance(payload, str) else payload
    return decoded
