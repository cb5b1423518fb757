"""What people do together beside talking: questions, polls and giveaways of all live sessions that
this process serves.

Counts change with every vote and are told at most twice a second: whoever writes votes asks for a
telling, which goes on until nothing is left to tell. The database sees to it that several processes
together tell no more often (private.tell_engagement_v1), and the worker tells what a process that
died has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, TransactionConflict
from livecommerce.live.engagement_state import NOBODY, EngagementState
from livecommerce.live.giveaways import Giveaways
from livecommerce.live.ground import Ground
from livecommerce.live.polls import Polls
from livecommerce.live.questions import Questions
from livecommerce.relay import Relay
from signaling import engagement_payloads as wire
from signaling.caller import Caller
from signaling.gateway import Handler

log = structlog.get_logger(__name__)

_TELL_EVERY_S: Final = 0.5
# Another process may have told a moment ago, so that what came since is told some rounds later: the
# longest rest of all counts is three seconds.
_QUIET_ROUNDS: Final = 7
_TOLD_AT_MOST: Final = 1_000

_TELL: Final = Query("engagement.tell", int)
_MINE: Final = Query("engagement.of_person", dict)


class _Ready(Protocol):
    @property
    def engagement(self) -> EngagementState: ...


class Engagement:
    """epoch_ms: wall clock. max_chars: of a question. random_bytes: unguessable ones."""

    def __init__(
        self,
        db: Database,
        relay: Relay,
        ground: Ground,
        epoch_ms: Callable[[], int],
        max_chars: int,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._db = db
        self._relay = relay
        self._questions = Questions(db, relay, ground, self._counted, epoch_ms, max_chars)
        self._polls = Polls(db, relay, ground, self._counted)
        self._giveaways = Giveaways(db, relay, ground, self._counted, random_bytes)
        self._telling: asyncio.Task[None] | None = None
        self._quiet_rounds = 0

    def table(self) -> Mapping[str, Handler]:
        return {**self._questions.table(), **self._polls.table(), **self._giveaways.table()}

    async def of(self, caller: Caller, live_session_id: UUID, ready: _Ready) -> wire.MyEngagement:
        """The caller's own part, as far as Postgres can say: whoever only wants to watch need not
        wait until it is back."""
        state = ready.engagement
        is_idle = not state.questions and state.poll is None and state.giveaway is None
        if caller.identity is None or is_idle:
            return NOBODY
        try:
            mine = await self._db.acting_as(SERVICE).one(
                _MINE, live_session_id, caller.identity.user_id
            )
        except DatabaseUnavailable as error:
            log.info("own_part_left_out", reason=str(error))
            return NOBODY
        return wire.MyEngagement.model_validate(mine)

    async def close(self) -> None:
        """Answer everything that was asked; what is not told by then the worker tells."""
        for part in (self._questions, self._polls, self._giveaways):
            await part.close()
        if self._telling is not None:
            self._telling.cancel()

    def _counted(self) -> None:
        """Something was counted that is to be told."""
        self._quiet_rounds = 0
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())
            self._telling.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling = None
        if not task.cancelled():
            task.result()

    async def _tell(self) -> None:
        while self._quiet_rounds < _QUIET_ROUNDS:
            self._quiet_rounds += 1
            try:
                if await self._db.acting_as(SERVICE).one(_TELL, _TOLD_AT_MOST):
                    self._relay.kick()
            except (DatabaseUnavailable, TransactionConflict) as error:
                log.warning("counts_not_told_yet", reason=str(error))
            await asyncio.sleep(_TELL_EVERY_S)
