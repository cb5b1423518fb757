"""Products over HTTP: the wholesaler's desk, the shop, reviews and wishlist; what is refused."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from livecommerce.http.own_product_routes import ROUTES as OWN_ROUTES
from livecommerce.http.product_routes import ROUTES as SHOP_ROUTES
from livecommerce.http.review_routes import ROUTES as REVIEW_ROUTES

OWN = "/api/v1/wholesaler/products"
IMAGES = "/api/v1/wholesaler/product-images"
IMPORT = "/api/v1/wholesaler/product-import"
SHOP = "/api/v1/products"
SHIRT: dict[str, Any] = {
    "name": "Linen shirt",
    "category": "Fashion",
    "brand": "Coast",
    "mrp_minor": 199900,
    "price_minor": 129900,
    "hsn_code": "620520",
    "tax_rate_bp": 500,
    "weight_g": 350,
    "dimensions_mm": {"length": 300, "width": 205, "height": 40},
    "variants": [
        {"size": "M", "stock": 7, "sku": "LS-M"},
        {"size": "L", "stock": 3, "options": {"Fit": "Relaxed"}, "price_minor": 139900},
    ],
}


async def refusal(response: Any, status: int) -> Any:
    assert response.status == status, await response.text()
    return (await response.json())["refused"]


async def answer(response: Any, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    return await response.json()


@pytest.fixture
async def wholesaler(world: Any) -> UUID:
    user_id: UUID = await world.user("wholesaler", "Weavers")
    return user_id


@pytest.fixture
def as_wholesaler(bearer: Any, wholesaler: UUID) -> Any:
    return bearer("wholesaler", wholesaler)


@pytest.fixture
async def customer(world: Any) -> UUID:
    user_id: UUID = await world.user("customer", "Asha")
    return user_id


@pytest.fixture
def as_customer(bearer: Any, customer: UUID) -> Any:
    return bearer("customer", customer)


@pytest.fixture
def make(client: Any, as_wholesaler: Any) -> Any:
    async def post(**changed: Any) -> Any:
        body = {"id": str(uuid4()), **SHIRT, **changed}
        response = await client.post(OWN, json=body, headers=as_wholesaler)
        return (await answer(response, 201))["product"]

    return post


@pytest.fixture
async def deliver(world: Any, customer: UUID) -> Any:
    """An order of the customer for one piece of a product, delivered."""

    async def order(product: Any, status: str = "delivered") -> None:
        await world.ask(
            "with o as (insert into orders (customer_id, subtotal, total_amount, status,"
            " payment_status, shipping_address) select id, 1, 1, $2, 'paid', '{}' from customers"
            " where user_id = $1 returning id)"
            " insert into order_items (order_id, product_id, variant_id, wholesaler_id,"
            " product_name, quantity, unit_price)"
            " select o.id, $3, $4, $5, 'Shirt', 1, 1 from o returning id",
            customer,
            status,
            UUID(product["id"]),
            UUID(product["variants"][0]["id"]),
            UUID(product["wholesaler_id"]),
        )

    return order


def picture(width: int = 900, height: int = 700, form: str = "PNG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#884422").save(out, form, **more)
    return out.getvalue()


# ---- the wholesaler's desk


async def test_a_product_is_made_and_read_back_as_it_was_given(make: Any) -> None:
    product = await make()
    assert {name: product[name] for name in SHIRT if name != "variants"} == {
        name: value for name, value in SHIRT.items() if name != "variants"
    }
    assert [
        (variant["label"], variant["stock"], variant["price_minor"])
        for variant in product["variants"]
    ] == [("M", 7, None), ("L / Relaxed", 3, 139900)]


TOLD: dict[str, Any] = {
    "videos": ["https://videos.example/shirt.mp4", "https://videos.example/how-it-is-woven.webm"],
    "keywords": ["linen", "summer shirt"],
    "meta_title": "Linen shirt in two sizes",
    "meta_description": "A shirt of washed linen, woven in Kerala.",
    "country_of_origin": "India",
    "importer": "Coast Imports, 4 Harbour Road, Kochi 682001",
    "net_quantity": "1 piece",
}


async def test_what_is_told_about_a_product_is_read_back_at_the_desk_and_in_the_shop(
    client: Any, make: Any, as_wholesaler: Any
) -> None:
    product = await make(**TOLD)
    own, shop = f"{OWN}/{product['id']}", f"{SHOP}/{product['id']}"

    async def read() -> list[dict[str, Any]]:
        pages = [await client.get(own, headers=as_wholesaler), await client.get(shop)]
        found = [(await answer(page))["product"] for page in pages]
        return [{name: one[name] for name in TOLD} for one in found]

    assert {name: product[name] for name in TOLD} == TOLD
    assert await read() == [TOLD, TOLD]
    changed: dict[str, Any] = {
        "videos": ["https://videos.example/new.mp4"],
        "keywords": ["khadi"],
        "meta_title": None,
        "meta_description": "Another text.",
        "country_of_origin": "Sri Lanka",
        "importer": None,
        "net_quantity": "2 pieces",
    }
    await answer(await client.patch(own, json=changed, headers=as_wholesaler))
    assert await read() == [changed, changed]


async def test_a_video_that_is_not_fetched_safely_is_refused(
    client: Any, as_wholesaler: Any
) -> None:
    body = {"id": str(uuid4()), **SHIRT, "videos": ["http://videos.example/shirt.mp4"]}
    refused = await refusal(await client.post(OWN, json=body, headers=as_wholesaler), 422)
    assert refused["details"]["reasons"] == {"videos": "not_https"}


async def test_the_same_id_twice_makes_one_product(
    client: Any, as_wholesaler: Any, world: Any
) -> None:
    body = {"id": str(uuid4()), **SHIRT}
    first = await answer(await client.post(OWN, json=body, headers=as_wholesaler), 201)
    again = await answer(await client.post(OWN, json=body, headers=as_wholesaler), 201)
    assert first["product"]["id"] == again["product"]["id"]
    assert await world.ask("select count(*) from products") == 1
    assert await world.ask("select sum(on_hand) from product_stock") == 10


async def test_a_price_above_the_mrp_is_refused_at_its_field(
    client: Any, as_wholesaler: Any
) -> None:
    body = {"id": str(uuid4()), **SHIRT, "price_minor": 200000}
    refused = await refusal(await client.post(OWN, json=body, headers=as_wholesaler), 422)
    assert refused["code"] == "product.invalid"
    assert refused["details"]["reasons"] == {"price_minor": "above_mrp"}


async def test_a_lower_mrp_is_judged_with_the_prices_that_stay(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make()
    response = await client.patch(
        f"{OWN}/{product['id']}", json={"mrp_minor": 135000}, headers=as_wholesaler
    )
    refused = await refusal(response, 422)
    assert refused["details"]["reasons"] == {"variants.1.price_minor": "above_mrp"}


async def test_what_is_left_out_of_a_change_stays(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make()
    path = f"{OWN}/{product['id']}"
    changed = await answer(
        await client.patch(path, json={"name": "Linen shirt II"}, headers=as_wholesaler)
    )
    expected = {**product, "name": "Linen shirt II"}
    ignored = {"updated_at_ms"}
    assert {k: v for k, v in changed["product"].items() if k not in ignored} == {
        k: v for k, v in expected.items() if k not in ignored
    }


async def test_variants_are_changed_added_and_removed_and_keep_their_stock(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make()
    medium, large = product["variants"]
    body = {
        "variants": [
            {"id": medium["id"], "color": "Blue"},
            {"size": "XL", "stock": 2},
        ],
        "removed_variant_ids": [large["id"]],
    }
    changed = await answer(
        await client.patch(f"{OWN}/{product['id']}", json=body, headers=as_wholesaler)
    )
    assert [(one["label"], one["sku"], one["stock"]) for one in changed["product"]["variants"]] == [
        ("Blue / M", "LS-M", 7),
        ("XL", None, 2),
    ]


async def test_the_last_variant_cannot_be_removed(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make(variants=[{"stock": 1}])
    body = {"removed_variant_ids": [product["variants"][0]["id"]]}
    response = await client.patch(f"{OWN}/{product['id']}", json=body, headers=as_wholesaler)
    assert (await refusal(response, 422))["details"]["reasons"] == {"variants": "required"}


async def test_a_variant_of_a_running_deal_cannot_be_removed(
    client: Any, as_wholesaler: Any, make: Any, world: Any
) -> None:
    product = await make()
    influencer = await world.user("influencer")
    live = await world.live_session(influencer, UUID(product["id"]), status="live")
    await world.ask(
        "insert into private.deals (live_session_id, product_id, variant_id, price, ends_at)"
        " values ($1, $2, $3, 10, now() + interval '1 hour')",
        live,
        UUID(product["id"]),
        UUID(product["variants"][0]["id"]),
    )
    body = {"removed_variant_ids": [product["variants"][0]["id"]]}
    response = await client.patch(f"{OWN}/{product['id']}", json=body, headers=as_wholesaler)
    assert (await refusal(response, 409))["code"] == "product.in_deal"


async def test_a_number_of_another_product_is_refused(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    await make()
    body = {"id": str(uuid4()), **SHIRT, "variants": [{"sku": "LS-M"}]}
    response = await client.post(OWN, json=body, headers=as_wholesaler)
    assert (await refusal(response, 409))["code"] == "product.sku_taken"


async def test_the_product_of_another_is_not_there(
    client: Any, make: Any, bearer: Any, world: Any
) -> None:
    product = await make()
    other = bearer("wholesaler", await world.user("wholesaler", "Others"))
    path = f"{OWN}/{product['id']}"
    for response in (
        await client.get(path, headers=other),
        await client.patch(path, json={"name": "Mine"}, headers=other),
        await client.post(
            f"{path}/stock",
            json={
                "id": str(uuid4()),
                "reason": "received",
                "changes": [{"variant_id": product["variants"][0]["id"], "delta": 5}],
            },
            headers=other,
        ),
        await client.post(
            OWN, json={**SHIRT, "id": product["id"], "variants": [{}]}, headers=other
        ),
    ):
        assert (await refusal(response, 404))["code"] == "product.not_found"


async def test_the_list_is_searched_narrowed_and_counted(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    await make()
    await make(name="Brass lamp", variants=[{"stock": 0, "sku": "BL-1"}])
    await make(name="Clay bowl", status="inactive", variants=[{"stock": 3}])

    async def names(**query: str) -> list[str]:
        found = await answer(await client.get(OWN, params=query, headers=as_wholesaler))
        return [one["name"] for one in found["products"]]

    assert await names() == ["Clay bowl", "Brass lamp", "Linen shirt"]
    assert await names(search="lamp") == ["Brass lamp"]
    assert await names(search="bl-") == ["Brass lamp"]
    assert await names(state="hidden") == ["Clay bowl"]
    listed = await answer(await client.get(OWN, headers=as_wholesaler))
    assert listed["counts"]["all"] == 3 and listed["counts"]["hidden"] == 1


# ---- stock


def moved(product: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "reason": "received",
        "changes": [{"variant_id": product["variants"][0]["id"], "delta": 20}],
        **more,
    }


async def test_stock_is_adjusted_with_a_reason_that_stays_on_record(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make()
    path = f"{OWN}/{product['id']}"
    body = moved(product, note="Two boxes")
    changed = await answer(await client.post(f"{path}/stock", json=body, headers=as_wholesaler))
    assert changed["product"]["variants"][0]["stock"] == 27
    moves = (await answer(await client.get(f"{path}/stock-moves", headers=as_wholesaler)))["moves"]
    assert [(one["delta"], one["reason"], one["note"], one["by"]) for one in moves] == [
        (20, "received", "Two boxes", "Weavers"),
        (3, "opening", None, "Weavers"),
        (7, "opening", None, "Weavers"),
    ]


async def test_the_same_adjustment_twice_moves_stock_once(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make()
    body = moved(product)
    for _ in range(2):
        response = await client.post(
            f"{OWN}/{product['id']}/stock", json=body, headers=as_wholesaler
        )
        assert (await answer(response))["product"]["variants"][0]["stock"] == 27
    body["reason"] = "damaged"
    response = await client.post(f"{OWN}/{product['id']}/stock", json=body, headers=as_wholesaler)
    assert (await refusal(response, 409))["code"] == "stock.key_reused"


async def test_an_adjustment_below_nothing_moves_none_of_its_variants(
    client: Any, as_wholesaler: Any, make: Any
) -> None:
    product = await make()
    first, second = (one["id"] for one in product["variants"])
    body = moved(
        product,
        reason="lost",
        changes=[{"variant_id": first, "delta": -1}, {"variant_id": second, "delta": -4}],
    )
    path = f"{OWN}/{product['id']}"
    refused = await refusal(
        await client.post(f"{path}/stock", json=body, headers=as_wholesaler), 409
    )
    assert refused["details"]["variants"] == [{"variant_id": second, "stock": 3}]
    now = await answer(await client.get(path, headers=as_wholesaler))
    assert [one["stock"] for one in now["product"]["variants"]] == [7, 3]


async def test_counted_stock_is_set_to_what_was_counted(
    client: Any, as_wholesaler: Any, make: Any, world: Any
) -> None:
    product = await make()
    variant_id = product["variants"][0]["id"]
    body = moved(product, reason="counted", changes=[{"variant_id": variant_id, "counted": 4}])
    await answer(
        await client.post(f"{OWN}/{product['id']}/stock", json=body, headers=as_wholesaler)
    )
    assert await world.ask(
        "select array_agg(delta order by id) from private.stock_moves where variant_id = $1",
        UUID(variant_id),
    ) == [7, -3]


async def test_an_adjustment_of_a_product_on_air_is_told(
    client: Any, as_wholesaler: Any, make: Any, world: Any
) -> None:
    product = await make()
    live = await world.live_session(
        await world.user("influencer"), UUID(product["id"]), status="live"
    )
    await world.ask("delete from private.outbox")
    await answer(
        await client.post(
            f"{OWN}/{product['id']}/stock", json=moved(product), headers=as_wholesaler
        )
    )
    assert (
        await world.ask(
            "select payload ->> 'stock' from private.outbox where topic = 'stock.changed'"
            " and live_session_id = $1 and payload ->> 'variant_id' = $2",
            live,
            product["variants"][0]["id"],
        )
        == "27"
    )


# ---- pictures


async def test_a_picture_is_encoded_anew_without_what_it_carried(
    client: Any, as_wholesaler: Any
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    upload = picture(2000, 1500, "JPEG", exif=exif)
    headers = {**as_wholesaler, "Content-Type": "image/jpeg"}
    found = (await answer(await client.post(IMAGES, data=upload, headers=headers)))["image"]
    assert (found["width"], found["height"]) == (1080, 810)
    served = await client.get(found["url"])
    content = await served.read()
    assert served.headers["Content-Type"] == "image/webp"
    assert b"secret" not in content and Image.open(io.BytesIO(content)).size == (1080, 810)
    small = await client.get(found["url"].replace(".webp", "-320.webp"))
    assert Image.open(io.BytesIO(await small.read())).size == (320, 240)


@pytest.mark.parametrize(
    ("upload", "content_type", "status", "code"),
    [
        (b"GIF89a no picture", "image/gif", 422, "image.unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415, "payload.wrong_type"),
        (picture(20, 20), "image/png", 422, "image.unreadable"),
        (b"x" * (10 * 1024 * 1024 + 1), "image/png", 413, "payload.too_large"),
    ],
)
async def test_what_is_no_picture_to_show_is_refused(
    client: Any, as_wholesaler: Any, upload: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {**as_wholesaler, "Content-Type": content_type}
    response = await client.post(IMAGES, data=io.BytesIO(upload), headers=headers)
    assert (await refusal(response, status))["code"] == code


async def test_only_wholesalers_load_pictures_up(client: Any, as_customer: Any) -> None:
    headers = {**as_customer, "Content-Type": "image/png"}
    response = await client.post(IMAGES, data=picture(), headers=headers)
    assert (await refusal(response, 403))["code"] == "auth.forbidden"


async def test_other_bodies_keep_their_own_limit(client: Any, as_wholesaler: Any) -> None:
    body = {"id": str(uuid4()), **SHIRT, "description": "x" * 70_000}
    response = await client.post(OWN, json=body, headers=as_wholesaler)
    assert (await refusal(response, 413))["code"] == "payload.too_large"


# ---- import and export


async def test_a_file_is_tried_out_then_imported_then_changes_nothing(
    client: Any, as_wholesaler: Any, world: Any
) -> None:
    template = await client.get(f"{IMPORT}/template", headers=as_wholesaler)
    headers = {**as_wholesaler, "Content-Type": "text/csv"}
    file = await template.read()

    async def counts(mode: str) -> Any:
        response = await client.post(IMPORT, params={"mode": mode}, data=file, headers=headers)
        return (await answer(response))["report"]["counts"]

    assert await counts("dry_run") == {"create": 2, "update": 0, "unchanged": 0, "refused": 0}
    assert await world.ask("select count(*) from products") == 0
    assert (await counts("apply"))["create"] == 2
    assert await world.ask("select count(*) from product_variants") == 2
    assert await counts("apply") == {"create": 0, "update": 0, "unchanged": 2, "refused": 0}
    exported = await client.get("/api/v1/wholesaler/product-export", headers=as_wholesaler)
    file = await exported.read()
    assert file.startswith(b"\xef\xbb\xbf")
    assert await counts("apply") == {"create": 0, "update": 0, "unchanged": 2, "refused": 0}


async def test_a_file_that_is_no_table_of_products_is_refused(
    client: Any, as_wholesaler: Any
) -> None:
    headers = {**as_wholesaler, "Content-Type": "text/csv"}
    response = await client.post(IMPORT, data=b"a,b\n1,2\n", headers=headers)
    refused = await refusal(response, 422)
    assert refused["details"] == {
        "reason": "columns_missing",
        "columns": ["product_sku", "name", "mrp"],
    }


# ---- the shop


async def test_a_product_is_found_by_part_of_a_word_and_by_one_with_a_mistake(
    client: Any, make: Any
) -> None:
    await make()
    await make(name="Brass lamp", variants=[{"stock": 1}])
    for search, is_fuzzy in (("linen", False), ("lin", False), ("shirts", False), ("linnen", True)):
        found = await answer(await client.get(SHOP, params={"search": search}))
        assert [one["name"] for one in found["products"]] == ["Linen shirt"], search
        assert found["is_fuzzy"] is is_fuzzy


async def test_pages_of_the_shop_show_each_product_once_in_every_order(
    client: Any, make: Any
) -> None:
    made = [
        (await make(name=f"Bowl {n}", price_minor=10_000 + n % 7, variants=[{"stock": n % 3}]))[
            "id"
        ]
        for n in range(30)
    ]
    for query in (
        {"sort": "newest"},
        {"sort": "price_up"},
        {"sort": "price_down"},
        {"sort": "rating"},
        {"search": "bowl"},
        {"search": "bowl", "sort": "price_up"},
        {"brand": "Coast", "sort": "price_down"},
        {"category": "Fashion", "sort": "price_up"},
    ):
        seen: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = await answer(await client.get(SHOP, params={**query, "after": after}))
            seen += page["products"]
            after = page["next"]
        assert sorted(one["id"] for one in seen) == sorted(made), query
        prices = [one["price_minor"] for one in seen]
        if query.get("sort") == "price_up":
            assert prices == sorted(prices)


async def test_filters_leave_out_what_does_not_fit(client: Any, make: Any, world: Any) -> None:
    await make()
    await make(name="Brass lamp", category="Home", brand="Ghar", price_minor=50_000,
               variants=[{"stock": 0}])  # fmt: skip
    await world.ask("select private.carry_product_facts_v1(100)")

    async def names(**query: str) -> list[str]:
        found = await answer(await client.get(SHOP, params=query))
        return sorted(one["name"] for one in found["products"])

    assert await names() == ["Brass lamp", "Linen shirt"]
    assert await names(category="Home") == ["Brass lamp"]
    assert await names(brand="Coast") == ["Linen shirt"]
    assert await names(in_stock="true") == ["Linen shirt"]
    assert await names(price_max_minor="60000") == ["Brass lamp"]
    assert await names(search="shirt", category="Home") == []


async def test_a_cursor_that_no_page_gave_is_refused(client: Any) -> None:
    for query in ({"after": "x"}, {"after": "9_nothing", "sort": "price_up"}):
        assert (await refusal(await client.get(SHOP, params=query), 400))["code"] == (
            "payload.invalid"
        )


async def test_what_is_not_for_sale_has_no_page(client: Any, as_wholesaler: Any, make: Any) -> None:
    product = await make()
    path = f"{SHOP}/{product['id']}"
    shown = (await answer(await client.get(path)))["product"]
    assert shown["variants"][1]["price_minor"] == 139900 and shown["mrp_minor"] == 199900
    await client.patch(f"{OWN}/{product['id']}", json={"status": "inactive"}, headers=as_wholesaler)
    for address in (path, f"{SHOP}/{uuid4()}", f"{SHOP}/nothing"):
        assert (await refusal(await client.get(address), 404))["code"] == "product.not_found"


async def test_what_is_most_alike_is_related(client: Any, make: Any) -> None:
    shirt = await make(subcategory="Shirts")
    await make(name="Silk saree", subcategory="Sarees", variants=[{"stock": 1}])
    await make(name="Cotton shirt", subcategory="Shirts", variants=[{"stock": 1}])
    found = await answer(await client.get(f"{SHOP}/{shirt['id']}/related"))
    assert [one["name"] for one in found["products"]] == ["Cotton shirt", "Silk saree"]


# ---- reviews and wishlist


async def test_a_review_is_written_answered_hidden_and_shown_again(
    client: Any, make: Any, as_customer: Any, as_wholesaler: Any, bearer: Any, world: Any,
    deliver: Any,
) -> None:  # fmt: skip
    product = await make()
    await deliver(product)
    due = await answer(await client.get("/api/v1/reviews/due", headers=as_customer))
    assert [one["product_id"] for one in due["products"]] == [product["id"]]
    body = {"product_id": product["id"], "rating": 4, "title": "Soft", "body": "Fits well."}
    review = (await answer(await client.post("/api/v1/reviews", json=body, headers=as_customer)))[
        "review"
    ]
    reply = await client.post(
        f"/api/v1/wholesaler/reviews/{review['id']}/reply",
        json={"body": "Thank you!"},
        headers=as_wholesaler,
    )
    assert (await answer(reply))["review"]["reply"] == "Thank you!"
    page = f"{SHOP}/{product['id']}/reviews"
    assert [one["title"] for one in (await answer(await client.get(page)))["reviews"]] == ["Soft"]

    admin_id = await world.ask(
        "insert into auth.users (id, email, raw_app_meta_data) values (gen_random_uuid(),"
        " 'help@example.com', '{\"role\": \"admin\"}') returning id"
    )
    admin = bearer("admin", admin_id)
    desk = f"/api/v1/admin/reviews/{review['id']}"
    await answer(await client.post(f"{desk}/hide", json={"reason": "Spam"}, headers=admin))
    assert (await answer(await client.get(page)))["reviews"] == []
    mine = await answer(await client.get(f"{SHOP}/{product['id']}", headers=as_customer))
    assert mine["product"]["my_review"]["hidden_reason"] == "Spam"
    assert mine["product"]["total_reviews"] == 0
    await answer(await client.post(f"{desk}/show", json={}, headers=admin))
    listed = await answer(await client.get("/api/v1/admin/reviews", headers=admin))
    assert [one["product_name"] for one in listed["reviews"]] == ["Linen shirt"]


async def test_only_who_received_a_product_reviews_it(
    client: Any, make: Any, as_customer: Any, deliver: Any
) -> None:
    product = await make()
    await deliver(product, "shipped")
    body = {"product_id": product["id"], "rating": 1}
    response = await client.post("/api/v1/reviews", json=body, headers=as_customer)
    assert (await refusal(response, 403))["code"] == "review.not_bought"


async def test_a_second_word_takes_the_place_of_the_first(
    client: Any, make: Any, as_customer: Any, deliver: Any
) -> None:
    product = await make()
    await deliver(product)
    for rating in (1, 5):
        body = {"product_id": product["id"], "rating": rating}
        await answer(await client.post("/api/v1/reviews", json=body, headers=as_customer))
    shown = (await answer(await client.get(f"{SHOP}/{product['id']}")))["product"]
    assert shown["ratings"] == {"5": 1} and shown["average_rating"] == 5


async def test_a_wholesaler_replies_to_reviews_of_its_own_products_only(
    client: Any, make: Any, as_customer: Any, deliver: Any, bearer: Any, world: Any
) -> None:
    product = await make()
    await deliver(product)
    body = {"product_id": product["id"], "rating": 2}
    review = (await answer(await client.post("/api/v1/reviews", json=body, headers=as_customer)))[
        "review"
    ]
    other = bearer("wholesaler", await world.user("wholesaler", "Others"))
    response = await client.post(
        f"/api/v1/wholesaler/reviews/{review['id']}/reply", json={"body": "Hm"}, headers=other
    )
    assert (await refusal(response, 404))["code"] == "review.not_found"


async def test_a_wish_is_kept_once_and_taken_back(client: Any, make: Any, as_customer: Any) -> None:
    product = await make()
    for _ in range(2):
        await answer(
            await client.post(
                "/api/v1/wishlist", json={"product_id": product["id"]}, headers=as_customer
            )
        )
    kept = await answer(await client.get("/api/v1/wishlist", headers=as_customer))
    (item,) = kept["items"]
    assert (item["product"]["id"], item["product"]["is_wished"]) == (product["id"], True)
    assert item["only_variant_id"] is None, "there is a size to choose"
    shown = await answer(await client.get(SHOP, headers=as_customer))
    assert shown["products"][0]["is_wished"] is True
    await answer(
        await client.post(f"/api/v1/wishlist/{product['id']}/remove", json={}, headers=as_customer)
    )
    assert (await answer(await client.get("/api/v1/wishlist", headers=as_customer)))["items"] == []


@pytest.mark.parametrize(
    "route", [*OWN_ROUTES, *REVIEW_ROUTES, *SHOP_ROUTES], ids=lambda r: f"{r.method} {r.path}"
)
async def test_each_route_is_for_its_role_only(client: Any, route: Any, bearer: Any) -> None:
    if route.who == "anyone":
        return
    path = route.path
    for name in ("product_id", "review_id"):
        path = path.replace(f"{{{name}}}", str(UUID(int=9)))
    content_type = route.upload.content_types[0] if route.upload else "application/json"
    stranger = bearer("influencer")
    response = await client.request(
        route.method, path, data=b"{}" if route.method != "GET" else None,
        headers={**stranger, "Content-Type": content_type},
    )  # fmt: skip
    assert (await refusal(response, 403))["code"] == "auth.forbidden"
