"""Values that the database holds but must not know: bank account, IFSC, PAN, GSTIN, UPI id.

A sealed value is `sealed:v1:<key id>:<base64url of nonce, ciphertext and tag>`, made with
AES-256-GCM (NIST SP 800-38D). Where it belongs (table, column, row) is authenticated with it, so a
sealed value that somebody with access to the database copies to another row or column does not
open there. Nonces are 96 random bits, which is safe for 2^32 values under one key.

Everything here is pure: the key file is in sealing_keys.py, and nonces are handed in.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

_TAG_BYTES: Final = 16
_PREFIX: Final = "sealed:v1:"
_SEALED: Final = re.compile(r"sealed:v1:([0-9a-f]{16}):([A-Za-z0-9_-]+)")


class UnsealFailed(Exception):
    """A sealed value cannot be opened. The text never holds the value."""


class KeyMissing(UnsealFailed):
    """The value is sealed under a key that this keyring does not have."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the sealing key {key_id} is not among the keys of this server")
        self.key_id = key_id


class ValueTampered(UnsealFailed):
    """The value was changed, or belongs to another place, or is not a sealed value at all."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs; `column` is `<table>.<column>`."""

    column: str
    row_id: UUID

    def __str__(self) -> str:
        return f"{self.column} of {self.row_id}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that open values, by their ids; `active` is the id of the one that seals."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise ValueError(f"the active sealing key {self.active} is not in the keyring")


def keyring_of(keys: tuple[bytes, ...]) -> Keyring:
    """The keyring of these keys, of which the first seals.

    Raises ValueError when there is none, or one that is not 32 bytes long.
    """
    if not keys:
        raise ValueError("there is no sealing key")
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
    return Keyring(key_id(keys[0]), {key_id(key): key for key in keys})


def key_id(key: bytes) -> str:
    """The name of a key: 64 bits of its hash, which say nothing about a random key."""
    return hashlib.sha256(b"livecommerce sealing key id\0" + key).hexdigest()[:16]


def seal(keyring: Keyring, place: Place, text: str, nonce: bytes) -> str:
    """nonce: NONCE_BYTES random bytes, never used before."""
    assert len(nonce) == NONCE_BYTES, "a nonce of AES-GCM has 96 bits"
    cipher = AESGCM(keyring.keys[keyring.active])
    sealed = cipher.encrypt(nonce, text.encode(), _bound_to(keyring.active, place))
    return f"{_PREFIX}{keyring.active}:{_base64url(nonce + sealed)}"


def unseal(keyring: Keyring, place: Place, sealed: str) -> str:
    """Raises KeyMissing and ValueTampered."""
    name, body = _parts(sealed)
    if name not in keyring.keys:
        raise KeyMissing(name)
    cipher = AESGCM(keyring.keys[name])
    try:
        clear = cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound_to(name, place))
    except InvalidTag:
        raise ValueTampered(f"the sealed value in {place} was changed or moved there") from None
    return clear.decode()


def key_id_of(sealed: str) -> str:
    """The id of the key that a value is sealed under. Raises ValueTampered."""
    return _parts(sealed)[0]


def _bound_to(name: str, place: Place) -> bytes:
    """The associated data: no part can hold the zero byte that separates them."""
    return b"\0".join((_PREFIX.encode(), name.encode(), place.column.encode(), place.row_id.bytes))


def _parts(sealed: str) -> tuple[str, bytes]:
    found = _SEALED.fullmatch(sealed)
    if found is None:
        raise ValueTampered("this is not a sealed value")
    name, text = found.groups()
    try:
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueTampered("this is not a sealed value") from None
    # One spelling only: the last character of base64 has bits that say nothing.
    if len(body) < NONCE_BYTES + _TAG_BYTES or _base64url(body) != text:
        raise ValueTampered("this is not a sealed value")
    return name, body


def key_text(key: bytes) -> str:
    """A key as it stands in the key file and in the setting."""
    return _base64url(key)


def key_of(text: str) -> bytes:
    """The key of such a text. Raises ValueError, which never quotes it."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("a sealing key is written in base64url") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
    return key


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
