import asyncio
import base64
import hmac
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from db import ANONYMOUS, Actor, Database, LoginRefused, Query, logins_of, migrate
from db.logins import (
    API_LOGIN,
    SERVICE_LOGIN,
    LoginFacts,
    fault_of,
    scram_verifier,
    set_passwords,
    without_pooler_mark,
)
from livecommerce.doctor import Whoami
from livecommerce.embedded import Postgres, choose_account, choose_place, find_postgres

OWNER = "shop_owner"
PASSWORD = "correct horse"
A_USER = uuid.UUID(int=1, version=4)


@pytest.mark.parametrize(
    ("owner", "api"),
    [
        ("postgresql://o@/d?host=/tmp/x.y", "postgresql://livecommerce_api@/d?host=/tmp/x.y"),
        ("postgresql://o@/d?host=%2Ftmp%2Fx", "postgresql://livecommerce_api@/d?host=%2Ftmp%2Fx"),
        ("postgresql:///d?user=o&host=/tmp", "postgresql://livecommerce_api@/d?host=/tmp"),
        ("postgresql://h:5432/d", "postgresql://livecommerce_api@h:5432/d"),
        (
            "postgresql://o@a:1,b:2/d?sslmode=require",
            "postgresql://livecommerce_api@a:1,b:2/d?sslmode=require",
        ),
        ("postgres://john.doe@h/d", "postgres://livecommerce_api@h/d"),
        ("postgres://postgres.ref@h:6543/d", "postgres://livecommerce_api.ref@h:6543/d"),
        (
            "postgres://deploy.ref@aws-0.pooler.supabase.com/d",
            "postgres://livecommerce_api.ref@aws-0.pooler.supabase.com/d",
        ),
    ],
)
def test_a_login_is_at_the_place_of_the_owner(owner: str, api: str) -> None:
    assert logins_of(owner).api == api
    assert logins_of(owner).service == api.replace(API_LOGIN, SERVICE_LOGIN)


def test_a_password_is_derived_for_each_login_and_does_not_show_the_owners() -> None:
    owner = "postgresql://o:correct%20horse@h/d"
    logins = logins_of(owner)
    assert "horse" not in logins.api + logins.service
    assert logins.api.replace(API_LOGIN, "") != logins.service.replace(SERVICE_LOGIN, "")
    assert logins == logins_of("postgresql://h/d?user=o&password=correct+horse")
    assert logins != logins_of(owner.replace("correct", "wrong"))


def test_a_verifier_is_what_the_standard_says() -> None:
    """The example of RFC 7677: the server's signature follows from the key in the verifier."""
    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    said = (
        f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        f"c=biws,r={nonce}"
    )
    server_key = base64.b64decode(verifier.rpartition(":")[2])
    signature = base64.b64encode(hmac.digest(server_key, said.encode(), "sha256")).decode()
    assert signature == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.parametrize(
    ("dsn", "address", "is_pooled"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql://u:p@h:5432/d", False),
        ("postgresql://u:p@h:6543/d", "postgresql://u:p@h:6543/d", True),
        ("postgresql://u@h/d?pgbouncer=true", "postgresql://u@h/d", True),
        ("postgresql://u@/d?host=/tmp/x.y", "postgresql://u@/d?host=/tmp/x.y", False),
        (
            "postgresql://u@h/d?sslmode=require&pgbouncer=true",
            "postgresql://u@h/d?sslmode=require",
            True,
        ),
    ],
)
def test_a_pooler_is_recognised(dsn: str, address: str, is_pooled: bool) -> None:
    assert without_pooler_mark(dsn) == (address, is_pooled)


FIT_FOR_API = LoginFacts(
    name="x",
    is_superuser=False,
    bypasses_row_security=False,
    owns_tables=False,
    may_be_person=True,
    may_be_service=False,
    works_as_service=False,
)
FIT_FOR_SERVICE = replace(
    FIT_FOR_API, may_be_person=False, may_be_service=True, works_as_service=True
)


@pytest.mark.parametrize(
    ("login", "facts", "fault"),
    [
        (API_LOGIN, FIT_FOR_API, None),
        (SERVICE_LOGIN, FIT_FOR_SERVICE, None),
        (API_LOGIN, replace(FIT_FOR_API, is_superuser=True), "superuser"),
        (SERVICE_LOGIN, replace(FIT_FOR_SERVICE, bypasses_row_security=True), "BYPASSRLS"),
        (SERVICE_LOGIN, replace(FIT_FOR_SERVICE, owns_tables=True), "owns tables"),
        (API_LOGIN, replace(FIT_FOR_API, may_be_service=True), "may become service_role"),
        (API_LOGIN, replace(FIT_FOR_API, may_be_person=False), "may not become anon"),
        (SERVICE_LOGIN, replace(FIT_FOR_SERVICE, works_as_service=False), "does not inherit"),
    ],
)
def test_a_login_may_neither_more_nor_less_than_its_work(
    login: str, facts: LoginFacts, fault: str | None
) -> None:
    found = fault_of(login, facts)
    assert found is None if fault is None else fault in (found or "")


@pytest.mark.parametrize(
    ("setting", "role"),
    [
        ("LIVECOMMERCE_DATABASE_SERVICE_URL", "is a superuser"),
        ("LIVECOMMERCE_DATABASE_API_URL", "is a superuser"),
    ],
)
async def test_the_owner_is_refused_as_a_login(database_url: str, setting: str, role: str) -> None:
    logins = logins_of(database_url)
    logins = replace(logins, **{"api" if "API" in setting else "service": database_url})
    with pytest.raises(LoginRefused, match=f"livecommerce at .* {role}.*{setting}"):
        await Database.connect(api=logins.api, service=logins.service)


async def test_the_logins_cannot_stand_in_for_each_other(database_url: str) -> None:
    logins = logins_of(database_url)
    with pytest.raises(LoginRefused, match="may become service_role"):
        await Database.connect(api=logins.service, service=logins.service)
    with pytest.raises(LoginRefused, match="does not inherit from service_role"):
        await Database.connect(service=logins.api)


async def test_a_login_that_is_not_let_in_is_refused_with_its_setting(database_url: str) -> None:
    stranger = logins_of(database_url).service.replace(SERVICE_LOGIN, "stranger")
    with pytest.raises(LoginRefused, match=r"stranger.*LIVECOMMERCE_DATABASE_SERVICE_URL"):
        await Database.connect(service=stranger)


async def test_entry_functions_are_for_the_logins_alone(sql: asyncpg.Connection) -> None:
    functions = await sql.fetch(
        "select p.oid::regprocedure::text as name, p.prosecdef,"
        " array(select r.rolname::text from pg_roles r where not r.rolsuper"
        "       and r.rolname not like 'pg\\_%' and r.oid <> p.proowner"
        "       and has_function_privilege(r.oid, p.oid, 'execute')) as callers"
        " from pg_proc p where p.pronamespace = 'app'::regnamespace"
    )
    assert len(functions) >= 2
    allowed = ([API_LOGIN], [SERVICE_LOGIN])
    assert [f["name"] for f in functions if f["callers"] not in allowed] == []
    assert [f["name"] for f in functions if f["prosecdef"]] == []
    for role in ("anon", "authenticated", "service_role"):
        assert not await sql.fetchval("select has_schema_privilege($1, 'app', 'usage')", role)


@pytest.mark.parametrize("role", ["service_role", "livecommerce", None])
async def test_claims_of_another_role_are_refused(database_url: str, role: str | None) -> None:
    claims = f'{{"role":"{role}"}}' if role else "{}"
    connection = await asyncpg.connect(logins_of(database_url).api)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="nobody acts as"):
        await connection.fetchval("select app.act_as_v1($1)", claims)
    await connection.close()


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        (Actor("customer", A_USER).claims(), "authenticated"),
        (ANONYMOUS.claims(), "anon"),
        (f'{{"sub":"{A_USER}", "role": "authenticated"}}', "authenticated"),
        ('{"iss":"x","role":"anon"}', "anon"),
    ],
)
async def test_claims_are_understood_in_any_order(
    database_url: str, claims: str, role: str
) -> None:
    connection = await asyncpg.connect(logins_of(database_url).api)
    row = await connection.fetchrow("select * from app.whoami_v1($1)", claims)
    assert row is not None
    assert tuple(row) == (role, A_USER if str(A_USER) in claims else None)
    assert await connection.fetchval("select current_user") == API_LOGIN
    await connection.close()


def test_the_claims_of_a_person_begin_where_the_switch_looks_first() -> None:
    """Otherwise every request of a person reads all of its claims once more."""
    assert Actor("customer", A_USER).claims().startswith('{"role":"authenticated",')


class PasswordPostgres(Postgres):
    """Lets the superuser in by peer and everybody else by password."""

    def _write_access_rules(self) -> None:
        super()._write_access_rules()
        rules = self._data / "pg_hba.conf"
        rules.write_text(
            "local all livecommerce peer map=livecommerce\nlocal all all scram-sha-256\n"
        )


@pytest.fixture(scope="module")
def password_postgres() -> Iterator[Postgres]:
    """A cluster on which nothing was ever migrated."""
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    bin_dir = find_postgres()
    assert bin_dir is not None
    postgres = PasswordPostgres(
        choose_place(directory, choose_account(None)), bin_dir, durable=False
    )
    with asyncio.Runner() as runner:
        running = runner.run(postgres.start())
        yield postgres
        runner.run(postgres.stop(running))
    shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def superuser(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres.url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def owner_url(password_postgres: Postgres) -> AsyncIterator[str]:
    """An empty database of an owner who is no superuser, and a cluster without our roles."""
    ours = ("livecommerce_api", "livecommerce_service", "anon", "authenticated", "service_role")
    async with superuser(password_postgres) as admin:
        await admin.execute(f"create role {OWNER} login createrole password '{PASSWORD}'")
        await admin.execute(f"create database shop owner {OWNER}")
        address = password_postgres.url_of("shop").partition("@")[2]
        yield f"postgresql://{OWNER}:{PASSWORD.replace(' ', '%20')}@{address}"
        await admin.execute("drop database shop with (force)")
        for role in (*ours, OWNER):
            await admin.execute(f"drop role if exists {role}")


async def test_an_owner_who_is_no_superuser_makes_logins_that_work(owner_url: str) -> None:
    await migrate(owner_url)
    logins = logins_of(owner_url)
    database = await Database.connect(api=logins.api, service=logins.service)
    whoami = Query("health.whoami", Whoami)
    for actor, role in ((ANONYMOUS, "anon"), (Actor("customer", A_USER), "authenticated")):
        assert await database.acting_as(actor).one(whoami) == Whoami(role, actor.user_id)
    await database.close()


async def test_migrating_again_leaves_the_passwords_as_they_are(
    owner_url: str, password_postgres: Postgres
) -> None:
    async def verifiers() -> list[str]:
        async with superuser(password_postgres) as admin:
            rows = await admin.fetch(
                "select rolpassword from pg_authid where rolname like 'livecommerce\\_%'"
                " order by rolname"
            )
        return [row["rolpassword"] for row in rows]

    await migrate(owner_url)
    first = await verifiers()
    assert len(set(first)) == 2
    assert all(verifier.startswith("SCRAM-SHA-256$4096:") for verifier in first)
    await migrate(owner_url)
    assert await verifiers() == first


async def test_a_login_with_a_url_of_its_own_keeps_its_password(
    owner_url: str, password_postgres: Postgres
) -> None:
    await migrate(owner_url, passwords_of=[SERVICE_LOGIN])
    logins = logins_of(owner_url)
    with pytest.raises(LoginRefused, match="LIVECOMMERCE_DATABASE_API_URL"):
        await Database.connect(api=logins.api, service=logins.service)
    await (await Database.connect(service=logins.service)).close()


async def test_an_owner_who_may_not_set_the_passwords_is_told_what_to_do(
    owner_url: str, password_postgres: Postgres
) -> None:
    async with superuser(password_postgres) as admin:
        await admin.execute(f"create role {API_LOGIN} login noinherit superuser")
    with pytest.raises(LoginRefused, match=r"may not set the passwords.*_API_URL"):
        await set_passwords(owner_url, [API_LOGIN])


async def test_a_second_database_of_the_cluster_shares_the_roles(
    owner_url: str, password_postgres: Postgres
) -> None:
    await migrate(owner_url)
    async with superuser(password_postgres) as admin:
        await admin.execute(f"create database second owner {OWNER}")
    try:
        await migrate(owner_url.replace("/shop?", "/second?"))
    finally:
        async with superuser(password_postgres) as admin:
            await admin.execute("drop database second with (force)")
