"""The questions, the poll and the giveaway of one live session as its viewers see them. Pure.

Part of the room's state (room.py). Facts carry the whole thing as it is now, with a revision or
with numbers that only grow, so that one that comes late, or twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from signaling import engagement_payloads as wire
from signaling.values import Id

# The queue holds forty at a time (private.ask_question_v1); so many that left it are remembered,
# lest a fact that was under way brings one back.
GONE_KEPT: Final = 200
_IN_QUEUE: Final = frozenset(("open", "picked"))


@dataclass(frozen=True, slots=True)
class EngagementState:
    """questions: those in the queue, in the order in which they were asked. gone: ids of those that
    left it. poll, giveaway: the newest."""

    questions: tuple[wire.Question, ...] = ()
    gone: tuple[Id, ...] = ()
    poll: wire.Poll | None = None
    giveaway: wire.Giveaway | None = None


def initial() -> EngagementState:
    """Where nothing has happened."""
    return EngagementState()


def of_json(data: Mapping[str, Any]) -> EngagementState:
    """What Postgres knows (private.engagement_v1)."""
    poll, giveaway = data["poll"], data["giveaway"]
    return EngagementState(
        questions=tuple(map(wire.Question.model_validate, data["questions"])),
        poll=None if poll is None else wire.Poll.model_validate(poll),
        giveaway=None if giveaway is None else wire.Giveaway.model_validate(giveaway),
    )


NOBODY: Final = wire.MyEngagement(upvoted=(), poll_option=None, entry_id=None)


def shown(state: EngagementState, mine: wire.MyEngagement = NOBODY) -> wire.Engagement:
    """What a newcomer needs; mine: the newcomer's own part."""
    return wire.Engagement(
        questions=state.questions, poll=state.poll, giveaway=state.giveaway, mine=mine
    )


Payload = type[wire.QuestionsChanged] | type[wire.PollChanged] | type[wire.GiveawayChanged]
Applied = tuple[EngagementState, dict[str, Any] | None]


def _questions_changed(state: EngagementState, data: dict[str, Any]) -> Applied:
    heard = tuple(map(wire.Question.model_validate, data["questions"]))
    state, news = _with_questions(state, heard)
    return state, {"questions": news} if news else None


def _with_questions(
    state: EngagementState, heard: tuple[wire.Question, ...]
) -> tuple[EngagementState, tuple[wire.Question, ...]]:
    """The state after them, and which of them say something new."""
    queue = {question.id: question for question in state.questions}
    gone = state.gone
    news = []
    for question in heard:
        known = queue.get(question.id)
        if question.id in gone or (known is not None and known.revision >= question.revision):
            continue
        news.append(question)
        if question.status in _IN_QUEUE:
            queue[question.id] = question
        else:
            queue.pop(question.id, None)
            gone = (*gone[-(GONE_KEPT - 1) :], question.id)
    in_order = sorted(queue.values(), key=lambda question: (question.asked_at_ms, question.id))
    return replace(state, questions=tuple(in_order), gone=gone), tuple(news)


def _poll_changed(state: EngagementState, data: dict[str, Any]) -> Applied:
    poll = wire.Poll.model_validate(data["poll"])
    known = state.poll
    if known is not None:
        is_same = poll.id == known.id
        if not (poll.revision > known.revision if is_same else _is_next(poll, known)):
            return state, None
    return replace(state, poll=poll), {"poll": poll}


def _giveaway_changed(state: EngagementState, data: dict[str, Any]) -> Applied:
    giveaway = wire.Giveaway.model_validate(data["giveaway"])
    known = state.giveaway
    if known is not None:
        is_same = giveaway.id == known.id
        if not (_step(giveaway) > _step(known) if is_same else _is_next(giveaway, known)):
            return state, None
    return replace(state, giveaway=giveaway), {"giveaway": giveaway}


def _step(giveaway: wire.Giveaway) -> tuple[bool, int]:
    """Entries are only ever added, and a draw is the end."""
    return giveaway.drawn_at_ms is not None, giveaway.entries


def _is_next(one: wire.Poll | wire.Giveaway, known: wire.Poll | wire.Giveaway) -> bool:
    """They follow each other, one at a time."""
    return (one.opened_at_ms, one.id) > (known.opened_at_ms, known.id)


APPLY: Final[Mapping[str, tuple[Callable[[EngagementState, dict[str, Any]], Applied], Payload]]] = {
    "questions.changed": (_questions_changed, wire.QuestionsChanged),
    "poll.opened": (_poll_changed, wire.PollChanged),
    "poll.counted": (_poll_changed, wire.PollChanged),
    "poll.closed": (_poll_changed, wire.PollChanged),
    "giveaway.opened": (_giveaway_changed, wire.GiveawayChanged),
    "giveaway.counted": (_giveaway_changed, wire.GiveawayChanged),
    "giveaway.drawn": (_giveaway_changed, wire.GiveawayChanged),
}
