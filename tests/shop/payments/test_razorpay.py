"""The Razorpay adapter against a stub that speaks its documented API."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shop.payments import inbox
from shop.payments.provider import SignatureInvalid
from shop.payments.razorpay import RazorpayConfig, RazorpayProvider
from tests.shop.payments.razorpay_stub import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayStub
from tests.shop.payments.till import PRICE, Bought, Till

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BACK = "https://shop.example/api/v1/payments/return/razorpay"


@dataclass
class Counter:
    till: Till
    stub: RazorpayStub
    provider: RazorpayProvider

    async def told(self, webhook: tuple[dict[str, str], bytes]) -> None:
        events = self.provider.parse_webhook(*webhook, NOW)
        await inbox.receive(self.till.db, "razorpay", "webhook", events)

    async def ordered(self) -> tuple[Bought, str]:
        """An order of ours, and the name of Razorpay's for it."""
        bought = await self.till.buy("razorpay")
        await self.till.work()
        payment = await self.till.payment(bought.payment_id)
        assert payment["status"] == "pending"
        return bought, payment["provider_reference"]


def config(base_url: str, key_secret: str = KEY_SECRET) -> RazorpayConfig:
    return RazorpayConfig(KEY_ID, key_secret, WEBHOOK_SECRET, "Jaipur Cottons", BACK, base_url)


@pytest.fixture
async def counter(till: Till, aiohttp_server: Any) -> AsyncIterator[Counter]:
    stub = RazorpayStub()
    server = await aiohttp_server(stub.app(), host="127.0.0.1")
    provider = RazorpayProvider(config(str(server.make_url("")).rstrip("/")))
    till.providers["razorpay"] = provider
    yield Counter(till, stub, provider)
    provider.close()


async def test_a_payment_is_made_paid_and_told_by_webhook(counter: Counter) -> None:
    bought, order_id = await counter.ordered()
    order = counter.stub.orders[order_id]
    assert (order["amount"], order["currency"]) == (PRICE, "INR")
    assert order["receipt"] == bought.payment_id.hex and len(order["receipt"]) <= 40
    client = orjson.loads((await counter.till.payment(bought.payment_id))["client"])
    assert client["action"].endswith("/v1/checkout/embedded")
    assert client["fields"]["order_id"] == order_id and client["fields"]["callback_url"] == BACK
    paid = counter.stub.pay(order_id)
    await counter.told(counter.stub.webhook("payment.captured", payment=paid))
    # The same money, told in other words.
    await counter.told(counter.stub.webhook("order.paid", payment=paid, order=order))
    now = await counter.till.order(bought)
    assert (now["status"], now["payment_status"]) == ("confirmed", "paid")
    assert now["payment_reference"] == paid["id"]
    assert sorted((await counter.till.inbox()).values()) == ["applied", "ignored"]


async def test_b21_every_order_of_the_same_webhooks_has_the_same_result(counter: Counter) -> None:
    fates = set()
    for permutation in itertools.permutations(range(4)):
        bought, order_id = await counter.ordered()
        stub, till = counter.stub, counter.till
        failed = stub.pay(order_id, "failed")
        paid = stub.pay(order_id)
        refund = {"id": f"rfnd_of_{paid['id']}", "amount": PRICE, "currency": "INR",
                  "payment_id": paid["id"], "status": "processed", "notes": []}  # fmt: skip
        webhooks = [
            stub.webhook("payment.failed", payment=failed),
            stub.webhook("payment.authorized", payment=paid | {"status": "authorized"}),
            stub.webhook("payment.captured", payment=paid),
            stub.webhook("refund.processed", payment=paid, refund=refund),
        ]
        for n in permutation:
            await counter.told(webhooks[n])
            await counter.told(webhooks[n])
        await till.work()
        order, payment = await till.order(bought), await till.payment(bought.payment_id)
        [made] = await till.refunds(bought)
        fates.add((order["status"], order["payment_status"], payment["status"], made["status"]))
    assert fates == {("cancelled", "refunded", "captured", "succeeded")}


async def test_b24_a_payment_whose_webhook_never_came_is_found_and_captured(
    counter: Counter,
) -> None:
    bought, order_id = await counter.ordered()
    paid = counter.stub.pay(order_id, "authorized")
    counter.till.pass_(minutes=2)
    await counter.till.work()
    assert paid["status"] == "captured"
    assert (await counter.till.order(bought))["payment_status"] == "paid"


async def test_b23_upi_that_failed_and_was_captured_after_all(counter: Counter) -> None:
    bought, order_id = await counter.ordered()
    paid = counter.stub.pay(order_id, "failed")
    await counter.told(counter.stub.webhook("payment.failed", payment=paid))
    payment = await counter.till.payment(bought.payment_id)
    assert (payment["status"], payment["note"]) == ("failed", "The bank declined it.")
    paid |= {"status": "captured", "captured": True, "error_description": None}
    await counter.told(counter.stub.webhook("payment.captured", payment=paid))
    assert (await counter.till.order(bought))["payment_status"] == "paid"


async def test_b18_webhook_and_return_are_one_payment(counter: Counter) -> None:
    bought, order_id = await counter.ordered()
    paid = counter.stub.pay(order_id)
    events = counter.provider.verify_return(counter.stub.browser_return(paid))
    await inbox.receive(counter.till.db, "razorpay", "return", events)
    # The signature of the browser says nothing of the amount.
    assert (await counter.till.order(bought))["payment_status"] == "pending"
    await counter.till.work()
    await counter.told(counter.stub.webhook("payment.captured", payment=paid))
    assert (await counter.till.order(bought))["payment_status"] == "paid"
    assert await counter.till.count("private.ledger_events") == 1


@pytest.mark.parametrize("first", ["webhook", "browser", "neither"])
async def test_b16_the_return_of_the_browser_and_the_webhook_race_for_one_capture(
    counter: Counter, first: str
) -> None:
    """What the browser brings makes the desk ask and take the money; meanwhile Razorpay says by
    webhook that it was taken."""
    till, stub = counter.till, counter.stub
    bought, order_id = await counter.ordered()
    told_before = await till.told(bought)
    paid = stub.pay(order_id, "authorized")
    # Their clock was quicker than our call: it is captured in the webhook already.
    webhook = stub.webhook("payment.captured", payment=paid | {"status": "captured"})

    async def browser_comes_back() -> None:
        events = counter.provider.verify_return(stub.browser_return(paid))
        await asyncio.gather(
            *(inbox.receive(till.db, "razorpay", "return", events) for _ in range(2))
        )
        await till.work()

    racers = {"webhook": counter.told(webhook), "browser": browser_comes_back()}
    if first in racers:
        await racers.pop(first)
    await asyncio.gather(*racers.values())
    # Whoever reloads the page, and the provider that was not sure of our answer, say it again.
    await browser_comes_back()
    await counter.told(webhook)

    order, payment = await till.order(bought), await till.payment(bought.payment_id)
    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert (payment["status"], payment["capture_reference"]) == ("captured", paid["id"])
    posted = await till.sql.fetch("select source_type, event from private.ledger_events")
    assert [tuple(row) for row in posted] == [("payment", "captured")]
    captures = [call for call in stub.calls if call.endswith("/capture")]
    assert len(captures) <= 1
    assert await till.count("private.payments") == 1
    assert await till.refunds(bought) == []
    assert await till.count("private.payment_reversals") == 0
    assert await till.told(bought) == told_before + 1


async def test_an_order_whose_answer_was_lost_is_found_again(counter: Counter) -> None:
    counter.stub.fail_next = (502, "GATEWAY_ERROR")
    bought = await counter.till.buy("razorpay")
    await counter.till.work()
    assert (await counter.till.payment(bought.payment_id))["status"] == "created"
    counter.till.pass_(minutes=5)
    await counter.till.work()
    [order_id] = counter.stub.orders
    payment = await counter.till.payment(bought.payment_id)
    assert (payment["status"], payment["provider_reference"]) == ("pending", order_id)


async def test_a_refund_whose_answer_was_lost_is_made_once(counter: Counter) -> None:
    bought, order_id = await counter.ordered()
    paid = counter.stub.pay(order_id)
    await counter.told(counter.stub.webhook("payment.captured", payment=paid))
    await counter.till.sql.execute(
        "insert into refunds (order_id, amount) values ($1, 500)", bought.order_id
    )
    counter.stub.fail_next = (500, "SERVER_ERROR")
    await counter.till.work()
    assert (await counter.till.refunds(bought))[0]["status"] == "pending"
    counter.till.pass_(minutes=5)
    await counter.till.work()
    [refund] = await counter.till.refunds(bought)
    [made] = counter.stub.refunds.values()
    assert (refund["status"], refund["provider_reference"]) == ("succeeded", made["id"])
    assert made["amount"] == 50000


async def test_a_refund_that_takes_days_is_told_by_webhook(counter: Counter) -> None:
    bought, order_id = await counter.ordered()
    paid = counter.stub.pay(order_id)
    await counter.told(counter.stub.webhook("payment.captured", payment=paid))
    counter.stub.refund_status = "pending"
    await counter.till.sql.execute(
        "insert into refunds (order_id, amount) values ($1, 500)", bought.order_id
    )
    await counter.till.work()
    [made] = counter.stub.refunds.values()
    assert (await counter.till.refunds(bought))[0]["status"] == "pending"
    done = made | {"status": "processed"}
    await counter.told(counter.stub.webhook("refund.processed", payment=paid, refund=done))
    assert (await counter.till.refunds(bought))[0]["status"] == "succeeded"


async def test_b26_a_refund_that_razorpay_refuses_has_failed(counter: Counter) -> None:
    bought, order_id = await counter.ordered()
    paid = counter.stub.pay(order_id)
    await counter.told(counter.stub.webhook("payment.captured", payment=paid))
    paid["status"] = "refunded"
    await counter.till.sql.execute(
        "insert into refunds (order_id, amount) values ($1, 500)", bought.order_id
    )
    await counter.till.work()
    assert (await counter.till.refunds(bought))[0]["status"] == "failed"
    note = (await counter.till.row("select note from private.refund_work"))["note"]
    assert note == "The total refund amount is greater"


async def test_keys_that_are_wrong_fail_no_payment(till: Till, aiohttp_server: Any) -> None:
    server = await aiohttp_server(RazorpayStub().app(), host="127.0.0.1")
    url = str(server.make_url("")).rstrip("/")
    till.providers["razorpay"] = provider = RazorpayProvider(config(url, "another"))
    bought = await till.buy("razorpay")
    await till.work()
    assert (await till.payment(bought.payment_id))["status"] == "created"
    provider.close()


# ---- signatures, offline


@pytest.fixture
def provider() -> RazorpayProvider:
    return RazorpayProvider(config("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers, raw: (headers, raw.replace(b"129900", b"100")),
        lambda headers, raw: ({}, raw),
        lambda headers, raw: (headers | {"x-razorpay-signature": "é"}, raw),
        lambda headers, raw: (headers, b"\xff"),
    ],
    ids=["body", "none", "not ascii", "not text"],
)
def test_what_razorpay_did_not_sign_is_refused(provider: RazorpayProvider, spoil: Any) -> None:
    webhook = RazorpayStub().webhook("payment.captured", payment={"id": "p", "amount": 129900})
    headers, raw = spoil(*webhook)
    with pytest.raises(SignatureInvalid):
        provider.parse_webhook(headers, raw, NOW)


def test_b20_a_browser_that_brings_another_payment_is_refused(provider: RazorpayProvider) -> None:
    fields = RazorpayStub().browser_return({"id": "pay_1", "order_id": "order_1"})
    assert provider.verify_return(fields)[0].reference == "order_1"
    for name in fields:
        with pytest.raises(SignatureInvalid):
            provider.verify_return(fields | {name: "order_2"})
    with pytest.raises(SignatureInvalid):
        provider.verify_return({})


def test_an_event_of_another_kind_is_kept_as_unknown(provider: RazorpayProvider) -> None:
    webhook = RazorpayStub().webhook("invoice.paid", invoice={"id": "inv_1"})
    [event] = provider.parse_webhook(*webhook, NOW)
    assert (event.kind, event.provider_kind) == ("unknown", "invoice.paid")


def test_money_that_was_never_captured_and_went_back_is_a_failure(
    provider: RazorpayProvider,
) -> None:
    payment = {"id": "pay_1", "order_id": "order_1", "captured": False, "notes": []}
    refund = {"id": "rfnd_1", "amount": 1, "currency": "INR", "status": "processed", "notes": []}
    webhook = RazorpayStub().webhook("refund.processed", payment=payment, refund=refund)
    [event] = provider.parse_webhook(*webhook, NOW)
    assert (event.kind, event.reference) == ("failed", "order_1")
