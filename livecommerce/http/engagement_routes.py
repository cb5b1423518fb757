"""What a live session's viewers asked, voted and won: for the replay, and to check a draw."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import Strict

from db import SERVICE, Query
from livecommerce.http.api import ANYONE, Call, Reply, Route
from livecommerce.http.refusals import ApiRefused
from signaling.engagement_payloads import Giveaway, Poll, Question
from signaling.values import Empty, Id, Wire

_REPLAY: Final = Query("engagement.replay", dict)
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
    questions: Annotated[tuple[AnsweredQuestion, ...], Strict(False)]
    polls: Annotated[tuple[PastPoll, ...], Strict(False)]
    giveaways: Annotated[tuple[PastGiveaway, ...], Strict(False)]


class GiveawayRecord(Giveaway):
    """entry_ids: in ascending order; null before the draw."""

    live_session_id: Id
    entry_ids: Annotated[tuple[Id, ...], Strict(False)] | None


async def engagement(call: Call[Empty]) -> Reply:
    found = None
    live_session_id = _id(call, "live_session_id")
    if live_session_id is not None:
        found = await call.deps.db.acting_as(SERVICE).one(_REPLAY, live_session_id)
    if found is None:
        raise ApiRefused("session.not_found", "This live session does not exist.")
    return Reply(Engagement.model_validate(found))


async def giveaway(call: Call[Empty]) -> Reply:
    found = None
    giveaway_id = _id(call, "giveaway_id")
    if giveaway_id is not None:
        found = await call.deps.db.acting_as(SERVICE).one(_RECORD, giveaway_id)
    if found is None:
        raise ApiRefused("giveaway.not_found", "There is no such giveaway.")
    return Reply(GiveawayRecord.model_validate(found))


def _id(call: Call[Empty], name: str) -> UUID | None:
    try:
        return UUID(call.request.match_info[name])
    except ValueError:
        return None


ROUTES: Final = (
    Route("GET", "/api/v1/live-sessions/{live_session_id}/engagement",
          "Answered questions, polls and giveaways of a live session, for its replay.", ANYONE,
          engagement, Engagement, errors=("session.not_found",)),
    Route("GET", "/api/v1/giveaways/{giveaway_id}",
          "A giveaway, and once it is drawn all that it takes to check the draw.", ANYONE,
          giveaway, GiveawayRecord, errors=("giveaway.not_found",)),
)  # fmt: skip
