"""Who gets how much of what a customer pays for an order item.

Frozen when the order is placed, in `private.order_item_splits`, and shared out again whenever only
a part of the item is paid for or given back. The database does the same sums in the transaction
of the event (split_of_line_v1, part_of_share and given_back); the tests hold the two together.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

from shop.money import at_rate, part, tax_in


@dataclass(frozen=True, slots=True)
class Rates:
    """In basis points; tax_thousandths in thousandths of a percent. cut_bp is what the platform
    keeps of the influencer's commission, fee_gst_bp the GST on the fee."""

    tax_thousandths: int
    fee_bp: int
    fee_gst_bp: int
    commission_bp: int
    cut_bp: int
    tcs_bp: int
    tds_bp: int


@dataclass(frozen=True, slots=True)
class Share:
    """What is paid, and the legs that it comes to.

    influencer_minor: without the cut. discount_minor: what somebody else than the wholesaler makes
    up to him of the coupon; it stands beside what is paid. wholesaler_minor may be below zero, when
    the rates ask for more than was paid.
    """

    paid_minor: int
    wholesaler_minor: int
    influencer_minor: int
    cut_minor: int
    fee_minor: int
    fee_gst_minor: int
    tcs_minor: int
    tds_minor: int
    discount_minor: int = 0

    def __sub__(self, other: Share) -> Share:
        return Share(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __add__(self, other: Share) -> Share:
        return Share(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def legs_minor(self) -> int:
        """What the legs come to: always what is paid."""
        return (
            self.wholesaler_minor
            + self.influencer_minor
            + self.cut_minor
            + self.fee_minor
            + self.fee_gst_minor
            + self.tcs_minor
            + self.tds_minor
        )


def split_of_line(paid_minor: int, rates: Rates, discount_minor: int = 0) -> Share:
    """Each leg rounded half up; the wholesaler has the rest."""
    base = paid_minor - tax_in(paid_minor, rates.tax_thousandths)
    fee = at_rate(base, rates.fee_bp)
    commission = at_rate(base, rates.commission_bp)
    cut = at_rate(commission, rates.cut_bp)
    return _with_rest(
        paid_minor,
        influencer=commission - cut,
        cut=cut,
        fee=fee,
        fee_gst=at_rate(fee, rates.fee_gst_bp),
        tcs=at_rate(base, rates.tcs_bp),
        tds=at_rate(base, rates.tds_bp),
        discount=discount_minor,
    )


def part_of_share(share: Share, numerator: int, denominator: int) -> Share:
    """A part of a share, leg by leg; the whole is exactly the share."""
    if numerator == denominator:
        return share

    def of(minor: int) -> int:
        return part(minor, numerator, denominator)

    return _with_rest(
        of(share.paid_minor),
        influencer=of(share.influencer_minor),
        cut=of(share.cut_minor),
        fee=of(share.fee_minor),
        fee_gst=of(share.fee_gst_minor),
        tcs=of(share.tcs_minor),
        tds=of(share.tds_minor),
        discount=of(share.discount_minor),
    )


def given_back(share: Share, quantity: int, refunded_quantity: int, refunded_minor: int) -> Share:
    """What was given back of a share so far, in sum, after refunds of so many pieces and so much.

    By pieces when the amount is that of the pieces, else by amount. Callers book the difference to
    what was given back before, so that a full refund returns exactly the original.
    """
    if refunded_minor >= share.paid_minor > 0:
        return share
    if quantity == 0:
        return part_of_share(share, 0, 1)
    if share.paid_minor == 0 or refunded_minor == part(
        share.paid_minor, refunded_quantity, quantity
    ):
        return part_of_share(share, refunded_quantity, quantity)
    return part_of_share(share, refunded_minor, share.paid_minor)


def _with_rest(
    paid_minor: int,
    *,
    influencer: int,
    cut: int,
    fee: int,
    fee_gst: int,
    tcs: int,
    tds: int,
    discount: int,
) -> Share:
    rest = paid_minor - influencer - cut - fee - fee_gst - tcs - tds
    return Share(paid_minor, rest, influencer, cut, fee, fee_gst, tcs, tds, discount)
