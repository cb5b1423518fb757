"""The key file of the issuer: ES256 private keys that only this server's user may read.

The file is a JWK set. Its first key signs; every key in it is published, so rotation is: add the
next key at the end, wait until every verifier has seen it (two cache times, 20 minutes), move it to
the front, and drop the old one when its last token has expired.

Several processes may start at the same moment in a fresh directory. Each writes a whole file of its
own and then links it to the final name; a link fails when the name exists, so one key wins and all
the others read that one. Nobody ever sees half a file.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from livecommerce import clock

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
        _create(path, _serialised((_fresh_key(),)))
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


def _create(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{clock.secret(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is the one
    finally:
        draft.unlink()


def _read(path: Path) -> SigningKeys:
    mode = path.stat().st_mode & 0o777
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
