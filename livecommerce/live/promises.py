"""Deals, holds and the waitlist on the wire: what the rows of the contract about them do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Final, Protocol
from uuid import UUID

import structlog

from db import Database, DatabaseUnavailable
from livecommerce.live.sessions import OVER
from livecommerce.relay import Relay
from shop import claims, deals, holds
from shop.refusal import ShopRefused
from signaling import payloads as wire
from signaling.caller import Caller
from signaling.gateway import Handler
from signaling.refusals import Refused

log = structlog.get_logger(__name__)

# What is claimed is held, and stock is held while somebody sells it.
_ON_AIR: Final = frozenset(("live", "paused"))


class _Ready(Protocol):
    @property
    def live_session(self) -> wire.LiveSession: ...

    @property
    def takes_claims(self) -> bool: ...


class _Hosted(Protocol):
    """Of a room, what these handlers look at."""

    @property
    def ready(self) -> _Ready: ...


class Promises:
    """open_room: the room, if the caller may know of it; raises Refused. max_quantity: pieces of
    one variant for one customer. claim_keyword: what begins a claim in the chat; '' for none."""

    def __init__(
        self,
        db: Database,
        relay: Relay,
        open_room: Callable[[Caller, UUID], Awaitable[_Hosted]],
        max_quantity: int,
        claim_keyword: str,
    ) -> None:
        self._db = db
        self._relay = relay
        self._open_room = open_room
        self._max_quantity = max_quantity
        self._claim_keyword = claim_keyword

    def table(self) -> Mapping[str, Handler]:
        return {
            "deal.start": self.deal_start,
            "deal.stop": self.deal_stop,
            "hold.place": self.hold_place,
            "hold.release": self.hold_release,
            "waitlist.join": self.waitlist_join,
            "waitlist.leave": self.waitlist_leave,
        }

    # ---- deals

    async def deal_start(self, caller: Caller, payload: wire.DealStart) -> wire.DealOk:
        new = deals.NewDeal(**payload.model_dump())
        deal = await deals.start_deal(self._db, _user_id(caller), new)
        self._relay.kick()
        return wire.DealOk(deal=wire_deal(deal))

    async def deal_stop(self, caller: Caller, payload: wire.DealChoice) -> wire.Empty:
        await deals.stop_deal(self._db, _user_id(caller), payload.live_session_id, payload.deal_id)
        self._relay.kick()
        return wire.Empty()

    # ---- holds and the waitlist

    async def hold_place(self, caller: Caller, payload: wire.VariantWish) -> wire.HoldOk:
        hosted = await self._open_room(caller, payload.live_session_id)
        if hosted.ready.live_session.status in OVER:
            raise Refused("session.wrong_state", "This live session is over.")
        self._require_quantity(payload)
        promised = await holds.place_hold(
            self._db,
            _user_id(caller),
            payload.variant_id,
            payload.quantity,
            payload.live_session_id,
        )
        return wire.HoldOk(hold=wire_hold(promised.hold), missing=promised.missing)

    async def hold_release(self, caller: Caller, payload: wire.VariantChoice) -> wire.HoldReleased:
        released = await holds.release_hold(self._db, _user_id(caller), payload.variant_id)
        return wire.HoldReleased(released=released)

    async def waitlist_join(self, caller: Caller, payload: wire.VariantWish) -> wire.WaitlistOk:
        await self._open_room(caller, payload.live_session_id)
        self._require_quantity(payload)
        waiting = await holds.join_waitlist(
            self._db,
            _user_id(caller),
            payload.variant_id,
            payload.quantity,
            payload.live_session_id,
        )
        return wire.WaitlistOk(hold=wire_hold(waiting.hold), ahead=waiting.ahead)

    async def waitlist_leave(self, caller: Caller, payload: wire.VariantChoice) -> wire.Empty:
        await holds.leave_waitlist(self._db, _user_id(caller), payload.variant_id)
        return wire.Empty()

    def _require_quantity(self, payload: wire.VariantWish) -> None:
        if payload.quantity > self._max_quantity:
            raise ShopRefused(
                "order.quantity_invalid",
                f"You can order 1 to {self._max_quantity} of each product.",
                {"min": 1, "max": self._max_quantity, "variant_id": str(payload.variant_id)},
            )

    # ---- for the handlers beside these

    async def of(self, caller: Caller, live_session_id: UUID) -> tuple[wire.Hold, ...]:
        """What the caller holds and waits for there, as far as Postgres can say: whoever only
        wants to watch need not wait until it is back."""
        if caller.identity is None or caller.identity.role != "customer":
            return ()
        try:
            found = await holds.holds_of_customer(
                self._db, caller.identity.user_id, live_session_id
            )
        except DatabaseUnavailable as error:
            log.info("holds_left_out", reason=str(error))
            return ()
        return tuple(map(wire_hold, found))

    async def answer_claim(
        self, caller: Caller, ready: _Ready, text: str
    ) -> wire.ClaimAnswer | None:
        """What becomes of a message that asks for a product; None for every other message."""
        identity = caller.identity
        if identity is None or identity.role != "customer" or not ready.takes_claims:
            return None
        live_session = ready.live_session
        claim = claims.parse(text, self._claim_keyword)
        if claim is None or live_session.status not in _ON_AIR:
            return None
        answer = await holds.answer_claim(
            self._db, identity.user_id, live_session.id, claim, self._max_quantity
        )
        return wire.ClaimAnswer.model_validate(asdict(answer))


def wire_deal(deal: deals.Deal) -> wire.Deal:
    return wire.Deal.model_validate(asdict(deal))


def wire_hold(hold: holds.Hold) -> wire.Hold:
    return wire.Hold.model_validate(asdict(hold))


def _user_id(caller: Caller) -> UUID:
    assert caller.identity is not None, "the contract's roles of these events are signed in"
    return caller.identity.user_id
