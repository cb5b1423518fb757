"""What the verifier takes and what it refuses."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import orjson
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from livecommerce.accounts.keys import SigningKeys, open_key_file
from livecommerce.accounts.tokens import (
    AuthRefused,
    Issuer,
    IssuerConfig,
    SupabaseConfig,
    Verifier,
)

ISSUER = "http://localhost:8080/auth/v1"
SUPABASE = "https://project.supabase.co/auth/v1"
SECRET = "a-legacy-secret-of-more-than-thirty-two-characters"
URL = "https://project.supabase.co/auth/v1/.well-known/jwks.json"


class Jwks:
    """Somebody else's server with a key set on it."""

    def __init__(self, *keys: ECKey | RSAKey) -> None:
        self.keys = keys
        self.fetched = 0
        self.is_down = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def fetch(self, url: str) -> bytes:
        assert url == URL
        self.fetched += 1
        await self.answers.wait()
        if self.is_down:
            raise ConnectionError
        keys = [key.as_dict(private=False) for key in self.keys]
        return orjson.dumps({"keys": keys})


@pytest.fixture
def verifier(issuer: Issuer, now: Any) -> Verifier:
    return Verifier(issuer, epoch_s=now.epoch_s, monotonic_s=now.epoch_s)


@pytest.fixture
def claims(now: Any) -> dict[str, Any]:
    """Of a good Supabase token."""
    return {
        "iss": SUPABASE,
        "aud": "authenticated",
        "sub": "01930000-0000-7000-8000-000000000002",
        "role": "authenticated",
        "email": "ravi@example.com",
        "app_metadata": {"role": "influencer", "provider": "email"},
        "user_metadata": {"display_name": "Ravi"},
        "session_id": "01930000-0000-7000-8000-000000000003",
        "iat": int(now.epoch_s()),
        "exp": int(now.epoch_s()) + 600,
    }


def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": kid, "alg": "ES256", "use": "sig"})


def signed(key: Any, claims: dict[str, Any], alg: str = "ES256", **header: Any) -> str:
    kid = {"kid": key.kid} if key.kid else {}
    return jwt.encode({"alg": alg} | kid | header, claims, key, algorithms=[alg])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def with_header(token: str, **changed: object) -> str:
    """The token with another header, its signature left as it was."""
    header, payload, signature = token.split(".")
    values = json.loads(base64.urlsafe_b64decode(header + "==")) | changed
    return f"{part({k: v for k, v in values.items() if v is not None})}.{payload}.{signature}"


async def refusal(verifier: Verifier, token: str) -> str:
    with pytest.raises(AuthRefused) as caught:
        await verifier.verify(token)
    return caught.value.code


async def test_own_token_says_whom_it_speaks_for(verifier: Verifier, issue: Any, now: Any) -> None:
    identity = await verifier.verify(issue(role="influencer"))
    assert (identity.role, identity.display_name) == ("influencer", "Asha")
    assert identity.email == "asha@example.com"
    assert identity.expires_at_s == int(now.epoch_s()) + 600


async def test_token_of_the_next_key_is_taken_already(
    tmp_path: Any, issuer: Issuer, now: Any
) -> None:
    config = IssuerConfig(tmp_path / "keys.json", ISSUER)
    following = open_key_file(tmp_path / "next.json")
    token = Issuer(config, following).issue(
        user_id=UUID(int=1),
        role="customer",
        display_name="Asha",
        email=None,
        login_id=UUID(int=7),
        now_s=now.epoch_s(),
    )
    assert await refusal(Verifier(issuer, epoch_s=now.epoch_s), token) == "auth.invalid"
    both = SigningKeys(issuer._keys.signing, (*issuer.public_keys, *following.published))
    identity = await Verifier(Issuer(config, both), epoch_s=now.epoch_s).verify(token)
    assert identity.user_id == UUID(int=1)


FORGED_HEADERS = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "alg empty": {"alg": ""},
    "alg missing": {"alg": None},
    "alg a list": {"alg": ["ES256"]},
    "another algorithm of the key": {"alg": "ES384"},
    "rsa": {"alg": "RS256"},
    "hmac": {"alg": "HS256"},
    "unknown kid": {"kid": "somebody-else"},
    "no kid": {"kid": None},
    "kid a number": {"kid": 1},
    "kid a path": {"kid": "../../dev/null"},
    "crit": {"crit": ["exp"]},
    "crit unknown": {"crit": ["urn:x"], "urn:x": True},
    "jwk": {"jwk": {"kty": "oct", "k": "AAAA"}},
    "jku": {"jku": "http://127.0.0.1/jwks"},
    "x5u": {"x5u": "http://127.0.0.1/cert"},
    "x5c": {"x5c": ["AAAA"]},
    "b64": {"b64": False},
    "zip": {"zip": "DEF"},
    "typ of another kind of token": {"typ": "refresh+jwt"},
}


@pytest.mark.parametrize("changed", FORGED_HEADERS.values(), ids=FORGED_HEADERS)
async def test_forged_header_is_refused(
    verifier: Verifier, issue: Any, changed: dict[str, object]
) -> None:
    token = with_header(issue(), **changed)
    assert await refusal(verifier, token) == "auth.invalid"
    unsigned = token.rpartition(".")[0] + "."
    assert await refusal(verifier, unsigned) == "auth.invalid"


SIGNED_HEADERS = {
    "crit": {"crit": ["b64"], "b64": True},
    "jwk": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
    "jku": {"jku": "http://127.0.0.1/jwks"},
    "x5u": {"x5u": "http://127.0.0.1/cert"},
    "cty": {"cty": "JWT"},
    "typ of another kind of token": {"typ": "refresh+jwt"},
    "unknown name": {"zip": "DEF"},
}


@pytest.mark.parametrize("changed", SIGNED_HEADERS.values(), ids=SIGNED_HEADERS)
async def test_header_with_more_than_it_needs_is_refused_though_we_signed_it(
    issuer: Issuer, verifier: Verifier, issue: Any, changed: dict[str, object]
) -> None:
    header, payload, _ = with_header(issue(), **changed).split(".")
    key = issuer._keys.signing
    signature = jws.JWSRegistry.algorithms["ES256"].sign(f"{header}.{payload}".encode(), key)
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    assert await refusal(verifier, f"{header}.{payload}.{encoded}") == "auth.invalid"


BAD_TEXTS = {
    "empty": "",
    "words": "let me in",
    "dots": "..",
    "two parts": "e30.e30",
    "four parts": "e30.e30.e30.e30",
    "header not JSON": "bm8.e30.AAAA",
    "header a list": "W10.e30.AAAA",
    "deep header": base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.AAAA",
    "not ASCII": "é.é.é",
    "lone surrogate": "\ud800.e30.AAAA",
    "not base64": "!!!.e30.AAAA",
    "too long": "a" * 8193,
    "encrypted": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA",
}


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
async def test_text_that_is_no_token_is_refused(verifier: Verifier, text: str) -> None:
    assert await refusal(verifier, text) == "auth.invalid"


async def test_hmac_with_the_public_key_as_secret_is_refused(
    issuer: Issuer, verifier: Verifier, claims: dict[str, Any]
) -> None:
    own = claims | {"iss": ISSUER}
    public = issuer.public_keys[0]
    for secret in (public.as_pem(private=False), orjson.dumps(public.as_dict(private=False))):
        text = f"{part({'alg': 'HS256', 'kid': public.thumbprint()})}.{part(own)}"
        # The library refuses to make such a token, so it is made by hand.
        digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        token = f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        assert await refusal(verifier, token) == "auth.invalid"


async def test_changed_payload_is_refused(verifier: Verifier, issue: Any) -> None:
    header, payload, signature = issue().split(".")
    values = json.loads(base64.urlsafe_b64decode(payload + "=="))
    values["app_metadata"]["role"] = "admin"
    assert await refusal(verifier, f"{header}.{part(values)}.{signature}") == "auth.invalid"


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example/auth/v1"},
    "our own issuer, foreign key": {"iss": ISSUER},
    "no issuer": {"iss": None},
    "issuer a list": {"iss": [SUPABASE]},
    "another audience": {"aud": "elsewhere"},
    "no audience": {"aud": None},
    "audience a list without us": {"aud": ["a", "b"]},
    "expired": {"exp": 1},
    "expiry a text": {"exp": "9999999999"},
    "expiry true": {"exp": True},
    "no expiry": {"exp": None},
    "not yet valid": {"nbf": 99_999_999_999},
    "issued in the future": {"iat": 99_999_999_999},
    "no subject": {"sub": None},
    "subject no UUID": {"sub": "admin"},
    "subject a number": {"sub": 1},
    "service role": {"role": "service_role"},
    "anonymous role": {"role": "anon"},
    "no role": {"role": None},
    "two roles": {"role": ["authenticated", "service_role"]},
    "unknown role of ours": {"app_metadata": {"role": "root"}},
    "role of ours a list": {"app_metadata": {"role": ["admin"]}},
}


@pytest.mark.parametrize("changed", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
async def test_wrong_claims_are_refused(
    issuer: Issuer, now: Any, claims: dict[str, Any], changed: dict[str, Any]
) -> None:
    key = ec_key("k1")
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL, hs256_secret=SECRET),
        Jwks(key).fetch,
        epoch_s=now.epoch_s,
        monotonic_s=now.epoch_s,
    )
    kept = {name: value for name, value in (claims | changed).items() if value is not None}
    assert await refusal(verifier, signed(key, kept)) == "auth.invalid"
    shared = OctKey.import_key(SECRET)
    assert await refusal(verifier, signed(shared, kept, "HS256")) == "auth.invalid"


async def test_user_metadata_gives_no_role(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    key = ec_key("k1")
    verifier = Verifier(
        issuer, SupabaseConfig(SUPABASE, jwks_url=URL), Jwks(key).fetch, epoch_s=now.epoch_s
    )
    claims |= {"app_metadata": {}, "user_metadata": {"role": "admin", "name": "\u202eRavi\x00"}}
    identity = await verifier.verify(signed(key, claims))
    assert (identity.role, identity.display_name) == ("customer", "Ravi")


@pytest.mark.parametrize("audience", ["authenticated", ["other", "authenticated"]])
async def test_supabase_token_of_either_kind_is_taken(
    issuer: Issuer, now: Any, claims: dict[str, Any], audience: object
) -> None:
    rsa = RSAKey.generate_key(2048, parameters={"kid": "r1"})
    ec = ec_key("k1")
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL, hs256_secret=SECRET),
        Jwks(ec, rsa).fetch,
        epoch_s=now.epoch_s,
        monotonic_s=now.epoch_s,
    )
    claims["aud"] = audience
    tokens = (
        signed(ec, claims),
        signed(rsa, claims, "RS256"),
        signed(OctKey.import_key(SECRET), claims, "HS256"),
    )
    for token in tokens:
        identity = await verifier.verify(token)
        assert (identity.role, identity.display_name) == ("influencer", "Ravi")


async def test_shared_secret_is_not_taken_when_it_is_not_configured(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL),
        Jwks(ec_key("k1")).fetch,
        epoch_s=now.epoch_s,
    )
    token = signed(OctKey.import_key(SECRET), claims, "HS256")
    assert await refusal(verifier, token) == "auth.invalid"


async def test_flood_of_unknown_kids_is_one_fetch(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    server = Jwks(ec_key("k1"))
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL),
        server.fetch,
        epoch_s=now.epoch_s,
        monotonic_s=now.epoch_s,
    )
    flood = [signed(ec_key(f"made-up-{n}"), claims) for n in range(40)]
    codes = await asyncio.gather(*(refusal(verifier, token) for token in flood))
    assert set(codes) == {"auth.invalid"}
    assert server.fetched == 1
    now.pass_(seconds=29)
    await refusal(verifier, flood[0])
    assert server.fetched == 1
    now.pass_(seconds=2)
    await refusal(verifier, flood[1])
    assert server.fetched == 2


async def test_rotated_key_is_found_and_revoked_key_dies_with_its_remembered_tokens(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    old, new = ec_key("old"), ec_key("new")
    server = Jwks(old)
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL),
        server.fetch,
        epoch_s=now.epoch_s,
        monotonic_s=now.epoch_s,
    )
    claims["exp"] += 3600
    old_token = signed(old, claims)
    await verifier.verify(old_token)
    server.keys = (new,)
    now.pass_(seconds=31)
    await verifier.verify(signed(new, claims))
    assert await refusal(verifier, old_token) == "auth.invalid"


async def test_last_good_keys_hold_while_the_issuer_is_down(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    key = ec_key("k1")
    server = Jwks(key)
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL),
        server.fetch,
        epoch_s=now.epoch_s,
        monotonic_s=now.epoch_s,
    )
    claims["exp"] += 7200
    await verifier.verify(signed(key, claims))
    server.is_down = True
    now.pass_(seconds=3600)
    await verifier.verify(signed(key, claims | {"email": "another@example.com"}))
    assert server.fetched == 2


async def test_without_any_keys_the_answer_is_to_try_later(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    server = Jwks(ec_key("k1"))
    server.is_down = True
    verifier = Verifier(
        issuer, SupabaseConfig(SUPABASE, jwks_url=URL), server.fetch, epoch_s=now.epoch_s
    )
    with pytest.raises(AuthRefused) as caught:
        await verifier.verify(signed(server.keys[0], claims))
    assert (caught.value.code, caught.value.retry_after_s) == ("service.unavailable", 5.0)


async def test_caller_who_goes_away_does_not_end_the_fetch_of_the_others(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    key = ec_key("k1")
    server = Jwks(key)
    server.answers.clear()
    verifier = Verifier(
        issuer, SupabaseConfig(SUPABASE, jwks_url=URL), server.fetch, epoch_s=now.epoch_s
    )
    first = asyncio.create_task(verifier.verify(signed(key, claims)))
    second = asyncio.create_task(verifier.verify(signed(key, claims | {"email": "b@example.com"})))
    await asyncio.sleep(0)
    first.cancel()
    server.answers.set()
    assert (await second).email == "b@example.com"
    assert server.fetched == 1


async def test_made_up_key_holds_nobody_up_who_has_a_known_one(
    issuer: Issuer, now: Any, claims: dict[str, Any]
) -> None:
    key = ec_key("k1")
    server = Jwks(key)
    verifier = Verifier(
        issuer,
        SupabaseConfig(SUPABASE, jwks_url=URL),
        server.fetch,
        epoch_s=now.epoch_s,
        monotonic_s=now.epoch_s,
    )
    await verifier.verify(signed(key, claims))
    now.pass_(seconds=31)
    server.answers.clear()
    forged = asyncio.create_task(verifier.verify(signed(ec_key("made-up"), claims)))
    while server.fetched < 2:
        await asyncio.sleep(0)
    good = await verifier.verify(signed(key, claims | {"email": "another@example.com"}))
    assert good.email == "another@example.com"
    assert not forged.done()
    server.answers.set()
    with pytest.raises(AuthRefused):
        await forged


async def test_remembered_token_expires_too(verifier: Verifier, issue: Any, now: Any) -> None:
    token = issue()
    await verifier.verify(token)
    now.pass_(seconds=659)
    await verifier.verify(token)
    now.pass_(seconds=2)
    assert await refusal(verifier, token) == "auth.invalid"
    assert await refusal(verifier, token) == "auth.invalid"


async def test_memory_of_tokens_is_bounded(issuer: Issuer, issue: Any, now: Any) -> None:
    verifier = Verifier(issuer, max_remembered=3, epoch_s=now.epoch_s)
    for n in range(10):
        await verifier.verify(issue(display_name=f"Asha {n}"))
    assert len(verifier._remembered) == 3
