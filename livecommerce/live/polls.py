"""Polls on the wire. One vote per person is a key in Postgres, so it holds over all processes; the
votes of many people are written together, and each hears "counted" only when it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from db import SERVICE, Database, Query
from livecommerce.live import chat_gate, chat_rules
from livecommerce.live.ground import TOGETHER, Ground, refuse, together
from livecommerce.relay import Relay
from shop.combiner import Combiner
from signaling import engagement_payloads as wire
from signaling.caller import Caller
from signaling.gateway import Handler
from signaling.refusals import Refused

_OPEN: Final = Query("engagement.open_poll", dict)
_CLOSE: Final = Query("engagement.close_poll", dict)
_VOTE: Final = Query("engagement.vote", list)

_REFUSALS: Final = {
    "session_not_found": ("session.not_found", "This live session does not exist."),
    "wrong_state": ("session.wrong_state", "Polls are held while the live session is on air."),
    "running": ("poll.running", "There is a poll already. Close it first."),
    "key_reused": ("poll.key_reused", "This id was used for another poll."),
    "not_found": ("poll.not_found", "There is no such poll."),
    "closed": ("poll.closed", "This poll is closed."),
    "invalid": ("poll.invalid", "This poll has no such option."),
}


class Polls:
    """counted: to be called when votes were written."""

    def __init__(
        self, db: Database, relay: Relay, ground: Ground, counted: Callable[[], None]
    ) -> None:
        self._db = db
        self._relay = relay
        self._ground = ground
        self._counted = counted
        self._votes: Combiner[str] = Combiner(self._write_votes, TOGETHER)

    def table(self) -> Mapping[str, Handler]:
        return {"poll.open": self.open, "poll.vote": self.vote, "poll.close": self.close_poll}

    async def close(self) -> None:
        """Answer everything that was asked."""
        await self._votes.close()

    async def open(self, caller: Caller, payload: wire.PollOpen) -> wire.PollOk:
        identity = await self._ground.as_moderator(caller, payload.live_session_id)
        question = chat_rules.clean(payload.question)
        options = [chat_rules.clean(option) for option in payload.options]
        if not question or not all(options):
            raise Refused("poll.invalid", "Please write the question and each option.")
        if len({option.casefold() for option in options}) < len(options):
            raise Refused("poll.invalid", "Two options are the same.")
        chat = await self._ground.chat_of(caller, payload.live_session_id)
        linked = chat_gate.link_refusal(chat, question, *options)
        if linked is not None:
            raise linked
        answer = await self._db.acting_as(SERVICE).one(
            _OPEN,
            identity.user_id,
            payload.id,
            payload.live_session_id,
            question,
            options,
            payload.duration_s,
        )
        assert answer is not None, "the function always answers"
        if answer["outcome"] != "opened":
            refuse(answer, _REFUSALS)
        self._relay.kick()
        return _ok(answer)

    async def vote(self, caller: Caller, payload: wire.PollVote) -> wire.PollVoteOk:
        identity = await self._ground.as_participant(caller, payload.live_session_id)
        request = {
            "poll_id": str(payload.poll_id),
            "live_session_id": str(payload.live_session_id),
            "user_id": str(identity.user_id),
            "option": payload.option,
        }
        outcome = await together("vote", self._votes, identity.user_id, request)
        if outcome != "voted":
            refuse({"outcome": outcome}, _REFUSALS)
        return wire.PollVoteOk(poll_id=payload.poll_id, option=payload.option)

    async def _write_votes(self, votes: Sequence[dict[str, Any]]) -> list[str]:
        outcomes = await self._db.acting_as(SERVICE).one(_VOTE, list(votes))
        assert outcomes is not None, "the function always answers"
        self._counted()
        return outcomes

    async def close_poll(self, caller: Caller, payload: wire.PollChoice) -> wire.PollOk:
        await self._ground.as_moderator(caller, payload.live_session_id)
        answer = await self._db.acting_as(SERVICE).one(
            _CLOSE, payload.live_session_id, payload.poll_id
        )
        assert answer is not None, "the function always answers"
        if answer["outcome"] != "closed":
            refuse(answer, _REFUSALS)
        self._relay.kick()
        return _ok(answer)


def _ok(answer: Mapping[str, Any]) -> wire.PollOk:
    return wire.PollOk(poll=wire.Poll.model_validate(answer["poll"]))
