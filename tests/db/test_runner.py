import asyncio
from pathlib import Path

import asyncpg
import pytest

from db import MigrationRefused, migrate
from db.runner import Migration, migrations_in, still_to_run


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
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty_database_url, tmp_path)
    assert await names_in(empty_database_url) == ["good"]
    write(tmp_path, m20260102000000_bad="create table half (id int)")
    assert await migrate(empty_database_url, tmp_path) == ["20260102000000_bad"]


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
