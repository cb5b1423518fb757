"""The examples of the schema documentation, as a Supabase client sends them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.db.security import postgrest
from tests.db.security.acting import Connections, attempt
from tests.db.security.world import PRODUCTS, account, named

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEWCOMER = str(uuid.UUID(int=7))
PROFILE = {
    "user_id": NEWCOMER,
    "first_name": "John",
    "last_name": "Doe",
    "email": "john@example.in",
}


async def sign_up(owner: asyncpg.Connection) -> None:
    """A new account, and the transaction goes on as that person."""
    await owner.execute(
        "insert into auth.users (id, email) values ($1, 'john@example.in')", uuid.UUID(NEWCOMER)
    )
    await owner.fetch(
        "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
        json.dumps({"sub": NEWCOMER, "role": "authenticated", "app_metadata": {}}),
        "authenticated",
    )


# ------------------------------------------------------------------------- Create Customer Profile


async def test_a_customer_creates_the_profile_that_sign_up_has_made(
    owner: asyncpg.Connection,
) -> None:
    await sign_up(owner)
    automatic = await postgrest.select(owner, "customers")
    assert [row["first_name"] for row in automatic] == ["john"]
    await postgrest.insert(owner, "customers", PROFILE)
    profiles = await postgrest.select(owner, "customers")
    assert [(row["first_name"], row["last_name"]) for row in profiles] == [("John", "Doe")]


async def test_the_profile_is_returned_when_asked_for(owner: asyncpg.Connection) -> None:
    await sign_up(owner)
    rows = await postgrest.insert(owner, "customers", PROFILE, is_selected=True)
    assert [(row["customer_tier"], row["total_orders"]) for row in rows] == [("bronze", 0)]


async def test_a_profile_that_was_changed_is_not_replaced(owner: asyncpg.Connection) -> None:
    await sign_up(owner)
    await owner.execute("reset role")
    await owner.execute(
        "update customers set created_at = now() - interval '1 day' where user_id = $1",
        uuid.UUID(NEWCOMER),
    )
    await owner.execute("set local role authenticated")
    with pytest.raises(asyncpg.UniqueViolationError):
        await postgrest.insert(owner, "customers", PROFILE)


@pytest.mark.parametrize(
    ("table", "used_by"),
    [
        ("customers", "insert into wishlist (customer_id, product_id) values ($1, $2)"),
        (
            "wholesalers",
            "insert into products (wholesaler_id, name, wholesale_price, retail_price)"
            " select $1, name, 1, 1 from products where id = $2",
        ),
        (
            "influencers",
            "insert into live_sessions (influencer_id, title) select $1, name from products"
            " where id = $2",
        ),
    ],
)
async def test_a_profile_that_was_used_is_not_replaced(
    owner: asyncpg.Connection, table: str, used_by: str
) -> None:
    await owner.execute(
        "insert into auth.users (id, raw_app_meta_data) values ($1, $2)",
        uuid.UUID(NEWCOMER),
        json.dumps({"role": table.removesuffix("s")}),
    )
    profile = await owner.fetchval(
        f"select id from {table} where user_id = $1", uuid.UUID(NEWCOMER)
    )
    await owner.execute(used_by, profile, uuid.UUID(named("shirt")))
    names = {"wholesalers": "business_name", "influencers": "display_name"}
    body = {"user_id": NEWCOMER, "email": "", names.get(table, "first_name"): "Second"}
    with pytest.raises(asyncpg.UniqueViolationError):
        await postgrest.insert(owner, table, body)


async def test_a_profile_for_somebody_else_is_refused(connections: Connections) -> None:
    async with connections.acting("customer_a") as sql:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await postgrest.insert(sql, "customers", {**PROFILE, "user_id": account("customer_b")})


async def test_the_address_of_a_profile_is_that_of_the_account(owner: asyncpg.Connection) -> None:
    await sign_up(owner)
    forged = {**PROFILE, "email": "customer_b@example.in"}
    rows = await postgrest.insert(owner, "customers", forged, is_selected=True)
    assert [row["email"] for row in rows] == ["john@example.in"]
    changed = await postgrest.update(
        owner, "customers", {"email": "customer_b@example.in", "city": "Pune"}, user_id=NEWCOMER
    )
    assert [(row["email"], row["city"]) for row in changed] == [("john@example.in", "Pune")]


@pytest.mark.parametrize(
    ("identity", "table", "column", "value"),
    [
        ("customer_a", "customers", "customer_tier", "platinum"),
        ("customer_a", "customers", "total_spent", 1),
        ("customer_a", "customers", "is_active", True),
        ("customer_a", "customers", "user_id", account("customer_b")),
        ("wholesaler_a", "wholesalers", "commission_rate", 0),
        ("wholesaler_a", "wholesalers", "is_verified", True),
        ("wholesaler_a", "wholesalers", "verification_status", "verified"),
        ("wholesaler_a", "wholesalers", "bank_account_number", "sealed:v1:x"),
        ("wholesaler_a", "products", "total_sales", 1000),
        ("wholesaler_a", "products", "average_rating", 5),
        ("wholesaler_a", "products", "wholesaler_id", named("wholesaler_b")),
        ("influencer_a", "influencers", "commission_rate", 100),
        ("influencer_a", "influencers", "total_earnings", 1000),
        ("influencer_a", "influencers", "followers_count", 1000),
        ("influencer_a", "live_sessions", "status", "live"),
        ("influencer_a", "live_sessions", "total_sales_generated", 1000),
        ("influencer_a", "live_session_products", "special_price", 1),
        ("influencer_a", "influencer_goals", "current_value", 1000),
        ("customer_a", "orders", "status", "delivered"),
        ("customer_a", "queries", "response", "we are sorry"),
        ("customer_a", "queries", "status", "resolved"),
        ("customer_a", "reviews", "status", "published"),
        ("customer_a", "reviews", "reply", "bought"),
        ("customer_a", "returns", "status", "approved"),
    ],
)
async def test_what_the_server_decides_cannot_be_written(
    connections: Connections, identity: str, table: str, column: str, value: object
) -> None:
    async with connections.acting(identity) as sql:
        with pytest.raises(
            asyncpg.InsufficientPrivilegeError, match=f"permission denied for table {table}"
        ):
            await postgrest.update(sql, table, {column: value})


async def test_a_profile_cannot_take_the_id_of_another(connections: Connections) -> None:
    """Or it would stand in the place of that wholesaler's public face."""
    async with connections.acting("customer_a") as sql:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await postgrest.insert(
                sql,
                "influencers",
                {
                    "id": named("wholesaler_a"),
                    "user_id": account("customer_a"),
                    "email": "",
                    "display_name": "Taken over",
                },
            )


# ----------------------------------------------------------------------------- Add Product to Cart


def line(product: str = "lamp", **more: Any) -> dict[str, Any]:
    return {
        "customer_id": named("customer_a"),
        "product_id": named(product),
        "quantity": 2,
        "unit_price": 100,
        **more,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def only_variants(owner: asyncpg.Connection) -> asyncpg.Connection:
    """The world with one variant for each product, and the transaction goes on as customer A."""
    await owner.execute("delete from product_variants where label = 'Large'")
    await owner.fetch(
        "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
        json.dumps({"sub": account("customer_a"), "role": "authenticated"}),
        "authenticated",
    )
    return owner


async def test_an_upsert_twice_is_one_line(only_variants: asyncpg.Connection) -> None:
    for quantity in (2, 5):
        await postgrest.upsert(only_variants, "cart", line(quantity=quantity))
    cart = await postgrest.select(only_variants, "cart", product_id=named("lamp"))
    assert [(row["quantity"], row["unit_price"], row["total_price"]) for row in cart] == [
        (5, 100, 500)
    ]


async def test_an_upsert_on_the_columns_of_the_line_is_one_line(
    only_variants: asyncpg.Connection,
) -> None:
    body = line(variant_id=named("variant lamp"))
    for quantity in (2, 3):
        await postgrest.upsert(
            only_variants,
            "cart",
            {**body, "quantity": quantity},
            on_conflict="customer_id,variant_id",
        )
    cart = await postgrest.select(only_variants, "cart", product_id=named("lamp"))
    assert [row["quantity"] for row in cart] == [3]


async def test_a_plain_insert_of_what_is_in_the_cart_is_a_duplicate(
    only_variants: asyncpg.Connection,
) -> None:
    await postgrest.insert(only_variants, "cart", line())
    with pytest.raises(asyncpg.UniqueViolationError):
        await postgrest.insert(only_variants, "cart", line())


async def test_several_lines_go_in_at_once(only_variants: asyncpg.Connection) -> None:
    await postgrest.upsert(only_variants, "cart", [line("lamp"), line("shirt", quantity=1)])
    cart = await postgrest.select(only_variants, "cart")
    assert sorted(row["quantity"] for row in cart) == [1, 2]


async def test_a_price_left_out_is_the_servers(only_variants: asyncpg.Connection) -> None:
    body = line()
    del body["unit_price"]
    rows = await postgrest.insert(only_variants, "cart", body, is_selected=True)
    assert [(row["unit_price"], row["variant_id"]) for row in rows] == [
        (100, named("variant lamp"))
    ]


async def test_a_forged_price_is_refused_with_a_sentence(only_variants: asyncpg.Connection) -> None:
    for price in (1, 99.99, 0):
        answer = await refusal(only_variants, "cart", line(unit_price=price))
        assert isinstance(answer, asyncpg.InvalidParameterValueError)
        assert "prices are set by the server" in str(answer)
        assert answer.hint == "leave unit_price out"


async def test_a_cart_line_cannot_be_made_cheaper_later(only_variants: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError, match="prices are set by the server"):
        await postgrest.update(only_variants, "cart", {"unit_price": 1})


async def test_a_line_in_the_cart_of_another_is_refused(only_variants: asyncpg.Connection) -> None:
    answer = await refusal(only_variants, "cart", line(customer_id=named("customer_b")))
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)
    moved = await attempt(
        only_variants,
        "update cart set customer_id = $1 where customer_id = $2",
        uuid.UUID(named("customer_b")),
        uuid.UUID(named("customer_a")),
    )
    assert isinstance(moved, asyncpg.InsufficientPrivilegeError)


async def test_a_product_that_is_off_cannot_be_bought(only_variants: asyncpg.Connection) -> None:
    answer = await refusal(only_variants, "cart", line("scarf"))
    assert isinstance(answer, asyncpg.InvalidParameterValueError)


async def test_a_product_in_several_variants_asks_which(connections: Connections) -> None:
    async with connections.acting("customer_a") as sql:
        answer = await refusal(sql, "cart", line())
    assert isinstance(answer, asyncpg.InvalidParameterValueError)
    assert "choose one" in str(answer)


async def refusal(sql: asyncpg.Connection, table: str, body: dict[str, Any]) -> object:
    savepoint = sql.transaction()
    await savepoint.start()
    try:
        return await postgrest.insert(sql, table, body)
    except asyncpg.PostgresError as error:
        return error
    finally:
        await savepoint.rollback()


# ------------------------------------------------------------------------------------ Create Order


@pytest.mark.parametrize("identity", ["customer_a", "wholesaler_a", "influencer_a", "admin"])
async def test_an_order_made_by_a_client_is_refused_with_a_sentence(
    connections: Connections, identity: str
) -> None:
    order = {
        "customer_id": named("customer_a"),
        "subtotal": 100.00,
        "total_amount": 110.00,
        "shipping_address": {"city": "Pune"},
        "status": "pending",
    }
    item = {
        "order_id": named("mixed"),
        "product_id": named("shirt"),
        "product_name": "shirt",
        "quantity": 1,
        "unit_price": 1,
    }
    async with connections.acting(identity) as sql:
        for table, body in (("orders", order), ("order_items", item)):
            answer = await refusal(sql, table, body)
            assert isinstance(answer, asyncpg.InsufficientPrivilegeError), answer
            assert "orders are placed by the server" in str(answer)
            assert "order.place" in str(answer.hint)


# ------------------------------------------------------------------------------- Type-safe reading


@pytest.mark.parametrize("identity", ["anonymous", "customer_a"])
async def test_the_active_products_are_selected(connections: Connections, identity: str) -> None:
    async with connections.acting(identity) as sql:
        rows = await postgrest.select(sql, "products", is_active="true")
    assert sorted(row["name"] for row in rows) == ["lamp", "shirt"]


@pytest.mark.parametrize(
    "table",
    [
        "customers",
        "wholesalers",
        "influencers",
        "products",
        "cart",
        "orders",
        "order_items",
        "queries",
        "live_sessions",
        "live_session_products",
    ],
)
async def test_every_column_of_a_documented_table_can_be_selected(
    connections: Connections, table: str
) -> None:
    async with connections.acting("admin") as sql:
        rows = await postgrest.select(sql, table)
        columns = await sql.fetch(
            "select column_name from information_schema.columns"
            " where table_schema = 'public' and table_name = $1",
            table,
        )
    assert rows
    assert set(rows[0]) == {row["column_name"] for row in columns}


async def test_a_wholesaler_adds_a_product_as_documented(connections: Connections) -> None:
    """With stock on the product and no variant: both are made, also for a person."""
    async with connections.acting("wholesaler_a") as sql:
        [product] = await postgrest.insert(
            sql,
            "products",
            {
                "wholesaler_id": named("wholesaler_a"),
                "name": "Belt",
                "wholesale_price": 50,
                "retail_price": 100,
                "stock_quantity": 7,
                "color": "Brown",
            },
            is_selected=True,
        )
        await sql.execute("set constraints all immediate")
        assert [
            (row["label"], row["color"])
            for row in await postgrest.select(sql, "product_variants", product_id=product["id"])
        ] == [("Brown", "Brown")]
        await postgrest.update(sql, "products", {"stock_quantity": 9}, id=product["id"])
        assert [
            row["on_hand"]
            for row in await postgrest.select(sql, "product_stock", product_id=product["id"])
        ] == [9]


async def test_a_product_in_several_variants_has_no_stock_of_its_own(
    connections: Connections,
) -> None:
    assert PRODUCTS["shirt"][0] == "wholesaler_a"
    async with connections.acting("wholesaler_a") as sql:
        with pytest.raises(asyncpg.InvalidParameterValueError, match="comes in 2 variants"):
            await postgrest.update(sql, "products", {"stock_quantity": 9}, id=named("shirt"))
