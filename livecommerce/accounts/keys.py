"""The key file of the issuer: ES256 private keys that only this server's user may read.

The file is a JWK set. Its first key signs; every key in it is published, so rotation is: add the
next key at the end, wait until every verifier has seen it (two cache times, 20 minutes), move it to
the front, and drop the old one when its last token has expired.
"""

from dataclasses import dataclass
from pathlib import Path

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from livecommerce.accounts import private_file

ALGORITHM = "ES256"


class KeyFileInvalid(Exception):
    """The key file exists but cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """signing: the private key of new tokens. published: all keys, that one first."""

    signing: ECKey
    published: tuple[ECKey, ...]


def open_key_file(path: Path) -> SigningKeys:
    """Read the keys, making the file with one fresh key when it does not exist.

    Raises KeyFileInvalid, and OSError when the directory cannot be written.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        private_file.create(path, _serialised((_fresh_key(),)))
        return _read(path)


def jwks(keys: tuple[ECKey, ...]) -> dict[str, object]:
    """The public half of the keys as a JWK set (RFC 7517, section 5)."""
    return {"keys": [_named(key.as_dict(private=False), key.thumbprint()) for key in keys]}


def _fresh_key() -> ECKey:
    return ECKey.generate_key("P-256", private=True)


def _named(key: dict[str, str | list[str]], kid: str) -> dict[str, str | list[str]]:
    return {**key, "kid": kid, "alg": ALGORITHM, "use": "sig"}


def _serialised(keys: tuple[ECKey, ...]) -> bytes:
    named = [_named(key.as_dict(private=True), key.thumbprint()) for key in keys]
    return orjson.dumps({"keys": named}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _read(path: Path) -> SigningKeys:
    mode = private_file.mode(path)
    if mode & 0o077:
        raise KeyFileInvalid(
            f"The signing key {path} can be read by other users (mode {mode:o}). "
            f"Run: chmod 600 {path}"
        )
    try:
        keys = tuple(ECKey.import_key(key) for key in orjson.loads(path.read_bytes())["keys"])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise KeyFileInvalid(
            f"The signing key {path} is damaged. Restore it, or delete it: a fresh one is made at "
            "the next start and everybody has to log in again."
        ) from error
    if not keys or not all(key.is_private and key.curve_name == "P-256" for key in keys):
        raise KeyFileInvalid(f"The signing key {path} must hold private keys of the curve P-256.")
    return SigningKeys(signing=keys[0], published=keys)
