"""The queue of questions on the wire. Its truth is in Postgres (see the migration, which says why);
upvotes of many people are written together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from db import SERVICE, Database, Query
from livecommerce.live import asking, chat_rules, chat_state
from livecommerce.live.ground import TOGETHER, Ground, identity_of, refuse, together
from livecommerce.relay import Relay
from shop.combiner import Combiner
from signaling import engagement_payloads as wire
from signaling.caller import Caller
from signaling.gateway import Handler
from signaling.refusals import Refused

_ASK: Final = Query("engagement.ask", dict)
_MOVE: Final = Query("engagement.move", dict)
_UPVOTE: Final = Query("engagement.upvote", list)
# A place in the queue is free again when somebody has worked on it, or ten seconds later.
_QUEUE_RETRY_S: Final = 10.0

_REFUSALS: Final = {
    "session_not_found": ("session.not_found", "This live session does not exist."),
    "wrong_state": ("session.wrong_state", "This live session is over."),
    "key_reused": ("question.key_reused", "This id was used for another question."),
    "yours_full": (
        "question.too_many",
        "Please wait until one of your questions has been answered.",
    ),
    "not_found": ("question.not_found", "There is no such question."),
    "closed": ("question.closed", "This question has left the queue."),
    "already_upvoted": ("question.already_upvoted", "You have upvoted this question already."),
}


class Questions:
    """counted: to be called when upvotes were written. epoch_ms: wall clock. max_chars: of a
    question."""

    def __init__(
        self,
        db: Database,
        relay: Relay,
        ground: Ground,
        counted: Callable[[], None],
        epoch_ms: Callable[[], int],
        max_chars: int,
    ) -> None:
        self._db = db
        self._relay = relay
        self._ground = ground
        self._counted = counted
        self._epoch_ms = epoch_ms
        self._max_chars = max_chars
        self._upvotes: Combiner[dict[str, Any]] = Combiner(self._write_upvotes, TOGETHER)

    def table(self) -> Mapping[str, Handler]:
        return {
            "question.ask": self.ask,
            "question.upvote": self.upvote,
            "question.pick": self._moving("picked"),
            "question.answer": self._moving("answered"),
            "question.dismiss": self._moving("dismissed"),
        }

    async def close(self) -> None:
        """Answer everything that was asked."""
        await self._upvotes.close()

    async def ask(self, caller: Caller, payload: wire.QuestionAsk) -> wire.QuestionOk:
        room = await self._ground.room_of(caller, payload.live_session_id)
        identity, text, now_ms = identity_of(caller), self._cleaned(payload.text), self._epoch_ms()
        refused = asking.refusal(room, identity.user_id, text, now_ms, identity.display_name)
        if refused is not None:
            raise refused
        if chat_state.is_hidden(room.chat, identity.user_id):
            # Who is hidden is not to notice it, and nobody else is to read it.
            return wire.QuestionOk(question=asking.unheard(payload, identity, text, now_ms))
        answer = await self._db.acting_as(SERVICE).one(
            _ASK,
            payload.id,
            payload.live_session_id,
            identity.user_id,
            identity.display_name,
            identity.role,
            text,
        )
        assert answer is not None, "the function always answers"
        if answer["outcome"] == "queue_full":
            raise Refused(
                "question.too_many",
                "Very many questions are waiting. Please try again in a moment.",
                _QUEUE_RETRY_S,
            )
        if answer["outcome"] != "asked":
            refuse(answer, _REFUSALS)
        self._relay.kick()
        return _ok(answer)

    def _cleaned(self, text: str) -> str:
        cleaned = chat_rules.clean(text)
        fault = chat_rules.fault(cleaned, self._max_chars)
        if fault == "chat.empty":
            raise Refused("question.empty", "Please write your question first.")
        if fault is not None:
            raise Refused(
                "question.too_long",
                f"Please use at most {self._max_chars} characters.",
                details={"max_chars": self._max_chars},
            )
        return cleaned

    async def upvote(self, caller: Caller, payload: wire.QuestionChoice) -> wire.QuestionOk:
        identity = await self._ground.as_participant(caller, payload.live_session_id)
        request = {
            "question_id": str(payload.question_id),
            "live_session_id": str(payload.live_session_id),
            "user_id": str(identity.user_id),
        }
        answer = await together("upvote", self._upvotes, identity.user_id, request)
        if answer["outcome"] != "upvoted":
            refuse(answer, _REFUSALS)
        return _ok(answer)

    async def _write_upvotes(self, upvotes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        answers = await self._db.acting_as(SERVICE).one(_UPVOTE, list(upvotes))
        assert answers is not None, "the function always answers"
        self._counted()
        return answers

    def _moving(self, status: str) -> Handler:
        async def handler(caller: Caller, payload: wire.QuestionChoice) -> wire.QuestionOk:
            return await self._move(caller, payload.live_session_id, payload.question_id, status)

        return handler

    async def _move(
        self, caller: Caller, live_session_id: UUID, question_id: UUID, status: str
    ) -> wire.QuestionOk:
        identity = await self._ground.as_moderator(caller, live_session_id)
        answer = await self._db.acting_as(SERVICE).one(
            _MOVE, live_session_id, question_id, identity.user_id, status
        )
        assert answer is not None, "the function always answers"
        if answer["outcome"] != "moved":
            refuse(answer, _REFUSALS)
        self._relay.kick()
        return _ok(answer)


def _ok(answer: Mapping[str, Any]) -> wire.QuestionOk:
    return wire.QuestionOk(question=wire.Question.model_validate(answer["question"]))
