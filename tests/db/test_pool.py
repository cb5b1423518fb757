import asyncio
import random
import traceback
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
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
    logins_of,
)
from db.logins import API_LOGIN, SERVICE_LOGIN

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
    "become_service": "select set_config('role', 'service_role', true)",
    "whoami": "select * from app.whoami_v1($1::text)",
    "beside_entry": "select count(*) from app.whoami_v1($1::text), auth.users",
    "notes": "select * from app.notes_v1($1::text, $2)",
    "left": "select * from app.left_v1($1::text)",
    "my_notes": "select current_user::text as role, auth.uid() as sub,"
    " array(select user_id from notes) as rows",
    "here": "select current_user::text as role,"
    " nullif(current_setting('request.jwt.claims', true), '') as claims_left",
}


@dataclass(frozen=True)
class Whoami:
    database_role: str
    user_id: uuid.UUID | None


@dataclass(frozen=True)
class Notes:
    role: str
    sub: uuid.UUID | None
    rows: list[uuid.UUID | None]


@dataclass(frozen=True)
class Left:
    """What a connection still carries."""

    role: str
    claims_left: str | None


Work = Callable[[Actor, float], Awaitable[None]]


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue file `pool` that holds the statements of this module."""
    real = db.query.blocks
    monkeypatch.setattr(db.query, "blocks", lambda f: STATEMENTS if f == "pool" else real(f))
    monkeypatch.setattr(db.query, "_BOUND", {})


async def connect(database_url: str, **limits: Any) -> Database:
    logins = logins_of(database_url)
    return await Database.connect(api=logins.api, service=logins.service, **limits)


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


@pytest.mark.parametrize("kind", ["customer", "anonymous"])
def test_an_actor_is_a_person_with_an_id_or_nobody_without(kind: ActorKind) -> None:
    with pytest.raises(ValueError):
        Actor(kind, None if kind == "customer" else uuid.uuid4())


async def test_a_persons_transaction_has_the_rights_of_a_person(db: Database) -> None:
    users, role = Query("pool.users", int), Query("pool.role", str)
    for actor, name in ((a_customer(), "authenticated"), (ANONYMOUS, "anon")):
        async with db.acting_as(actor) as tx:
            assert await tx.one(role) == name
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.acting_as(actor) as tx:
                await tx.one(users)
    async with db.acting_as(SERVICE) as tx:
        assert await tx.one(role) == SERVICE_LOGIN
        assert await tx.one(users) == 0


async def test_what_is_injected_into_a_persons_transaction_cannot_become_the_service(
    db: Database,
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.acting_as(a_customer()) as tx:
            await tx.one(Query("pool.become_service", str))


async def test_an_entry_function_acts_as_the_person(db: Database) -> None:
    whoami, customer = Query("pool.whoami", Whoami), a_customer()
    for actor, role in ((customer, "authenticated"), (ANONYMOUS, "anon")):
        assert await db.acting_as(actor).one(whoami) == Whoami(role, actor.user_id)
        assert await db.acting_as(actor).all(whoami) == [Whoami(role, actor.user_id)]
        assert await db.acting_as(actor).run(whoami) == 1


async def test_beside_an_entry_function_the_login_has_no_right(db: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.acting_as(a_customer()).one(Query("pool.beside_entry", int))


async def test_a_person_cannot_run_a_plain_statement_without_a_transaction(db: Database) -> None:
    with pytest.raises(TypeError, match="no entry function"):
        await db.acting_as(a_customer()).one(Query("pool.users", int))


async def test_the_service_cannot_call_an_entry_function(db: Database) -> None:
    with pytest.raises(TypeError, match="for persons only"):
        await db.acting_as(SERVICE).one(Query("pool.whoami", Whoami))


async def test_the_service_says_for_whom_it_works_in_a_transaction_only(db: Database) -> None:
    on_behalf = Actor("service", uuid.uuid4())
    async with db.acting_as(on_behalf) as tx:
        assert await tx.one(Query("pool.sub", uuid.UUID)) == on_behalf.user_id
        assert await tx.one(Query("pool.role", str)) == SERVICE_LOGIN
    with pytest.raises(TypeError, match="would lose for whom"):
        await db.acting_as(on_behalf).one(Query("pool.users", int))


async def test_without_the_login_for_people_nothing_is_done_for_a_person(database_url: str) -> None:
    pool = await Database.connect(service=logins_of(database_url).service)
    assert await pool.acting_as(SERVICE).one(Query("pool.users", int)) == 0
    with pytest.raises(RuntimeError):
        pool.acting_as(ANONYMOUS)
    await pool.close()


NOTES = """
create table public.notes (user_id uuid not null);
alter table public.notes enable row level security;
grant select on public.notes to authenticated;
create policy own on public.notes for select to authenticated
  using ((select auth.uid()) = user_id);
create function app.notes_v1(claims text, delay_s float8)
returns table (role text, sub uuid, rows uuid[]) language plpgsql set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  perform pg_sleep(delay_s);
  return query select current_user::text, auth.uid(), array(select n.user_id from public.notes n);
end $$;
-- Against the rule an entry function that does not act as its caller: it sees what others left.
create function app.left_v1(claims text) returns table (role text, claims_left text)
language sql set search_path = '' as $$
  select current_user::text, nullif(current_setting('request.jwt.claims', true), '')
$$;
grant execute on function app.notes_v1(text, float8), app.left_v1(text) to livecommerce_api;
"""


async def test_10_000_interleaved_borrows_with_cancellations_leak_nothing(
    database_url: str, sql: asyncpg.Connection
) -> None:
    people = [a_customer() for _ in range(20)]
    await sql.execute(NOTES)
    await sql.executemany("insert into notes values ($1)", [(p.user_id,) for p in people])
    pool = await connect(database_url, pool_size=4)
    notes, left = Query("pool.notes", Notes), Query("pool.left", Left)
    mine, here = Query("pool.my_notes", Notes), Query("pool.here", Left)
    sleep = Query("pool.sleep")
    rng, done = random.Random(7), 0

    async def entry(person: Actor, delay_s: float) -> None:
        seen = await pool.acting_as(person).one(notes, delay_s)
        assert seen == Notes("authenticated", person.user_id, [person.user_id])

    async def transaction(person: Actor, delay_s: float) -> None:
        async with pool.acting_as(person) as tx:
            if delay_s:
                await tx.run(sleep, delay_s)
            seen = await tx.one(mine)
            assert seen == Notes("authenticated", person.user_id, [person.user_id])

    async def outside(person: Actor, _: float) -> None:
        assert await pool.acting_as(person).one(left) == Left(API_LOGIN, None)

    async def service(_: Actor, __: float) -> None:
        assert await pool.acting_as(SERVICE).one(here) == Left(SERVICE_LOGIN, None)

    async def on_behalf(person: Actor, delay_s: float) -> None:
        actor = Actor("service", person.user_id)
        async with pool.acting_as(actor) as tx:
            await tx.run(sleep, delay_s)
            assert await tx.one(here) == Left(SERVICE_LOGIN, actor.claims())

    async def borrow(work: Work, person: Actor, delay_s: float) -> None:
        nonlocal done
        await work(person, delay_s)
        done += 1

    works = (entry, entry, transaction, outside, service, on_behalf)
    for _ in range(50):
        tasks = [
            asyncio.create_task(
                borrow(rng.choice(works), rng.choice(people), rng.choice((0.0, 0.0, 0.001)))
            )
            for _ in range(200)
        ]
        for task in rng.sample(tasks, 30):
            asyncio.get_running_loop().call_later(rng.random() / 10, task.cancel)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(r) for r in results} <= {type(None), asyncio.CancelledError}
    assert 8_000 < done < 9_900
    await pool.close()


async def test_no_claims_are_nobody_on_a_fresh_and_on_a_used_connection(
    database_url: str, sql: asyncpg.Connection
) -> None:
    """A setting that was never set is NULL, one that a transaction had set is '' afterwards."""
    await sql.execute(NOTES)
    person = a_customer()
    await sql.execute("insert into notes values ($1)", person.user_id)
    connection = await asyncpg.connect(logins_of(database_url).api)
    raw = "select current_setting('request.jwt.claims', true)"
    for before in (None, ""):
        assert await connection.fetchval(raw) == before
        async with connection.transaction():
            await connection.execute("set local role authenticated")
            assert await connection.fetch("select auth.uid() as id, * from notes") == []
            assert await connection.fetchval("select auth.uid()") is None
        async with connection.transaction():
            await connection.execute("select app.act_as_v1($1)", person.claims())
            assert await connection.fetchval("select count(*) from notes") == 1
    await connection.close()


async def test_an_exception_undoes_the_transaction(db: Database) -> None:
    insert, users = Query("pool.insert_user"), Query("pool.users", int)
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
    with pytest.raises(ZeroDivisionError):
        async with db.acting_as(SERVICE) as tx:
            await tx.run(insert, uuid.uuid4(), "a@example.in")
            raise ZeroDivisionError
    assert await db.acting_as(SERVICE).one(users) == 0
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
    assert await db.acting_as(SERVICE).one(users) == 0


async def test_a_failed_statement_cannot_be_committed_by_swallowing_it(db: Database) -> None:
    with pytest.raises(RuntimeError, match="a statement had failed"):
        async with db.acting_as(SERVICE) as tx:
            await tx.run(Query("pool.insert_user"), uuid.uuid4(), "a@example.in")
            with pytest.raises(asyncpg.DivisionByZeroError):
                await tx.one(Query("pool.wrong", int))
    assert await db.acting_as(SERVICE).one(Query("pool.users", int)) == 0


async def test_the_limits_are_in_force(database_url: str) -> None:
    pool = await connect(database_url, statement_timeout_ms=700, lock_timeout_ms=300)
    assert await pool.acting_as(SERVICE).one(Query("pool.limits", str)) == "700ms 300ms 1400ms"
    await pool.close()


async def test_a_statement_that_takes_too_long_is_unavailable(database_url: str) -> None:
    pool = await connect(database_url, pool_size=1, statement_timeout_ms=100)
    pid = await pool.acting_as(SERVICE).one(Query("pool.pid", int))
    with pytest.raises(DatabaseUnavailable) as refusal:
        async with pool.acting_as(SERVICE) as tx:
            await tx.run(Query("pool.sleep"), 60)
    assert refusal.value.retry_after_s > 0
    # The server answered, so the connection is as good as before.
    assert await pool.acting_as(SERVICE).one(Query("pool.pid", int)) == pid
    await pool.close()


async def test_a_lock_that_is_held_too_long_is_unavailable(database_url: str) -> None:
    pool = await connect(database_url, lock_timeout_ms=100)
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
    pool = await connect(database_url, pool_size=1, acquire_timeout_ms=100)
    async with pool.acting_as(SERVICE):
        with pytest.raises(DatabaseUnavailable):
            await pool.acting_as(SERVICE).one(Query("pool.users", int))
    assert await pool.acting_as(SERVICE).one(Query("pool.users", int)) == 0
    await pool.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: object) -> None:
    nowhere = f"postgresql://x@/x?host={tmp_path}"
    with pytest.raises(DatabaseUnavailable):
        await Database.connect(service=nowhere, acquire_timeout_ms=500)


async def test_a_database_that_is_not_there_is_unavailable(database_url: str) -> None:
    service = logins_of(database_url).service
    assert "/test_" in service
    with pytest.raises(DatabaseUnavailable, match="no_such_"):
        await Database.connect(service=service.replace("/test_", "/no_such_"))


class FreezableServer:
    """Forwards bytes to Postgres until frozen; then takes what comes and answers nothing.

    turns: how often Postgres has said that it is ready for the next request.
    """

    def __init__(self, socket_path: str) -> None:
        self.turns = 0
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
        await asyncio.gather(
            self._pump(reader, their_writer, lambda data: None),
            self._pump(their_reader, writer, self._counter()),
        )

    def _counter(self) -> Callable[[bytes], None]:
        """Counts the ReadyForQuery messages of one connection, however they are cut."""
        pending = bytearray()

        def count(data: bytes) -> None:
            pending.extend(data)
            while len(pending) >= 5:
                length = 1 + int.from_bytes(pending[1:5])
                if len(pending) < length:
                    return
                self.turns += pending[:1] == b"Z"
                del pending[:length]

        return count

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        look: Callable[[bytes], None],
    ) -> None:
        try:
            while data := await reader.read(65536):
                await self._is_thawed.wait()
                look(data)
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
    pool = await connect(
        f"{database_url.partition('?')[0]}?host={tmp_path}",
        pool_size=2,
        statement_timeout_ms=100,
        acquire_timeout_ms=300,
    )
    assert await pool.acting_as(SERVICE).one(Query("pool.users", int)) == 0
    frozen.freeze()
    async with asyncio.timeout(20):
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                await pool.acting_as(SERVICE).one(Query("pool.users", int))
            with pytest.raises(DatabaseUnavailable):
                async with pool.acting_as(SERVICE) as tx:
                    await tx.one(Query("pool.users", int))
    frozen.thaw()
    assert await pool.acting_as(SERVICE).one(Query("pool.users", int)) == 0
    await pool.close()
    server.close()
    await server.wait_closed()


async def test_what_acting_costs_in_round_trips(database_url: str, tmp_path: object) -> None:
    (folder,) = parse_qs(urlsplit(database_url).query)["host"]
    between = FreezableServer(f"{folder}/.s.PGSQL.5432")
    server = await between.serve(f"{tmp_path}/.s.PGSQL.5432")
    pool = await connect(f"{database_url.partition('?')[0]}?host={tmp_path}", pool_size=1)
    whoami, users, role = (
        Query("pool.whoami", Whoami),
        Query("pool.users", int),
        Query("pool.role", str),
    )

    async def entry() -> None:
        await pool.acting_as(a_customer()).one(whoami)

    async def service() -> None:
        await pool.acting_as(SERVICE).one(users)

    async def transaction() -> None:
        async with pool.acting_as(ANONYMOUS) as tx:
            await tx.one(role)

    for act, round_trips in ((entry, 1), (service, 1), (transaction, 3)):
        await act()  # the first time a connection sees a statement it is prepared
        before = between.turns
        await act()
        assert (act.__name__, between.turns - before) == (act.__name__, round_trips)
    await pool.close()
    server.close()
    await server.wait_closed()


async def test_a_killed_backend_is_replaced(db: Database, sql: asyncpg.Connection) -> None:
    users = Query("pool.users", int)
    assert await db.acting_as(SERVICE).one(users) == 0
    await sql.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )

    async def answered() -> bool:
        try:
            return await db.acting_as(SERVICE).one(users) == 0
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
    assert await db.acting_as(SERVICE).one(Query("pool.echo", dict), document) == document
    async with db.acting_as(a_customer()) as tx:
        assert type(await tx.one(Query("pool.sub", uuid.UUID))) is uuid.UUID


async def test_behind_a_pooler_the_limits_are_set_per_transaction(database_url: str) -> None:
    pool = await connect(f"{database_url}&pgbouncer=true", statement_timeout_ms=700)
    async with pool.acting_as(SERVICE) as tx:
        assert await tx.one(Query("pool.limits", str)) == "700ms 3s 1400ms"
    # A single statement is a transaction there too, and what it wrote stays.
    assert await pool.acting_as(SERVICE).one(Query("pool.limits", str)) == "700ms 3s 1400ms"
    await pool.acting_as(SERVICE).one(Query("pool.insert_user"), uuid.uuid4(), "a@example.in")
    assert await pool.acting_as(SERVICE).one(Query("pool.users", int)) == 1
    await pool.close()


async def test_behind_a_pooler_an_entry_function_is_one_transaction(database_url: str) -> None:
    pool, customer = await connect(f"{database_url}&pgbouncer=true"), a_customer()
    whoami = Query("pool.whoami", Whoami)
    assert await pool.acting_as(customer).one(whoami) == Whoami("authenticated", customer.user_id)
    await pool.close()
