"""What one person's connections hear, wherever they are: their orders, their holds.

Whoever changes a person's fact writes an outbox row of no live session with the person's `user_id`;
the relay publishes it on one channel that every hub listens to, and the hub that has a connection
of the person passes it on. An order is read anew before it is told, so that whatever order the
words come in, the last one tells the last state. Nothing is kept for those who are away: a page
asks when it opens.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

import structlog

from db import Database, DatabaseUnavailable
from livecommerce.bus import SessionBus
from livecommerce.live.standings import Standings
from shop.orders import Order, order_by_id
from signaling import payloads as wire
from signaling.contract import OUTWARD_BY_NAME
from signaling.gateway import Gateway
from signaling.rooms import Kind, Room

log = structlog.get_logger(__name__)

_RETRY_S: Final = 0.5
# Beyond it the oldest is forgotten: its page shows it when it asks.
_ORDERS_MAX: Final = 10_000


class People:
    """`run` must be running, and the listener of the bus."""

    def __init__(
        self, db: Database, bus: SessionBus, gateway: Gateway, standings: Standings
    ) -> None:
        self._db = db
        self._bus = bus
        self._gateway = gateway
        self._standings = standings
        self._orders: dict[tuple[UUID, UUID], UUID | None] = {}
        self._has_orders = asyncio.Event()

    async def run(self) -> None:
        """Pass on what is heard, for ever. Cancel to stop."""
        await self._bus.hear_people(self._take)
        while True:
            await self._has_orders.wait()
            while self._orders:
                await self._tell_next()
            self._has_orders.clear()

    def _take(self, user_id: UUID, name: str, data: dict[str, Any]) -> None:
        """A word about a person; called by the bus, must not wait."""
        if name == "follow.changed":
            self._standings.forget(UUID(data["influencer_id"]), user_id)
        elif name == "order.updated":
            self._standings.note_order(user_id)
        room = Room(Kind.PERSON, user_id)
        if self._gateway.size(room) == 0:
            return
        if name == "order.updated":
            session = data.get("live_session_id")
            self._orders[user_id, UUID(data["order_id"])] = UUID(session) if session else None
            if len(self._orders) > _ORDERS_MAX:
                del self._orders[next(iter(self._orders))]
            self._has_orders.set()
        elif name in OUTWARD_BY_NAME:
            payload = OUTWARD_BY_NAME[name].payload.model_validate(data)
            self._gateway.publish(room, name, payload)
        else:
            log.warning("person_event_unknown", name=name)

    async def _tell_next(self) -> None:
        (user_id, order_id), live_session_id = next(iter(self._orders.items()))
        # Taken before it is read: a word that comes meanwhile makes it read again.
        del self._orders[user_id, order_id]
        try:
            await self._tell_order(user_id, order_id, live_session_id)
        except DatabaseUnavailable as error:
            log.info("order_not_told_yet", reason=str(error))
            self._orders.setdefault((user_id, order_id), live_session_id)
            await asyncio.sleep(_RETRY_S)
        except Exception:
            # The top of one word: one that cannot be told must not silence those after it.
            log.exception("order_not_told", order_id=str(order_id))

    async def _tell_order(
        self, user_id: UUID, order_id: UUID, live_session_id: UUID | None
    ) -> None:
        order = await order_by_id(self._db, user_id, order_id)
        if order is not None:
            told = wire.OrderUpdated(live_session_id=live_session_id, order=wire_order(order))
            self._gateway.publish(Room(Kind.PERSON, user_id), "order.updated", told)


def wire_order(order: Order) -> wire.Order:
    """The order as its customer sees it."""
    # Read from its attributes: to make a dict of it first costs more than all the rest.
    return wire.Order.model_validate(order, from_attributes=True)
