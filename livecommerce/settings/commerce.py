"""Orders, how they are paid, and what is paid out."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from livecommerce.settings.values import PREFIX, Origin, Secret, Section, Text, none_if_empty, split
from shop.payments import PaymentMethod


class Shop(Section):
    """Limits of an order."""

    max_quantity: int = Field(10, ge=1, le=1000, description="Pieces of one variant in an order.")
    shipping_minor: int = Field(
        0, ge=0, le=10_000_000, description="Shipping for one order, in paise. 0 = free."
    )
    cod_fee_minor: int = Field(
        0, ge=0, le=10_000_000, description="Fee for cash on delivery, in paise. 0 = none."
    )
    pay_within_s: int = Field(
        900,
        ge=60,
        le=86_400,
        description="Seconds to pay an order in advance; then it is cancelled, its stock is back.",
    )
    carryover_s: int = Field(
        86_400,
        ge=0,
        le=2_592_000,
        description="Seconds after its end in which a live session still earns on what it showed.",
    )
    replay_s: int = Field(
        604_800, ge=0, le=7_776_000, description="The same for who watched the replay."
    )
    link_s: int = Field(
        2_592_000, ge=0, le=7_776_000, description="The same after a click on an influencer's link."
    )
    return_days: int = Field(
        7,
        ge=0,
        le=365,
        description="Days after it was delivered in which something may be sent back. Best not "
        "above LIVECOMMERCE_PAYOUTS_HOLD_DAYS: what is paid out by then has to be clawed back.",
    )
    combine_ms: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Milliseconds that an order waits for others, to be written with them.",
    )
    combine_orders: int = Field(
        256, ge=1, le=1000, description="Orders that are written together at most."
    )
    combine_calls: int = Field(
        2, ge=1, le=8, description="Such batches that a hub has under way at once."
    )
    waiting_orders: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="Orders that may wait in a hub; beyond it customers are asked to try again.",
    )


class Payments(Section):
    """How orders are paid. Keys of a provider that is not offered any more stay: its refunds need
    them."""

    methods: Annotated[tuple[PaymentMethod, ...], BeforeValidator(split)] = Field(
        ("cod", "test"),
        description="What is offered (comma-separated): cod, upi, stripe, razorpay, and test, "
        "which moves no money: take it out where real people order.",
    )
    name: str = Field(
        "livecommerce",
        min_length=1,
        max_length=60,
        description="The name that UPI apps and Razorpay's page show.",
    )
    upi_address: Annotated[
        str | None,
        BeforeValidator(none_if_empty),
        Field(pattern=r"^[A-Za-z0-9._-]+@[A-Za-z0-9]+$"),
    ] = Field(
        None,
        description="UPI address that customers pay to, such as shop@bank; an admin confirms what "
        "has arrived.",
    )
    stripe_secret_key: Secret = Field(None, description="Secret key of Stripe.")
    stripe_webhook_secret: Secret = Field(
        None, description="Signing secret of the webhook at `/api/v1/webhooks/stripe`."
    )
    stripe_url: Origin = Field(None, description="Another server that speaks Stripe's API.")
    razorpay_key_id: Text = Field(None, description="Key id of Razorpay.")
    razorpay_key_secret: Secret = Field(None, description="Its key secret.")
    razorpay_webhook_secret: Secret = Field(
        None, description="Secret of the webhook at `/api/v1/webhooks/razorpay`."
    )
    razorpay_url: Origin = Field(None, description="Another server that speaks Razorpay's API.")
    test_webhook_secret: Secret = Field(
        None, description="Secret of the webhook of the test provider. Empty: it is closed."
    )
    grace_s: int = Field(
        120,
        ge=0,
        le=86_400,
        description="Seconds that an unpaid order is kept beyond its time, so that what was paid "
        "in the last moment has arrived.",
    )
    upi_grace_s: int = Field(
        86_400,
        ge=0,
        le=30 * 86_400,
        description="The same where the customer says that the UPI transfer was made.",
    )
    watch_days: int = Field(
        7,
        ge=1,
        le=90,
        description="Days that a provider is asked about a payment that it never told of, and that "
        "an event waits for the payment it is about, before people are shown it.",
    )

    @model_validator(mode="after")
    def _has_keys(self) -> "Payments":
        needed: dict[str, dict[str, object]] = {
            "upi": {"upi_address": self.upi_address},
            "stripe": {
                "stripe_secret_key": self.stripe_secret_key,
                "stripe_webhook_secret": self.stripe_webhook_secret,
            },
            "razorpay": {
                "razorpay_key_id": self.razorpay_key_id,
                "razorpay_key_secret": self.razorpay_key_secret,
                "razorpay_webhook_secret": self.razorpay_webhook_secret,
            },
        }
        for method, keys in needed.items():
            missing = [name.upper() for name, value in keys.items() if value is None]
            # Stripe gives it when the webhook is registered, which takes the key; until then the
            # webhook is closed.
            is_begun = missing == ["STRIPE_WEBHOOK_SECRET"]
            if missing and (method in self.methods or (len(missing) < len(keys) and not is_begun)):
                names = ", ".join(f"{PREFIX}PAYMENTS_{name}" for name in missing)
                raise ValueError(f"{method} needs {names}")
        return self


class Payouts(Section):
    """When what wholesalers and influencers earn is theirs, and when it is paid."""

    hold_days: int = Field(
        7,
        ge=0,
        le=365,
        description="Days from delivery (paid in cash: from the arrival of the cash, if later) "
        "until a sale can be paid out: the time in which most returns come.",
    )
    minimum_minor: int = Field(
        10_000,
        ge=1,
        le=10_000_000,
        description="Least amount of a payout, in paise. What is below it is kept for the "
        "next one.",
    )
    interval_days: int = Field(
        7,
        ge=1,
        le=92,
        description="Days between two batches of payouts. Admins can make one at any time besides.",
    )
