"""Rotation of the sealing keys on a real database, with whatever happens in the middle of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import Database, Query
from livecommerce import clock
from livecommerce.accounts import sealing_command
from livecommerce.accounts.resealing import forget, missing_keys, reseal, values_by_key
from livecommerce.accounts.sealing import NONCE_BYTES, Place, key_id, key_of, key_text, seal, unseal
from livecommerce.accounts.sealing_keys import (
    SealingKeys,
    SealingKeysInvalid,
    existing_keys,
    open_keys,
)

WAITING = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
COLUMNS = {
    "wholesalers": ("gst_number", "pan_number", "bank_account_number", "ifsc_code"),
    "influencers": ("gst_number", "pan_number", "bank_account_number", "ifsc_code", "upi_id"),
}


class Sealed:
    """Wholesalers and influencers with sealed details, and what those are in clear."""

    def __init__(self, sql: "asyncpg.Connection[asyncpg.Record]", keys: SealingKeys) -> None:
        self._sql = sql
        self._keys = keys
        self.clear: dict[tuple[str, UUID], str] = {}

    async def add(self, table: str, *columns: str) -> UUID:
        user_id = await self.ask(
            "insert into auth.users (id, email, raw_app_meta_data) values "
            "(gen_random_uuid(), gen_random_uuid() || '@example.com', "
            "jsonb_build_object('role', $1::text)) returning id",
            table.removesuffix("s"),
        )
        row_id: UUID = await self.ask(f"select id from {table} where user_id = $1", user_id)
        for column in columns or COLUMNS[table]:
            await self.put(table, column, row_id, f"{column} {len(self.clear)}")
        return row_id

    async def put(self, table: str, column: str, row_id: UUID, text: str) -> None:
        place = Place(f"{table}.{column}", row_id)
        sealed = seal(self._keys.keyring(), place, text, clock.random_bytes(NONCE_BYTES))
        await self.ask(f"update {table} set {column} = $2 where id = $1", row_id, sealed)
        self.clear[place.column, row_id] = text

    async def opened(self) -> dict[tuple[str, UUID], str]:
        """Everything in clear, as the keys of this moment open it."""
        found = {}
        keyring = self._keys.keyring()
        for table, columns in COLUMNS.items():
            for row in await self._sql.fetch(f"select * from {table}"):
                for column in columns:
                    if row[column] is not None:
                        place = Place(f"{table}.{column}", UUID(bytes=row["id"].bytes))
                        found[place.column, place.row_id] = unseal(keyring, place, row[column])
        return found

    async def ask(self, sql: str, *args: object) -> Any:
        value = await self._sql.fetchval(sql, *args)
        return UUID(bytes=value.bytes) if isinstance(value, UUID) else value


@pytest.fixture
def keys(tmp_path: Path) -> SealingKeys:
    return open_keys(tmp_path / "sealing-keys.json")


@pytest.fixture
async def sealed(database_url: str, keys: SealingKeys) -> AsyncIterator[Sealed]:
    connection = await asyncpg.connect(database_url)
    yield Sealed(connection, keys)
    await connection.close()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def rotate(database: Database, keys: SealingKeys, told: list[str]) -> Callable[..., Any]:
    def run(**options: Any) -> Any:
        return sealing_command.rotate(database, keys, told.append, **options)

    return run


class Interrupted(Exception):
    pass


async def test_rotation_seals_everything_under_a_new_key(
    rotate: Any, database: Database, sealed: Sealed, keys: SealingKeys
) -> None:
    for _ in range(5):
        await sealed.add("wholesalers")
    await sealed.add("wholesalers", "pan_number")
    await sealed.add("influencers")
    old = keys.keyring().active
    assert await rotate(batch=2) == 0
    assert keys.keyring().active != old
    assert await values_by_key(database) == {keys.keyring().active: 26}
    assert await sealed.opened() == sealed.clear


async def test_rotation_that_was_interrupted_is_finished_by_the_next_run(
    rotate: Any,
    database: Database,
    sealed: Sealed,
    keys: SealingKeys,
    told: list[str],
) -> None:
    for _ in range(4):
        await sealed.add("wholesalers", "pan_number")

    def stop(text: str) -> None:
        if text.startswith("wholesalers: 2 "):
            raise Interrupted

    with pytest.raises(Interrupted):
        await sealing_command.rotate(database, keys, stop, batch=1)
    began = keys.keyring().active
    counts = await values_by_key(database)
    assert counts.pop(began) == 2
    assert list(counts.values()) == [2]
    assert await sealed.opened() == sealed.clear
    assert await rotate() == 0
    assert "2 values under older keys" in told[0]
    assert keys.keyring().active == began
    assert await values_by_key(database) == {began: 4}
    assert await sealed.opened() == sealed.clear


async def test_details_given_during_the_rotation_are_not_overwritten(
    database: Database, database_url: str, sealed: Sealed, keys: SealingKeys
) -> None:
    ids = [await sealed.add("wholesalers", "pan_number") for _ in range(2)]
    keys.add_active(instead_of=keys.keyring().active)
    is_given = False

    async def give() -> None:
        connection = await asyncpg.connect(database_url)
        await Sealed(connection, keys).put("wholesalers", "pan_number", ids[0], "given meanwhile")
        await connection.close()

    def random_bytes(count: int) -> bytes:
        """Asked for after a batch was read and before it is written."""
        nonlocal is_given
        if not is_given:
            is_given = True
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, give()).result()
        return clock.random_bytes(count)

    result = await reseal(database, keys, random_bytes)
    assert (result.missed, result.unreadable) == (0, ())
    sealed.clear["wholesalers.pan_number", ids[0]] = "given meanwhile"
    assert await sealed.opened() == sealed.clear
    assert await values_by_key(database) == {keys.keyring().active: 2}


async def test_rows_that_keep_changing_are_told_and_not_chased_for_ever(
    database: Database, database_url: str, sealed: Sealed, keys: SealingKeys, told: list[str]
) -> None:
    row_id = await sealed.add("wholesalers", "pan_number")
    old = SealingKeys(keys.path, (key_of_file(keys),))
    keys.add_active(instead_of=keys.keyring().active)

    async def give() -> None:
        connection = await asyncpg.connect(database_url)
        await Sealed(connection, old).put("wholesalers", "pan_number", row_id, "again")
        await connection.close()

    def random_bytes(count: int) -> bytes:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, give()).result()
        return clock.random_bytes(count)

    result = await reseal(database, keys, random_bytes)
    assert (result.rows, result.missed) == (0, 1)


async def test_a_second_rotation_begins_anew(
    rotate: Any, keys: SealingKeys, sealed: Sealed
) -> None:
    await sealed.add("wholesalers")
    actives = [keys.keyring().active]
    for _ in range(2):
        assert await rotate() == 0
        actives.append(keys.keyring().active)
    assert len(set(actives)) == 3
    assert await sealed.opened() == sealed.clear


async def test_a_dry_run_changes_nothing(
    rotate: Any, database: Database, sealed: Sealed, keys: SealingKeys, told: list[str]
) -> None:
    await sealed.add("influencers")
    before, active = await values_by_key(database), keys.keyring().active
    assert await rotate(dry_run=True) == 0
    assert told == ["Would seal 5 values under the active key; nothing was changed."]
    assert keys.keyring().active == active
    assert await values_by_key(database) == before


async def test_a_value_that_cannot_be_opened_is_named_and_the_others_are_sealed(
    rotate: Any, sealed: Sealed, told: list[str], database: Database, keys: SealingKeys
) -> None:
    good = await sealed.add("wholesalers")
    bad = await sealed.add("wholesalers", "pan_number", "ifsc_code")
    await sealed.ask(
        "update wholesalers set pan_number = (select pan_number from wholesalers where id = $2) "
        "where id = $1",
        bad,
        good,
    )
    assert await rotate(batch=1) == 1
    (left,) = [text for text in told if text.startswith("left as it is")]
    assert f"wholesalers.pan_number of {bad}" in left
    assert (await values_by_key(database))[keys.keyring().active] == 5


async def test_a_key_with_values_under_it_is_not_forgotten(
    database: Database, sealed: Sealed, keys: SealingKeys
) -> None:
    await sealed.add("wholesalers", "pan_number")
    old = keys.keyring().active
    keys.add_active(instead_of=old)
    with pytest.raises(SealingKeysInvalid, match="1 values are still sealed"):
        await forget(database, keys, old)
    assert old in keys.keyring().keys


async def test_a_key_is_forgotten_after_the_rotation(
    rotate: Any, database: Database, sealed: Sealed, keys: SealingKeys
) -> None:
    await sealed.add("wholesalers", "pan_number")
    old = keys.keyring().active
    await rotate()
    await forget(database, keys, old)
    assert keys.keyring().keys.keys() == {keys.keyring().active}
    assert await sealed.opened() == sealed.clear


async def test_a_key_is_not_forgotten_while_somebody_is_sealing(
    database_url: str, database: Database, sealed: Sealed, keys: SealingKeys
) -> None:
    old = keys.keyring().active
    keys.add_active(instead_of=old)
    sealer = await asyncpg.connect(database_url)
    async with sealer.transaction():
        await sealer.execute(Query("sealing.lock_keys", None).sql)
        forgetting = asyncio.create_task(forget(database, keys, old))
        while not await sealed.ask(WAITING):
            await asyncio.sleep(0)
        assert old in keys.keyring().keys
    await forgetting
    assert old not in keys.keyring().keys
    await sealer.close()


async def test_status_names_a_key_that_is_lost(
    database: Database, sealed: Sealed, keys: SealingKeys, told: list[str]
) -> None:
    await sealed.add("wholesalers", "pan_number")
    assert await sealing_command.status(database, keys, told.append) == 0
    lost = keys.keyring().active
    keys.path.unlink()
    fresh = open_keys(keys.path)
    assert await sealing_command.status(database, fresh, told.append) == 1
    assert f"{lost}  MISSING  1 value" in told[-1]
    assert missing_keys(fresh.keyring(), await values_by_key(database)) == (lost,)


async def test_with_keys_of_the_setting_rotation_seals_and_makes_no_key(
    database: Database, sealed: Sealed, keys: SealingKeys, told: list[str]
) -> None:
    await sealed.add("wholesalers")
    new = sealing_command.fresh_key()
    given = open_keys(keys.path, (new, key_text(key_of_file(keys))))
    assert await sealing_command.rotate(database, given, told.append) == 0
    assert await values_by_key(database) == {key_id(key_of(new)): 4}
    with pytest.raises(SealingKeysInvalid, match="write it behind"):
        await sealing_command.rotate(database, given, told.append)


async def test_a_command_in_the_wrong_folder_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(SealingKeysInvalid, match="LIVECOMMERCE_SEALING_KEY_FILE"):
        existing_keys(tmp_path / "elsewhere.json")
    assert list(tmp_path.iterdir()) == []


def key_of_file(keys: SealingKeys) -> bytes:
    keyring = keys.keyring()
    return keyring.keys[keyring.active]
