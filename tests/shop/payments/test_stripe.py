"""The Stripe adapter against a stateful Stripe on this machine."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
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


@pytest.fixture
async def there() -> AsyncIterator[LocalStripe]:
    async with local_stripe() as server:
        yield server


@pytest.fixture
async def stripe_till(till: Till, there: LocalStripe) -> AsyncIterator[Till]:
    provider = StripeProvider(
        StripeConfig(SECRET_KEY, "pk_test_not_a_key", WEBHOOK_SECRET, there.url)
    )
    till.providers["stripe"] = provider
    yield till
    provider.close()


async def intent_of(till: Till, bought: Bought) -> str:
    await till.work()
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "pending"
    assert payment["provider_reference"].startswith("pi_")
    client = orjson.loads(payment["client"])
    assert client["publishable_key"] == "pk_test_not_a_key" and client["client_secret"]
    return str(payment["provider_reference"])


async def test_a_payment_is_made_paid_and_told_by_webhook(
    stripe_till: Till, there: LocalStripe, aiohttp_server: Any
) -> None:
    till, heard = stripe_till, asyncio.Event()

    async def webhook(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = await request.read()
        events = till.providers["stripe"].parse_webhook(headers, raw, datetime.now(UTC))
        await inbox.receive(till.db, "stripe", "webhook", events)
        if any(event.kind == "captured" for event in events):
            heard.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", webhook)
    server = await aiohttp_server(app, host="127.0.0.1")
    await there.send_webhooks_to(str(server.make_url("/")), WEBHOOK_SECRET)
    bought = await till.buy("stripe")
    intent_id = await intent_of(till, bought)
    await there.pay(intent_id)
    await asyncio.wait_for(heard.wait(), 30)
    order = await till.order(bought)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert order["payment_gateway"] == "stripe" and order["payment_reference"] == intent_id
    payment = await there.get(f"/v1/payment_intents/{intent_id}")
    assert payment["metadata"]["payment_id"] == str(bought.payment_id)
    assert (payment["amount"], payment["currency"]) == (PRICE, "inr")


async def test_b24_a_payment_whose_webhook_never_came_is_found(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    await there.pay(await intent_of(till, bought))
    till.pass_(minutes=2)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_b19_a_declined_card_and_then_another_try(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    first = await intent_of(till, bought)
    await there.pay(first, DECLINED)
    till.pass_(minutes=2)
    await till.work()
    assert (await till.payment(bought.payment_id))["status"] == "failed"
    assert (await till.order(bought))["payment_status"] == "failed"
    again, payments = new_id(), Payments(("stripe",), till.providers)
    await pay(till.db, payments, bought.user_id, bought.order_id, again, "stripe", till.now)
    await till.work()
    assert (await there.get(f"/v1/payment_intents/{first}"))["status"] == "canceled"
    second = (await till.payment(again))["provider_reference"]
    assert second != first
    await there.pay(second)
    till.pass_(minutes=5)
    await till.work()
    assert (await till.order(bought))["payment_status"] == "paid"


async def test_a_refund_goes_to_stripe_once(stripe_till: Till, there: LocalStripe) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    intent_id = await intent_of(till, bought)
    await there.pay(intent_id)
    till.pass_(minutes=2)
    await till.work()
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
    bought = await till.buy("stripe")
    intent_id = await intent_of(till, bought)
    await there.pay(intent_id)
    till.pass_(minutes=2)
    await till.work()
    refund = Refund(
        new_id(), False, "ORD-1", "stripe", intent_id, None, bought.payment_id, 10000, "INR",
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


async def test_b09_an_unpaid_intent_is_cancelled_with_its_order(
    stripe_till: Till, there: LocalStripe
) -> None:
    till = stripe_till
    bought = await till.buy("stripe")
    intent_id = await intent_of(till, bought)
    till.pass_(minutes=18)
    await till.work()
    assert (await till.order(bought))["status"] == "cancelled"
    assert (await there.get(f"/v1/payment_intents/{intent_id}"))["status"] == "canceled"
    payment = await till.payment(bought.payment_id)
    assert payment["status"] == "cancelled" and payment["due_at"] is None


async def test_a_stripe_that_is_away_fails_no_payment(till: Till) -> None:
    # Nobody listens there.
    config = StripeConfig(SECRET_KEY, "pk_test", WEBHOOK_SECRET, "http://127.0.0.1:9")
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
    return StripeProvider(StripeConfig(SECRET_KEY, "pk_test", WEBHOOK_SECRET))


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


def test_an_event_of_another_kind_is_kept_as_unknown(provider: StripeProvider) -> None:
    headers, raw = signed(an_event("charge.dispute.created"))
    [event] = provider.parse_webhook(headers, raw, NOW)
    assert (event.kind, event.provider_kind) == ("unknown", "charge.dispute.created")


def test_an_event_with_an_id_that_is_not_ours_is_no_error(provider: StripeProvider) -> None:
    body = an_event(metadata={"payment_id": "edited by hand"})
    headers, raw = signed(body)
    [event] = provider.parse_webhook(headers, raw, NOW)
    assert event.payment_id is None


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
