"""The shop as customers browse it, and what they wish for."""

from typing import Any
from uuid import uuid4

from tests.livecommerce.http.products.product_requests import OWN, SHOP, answer, refusal


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
