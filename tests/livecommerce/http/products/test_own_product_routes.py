"""The wholesaler's desk: products made, changed, listed; what is refused."""

from typing import Any
from uuid import UUID, uuid4

from tests.livecommerce.http.products.product_requests import OWN, SHIRT, SHOP, answer, refusal

TOLD: dict[str, Any] = {
    "videos": ["https://videos.example/shirt.mp4", "https://videos.example/how-it-is-woven.webm"],
    "keywords": ["linen", "summer shirt"],
    "meta_title": "Linen shirt in two sizes",
    "meta_description": "A shirt of washed linen, woven in Kerala.",
    "country_of_origin": "India",
    "importer": "Coast Imports, 4 Harbour Road, Kochi 682001",
    "net_quantity": "1 piece",
}


async def test_a_product_is_made_and_read_back_as_it_was_given(make: Any) -> None:
    product = await make()
    assert {name: product[name] for name in SHIRT if name != "variants"} == {
        name: value for name, value in SHIRT.items() if name != "variants"
    }
    assert [
        (variant["label"], variant["stock"], variant["price_minor"])
        for variant in product["variants"]
    ] == [("M", 7, None), ("L / Relaxed", 3, 139900)]


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
