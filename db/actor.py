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

    user_id: the id in auth.users; None for anonymous. The service may name the person for whom it
    works, which is what the audit log notes; it may no more and no less for that.
    """

    kind: ActorKind
    user_id: UUID | None

    def __post_init__(self) -> None:
        if self.kind != "service" and (self.user_id is None) != (self.kind == "anonymous"):
            raise ValueError(f"an actor of kind {self.kind} with user_id {self.user_id}")

    @property
    def api_role(self) -> str:
        """The database role that row security knows the actor by."""
        return _API_ROLE.get(self.kind, "authenticated")

    def claims(self) -> str:
        """The JSON of request.jwt.claims, in the shape of an access token.

        Contains only fixed words and the digits of a UUID, so it may stand in a statement's text.
        The role comes first, where app.act_as_v1 looks for it before it reads the whole.
        """
        sub = f'"sub":"{self.user_id}",' if self.user_id else ""
        return f'{{"role":"{self.api_role}",{sub}"app_metadata":{{"role":"{self.kind}"}}}}'


ANONYMOUS = Actor("anonymous", None)
SERVICE = Actor("service", None)
