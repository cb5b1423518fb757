"""What a fault may interrupt: how it is prepared, done, done again, and what must be true then.

`do` stands on its own, so that a process of its own can die of it. `attempt`: how often it was
tried before; whoever tries again does it with the same key, later.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID

import asyncpg

from db import Database
from livecommerce.maintenance.job import Limits, run
from livecommerce.maintenance.table import job_named
from shop import payouts
from shop.checkout import Checkout, OrderRequest
from shop.payments import inbox
from shop.payments.desk import PaymentDesk
from shop.payments.provider import Event, Refund, RefundAnswer
from shop.payments.scripted import TestProvider
from shop.payouts import DEFAULT_PAYOUT_TERMS
from tests.faults.sweep import Fault, Sweep
from tests.shop.after_sale.sold import Seller, Sold
from tests.shop.payments.till import PRICE, Till
from tests.shop.shop_under_test import Influencer, Product, a_request

OFF: Final = 5000
ADMIN: Final = UUID(int=7)
AGAIN_AFTER: Final = timedelta(minutes=3)
# The bank's own books; not in a schema whose tables are the program's.
BANK: Final = """
create schema outside;
create table outside.given_back (key text primary key, amount_minor bigint not null)
"""


@dataclass(frozen=True)
class Subject:
    """One thing to be done. ids: what else belongs to it, by name."""

    url: str
    now: datetime
    user_id: UUID
    request: Any = None
    ids: tuple[tuple[str, UUID], ...] = ()

    def __getitem__(self, name: str) -> UUID:
        return dict(self.ids)[name]

    def at(self, attempt: int) -> datetime:
        return self.now + attempt * AGAIN_AFTER


class Operation(Protocol):
    """what: is done, in words. awaits: how many there are at least. faults: beside the end of the
    process."""

    what: ClassVar[str]
    awaits: ClassVar[int]
    faults: ClassVar[tuple[Fault, ...]]

    async def open(self, till: Till, url: str) -> None: ...

    async def prepare(self) -> Subject: ...

    @staticmethod
    async def do(db: Database, sweep: Sweep, subject: Subject, attempt: int) -> Any: ...

    async def verify(self, subject: Subject, answers: Sequence[Any]) -> None:
        """answers: of the attempts that had one, the last of which was left in peace."""
        ...


class _Operation:
    till: Till
    url: str

    async def open(self, till: Till, url: str) -> None:
        self.till, self.url = till, url
        await self._open()

    async def _open(self) -> None: ...

    async def numbers(self, statement: str, *args: object) -> tuple[Any, ...]:
        row = await self.till.sql.fetchrow(statement, *args)
        assert row is not None, "it is not there"
        return tuple(row)


class Placing(_Operation):
    """An order with a coupon out of the cart, in a live session."""

    what = "orders"
    awaits = 3
    faults = ("reset", "timeout", "cancelled", "left")
    product: Product
    live: UUID

    async def _open(self) -> None:
        self.product = await self.till.product(stock=100_000)
        self.live = await self.till.live_session(await self.till.influencer(), self.product)
        await self.till.sql.execute(
            "insert into private.coupons (code, title, kind, amount_minor, funded_by, quota)"
            f" values ('OFF', 'A coupon', 'fixed', {OFF}, 'platform', 100000)"
        )

    async def prepare(self) -> Subject:
        customer = await self.till.customer()
        await self.till.sql.execute(
            "insert into cart (customer_id, product_id, variant_id, quantity, live_session_id,"
            " touched_at) select id, $1, $2, 1, $3, now() from customers where user_id = $4",
            self.product.id,
            self.product.variant_id,
            self.live,
            customer,
        )
        request = replace(
            a_request(self.product, PRICE - OFF, live_session_id=self.live),
            coupon_code="OFF",
            from_cart=True,
        )
        return Subject(self.url, datetime.now(UTC), customer, request)

    @staticmethod
    async def do(db: Database, sweep: Sweep, subject: Subject, attempt: int) -> UUID:
        request: OrderRequest = subject.request
        checkout = Checkout(db)
        try:
            return (await checkout.place(subject.user_id, request)).order.id
        finally:
            await checkout.close()

    async def verify(self, subject: Subject, answers: Sequence[UUID]) -> None:
        assert len(set(answers)) == 1, "every attempt is told of the same order"
        found = await self.numbers(
            "select count(*), min(o.id::text), sum((select count(*) from private.payments p"
            " where p.order_id = o.id)), sum((select sum(delta) from private.stock_moves m"
            " where m.order_id = o.id)), sum((select count(*) from private.coupon_redemptions r"
            " where r.order_id = o.id)), sum((select count(*) from private.outbox b"
            " where b.payload -> 'order_ids' ? o.id::text)), (select count(*) from cart"
            " where customer_id = c.id)"
            " from orders o join customers c on c.id = o.customer_id where c.user_id = $1"
            " group by c.id",
            subject.user_id,
        )
        assert found == (1, str(answers[0]), 1, -1, 1, 1, 0), found


class WebhookArriving(_Operation):
    """A capture, by which the order takes its stock; the provider repeats what was not answered."""

    what = "captures"
    awaits = 10
    faults = ("reset", "timeout", "cancelled")
    product: Product
    live: UUID

    async def _open(self) -> None:
        self.product = await self.till.product(stock=100_000)
        self.live = await self.till.live_session(await self.till.influencer(), self.product)
        await self.till.sql.execute("update live_sessions set hold_policy = 'first_paid'")
        self.phone = await self.till.script({"kind": "pending"})

    async def prepare(self) -> Subject:
        bought = await self.till.buy(
            product=self.product, live_session_id=self.live, phone=self.phone
        )
        event = bought.event(f"evt_{bought.payment_id}", "captured")
        ids = (("order", bought.order_id), ("payment", bought.payment_id))
        return Subject(self.url, datetime.now(UTC), bought.user_id, event, ids)

    @staticmethod
    async def do(db: Database, sweep: Sweep, subject: Subject, attempt: int) -> None:
        event: Event = subject.request
        await inbox.receive(db, "test", "webhook", [event])
        if attempt > 0:
            # What was stored and not applied is the desk's.
            await inbox.apply_open(db, subject.at(attempt), 100)

    async def verify(self, subject: Subject, answers: Sequence[None]) -> None:
        found = await self.numbers(
            "select o.status, o.payment_status, o.allocation, p.status, e.state,"
            " (select sum(delta) from private.stock_moves m where m.order_id = o.id),"
            " (select count(*) from private.ledger_events l where l.order_id = o.id)"
            " from orders o join private.payments p on p.order_id = o.id"
            " join private.payment_events e on e.payment_id = p.id where o.id = $1",
            subject["order"],
        )
        assert found == ("confirmed", "paid", "taken", "captured", "applied", -1, 1), found


class Bank(TestProvider):
    """A provider with books of its own, where the same key gives money back once."""

    def __init__(self, db: Database, url: str, sweep: Sweep) -> None:
        super().__init__(db)
        self._url = url
        self._sweep = sweep

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        async def given_back() -> RefundAnswer:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(
                    "insert into outside.given_back values ($1, $2) on conflict do nothing",
                    refund.key,
                    refund.amount_minor,
                )
            finally:
                await connection.close()
            return RefundAnswer(f"bank_{refund.key}", "succeeded")

        return await self._sweep.around("the provider's refund", given_back)


class Refunding(_Operation):
    """The desk gives back what a cancelled order was paid."""

    what = "refunds"
    awaits = 15
    faults = ("reset", "timeout", "cancelled")
    product: Product

    async def _open(self) -> None:
        self.product = await self.till.product(stock=100_000)
        self.sold = Sold(self.till)
        await self.till.sql.execute(BANK)

    async def prepare(self) -> Subject:
        order = await self.sold.order((self.product, 1))
        await self.sold.cancel(order.customer, order)
        [refund] = await self.till.sql.fetch("select id from refunds where order_id = $1", order.id)
        ids = (("order", order.id), ("refund", refund["id"]))
        # By its own clock, which is ahead of what the database has dated.
        now = datetime.now(UTC) + timedelta(seconds=30)
        return Subject(self.url, now, order.customer.user_id, None, ids)

    @staticmethod
    async def do(db: Database, sweep: Sweep, subject: Subject, attempt: int) -> None:
        providers: Any = {"test": Bank(db, subject.url, sweep)}
        await PaymentDesk(db, providers, lambda: subject.at(attempt)).sweep()

    async def verify(self, subject: Subject, answers: Sequence[None]) -> None:
        found = await self.numbers(
            "select r.status, r.amount_minor, o.status, o.payment_status,"
            " (select sum(delta) from private.stock_moves m where m.order_id = o.id),"
            " (select count(*) from private.ledger_events l"
            "   where l.source_type = 'refund' and l.source_id = r.id),"
            " (select array_agg(b.amount_minor) from outside.given_back b"
            "   where b.key like r.id || '%')"
            " from refunds r join orders o on o.id = r.order_id where r.id = $1",
            subject["refund"],
        )
        assert found == ("succeeded", PRICE, "cancelled", "refunded", 0, 1, [PRICE]), found


class _Earned(_Operation):
    """Sales that were delivered, of one wholesaler and one influencer who can be paid."""

    faults = ("reset", "timeout", "cancelled")
    product: Product
    live: UUID
    seller: Seller
    influencer: Influencer

    async def _open(self) -> None:
        self.sold = Sold(self.till)
        self.seller = await self.sold.seller()
        self.product = await self.sold.product(self.seller, price="1180", stock=100_000)
        self.influencer = await self.till.influencer()
        self.live = await self.till.live_session(self.influencer, self.product)
        self.days = 0
        for table in ("wholesalers", "influencers"):
            await self.till.sql.execute(
                f"update {table} set verification_status = 'verified',"
                " bank_account_number = 'sealed:v1:x:y', ifsc_code = 'sealed:v1:x:y'"
            )

    async def earned(self) -> datetime:
        """By when what was sold now can be paid out, in a batch of its own."""
        order = await self.sold.order((self.product, 1), live_session_id=self.live)
        await self.sold.delivered(self.seller, order)
        self.days += 8  # Over the hold, and time for the next batch.
        return datetime.now(UTC) + timedelta(days=self.days)


class PayingOut(_Earned):
    """The worker's job: frees what was earned, and pays it out, payee by payee."""

    what = "payout runs"
    awaits = 20

    async def prepare(self) -> Subject:
        return Subject(self.url, await self.earned(), ADMIN)

    @staticmethod
    async def do(db: Database, sweep: Sweep, subject: Subject, attempt: int) -> None:
        # The others are terms of other jobs.
        limits = Limits(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, DEFAULT_PAYOUT_TERMS)
        await run(job_named("payouts"), db, subject.at(attempt), limits, batch=1)

    async def verify(self, subject: Subject, answers: Sequence[None]) -> None:
        # The worked example: 906.00 for the wholesaler and 135.00 for the influencer.
        rows = await self.till.sql.fetch(
            "select a.name, sum(x.amount_minor)::bigint as amount, count(distinct b.id) as batches,"
            " min(a.balance_minor) as left, bool_and(b.closed_at is not null) as is_closed"
            " from private.payouts x join private.payout_batches b on b.id = x.batch_id"
            " join private.ledger_accounts a on a.id = x.account_id"
            " where b.created_at >= $1 group by a.name order by 1",
            subject.now,
        )
        assert [tuple(row) for row in rows] == [
            ("influencer_available", 13_500, 1, 0, True),
            ("wholesaler_available", 90_600, 1, 0, True),
        ], rows


class ConfirmingPayout(_Earned):
    """An admin says that the bank has paid."""

    what = "payouts"
    awaits = 8

    async def prepare(self) -> Subject:
        now = await self.earned()
        await self.till.sql.fetch("select * from private.release_matured_v1($1, null, 500, 7)", now)
        batch = await payouts.make_batch(
            self.till.db, ADMIN, uuid.uuid4(), DEFAULT_PAYOUT_TERMS, now
        )
        payout_id = await self.till.sql.fetchval(
            "select x.id from private.payouts x join private.ledger_accounts a"
            " on a.id = x.account_id where x.batch_id = $1 and a.name = 'wholesaler_available'",
            batch.id,
        )
        return Subject(self.url, now, ADMIN, None, (("payout", payout_id),))

    @staticmethod
    async def do(db: Database, sweep: Sweep, subject: Subject, attempt: int) -> str:
        payout = await payouts.move(
            db, subject.user_id, subject["payout"], "paid", "UTR 1", subject.at(attempt)
        )
        return payout.status

    async def verify(self, subject: Subject, answers: Sequence[str]) -> None:
        assert set(answers) == {"paid"}, answers
        found = await self.numbers(
            "select x.status, (select sum(n.amount_minor) from private.ledger_events e"
            " join private.ledger_entries n on n.event_id = e.id"
            " join private.ledger_accounts a on a.id = n.account_id"
            " where e.source_type = 'payout' and e.source_id = x.id and a.name = 'payout_clearing')"
            " from private.payouts x where x.id = $1",
            subject["payout"],
        )
        assert found == ("paid", 0), found


OPERATIONS: Final = {
    operation.__name__: operation
    for operation in (Placing, WebhookArriving, Refunding, PayingOut, ConfirmingPayout)
}
