"""Following an influencer: the contract's rows about it; the REST interface answers the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from db import Actor, Database, Query
from livecommerce.live.standings import Standings
from livecommerce.relay import Relay
from signaling import chat_payloads as wire
from signaling.caller import Caller
from signaling.gateway import Handler
from signaling.refusals import Refused

_FOLLOW: Final = Query("chat.follow", dict)
_FOLLOWING: Final = Query("chat.following", dict)


class Follows:
    def __init__(self, db: Database, relay: Relay, standings: Standings) -> None:
        self._db = db
        self._relay = relay
        self._standings = standings

    def table(self) -> Mapping[str, Handler]:
        return {"influencer.follow": self.follow, "influencer.unfollow": self.unfollow}

    async def follow(self, caller: Caller, payload: wire.InfluencerChoice) -> wire.FollowOk:
        return await self._set(caller, payload, is_following=True)

    async def unfollow(self, caller: Caller, payload: wire.InfluencerChoice) -> wire.FollowOk:
        return await self._set(caller, payload, is_following=False)

    async def _set(
        self, caller: Caller, payload: wire.InfluencerChoice, *, is_following: bool
    ) -> wire.FollowOk:
        assert caller.identity is not None, "the contract's roles of these events are signed in"
        actor = Actor(caller.identity.role, caller.identity.user_id)
        answer = await follow(self._db, actor, payload.influencer_id, is_following=is_following)
        self._standings.renew(payload.influencer_id, caller.identity.user_id)
        self._relay.kick()
        return answer


async def follow(
    db: Database, actor: Actor, influencer_id: UUID, *, is_following: bool
) -> wire.FollowOk:
    """Follow, or no more. Raises Refused."""
    answer = await db.acting_as(actor).one(_FOLLOW, influencer_id, is_following)
    return _answered(answer)


async def following(db: Database, actor: Actor, influencer_id: UUID) -> wire.FollowOk:
    """Raises Refused when there is no such influencer."""
    answer = await db.acting_as(actor).one(_FOLLOWING, influencer_id)
    return _answered(answer)


def _answered(answer: Mapping[str, Any] | None) -> wire.FollowOk:
    outcome = "not_found" if not answer else answer["outcome"]
    if outcome == "self":
        raise Refused("influencer.self", "This is you.")
    if not answer or outcome != "ok":
        raise Refused("influencer.not_found", "There is no such influencer.")
    return wire.FollowOk(is_following=answer["is_following"], followers=answer["followers"])
