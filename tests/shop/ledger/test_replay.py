"""B30: whatever happens in whichever order, and however often it is told, the balances are those
of a model that never looks at the ledger: it knows what was paid, given back, delivered and paid
out, and works every balance out from that alone."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import Database, logins_of
from shop.money import apportion, part
from shop.splits import Share, given_back
from tests.shop.ledger.books import Books, Line, Order

MINIMUM = 10_000


@dataclass
class LineModel:
    line: Line
    refunded_quantity: int = 0
    refunded_minor: int = 0
    is_delivered: bool = False
    is_released: bool = False

    @property
    def returned(self) -> Share:
        return given_back(
            self.line.share, self.line.quantity, self.refunded_quantity, self.refunded_minor
        )

    @property
    def left_minor(self) -> int:
        return self.line.paid_minor - self.refunded_minor


@dataclass
class OrderModel:
    order: Order
    shipping_minor: int
    lines: list[LineModel]
    is_paid: bool = False
    is_remitted: bool = False
    shipping_refunded_minor: int = 0
    refunded_minor: int = 0

    @property
    def is_cash(self) -> bool:
        return self.order.provider == "cod"

    @property
    def has_money(self) -> bool:
        return self.is_remitted if self.is_cash else self.is_paid


@dataclass
class PayoutModel:
    account: str
    amount_minor: int
    status: str = "pending"


@dataclass
class Model:
    orders: list[OrderModel] = field(default_factory=list)
    payouts: dict[uuid.UUID, PayoutModel] = field(default_factory=dict)

    def available(self) -> Counter[str]:
        """Of each payee: what is released of his, less what is paid out or on its way."""
        sums: Counter[str] = Counter()
        for _, line in self._paid_lines():
            if line.is_released:
                sums.update(_to_payees(line, "available"))
        for payout in self.payouts.values():
            if payout.status in ("pending", "paid"):
                sums[payout.account] -= payout.amount_minor
        return sums

    def balances(self) -> dict[str, int]:
        sums = self.available()
        for order in self.orders:
            self._add_order(sums, order)
        for _, line in self._paid_lines():
            if not line.is_released:
                sums.update(_to_payees(line, "pending"))
            _add_platform(sums, line)
        for payout in self.payouts.values():
            if payout.status == "pending":
                sums["payout_clearing"] += payout.amount_minor
            elif payout.status == "paid":
                sums["gateway_clearing:bank"] += payout.amount_minor
        return {name: amount for name, amount in sums.items() if amount}

    def _add_order(self, sums: Counter[str], order: OrderModel) -> None:
        if not order.is_paid:
            return
        holder = "gateway_clearing:test"
        if order.is_cash:
            holder = "gateway_clearing:bank" if order.is_remitted else "cod_in_transit"
        sums[holder] -= order.order.total_minor
        sums["gateway_clearing:bank" if order.is_cash else holder] += order.refunded_minor
        sums["shipping_income"] += order.shipping_minor - order.shipping_refunded_minor

    def _paid_lines(self) -> Iterator[tuple[OrderModel, LineModel]]:
        for order in self.orders:
            if order.is_paid:
                yield from ((order, line) for line in order.lines)

    def release(self) -> None:
        for order, line in self._paid_lines():
            line.is_released |= order.has_money and line.is_delivered


def _to_payees(line: LineModel, shelf: str) -> Counter[str]:
    share, sold = line.line.share - line.returned, line.line
    sums = Counter(
        {f"wholesaler_{shelf}:{sold.wholesaler}": share.wholesaler_minor + share.discount_minor}
    )
    if sold.influencer is not None:
        own = share.discount_minor if sold.funded_by == "influencer" else 0
        sums[f"influencer_{shelf}:{sold.influencer}"] = share.influencer_minor - own
    return sums


def _add_platform(sums: Counter[str], line: LineModel) -> None:
    share = line.line.share - line.returned
    sums["platform_fee_income"] += share.fee_minor
    sums["platform_influencer_cut"] += share.cut_minor
    sums["gst_on_fees"] += share.fee_gst_minor
    sums["tcs_payable"] += share.tcs_minor
    sums["tds_payable"] += share.tds_minor
    if line.line.funded_by == "platform" or line.line.influencer is None:
        sums["discount_funding"] -= share.discount_minor


class World:
    """The books and the model beside each other; each step is done to both."""

    def __init__(self, books: Books, data: st.DataObject) -> None:
        self.books = books
        self.data = data
        self.model = Model()

    def _one_of(self, things: list[Any]) -> Any:
        return self.data.draw(st.sampled_from(things))

    async def sell(self) -> None:
        lines = self.data.draw(st.lists(LINES, min_size=1, max_size=3))
        shipping = self._one_of([0, 4_900])
        order = await self.books.order(
            *lines, provider=self._one_of(["test", "cod"]), shipping_minor=shipping
        )
        self.model.orders.append(OrderModel(order, shipping, [LineModel(line) for line in lines]))

    async def pay(self) -> None:
        order = self._one_of(self.model.orders)
        await (self.books.collect if order.is_cash else self.books.capture)(order.order)
        order.is_paid = True

    async def remit(self) -> None:
        order = self._one_of(self.model.orders)
        if order.is_cash:
            await self.books.remit(order.order)
            await self._mark_paid(order)
            order.is_paid = order.is_remitted = True

    async def _mark_paid(self, order: OrderModel) -> None:
        await self.books.sql.execute(
            "update orders set payment_status = 'paid'"
            " where id = $1 and payment_status = 'pending'",
            order.order.id,
        )

    async def deliver(self) -> None:
        order = self._one_of(self.model.orders)
        place = self.data.draw(st.integers(0, len(order.lines) - 1))
        await self.books.deliver(order.order, place)
        order.lines[place].is_delivered = True

    async def refund_some(self) -> None:
        order = self._one_of(self.model.orders)
        place = self.data.draw(st.integers(0, len(order.lines) - 1))
        line = order.lines[place]
        if not order.is_paid or line.left_minor == 0:
            return
        pieces, amount = self._wanted(line)
        if amount == 0:
            return
        refund_id = await self.books.refund(order.order, amount, (place, pieces, amount))
        await self.books.sql.execute("select private.ledger_refunded_v1($1)", refund_id)
        line.refunded_quantity += pieces
        line.refunded_minor += amount
        order.refunded_minor += amount

    def _wanted(self, line: LineModel) -> tuple[int, int]:
        """Some pieces at what they cost, or an amount for none."""
        paid, whole = line.line.paid_minor, line.line.quantity
        left = whole - line.refunded_quantity
        if left > 0 and self.data.draw(st.booleans()):
            pieces = self.data.draw(st.integers(1, left))
            cost = part(paid, line.refunded_quantity + pieces, whole) - part(
                paid, line.refunded_quantity, whole
            )
            return pieces, min(cost, line.left_minor)
        return 0, self.data.draw(st.integers(1, line.left_minor))

    async def refund_the_rest(self) -> None:
        order = self._one_of(self.model.orders)
        amount = order.order.total_minor - order.refunded_minor
        if not order.is_paid or amount == 0:
            return
        await self.books.refund(order.order, amount)
        order.refunded_minor += amount
        order.shipping_refunded_minor = order.shipping_minor
        for line in order.lines:
            line.refunded_quantity, line.refunded_minor = line.line.quantity, line.line.paid_minor

    async def refund_a_share(self) -> None:
        """Without a word for what: a share of everything that is left."""
        order = self._one_of(self.model.orders)
        left = order.order.total_minor - order.refunded_minor
        if not order.is_paid or left < 2:
            return
        amount = self.data.draw(st.integers(1, left - 1))
        await self.books.refund(order.order, amount)
        lines = sorted(zip(order.order.item_ids, order.lines, strict=True), key=lambda one: one[0])
        parts = [line.left_minor for _, line in lines]
        shares = apportion(amount, [*parts, order.shipping_minor - order.shipping_refunded_minor])
        for (_, line), share in zip(lines, shares[:-1], strict=True):
            line.refunded_minor += share
            if 0 < share == line.left_minor + share:
                line.refunded_quantity = line.line.quantity
        order.shipping_refunded_minor += shares[-1]
        order.refunded_minor += amount

    async def mature(self) -> None:
        """Everything of an order that has to come about before it is paid out."""
        order = self._one_of(self.model.orders)
        await (self.books.remit if order.is_cash else self.books.capture)(order.order)
        order.is_paid = True
        order.is_remitted = order.is_cash
        await self._mark_paid(order)
        await self.books.deliver(order.order)
        for line in order.lines:
            line.is_delivered = True
        await self.release()

    async def release(self) -> None:
        await self.books.release()
        self.model.release()

    async def pay_out(self) -> None:
        due = {k: v for k, v in self.model.available().items() if v >= MINIMUM}
        batch_id = uuid.uuid4()
        for _ in range(2):
            await self.books.sql.execute(
                "select private.make_payout_batch_v1($1, $1, $2, now())", batch_id, MINIMUM
            )
        rows = await self.books.sql.fetch(
            "select p.id, p.payee_kind, p.payee_id, p.amount_minor from private.payouts p"
            " where p.batch_id = $1",
            batch_id,
        )
        for row in rows:
            owners = [
                *self.books.wholesalers,
                *(influencer.id for influencer in self.books.influencers),
            ]
            place = owners.index(row["payee_id"]) % len(self.books.wholesalers)
            account = f"{row['payee_kind']}_available:{place}"
            assert row["amount_minor"] == due.pop(account)
            self.model.payouts[row["id"]] = PayoutModel(account, row["amount_minor"])
        assert due == {}, "somebody was left out"

    async def move_a_payout(self) -> None:
        if not self.model.payouts:
            return
        payout_id = self._one_of(list(self.model.payouts))
        payout = self.model.payouts[payout_id]
        allowed = {"pending": {"paid", "returned", "cancelled"}, "paid": {"paid", "returned"}}
        for to in self.data.draw(st.lists(MOVES, min_size=1, max_size=3)):
            word = await self.books.sql.fetchval(
                "select private.move_payout_v1($1, $2, 'x', null, now())", payout_id, to
            )
            is_allowed = to == payout.status or to in allowed.get(payout.status, set())
            assert word == ("done" if is_allowed else "wrong_state")
            if is_allowed:
                payout.status = to


LINES = st.builds(
    Line,
    price_minor=st.sampled_from([0, 1, 99, 3_333, 118_000, 129_900]),
    quantity=st.integers(1, 4),
    wholesaler=st.integers(0, 1),
    influencer=st.sampled_from([0, 1, None]),
).flatmap(
    lambda line: st.builds(
        lambda discount, funded_by: Line(
            line.price_minor, line.quantity, discount, funded_by if discount else None,
            line.wholesaler, line.influencer,
        ),
        st.integers(0, line.price_minor * line.quantity),
        st.sampled_from(["platform", "wholesaler", "influencer"]),
    )
)  # fmt: skip
MOVES = st.sampled_from(["paid", "paid", "returned", "cancelled"])
STEPS = (
    "sell", "pay", "pay", "remit", "deliver", "deliver", "refund_some", "refund_the_rest",
    "refund_a_share", "release", "mature", "mature", "pay_out", "pay_out", "move_a_payout",
    "move_a_payout",
)  # fmt: skip


class Place:
    """Two wholesalers and two influencers in a database; every example is undone."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self._open(url))

    async def _open(self, url: str) -> None:
        self.db = await Database.connect(service=logins_of(url).service, pool_size=1)
        self.sql = await asyncpg.connect(url)
        self.books = Books(self.sql, self.db)
        await self.books.open(2, 2)
        for table in ("wholesalers", "influencers"):
            await self.sql.execute(
                f"update {table} set verification_status = 'verified',"
                " bank_account_number = 'sealed:v1:x:y', ifsc_code = 'sealed:v1:x:y'"
            )

    def close(self) -> None:
        self.loop.run_until_complete(self.sql.close())
        self.loop.run_until_complete(self.db.close())
        self.loop.close()


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    place = Place(database_url)
    yield place
    place.close()


@settings(
    max_examples=40,
    deadline=timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_b30_any_interleaving_gives_the_balances_of_the_plain_model(
    place: Place, data: st.DataObject
) -> None:
    async def example() -> None:
        transaction = place.sql.transaction()
        await transaction.start()
        try:
            world = World(place.books, data)
            await world.sell()
            if data.draw(st.booleans()):
                await world.mature()
                await world.pay_out()
            for step in data.draw(st.lists(st.sampled_from(STEPS), min_size=8, max_size=40)):
                await getattr(world, step)()
                assert await place.books.balances() == world.model.balances()
            assert await place.books.offences() == []
        finally:
            await transaction.rollback()

    place.loop.run_until_complete(example())
