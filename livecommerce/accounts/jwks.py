"""Keys that another issuer publishes: when to fetch them, and what to believe meanwhile.

The decisions are plain functions on `KnownKeys`; `RemoteKeys` carries them out. The rules:

- A set is trusted for MAX_AGE_S; the first token after that waits for a fresh one.
- An unknown `kid` may mean that the issuer rotated, so it asks for a fetch too. But anybody can
  make up a `kid`: between two fetches pass at least COOL_DOWN_S, whatever is asked, and a `kid`
  that a fetch did not bring is not asked for again for UNKNOWN_KID_S.
- Nobody waits for a fetch that somebody else's `kid` asked for.
- A fetch that fails changes nothing: the last good set stays in use. The issuer being unreachable
  must not log everybody out.

An algorithm belongs to a key, never to a token: it is read from the key, or follows from its type.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

MAX_AGE_S: Final = 600.0
COOL_DOWN_S: Final = 30.0
UNKNOWN_KID_S: Final = 60.0
FETCH_TIMEOUT_S: Final = 3.0
MAX_UNKNOWN_KIDS: Final = 1024
# An issuer has a current, a next and a previous key; a set far beyond that is not one.
MAX_KEYS: Final = 32
MAX_DOCUMENT_BYTES: Final = 256 * 1024

Fetch = Callable[[str], Awaitable[bytes]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A key and the one algorithm that it may be used with."""

    key: Key
    algorithm: str


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """keys: the last good set, by `kid`. fetched_at_s, tried_at_s: of the last good fetch and of
    the last one at all; None before the first. unknown: when each missing `kid` was asked for."""

    keys: Mapping[str, PinnedKey] = field(default_factory=dict)
    fetched_at_s: float | None = None
    tried_at_s: float | None = None
    unknown: Mapping[str, float] = field(default_factory=dict)


def wants_fetch(known: KnownKeys, kid: str, now_s: float) -> bool:
    """Whether this `kid` is a reason to fetch the set now."""
    if known.tried_at_s is not None and now_s - known.tried_at_s < COOL_DOWN_S:
        return False
    if known.fetched_at_s is None or now_s - known.fetched_at_s >= MAX_AGE_S:
        return True
    asked_at_s = known.unknown.get(kid)
    return kid not in known.keys and (asked_at_s is None or now_s - asked_at_s >= UNKNOWN_KID_S)


def is_trusted(known: KnownKeys, kid: str, now_s: float) -> bool:
    """Whether this `kid` is known from a set that is young enough."""
    is_young = known.fetched_at_s is not None and now_s - known.fetched_at_s < MAX_AGE_S
    return is_young and kid in known.keys


def after_try(known: KnownKeys, now_s: float) -> KnownKeys:
    return replace(known, tried_at_s=now_s)


def after_fetch(
    known: KnownKeys, keys: Mapping[str, PinnedKey], kid: str, now_s: float
) -> KnownKeys:
    """What is known after a good fetch that `kid` asked for."""
    unknown = {
        name: asked_at_s
        for name, asked_at_s in known.unknown.items()
        if name not in keys and now_s - asked_at_s < UNKNOWN_KID_S
    }
    if kid not in keys and len(unknown) < MAX_UNKNOWN_KIDS:
        unknown[kid] = now_s
    return replace(known, keys=keys, fetched_at_s=now_s, unknown=unknown)


def parse_jwks(document: bytes) -> Mapping[str, PinnedKey]:
    """The keys of a JWK set that can verify a signature, by `kid`.

    Only P-256 and RSA keys are taken; one of another type, without a `kid`, for another algorithm
    or use, or too weak is left out (RFC 7517, section 5: ignore what is not understood). Raises
    ValueError when the document is not a JWK set at all.
    """
    if len(document) > MAX_DOCUMENT_BYTES:
        raise ValueError(f"a JWK set of {len(document)} bytes")
    value = orjson.loads(document)
    if not isinstance(value, dict) or not isinstance(value.get("keys"), list):
        raise ValueError("not a JWK set")
    pinned = (_pinned(entry) for entry in value["keys"][:MAX_KEYS])
    return {kid: key for kid, key in filter(None, pinned)}


# What Supabase offers as signing keys, each with the one algorithm that its type implies here.
_ALGORITHMS: Final = {"EC": "ES256", "RSA": "RS256"}
_MIN_RSA_BITS: Final = 2048


def _pinned(entry: object) -> tuple[str, PinnedKey] | None:
    if not isinstance(entry, dict):
        return None
    kid, algorithm = entry.get("kid"), _ALGORITHMS.get(str(entry.get("kty")))
    if not isinstance(kid, str) or algorithm is None:
        return None
    if entry.get("alg", algorithm) != algorithm or entry.get("use", "sig") != "sig":
        return None
    try:
        key = _import_public(entry)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return (kid, PinnedKey(key, algorithm)) if _is_strong(key) else None


def _import_public(entry: dict[str, str | list[str]]) -> ECKey | RSAKey:
    """The public half, whatever else the entry holds."""
    if entry["kty"] == "EC":
        return ECKey.import_key({name: entry[name] for name in ("kty", "crv", "x", "y")})
    return RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e")})


def _is_strong(key: ECKey | RSAKey) -> bool:
    if isinstance(key, ECKey):
        return key.curve_name == "P-256"
    return key.raw_value.key_size >= _MIN_RSA_BITS


class RemoteKeys:
    """The keys published at `url`, fetched when the rules above say so, by one task at a time.

    fetch: answers the body of the document, raises anything when it cannot.
    monotonic_s: seconds on a clock that never steps back.
    on_change: called when a fetch brought another set, e.g. to forget what the old one vouched for.
    """

    def __init__(
        self,
        url: str,
        fetch: Fetch,
        monotonic_s: Callable[[], float],
        on_change: Callable[[], None],
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._monotonic_s = monotonic_s
        self._on_change = on_change
        self._known = KnownKeys()
        self._fetching: asyncio.Task[None] | None = None

    async def get(self, kid: str) -> PinnedKey | None:
        """The key of that name, waiting at most FETCH_TIMEOUT_S when a fetch is due."""
        now_s = self._monotonic_s()
        if self._fetching is None and wants_fetch(self._known, kid, now_s):
            self._known = after_try(self._known, now_s)
            self._fetching = asyncio.create_task(self._refresh(kid), name="jwks refresh")
        if self._fetching is not None and not is_trusted(self._known, kid, now_s):
            # Shielded: a caller that goes away must not take the fetch of all the others with it.
            await asyncio.shield(self._fetching)
        return self._known.keys.get(kid)

    @property
    def is_empty(self) -> bool:
        """No set was ever fetched, so that an unknown key says nothing about the token."""
        return self._known.fetched_at_s is None

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._fetching

    async def _refresh(self, kid: str) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                keys = parse_jwks(await self._fetch(self._url))
        except Exception as error:
            # Whatever goes wrong at somebody else's server, the last good set stays in use.
            _log.warning("jwks.fetch_failed", url=self._url, error=type(error).__name__)
        else:
            if _names(keys) != _names(self._known.keys):
                self._on_change()
            self._known = after_fetch(self._known, keys, kid, self._monotonic_s())
        finally:
            self._fetching = None


def _names(keys: Mapping[str, PinnedKey]) -> frozenset[tuple[str, str]]:
    return frozenset((kid, pinned.key.thumbprint()) for kid, pinned in keys.items())
