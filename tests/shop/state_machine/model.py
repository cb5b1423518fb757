"""What the shop is in plain Python: pieces on a shelf, promises, orders and their money in lists.

The model knows nothing of locks, batches and clocks. It says what every step of the state machine
must come to, and after each the database is held against it. Refusals are raised as in the shop,
by their codes alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shop.money import apportion, at_rate
from shop.splits import Rates, split_of_line
from tests.shop.state_machine.after_sale import AfterSale
from tests.shop.state_machine.orders import Line, Order, Payment

SHIPPING, COD_FEE, MOST = 4_900, 2_500, 10
RATES = Rates(
    tax_thousandths=18_000, fee_bp=1000, fee_gst_bp=1800, commission_bp=1500, cut_bp=1000,
    tcs_bp=50, tds_bp=10,
)  # fmt: skip


class Refused(Exception):
    """The shop has to refuse with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Variant:
    """seller: which of the wholesalers."""

    seller: int
    price_minor: int
    stock: int


@dataclass(frozen=True)
class Session:
    """A live session on air, of the influencer at the same place. shown: variants, with the special
    price of each."""

    policy: str
    shown: Mapping[int, int | None]


@dataclass(frozen=True)
class Coupon:
    code: str
    funded_by: str
    percent_bp: int | None = None
    most_minor: int | None = None
    amount_minor: int | None = None
    min_spend_minor: int = 0
    quota: int | None = None
    seller: int | None = None
    session: int | None = None


VARIANTS = (Variant(0, 118_000, 5), Variant(0, 9_999, 8), Variant(1, 33_333, 4))
SESSIONS = (Session("hold", {0: 100_000, 1: None}), Session("first_paid", {1: None, 2: 29_999}))
COUPONS = {
    coupon.code: coupon
    for coupon in (
        Coupon("TENTH", "platform", percent_bp=1000, most_minor=5_000, quota=2),
        Coupon("SELLER", "wholesaler", amount_minor=7_777, min_spend_minor=15_000, seller=0),
        Coupon("LIVE", "influencer", amount_minor=3_333, quota=1, session=0),
    )
}


@dataclass(frozen=True)
class Wish:
    """What a customer confirms. lines: pieces by variant, in this order. is_silent: the provider
    says nothing of the payment by itself."""

    customer: int
    lines: tuple[tuple[int, int], ...]
    session: int | None
    method: str
    coupon: str | None
    from_cart: bool
    is_silent: bool


@dataclass
class Quote:
    """What a wish costs. sessions: through which each line is bought."""

    prices: list[int]
    sessions: list[int | None]
    discounts: list[int]
    total_minor: int


@dataclass
class Model(AfterSale):
    stock: list[int] = field(default_factory=lambda: [variant.stock for variant in VARIANTS])
    holds: dict[tuple[int, int], int] = field(default_factory=dict)
    carts: dict[tuple[int, int], tuple[int, int | None]] = field(default_factory=dict)

    # ---- promises

    def available(self, customer: int, variant: int) -> int:
        others = sum(
            held
            for (owner, what), held in self.holds.items()
            if what == variant and owner != customer
        )
        return max(0, self.stock[variant] - others)

    def hold(self, customer: int, variant: int, quantity: int, session: int | None) -> int:
        """How many are held then. Raises Refused."""
        if session is not None and SESSIONS[session].policy == "first_paid":
            raise Refused("hold.first_paid")
        own = self.holds.get((customer, variant), 0)
        held = min(quantity, max(own, self.available(customer, variant)))
        if held < 1:
            raise Refused("order.sold_out")
        self.holds[customer, variant] = held
        return held

    def release(self, customer: int, variant: int) -> int:
        return self.holds.pop((customer, variant), 0)

    # ---- the cart

    def change_cart(
        self, customer: int, variant: int, quantity: int, session: int | None, *, adds: bool
    ) -> None:
        had, touched = self.carts.get((customer, variant), (0, None))
        if not adds and quantity == 0:
            self.carts.pop((customer, variant), None)
            self.release(customer, variant)
            return
        if session is not None and variant in SESSIONS[session].shown:
            touched = session
        quantity = min(MOST, quantity + had * adds)
        self.carts[customer, variant] = quantity, touched
        # What is put in while it is shown is promised; what is promised beyond the line is not.
        if touched is not None or self.holds.get((customer, variant), 0) > quantity:
            try:
                self.hold(customer, variant, quantity, touched)
            except Refused:
                return

    def price(self, variant: int, session: int | None) -> int:
        plain = VARIANTS[variant].price_minor
        special = SESSIONS[session].shown.get(variant) if session is not None else None
        return plain if special is None else min(plain, special)

    # ---- checkout

    def quote(self, wish: Wish) -> Quote:
        """Raises Refused for what speaks against it besides the total."""
        if any(self.available(wish.customer, variant) < n for variant, n in wish.lines):
            raise Refused("order.sold_out")
        touches = [self._touch(wish, variant) for variant, _ in wish.lines]
        prices = [self.price(wish.lines[i][0], touch) for i, touch in enumerate(touches)]
        sessions = [
            touch if touch is not None and variant in SESSIONS[touch].shown else None
            for touch, (variant, _) in zip(touches, wish.lines, strict=True)
        ]
        amounts = [price * n for price, (_, n) in zip(prices, wish.lines, strict=True)]
        discounts = [0] * len(amounts)
        if wish.coupon is not None:
            discounts = self._discounts(wish, amounts, sessions)
        fee = COD_FEE if wish.method == "cod" else 0
        return Quote(prices, sessions, discounts, sum(amounts) - sum(discounts) + SHIPPING + fee)

    def _touch(self, wish: Wish, variant: int) -> int | None:
        touched = self.carts.get((wish.customer, variant), (0, None))[1]
        return touched if wish.from_cart and touched is not None else wish.session

    def _discounts(self, wish: Wish, amounts: list[int], sessions: list[int | None]) -> list[int]:
        assert wish.coupon is not None
        coupon = COUPONS.get(wish.coupon)
        if coupon is None:
            raise Refused("order.coupon_unknown")
        uses = self.redeemed(coupon.code)
        if wish.customer in uses:
            raise Refused("order.coupon_used")
        if coupon.quota is not None and len(uses) >= coupon.quota:
            raise Refused("order.coupon_quota")
        covered = [
            amount
            * (coupon.seller in (None, VARIANTS[variant].seller))
            * (coupon.session in (None, session))
            for amount, (variant, _), session in zip(amounts, wish.lines, sessions, strict=True)
        ]
        eligible = sum(covered)
        if eligible == 0:
            raise Refused("order.coupon_not_here")
        if eligible < coupon.min_spend_minor:
            raise Refused("order.coupon_min_spend")
        off = coupon.amount_minor
        if off is None:
            assert coupon.percent_bp is not None and coupon.most_minor is not None
            off = min(coupon.most_minor, at_rate(eligible, coupon.percent_bp))
        return list(apportion(min(off, eligible), covered))

    def place(self, wish: Wish, shown_minor: int) -> tuple[Quote, bool]:
        """Takes what an order takes; whether its pieces wait for the money. Raises Refused."""
        quote = self.quote(wish)
        if quote.total_minor != shown_minor:
            raise Refused("order.price_changed")
        is_first_paid = (
            wish.method != "cod"
            and wish.session is not None
            and SESSIONS[wish.session].policy == "first_paid"
        )
        for variant, quantity in wish.lines:
            if not is_first_paid:
                self._take(wish.customer, variant, quantity)
            if wish.from_cart:
                self.carts.pop((wish.customer, variant), None)
        return quote, is_first_paid

    def note_order(
        self, order_id: UUID, wish: Wish, quote: Quote, is_first_paid: bool,
        item_ids: Mapping[int, UUID], payment_id: UUID,
    ) -> Order:  # fmt: skip
        """What was placed, under the ids that the database gave it."""
        coupon = COUPONS.get(wish.coupon or "")
        order = Order(
            id=order_id,
            customer=wish.customer,
            method=wish.method,
            coupon=wish.coupon,
            is_silent=wish.is_silent,
            shipping_minor=SHIPPING,
            cod_fee_minor=COD_FEE if wish.method == "cod" else 0,
            allocation="on_payment" if is_first_paid else "taken",
            has_deadline=wish.method != "cod",
            lines=[
                _line(item_ids[variant], variant, n, price, discount, session, coupon)
                for (variant, n), price, discount, session in zip(
                    wish.lines, quote.prices, quote.discounts, quote.sessions, strict=True
                )
            ],
        )
        order.payments.append(Payment(payment_id, wish.method, order.total_minor))
        self.orders.append(order)
        return order

    def redeemed(self, code: str) -> list[int]:
        """By whom the coupon is used."""
        return [o.customer for o in self.orders if o.coupon == code and o.status != "cancelled"]

    # ---- what the orders do to the shelf

    def put_back(self, pieces: Iterable[tuple[int, int]]) -> None:
        for variant, quantity in pieces:
            self.stock[variant] += quantity

    def take(self, order: Order) -> bool:
        """The pieces of an order that is paid now; nothing is taken when some are gone."""
        wanted = Counter({line.variant: line.quantity for line in order.lines})
        if any(self.available(order.customer, variant) < n for variant, n in wanted.items()):
            return False
        for variant, quantity in wanted.items():
            self._take(order.customer, variant, quantity)
        return True

    def _take(self, customer: int, variant: int, quantity: int) -> None:
        """Pieces, first those that the customer holds."""
        self.stock[variant] -= quantity
        held = self.holds.pop((customer, variant), 0)
        if held > quantity:
            self.holds[customer, variant] = held - quantity


def _line(
    item_id: UUID,
    variant: int,
    quantity: int,
    price_minor: int,
    discount_minor: int,
    session: int | None,
    coupon: Coupon | None,
) -> Line:
    funded_by = coupon.funded_by if coupon is not None and discount_minor > 0 else None
    rates = RATES
    if session is None:
        given = (RATES.tax_thousandths, RATES.fee_bp, RATES.fee_gst_bp, 0, RATES.cut_bp)
        rates = Rates(*given, RATES.tcs_bp, RATES.tds_bp)
    share = split_of_line(
        price_minor * quantity - discount_minor,
        rates,
        discount_minor if funded_by in ("platform", "influencer") else 0,
    )
    seller = VARIANTS[variant].seller
    return Line(item_id, variant, seller, quantity, share, funded_by, influencer=session)
