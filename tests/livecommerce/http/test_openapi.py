"""The published description and the table of routes are one thing."""

from typing import Any

import pytest

from livecommerce.http.app import JWKS_PATH, ROUTES
from livecommerce.http.openapi import openapi
from livecommerce.http.refusals import STATUS


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*(references(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(references(part) for part in value))
    return set()


def test_every_route_is_described_and_every_reference_leads_somewhere() -> None:
    document = openapi(ROUTES, "1.2.3")
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= names
    assert document["info"]["version"] == "1.2.3"


def test_operations_have_names_of_their_own() -> None:
    document = openapi(ROUTES, "1")
    ids = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_code_of_a_route_has_a_status(route: Any) -> None:
    assert set(route.errors) <= STATUS.keys()


def test_route_that_changes_something_is_proven_by_more_than_a_cookie() -> None:
    for route in ROUTES:
        if route.method != "GET":
            assert route.who != "anyone" or route.from_pages_only or route.by_cookie, route.path


async def test_documents_are_served(client: Any) -> None:
    document = await (await client.get("/api/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    response = await client.get(JWKS_PATH)
    (key,) = (await response.json())["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert response.headers["Cache-Control"] == "public, max-age=600"
