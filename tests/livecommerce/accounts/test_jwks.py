import orjson
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from livecommerce.accounts.jwks import (
    KnownKeys,
    PinnedKey,
    after_fetch,
    after_try,
    parse_jwks,
    wants_fetch,
)

KEY = PinnedKey(ECKey.generate_key("P-256"), "ES256")


def fetched(at_s: float) -> KnownKeys:
    return after_fetch(after_try(KnownKeys(), at_s), {"k1": KEY}, "k1", at_s)


@pytest.mark.parametrize(
    ("known", "kid", "now_s", "wanted"),
    [
        (KnownKeys(), "k1", 0, True),
        (after_try(KnownKeys(), 0), "k1", 29.9, False),
        (after_try(KnownKeys(), 0), "k1", 30, True),
        (fetched(0), "k1", 599, False),
        (fetched(0), "k1", 600, True),
        (fetched(0), "k2", 29, False),
        (fetched(0), "k2", 30, True),
        (after_try(fetched(0), 600), "k1", 629, False),
        (after_try(fetched(0), 600), "k1", 630, True),
    ],
)
def test_when_a_set_is_fetched(known: KnownKeys, kid: str, now_s: float, wanted: bool) -> None:
    assert wants_fetch(known, kid, now_s) is wanted


def test_kid_that_a_fetch_did_not_bring_waits_longer_than_the_cool_down() -> None:
    known = after_fetch(after_try(fetched(0), 40), {"k1": KEY}, "made-up", 40)
    assert not wants_fetch(known, "made-up", 75)
    assert wants_fetch(known, "another", 75)
    assert wants_fetch(known, "made-up", 100)


def test_unknown_kids_are_bounded_and_forgotten() -> None:
    known = fetched(0)
    for n in range(3000):
        known = after_fetch(known, {"k1": KEY}, f"made-up-{n}", 1)
    assert len(known.unknown) == 1024
    assert set(after_fetch(known, {"k1": KEY}, "late", 100).unknown) == {"late"}


def entry(key: ECKey | OctKey | OKPKey, **changed: object) -> dict[str, object]:
    return {**key.as_dict(private=False), "kid": "k", **changed}


EC = ECKey.generate_key("P-256")
LEFT_OUT = {
    "another curve": entry(ECKey.generate_key("P-384")),
    "an unknown type": {"kty": "AKP", "kid": "k"},
    "symmetric": entry(OctKey.generate_key(256)),
    "Edwards curve": entry(OKPKey.generate_key("Ed25519")),
    "no kid": {name: value for name, value in entry(EC).items() if name != "kid"},
    "kid a number": entry(EC, kid=1),
    "for encryption": entry(EC, use="enc"),
    "for another algorithm": entry(EC, alg="HS256"),
    "algorithm none": entry(EC, alg="none"),
    "weak RSA": {"kty": "RSA", "kid": "k", "n": "_" * 170 + "w", "e": "AQAB"},
    "a point that is not on the curve": entry(EC, x=EC.as_dict()["y"]),
    "a text": "key",
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("unfit", LEFT_OUT.values(), ids=LEFT_OUT)
def test_key_that_cannot_be_trusted_is_left_out(unfit: object) -> None:
    good = entry(EC, kid="good")
    assert set(parse_jwks(orjson.dumps({"keys": [unfit, good]}))) == {"good"}


def test_private_half_that_somebody_published_is_not_kept() -> None:
    leaked = {**EC.as_dict(private=True), "kid": "k"}
    assert not parse_jwks(orjson.dumps({"keys": [leaked]}))["k"].key.is_private


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"keys": {}}', b" " * 300_000])
def test_document_that_is_no_key_set_is_an_error(document: bytes) -> None:
    with pytest.raises(ValueError):
        parse_jwks(document)
