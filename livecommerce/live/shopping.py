"""The events of carts and coupons, and the clicks that are remembered for who earns.

A click of a customer is worth a row, but not a transaction of its own in the second in which
thousands tap the same product: clicks are gathered and written together, and nobody waits for it.
Who buys in the live session itself earns it by the order, whether or not the click is in yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from db import Database, DatabaseUnavailable, TransactionConflict
from livecommerce.live.counters import Counters
from shop import cart, coupons
from shop.cart import Wish
from shop.checkout import ShopTerms
from signaling import cart_payloads as wire
from signaling import payloads
from signaling.caller import Caller
from signaling.gateway import Handler

_FLUSH_EVERY_S: Final = 0.5
# One row each, the newest; beyond it the oldest are given up: they are a matter of who earns when
# nothing better is known.
_MOST_WAITING: Final = 20_000

_log = structlog.get_logger(__name__)


class Shopping:
    """The answers to cart.* and coupon.check."""

    def __init__(self, db: Database, counters: Counters, terms: ShopTerms) -> None:
        self._db = db
        self._counters = counters
        self._terms = terms

    def table(self) -> Mapping[str, Handler]:
        return {
            "cart.get": self.cart_get,
            "cart.add": self.cart_add,
            "cart.update": self.cart_update,
            "cart.remove": self.cart_remove,
            "cart.merge": self.cart_merge,
            "coupon.check": self.coupon_check,
        }

    async def cart_get(self, caller: Caller, payload: payloads.Empty) -> wire.CartOk:
        return cart_ok(await cart.cart_of(self._db, _user_id(caller), self._terms))

    async def cart_add(self, caller: Caller, payload: wire.CartAdd) -> wire.CartOk:
        wish = Wish(payload.variant_id, payload.quantity, payload.live_session_id)
        found = await cart.add(self._db, _user_id(caller), payload.id, wish, self._terms)
        self._count(payload.id, (wish,), found)
        return cart_ok(found)

    async def cart_update(self, caller: Caller, payload: wire.CartUpdate) -> wire.CartOk:
        return cart_ok(
            await cart.update(
                self._db, _user_id(caller), payload.variant_id, payload.quantity, self._terms
            )
        )

    async def cart_remove(self, caller: Caller, payload: wire.CartRemove) -> wire.CartOk:
        return cart_ok(
            await cart.remove(self._db, _user_id(caller), payload.variant_ids, self._terms)
        )

    async def cart_merge(self, caller: Caller, payload: wire.CartMerge) -> wire.CartOk:
        wishes = wishes_of(payload)
        found = await cart.merge(self._db, _user_id(caller), payload.id, wishes, self._terms)
        self._count(payload.id, wishes, found)
        return cart_ok(found)

    def _count(self, change_id: UUID, wishes: Sequence[Wish], found: cart.Cart) -> None:
        """Count what was put in from a live session; the cart knows whether it is part of that."""
        lines = {line.variant_id: line for line in found.lines}
        for wish in wishes:
            line = lines.get(wish.variant_id)
            if line is None or line.live_session_id is None:
                continue
            if line.live_session_id == wish.live_session_id:
                once = UUID(int=change_id.int ^ wish.variant_id.int)
                self._counters.add_to_cart(line.live_session_id, line.product_id, once)

    async def coupon_check(self, caller: Caller, payload: wire.CouponCheck) -> wire.CouponOk:
        return coupon_ok(
            await coupons.check(self._db, _user_id(caller), payload.code, asked_of(payload))
        )


class Touches:
    """Clicks of customers on products that are not written yet, the newest of each."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self._waiting: dict[tuple[UUID, UUID, UUID], datetime] = {}

    def note(self, user_id: UUID, product_id: UUID, live_session_id: UUID) -> None:
        key = (user_id, product_id, live_session_id)
        self._waiting.pop(key, None)
        self._waiting[key] = self._now()
        if len(self._waiting) > _MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]

    async def run(self) -> None:
        """Write what waits twice a second, for ever. Cancel to stop, then `flush`."""
        while True:
            await asyncio.sleep(_FLUSH_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """What cannot be written now is tried again, behind what came meanwhile."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            await cart.note_touches(self._db, [(*key, at) for key, at in waiting.items()])
        except (DatabaseUnavailable, TransactionConflict) as error:
            _log.warning("touches.delayed", error=type(error).__name__, count=len(waiting))
            self._waiting = waiting | self._waiting


def cart_ok(found: cart.Cart) -> wire.CartOk:
    return wire.CartOk(cart=wire.Cart.model_validate(asdict(found)))


def coupon_ok(found: coupons.Preview) -> wire.CouponOk:
    return wire.CouponOk(
        coupon=wire.CouponTitle(code=found.code, title=found.title),
        eligible_minor=found.eligible_minor,
        discount_minor=found.discount_minor,
    )


def wishes_of(payload: wire.CartMerge) -> list[Wish]:
    return [
        Wish(line.variant_id, line.quantity, line.live_session_id, _at(line.touched_at_ms))
        for line in payload.lines
    ]


def asked_of(payload: wire.CouponCheck) -> list[coupons.Asked]:
    return [
        coupons.Asked(line.variant_id, line.quantity, line.live_session_id, line.deal_id)
        for line in payload.lines
    ]


def _at(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)


def _user_id(caller: Caller) -> Any:
    assert caller.identity is not None, "the contract's roles of these events are signed in"
    return caller.identity.user_id
