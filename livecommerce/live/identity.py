"""Access tokens on sockets: what the accounts verify, in the gateway's terms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from livecommerce.accounts.tokens import AuthRefused, Verifier
from signaling.caller import Identity
from signaling.refusals import Refused


def verifying(verifier: Verifier) -> Callable[[str], Awaitable[Identity]]:
    """The gateway's `verify`; raises Refused with the code of the accounts' refusal."""

    async def verify(token: str) -> Identity:
        try:
            known = await verifier.verify(token)
        except AuthRefused as refused:
            raise Refused(refused.code, refused.message, refused.retry_after_s) from refused
        return Identity(
            known.user_id,
            known.role,
            known.display_name,
            known.expires_at_s,
            known.login_id,
            known.issued_at_s,
        )

    return verify
