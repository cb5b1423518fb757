"""Who somebody is: tokens, log-ins, and the keys of what is kept sealed."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator

from livecommerce.settings.values import FilePath, Secret, Section, Text, parts


class Tokens(Section):
    """Who signs access tokens, and for how long they hold."""

    key_file: FilePath = Field(
        None,
        description="Private ES256 keys (a JWK set, mode 0600), made at the first start. Default: "
        "`token-keys.json` in the data folder.",
    )
    access_ttl_s: int = Field(
        600,
        ge=30,
        le=86_400,
        description="Seconds an access token holds. Short: other programs that believe it cannot "
        "be told when a log-in was ended.",
    )
    refresh_ttl_s: int = Field(
        30 * 86_400, ge=60, le=365 * 86_400, description="Seconds a log-in lasts without a visit."
    )
    issuer: Text = Field(
        None, description="`iss` of our tokens. Default: the public URL with `/auth/v1`."
    )
    supabase_jwks_url: Text = Field(
        None, description="Key set of a Supabase project whose tokens are taken as well."
    )
    supabase_hs256_secret: Secret = Field(
        None, description="The same for projects that sign with a shared secret."
    )
    supabase_issuer: Text = Field(
        None, description="`iss` that a Supabase token must carry. Required with either of the two."
    )
    supabase_audience: str = Field(
        "authenticated", description="`aud` that a Supabase token must carry."
    )

    @model_validator(mode="after")
    def _issuer_and_key_go_together(self) -> "Tokens":
        has_key = self.supabase_jwks_url is not None or self.supabase_hs256_secret is not None
        if has_key and self.supabase_issuer is None:
            raise ValueError(
                "LIVECOMMERCE_TOKENS_SUPABASE_ISSUER must be set as well: a token is taken only "
                "from the project that you name."
            )
        if self.supabase_issuer is not None and not has_key:
            raise ValueError(
                "LIVECOMMERCE_TOKENS_SUPABASE_JWKS_URL or _HS256_SECRET must be set as well: "
                "without a key no token of that project can be checked."
            )
        return self


def _sealing_keys(value: SecretStr | None) -> SecretStr | None:
    """Look at the shape only, and never quote a key."""
    keys = parts(value.get_secret_value()) if value is not None else ()
    if (value is not None and not keys) or not all(
        re.fullmatch(r"[A-Za-z0-9_-]{43}=?", key) for key in keys
    ):
        raise ValueError(
            "keys of 32 bytes in base64url, separated by commas "
            "(`livecommerce sealing-keys new` makes one)"
        )
    return value


class Sealing(Section):
    """Keys under which bank and tax details are kept."""

    key_file: FilePath = Field(
        None,
        description="Keys that bank and tax details are sealed under (a JWK set, mode 0600), made "
        "at the first start. Machines share it; back it up apart from the database. Default: "
        "`sealing-keys.json` in the data folder.",
    )
    keys: Annotated[Secret, AfterValidator(_sealing_keys)] = Field(
        None,
        description="The keys themselves instead of the file, for containers: base64url, separated "
        "by commas, the first one seals. `livecommerce sealing-keys new` makes one.",
    )


class Accounts(Section):
    """Sign-up and log-in."""

    hash_concurrency: int = Field(
        2,
        ge=1,
        le=64,
        description="Passwords hashed at the same time, each on a thread for about 0.25 s; more "
        "than there are cores only makes every one slower.",
    )
    link_ttl_s: int = Field(
        86_400, ge=60, le=30 * 86_400, description="Seconds a one-time log-in link can be used."
    )
