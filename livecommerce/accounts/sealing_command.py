"""`livecommerce sealing-keys`: which keys there are, rotation, and the end of an old key."""

from collections.abc import Callable, Mapping

from db import Database
from livecommerce import clock
from livecommerce.accounts.resealing import (
    BATCH,
    Resealed,
    forget,
    missing_keys,
    reseal,
    values_by_key,
)
from livecommerce.accounts.sealing import KEY_BYTES, Keyring, key_text
from livecommerce.accounts.sealing_keys import SETTING, SealingKeys, SealingKeysInvalid

Tell = Callable[[str], None]


async def run(
    action: str, db: Database, keys: SealingKeys, key: str | None, *, dry_run: bool, tell: Tell
) -> int:
    """Carry out one action that needs the database; the exit code.

    Raises SealingKeysInvalid, DatabaseUnavailable.
    """
    match action:
        case "rotate":
            return await rotate(db, keys, tell, dry_run=dry_run)
        case "forget":
            return await _forget(db, keys, key, tell)
        case _:
            return await status(db, keys, tell)


def fresh_key() -> str:
    return key_text(clock.random_bytes(KEY_BYTES))


async def status(db: Database, keys: SealingKeys, tell: Tell) -> int:
    """1 when values are sealed under a key that is not here."""
    keyring, counts = keys.keyring(), await values_by_key(db)
    tell(f"sealing keys in {keys.source}")
    for name in keyring.keys:
        mark = "active" if name == keyring.active else "      "
        tell(f"  {name}  {mark}  {_values(counts.get(name, 0))}")
    missing = missing_keys(keyring, counts)
    for name in missing:
        tell(f"  {name}  MISSING  {_values(counts[name])} cannot be opened without it")
    return 1 if missing else 0


async def rotate(
    db: Database, keys: SealingKeys, tell: Tell, *, dry_run: bool = False, batch: int = BATCH
) -> int:
    """Finish the rotation that was begun, else begin one and carry it through.

    1 when a value is left under an older key.
    """
    keyring, counts = keys.keyring(), await values_by_key(db)
    due = values_due(keyring, counts)
    if due:
        tell(f"A rotation to {keyring.active} was begun; {_values(due)} under older keys.")
    else:
        due = sum(counts.values())
        if keys.given:
            raise SealingKeysInvalid(
                f"Every value is sealed under {keyring.active}, the first key of {SETTING}. To "
                "rotate, make a key (`livecommerce sealing-keys new`), write it behind that one "
                "everywhere and restart, then in front everywhere and restart, then run this again."
            )
    if dry_run:
        tell(f"Would seal {_values(due)} under the active key; nothing was changed.")
        return 0
    if not values_due(keyring, counts):
        tell(f"The new key {keys.add_active(instead_of=keyring.active)} seals from now on.")
    return _told(await reseal(db, keys, clock.random_bytes, tell, batch), keys.keyring(), tell)


def values_due(keyring: Keyring, counts: Mapping[str, int]) -> int:
    """How many values are under another key than the active one, and can be opened."""
    old = keyring.keys.keys() - {keyring.active}
    return sum(count for name, count in counts.items() if name in old)


def _told(result: Resealed, keyring: Keyring, tell: Tell) -> int:
    for text in result.unreadable:
        tell(f"left as it is: {text}")
    if result.missed:
        tell(f"{result.missed} rows kept changing; run this again.")
    if result.unreadable or result.missed:
        return 1
    tell("Every value is sealed under the active key.")
    old = [name for name in keyring.keys if name != keyring.active]
    if old:
        tell(f"When no backup needs it any more: livecommerce sealing-keys forget {old[0]}")
    return 0


async def _forget(db: Database, keys: SealingKeys, name: str | None, tell: Tell) -> int:
    if name is None:
        raise SealingKeysInvalid("Say which: `livecommerce sealing-keys forget KEY_ID`.")
    await forget(db, keys, name)
    tell(f"{name} is forgotten.")
    return 0


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"
