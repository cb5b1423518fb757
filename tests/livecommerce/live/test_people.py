"""order.updated reaches the connections of its customer, on whatever process, and nobody else's."""

from typing import Any
from uuid import UUID

import orjson

from db import SERVICE, Query
from livecommerce.live.people import People
from tests.livecommerce.live.hub_process import HubProcess, hub_process, person, running, token
from tests.shop.shop_under_test import ShopUnderTest

TELL = Query("outbox.add")


ADDRESS = {
    "name": "Asha Rao",
    "phone": "+919876543210",
    "line1": "12, MG Road",
    "line2": None,
    "landmark": None,
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}


async def an_order(shop: ShopUnderTest, user_id: UUID) -> UUID:
    order_id: UUID = await shop.sql.fetchval(
        "insert into orders (customer_id, order_number, subtotal, total_amount, payment_method,"
        " shipping_address) select id, '', 10, 10, 'cod', $2 from customers where user_id = $1"
        " returning id",
        user_id,
        orjson.dumps(ADDRESS).decode(),
    )
    product = await shop.product()
    await shop.sql.execute(
        "insert into order_items (order_id, product_id, variant_id, product_name, variant_label,"
        " quantity, unit_price) values ($1, $2, $3, 'Shirt', 'M', 1, 10)",
        order_id,
        product.id,
        product.variant_id,
    )
    return order_id


async def tell(shop: ShopUnderTest, hub: HubProcess, payload: dict[str, Any]) -> None:
    async with shop.db.acting_as(SERVICE) as tx:
        await tx.run(TELL, "order.updated", None, payload)
    hub.relay.kick()


async def test_an_order_is_told_to_its_customer_on_every_process(
    shop: ShopUnderTest, redis_url: str
) -> None:
    mine, other = await shop.customer(), await shop.customer()
    order_id = await an_order(shop, mine)
    async with hub_process(shop.db, redis_url) as near, hub_process(shop.db, redis_url) as far:
        passing_on = (
            People(shop.db, hub.bus, hub.gateway, hub.rooms.standings).run() for hub in (near, far)
        )
        async with (
            running(*passing_on),
            person(near, token(mine)) as here,
            person(far, token(mine)) as there,
            person(far, token(other)) as stranger,
        ):
            await shop.sql.execute("select private.tell_order_v1($1)", order_id)
            near.relay.kick()
            for one in (here, there):
                told = await one.hears("order.updated")
                assert told["order"]["id"] == str(order_id)
                assert told["order"]["payment_status"] == "pending"
            # What is told is what is so now, not when somebody said so.
            await shop.sql.execute(
                "update orders set payment_status = 'paid' where id = $1", order_id
            )
            await tell(shop, near, {"order_id": str(order_id), "user_id": str(mine)})
            told = await there.hears("order.updated", 2)
            assert told["order"]["payment_status"] == "paid"
            assert stranger.heard == []


async def test_a_word_about_an_order_of_somebody_else_tells_nothing(
    shop: ShopUnderTest, redis_url: str
) -> None:
    mine, other = await shop.customer(), await shop.customer()
    order_id, own = await an_order(shop, mine), await an_order(shop, other)
    async with (
        hub_process(shop.db, redis_url) as hub,
        running(People(shop.db, hub.bus, hub.gateway, hub.rooms.standings).run()),
        person(hub, token(other)) as one,
    ):
        await tell(shop, hub, {"order_id": str(order_id), "user_id": str(other)})
        await tell(shop, hub, {"order_id": str(own), "user_id": str(other)})
        told = await one.hears("order.updated")
        assert told["order"]["id"] == str(own)
