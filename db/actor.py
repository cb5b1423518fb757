"""On whose behalf a transaction runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["anonymous", "customer", "influencer", "wholesaler", "admin", "service"]

# The roles that Supabase's tokens carry; policies are written against them.
_API_ROLE: dict[ActorKind, str] = {"anonymous": "anon", "service": "service_role"}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, nobody in particular (anonymous), or the program itself (service).

    user_id: the id in auth.users; None for anonymous and service, and only for them.
    """

    kind: ActorKind
    user_id: UUID | None

    def __post_init__(self) -> None:
        if (self.user_id is None) != (self.kind in _API_ROLE):
            raise ValueError(f"an actor of kind {self.kind} with user_id {self.user_id}")

    def claims(self) -> str:
        """The JSON of request.jwt.claims, in the shape of an access token.

        Contains only fixed words and the digits of a UUID, so it may stand in a statement's text.
        """
        api_role = _API_ROLE.get(self.kind, "authenticated")
        sub = f'"sub":"{self.user_id}",' if self.user_id else ""
        return f'{{{sub}"role":"{api_role}","app_metadata":{{"role":"{self.kind}"}}}}'


ANONYMOUS = Actor("anonymous", None)
SERVICE = Actor("service", None)
