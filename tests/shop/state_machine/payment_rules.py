"""Payments by webhook and by cash, refunds, payouts."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)

from shop import payouts
from shop.payments import back_office, inbox, paying
from shop.payments.scripted import SIGNATURE_HEADER, reference_of, signature
from shop.payouts import PayoutTerms
from tests.shop.state_machine.after_sale import earned
from tests.shop.state_machine.books import Payout
from tests.shop.state_machine.orders import Line, Order, Payment, Refund
from tests.shop.state_machine.place import (
    SECRET,
)
from tests.shop.state_machine.steps import (
    Steps,
    in_cash,
    lines_of,
    methods,
    mostly,
    one_of,
    paid_online,
    refunds_of,
    said,
    same,
)

MINIMUM = 10_000
PAYMENTS = paying.Payments(methods=("cod", "test"))


class PaymentRules(Steps):
    # ---- payments

    @rule(is_late=st.sampled_from([False, False, False, True]))
    def desk_works(self, is_late: bool) -> None:
        for _ in range(3):
            self.run(self.place.sweep(is_late=is_late))
            self.model.sweep(is_late=is_late)

    @precondition(lambda self: any(map(_is_open, paid_online(self.model.orders))))
    @rule(data=st.data(), kind=said, is_right=st.sampled_from([True, True, True, False]))
    def webhook(self, data: st.DataObject, kind: str, is_right: bool) -> None:
        self.tell(*mostly(data, paid_online(self.model.orders), _is_open), kind, is_right)

    def tell(self, order: Order, payment: Payment, kind: str, is_right: bool = True) -> None:
        body = {
            "event_id": str(uuid.uuid4()), "kind": kind, "reference": reference_of(payment.id),
            "amount_minor": payment.amount_minor + (not is_right), "currency": "INR",
        }  # fmt: skip
        assert self._send(body) == 1
        self.model.told(order, payment, kind, is_right)
        self.told.append((order, payment, body))

    @precondition(lambda self: bool(self.told))
    @rule(data=st.data())
    def webhook_again(self, data: st.DataObject) -> None:
        _, _, body = one_of(data, self.told)
        assert self._send(body) == 0

    def _send(self, body: dict[str, Any]) -> int:
        raw = json.dumps(body).encode()
        headers = {SIGNATURE_HEADER: signature(SECRET, raw)}
        events = self.place.provider.parse_webhook(headers, raw, self.place.now())
        return int(self.run(inbox.receive(self.db, "test", "webhook", events)))

    @precondition(lambda self: any(map(_is_payable, self.model.orders)))
    @rule(data=st.data(), method=methods)
    def pay_again(self, data: st.DataObject, method: Any) -> None:
        self.pay(mostly(data, self.model.orders, _is_payable), method)

    def pay(self, order: Order, method: Any) -> None:
        payment = Payment(uuid.uuid4(), method, order.total_minor)
        is_payable = order.is_payable and (method != "cod" or self.model.has_pieces(order))
        work = paying.pay(
            self.db, PAYMENTS, self.people.customers[order.customer].user_id, order.id, payment.id,
            method, self.place.now(),
        )  # fmt: skip
        self.answers(work, None if is_payable else "payment.not_payable")
        if is_payable:
            self.model.pay_again(order, payment)

    # ---- cash

    @precondition(lambda self: any(map(_is_due, in_cash(self.model.orders))))
    @rule(data=st.data())
    def collect_cash(self, data: st.DataObject) -> None:
        order, payment = mostly(data, in_cash(self.model.orders), _is_due)
        is_done = payment.status in ("collected", "remitted")
        may_be = payment.status == "created" and order.status in ("shipped", "delivered")
        work = back_office.collect_cash(self.db, self.people.admin.user_id, payment.id)
        self.answers(work, None if is_done or may_be else "payment.wrong_state")
        if may_be:
            self.model.collect(order)

    @precondition(lambda self: any(map(_is_collected, in_cash(self.model.orders))))
    @rule(data=st.data())
    def remit_cash(self, data: st.DataObject) -> None:
        self.remit(*mostly(data, in_cash(self.model.orders), _is_collected))

    def remit(self, order: Order, payment: Payment) -> None:
        is_here = payment.status in ("collected", "remitted")
        work = back_office.remit_cash(self.db, self.people.admin.user_id, [payment.id], "BANK-1")
        self.answers(work, None if is_here else "payment.wrong_state")
        if is_here:
            self.model.remit(order, payment)

    # ---- refunds

    @precondition(lambda self: any(map(_is_pending, refunds_of(self.model.orders))))
    @rule(data=st.data(), to=st.sampled_from(["succeeded", "failed"]), is_new=st.booleans())
    def refund_is_told(self, data: st.DataObject, to: str, is_new: bool) -> None:
        """By the provider; of one by hand, by whoever gave the money back."""
        order, refund = mostly(data, refunds_of(self.model.orders), _is_pending)
        if refund.method == "original":
            paid = next(one for one in order.payments if one.is_money and not one.is_excess)
            self._send(
                {
                    "event_id": str(uuid.uuid4()), "kind": f"refund_{to}",
                    "reference": reference_of(paid.id),
                    "refund_id": str(self._id_of(order, refund)),
                }
            )  # fmt: skip
            self.model.settle_refund(order, refund, to)
            return
        self._give_back_by_hand(order, refund, str(uuid.uuid4()) if is_new else "UTR-1")

    def _give_back_by_hand(self, order: Order, refund: Refund, reference: str) -> None:
        is_used = any(one.reference == reference for _, one in refunds_of(self.model.orders))
        code = None
        if refund.status == "succeeded":
            code = None if refund.reference == reference else "refund.wrong_state"
        elif is_used:
            code = "payment.reference_used"
        id_ = self._id_of(order, refund)
        self.answers(
            back_office.refund_done(self.db, self.people.admin.user_id, id_, reference), code
        )
        if code is None:
            refund.reference = reference
            self.model.settle_refund(order, refund, "succeeded")

    @precondition(lambda self: any(map(_has_failed, refunds_of(self.model.orders))))
    @rule(data=st.data())
    def retry_refund(self, data: st.DataObject) -> None:
        order, refund = mostly(data, refunds_of(self.model.orders), _has_failed)
        work = back_office.retry_refund(
            self.db, self.people.admin.user_id, self._id_of(order, refund)
        )
        self.answers(work, None if refund.status == "failed" else "refund.wrong_state")
        if refund.status == "failed":
            self.model.retry_refund(refund)

    def _id_of(self, order: Order, refund: Refund) -> UUID:
        place = next(i for i, one in enumerate(order.refunds) if one is refund)
        statement = (
            "select id from refunds where order_id = $1 order by created_at offset $2 limit 1"
        )
        id_: UUID = self.run(self.place.id_of(statement, order.id, place))
        return id_

    # ---- payouts

    @precondition(lambda self: any(map(_waits, lines_of(self.model.orders))))
    @rule()
    def holds_of_money_end(self) -> None:
        now = self.place.now() + timedelta(days=8)
        self.run(self.place.sql.execute("select private.release_matured_v1($1, null, 500, 7)", now))
        self.books.release(self.model.orders)

    @precondition(lambda self: any(one.is_released for one in lines_of(self.model.orders)))
    @rule()
    def pay_out(self) -> None:
        due = {
            account: amount
            for account, amount in self.books.available(self.model.orders).items()
            if amount >= MINIMUM
        }
        batch_id, terms = uuid.uuid4(), PayoutTerms(minimum_minor=MINIMUM)
        for _ in range(2):
            work = payouts.make_batch(
                self.db, self.people.admin.user_id, batch_id, terms, self.place.now()
            )
            self.answers(work, None if due else "payout.nothing_due")
        rows = self.run(
            payouts.payouts(self.db, self.people.admin.user_id, "all", batch_id, None, 100)
        ).payouts
        for account, row in sorted(
            ((self._account(row), row) for row in rows), key=lambda one: one[0]
        ):
            same(row.amount_minor, due.pop(account))
            self.books.payouts[row.id] = Payout(account, row.amount_minor)
        same({}, due)

    def _account(self, row: payouts.Payout) -> str:
        place = self.people.payee_ids[row.payee_kind].index(row.payee_id)
        return f"{row.payee_kind}_available:{place}"

    @precondition(lambda self: bool(self.books.payouts))
    @rule(data=st.data(), to=st.sampled_from(["paid", "paid", "returned", "cancelled"]))
    def move_payout(self, data: st.DataObject, to: Any) -> None:
        id_ = one_of(data, list(self.books.payouts))
        is_moved = self.books.payouts[id_].move(to)
        for _ in range(2):
            work = payouts.move(
                self.db, self.people.admin.user_id, id_, to, "BANK-2", self.place.now()
            )
            self.answers(work, None if is_moved else "payout.wrong_state")


def _is_open(of: tuple[Order, Payment]) -> bool:
    return not of[1].is_money


def _is_payable(order: Order) -> bool:
    return order.is_payable


def _is_due(of: tuple[Order, Payment]) -> bool:
    return of[1].status == "created" and of[0].status in ("shipped", "delivered")


def _is_collected(of: tuple[Order, Payment]) -> bool:
    return of[1].status == "collected"


def _is_pending(of: tuple[Order, Refund]) -> bool:
    return of[1].status == "pending"


def _has_failed(of: tuple[Order, Refund]) -> bool:
    return of[1].status == "failed"


def _waits(line: Line) -> bool:
    return earned(line) and not line.is_released
