"""The Stripe adapter against a stateful Stripe on this machine."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiohttp import web

from shop.payments import inbox
from shop.payments.paying import Payments, pay
from shop.payments.provider import Refund, SignatureInvalid
from shop.payments.stripe import StripeConfig, StripeProvider
from tests.shop.payments.localstripe_server import SECRET_KEY, LocalStripe, local_stripe
from tests.shop.payments.till import PRICE, Bought, Till, new_id

WEBHOOK_SECRET = "whsec_not_a_secret"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# Taken by Stripe, refused by the bank.
DECLINED = "4000000000000341"
BACK = "https://shop.example/api/v1/payments/return/stripe"


@pytest.fixture
async def there() -> AsyncIterator[LocalStripe]:
    async with local_stripe() as server:
        yield server


@pytest.fixture
async def stripe_till(till: Till, there: LocalStripe) -> AsyncIterator[Till]:
    provider = StripeProvider(StripeConfig(SECRET_KEY, WEBHOOK_SECRET, BACK, there.url))
    till.providers["stripe"] = provider
    yield till
    provider.close()


async def session_of(till: Till, bought: Bought) -> str:
    await till.work()
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "pending"
    session_id = str(payment["provider_reference"])
    client = orjson.loads(payment["client"])
    assert list(client) == ["redirect_url"] and client["redirect_url"].endswith(session_id)
    return session_id


@dataclass
class Webhook:
    """Hears what Stripe calls, as the server does. took: the kinds, in their order."""

    till: Till
    took: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = await request.read()
        events = self.till.providers["stripe"].parse_webhook(headers, raw, datetime.now(UTC))
        await inbox.receive(self.till.db, "stripe", "webhook", events)
        for event in events:
            await self.took.put(event.provider_kind)
        return web.Response()


@pytest.fixture
async def webhook(stripe_till: Till, there: LocalStripe, aiohttp_server: Any) -> Webhook:
    webhook = Webhook(stripe_till)
    app = web.Application()
    app.router.add_post("/", webhook.hear)
    server = await aiohttp_server(app, host="127.0.0.1")
    await there.send_webhooks_to(str(server.make_url("/")), WEBHOOK_SECRET)
    return webhook


async def test_a_payment_is_made_paid_and_told_by_webhook(
    stripe_till: Till, there: LocalStripe, webhook: Webhook
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    session_id = await session_of(till, bought)
    made = await there.session(session_id)
    assert (made["amount_total"], made["currency"]) == (PRICE, "inr")
    assert made["success_url"] == f"{BACK}?payment={bought.payment_id}"
    assert made["cancel_url"] == f"{BACK}?payment={bought.payment_id}&turned_back=1"
    paid = await there.pay(session_id)
    # The PaymentIntent and the session tell of the same money.
    told = {await asyncio.wait_for(webhook.took.get(), 30) for _ in range(2)}
    assert told == {"payment_intent.succeeded", "checkout.session.completed"}
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert order["payment_gateway"] == "stripe"
    assert order["payment_reference"] == paid["payment_intent"]
    assert sorted((await till.inbox()).values()) == ["applied", "ignored"]
    assert await till.count("private.ledger_events") == 1
    intent = await there.get(f"/v1/payment_intents/{paid['payment_intent']}")
    assert intent["metadata"]["payment_id"] == str(bought.payment_id)


async def test_b24_a_payment_whose_webhook_never_came_is_found(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    await there.pay(await session_of(till, bought))
    till.pass_(minutes=2)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_money_that_is_only_promised_is_taken(stripe_till: Till, there: LocalStripe) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    session_id = await session_of(till, bought)
    held = await there.pay(session_id, capture_method="manual")
    assert held["payment_status"] == "unpaid"
    till.pass_(minutes=2)
    await till.work()
    intent = await there.get(f"/v1/payment_intents/{held['payment_intent']}")
    assert intent["status"] == "succeeded"
    till.pass_(minutes=5)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_b19_a_declined_card_and_then_another_try(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    first = await session_of(till, bought)
    await there.pay(first, DECLINED)
    till.pass_(minutes=2)
    await till.work()
    assert (await till.payment(bought.payment_id))["status"] == "failed"
    assert (await till.order(bought))["payment_status"] == "failed"
    again, payments = new_id(), Payments(("stripe",), till.providers)
    await pay(till.db, payments, bought.user_id, bought.order_id, again, "stripe", till.now)
    await till.work()
    # Nobody can pay on the page of the first any more.
    assert (await there.session(first))["status"] == "expired"
    second = (await till.payment(again))["provider_reference"]
    assert second != first
    await there.pay(second)
    till.pass_(minutes=5)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_b23_another_card_on_the_same_page_after_one_that_was_declined(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    session_id = await session_of(till, bought)
    await there.pay(session_id, DECLINED)
    till.pass_(minutes=2)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "failed"
    await there.pay(session_id)
    till.pass_(minutes=5)
    await till.work()
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")


async def paid_order(till: Till, there: LocalStripe) -> tuple[Bought, str]:
    """And the PaymentIntent that brought the money."""
    bought = await till.buy("stripe")
    paid = await there.pay(await session_of(till, bought))
    till.pass_(minutes=2)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"
    return bought, str(paid["payment_intent"])


async def test_a_refund_goes_to_stripe_once(stripe_till: Till, there: LocalStripe) -> None:
    till = stripe_till
    bought, intent_id = await paid_order(till, there)
    await till.sql.execute(
        "insert into refunds (order_id, amount) values ($1, 100)", bought.order_id
    )
    await till.work()
    [refund] = await till.refunds(bought)
    assert refund["status"] == "succeeded" and refund["provider_reference"].startswith("re_")
    [made] = (await there.get(f"/v1/refunds?payment_intent={intent_id}"))["data"]
    assert made["amount"] == 10000 and made["metadata"]["refund_id"] == str(refund["id"])


async def test_b26_a_refund_that_takes_days_is_made_once(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought, intent_id = await paid_order(till, there)
    refund = Refund(
        new_id(), False, "ORD-1", "stripe", "cs_1", intent_id, bought.payment_id, 10000, "INR",
        "original", 1, None, None, 0,
    )  # fmt: skip
    provider = till.providers["stripe"]
    first = await provider.refund(refund, till.now)
    # This Stripe knows no idempotency keys, like Stripe itself a day later.
    again = await provider.refund(replace(refund, attempts=2), till.now)
    assert again.reference == first.reference
    anew = await provider.refund(replace(refund, round=1), till.now)
    assert anew.reference == first.reference, "one that has not failed is not made anew"
    assert len((await there.get(f"/v1/refunds?payment_intent={intent_id}"))["data"]) == 1


async def test_b21_a_refund_in_the_dashboard_told_before_the_payment_is_known(
    stripe_till: Till, there: LocalStripe, provider: StripeProvider
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    paid = await there.pay(await session_of(till, bought))
    body = an_event(
        "refund.created", id="re_1", status="succeeded", amount=PRICE,
        payment_intent=paid["payment_intent"],
    )  # fmt: skip
    # Of the refund Stripe says no more than which PaymentIntent it is of.
    await inbox.receive(till.db, "stripe", "webhook", provider.parse_webhook(*signed(body), NOW))
    assert (await till.inbox())["evt_1"] == "waiting"
    till.pass_(minutes=2)
    await till.work()
    assert (await till.inbox())["evt_1"] == "applied"
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("cancelled", "refunded")
    assert await till.ledger_is_balanced()


async def test_b09_the_page_of_an_unpaid_order_is_closed_with_it(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    session_id = await session_of(till, bought)
    till.pass_(minutes=18)
    await till.work()
    assert (await till.order(bought))["status"] == "cancelled"
    assert (await there.session(session_id))["status"] == "expired"
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "cancelled" and payment["due_at"] is None


async def test_money_that_is_only_promised_is_let_go_with_its_order(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    held = await there.pay(await session_of(till, bought), capture_method="manual")
    await till.sql.execute("update orders set status = 'cancelled'")
    till.pass_(minutes=18)
    await till.work()
    intent = await there.get(f"/v1/payment_intents/{held['payment_intent']}")
    assert intent["status"] == "canceled"


async def test_a_stripe_that_is_away_fails_no_payment(till: Till) -> None:
    # Nobody listens there.
    config = StripeConfig(SECRET_KEY, WEBHOOK_SECRET, BACK, "http://127.0.0.1:9")
    till.providers["stripe"] = provider = StripeProvider(config)
    bought = await till.buy("stripe")
    await till.work()
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "created" and payment["due_at"] > till.now
    provider.close()


# ---- signatures, offline


def signed(
    body: dict[str, Any], at: datetime = NOW, secret: str = WEBHOOK_SECRET
) -> tuple[dict[str, str], bytes]:
    raw = orjson.dumps(body)
    stamp = int(at.timestamp())
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={mac}"}, raw


def an_event(kind: str = "payment_intent.succeeded", **fields: Any) -> dict[str, Any]:
    of_what = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 129900,
        "amount_received": 129900,
        "currency": "inr",
        "metadata": {},
    } | fields
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "created": int(NOW.timestamp()),
        "data": {"object": of_what},
    }


@pytest.fixture
def provider() -> StripeProvider:
    return StripeProvider(StripeConfig(SECRET_KEY, WEBHOOK_SECRET, BACK))


def test_a_signed_event_is_read(provider: StripeProvider) -> None:
    headers, raw = signed(an_event())
    [event] = provider.parse_webhook(headers, raw, NOW)
    assert (event.event_id, event.kind, event.reference) == ("evt_1", "captured", "pi_1")
    assert (event.amount_minor, event.currency) == (129900, "INR")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers, raw: (headers, raw.replace(b"129900", b"100")),
        lambda headers, raw: ({}, raw),
        lambda headers, raw: ({"stripe-signature": "t=1,v1=00"}, raw),
        lambda headers, raw: ({"stripe-signature": "nonsense"}, raw),
        lambda headers, raw: signed(an_event(), secret="another"),
        lambda headers, raw: signed(an_event(), at=NOW - timedelta(seconds=301)),
        lambda headers, raw: signed(an_event(), at=NOW + timedelta(seconds=301)),
        lambda headers, raw: (headers, b"\xff"),
    ],
    ids=["body", "none", "old", "nonsense", "secret", "late", "early", "bytes"],
)
def test_what_stripe_did_not_sign_is_refused(provider: StripeProvider, spoil: Any) -> None:
    headers, raw = spoil(*signed(an_event()))
    with pytest.raises(SignatureInvalid):
        provider.parse_webhook(headers, raw, NOW)


def test_without_a_secret_the_webhook_is_closed() -> None:
    closed = StripeProvider(StripeConfig(SECRET_KEY, "", BACK))
    with pytest.raises(SignatureInvalid):
        closed.parse_webhook(*signed(an_event(), secret=""), NOW)


def test_an_event_of_another_kind_is_kept_as_unknown(provider: StripeProvider) -> None:
    headers, raw = signed(an_event("charge.dispute.created"))
    [event] = provider.parse_webhook(headers, raw, NOW)
    assert (event.kind, event.provider_kind) == ("unknown", "charge.dispute.created")


def test_an_event_with_an_id_that_is_not_ours_is_no_error(provider: StripeProvider) -> None:
    body = an_event(metadata={"payment_id": "edited by hand"})
    headers, raw = signed(body)
    [event] = provider.parse_webhook(headers, raw, NOW)
    assert event.payment_id is None


@pytest.mark.parametrize(
    ("kind", "payment_status", "meant"),
    [
        ("checkout.session.completed", "paid", "captured"),
        # Some ways to pay take days.
        ("checkout.session.completed", "unpaid", "pending"),
        ("checkout.session.async_payment_succeeded", "paid", "captured"),
        ("checkout.session.async_payment_failed", "unpaid", "failed"),
        ("checkout.session.expired", "unpaid", "cancelled"),
    ],
)
def test_what_a_session_says(
    provider: StripeProvider, kind: str, payment_status: str, meant: str
) -> None:
    payment_id = new_id()
    body = an_event(
        kind, id="cs_1", object="checkout.session", amount_total=129900, payment_intent="pi_1",
        payment_status=payment_status, metadata={"payment_id": str(payment_id)},
    )  # fmt: skip
    [event] = provider.parse_webhook(*signed(body), NOW)
    assert (event.kind, event.reference, event.capture_reference) == (meant, "cs_1", "pi_1")
    assert (event.payment_id, event.amount_minor, event.currency) == (payment_id, 129900, "INR")


def test_a_failed_refund_is_understood(provider: StripeProvider) -> None:
    body = an_event(
        "refund.failed", id="re_1", status="failed", payment_intent="pi_1", failure_reason="lost"
    )
    headers, raw = signed(body)
    [event] = provider.parse_webhook(headers, raw, NOW)
    assert (event.kind, event.refund_reference, event.reference) == (
        "refund_failed",
        "re_1",
        "pi_1",
    )
