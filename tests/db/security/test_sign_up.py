"""Everybody who signs up has a profile, here and through Supabase; nobody is kept out by it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import asyncpg
import pytest

from tests.db.security.acting import attempt

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROFILES = ("customers", "wholesalers", "influencers")


async def sign_up(
    sql: asyncpg.Connection,
    app: Any = None,
    user: Any = None,
    *,
    email: str | None = "asha@example.in",
    phone: str | None = None,
    is_anonymous: bool = False,
) -> uuid.UUID:
    user_id = uuid.uuid4()
    await sql.execute(
        "insert into auth.users (id, email, phone, is_anonymous, raw_app_meta_data,"
        " raw_user_meta_data) values ($1, $2, $3, $4, $5, $6)",
        user_id,
        email,
        phone,
        is_anonymous,
        None if app is None else json.dumps(app),
        None if user is None else json.dumps(user),
    )
    return user_id


async def profiles_of(sql: asyncpg.Connection, user_id: uuid.UUID) -> list[str]:
    return [
        table
        for table in PROFILES
        if await sql.fetchval(f"select count(*) from {table} where user_id = $1", user_id)
    ]


@pytest.mark.parametrize(
    ("app", "user", "made"),
    [
        (None, None, ["customers"]),
        ({}, {}, ["customers"]),
        ({"provider": "email", "providers": ["email"]}, {}, ["customers"]),
        ({"role": "customer"}, {}, ["customers"]),
        ({"role": "wholesaler"}, {}, ["wholesalers"]),
        ({"role": "influencer"}, {}, ["influencers"]),
        ({"role": "admin"}, {}, []),
        ({}, {"role": "wholesaler"}, ["wholesalers"]),
        ({}, {"user_type": "influencer"}, ["influencers"]),
        ({}, {"role": "customer", "user_type": "influencer"}, ["customers"]),
        # What the issuer says comes before what the person says of itself.
        ({"role": "customer"}, {"role": "influencer"}, ["customers"]),
        ({"role": "admin"}, {"role": "influencer"}, []),
        # Nobody makes oneself an admin.
        ({}, {"role": "admin"}, ["customers"]),
        ({}, {"user_type": "admin"}, ["customers"]),
        # What means nothing is a customer.
        ({"role": "service_role"}, {}, ["customers"]),
        ({}, {"role": "Influencer"}, ["customers"]),
        ({}, {"role": {"role": "influencer"}}, ["customers"]),
        ({}, {"role": ["influencer"]}, ["customers"]),
        ([], [], ["customers"]),
        ("x", 5, ["customers"]),
    ],
)
async def test_the_kind_of_a_profile(
    owner: asyncpg.Connection, app: Any, user: Any, made: list[str]
) -> None:
    assert await profiles_of(owner, await sign_up(owner, app, user)) == made


async def test_json_null_is_a_customer(owner: asyncpg.Connection) -> None:
    user_id = uuid.uuid4()
    await owner.execute(
        "insert into auth.users (id, raw_app_meta_data, raw_user_meta_data)"
        " values ($1, 'null', 'null')",
        user_id,
    )
    assert await profiles_of(owner, user_id) == ["customers"]


@pytest.mark.parametrize("kind", ["wholesaler", "influencer"])
async def test_whoever_asks_to_sell_begins_unverified(owner: asyncpg.Connection, kind: str) -> None:
    forged = {"role": kind, "is_verified": True, "verification_status": "verified"}
    user_id = await sign_up(owner, {}, forged)
    row = await owner.fetchrow(
        f"select is_verified, verification_status from {kind}s where user_id = $1", user_id
    )
    assert row is not None
    assert tuple(row) == (False, "pending")


@pytest.mark.parametrize(
    ("table", "column", "user", "name"),
    [
        ("customers", "first_name", {"first_name": "Asha", "last_name": "Rao"}, "Asha"),
        ("customers", "first_name", {"full_name": "Asha Rao"}, "Asha Rao"),
        ("customers", "first_name", {}, "asha"),
        ("influencers", "display_name", {"display_name": "Asha live"}, "Asha live"),
        ("influencers", "display_name", {"first_name": "Asha", "last_name": "Rao"}, "Asha Rao"),
        ("wholesalers", "business_name", {"business_name": "Rao & Co"}, "Rao & Co"),
        ("wholesalers", "business_name", {"name": "Rao"}, "Rao"),
    ],
)
async def test_the_name_of_a_profile(
    owner: asyncpg.Connection, table: str, column: str, user: Any, name: str
) -> None:
    user_id = await sign_up(owner, {"role": table.removesuffix("s")}, user)
    assert await owner.fetchval(f"select {column} from {table} where user_id = $1", user_id) == name


async def test_an_account_with_a_phone_only(owner: asyncpg.Connection) -> None:
    user_id = await sign_up(owner, email=None, phone="919876543210")
    row = await owner.fetchrow(
        "select email, phone, first_name from customers where user_id = $1", user_id
    )
    assert row is not None
    assert tuple(row) == ("", "919876543210", "Member")


async def test_an_anonymous_account_has_a_profile_once_it_has_a_name(
    owner: asyncpg.Connection,
) -> None:
    user_id = await sign_up(owner, email=None, is_anonymous=True)
    assert await profiles_of(owner, user_id) == []
    await owner.execute(
        "update auth.users set is_anonymous = false, email = 'now@example.in' where id = $1",
        user_id,
    )
    assert await owner.fetchval("select email from customers where user_id = $1", user_id) == (
        "now@example.in"
    )


@pytest.mark.parametrize("table", PROFILES)
async def test_a_new_address_of_the_account_is_that_of_the_profile(
    owner: asyncpg.Connection, table: str
) -> None:
    user_id = await sign_up(owner, {"role": table.removesuffix("s")})
    for email, expected in (("new@example.in", "new@example.in"), (None, "")):
        await owner.execute("update auth.users set email = $2 where id = $1", user_id, email)
        assert (
            await owner.fetchval(f"select email from {table} where user_id = $1", user_id)
            == expected
        )


@pytest.mark.parametrize("kind", ["customer", "wholesaler", "influencer"])
@pytest.mark.parametrize(
    "user",
    [
        {"first_name": "x" * 500, "last_name": "y" * 500, "display_name": "z" * 500},
        {"business_name": "x" * 5000, "full_name": "", "name": None},
        {"first_name": ["a"], "display_name": {"b": 1}, "last_name": 5},
        {"display_name": "'; drop table customers; --"},
        {"display_name": "\u202e\U0001f600"},
    ],
)
async def test_no_metadata_keeps_anybody_out(
    owner: asyncpg.Connection, kind: str, user: Any
) -> None:
    user_id = await sign_up(
        owner, {"role": kind}, user, email="e" * 240 + "@example.in", phone="9" * 40
    )
    assert await profiles_of(owner, user_id) == [f"{kind}s"]


async def test_an_influencer_who_signs_up_finds_a_desk(owner: asyncpg.Connection) -> None:
    user_id = await sign_up(owner, {"role": "influencer"}, {"display_name": "Asha"})
    row = await owner.fetchrow(
        "select (select count(*) from influencer_settings s where s.influencer_id = i.id),"
        " (select count(*) from influencer_goals g where g.influencer_id = i.id),"
        " (select count(*) from influencer_achievements a where a.influencer_id = i.id),"
        " (select name from public_profiles p where p.id = i.id)"
        " from influencers i where user_id = $1",
        user_id,
    )
    assert row is not None
    assert tuple(row) == (1, 3, 3, "Asha")


async def test_an_account_that_earned_nothing_takes_its_profile_with_it(
    owner: asyncpg.Connection,
) -> None:
    user_id = await sign_up(owner, {"role": "influencer"})
    await owner.execute("delete from auth.users where id = $1", user_id)
    assert await profiles_of(owner, user_id) == []


async def test_an_account_with_sales_cannot_be_deleted(owner: asyncpg.Connection) -> None:
    answer = await attempt(owner, "delete from auth.users where email = 'wholesaler_a@example.in'")
    assert isinstance(answer, asyncpg.ForeignKeyViolationError | asyncpg.RestrictViolationError)
