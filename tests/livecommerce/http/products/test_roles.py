"""Each route of products is for its role only."""

from typing import Any
from uuid import UUID

import pytest

from livecommerce.http.own_product_routes import ROUTES as OWN_ROUTES
from livecommerce.http.product_routes import ROUTES as SHOP_ROUTES
from livecommerce.http.review_routes import ROUTES as REVIEW_ROUTES
from tests.livecommerce.http.products.product_requests import refusal


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
