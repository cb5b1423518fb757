"""What a person with a client of their own tries beyond the cells of the truth table."""

from __future__ import annotations

import json
import uuid
from typing import Any

import asyncpg
import pytest

from db import logins_of
from tests.db.security import postgrest
from tests.db.security.acting import Connections, as_identity, attempt, undone
from tests.db.security.truth import TABLES, VIEWS
from tests.db.security.world import World, account, named, rows_of_view

pytestmark = pytest.mark.asyncio(loop_scope="session")


def uid(name: str) -> uuid.UUID:
    return uuid.UUID(named(name))


# ---------------------------------------------------------------- claims that are missing or forged


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize(
    "setting", ["never set", "set before", "", "{}", '{"sub": ""}', '{"role": "authenticated"}']
)
async def test_without_claims_only_what_is_public_is_there(
    world_url: str, world: World, role: str, setting: str
) -> None:
    """An unset setting is NULL on a fresh connection and '' on one that was used before."""
    connection = await asyncpg.connect(logins_of(world_url).api)
    if setting == "set before":
        async with connection.transaction():
            await connection.fetch(
                "select set_config('request.jwt.claims', $1, true)",
                json.dumps({"sub": account("customer_a"), "app_metadata": {"role": "admin"}}),
            )
    async with undone(connection):
        await connection.execute(f"set local role {role}")
        if setting.startswith("{") or not setting:
            await connection.fetch("select set_config('request.jwt.claims', $1, true)", setting)
        for relation in (*TABLES.values(), *VIEWS.values()):
            if not relation.is_granted("select", role):
                continue
            rows = (
                rows_of_view(world, relation.name)
                if relation.name in VIEWS
                else [row for row in world.rows if row.table == relation.name]
            )
            count = await connection.fetchval(f"select count(*) from public.{relation.name}")
            assert count == sum(row.is_public for row in rows), relation.name
            for command in ("update", "delete"):
                if relation.is_granted(command, role):
                    changed = (relation.columns["update"] or ["id"])[0]
                    statement = (
                        f"update public.{relation.name} set {changed} = {changed}"
                        if command == "update"
                        else f"delete from public.{relation.name}"
                    )
                    assert (await connection.execute(statement)).endswith(" 0"), relation.name
    await connection.close()


@pytest.mark.parametrize(
    "forged",
    [
        {"user_metadata": {"role": "admin"}},
        {"app_metadata": {"role": "Admin"}},
        {"app_metadata": {"roles": ["admin"]}},
        {"app_metadata": "admin"},
        {"app_metadata": {"role": {"role": "admin"}}},
        {"is_admin": True},
    ],
)
async def test_nobody_is_admin_but_by_app_metadata(
    connections: Connections, forged: dict[str, Any]
) -> None:
    async with connections.acting("customer_a") as sql:
        await sql.fetch(
            "select set_config('request.jwt.claims', $1, true)",
            json.dumps({"sub": account("customer_a"), "role": "authenticated", **forged}),
        )
        assert [row["id"] for row in await sql.fetch("select id from customers")] == [
            uid("customer_a")
        ]
        assert await sql.fetch("select id from staff_notes") == []


@pytest.mark.parametrize("role", ["service_role", "livecommerce_service", "postgres"])
async def test_the_login_of_persons_cannot_become_anybody_else(
    connections: Connections, role: str
) -> None:
    api = await connections.of("api")
    async with undone(api):
        answer = await attempt(api, f"set local role {role}")
    assert isinstance(
        answer, asyncpg.InsufficientPrivilegeError | asyncpg.InvalidParameterValueError
    )


async def test_the_login_of_persons_has_no_right_of_its_own(connections: Connections) -> None:
    api = await connections.of("api")
    async with undone(api):
        for table in ("products", "customers"):
            assert isinstance(
                await attempt(api, f"select * from public.{table}"),
                asyncpg.InsufficientPrivilegeError,
            )


@pytest.mark.parametrize("identity", ["anonymous", "customer_a", "admin"])
async def test_nobody_reads_the_accounts(connections: Connections, identity: str) -> None:
    async with connections.acting(identity) as sql:
        answer = await attempt(sql, "select id from auth.users")
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


@pytest.mark.parametrize("identity", ["anonymous", "customer_a", "admin", "service"])
async def test_a_person_cannot_call_an_entry_function(
    connections: Connections, identity: str
) -> None:
    forged = json.dumps({"sub": account("customer_b"), "role": "authenticated"})
    async with connections.acting(identity) as sql:
        answer = await attempt(sql, "select * from app.whoami_v1($1)", forged)
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


async def test_an_entry_function_makes_nobody_the_service(connections: Connections) -> None:
    api = await connections.of("api")
    async with undone(api):
        answer = await attempt(
            api, "select * from app.whoami_v1($1)", json.dumps({"role": "service_role"})
        )
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


# ---------------------------------------------------------------------- writing over what is theirs


@pytest.mark.parametrize(
    ("identity", "table", "on_conflict", "body"),
    [
        (
            "influencer_a",
            "influencer_settings",
            "influencer_id",
            {"influencer_id": named("influencer_b"), "auto_record": False},
        ),
        (
            "wholesaler_a",
            "product_stock",
            "variant_id",
            {
                "variant_id": named("variant lamp"),
                "product_id": named("lamp"),
                "on_hand": 0,
            },
        ),
        (
            "wholesaler_a",
            "product_translations",
            "product_id,locale",
            {"product_id": named("lamp"), "locale": "hi", "name": "Mine"},
        ),
        (
            "customer_a",
            "cart",
            "id",
            {
                "id": named("cart customer_b"),
                "customer_id": named("customer_a"),
                "product_id": named("lamp"),
                "variant_id": named("variant lamp"),
                "quantity": 9,
            },
        ),
    ],
)
async def test_an_upsert_does_not_reach_what_is_anothers(
    connections: Connections, identity: str, table: str, on_conflict: str, body: dict[str, Any]
) -> None:
    async with connections.acting(identity) as sql:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await postgrest.upsert(sql, table, body, on_conflict=on_conflict)


async def test_a_product_of_ones_own_cannot_take_a_variant_of_another(
    connections: Connections,
) -> None:
    async with connections.acting("wholesaler_a") as sql:
        answer = await attempt(
            sql,
            "update product_stock set variant_id = $1 where variant_id = $2",
            uid("large lamp"),
            uid("variant shirt"),
        )
    assert isinstance(answer, asyncpg.InvalidParameterValueError)


@pytest.mark.parametrize("product", ["scarf", "vase"])
async def test_a_live_session_shows_active_products_only(
    connections: Connections, product: str
) -> None:
    async with connections.acting("influencer_b") as sql:
        answer = await attempt(
            sql,
            "insert into live_session_products (live_session_id, product_id) values ($1, $2)",
            uid("morning"),
            uid(product),
        )
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


async def test_a_live_session_shows_no_product_that_is_kept_out(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "update products set is_live_stream_eligible = false where id = $1", uid("lamp")
    )
    async with as_identity(owner, "influencer_a"):
        answer = await attempt(
            owner,
            "insert into live_session_products (live_session_id, product_id) values ($1, $2)",
            uid("evening"),
            uid("lamp"),
        )
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


async def test_the_author_of_a_message_is_who_wrote_it(connections: Connections) -> None:
    message = {"query_id": named("query customer_a"), "author_kind": "customer", "body": "x"}
    async with connections.acting("customer_a") as sql:
        forged = {**message, "author_user_id": account("admin")}
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            savepoint = sql.transaction()
            async with savepoint:
                await postgrest.insert(sql, "query_messages", forged)
        [written] = await postgrest.insert(sql, "query_messages", message, is_selected=True)
    assert written["author_user_id"] == account("customer_a")


async def test_a_message_to_a_closed_query_is_refused_with_a_sentence(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "update queries set status = 'closed' where id = $1", uid("query customer_a")
    )
    async with as_identity(owner, "customer_a"):
        answer = await attempt(
            owner,
            "insert into query_messages (query_id, author_kind, body) values ($1, 'customer', 'x')",
            uid("query customer_a"),
        )
    assert isinstance(answer, asyncpg.CheckViolationError)
    assert "closed" in str(answer)


# -------------------------------------------------- refusals that would tell of what cannot be seen


@pytest.mark.parametrize("product", ["shirt", "scarf"])
async def test_a_forged_review_does_not_tell_what_another_bought(
    connections: Connections, product: str
) -> None:
    """Customer B bought the shirt and not the scarf: both are refused in the same words."""
    async with connections.acting("customer_a") as sql:
        answer = await attempt(
            sql,
            "insert into reviews (customer_id, product_id, rating) values ($1, $2, 1)",
            uid("customer_b"),
            uid(product),
        )
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)
    assert "row-level security" in str(answer)


async def test_a_product_that_was_not_bought_cannot_be_reviewed(connections: Connections) -> None:
    async with connections.acting("customer_a") as sql:
        answer = await attempt(
            sql,
            "insert into reviews (customer_id, product_id, rating) values ($1, $2, 1)",
            uid("customer_a"),
            uid("scarf"),
        )
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)
    assert "once it was delivered to you" in str(answer)


async def test_a_return_does_not_tell_whether_an_order_exists(connections: Connections) -> None:
    answers = []
    async with connections.acting("customer_a") as sql:
        for order in ("lamps", "no such order"):
            answers.append(
                await attempt(
                    sql,
                    "insert into returns (order_id, customer_id, reason) values ($1, $2, 'other')",
                    uid(order),
                    uid("customer_a"),
                )
            )
    assert [str(answer) for answer in answers] == ["this is not one of your orders"] * 2


async def test_a_message_does_not_tell_whether_anothers_query_is_closed(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "update queries set status = 'closed' where id = $1", uid("query customer_b")
    )
    async with as_identity(owner, "customer_a"):
        answer = await attempt(
            owner,
            "insert into query_messages (query_id, author_kind, body) values ($1, 'customer', 'x')",
            uid("query customer_b"),
        )
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


async def test_more_than_was_sold_cannot_be_returned(connections: Connections) -> None:
    async with connections.acting("customer_a") as sql:
        answer = await attempt(
            sql,
            "insert into return_items (return_id, order_item_id, quantity) values ($1, $2, 2)",
            uid("return mixed"),
            uid("m2"),
        )
        foreign = await attempt(
            sql,
            "insert into return_items (return_id, order_item_id, quantity) values ($1, $2, 1)",
            uid("return mixed"),
            uid("l1"),
        )
    assert isinstance(answer, asyncpg.CheckViolationError)
    assert "at most 1" in str(answer)
    assert "not part of the order" in str(foreign)


@pytest.mark.parametrize("column", ["user_id", "is_flagged", "deleted_by", "deletion_reason"])
@pytest.mark.parametrize("identity", ["anonymous", "customer_a", "influencer_a"])
async def test_the_chat_does_not_tell_which_account_wrote(
    connections: Connections, identity: str, column: str
) -> None:
    async with connections.acting(identity) as sql:
        answer = await attempt(sql, f"select {column} from live_session_chat")
    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)


@pytest.mark.parametrize("identity", ["anonymous", "customer_a", "influencer_b"])
async def test_an_unlisted_live_session_is_not_found_by_listing(
    connections: Connections, identity: str
) -> None:
    async with connections.acting(identity) as sql:
        for relation in ("live_sessions", "live_sessions_with_influencer"):
            assert (
                await sql.fetch(
                    f"select id from {relation} where visibility <> 'public'"
                    " and influencer_id = $1",
                    uid("influencer_a"),
                )
                == []
            )


# --------------------------------------------------------------------------------- the switched off


async def test_a_customer_who_was_switched_off_keeps_the_profile_and_nothing_else(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute("update customers set is_active = false where id = $1", uid("customer_a"))
    async with as_identity(owner, "customer_a"):
        assert len(await owner.fetch("select id from customers")) == 1
        for table in ("cart", "wishlist", "orders", "order_items", "queries", "returns", "refunds"):
            assert await owner.fetch(f"select id from {table}") == [], table
        answer = await attempt(
            owner,
            "insert into wishlist (customer_id, product_id) values ($1, $2)",
            uid("customer_a"),
            uid("lamp"),
        )
        assert isinstance(answer, asyncpg.InsufficientPrivilegeError)
        again = await attempt(
            owner,
            "insert into customers (user_id, email) values ($1, '')",
            uuid.UUID(account("customer_a")),
        )
        assert isinstance(again, asyncpg.UniqueViolationError)


async def test_a_profile_that_was_switched_off_at_once_does_not_give_way(
    owner: asyncpg.Connection,
) -> None:
    """Nothing has touched it since, but a new one would be switched on."""
    user_id = uuid.uuid4()
    await owner.execute("insert into auth.users (id) values ($1)", user_id)
    await owner.execute("update customers set is_active = false where user_id = $1", user_id)
    await owner.execute(
        "select set_config('request.jwt.claims', '', true)",
    )
    answer = await attempt(owner, "insert into customers (user_id, email) values ($1, '')", user_id)
    assert isinstance(answer, asyncpg.UniqueViolationError)


async def test_a_wholesaler_who_was_switched_off_sells_nothing(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update wholesalers set is_active = false where id = $1", uid("wholesaler_a")
    )
    assert (
        await owner.fetch("select id from public_profiles where id = $1", uid("wholesaler_a")) == []
    )
    async with as_identity(owner, "wholesaler_a"):
        assert await owner.fetch("select id from orders") == []
        assert await owner.fetch("update products set name = 'x' returning id") == []
        names = [row["name"] for row in await owner.fetch("select name from product_catalog")]
        assert names == ["lamp"]


async def test_an_influencer_who_was_switched_off_has_no_studio(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update influencers set is_active = false where id = $1", uid("influencer_a")
    )
    assert (
        await owner.fetch("select id from public_profiles where id = $1", uid("influencer_a")) == []
    )
    async with as_identity(owner, "influencer_a"):
        assert await owner.fetch("select id from influencer_earnings") == []
        assert await owner.fetch("select id from orders") == []
        assert await owner.fetch("update live_sessions set title = 'x' returning id") == []


async def test_a_public_face_stays_its_owners(owner: asyncpg.Connection) -> None:
    """Even if a profile of the other kind came to have the same id."""
    await owner.execute(
        "insert into influencers (id, user_id, email, display_name) values ($1, $2, '', 'Taken')",
        uid("wholesaler_a"),
        uuid.UUID(account("customer_a")),
    )
    face = await owner.fetchrow(
        "select kind, name from public_profiles where id = $1", uid("wholesaler_a")
    )
    assert face is not None
    assert tuple(face) == ("wholesaler", "wholesaler_a")
