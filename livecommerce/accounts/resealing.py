"""Rotation of the sealing keys: every value that is under an older key is sealed under the new one.

Where the rotation stands is in the values themselves, each of which names its key. So it can be
interrupted anywhere and run again, any number may run at once, and a person who gives other details
meanwhile wins: a row is written only if it is as it was read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from db import SERVICE, Database, Query, TransactionConflict
from livecommerce.accounts.sealing import (
    NONCE_BYTES,
    Keyring,
    Place,
    UnsealFailed,
    key_id_of,
    seal,
    unseal,
)
from livecommerce.accounts.sealing_keys import SealingKeys, SealingKeysInvalid

BATCH: Final = 200
"""Rows in one transaction: a few milliseconds of locks."""
# A row that is changed under our hands in each of ten passes is an experiment, not a person.
_MAX_PASSES: Final = 10


@dataclass(frozen=True, slots=True)
class DetailsRow:
    """A wholesaler's or influencer's details by column; what is not set is left out."""

    id: UUID
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeyCount:
    key_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    due: Query[DetailsRow]
    put: Query[UUID]


TABLES: Final = (
    Table(
        "wholesalers",
        Query("sealing.wholesalers_to_reseal", DetailsRow),
        Query("sealing.put_resealed_wholesalers", UUID),
    ),
    Table(
        "influencers",
        Query("sealing.influencers_to_reseal", DetailsRow),
        Query("sealing.put_resealed_influencers", UUID),
    ),
)
_COUNTS: Final = Query("sealing.values_by_key", KeyCount)
_LOCK_ALONE: Final = Query("sealing.lock_keys_alone", None)


@dataclass(frozen=True, slots=True)
class Resealed:
    """rows: how many were written. missed: changed by somebody else meanwhile. unreadable: what is
    wrong with each value that could not be opened, and so was left as it is."""

    rows: int = 0
    missed: int = 0
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(
            self.rows + other.rows,
            self.missed + other.missed,
            self.unreadable + other.unreadable,
        )


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One row with its values under the active key; unreadable ones stay as they were."""

    details: dict[str, str]
    unreadable: tuple[str, ...]


def rewritten(
    keyring: Keyring, table: str, row: DetailsRow, random_bytes: Callable[[int], bytes]
) -> Rewritten:
    details: dict[str, str] = {}
    unreadable: list[str] = []
    for column, sealed in row.details.items():
        place = Place(f"{table}.{column}", row.id)
        details[column] = sealed
        try:
            if key_id_of(sealed) != keyring.active:
                clear = unseal(keyring, place, sealed)
                details[column] = seal(keyring, place, clear, random_bytes(NONCE_BYTES))
        except UnsealFailed as error:
            unreadable.append(f"{place}: {error}")
    return Rewritten(details, tuple(unreadable))


async def values_by_key(db: Database) -> dict[str, int]:
    """How many sealed values there are under each key."""
    async with db.acting_as(SERVICE) as transaction:
        return {row.key_id: row.count for row in await transaction.all(_COUNTS)}


async def reseal(
    db: Database,
    keys: SealingKeys,
    random_bytes: Callable[[int], bytes],
    tell: Callable[[str], None] = lambda _: None,
    batch: int = BATCH,
) -> Resealed:
    """Seal everything under the active key. tell: hears of the progress after each batch."""
    result = Resealed()
    for _ in range(_MAX_PASSES):
        # Only the rows add up: what was missed or unreadable is met again by the next pass.
        result = Resealed(rows=result.rows)
        for table in TABLES:
            result += await _pass(db, keys, table, random_bytes, tell, batch)
        if not result.missed:
            break
    return result


async def _pass(
    db: Database,
    keys: SealingKeys,
    table: Table,
    random_bytes: Callable[[int], bytes],
    tell: Callable[[str], None],
    batch: int,
) -> Resealed:
    """Once over the table, in the order of its ids."""
    result, after = Resealed(), UUID(int=0)
    while True:
        keyring = keys.keyring()
        async with db.acting_as(SERVICE) as transaction:
            rows = await transaction.all(table.due, keyring.active, after, batch)
        if not rows:
            return result
        after = rows[-1].id
        result += await _write(db, table, keyring, rows, random_bytes)
        tell(f"{table.name}: {result.rows} sealed under {keyring.active}")


async def _write(
    db: Database,
    table: Table,
    keyring: Keyring,
    rows: list[DetailsRow],
    random_bytes: Callable[[int], bytes],
) -> Resealed:
    done = {row.id: rewritten(keyring, table.name, row, random_bytes) for row in rows}
    changes = [
        {"id": str(row.id), "before": row.details, "after": done[row.id].details}
        for row in rows
        if done[row.id].details != row.details
    ]
    try:
        async with db.acting_as(SERVICE) as transaction:
            written = len(await transaction.all(table.put, changes))
    except TransactionConflict:
        written = 0
    unreadable = tuple(text for each in done.values() for text in each.unreadable)
    return Resealed(written, len(changes) - written, unreadable)


async def forget(db: Database, keys: SealingKeys, name: str) -> None:
    """Take a key out for good. Raises SealingKeysInvalid while a value is sealed under it.

    Whoever seals holds a lock from before reading the keys until the commit, so no value under this
    key can appear after it was counted.
    """
    async with db.acting_as(SERVICE) as transaction:
        await transaction.run(_LOCK_ALONE)
        counts = {row.key_id: row.count for row in await transaction.all(_COUNTS)}
        if name in counts:
            raise SealingKeysInvalid(
                f"{counts[name]} values are still sealed under {name}; "
                "`livecommerce sealing-keys rotate` seals them under the active key."
            )
        keys.forget(name)


def missing_keys(keyring: Keyring, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Keys under which there are values, and which nobody has."""
    return tuple(name for name in counts if name not in keyring.keys)
