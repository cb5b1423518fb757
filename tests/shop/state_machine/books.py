"""What the accounts of the ledger come to by the orders of the model, and who is paid out what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from tests.shop.state_machine.after_sale import earned
from tests.shop.state_machine.orders import Line, Order

_MOVES = {"pending": {"paid", "returned", "cancelled"}, "paid": {"returned"}}


@dataclass
class Payout:
    account: str
    amount_minor: int
    status: str = "pending"

    def move(self, to: str) -> bool:
        """Whether it may; said twice it is done once."""
        if to == self.status:
            return True
        if to not in _MOVES.get(self.status, set()):
            return False
        self.status = to
        return True


@dataclass
class Books:
    payouts: dict[UUID, Payout] = field(default_factory=dict)

    def release(self, orders: list[Order]) -> None:
        """The hold of everything that is earned is over; what may be given back waits."""
        for order in orders:
            if any(refund.status == "pending" for refund in order.refunds):
                continue
            for place, line in enumerate(order.lines):
                is_claimed = any(
                    place in one.units and one.status in ("requested", "approved", "received")
                    for one in order.returns
                )
                line.is_released |= earned(line) and not is_claimed

    def available(self, orders: list[Order]) -> Counter[str]:
        """Of each payee: what is released, less what is paid out or on its way."""
        sums: Counter[str] = Counter()
        for line in _sold(orders):
            if line.is_released:
                sums.update(_to_payees(line))
        for payout in self.payouts.values():
            if payout.status in ("pending", "paid"):
                sums[payout.account] -= payout.amount_minor
        return sums

    def balances(self, orders: list[Order]) -> dict[str, int]:
        sums = self.available(orders)
        for line in _sold(orders):
            if not line.is_released:
                sums.update(_to_payees(line))
            _add_platform(sums, line)
        for order in orders:
            _add_cash(sums, order)
            sums["shipping_income"] += order.shipping_income
            sums["cod_fee_income"] += order.cod_fee_income
            sums["refunds_payable"] += order.owed_minor
        for payout in self.payouts.values():
            if payout.status == "pending":
                sums["payout_clearing"] += payout.amount_minor
            elif payout.status == "paid":
                sums["gateway_clearing:bank"] += payout.amount_minor
        return {name: amount for name, amount in sums.items() if amount}


def _sold(orders: list[Order]) -> Iterator[Line]:
    for order in orders:
        yield from (line for line in order.lines if line.sold is not None)


def _to_payees(line: Line) -> Counter[str]:
    shelf, share = "available" if line.is_released else "pending", line.share
    sums = Counter(
        {f"wholesaler_{shelf}:{line.seller}": share.wholesaler_minor + share.discount_minor}
    )
    if line.influencer is not None:
        own = share.discount_minor if line.funded_by == "influencer" else 0
        sums[f"influencer_{shelf}:{line.influencer}"] += share.influencer_minor - own
    return sums


def _add_platform(sums: Counter[str], line: Line) -> None:
    share = line.share
    sums["platform_fee_income"] += share.fee_minor
    sums["platform_influencer_cut"] += share.cut_minor
    sums["gst_on_fees"] += share.fee_gst_minor
    sums["tcs_payable"] += share.tcs_minor
    sums["tds_payable"] += share.tds_minor
    if line.funded_by == "platform" or line.influencer is None:
        sums["discount_funding"] -= share.discount_minor


def _add_cash(sums: Counter[str], order: Order) -> None:
    for payment in order.payments:
        if payment.status == "captured":
            sums["gateway_clearing:test"] -= payment.amount_minor
        elif payment.status == "collected":
            sums["cod_in_transit"] -= payment.amount_minor
        elif payment.status == "remitted":
            sums["gateway_clearing:bank"] -= payment.amount_minor
        if payment.reversal == "pending":
            sums["refunds_payable"] += payment.amount_minor
        elif payment.reversal == "succeeded":
            sums["gateway_clearing:test"] += payment.amount_minor
    for refund in order.refunds:
        if refund.status == "succeeded":
            through = "test" if refund.method == "original" else "bank"
            sums[f"gateway_clearing:{through}"] += refund.amount_minor
