"""An influencer prepares live sessions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from livecommerce.http.studio_routes import MAX_SCHEDULED

PATH = "/api/v1/studio/live-sessions"
UNKNOWN = UUID(int=99)


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


@pytest.fixture
async def influencer(world: Any) -> UUID:
    user_id: UUID = await world.user()
    return user_id


@pytest.fixture
def post(client: Any, bearer: Any, influencer: UUID) -> Any:
    def send(**body: Any) -> Any:
        return client.post(PATH, json=body, headers=bearer("influencer", influencer))

    return send


@pytest.fixture
def patch(client: Any, bearer: Any, influencer: UUID) -> Any:
    def send(live_session_id: object, **body: Any) -> Any:
        headers = bearer("influencer", influencer)
        return client.patch(f"{PATH}/{live_session_id}", json=body, headers=headers)

    return send


async def test_scheduled_live_session_is_listed_with_its_products_in_order(
    client: Any, bearer: Any, world: Any, post: Any, influencer: UUID, now: Any
) -> None:
    products = [str(await world.product(name)) for name in ("Kurta", "Saree", "Shawl")]
    start_ms = int((now.at + timedelta(hours=2)).timestamp() * 1000)
    chosen = [products[2], products[0], products[1]]
    response = await post(
        title="  Festive sarees ", product_ids=chosen, scheduled_start_at_ms=start_ms
    )
    assert response.status == 201
    made = (await response.json())["live_session"]
    assert made["title"] == "Festive sarees"
    assert made["description"] == ""
    assert made["status"] == "scheduled"
    assert made["influencer"]["display_name"] == "Meera"
    assert made["scheduled_start_at_ms"] == start_ms
    assert made["started_at_ms"] is made["ended_at_ms"] is None
    assert made["product_ids"] == chosen
    listed = await client.get(PATH, headers=bearer("influencer", influencer))
    assert (await listed.json())["live_sessions"] == [made]


async def test_product_chosen_twice_is_shown_once(world: Any, post: Any) -> None:
    product = str(await world.product())
    response = await post(title="Shirts", product_ids=[product, product])
    assert (await response.json())["live_session"]["product_ids"] == [product]


async def test_products_that_cannot_be_shown_are_named_and_nothing_is_made(
    world: Any, post: Any
) -> None:
    good = str(await world.product())
    bad = [
        str(UNKNOWN),
        str(await world.product("Old", is_active=False)),
        str(await world.product("Shy", is_live_stream_eligible=False)),
        str(await world.product("Gone", status="discontinued")),
    ]
    response = await post(title="Shirts", product_ids=[good, *bad])
    assert (response.status, await code_of(response)) == (409, "product.unavailable")
    assert (await response.json())["refused"]["details"]["product_ids"] == bad
    assert await world.ask("select count(*) from live_sessions") == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ""},
        {"title": "   "},
        {"title": "a" * 121},
        {"title": 1},
        {"title": "a\0b"},
        {"product_ids": []},
        {"product_ids": ["not an id"]},
        {"product_ids": [str(UNKNOWN)] * 51},
        {"product_ids": "01930000-0000-7000-8000-000000000001"},
        {"scheduled_start_at_ms": "tomorrow"},
        {"scheduled_start_at_ms": True},
        {"scheduled_start_at_ms": 10**23},
        {"scheduled_start_at_ms": -1},
        {"scheduled_start_at_ms": 1},
        {"status": "live"},
        {"influencer_id": str(UNKNOWN)},
    ],
    ids=str,
)
async def test_malformed_schedule_is_refused(
    world: Any, post: Any, changed: dict[str, Any]
) -> None:
    body = {"title": "Shirts", "product_ids": [str(await world.product())]} | changed
    response = await post(**body)
    assert (response.status, await code_of(response)) == (400, "payload.invalid")
    assert await world.ask("select count(*) from live_sessions") == 0


async def test_live_sessions_that_wait_are_bounded(world: Any, post: Any, influencer: UUID) -> None:
    for _ in range(MAX_SCHEDULED - 1):
        await world.live_session(influencer)
    await world.live_session(influencer, status="ended")
    product = str(await world.product())
    assert (await post(title="The last", product_ids=[product])).status == 201
    response = await post(title="One more", product_ids=[product])
    assert (response.status, await code_of(response)) == (409, "session.wrong_state")


async def test_change_keeps_what_it_leaves_out(world: Any, patch: Any, influencer: UUID) -> None:
    kurta, saree, shawl = [await world.product(name) for name in ("Kurta", "Saree", "Shawl")]
    live_session = await world.live_session(influencer, kurta, saree, description="All new")
    await world.ask(
        "update live_session_products set special_price = 799, clicks = 3 where product_id = $1",
        saree,
    )
    titled = await patch(live_session, title="Weaves")
    assert (await titled.json())["live_session"]["product_ids"] == [str(kurta), str(saree)]
    response = await patch(live_session, product_ids=[str(saree), str(shawl)])
    shown = (await response.json())["live_session"]
    assert shown["product_ids"] == [str(saree), str(shawl)]
    assert (shown["title"], shown["description"]) == ("Weaves", "All new")
    kept = await world.ask(
        "select (special_price, clicks)::text from live_session_products where product_id = $1",
        saree,
    )
    assert kept == "(799.00,3)"


async def test_start_is_moved_kept_and_taken_away(
    world: Any, patch: Any, influencer: UUID, now: Any
) -> None:
    live_session = await world.live_session(influencer)
    moved_ms = int((now.at + timedelta(hours=2)).timestamp() * 1000)
    starts = []
    for change in ({"scheduled_start_at_ms": moved_ms}, {"title": "Weaves"}):
        response = await patch(live_session, **change)
        starts.append((await response.json())["live_session"]["scheduled_start_at_ms"])
    assert starts == [moved_ms, moved_ms]
    response = await patch(live_session, scheduled_start_at_ms=1)
    assert (response.status, await code_of(response)) == (400, "payload.invalid")
    response = await patch(live_session, scheduled_start_at_ms=None)
    assert (await response.json())["live_session"]["scheduled_start_at_ms"] is None


@pytest.mark.parametrize("status", ["live", "paused", "ended", "cancelled", "error"])
async def test_what_has_begun_is_not_changed(
    world: Any, patch: Any, influencer: UUID, status: str
) -> None:
    live_session = await world.live_session(influencer, status=status)
    for change in ({"title": "Later"}, {"visibility": "private"}):
        response = await patch(live_session, **change)
        assert (response.status, await code_of(response)) == (409, "session.wrong_state")
        assert (await response.json())["refused"]["details"] == {"status": status}


async def test_live_session_of_somebody_else_is_not_found(world: Any, patch: Any) -> None:
    theirs = await world.live_session(await world.user(name="Ravi"))
    answers = []
    for wanted in (theirs, UNKNOWN, "1"):
        response = await patch(wanted, title="Mine now")
        refused = (await response.json())["refused"]
        answers.append((response.status, refused["code"], refused["message"]))
    assert len(set(answers)) == 1 and answers[0][:2] == (404, "session.not_found")
    assert await world.ask("select title from live_sessions") == "Festive sarees"


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
async def test_visibility_is_chosen_and_changed_before_the_start(
    client: Any, bearer: Any, world: Any, post: Any, patch: Any, influencer: UUID, visibility: str
) -> None:
    product = str(await world.product())
    plain = (await (await post(title="Shirts", product_ids=[product])).json())["live_session"]
    assert plain["visibility"] == "public"
    response = await post(title="Shirts", product_ids=[product], visibility=visibility)
    made = (await response.json())["live_session"]
    assert made["visibility"] == visibility
    changed = await patch(plain["id"], visibility=visibility)
    assert (await changed.json())["live_session"]["visibility"] == visibility
    kept = await patch(made["id"], title="Linen shirts")
    assert (await kept.json())["live_session"]["visibility"] == visibility
    listed = await client.get(PATH, headers=bearer("influencer", influencer))
    found = {one["id"]: one["visibility"] for one in (await listed.json())["live_sessions"]}
    assert found == {plain["id"]: visibility, made["id"]: visibility}


async def test_how_stock_is_held_is_chosen_and_changed_before_the_start(
    world: Any, post: Any, patch: Any
) -> None:
    product = str(await world.product())
    plain = (await (await post(title="Sarees", product_ids=[product])).json())["live_session"]
    assert (plain["hold_policy"], plain["hold_ttl_s"]) == ("hold", 600)

    changed = await patch(plain["id"], hold_policy="first_paid", hold_ttl_s=300)
    kept = await patch(plain["id"], title="Saris")

    for response in (changed, kept):
        live = (await response.json())["live_session"]
        assert (live["hold_policy"], live["hold_ttl_s"]) == ("first_paid", 300)
    for wrong in ({"hold_policy": "never"}, {"hold_ttl_s": 5}):
        assert (await patch(plain["id"], **wrong)).status == 400


async def test_claims_in_the_chat_are_switched_off_and_on(
    world: Any, post: Any, patch: Any
) -> None:
    product = str(await world.product())
    first = (await (await post(title="Sarees", product_ids=[product])).json())["live_session"]
    quiet = {"title": "Kurtas", "product_ids": [product], "takes_claims": False}
    second = (await (await post(**quiet)).json())["live_session"]
    assert (first["takes_claims"], second["takes_claims"]) == (True, False)
    for made, wanted in ((first, False), (second, True)):
        changed = await patch(made["id"], takes_claims=wanted)
        kept = await patch(made["id"], title="Saris")
        for response in (changed, kept):
            assert (await response.json())["live_session"]["takes_claims"] is wanted
    assert (await patch(first["id"], takes_claims="no")).status == 400


@pytest.mark.parametrize("visibility", ["hidden", "", None, True])
async def test_unknown_visibility_is_refused(world: Any, post: Any, visibility: object) -> None:
    product = str(await world.product())
    response = await post(title="Shirts", product_ids=[product], visibility=visibility)
    assert (response.status, await code_of(response)) == (400, "payload.invalid")
    assert await world.ask("select count(*) from live_sessions") == 0


async def test_list_holds_ones_own_only(
    client: Any, bearer: Any, world: Any, influencer: UUID
) -> None:
    await world.live_session(await world.user(name="Ravi"))
    mine = [str(await world.live_session(influencer)) for _ in range(3)]
    response = await client.get(PATH, headers=bearer("influencer", influencer))
    listed = [one["id"] for one in (await response.json())["live_sessions"]]
    assert sorted(listed) == sorted(mine)


@pytest.mark.parametrize("role", [None, "customer", "wholesaler", "admin"])
async def test_studio_is_for_influencers(client: Any, bearer: Any, role: str | None) -> None:
    headers = bearer(role) if role else {}
    expected = (403, "auth.forbidden") if role else (401, "auth.required")
    for path in (PATH, "/api/v1/studio/products"):
        response = await client.get(path, headers=headers)
        assert (response.status, await code_of(response)) == expected
    response = await client.post(PATH, json={}, headers=headers)
    assert (response.status, await code_of(response)) == expected


async def test_influencer_who_was_switched_off_schedules_nothing(
    world: Any, post: Any, influencer: UUID
) -> None:
    await world.ask("update influencers set is_active = false where user_id = $1", influencer)
    response = await post(title="Shirts", product_ids=[str(await world.product())])
    assert (response.status, await code_of(response)) == (403, "auth.forbidden")


async def test_product_picker_searches_what_can_be_shown(
    client: Any, bearer: Any, world: Any, influencer: UUID
) -> None:
    shirt = await world.product("Linen shirt", category="Men", sale_price=799)
    await world.product("Silk saree", category="Women")
    await world.product("Old shirt", is_active=False)
    headers = bearer("influencer", influencer)
    everything = await client.get("/api/v1/studio/products", headers=headers)
    assert len((await everything.json())["products"]) == 2
    response = await client.get("/api/v1/studio/products?search=SHIRT", headers=headers)
    (found,) = (await response.json())["products"]
    assert found == {
        "id": str(shirt),
        "name": "Linen shirt",
        "short_description": "",
        "category": "Men",
        "wholesaler_name": "Weavers",
        "image_url": "/images/products/Linen shirt.webp",
        "price_minor": 79900,
        "compare_at_minor": 99900,
        "currency": "INR",
        "stock": 5,
        "translations": {},
    }
    await world.ask(
        "insert into product_translations (product_id, locale, name) values ($1, 'hi', 'शर्ट')",
        shirt,
    )
    response = await client.get("/api/v1/studio/products?search=शर्ट", headers=headers)
    (found,) = (await response.json())["products"]
    assert found["id"] == str(shirt)
    assert found["translations"] == {"hi": {"name": "शर्ट", "short_description": None}}


@pytest.mark.parametrize(
    "query", ["search=%00", "search=a&search=b", "limit=100000", "search=" + "a" * 101]
)
async def test_malformed_search_is_refused(
    client: Any, bearer: Any, query: str, influencer: UUID
) -> None:
    headers = bearer("influencer", influencer)
    response = await client.get(f"/api/v1/studio/products?{query}", headers=headers)
    assert (response.status, await code_of(response)) == (400, "payload.invalid")
