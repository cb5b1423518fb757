"""What a live session's viewers asked, voted and won: for the replay, and to check a draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Strict

from db import SERVICE, Query
from livecommerce.http.api import ANYONE, Call, Reply, Route
from livecommerce.http.chat_routes import Place
from livecommerce.http.refusals import ApiRefused
from signaling.engagement_payloads import Giveaway, Poll, Question
from signaling.values import Empty, Id, Wire

# Of all kinds together.
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    id: UUID
    offset_ms: int
    body: dict[str, Any]


_HAS_REPLAY: Final = Query("chat.has_replay", bool)
_REPLAY: Final = Query("engagement.replay", _Row)
_RECORD: Final = Query("engagement.giveaway_record", dict)


class AnsweredQuestion(Question):
    """offset_ms: when it was answered, since the broadcast began."""

    offset_ms: int | None


class PastPoll(Poll):
    """offset_ms: when it was opened, since the broadcast began."""

    offset_ms: int | None


class PastGiveaway(Giveaway):
    """offset_ms: when it was opened, since the broadcast began."""

    offset_ms: int | None


class Engagement(Wire):
    """Each in the order of its place. `next_from_ms` null: that is all there is yet."""

    questions: Annotated[tuple[AnsweredQuestion, ...], Strict(False)]
    polls: Annotated[tuple[PastPoll, ...], Strict(False)]
    giveaways: Annotated[tuple[PastGiveaway, ...], Strict(False)]
    next_from_ms: int | None
    next_after_id: Id | None


class GiveawayRecord(Giveaway):
    """entry_ids: in ascending order; null before the draw."""

    live_session_id: Id
    entry_ids: Annotated[tuple[Id, ...], Strict(False)] | None


async def engagement(call: Call[Place]) -> Reply:
    live_session_id = _id(call, "live_session_id")
    user_id = None if call.identity is None else call.identity.user_id
    async with call.deps.db.acting_as(SERVICE) as tx:
        if live_session_id is None or not await tx.one(_HAS_REPLAY, live_session_id, user_id):
            raise ApiRefused("session.not_found", "This live session does not exist.")
        place = call.body
        rows = await tx.all(_REPLAY, live_session_id, place.from_ms, place.after_id, _PAGE + 1)
    shown = rows[:_PAGE]
    last = shown[-1] if len(rows) > _PAGE else None
    parts = {
        f"{kind}s": [row.body | {"offset_ms": row.offset_ms} for row in shown if row.kind == kind]
        for kind in ("question", "poll", "giveaway")
    }
    return Reply(
        Engagement.model_validate(
            parts
            | {
                "next_from_ms": None if last is None else last.offset_ms,
                "next_after_id": None if last is None else str(last.id),
            }
        )
    )


async def giveaway(call: Call[Empty]) -> Reply:
    found = None
    giveaway_id = _id(call, "giveaway_id")
    if giveaway_id is not None:
        found = await call.deps.db.acting_as(SERVICE).one(_RECORD, giveaway_id)
    if found is None:
        raise ApiRefused("giveaway.not_found", "There is no such giveaway.")
    return Reply(GiveawayRecord.model_validate(found))


def _id(call: Call[Empty] | Call[Place], name: str) -> UUID | None:
    try:
        return UUID(call.request.match_info[name])
    except ValueError:
        return None


ROUTES: Final = (
    Route("GET", "/api/v1/live-sessions/{live_session_id}/engagement",
          "Answered questions, polls and giveaways of a live session, for its replay.", ANYONE,
          engagement, Engagement, Place, errors=("session.not_found",)),
    Route("GET", "/api/v1/giveaways/{giveaway_id}",
          "A giveaway, and once it is drawn all that it takes to check the draw.", ANYONE,
          giveaway, GiveawayRecord, errors=("giveaway.not_found",)),
)  # fmt: skip
