"""Reviews: by who received the product, answered by who sold it, judged by an admin."""

from typing import Any
from uuid import UUID

import pytest

from tests.livecommerce.http.products.product_requests import SHOP, answer, refusal


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
