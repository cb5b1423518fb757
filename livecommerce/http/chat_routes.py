"""What was said in a live session, for its replay; and following an influencer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, Strict

from db import SERVICE, Actor, Query
from livecommerce.http.api import ANYONE, SIGNED_IN, Call, Reply, Route
from livecommerce.http.refusals import ApiRefused
from livecommerce.live import follows
from signaling.chat_payloads import FollowOk
from signaling.refusals import Refused
from signaling.values import Empty, Id, Wire

_PAGE: Final = 200
_MONTH_MS: Final = 31 * 86_400_000


class Place(Wire):
    """Where the last page ended: its `next_from_ms` and `next_after_id`."""

    from_ms: Annotated[int, Strict(False), Field(ge=-_MONTH_MS, le=_MONTH_MS)] | None = None
    after_id: Id | None = None


class ReplayedMessage(Wire):
    """offset_ms: when it was said, since the broadcast began; less than 0 for before. What it
    answers may not be among what is shown."""

    id: Id
    offset_ms: int
    text: str
    name: str
    is_host: bool
    is_moderator: bool
    is_announcement: bool
    reply_to_id: Id | None


class ReplayedChat(Wire):
    """In the order in which it was said. `next_from_ms` null: that is all there is yet."""

    messages: Annotated[tuple[ReplayedMessage, ...], Strict(False)]
    next_from_ms: int | None
    next_after_id: Id | None


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    offset_ms: int
    text: str
    name: str
    is_host: bool
    is_moderator: bool
    is_announcement: bool
    reply_to_id: UUID | None


_REPLAY: Final = Query("chat.replay", _Row)
_HAS_REPLAY: Final = Query("chat.has_replay", bool)


async def chat_of_live_session(call: Call[Place]) -> Reply:
    live_session_id = _id(call, "live_session_id")
    user_id = None if call.identity is None else call.identity.user_id
    async with call.deps.db.acting_as(SERVICE) as tx:
        if live_session_id is None or not await tx.one(_HAS_REPLAY, live_session_id, user_id):
            raise ApiRefused("session.not_found", "This live session does not exist.")
        place = call.body
        rows = await tx.all(_REPLAY, live_session_id, place.from_ms, place.after_id, _PAGE + 1)
    shown = rows[:_PAGE]
    last = shown[-1] if len(rows) > _PAGE else None
    return Reply(
        ReplayedChat(
            messages=tuple(ReplayedMessage.model_validate(asdict(row)) for row in shown),
            next_from_ms=None if last is None else last.offset_ms,
            next_after_id=None if last is None else last.id,
        )
    )


async def following(call: Call[Empty]) -> Reply:
    return await _answered(call, None)


async def follow(call: Call[Empty]) -> Reply:
    return await _answered(call, is_following=True)


async def unfollow(call: Call[Empty]) -> Reply:
    return await _answered(call, is_following=False)


async def _answered(call: Call[Empty], is_following: bool | None) -> Reply:
    """is_following: what it is to be; None to ask only."""
    influencer_id = _id(call, "influencer_id")
    if influencer_id is None:
        raise ApiRefused("influencer.not_found", "There is no such influencer.")
    actor = Actor(call.caller.role, call.caller.user_id)
    try:
        if is_following is None:
            return Reply(await follows.following(call.deps.db, actor, influencer_id))
        return Reply(
            await follows.follow(call.deps.db, actor, influencer_id, is_following=is_following)
        )
    except Refused as refused:
        raise ApiRefused(refused.code, refused.message) from refused


def _id(call: Call[Place] | Call[Empty], name: str) -> UUID | None:
    try:
        return UUID(call.request.match_info[name])
    except ValueError:
        return None


_INFLUENCER: Final = "/api/v1/influencers/{influencer_id}"

ROUTES: Final = (
    Route("GET", "/api/v1/live-sessions/{live_session_id}/chat",
          "What was said in a live session that began, with its place in the replay.", ANYONE,
          chat_of_live_session, ReplayedChat, Place, errors=("session.not_found",)),
    Route("GET", f"{_INFLUENCER}/follow", "Whether one follows an influencer.", SIGNED_IN,
          following, FollowOk, errors=("influencer.not_found",)),
    Route("POST", f"{_INFLUENCER}/follow", "Be told of an influencer's live sessions.", SIGNED_IN,
          follow, FollowOk, errors=("influencer.not_found", "influencer.self")),
    Route("POST", f"{_INFLUENCER}/unfollow", "Be told no more.", SIGNED_IN,
          unfollow, FollowOk, errors=("influencer.not_found",)),
)  # fmt: skip
