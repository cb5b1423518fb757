"""What a socket is told when its access token cannot be taken."""

from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from livecommerce.accounts.tokens import Issuer, IssuerConfig, SupabaseConfig, Verifier
from livecommerce.live.identity import verifying
from signaling.refusals import Refused


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer.open(IssuerConfig(tmp_path / "keys.json", "http://localhost:8080/auth/v1"))


async def unreachable(url: str) -> bytes:
    raise ConnectionError(url)


async def refusal(verifier: Verifier, token: str) -> Refused:
    with pytest.raises(Refused) as caught:
        await verifying(verifier)(token)
    return caught.value


async def test_forged_token_is_refused(issuer: Issuer) -> None:
    assert (await refusal(Verifier(issuer), "let me in")).code == "auth.invalid"


async def test_while_keys_cannot_be_had_nobody_is_told_to_log_in_again(issuer: Issuer) -> None:
    supabase = SupabaseConfig(
        "https://p.supabase.co/auth/v1", jwks_url="https://p.supabase.co/jwks"
    )
    key = ECKey.generate_key("P-256", parameters={"kid": "k1"})
    token = jwt.encode({"alg": "ES256", "kid": "k1"}, {"sub": "x"}, key, algorithms=["ES256"])
    refused = await refusal(Verifier(issuer, supabase, unreachable), token)
    assert (refused.code, refused.retry_after_s) == ("service.unavailable", 5.0)
