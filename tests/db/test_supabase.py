"""The same migrations on a project of Supabase, whose roles and accounts are not ours."""

import asyncio
import json
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from db import ANONYMOUS, SERVICE, Actor, Database, Query, logins_of, migrate
from livecommerce.doctor import Whoami
from livecommerce.embedded import Postgres, choose_account, choose_place, find_postgres
from tests.db.test_logins import PasswordPostgres, superuser

FACSIMILE = Path(__file__).with_name("supabase.sql")


@dataclass(frozen=True)
class SessionState:
    id: uuid.UUID
    status: str


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
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


@pytest.fixture(scope="module")
def project_url(cluster: Postgres) -> str:
    """A migrated project, as its user `postgres`."""

    async def prepare() -> str:
        roles, _, database = FACSIMILE.read_text().partition("-- next: in the database")
        async with superuser(cluster) as admin:
            for statement in filter(str.strip, roles.split(";")):
                await admin.execute(statement)
        owner = await asyncpg.connect(cluster.url_of("supabase"))
        try:
            async with owner.transaction():
                await owner.execute(database)
        finally:
            await owner.close()
        url = "postgresql://postgres:p@" + cluster.url_of("supabase").partition("@")[2]
        assert await migrate(url)
        assert await migrate(url) == []
        return url

    return asyncio.run(prepare())


@pytest.fixture
async def project(project_url: str) -> AsyncIterator[asyncpg.Connection]:
    """As the project's owner, in a transaction that is undone."""
    connection = await asyncpg.connect(project_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_the_server_works_there_as_its_two_logins(project_url: str) -> None:
    logins = logins_of(project_url)
    database = await Database.connect(api=logins.api, service=logins.service)
    try:
        whoami = Query("health.whoami", Whoami)
        user_id = uuid.uuid4()
        for actor, role in (
            (ANONYMOUS, "anon"),
            (Actor("customer", user_id), "authenticated"),
        ):
            assert await database.acting_as(actor).one(whoami) == Whoami(role, actor.user_id)
        states = Query("seed.live_session_states", SessionState)
        assert await database.acting_as(SERVICE).all(states, user_id) == []
    finally:
        await database.close()


async def test_who_signs_up_at_supabase_has_a_profile(project_url: str, cluster: Postgres) -> None:
    user_id = uuid.uuid4()
    auth = await asyncpg.connect(cluster.url_of("supabase"))
    try:
        async with auth.transaction():
            await auth.execute("set local role supabase_auth_admin")
            await auth.execute(
                "insert into auth.users (id, email, raw_user_meta_data, raw_app_meta_data)"
                " values ($1, 'meera@example.com', $2, '{\"provider\": \"email\"}')",
                user_id,
                json.dumps({"full_name": "Meera Rao", "user_type": "influencer"}),
            )
        row = await auth.fetchrow(
            "select display_name, email from influencers where user_id = $1", user_id
        )
        assert row is not None
        assert (row["display_name"], row["email"]) == ("Meera Rao", "meera@example.com")
    finally:
        await auth.close()


async def test_its_grants_by_default_open_nothing(project: asyncpg.Connection) -> None:
    opened = await project.fetch(
        "select c.relname, r.role, p.privilege"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace,"
        " unnest(array['anon', 'authenticated']) r (role),"
        " unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) p (privilege)"
        " where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v')"
        " and has_table_privilege(r.role, c.oid, p.privilege)"
    )
    assert opened == []
    writable = await project.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v')"
        " and (has_table_privilege('anon', c.oid, 'INSERT')"
        "      or has_table_privilege('anon', c.oid, 'UPDATE')"
        "      or has_table_privilege('anon', c.oid, 'DELETE'))"
    )
    assert writable == []
    callable_ones = await project.fetch(
        "select p.oid::regprocedure::text as name from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('public', 'app') and p.prorettype <> 'trigger'::regtype"
        " and (has_function_privilege('anon', p.oid, 'EXECUTE')"
        "      or has_function_privilege('authenticated', p.oid, 'EXECUTE'))"
        " and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"
    )
    assert callable_ones == []


@pytest.mark.parametrize(
    ("profile", "app_metadata", "role"),
    [
        ("influencer", {"provider": "email"}, "influencer"),
        ("wholesaler", {}, "wholesaler"),
        ("customer", {}, "customer"),
        ("customer", {"role": "admin"}, "admin"),
    ],
)
async def test_a_token_says_what_its_person_is(
    project_url: str, cluster: Postgres, profile: str, app_metadata: dict[str, str], role: str
) -> None:
    user_id = uuid.uuid4()
    event = {"user_id": str(user_id), "claims": {"sub": "x", "app_metadata": app_metadata}}
    auth = await asyncpg.connect(cluster.url_of("supabase"))
    try:
        async with auth.transaction():
            await auth.execute("set local role supabase_auth_admin")
            await auth.execute(
                "insert into auth.users (id, email, raw_user_meta_data) values ($1, $2, $3)",
                user_id,
                f"{user_id}@example.com",
                json.dumps({"user_type": profile}),
            )
            changed = json.loads(
                await auth.fetchval("select private.access_token_hook_v1($1)", json.dumps(event))
            )
    finally:
        await auth.close()
    assert changed["claims"] == {"sub": "x", "app_metadata": app_metadata | {"role": role}}
