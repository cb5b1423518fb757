"""What becomes of the orders of the model: payments, parcels, cancellations, returns, refunds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.shop.state_machine.orders import Line, Order, Parcel, Part, Payment, Refund, Return

_RANK = {"created": 0, "pending": 1, "failed": 2, "cancelled": 3}
_PATH = ("pending", "confirmed", "processing", "shipped", "delivered")


@dataclass
class AfterSale:
    orders: list[Order] = field(default_factory=list)

    @abstractmethod
    def put_back(self, pieces: Iterable[tuple[int, int]]) -> None: ...

    @abstractmethod
    def take(self, order: Order) -> bool: ...

    # ---- payments

    def told(self, order: Order, payment: Payment, kind: str, is_right: bool) -> None:
        """The provider says something of a payment. is_right: of the amount that was asked for."""
        if not payment.is_known:
            payment.waiting.append((kind, is_right))
        elif kind == "captured":
            if is_right and not payment.is_money:
                self._capture(order, payment)
        elif _RANK[kind] > _RANK.get(payment.status, 9):
            payment.status = kind
            self._note_unpaid(order)

    def _note_unpaid(self, order: Order) -> None:
        if order.is_unpaid:
            live = [one for one in order.payments if one.status != "cancelled"] or order.payments
            order.payment_status = "failed" if live[-1].status == "failed" else "pending"

    def _capture(self, order: Order, payment: Payment) -> None:
        payment.status = "captured"
        if not order.is_unpaid:
            payment.is_excess, payment.reversal = True, "pending"
            return
        order.payment_status, order.method = "paid", payment.provider
        if order.status == "pending":
            order.status = "confirmed"
        self._cancel_payments(order, but=payment)
        self._sell(order, payment, has_money=True)
        if order.status == "cancelled":
            self._refund_rest(order)
        elif order.allocation == "on_payment":
            if self.take(order):
                order.allocation = "taken"
            else:
                self._call_off(order)
                self._refund_rest(order)
        else:
            # In cash some of it may have been cancelled before an older attempt was paid after all.
            gone = [(place, line.cancelled) for place, line in enumerate(order.lines)]
            self._refund(order, [Part(place, n, _last(order, place, n)) for place, n in gone])

    def _cancel_payments(self, order: Order, but: Payment | None = None) -> None:
        for payment in order.payments:
            if payment is not but and payment.status in ("created", "pending", "failed"):
                payment.status = "cancelled"

    def _sell(self, order: Order, payment: Payment, *, has_money: bool) -> None:
        if order.is_sold or order.status == "cancelled":
            order.owed_minor += payment.amount_minor
            return
        order.is_sold = True
        order.shipping_income, order.cod_fee_income = order.shipping_minor, order.cod_fee_minor
        rest = payment.amount_minor - order.shipping_minor - order.cod_fee_minor
        for line in order.lines:
            line.sold = line.quantity - (line.cancelled if payment.provider == "cod" else 0)
            line.has_money = has_money
            rest -= line.share.paid_minor
        assert rest == 0, "a customer pays what the pieces cost that were not cancelled"

    def has_pieces(self, order: Order) -> bool:
        """Nothing takes them later for an order in cash."""
        if order.allocation == "on_payment" and self.take(order):
            order.allocation = "taken"
        return order.allocation == "taken"

    def pay_again(self, order: Order, payment: Payment) -> None:
        self._cancel_payments(order)
        order.payments.append(payment)
        order.method = payment.provider
        order.has_deadline = payment.provider != "cod"
        self._note_unpaid(order)

    # ---- the desk

    def sweep(self, *, is_late: bool) -> None:
        """is_late: the time to pay is over for every order."""
        for order in self.orders:
            for payment in order.payments:
                if payment.is_known:
                    waiting, payment.waiting = payment.waiting, []
                    for kind, is_right in waiting:
                        self.told(order, payment, kind, is_right)
        for order in self.orders:
            for payment in order.payments:
                if payment.provider == "test" and payment.status == "created":
                    payment.is_known, payment.status = True, "pending"
                    if not order.is_silent:
                        self.told(order, payment, "captured", True)
        for order in self.orders:
            for refund in order.refunds:
                if (refund.method, refund.status) == ("original", "pending"):
                    self.settle_refund(order, refund, "succeeded")
            for payment in order.payments:
                if payment.reversal == "pending":
                    payment.reversal = "succeeded"
        if is_late:
            for order in self.orders:
                if order.status == "pending" and order.is_unpaid and order.has_deadline:
                    self._cancel_payments(order)
                    self._call_off(order)

    def _call_off(self, order: Order) -> None:
        """An order of which nothing has left, as a whole."""
        pieces = [(line.variant, line.quantity - line.cancelled) for line in order.lines]
        if order.allocation == "taken":
            self.put_back(pieces)
        for line in order.lines:
            line.cancelled = line.quantity
        order.status, order.allocation = "cancelled", "released"

    # ---- cash

    def collect(self, order: Order) -> None:
        for payment in order.payments:
            if (payment.provider, payment.status) == ("cod", "created"):
                payment.status = "collected"
                if order.is_unpaid:
                    order.payment_status = "paid"
                self._sell(order, payment, has_money=False)

    def remit(self, order: Order, payment: Payment) -> None:
        payment.status = "remitted"
        for line in order.lines:
            line.has_money = True

    # ---- parcels and cancellations

    def pack(self, parcel: Parcel) -> None:
        parcel.order.parcels.append(parcel)
        self._settle(parcel.order)

    def unpack(self, parcel: Parcel) -> None:
        parcel.order.parcels.remove(parcel)

    def ship(self, parcel: Parcel) -> None:
        parcel.status = "shipped"
        for place, units in parcel.units.items():
            parcel.order.lines[place].shipped += units
        self._settle(parcel.order)

    def deliver(self, parcel: Parcel) -> None:
        parcel.status = "delivered"
        for place, units in parcel.units.items():
            parcel.order.lines[place].delivered += units
        self._settle(parcel.order)

    def bring_back(self, parcel: Parcel, *, to_shelf: bool) -> None:
        parcel.status = "returned"
        for place, units in parcel.units.items():
            parcel.order.lines[place].shipped -= units
        self.void(parcel.order, parcel.units, is_under_way=True, to_shelf=to_shelf)

    def void(
        self, order: Order, units: Mapping[int, int], *, is_under_way: bool = False,
        to_shelf: bool = True,
    ) -> None:  # fmt: skip
        """Pieces that the order has no longer."""
        parts = []
        for place, n in sorted(units.items()):
            line = order.lines[place]
            open_ = line.quantity - line.cancelled
            parts.append(Part(place, n, line.units_minor(open_ - n, open_)))
            line.cancelled += n
        is_all = order.open_units == 0
        if is_all:
            parts += order.other_parts()
        if order.payment_status in ("paid", "partially_refunded"):
            self._refund(order, parts)
        else:
            self._collect_less(order, parts, is_all=is_all, is_under_way=is_under_way)
        if to_shelf and order.allocation == "taken":
            self.put_back((order.lines[place].variant, n) for place, n in units.items())
        if is_all:
            order.status, order.allocation = "cancelled", "released"
        else:
            self._settle(order)

    def _collect_less(
        self, order: Order, parts: list[Part], *, is_all: bool, is_under_way: bool
    ) -> None:
        if is_all:
            self._cancel_payments(order)
        for payment in order.payments:
            if payment.provider == "cod" and payment.status in ("created", "cancelled"):
                if is_all:
                    payment.status = "returned" if is_under_way else "cancelled"
                else:
                    payment.amount_minor -= sum(one.amount_minor for one in parts)

    def _settle(self, order: Order) -> None:
        shipped = sum(line.shipped for line in order.lines)
        packed = sum(order.packed(place) for place in range(len(order.lines)))
        if sum(line.delivered for line in order.lines) == order.open_units:
            self._move(order, "delivered")
            self.collect(order)
        elif shipped == order.open_units:
            self._move(order, "shipped")
        elif shipped + packed > 0:
            self._move(order, "processing")
        for line in order.lines:
            line.is_delivered |= 0 < line.delivered == line.quantity - line.cancelled

    def _move(self, order: Order, to: str) -> None:
        if order.status in _PATH and _PATH.index(order.status) < _PATH.index(to):
            order.status = to

    # ---- returns

    def receive(self, one: Return, arrived: Mapping[int, int], to_shelf: bool) -> None:
        order, parts = one.order, []
        for place, n in _by_item(order, arrived):
            line = order.lines[place]
            if n > 0:
                parts.append(Part(place, n, line.units_minor(line.returned, line.returned + n)))
            line.returned += n
        if all(line.quantity <= line.cancelled + line.returned for line in order.lines) and parts:
            parts += order.other_parts()
        one.arrived = dict(arrived)
        one.status = "received" if parts else "rejected"
        self._refund(order, _within(parts, order.refundable_minor), one)
        if to_shelf:
            self.put_back((order.lines[place].variant, n) for place, n in arrived.items())

    # ---- refunds

    def _refund(self, order: Order, parts: list[Part], from_return: Return | None = None) -> None:
        parts = [one for one in parts if one.amount_minor > 0 or one.quantity > 0]
        if sum(one.amount_minor for one in parts) > 0:
            method = "upi" if order.method == "cod" else "original"
            order.refunds.append(Refund(parts, method, from_return))

    def _refund_rest(self, order: Order) -> None:
        parts = [
            Part(place, line.quantity, line.whole.paid_minor)
            for place, line in enumerate(order.lines)
        ]
        self._refund(order, parts + order.other_parts())

    def settle_refund(self, order: Order, refund: Refund, to: str) -> None:
        """What was pending has failed or succeeded; what had failed may succeed after all."""
        if refund.status == "succeeded" or (refund.status, to) == ("failed", "failed"):
            return
        refund.status = to
        if to != "succeeded":
            return
        self._give_back(order, refund)
        is_all = sum(
            r.amount_minor for r in order.refunds if r.status == "succeeded"
        ) >= order.captured_minor  # fmt: skip
        if order.payment_status in ("paid", "partially_refunded"):
            order.payment_status = "refunded" if is_all else "partially_refunded"
            if is_all and order.status == "delivered":
                order.status = "refunded"
        if refund.from_return is not None and refund.from_return.status == "received":
            refund.from_return.status = "refunded"

    def retry_refund(self, refund: Refund) -> None:
        refund.status = "pending"

    def _give_back(self, order: Order, refund: Refund) -> None:
        """Out of the books of each line, and of what the order earned besides."""
        if not order.is_sold:
            order.owed_minor -= refund.amount_minor
            return
        for one in refund.parts:
            if one.kind == "shipping":
                order.shipping_income -= one.amount_minor
            elif one.kind == "cod_fee":
                order.cod_fee_income -= one.amount_minor
            else:
                assert one.line is not None
                line = order.lines[one.line]
                line.refunded += one.quantity
                line.refunded_minor += one.amount_minor


def _by_item(order: Order, units: Mapping[int, int]) -> list[tuple[int, int]]:
    """In the order in which the database takes lines."""
    return sorted(units.items(), key=lambda one: order.lines[one[0]].item_id)


def _last(order: Order, place: int, n: int) -> int:
    line = order.lines[place]
    return line.units_minor(line.quantity - n, line.quantity)


def _within(parts: list[Part], left_minor: int) -> list[Part]:
    """The first of these parts that fit into an amount; the last of them in part."""
    fitting = []
    for one in parts:
        if left_minor > 0:
            amount = min(one.amount_minor, left_minor)
            fitting.append(Part(one.line, one.quantity, amount, one.kind))
            left_minor -= one.amount_minor
    return fitting


def earned(line: Line) -> bool:
    return line.has_money and line.is_delivered and bool(line.sold)
