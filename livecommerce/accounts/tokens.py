"""Access tokens: short-lived ES256 JWTs of our own, and the same verifier for those of Supabase.

What a token may do is decided by the *key*, never by the token: its header may carry `alg`, `kid`
and `typ` and nothing else; `kid` picks a key that is already trusted; the key has one algorithm and
one issuer, and header and claims must name exactly these. So `none`, HS256 made with a public key,
keys brought along in the header (`jwk`, `jku`, `x5u`) and critical extensions all end the same way.

Verifying an ES256 signature costs about 100 us; what was verified is remembered by the hash of the
token until it expires, so a token that comes with every request costs about 1 us.
"""

import binascii
import hashlib
import math
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias, cast, get_args
from uuid import UUID

import orjson
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, OctKey
from joserfc.jwt import JWTClaimsRegistry

from livecommerce import clock
from livecommerce.accounts.jwks import Fetch, PinnedKey, RemoteKeys
from livecommerce.accounts.keys import ALGORITHM, SigningKeys, jwks, open_key_file
from livecommerce.accounts.names import clean_display_name
from livecommerce.accounts.refusals import AuthRefused

__all__ = [
    "AuthRefused",
    "Identity",
    "Issuer",
    "IssuerConfig",
    "Role",
    "SupabaseConfig",
    "Verifier",
]

Role: TypeAlias = Literal["customer", "influencer", "wholesaler", "admin"]
ROLES: Final[frozenset[str]] = frozenset(get_args(Role))

AUDIENCE: Final = "authenticated"
# The database role of the token. `service_role` bypasses row security: it is for servers that talk
# to Supabase, and a browser that holds such a token must not be believed.
_DATABASE_ROLE: Final = "authenticated"

# Supabase puts the whole of both metadata objects into its tokens; 8 KiB is also the usual limit of
# one header line.
MAX_TOKEN_CHARS: Final = 8192
_HEADER_NAMES: Final = frozenset(("alg", "kid", "typ"))
_TYPES: Final = frozenset(("jwt", "at+jwt"))

_NAMELESS: Final = "Member"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified token speaks for.

    display_name: cleaned, never empty, for showing only: with Supabase people choose it themselves.
    expires_at_s: epoch seconds of `exp`; nothing may be done in this name after that.
    login_id: the log-in that it came from, if it says so. issued_at_s: epoch seconds of its making;
    0 where it does not say.
    """

    user_id: UUID
    role: Role
    display_name: str
    email: str | None
    expires_at_s: float
    login_id: UUID | None = None
    issued_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class IssuerConfig:
    """key_file: see accounts/keys.py. issuer: the `iss` claim, an URL by which others know us.
    access_ttl_s: life of an access token in seconds."""

    key_file: Path
    issuer: str
    access_ttl_s: int = 600


class Issuer:
    """Signs access tokens and publishes the keys that prove them."""

    def __init__(self, config: IssuerConfig, keys: SigningKeys) -> None:
        self._config = config
        self._keys = keys
        self._header = {"alg": ALGORITHM, "kid": keys.signing.thumbprint(), "typ": "JWT"}

    @classmethod
    def open(cls, config: IssuerConfig) -> Self:
        """With the keys of the key file, which is made at the first start.

        Raises KeyFileInvalid when there is one that cannot be used.
        """
        return cls(config, open_key_file(config.key_file))

    @property
    def issuer(self) -> str:
        return self._config.issuer

    @property
    def access_ttl_s(self) -> int:
        return self._config.access_ttl_s

    @property
    def public_keys(self) -> tuple[ECKey, ...]:
        return self._keys.published

    def jwks(self) -> dict[str, object]:
        """The JWK set for `/auth/v1/.well-known/jwks.json`; public halves only."""
        return jwks(self._keys.published)

    def issue(
        self,
        *,
        user_id: UUID,
        role: Role,
        display_name: str,
        email: str | None,
        login_id: UUID,
        now_s: float,
    ) -> str:
        """A token with Supabase's claims. login_id names the log-in that all refreshed tokens share
        (claim `session_id`); now_s is epoch seconds."""
        issued_at_s = math.floor(now_s)
        claims = {
            "iss": self._config.issuer,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "role": _DATABASE_ROLE,
            "email": email,
            "app_metadata": {"role": role},
            "user_metadata": {"display_name": display_name},
            "session_id": str(login_id),
            "iat": issued_at_s,
            "exp": issued_at_s + self._config.access_ttl_s,
        }
        return jwt.encode(self._header, claims, self._keys.signing, algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class SupabaseConfig:
    """Whose tokens to take beside our own. Either or both of jwks_url and hs256_secret (the legacy
    shared secret) must be set; issuer is `https://<project>.supabase.co/auth/v1`."""

    issuer: str
    audience: str = AUDIENCE
    jwks_url: str | None = None
    hs256_secret: str | None = None


@dataclass(frozen=True, slots=True)
class _Trust:
    """A key, and what the claims of a token signed by it must say."""

    pinned: PinnedKey
    issuer: str
    audience: str


class Verifier:
    """Says whom a token speaks for, or refuses it.

    fetch: gets the body of the Supabase JWK set; needed when jwks_url is configured.
    leeway_s: how far the clocks of issuer and verifier may be apart. is_ended: whether the log-in
    that a token came from was ended meanwhile (accounts/ended_logins.py).
    """

    def __init__(
        self,
        issuer: Issuer,
        supabase: SupabaseConfig | None = None,
        fetch: Fetch | None = None,
        *,
        leeway_s: int = 60,
        max_remembered: int = 50_000,
        is_ended: Callable[[Identity], bool] = lambda identity: False,
        epoch_s: Callable[[], float] = clock.epoch_s,
        monotonic_s: Callable[[], float] = clock.monotonic_s,
    ) -> None:
        self._is_ended = is_ended
        self._leeway_s = leeway_s
        self._max_remembered = max_remembered
        self._epoch_s = epoch_s
        self._remembered: OrderedDict[bytes, Identity] = OrderedDict()
        self._own = {
            key.thumbprint(): _Trust(PinnedKey(key, ALGORITHM), issuer.issuer, AUDIENCE)
            for key in issuer.public_keys
        }
        self._supabase = supabase
        self._shared_secret = _shared_secret(supabase)
        self._remote: RemoteKeys | None = None
        if supabase is not None and supabase.jwks_url is not None:
            assert fetch is not None, "a JWKS URL is of no use without a way to fetch it"
            self._remote = RemoteKeys(supabase.jwks_url, fetch, monotonic_s, self._remembered.clear)

    async def verify(self, token: str) -> Identity:
        """Raises AuthRefused: `auth.invalid` for every token that does not hold, and
        `service.unavailable` while the issuer's keys cannot be had."""
        mark = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        identity = self._remembered.get(mark)
        if identity is None:
            identity = await self._verify_anew(token)
            self._remember(mark, identity)
        elif identity.expires_at_s <= self._epoch_s() - self._leeway_s:
            del self._remembered[mark]
            raise _expired()
        # Last, so that nothing is waited for between this and the use of the answer.
        if self._is_ended(identity):
            raise _expired()
        return identity

    async def close(self) -> None:
        """Stop a fetch of keys that is under way."""
        if self._remote is not None:
            await self._remote.close()

    async def _verify_anew(self, token: str) -> Identity:
        header = _header_of(token)
        trust = await self._trust_for(header)
        if trust is None or header["alg"] != trust.pinned.algorithm:
            raise _invalid()
        try:
            claims = _signed_claims(token, trust.pinned)
            self._check_claims(claims, trust)
        except ExpiredTokenError:
            raise _expired() from None
        except (JoseError, ValueError, TypeError):
            raise _invalid() from None
        return _identity(claims)

    async def _trust_for(self, header: Mapping[str, str]) -> _Trust | None:
        kid = header.get("kid", "")
        if kid in self._own:
            return self._own[kid]
        supabase = self._supabase
        if supabase is None:
            return None
        if header["alg"] == "HS256":
            pinned = self._shared_secret
        elif self._remote is None or not kid:
            pinned = None
        else:
            pinned = await self._remote.get(kid)
            if pinned is None and self._remote.is_empty:
                raise AuthRefused(
                    "service.unavailable",
                    "Log-ins cannot be checked at this moment. Please try again shortly.",
                    retry_after_s=5.0,
                )
        return _Trust(pinned, supabase.issuer, supabase.audience) if pinned else None

    def _check_claims(self, claims: dict[str, object], trust: _Trust) -> None:
        JWTClaimsRegistry(
            now=math.floor(self._epoch_s()),
            leeway=self._leeway_s,
            iss={"essential": True, "value": trust.issuer},
            aud={"essential": True, "value": trust.audience},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True, "value": _DATABASE_ROLE},
        ).validate(claims)

    def _remember(self, mark: bytes, identity: Identity) -> None:
        self._remembered[mark] = identity
        while len(self._remembered) > self._max_remembered:
            self._remembered.popitem(last=False)


def _shared_secret(supabase: SupabaseConfig | None) -> PinnedKey | None:
    if supabase is None or supabase.hs256_secret is None:
        return None
    return PinnedKey(OctKey.import_key(supabase.hs256_secret), "HS256")


def _header_of(token: str) -> dict[str, str]:
    """The header, checked to be nothing but the three names that we know, each with a text."""
    if not token or len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise _invalid()
    encoded = token.partition(".")[0]
    try:
        header = orjson.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError):
        raise _invalid() from None
    if not isinstance(header, dict) or not header.keys() <= _HEADER_NAMES or "alg" not in header:
        raise _invalid()
    if not all(isinstance(value, str) for value in header.values()):
        raise _invalid()
    if header.get("typ", "JWT").lower() not in _TYPES:
        raise _invalid()
    return header


def _signed_claims(token: str, pinned: PinnedKey) -> dict[str, object]:
    registry = jws.JWSRegistry(algorithms=[pinned.algorithm])
    return jwt.decode(token, pinned.key, registry=registry).claims


def _identity(claims: Mapping[str, object]) -> Identity:
    """What the checked claims say. The role comes from app_metadata, which only the issuer writes;
    user_metadata is the person's own."""
    try:
        user_id = UUID(str(claims["sub"]))
    except ValueError:
        raise _invalid() from None
    role = _fields(claims.get("app_metadata")).get("role", "customer")
    # The claims registry takes a list that contains the wanted role; a token has one role.
    if not isinstance(role, str) or role not in ROLES or claims["role"] != _DATABASE_ROLE:
        raise _invalid()
    email = claims.get("email")
    issued_at_s = claims.get("iat")
    return Identity(
        user_id=user_id,
        role=cast(Role, role),
        display_name=_display_name(_fields(claims.get("user_metadata"))),
        email=email if isinstance(email, str) and email else None,
        expires_at_s=float(cast(float, claims["exp"])),
        login_id=_login_id(claims.get("session_id")),
        issued_at_s=float(issued_at_s) if isinstance(issued_at_s, int | float) else 0.0,
    )


def _login_id(claim: object) -> UUID | None:
    try:
        return UUID(claim) if isinstance(claim, str) else None
    except ValueError:
        return None


def _display_name(metadata: Mapping[str, object]) -> str:
    for field in ("display_name", "full_name", "name"):
        value = metadata.get(field)
        name = clean_display_name(value) if isinstance(value, str) else None
        if name is not None:
            return name
    return _NAMELESS


def _fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _invalid() -> AuthRefused:
    return AuthRefused("auth.invalid", "Your log-in is not valid. Please log in again.")


def _expired() -> AuthRefused:
    return AuthRefused("auth.invalid", "Your log-in has run out. Please log in again.")
