"""Wire values of what people do together: questions, polls, giveaways, reactions; the rules are
those of signaling.payloads.

Of two states of the same question or poll the one with the greater `revision` holds, whichever
comes last, since the acknowledgement of an act and the event about it travel apart; of a giveaway
the one that is drawn, else the one with more entries.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from signaling.values import Id, InLiveSession, Line, OfLiveSession, Recoverable, Role, Text, Wire

ReactionKind = Literal["heart", "fire", "clap", "laugh", "wow", "thumb"]
QuestionStatus = Literal["open", "picked", "answered", "dismissed", "pushed_out"]
Needs = Literal["nothing", "follow", "order"]
# What is read at a glance from a phone held at arm's length.
_Short = Annotated[Line, Field(min_length=1, max_length=120)]
_OptionText = Annotated[Line, Field(min_length=1, max_length=60)]

POLL_OPTIONS_MAX = 4


class Question(Wire):
    """`name`, `role`, `author_id`: of who asked. `picked`: it is being answered now. `pushed_out`:
    nobody wanted to know it while the queue was full."""

    id: Id
    text: str
    name: str
    role: Role
    author_id: Id
    upvotes: int
    status: QuestionStatus
    asked_at_ms: int
    revision: int


class PollOption(Wire):
    text: str
    votes: int


class Poll(Wire):
    """Whoever takes part counts once. `closes_at_ms` null: until somebody closes it.
    `closed_at_ms` null: it is open, as long as closes_at_ms has not come."""

    id: Id
    question: str
    options: Annotated[tuple[PollOption, ...], Strict(False)]
    voters: int
    opened_at_ms: int
    closes_at_ms: int | None
    closed_at_ms: int | None
    revision: int


class Winner(Wire):
    """`place`: from 1 on."""

    place: int
    entry_id: Id
    name: str


class Giveaway(Wire):
    """A draw that anybody can check (docs/giveaways.md). `winners_max`: so many are drawn, when so
    many take part. `needs`: what an entrant has to have done: `follow` the influencer, `order` in
    this live session. `seed_hash`: SHA-256 of the seed, in hex; `seed`, in hex, and
    `entries_hash` are told with the draw, null before. `entries`: how many take part."""

    id: Id
    prize: str
    winners_max: int
    needs: Needs
    seed_hash: str
    opened_at_ms: int
    closes_at_ms: int
    entries: int
    seed: str | None
    entries_hash: str | None
    drawn_at_ms: int | None
    winners: Annotated[tuple[Winner, ...], Strict(False)]


class MyEngagement(Wire):
    """Your own part in what a snapshot shows. `upvoted`: questions. `poll_option`: from 0 on.
    `entry_id`: yours in the giveaway."""

    upvoted: Annotated[tuple[Id, ...], Strict(False)]
    poll_option: int | None
    entry_id: Id | None


class Engagement(Wire):
    """`questions`: those that wait for an answer, in the order in which they were asked. `poll`,
    `giveaway`: the newest, also when it is over."""

    questions: Annotated[tuple[Question, ...], Strict(False)]
    poll: Poll | None
    giveaway: Giveaway | None
    mine: MyEngagement


# ---- inward payloads


class QuestionAsk(InLiveSession):
    """`id` is made by the client; the same id asks once."""

    id: Id
    text: Text


class QuestionChoice(InLiveSession):
    question_id: Id


class PollOpen(InLiveSession):
    """`id` is the poll's: the same id opens it once. `duration_s` null: until it is closed."""

    id: Id
    question: _Short
    options: Annotated[
        tuple[_OptionText, ...], Strict(False), Field(min_length=2, max_length=POLL_OPTIONS_MAX)
    ]
    duration_s: Annotated[int, Field(ge=10, le=3600)] | None = None


class PollChoice(InLiveSession):
    poll_id: Id


class PollVote(PollChoice):
    """`option`: from 0 on. A later vote replaces the earlier one."""

    option: Annotated[int, Field(ge=0, lt=POLL_OPTIONS_MAX)]


class GiveawayOpen(InLiveSession):
    """`id` is the giveaway's: the same id opens it once."""

    id: Id
    prize: _Short
    winners_max: Annotated[int, Field(ge=1, le=20)] = 1
    needs: Needs = "nothing"
    duration_s: Annotated[int, Field(ge=10, le=3600)]


class GiveawayChoice(InLiveSession):
    giveaway_id: Id


class GiveawayEnter(GiveawayChoice):
    """`id` is made by the client, at random, and becomes part of what the draw is made of. Whoever
    has entered already keeps the first."""

    id: Id


# ---- acknowledgements


class QuestionOk(Wire):
    question: Question


class PollOk(Wire):
    poll: Poll


class PollVoteOk(Wire):
    poll_id: Id
    option: int


class GiveawayOk(Wire):
    giveaway: Giveaway


class GiveawayEnterOk(Wire):
    giveaway_id: Id
    entry_id: Id


# ---- outward payloads


class QuestionsChanged(Recoverable):
    """Each as it is now; new ones among them."""

    questions: Annotated[tuple[Question, ...], Strict(False)]

    def plus(self, later: QuestionsChanged) -> QuestionsChanged:
        newest = {question.id: question for question in (*self.questions, *later.questions)}
        return later.model_copy(update={"questions": tuple(newest.values())})


class PollChanged(Recoverable):
    poll: Poll


class GiveawayChanged(Recoverable):
    giveaway: Giveaway


class GiveawayWon(OfLiveSession):
    giveaway_id: Id
    entry_id: Id
    prize: str
    place: int


class JoinsCounted(OfLiveSession):
    """So many came since the last such event; not told where many are."""

    count: int

    def plus(self, later: JoinsCounted) -> JoinsCounted:
        return later.model_copy(update={"count": self.count + later.count})
