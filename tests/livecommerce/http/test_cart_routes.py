"""Carts, coupons, the address book and links of influencers over HTTP."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from livecommerce.http import address_routes, affiliate_routes, cart_routes, coupon_routes

ADDRESS = {
    "name": "Asha Rao", "phone": "9876543210", "line1": "12, MG Road", "line2": None,
    "landmark": None, "city": "Bengaluru", "state": "Karnataka", "postal_code": "560001",
    "country": "IN",
}  # fmt: skip
FIXED = {"code": "DIWALI", "title": "Diwali", "kind": "fixed", "amount_minor": 10_000}


async def ok(response: Any, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    return await response.json()


async def code_of(response: Any, status: int) -> str:
    assert response.status == status, await response.text()
    return str((await response.json())["refused"]["code"])


class Shopper:
    """Somebody signed in, who sends what a page sends."""

    def __init__(self, client: Any, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def get(self, path: str) -> Any:
        return await self._client.get(f"/api/v1{path}", headers=self._headers)

    async def post(self, path: str, **body: Any) -> Any:
        return await self._client.post(f"/api/v1{path}", json=body, headers=self._headers)


@pytest.fixture
async def customer(client: Any, bearer: Any, world: Any) -> Shopper:
    return Shopper(client, bearer("customer", await world.user("customer", "Asha")))


@pytest.fixture
async def admin(client: Any, bearer: Any, world: Any) -> Shopper:
    user_id = await world.ask(
        "insert into auth.users (id, email, raw_app_meta_data)"
        " values (gen_random_uuid(), 'a@example.com', '{\"role\": \"admin\"}') returning id"
    )
    return Shopper(client, bearer("admin", user_id))


async def variant_of(world: Any, product_id: UUID) -> str:
    return str(await world.ask("select id from product_variants where product_id = $1", product_id))


async def test_a_cart_is_filled_changed_and_emptied(customer: Shopper, world: Any) -> None:
    variant = await variant_of(world, await world.product())
    put = await ok(
        await customer.post("/cart/add", id=str(uuid4()), variant_id=variant, quantity=2)
    )
    (line,) = put["cart"]["lines"]
    assert (line["unit_price_minor"], line["quantity"], line["changes"]) == (99900, 2, [])
    assert put["cart"]["total_minor"] == 199800
    put = await ok(await customer.post("/cart/update", variant_id=variant, quantity=1))
    assert put["cart"]["pieces"] == 1
    assert await ok(await customer.get("/cart")) == put
    assert (await ok(await customer.post("/cart/remove", variant_ids=[variant])))["cart"][
        "lines"
    ] == []
    lines = [{"variant_id": variant, "quantity": 3, "touched_at_ms": 1_700_000_000_000}]
    merged = await ok(await customer.post("/cart/merge", id=str(uuid4()), lines=lines))
    assert merged["cart"]["pieces"] == 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"quantity": 0}, 400, "payload.invalid"),
        ({"quantity": 1, "variant_id": str(UUID(int=9))}, 409, "cart.product_unavailable"),
        ({"quantity": 1, "variant_id": "none"}, 400, "payload.invalid"),
        ({"quantity": 1, "unit_price": 1}, 400, "payload.invalid"),
    ],
)
async def test_what_cannot_be_put_into_a_cart_is_refused(
    customer: Shopper, world: Any, body: dict[str, Any], status: int, code: str
) -> None:
    variant = await variant_of(world, await world.product())
    sent = {"id": str(uuid4()), "variant_id": variant} | body
    assert await code_of(await customer.post("/cart/add", **sent), status) == code
    assert await world.ask("select count(*) from cart") == 0


async def test_a_coupon_is_made_checked_listed_and_stopped(
    customer: Shopper, admin: Shopper, world: Any
) -> None:
    variant = await variant_of(world, await world.product())
    made = await ok(await admin.post("/coupons", **FIXED, funded_by="platform"), 201)
    coupon = made["coupon"]
    assert (coupon["code"], coupon["state"], coupon["used"]) == ("DIWALI", "running", 0)
    lines = [{"variant_id": variant, "quantity": 1}]
    found = await ok(await customer.post("/coupons/check", code="diwali", lines=lines))
    assert found == {
        "coupon": {"code": "DIWALI", "title": "Diwali"},
        "eligible_minor": 99900,
        "discount_minor": 10000,
    }
    assert (await ok(await admin.get("/coupons")))["coupons"] == [coupon]
    stopped = await ok(await admin.post(f"/coupons/{coupon['id']}/stop"))
    assert stopped["coupon"]["state"] == "stopped"
    ended = await customer.post("/coupons/check", code="DIWALI", lines=lines)
    assert await code_of(ended, 409) == "order.coupon_ended"


async def test_coupons_that_cannot_be_made_say_why(admin: Shopper) -> None:
    missing = await admin.post("/coupons", **FIXED)
    assert await code_of(missing, 422) == "coupon.invalid"
    assert (await missing.json())["refused"]["details"]["fields"].keys() == {"funded_by"}
    await ok(await admin.post("/coupons", **FIXED, funded_by="platform"), 201)
    twice = await admin.post("/coupons", **FIXED, funded_by="platform")
    assert await code_of(twice, 409) == "coupon.code_taken"
    for unknown in ("nothing", str(uuid4())):
        stopped = await admin.post(f"/coupons/{unknown}/stop")
        assert await code_of(stopped, 404) == "coupon.not_found"
    assert await code_of(await admin.get("/coupons?after=x"), 400) == "payload.invalid"


async def test_an_address_book_is_kept(customer: Shopper) -> None:
    assert await ok(await customer.get("/addresses")) == {"addresses": [], "payment_method": None}
    home = await ok(await customer.post("/addresses", label="Home", address=ADDRESS), 201)
    one = f"/addresses/{home['address']['id']}"
    assert home["address"]["is_default"] and home["address"]["state_code"] == "29"
    moved = ADDRESS | {"line1": "7, Church Street"}
    changed = await ok(await customer.post(f"{one}/change", label="Old home", address=moved))
    assert changed["address"]["address"]["line1"] == "7, Church Street"
    office = await ok(await customer.post("/addresses", address=ADDRESS, is_default=True), 201)
    book = await ok(await customer.post(f"{one}/default"))
    assert [entry["label"] for entry in book["addresses"]] == ["Old home", None]
    book = await ok(await customer.post(f"/addresses/{office['address']['id']}/remove"))
    assert len(book["addresses"]) == 1
    book = await ok(await customer.post("/addresses/payment-method", payment_method="upi"))
    assert book["payment_method"] == "upi"


async def test_what_is_wrong_with_an_address_is_named(customer: Shopper) -> None:
    wrong = await customer.post("/addresses", address=ADDRESS | {"state": "Kerala"})
    assert await code_of(wrong, 422) == "order.address_invalid"
    assert (await wrong.json())["refused"]["details"]["fields"].keys() == {"postal_code"}
    for unknown in ("x", str(uuid4())):
        gone = await customer.post(f"/addresses/{unknown}/remove")
        assert await code_of(gone, 404) == "address.not_found"


@pytest.mark.parametrize(
    ("pin", "states"),
    [("560001", ["Karnataka"]), ("403001", ["Goa", "Maharashtra"]), ("901234", [])],
)
async def test_a_pin_code_names_its_states(client: Any, pin: str, states: list[str]) -> None:
    found = await ok(await client.get(f"/api/v1/pin-codes/{pin}"))
    assert found == {"pin_code": pin, "states": states}


@pytest.mark.parametrize("pin", ["012345", "5600", "295555", "abcdef"])
async def test_a_pin_code_that_is_none_is_not_found(client: Any, pin: str) -> None:
    response = await client.get(f"/api/v1/pin-codes/{pin}")
    assert await code_of(response, 404) == "address.pin_unknown"


async def test_a_link_of_an_influencer_leads_on_and_is_remembered(
    client: Any, bearer: Any, world: Any, customer: Shopper
) -> None:
    meera = await world.user("influencer")
    studio, product = Shopper(client, bearer("influencer", meera)), await world.product()
    made = await ok(await studio.post("/affiliate-links", product_id=str(product)), 201)
    code, path = made["link"]["code"], made["link"]["path"]
    followed = await client.get(path.lower(), allow_redirects=False)
    assert followed.status == 302
    assert followed.headers["Location"] == f"/products/{product}?ref={code}"
    unknown = await client.get("/l/%2e%2e", allow_redirects=False)
    assert unknown.headers.get("Location", "/") == "/"
    kept = await ok(
        await customer.post(
            "/touches", code=code, product_id=str(product), touched_at_ms=4_000_000_000_000
        )
    )
    assert kept == {"kept": True}
    listed = await ok(await studio.get("/affiliate-links"))
    (link,) = listed["links"]
    assert (link["clicks"], link["customers"]) == (1, 1)
    assert listed["sales"] == {"days": 30, "orders": 0, "pieces": 0, "earned_minor": 0}
    theirs = await studio.post("/affiliate-links", live_session_id=str(uuid4()))
    assert await code_of(theirs, 404) == "link.target_unknown"


async def test_each_route_is_for_its_role_alone(client: Any, bearer: Any) -> None:
    path = "/api/v1"
    routes = (
        *cart_routes.ROUTES,
        *coupon_routes.ROUTES,
        *address_routes.ROUTES,
        *affiliate_routes.ROUTES,
    )
    assert len(routes) >= 18
    for route in routes:
        if route.who == "anyone":
            continue
        address = route.path.format(coupon_id=UUID(int=1), address_id=UUID(int=1))
        assert address.startswith(path)
        anonymous = await client.request(route.method, address)
        assert await code_of(anonymous, 401) == "auth.required"
        for role in {"customer", "influencer", "wholesaler", "admin"} - set(route.who):
            other = await client.request(route.method, address, headers=bearer(role, UUID(int=5)))
            assert await code_of(other, 403) == "auth.forbidden"
