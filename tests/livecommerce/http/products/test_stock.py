"""Stock that a wholesaler adjusts: on record, once, never below nothing, told to who watches."""

from typing import Any
from uuid import UUID, uuid4

from tests.livecommerce.http.products.product_requests import OWN, answer, refusal


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
