"""Where the sealing keys are: a file that only this server's user may read, or a setting.

The file is a JWK set whose first key seals; every key in it opens. It is made at the first start
and read again at each use, so that a rotation needs no restart. Machines that share a database
share the file, or have the same LIVECOMMERCE_SEALING_KEYS. Without its key a sealed value is lost:
the file belongs into the backup, apart from the database's.

With the setting a rotation is: make a key (`livecommerce sealing-keys new`), write it behind the
present one everywhere and restart; then write it in front everywhere and restart; then run
`livecommerce sealing-keys rotate`, and take the old key out when its command says that it may go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from livecommerce import clock
from livecommerce.accounts import private_file
from livecommerce.accounts.sealing import (
    KEY_BYTES,
    Keyring,
    key_id,
    key_of,
    key_text,
    keyring_of,
)

SETTING = "LIVECOMMERCE_SEALING_KEYS"


class SealingKeysInvalid(Exception):
    """The keys cannot be used, or not so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SealingKeys:
    """given: the keys of the setting, which then count alone. Make one with open_keys."""

    path: Path
    given: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"SealingKeys({self.source})"

    @property
    def source(self) -> str:
        return SETTING if self.given else str(self.path)

    def keyring(self) -> Keyring:
        """The keys as they are now. Raises SealingKeysInvalid, and OSError without the file."""
        return keyring_of(self.given or _read(self.path))

    def add_active(self, instead_of: str) -> str:
        """Make a key that seals from now on; its id.

        instead_of: the id of the present one, so that two rotations do not overtake each other.
        """
        fresh = clock.random_bytes(KEY_BYTES)

        def added(keys: tuple[bytes, ...]) -> tuple[bytes, ...]:
            if key_id(keys[0]) != instead_of:
                raise SealingKeysInvalid(
                    "Another rotation has begun meanwhile; this one did nothing."
                )
            return (fresh, *keys)

        self._change(added)
        return key_id(fresh)

    def forget(self, name: str) -> None:
        """Take a key out. What is sealed under it cannot be opened afterwards, by anybody."""

        def without(keys: tuple[bytes, ...]) -> tuple[bytes, ...]:
            left = tuple(key for key in keys if key_id(key) != name)
            if len(left) == len(keys) or key_id(keys[0]) == name:
                raise SealingKeysInvalid(f"{name} is the active key, or no key of {self.path}.")
            return left

        self._change(without)

    def _change(self, change_of: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
        if self.given:
            raise SealingKeysInvalid(f"The keys are in {SETTING}; change that setting by hand.")
        private_file.change(
            self.path, lambda content: _serialised(change_of(_keys_of(content, self.path)))
        )


def open_keys(path: Path, given: Sequence[str] = ()) -> SealingKeys:
    """The keys of the setting, else of the file, which is made when it does not exist.

    Raises SealingKeysInvalid, and OSError when the directory cannot be written.
    """
    if not given and not path.exists():
        private_file.create(path, _serialised((clock.random_bytes(KEY_BYTES),)))
    return existing_keys(path, given)


def existing_keys(path: Path, given: Sequence[str] = ()) -> SealingKeys:
    """As open_keys, but makes nothing: for commands, which may be run in the wrong folder."""
    try:
        keys = SealingKeys(path, tuple(key_of(text) for text in given))
    except ValueError as error:
        raise SealingKeysInvalid(f"{SETTING} cannot be used: {error}.") from None
    try:
        keys.keyring()
    except FileNotFoundError:
        raise SealingKeysInvalid(
            f"There is no file {path}. The server makes it at its first start; name the one that "
            "the server uses with LIVECOMMERCE_SEALING_KEY_FILE."
        ) from None
    return keys


def _read(path: Path) -> tuple[bytes, ...]:
    mode = private_file.mode(path)
    if mode & 0o077:
        raise SealingKeysInvalid(
            f"The sealing keys {path} can be read by other users (mode {mode:o}). "
            f"Run: chmod 600 {path}"
        )
    return _keys_of(path.read_bytes(), path)


def _keys_of(content: bytes, path: Path) -> tuple[bytes, ...]:
    try:
        keys = tuple(key_of(entry["k"]) for entry in orjson.loads(content)["keys"])
        keyring_of(keys)
    except (ValueError, KeyError, TypeError):
        # Not the cause: it could quote the file.
        raise SealingKeysInvalid(
            f"The sealing keys {path} are damaged. Restore the file from the backup; without it "
            "nobody can read the bank details in the database."
        ) from None
    return keys


def _serialised(keys: tuple[bytes, ...]) -> bytes:
    named = [
        {"kty": "oct", "alg": "A256GCM", "kid": key_id(key), "k": key_text(key)} for key in keys
    ]
    return orjson.dumps({"keys": named}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
