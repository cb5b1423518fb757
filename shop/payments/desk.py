"""The desk: what has to be done at payment providers, one thing after another, for ever.

Every hub and every worker has one. What is due is claimed in the database (and the claim committed)
before a provider is called, so two desks never do the same; a desk that dies leaves its claims to
lapse, and whoever finds them then calls the provider again under the same key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from db import SERVICE, Database, DatabaseUnavailable, Query, TransactionConflict
from shop.payments import inbox
from shop.payments.provider import (
    Attempt,
    Event,
    Provider,
    ProviderRefused,
    ProviderUnavailable,
    Refund,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Unpaid:
    """An order that is past its time to pay."""

    order_id: UUID
    pay_until: datetime


_CLAIM: Final = Query("payments.claim", Attempt)
_MADE: Final = Query("payments.made")
_LOOK_AGAIN: Final = Query("payments.look_again")
_FAIL: Final = Query("payments.fail")
_UNPAID: Final = Query("payments.unpaid_orders", _Unpaid)
_EXPIRE: Final = Query("payments.expire_order", bool)
_CLAIM_REFUNDS: Final = Query("payments.claim_refunds", Refund)
_MOVE_REFUND: Final = Query("payments.move_refund", str)
_REFUND_AGAIN: Final = Query("payments.refund_again")

_BATCH: Final = 20
_EVENTS: Final = 100
_PAUSE_FIRST: Final = timedelta(seconds=15)
_PAUSE_MAX: Final = timedelta(hours=1)
_EXPIRE_AGAIN: Final = timedelta(minutes=5)
# Before any order.
_START: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class DeskTerms:
    """interval_s: between two looks when nobody kicks. claim: how long a call to a provider may
    take, retries included. grace: after an order's time to pay is over, so that what was paid in
    the last moment has arrived. upi_grace: the same when the customer says that it is paid. watch:
    how long after the order a provider is still asked about a payment that never came."""

    interval_s: float = 1.0
    claim: timedelta = timedelta(seconds=60)
    grace: timedelta = timedelta(minutes=2)
    upi_grace: timedelta = timedelta(hours=24)
    watch: timedelta = timedelta(days=7)


class PaymentDesk:
    def __init__(
        self,
        db: Database,
        providers: Mapping[str, Provider],
        now: Callable[[], datetime],
        terms: DeskTerms | None = None,
    ) -> None:
        self._db = db
        self._providers = providers
        self._now = now
        self._terms = terms or DeskTerms()
        self._kicked = asyncio.Event()
        # How far this walk over unpaid orders came; None when the next one begins.
        self._walked_to: _Unpaid | None = None
        # Orders whose expiry raised, and when each is tried again.
        self._put_off: dict[UUID, datetime] = {}

    def kick(self) -> None:
        """There is something to do now."""
        self._kicked.set()

    async def run(self) -> None:
        """For ever. Cancel to stop; what was claimed is then done by another desk, later."""
        while True:
            self._kicked.clear()
            try:
                while await self.sweep():
                    pass
            except (DatabaseUnavailable, TransactionConflict) as error:
                log.warning("payments.delayed", reason=str(error))
                await asyncio.sleep(self._terms.interval_s)
            try:
                # Not wait_for, which until Python 3.11 can swallow a cancellation.
                async with asyncio.timeout(self._terms.interval_s):
                    await self._kicked.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> bool:
        """One round; whether there may be more. Raises DatabaseUnavailable, TransactionConflict."""
        events = await inbox.apply_open(self._db, self._now(), _EVENTS)
        payments = await self._work_payments()
        refunds = await self._work_refunds()
        expired = await self._expire()
        return events == _EVENTS or _BATCH in (payments, refunds) or expired

    # ---- payments

    async def _work_payments(self) -> int:
        now = self._now()
        until = now + self._terms.claim
        attempts = await self._db.acting_as(SERVICE).all(
            _CLAIM, now, until, list(self._providers), _BATCH
        )
        await _together(self._work_payment(attempt, until) for attempt in attempts)
        return len(attempts)

    async def _work_payment(self, attempt: Attempt, claimed_until: datetime) -> None:
        provider, now = self._providers[attempt.provider], self._now()
        if attempt.amount_minor == 0 and attempt.is_wanted:
            await self._take_as_paid(attempt)
            return
        try:
            if attempt.provider_reference is None:
                await self._make(provider, attempt, now)
                return
            events = await self._ask(provider, attempt, now)
        except ProviderRefused as refused:
            await self._refused(attempt, claimed_until, str(refused))
            return
        except Exception as error:
            # The top of one call: whatever is wrong with it, the others go on.
            _log_failed_call("payment.call_failed", attempt.id, error)
            await self._later(attempt, claimed_until, now + _pause(attempt.attempts))
            return
        await inbox.receive(self._db, attempt.provider, "fetch", events)
        is_cancelled = any(event.kind == "cancelled" for event in events)
        due_at = self._next_look(provider, attempt, now, is_cancelled=is_cancelled)
        await self._later(attempt, claimed_until, due_at)

    async def _take_as_paid(self, attempt: Attempt) -> None:
        """A coupon left nothing to pay: no provider takes a payment of nothing."""
        event = Event(
            event_id=f"free:{attempt.id}",
            kind="captured",
            provider_kind="free",
            payment_id=attempt.id,
            amount_minor=0,
            currency=attempt.currency,
        )
        await inbox.receive(self._db, attempt.provider, "fetch", (event,))

    async def _make(self, provider: Provider, attempt: Attempt, now: datetime) -> None:
        if attempt.status == "cancelled":
            # It may have been made by a call whose answer was lost: the same key finds it.
            log.info("payment.cancelled_before_made", payment_id=str(attempt.id))
        intent = await provider.create_intent(attempt, now)
        look_at = intent.look_at or self._next_look(provider, attempt, now)
        await self._db.acting_as(SERVICE).run(
            _MADE, attempt.id, intent.reference, dict(intent.client), look_at
        )
        await inbox.receive(self._db, attempt.provider, "fetch", intent.events)

    async def _ask(self, provider: Provider, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        is_over = attempt.pay_until is not None and attempt.pay_until <= now
        if attempt.status == "cancelled" or not attempt.is_wanted or is_over:
            return await provider.cancel(attempt, now)
        events = await provider.fetch(attempt, now)
        if any(event.kind == "authorized" for event in events):
            events += await provider.capture(attempt, now)
        return events

    def _next_look(
        self, provider: Provider, attempt: Attempt, now: datetime, *, is_cancelled: bool = False
    ) -> datetime | None:
        """When to ask again; None for never."""
        if not provider.capabilities.can_be_asked:
            return None
        is_dead = is_cancelled and provider.capabilities.can_cancel
        if is_dead or now > attempt.placed_at + self._terms.watch:
            return None
        next_look = now + _pause(attempt.attempts)
        if attempt.pay_until is not None and now < attempt.pay_until < next_look:
            return attempt.pay_until
        return next_look

    async def _refused(self, attempt: Attempt, claimed_until: datetime, reason: str) -> None:
        log.warning("payment.refused_by_provider", payment_id=str(attempt.id), reason=reason)
        if attempt.provider_reference is None:
            await self._db.acting_as(SERVICE).run(_FAIL, attempt.id)
        else:
            later = self._now() + _pause(attempt.attempts)
            is_watched = later < attempt.placed_at + self._terms.watch
            await self._later(attempt, claimed_until, later if is_watched else None)

    async def _later(
        self, attempt: Attempt, claimed_until: datetime, due_at: datetime | None
    ) -> None:
        await self._db.acting_as(SERVICE).run(_LOOK_AGAIN, attempt.id, claimed_until, due_at, None)

    # ---- money that goes back

    async def _work_refunds(self) -> int:
        now = self._now()
        until = now + self._terms.claim
        refunds = await self._db.acting_as(SERVICE).all(_CLAIM_REFUNDS, now, until, _BATCH)
        await _together(self._work_refund(refund, until) for refund in refunds)
        return len(refunds)

    async def _work_refund(self, refund: Refund, claimed_until: datetime) -> None:
        provider = self._providers.get(refund.provider or "")
        if (
            provider is None
            or refund.method != "original"
            or (not provider.capabilities.refunds_itself)
        ):
            await self._refund_later(refund, claimed_until, None, None)  # A person does it.
            return
        try:
            answer = await provider.refund(refund, self._now())
        except ProviderRefused as refused:
            await self._note_refund(refund, refund.refund_reference, "failed", str(refused)[:500])
            return
        except Exception as error:
            _log_failed_call("refund.call_failed", refund.id, error)
            due_at = self._now() + _pause(refund.attempts)
            await self._refund_later(refund, claimed_until, due_at, "the provider did not answer")
            return
        await self._note_refund(refund, answer.reference, answer.status, answer.note)
        if answer.status == "pending":
            due_at = self._now() + _pause(refund.attempts + 4)
            await self._refund_later(refund, claimed_until, due_at, None)

    async def _note_refund(
        self, refund: Refund, reference: str | None, status: str, note: str | None
    ) -> None:
        await self._db.acting_as(SERVICE).one(
            _MOVE_REFUND, refund.id, refund.provider, reference, status, note
        )

    async def _refund_later(
        self, refund: Refund, claimed_until: datetime, due_at: datetime | None, note: str | None
    ) -> None:
        await self._db.acting_as(SERVICE).run(
            _REFUND_AGAIN, refund.id, refund.is_reversal, claimed_until, due_at, note
        )

    # ---- orders that nobody paid

    async def _expire(self) -> bool:
        """Cancel a page of what is past its time; whether another page may follow.

        The walk goes by time to pay, past orders whose expiry raises: however many there are, those
        behind them give their stock back.
        """
        now, terms = self._now(), self._terms
        place = (self._walked_to.pay_until, self._walked_to.order_id) if self._walked_to else _START
        unpaid = await self._db.acting_as(SERVICE).all(
            _UNPAID, now, terms.grace, terms.upi_grace, *place, _BATCH
        )
        for order in unpaid:
            if self._put_off.get(order.order_id, now) <= now:
                await self._expire_one(order.order_id, now)
        self._walked_to = unpaid[-1] if len(unpaid) == _BATCH else None
        return self._walked_to is not None

    async def _expire_one(self, order_id: UUID, now: datetime) -> None:
        try:
            await self._db.acting_as(SERVICE).one(_EXPIRE, order_id)
        except DatabaseUnavailable:
            raise
        except TransactionConflict as error:
            # Somebody else has it: the next walk looks again.
            log.warning("order.not_expired", order_id=str(order_id), reason=str(error))
        except Exception:
            # The top of one order: whatever is wrong with it, the others give their stock back.
            log.exception("order.not_expired", order_id=str(order_id))
            self._put_off = {id_: at for id_, at in self._put_off.items() if at > now}
            self._put_off[order_id] = now + _EXPIRE_AGAIN
        else:
            self._put_off.pop(order_id, None)


def _pause(attempts: int) -> timedelta:
    doubled: int = 2 ** min(attempts, 16)
    return min(_PAUSE_MAX, _PAUSE_FIRST * doubled)


def _log_failed_call(event: str, id_: UUID, error: Exception) -> None:
    if isinstance(error, ProviderUnavailable):
        log.warning(event, id=str(id_), reason=str(error))
    else:
        log.exception(event, id=str(id_))


async def _together(work: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*work)
