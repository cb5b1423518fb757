import asyncio
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from db import DatabaseUnavailable, DatabaseUrlRefused, MigrationRefused, migrate, migration_states
from db.history import Migration, migrations_in, still_to_run
from db.runner import Patience


def write(folder: Path, **files: str) -> Path:
    for name, sql in files.items():
        (folder / f"{name.removeprefix('m')}.sql").write_text(sql)
    return folder


async def names_in(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [
            row["name"]
            for row in await connection.fetch(
                "select name from private.schema_migrations order by version"
            )
        ]
    finally:
        await connection.close()


async def test_the_schema_comes_from_nothing_and_stays(empty_database_url: str) -> None:
    applied = await migrate(empty_database_url)
    assert applied[:2] == ["20261121000000_auth_shim", "20261122000000_platform"]
    assert await migrate(empty_database_url) == []


async def test_two_processes_start_at_once(empty_database_url: str) -> None:
    one, other = await asyncio.gather(migrate(empty_database_url), migrate(empty_database_url))
    applied = [name.partition("_")[2] for name in sorted(one + other)]
    assert applied == await names_in(empty_database_url)


async def test_a_pooler_may_stand_before_the_database(empty_database_url: str) -> None:
    assert len(await migrate(f"{empty_database_url}&pgbouncer=true")) >= 3


async def test_a_changed_file_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    write(tmp_path, m20260101000000_a="create table a (id int)")
    await migrate(empty_database_url, tmp_path)
    write(tmp_path, m20260101000000_a="create table a (id bigint)")
    with pytest.raises(MigrationRefused, match=r"20260101000000_a\.sql was changed"):
        await migrate(empty_database_url, tmp_path)


async def test_a_file_that_fails_half_way_leaves_nothing(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        m20260101000000_good="create table good (id int)",
        m20260102000000_bad="create table half (id int); select 1/0;",
    )
    with pytest.raises(
        MigrationRefused, match=r"20260102000000_bad\.sql, line 1: division by zero"
    ):
        await migrate(empty_database_url, tmp_path)
    assert await names_in(empty_database_url) == ["good"]
    write(tmp_path, m20260102000000_bad="create table half (id int)")
    assert await migrate(empty_database_url, tmp_path) == ["20260102000000_bad"]


async def test_a_refused_statement_is_named_by_its_line(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260101000000_a="select 1;\n\nselect\n  2,\n  nothing;")
    with pytest.raises(
        MigrationRefused, match=r"_a\.sql, line 5: column \"nothing\" does not exist"
    ):
        await migrate(empty_database_url, tmp_path)


async def test_a_refusal_quotes_no_row(empty_database_url: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        m20260101000000_a="create table a (email text); insert into a values ('x@y'), ('x@y');",
        m20260102000000_b="alter table a add unique (email)",
    )
    with pytest.raises(MigrationRefused, match="could not create unique index") as refused:
        await migrate(empty_database_url, tmp_path)
    assert "x@y" not in str(refused.value)
    assert "x@y" not in str(refused.value.__cause__)


async def test_a_file_has_no_time_limit_and_waits_for_locks_for_half_a_second(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        m20260101000000_a="create table limits as select"
        " current_setting('statement_timeout') as statement,"
        " current_setting('idle_in_transaction_session_timeout') as idle,"
        " current_setting('lock_timeout')::interval as lock",
    )
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute(
            f"alter role current_user in database {connection_database(empty_database_url)}"
            " set statement_timeout = '5s'"
        )
        await migrate(empty_database_url, tmp_path)
        (limits,) = await connection.fetch("table limits")
    finally:
        await connection.close()
    assert (limits["statement"], limits["idle"]) == ("0", "0")
    assert limits["lock"] <= datetime.timedelta(milliseconds=500)


def connection_database(dsn: str) -> str:
    return urlsplit(dsn).path.removeprefix("/")


@pytest.fixture
async def busy_table(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A table that a transaction reads; the fixture is that transaction's connection."""
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("create table busy (id int)")
    await connection.execute("begin; select from busy")
    yield connection
    await connection.close()


ALTERS_BUSY = "create table before (id int); alter table busy add column added int;"


async def test_a_file_that_gets_no_lock_gives_way_and_says_what_to_look_for(
    empty_database_url: str, tmp_path: Path, busy_table: asyncpg.Connection
) -> None:
    write(tmp_path, m20260101000000_alters_busy=ALTERS_BUSY)
    with pytest.raises(DatabaseUnavailable, match="alters_busy could not have its locks in 2"):
        await migrate(empty_database_url, tmp_path, patience=Patience(lock_ms=1, attempts=2))
    assert await busy_table.fetchval("select to_regclass('before')") is None


async def test_a_file_that_gets_no_lock_is_tried_again(
    empty_database_url: str, tmp_path: Path, busy_table: asyncpg.Connection
) -> None:
    write(tmp_path, m20260101000000_alters_busy=ALTERS_BUSY)
    ending: list[asyncio.Task[str]] = []
    said: list[str] = []

    def end_the_other_at_the_first_wait(line: str) -> None:
        said.append(line)
        if not ending:
            ending.append(asyncio.create_task(busy_table.execute("rollback")))

    applied = await migrate(
        empty_database_url,
        tmp_path,
        tell=end_the_other_at_the_first_wait,
        patience=Patience(lock_ms=1),
    )
    assert applied == ["20260101000000_alters_busy"]
    assert said[0] == "20260101000000_alters_busy waits for a lock (attempt 1 of 30)"
    assert said[-1].startswith("applied 20260101000000_alters_busy in ")


TABLE = """
create table thing (id int, name text);
insert into thing select n, n % 3 from generate_series(1, 9) n;
"""
INDEX = """-- no-transaction
create {}index concurrently if not exists thing_name on public.thing (name);
"""


async def test_a_file_without_a_transaction_builds_beside_the_requests(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260101000000_thing=TABLE, m20260102000000_index=INDEX.format(""))
    assert len(await migrate(empty_database_url, tmp_path)) == 2
    assert await names_in(empty_database_url) == ["thing", "index"]
    assert await is_valid(empty_database_url, "thing_name")
    assert await migrate(empty_database_url, tmp_path) == []


async def test_an_index_that_was_half_built_is_built_again(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260101000000_thing=TABLE, m20260102000000_index=INDEX.format("unique "))
    with pytest.raises(MigrationRefused, match="could not create unique index"):
        await migrate(empty_database_url, tmp_path)
    assert await names_in(empty_database_url) == ["thing"]
    assert not await is_valid(empty_database_url, "thing_name")
    write(tmp_path, m20260102000000_index=INDEX.format(""))
    said: list[str] = []
    await migrate(empty_database_url, tmp_path, tell=said.append)
    assert said[0] == "20260102000000_index drops public.thing_name, which was half built"
    assert await is_valid(empty_database_url, "thing_name")


async def test_what_was_built_before_a_crash_is_not_built_twice(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260101000000_thing=TABLE, m20260102000000_index=INDEX.format(""))
    await migrate(empty_database_url, tmp_path)
    connection = await asyncpg.connect(empty_database_url)
    before = await connection.fetchval("select 'thing_name'::regclass::oid")
    await connection.execute("delete from private.schema_migrations where name = 'index'")
    assert await migrate(empty_database_url, tmp_path) == ["20260102000000_index"]
    assert await connection.fetchval("select 'thing_name'::regclass::oid") == before
    await connection.close()


async def test_two_processes_build_an_index_at_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260101000000_thing=TABLE, m20260102000000_index=INDEX.format(""))
    one, other = await asyncio.gather(
        migrate(empty_database_url, tmp_path), migrate(empty_database_url, tmp_path)
    )
    assert sorted(one + other) == ["20260101000000_thing", "20260102000000_index"]
    assert await is_valid(empty_database_url, "thing_name")


async def test_whoever_waits_for_its_turn_too_long_says_so(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260101000000_thing=TABLE)
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(f"begin; select pg_advisory_xact_lock({0x6C69_7665_636F})")
    with pytest.raises(DatabaseUnavailable, match="another process migrates this database"):
        await migrate(empty_database_url, tmp_path, patience=Patience(turn_s=0))
    await connection.close()


async def is_valid(dsn: str, index: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetchval(
            "select indisvalid from pg_index where indexrelid = $1::text::regclass", index
        )
        return bool(found)
    finally:
        await connection.close()


async def test_the_state_of_every_migration_is_told(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, m20260102000000_b="select 1", m20260103000000_c="select 1")
    assert [s.applied_at for s in await migration_states(empty_database_url, tmp_path)] == [
        None
    ] * 2
    await migrate(empty_database_url, tmp_path)
    write(
        tmp_path,
        m20260101000000_a="select 1",
        m20260102000000_b="select 2",
        m20260104000000_d="-- no-transaction\nselect 1",
    )
    (tmp_path / "20260103000000_c.sql").unlink()
    late, changed, unknown, waiting = await migration_states(empty_database_url, tmp_path)
    assert (late.applied_at, "is older than" in str(late.fault)) == (None, True)
    assert (changed.applied_at is None, "was changed" in str(changed.fault)) == (False, True)
    assert (unknown.full_name, "newer release" in str(unknown.fault)) == ("20260103000000_c", True)
    assert (waiting.applied_at, waiting.fault, waiting.in_transaction) == (None, None, False)


async def test_asking_for_the_state_changes_nothing(
    empty_database_url: str, tmp_path: Path
) -> None:
    await migration_states(empty_database_url, tmp_path)
    connection = await asyncpg.connect(empty_database_url)
    assert await connection.fetchval("select to_regnamespace('private')") is None
    await connection.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("postgresql://x:sec/ret@h/db", "port is not a number"),
        ("postgresql://x:secret@h:port/db", "port is not a number"),
        ("postgresql://x:secret@h:99999/db", "port is not a number below 65536"),
        ("postgresql://x:secret@[::1/db", "brackets do not match"),
        ("postgresql://x:secret@h/db?sslmode=secret", "sslmode"),
        ("postgresql://x:secret@/db?host=/tmp&port=secret", "driver does not understand"),
    ],
)
async def test_an_address_that_is_none_is_refused_without_quoting_it(
    address: str, reason: str
) -> None:
    with pytest.raises(DatabaseUrlRefused, match=reason) as refused:
        await migrate(address)
    assert "sec" not in str(refused.value)


async def test_a_setting_that_the_server_does_not_know_is_refused_by_its_name(
    empty_database_url: str,
) -> None:
    with pytest.raises(DatabaseUrlRefused, match='parameter "pool_sise"'):
        await migrate(f"{empty_database_url}&pool_sise=3")


A, B, C = (Migration(f"2026010{i}000000", "x", f"select {i}") for i in range(1, 4))


def applied(*migrations: Migration) -> dict[str, str]:
    return {migration.version: migration.sha256 for migration in migrations}


def test_what_has_run_is_not_run_again() -> None:
    assert still_to_run((A, B, C), applied(A)) == (B, C)
    assert still_to_run((A, B, C), applied(A, B, C)) == ()


@pytest.mark.parametrize(
    ("files", "history", "reason"),
    [
        ((A,), applied(A, B), "newer release"),
        ((A, B, C), applied(A, C), "is older than"),
        ((A, A), {}, "same version"),
        ((A,), {A.version: "0"}, "was changed"),
    ],
)
def test_a_history_that_does_not_fit_is_refused(
    files: tuple[Migration, ...], history: dict[str, str], reason: str
) -> None:
    with pytest.raises(MigrationRefused, match=reason):
        still_to_run(files, history)


def test_a_file_with_another_kind_of_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path, m1_first="select 1")
    with pytest.raises(MigrationRefused, match="1_first"):
        migrations_in(tmp_path)
