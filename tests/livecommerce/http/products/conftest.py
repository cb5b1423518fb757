"""A wholesaler who sells, a customer who buys."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.livecommerce.http.products.product_requests import OWN, SHIRT, answer


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
