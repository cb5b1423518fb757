"""Giveaways: the answers on the wire, and the draw (livecommerce.live.drawing) as one transaction.

Whoever draws first, the influencer or the worker when the time is over, draws for good; the draw
holds the lock that entries need, so it is made of exactly the entries that were answered with yes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, Transaction, TransactionConflict
from livecommerce.live import chat_gate, chat_rules, drawing
from livecommerce.live.ground import TOGETHER, Ground, identity_of, refuse, together
from livecommerce.relay import Relay
from shop.combiner import Combiner
from signaling import engagement_payloads as wire
from signaling.caller import Caller
from signaling.gateway import Handler
from signaling.refusals import Refused

log = structlog.get_logger(__name__)

_OPEN: Final = Query("engagement.open_giveaway", dict)
_ENTER: Final = Query("engagement.enter", list)
_OWN: Final = Query("engagement.own_live_session", dict)
_LOCK: Final = Query("engagement.lock_giveaway", dict)
_KEEP: Final = Query("engagement.keep_draw")
_GIVEAWAY: Final = Query("engagement.giveaway", dict)
_DUE: Final = Query("engagement.due_giveaways", UUID)

_DRAW_EVERY_S: Final = 0.5
_DRAWS_AT_ONCE: Final = 100

_REFUSALS: Final = {
    "session_not_found": ("session.not_found", "This live session does not exist."),
    "not_yours": ("auth.forbidden", "This is another influencer's live session."),
    "wrong_state": ("session.wrong_state", "Giveaways are held while the live session is on air."),
    "running": ("giveaway.running", "There is a giveaway already. Draw it first."),
    "not_found": ("giveaway.not_found", "There is no such giveaway."),
    "closed": ("giveaway.closed", "This giveaway takes no more entries."),
    "key_reused": ("giveaway.key_reused", "This id was used already."),
}
_NEEDS: Final = {
    "follow": "Follow the influencer first, then you can take part.",
    "order": "This giveaway is for those who have ordered in this live session.",
}


class Giveaways:
    """counted: to be called when entries were written. random_bytes: unguessable ones."""

    def __init__(
        self,
        db: Database,
        relay: Relay,
        ground: Ground,
        counted: Callable[[], None],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._db = db
        self._relay = relay
        self._ground = ground
        self._counted = counted
        self._random_bytes = random_bytes
        self._entries: Combiner[dict[str, Any]] = Combiner(self._write_entries, TOGETHER)

    def table(self) -> Mapping[str, Handler]:
        return {
            "giveaway.open": self.open,
            "giveaway.enter": self.enter,
            "giveaway.draw": self.draw,
        }

    async def close(self) -> None:
        """Answer everything that was asked."""
        await self._entries.close()

    async def open(self, caller: Caller, payload: wire.GiveawayOpen) -> wire.GiveawayOk:
        prize = chat_rules.clean(payload.prize)
        if not prize:
            raise Refused("giveaway.invalid", "Please write what can be won.")
        linked = chat_gate.link_refusal(
            await self._ground.chat_of(caller, payload.live_session_id), prize
        )
        if linked is not None:
            raise linked
        answer = await self._db.acting_as(SERVICE).one(
            _OPEN,
            identity_of(caller).user_id,
            payload.id,
            payload.live_session_id,
            prize,
            payload.winners_max,
            payload.needs,
            payload.duration_s,
            self._random_bytes(drawing.SEED_BYTES).hex(),
        )
        assert answer is not None, "the function always answers"
        if answer["outcome"] != "opened":
            refuse(answer, _REFUSALS)
        self._relay.kick()
        return wire.GiveawayOk(giveaway=wire.Giveaway.model_validate(answer["giveaway"]))

    async def enter(self, caller: Caller, payload: wire.GiveawayEnter) -> wire.GiveawayEnterOk:
        identity = await self._ground.as_participant(caller, payload.live_session_id)
        # Names of winners are read by everybody.
        unfit = chat_gate.name_refusal(
            await self._ground.chat_of(caller, payload.live_session_id),
            identity.display_name,
            may_wait=False,
        )
        if unfit is not None:
            raise unfit
        request = {
            "giveaway_id": str(payload.giveaway_id),
            "live_session_id": str(payload.live_session_id),
            "user_id": str(identity.user_id),
            "entry_id": str(payload.id),
            "name": identity.display_name,
        }
        answer = await together("entry", self._entries, identity.user_id, request)
        if answer["outcome"] == "not_eligible":
            needs = answer["needs"]
            raise Refused("giveaway.not_eligible", _NEEDS[needs], details={"needs": needs})
        if answer["outcome"] != "entered":
            refuse({"outcome": answer["outcome"]}, _REFUSALS)
        return wire.GiveawayEnterOk(
            giveaway_id=payload.giveaway_id, entry_id=UUID(answer["entry_id"])
        )

    async def _write_entries(self, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        answers = await self._db.acting_as(SERVICE).one(_ENTER, list(entries))
        assert answers is not None, "the function always answers"
        self._counted()
        return answers

    async def draw(self, caller: Caller, payload: wire.GiveawayChoice) -> wire.GiveawayOk:
        user_id = identity_of(caller).user_id
        async with self._db.acting_as(SERVICE) as tx:
            own = await tx.one(_OWN, user_id, payload.live_session_id)
            assert own is not None, "the function always answers"
            if own["outcome"] != "yours":
                refuse({"outcome": own["outcome"]}, _REFUSALS)
            drawn = await draw(tx, payload.giveaway_id, user_id, payload.live_session_id)
        if drawn is None:
            refuse({"outcome": "not_found"}, _REFUSALS)
        self._relay.kick()
        return wire.GiveawayOk(giveaway=wire.Giveaway.model_validate(drawn))


async def draw(
    tx: Transaction,
    giveaway_id: UUID,
    drawn_by: UUID | None,
    live_session_id: UUID | None = None,
) -> dict[str, Any] | None:
    """Draw, unless it is drawn; the giveaway after it, None where there is none in that live
    session. drawn_by: None when the time has come."""
    locked = await tx.one(_LOCK, giveaway_id)
    if locked is None or live_session_id not in (None, UUID(locked["live_session_id"])):
        return None
    if not locked["is_drawn"]:
        entries = [UUID(entry) for entry in locked["entries"]]
        winners = drawing.winners(locked["seed"], giveaway_id, entries, locked["winners_max"])
        entries_hash = drawing.hash_of_entries(entries)
        await tx.run(_KEEP, giveaway_id, drawn_by, entries_hash, list(winners))
    return await tx.one(_GIVEAWAY, giveaway_id)


class Draws:
    """The worker's part: draws what nobody has drawn when its time, or its live session, is over.
    Several workers may do the same; one of them draws."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self) -> None:
        """For ever. Cancel to stop."""
        while True:
            await asyncio.sleep(_DRAW_EVERY_S)
            try:
                await self.once()
            except (DatabaseUnavailable, TransactionConflict) as error:
                log.warning("draws.delayed", reason=str(error))

    async def once(self) -> int:
        """Draw what is due; how many. Raises DatabaseUnavailable or TransactionConflict."""
        due = await self._db.acting_as(SERVICE).all(_DUE, _DRAWS_AT_ONCE)
        for giveaway_id in due:
            async with self._db.acting_as(SERVICE) as tx:
                await draw(tx, giveaway_id, None)
        return len(due)
