"""One-time log-in links: how accounts without a password get in, and the first look at a demo.

Only the SHA-256 of a link's token is stored. The token has 256 random bits, so nothing slower is
needed to keep it from being guessed from the hash. The address puts it behind the `#`, where no
proxy, log or link preview sees it; opening the page alone does not spend it.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from db import SERVICE, Database, Query, Transaction
from livecommerce import clock

DEFAULT_TTL_S: Final = 900

_ADD: Final = Query("accounts.add_login_link", None)
_SPEND: Final = Query("accounts.spend_login_link", UUID)


async def make_link(
    db: Database, user_id: UUID, now: datetime, *, ttl_s: int = DEFAULT_TTL_S
) -> str:
    """The token of a new link that logs this account in once within `ttl_s` seconds.

    The page that takes it is `/log-in#link=<token>`.
    """
    token = clock.secret(32)
    async with db.acting_as(SERVICE) as transaction:
        await transaction.run(_ADD, token_hash(token), user_id, now + timedelta(seconds=ttl_s))
    return token


async def spend_link(transaction: Transaction, token: str, now: datetime) -> UUID | None:
    """The account that the link logs in, or None when it is unknown, spent or expired.

    Of two callers with the same token one gets the account: the row is taken by one UPDATE.
    """
    return await transaction.one(_SPEND, token_hash(token), now)


def token_hash(token: str) -> bytes:
    """How a secret token of ours looks at rest."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
