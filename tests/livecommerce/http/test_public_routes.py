"""What everybody may read, and what a person may read about themselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest


async def shelves(client: Any) -> dict[str, list[dict[str, Any]]]:
    response = await client.get("/api/v1/live-sessions")
    assert response.status == 200
    found: dict[str, list[dict[str, Any]]] = await response.json()
    return found


async def test_live_sessions_stand_on_the_shelf_of_their_state(
    client: Any, world: Any, viewers: Any, now: Any
) -> None:
    made = {
        status: await world.live_session(await world.user(name=status), status=status)
        for status in ("scheduled", "live", "paused", "ended", "cancelled", "error")
    }
    viewers.counts = {made["live"]: 120}
    found = await shelves(client)
    assert found.keys() == {"live", "upcoming", "ended"}
    assert {one["id"]: one["viewers"] for one in found["live"]} == {
        str(made["live"]): 120,
        str(made["paused"]): 0,
    }
    assert [one["id"] for one in found["upcoming"]] == [str(made["scheduled"])]
    assert [one["id"] for one in found["ended"]] == [str(made["ended"])]
    assert found["upcoming"][0]["influencer"]["display_name"] == "scheduled"
    assert found["upcoming"][0]["poster"] is None


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
async def test_live_session_that_is_not_public_is_on_no_shelf(
    client: Any, world: Any, visibility: str
) -> None:
    for status in ("scheduled", "live", "ended"):
        await world.live_session(await world.user(), status=status, visibility=visibility)
    assert await shelves(client) == {"live": [], "upcoming": [], "ended": []}


async def test_upcoming_is_soonest_first_without_what_never_began(
    client: Any, world: Any, now: Any
) -> None:
    user = await world.user()
    for hours in (30, 2, -1, -13):
        start = now.at + timedelta(hours=hours)
        await world.live_session(user, title=f"in {hours}", scheduled_start_time=start)
    titles = [one["title"] for one in (await shelves(client))["upcoming"]]
    assert titles == ["in -1", "in 2", "in 30"]


async def test_newest_is_first_among_what_is_on_air_and_over(
    client: Any, world: Any, now: Any
) -> None:
    for hour in range(3):
        time = now.at - timedelta(hours=hour)
        user = await world.user()
        await world.live_session(user, title=str(hour), status="live", actual_start_time=time)
        await world.live_session(user, title=str(hour), status="ended", end_time=time)
    found = await shelves(client)
    assert [one["title"] for one in found["live"]] == ["0", "1", "2"]
    assert [one["title"] for one in found["ended"]] == ["0", "1", "2"]
    assert found["live"][0]["started_at_ms"] == int(now.at.timestamp() * 1000)


async def test_list_is_bounded(client: Any, world: Any) -> None:
    user = await world.user()
    for _ in range(30):
        await world.live_session(user, status="ended")
    assert len((await shelves(client))["ended"]) == 24


async def test_influencer_who_was_switched_off_takes_nobodys_place(
    client: Any, world: Any, now: Any
) -> None:
    off, on = await world.user(), await world.user()
    await world.live_session(on, title="seen", status="ended", end_time=now.at)
    for minute in range(24):
        later = now.at + timedelta(minutes=1 + minute)
        await world.live_session(off, status="ended", end_time=later)
    await world.ask("update influencers set is_active = false where user_id = $1", off)
    assert [one["title"] for one in (await shelves(client))["ended"]] == ["seen"]


async def test_poster_is_a_product_that_is_for_sale(client: Any, world: Any) -> None:
    await world.live_session(await world.user(), await world.product(), status="live")
    await world.ask("update wholesalers set is_active = false")
    assert [one["poster"] for one in (await shelves(client))["live"]] == [None]


async def test_poster_is_the_pinned_product_at_its_live_price(client: Any, world: Any) -> None:
    first, pinned = await world.product("Kurta"), await world.product("Saree", sale_price=899)
    live_session = await world.live_session(await world.user(), first, pinned, status="live")
    (shown,) = (await shelves(client))["live"]
    assert shown["poster"] == {
        "product_id": str(first),
        "name": "Kurta",
        "image_url": "/images/products/Kurta.webp",
        "price_minor": 99900,
        "compare_at_minor": None,
        "currency": "INR",
        "translations": {},
    }
    await world.ask(
        "insert into product_translations (product_id, locale, name) values ($1, 'hi', 'साड़ी')",
        pinned,
    )
    await world.ask(
        "update live_session_products set is_featured = true, special_price = 799 "
        "where product_id = $1",
        pinned,
    )
    (shown,) = (await shelves(client))["live"]
    assert shown["poster"]["name"] == "Saree"
    assert shown["poster"]["translations"] == {"hi": {"name": "साड़ी", "short_description": None}}
    assert (shown["poster"]["price_minor"], shown["poster"]["compare_at_minor"]) == (79900, 99900)
    await world.ask("update live_sessions set status = 'ended' where id = $1", live_session)
    (shown,) = (await shelves(client))["ended"]
    assert shown["poster"]["price_minor"] == 89900


async def test_list_is_shown_without_numbers_when_they_cannot_be_had(
    client: Any, world: Any, viewers: Any
) -> None:
    await world.live_session(await world.user(), status="live")
    viewers.is_broken = True
    assert [one["viewers"] for one in (await shelves(client))["live"]] == [0]


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/me/address", "/api/v1/me/orders"])
async def test_what_is_ones_own_needs_a_token(client: Any, path: str) -> None:
    response = await client.get(path)
    assert response.status == 401
    assert response.headers["Cache-Control"] == "no-store"


async def test_person_without_orders_has_none(client: Any, bearer: Any) -> None:
    for role in ("customer", "influencer", "wholesaler", "admin"):
        address = await client.get("/api/v1/me/address", headers=bearer(role))
        assert await address.json() == {"address": None}
        orders = await client.get("/api/v1/me/orders", headers=bearer(role))
        assert await orders.json() == {"orders": []}


ADDRESS = {
    "name": "Asha Rao",
    "phone": "+919812345678",
    "line1": "12 MG Road",
    "line2": None,
    "landmark": None,
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}


async def order(world: Any, user_id: UUID, city: str, placed_at: Any) -> None:
    product = await world.product(f"Shirt for {city}")
    order_id = await world.ask(
        "insert into orders (customer_id, order_number, subtotal, total_amount, shipping_address, "
        "payment_method, created_at) select id, '', 999, 999, $2, 'cod', $3 from customers "
        "where user_id = $1 returning id",
        user_id,
        orjson.dumps(ADDRESS | {"city": city}).decode(),
        placed_at,
    )
    await world.ask(
        "insert into order_items (order_id, product_id, variant_id, product_name, variant_label, "
        "quantity, unit_price) select $1, $2, id, 'Shirt', label, 1, 999 from product_variants "
        "where product_id = $2",
        order_id,
        product,
    )


async def test_person_reads_their_own_orders_and_address(
    client: Any, bearer: Any, world: Any, now: Any
) -> None:
    asha, ravi = await world.user("customer", "Asha"), await world.user("customer", "Ravi")
    await order(world, asha, "Mysuru", now.at - timedelta(days=2))
    await order(world, asha, "Bengaluru", now.at)
    await order(world, ravi, "Pune", now.at)
    headers = bearer("customer", asha)
    address = await (await client.get("/api/v1/me/address", headers=headers)).json()
    assert address == {"address": ADDRESS}
    orders = (await (await client.get("/api/v1/me/orders", headers=headers)).json())["orders"]
    assert [one["address"]["city"] for one in orders] == ["Bengaluru", "Mysuru"]
    assert orders[0]["total_minor"] == 99900
    assert orders[0]["placed_at_ms"] == int(now.at.timestamp() * 1000)
    (item,) = orders[0]["items"]
    assert (item["name"], item["quantity"], item["total_minor"]) == ("Shirt", 1, 99900)
