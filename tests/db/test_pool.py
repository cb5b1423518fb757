import asyncio
import random
import traceback
import uuid
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

import db.query
from db import (
    ANONYMOUS,
    SERVICE,
    Actor,
    ActorKind,
    ConstraintViolated,
    Database,
    DatabaseUnavailable,
    Query,
    TransactionConflict,
    UniqueViolated,
)
from db.pool import without_pooler_mark

STATEMENTS = {
    "claims": "select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims",
    "sub": "select auth.uid() as sub",
    "sleep": "select pg_sleep($1)",
    "pid": "select pg_backend_pid()",
    "limits": "select concat_ws(' ', current_setting('statement_timeout'),"
    " current_setting('lock_timeout'),"
    " current_setting('idle_in_transaction_session_timeout')) as limits",
    "insert_user": "insert into auth.users (id, email) values ($1, $2)",
    "insert_nobody": "insert into auth.users (id, email, is_anonymous) values ($1, $2, null)",
    "users": "select count(*) from auth.users",
    "lock": "select 1 from auth.users where id = $1 for update",
    "wrong": "select 1 / 0",
    "echo": "select $1::jsonb as doc",
    "role": "select current_user::text",
    "insert_customer": "insert into customers (user_id, email) values ($1, 'x')",
}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue file `pool` that holds the statements of this module."""
    real = db.query.blocks
    monkeypatch.setattr(db.query, "blocks", lambda f: STATEMENTS if f == "pool" else real(f))
    monkeypatch.setattr(db.query, "_BOUND", {})


def a_customer() -> Actor:
    return Actor("customer", uuid.uuid4())


async def test_a_transaction_carries_the_claims_of_its_actor(db: Database) -> None:
    actor = a_customer()
    async with db.acting_as(actor) as tx:
        assert await tx.one(Query("pool.claims", dict)) == {
            "sub": str(actor.user_id),
            "role": "authenticated",
            "app_metadata": {"role": "customer"},
        }
        assert await tx.one(Query("pool.sub", uuid.UUID)) == actor.user_id
    async with db.acting_as(ANONYMOUS) as tx:
        assert (await tx.one(Query("pool.claims", dict)) or {})["role"] == "anon"
    async with db.acting_as(SERVICE) as tx:
        assert (await tx.one(Query("pool.claims", dict)) or {})["role"] == "service_role"


@pytest.mark.parametrize("kind", ["customer", "service"])
def test_an_actor_is_a_person_with_an_id_or_nobody_without(kind: ActorKind) -> None:
    with pytest.raises(ValueError):
        Actor(kind, None if kind == "customer" else uuid.uuid4())


async def test_nothing_of_a_borrower_reaches_the_next(database_url: str) -> None:
    """Thousands of interleaved borrows on few connections, a third of them cancelled half-way."""
    pool = await Database.connect(database_url, pool_size=3)
    sub, claims = Query("pool.sub", uuid.UUID), Query("pool.claims", dict)
    role, sleep = Query("pool.role", str), Query("pool.sleep")
    rng = random.Random(7)
    seen = 0

    async def borrow() -> None:
        nonlocal seen
        actor = a_customer()
        async with pool.acting_as(actor) as tx:
            if rng.random() < 0.3:
                await tx.run(sleep, rng.random() / 500)
            assert await tx.one(sub) == actor.user_id
            assert await tx.one(role) == user
        # Outside acting_as nobody is anybody.
        assert await pool.call(claims) is None
        seen += 1

    user = await pool.call(role)
    for _ in range(30):
        tasks = [asyncio.create_task(borrow()) for _ in range(40)]
        for task in rng.sample(tasks, 13):
            asyncio.get_running_loop().call_later(rng.random() / 50, task.cancel)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(r) for r in results} <= {type(None), asyncio.CancelledError}
    assert seen > 300
    await pool.close()


async def test_an_exception_undoes_the_transaction(db: Database) -> None:
    insert, users = Query("pool.insert_user"), Query("pool.users", int)
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
    with pytest.raises(ZeroDivisionError):
        async with db.acting_as(SERVICE) as tx:
            await tx.run(insert, uuid.uuid4(), "a@example.in")
            raise ZeroDivisionError
    assert await db.call(users) == 0
    # The driver complains of connections that come back in the middle of a transaction.
    assert complaints == []


async def test_a_cancelled_borrower_undoes_its_transaction(db: Database) -> None:
    insert, users, sleep = Query("pool.insert_user"), Query("pool.users", int), Query("pool.sleep")
    waiting = asyncio.Event()

    async def borrow() -> None:
        async with db.acting_as(SERVICE) as tx:
            await tx.run(insert, uuid.uuid4(), "a@example.in")
            waiting.set()
            await tx.run(sleep, 60)

    task = asyncio.create_task(borrow())
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await db.call(users) == 0


async def test_a_failed_statement_cannot_be_committed_by_swallowing_it(db: Database) -> None:
    with pytest.raises(RuntimeError, match="a statement had failed"):
        async with db.acting_as(SERVICE) as tx:
            await tx.run(Query("pool.insert_user"), uuid.uuid4(), "a@example.in")
            with pytest.raises(asyncpg.DivisionByZeroError):
                await tx.one(Query("pool.wrong", int))
    assert await db.call(Query("pool.users", int)) == 0


async def test_the_limits_are_in_force(database_url: str) -> None:
    pool = await Database.connect(database_url, statement_timeout_ms=700, lock_timeout_ms=300)
    assert await pool.call(Query("pool.limits", str)) == "700ms 300ms 1400ms"
    await pool.close()


async def test_a_statement_that_takes_too_long_is_unavailable(database_url: str) -> None:
    pool = await Database.connect(database_url, pool_size=1, statement_timeout_ms=100)
    pid = await pool.call(Query("pool.pid", int))
    with pytest.raises(DatabaseUnavailable) as refusal:
        async with pool.acting_as(SERVICE) as tx:
            await tx.run(Query("pool.sleep"), 60)
    assert refusal.value.retry_after_s > 0
    # The server answered, so the connection is as good as before.
    assert await pool.call(Query("pool.pid", int)) == pid
    await pool.close()


async def test_a_lock_that_is_held_too_long_is_unavailable(database_url: str) -> None:
    pool = await Database.connect(database_url, lock_timeout_ms=100)
    id_ = uuid.uuid4()
    async with pool.acting_as(SERVICE) as tx:
        await tx.run(Query("pool.insert_user"), id_, "a@example.in")
    async with pool.acting_as(SERVICE) as tx:
        await tx.one(Query("pool.lock", int), id_)
        with pytest.raises(DatabaseUnavailable):
            async with pool.acting_as(SERVICE) as other:
                await other.one(Query("pool.lock", int), id_)
    await pool.close()


async def test_an_exhausted_pool_is_unavailable(database_url: str) -> None:
    pool = await Database.connect(database_url, pool_size=1, acquire_timeout_ms=100)
    async with pool.acting_as(SERVICE):
        with pytest.raises(DatabaseUnavailable):
            await pool.call(Query("pool.users", int))
    assert await pool.call(Query("pool.users", int)) == 0
    await pool.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: object) -> None:
    with pytest.raises(DatabaseUnavailable):
        await Database.connect(f"postgresql://x@/x?host={tmp_path}", acquire_timeout_ms=500)


async def test_a_server_that_does_not_let_us_in_is_unavailable(database_url: str) -> None:
    for wrong in (("livecommerce@", "stranger@"), ("/test_", "/no_such_")):
        assert wrong[0] in database_url
        with pytest.raises(DatabaseUnavailable, match=r"stranger|no_such_"):
            await Database.connect(database_url.replace(*wrong))


class FreezableServer:
    """Forwards bytes to Postgres until frozen; then takes what comes and answers nothing."""

    def __init__(self, socket_path: str) -> None:
        self._target = socket_path
        self._is_thawed = asyncio.Event()
        self._is_thawed.set()
        self._writers: list[asyncio.StreamWriter] = []

    def freeze(self) -> None:
        self._is_thawed.clear()

    def thaw(self) -> None:
        self._is_thawed.set()

    async def serve(self, path: str) -> asyncio.Server:
        return await asyncio.start_unix_server(self._connection, path)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_unix_connection(self._target)
        self._writers += [writer, their_writer]
        await asyncio.gather(self._pump(reader, their_writer), self._pump(their_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._is_thawed.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


async def test_a_frozen_server_costs_its_time_limit_and_no_more(
    database_url: str, tmp_path: object
) -> None:
    (folder,) = parse_qs(urlsplit(database_url).query)["host"]
    frozen = FreezableServer(f"{folder}/.s.PGSQL.5432")
    server = await frozen.serve(f"{tmp_path}/.s.PGSQL.5432")
    pool = await Database.connect(
        f"{database_url.partition('?')[0]}?host={tmp_path}",
        pool_size=2,
        statement_timeout_ms=100,
        acquire_timeout_ms=300,
    )
    assert await pool.call(Query("pool.users", int)) == 0
    frozen.freeze()
    async with asyncio.timeout(20):
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                await pool.call(Query("pool.users", int))
            with pytest.raises(DatabaseUnavailable):
                async with pool.acting_as(SERVICE) as tx:
                    await tx.one(Query("pool.users", int))
    frozen.thaw()
    assert await pool.call(Query("pool.users", int)) == 0
    await pool.close()
    server.close()
    await server.wait_closed()


async def test_a_killed_backend_is_replaced(db: Database, sql: asyncpg.Connection) -> None:
    users = Query("pool.users", int)
    assert await db.call(users) == 0
    await sql.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )

    async def answered() -> bool:
        try:
            return await db.call(users) == 0
        except DatabaseUnavailable:
            return False

    assert any([await answered() for _ in range(6)])
    assert all([await answered() for _ in range(3)])


async def test_violations_of_the_schema_have_names(db: Database) -> None:
    insert, id_ = Query("pool.insert_user"), uuid.uuid4()
    async with db.acting_as(SERVICE) as tx:
        assert await tx.run(insert, id_, "a@example.in") == 1
    with pytest.raises(UniqueViolated) as unique:
        async with db.acting_as(SERVICE) as tx:
            await tx.run(insert, uuid.uuid4(), "a@example.in")
    assert unique.value.constraint == "users_email_key"
    with pytest.raises(ConstraintViolated) as foreign:
        async with db.acting_as(SERVICE) as tx:
            await tx.run(Query("pool.insert_customer"), uuid.uuid4())
    assert foreign.value.constraint == "customers_user_id_fkey"


@pytest.mark.parametrize("statement", ["insert_user", "insert_nobody"])
async def test_an_error_does_not_repeat_the_row(db: Database, statement: str) -> None:
    insert, told = Query("pool.insert_user"), ""
    # Put together here, since the traceback quotes the lines of this test.
    email = "@".join(("asha", "example.in"))
    async with db.acting_as(SERVICE) as tx:
        await tx.run(insert, uuid.uuid4(), email)
    try:
        async with db.acting_as(SERVICE) as tx:
            await tx.run(Query(f"pool.{statement}"), uuid.uuid4(), email)
    except ConstraintViolated:
        told = traceback.format_exc()
    assert "violates" in told
    assert email not in told


async def test_a_deadlock_is_a_conflict_for_one_of_the_two(db: Database) -> None:
    insert, lock, ids = Query("pool.insert_user"), Query("pool.lock", int), [uuid.uuid4()] * 2
    ids[1] = uuid.uuid4()
    async with db.acting_as(SERVICE) as tx:
        for id_ in ids:
            await tx.run(insert, id_, f"{id_}@example.in")
    both_hold_one = asyncio.Barrier(2)

    async def embrace(first: uuid.UUID, second: uuid.UUID) -> str:
        try:
            async with db.acting_as(SERVICE) as tx:
                await tx.one(lock, first)
                await both_hold_one.wait()
                await tx.one(lock, second)
        except TransactionConflict:
            return "conflict"
        return "done"

    outcomes = await asyncio.gather(embrace(*ids), embrace(*reversed(ids)))
    assert sorted(outcomes) == ["conflict", "done"]


async def test_documents_and_ids_arrive_as_plain_values(db: Database) -> None:
    document = {"name": "Café ₹", "list": [1, 2.5, None, True]}
    assert await db.call(Query("pool.echo", dict), document) == document
    async with db.acting_as(a_customer()) as tx:
        assert type(await tx.one(Query("pool.sub", uuid.UUID))) is uuid.UUID


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


async def test_behind_a_pooler_the_limits_are_set_per_transaction(database_url: str) -> None:
    pool = await Database.connect(f"{database_url}&pgbouncer=true", statement_timeout_ms=700)
    async with pool.acting_as(SERVICE) as tx:
        assert await tx.one(Query("pool.limits", str)) == "700ms 3s 1400ms"
    # A single statement is a transaction there too, and what it wrote stays.
    assert await pool.call(Query("pool.limits", str)) == "700ms 3s 1400ms"
    await pool.call(Query("pool.insert_user"), uuid.uuid4(), "a@example.in")
    assert await pool.call(Query("pool.users", int)) == 1
    await pool.close()
