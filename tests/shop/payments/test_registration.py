"""Registering the webhook at Stripe: once, whatever was there, and nothing is ever deleted."""

from collections.abc import AsyncIterator

import pytest

from shop.payments.registration import Endpoint, Registered, judge, look, register
from shop.payments.stripe import WEBHOOK_EVENTS, StripeConfig, StripeProvider
from tests.shop.payments.localstripe_server import SECRET_KEY, LocalStripe, local_stripe

URL = "https://shop.example/api/v1/webhooks/stripe"
EVENTS = ("checkout.session.completed", "refund.updated")


@pytest.fixture
async def there() -> AsyncIterator[LocalStripe]:
    async with local_stripe() as server:
        yield server


@pytest.fixture
async def stripe(there: LocalStripe) -> AsyncIterator[StripeProvider]:
    provider = StripeProvider(StripeConfig(SECRET_KEY, "", "https://shop.example/back", there.url))
    yield provider
    provider.close()


async def test_b25_registering_twice_registers_once_and_keeps_the_secret(
    stripe: StripeProvider,
) -> None:
    assert await look(stripe, URL, WEBHOOK_EVENTS) == Registered("missing")
    first = await register(stripe, URL, WEBHOOK_EVENTS)
    assert first.verdict == "registered" and first.secret
    second = await register(stripe, f"{URL}/", WEBHOOK_EVENTS)
    assert second == Registered("registered", first.ids)
    assert [each.id for each in await stripe.endpoints()] == [*first.ids]


async def test_b25_of_two_at_our_address_none_is_touched(
    stripe: StripeProvider, there: LocalStripe
) -> None:
    first = await register(stripe, URL, EVENTS)
    twin, _ = await stripe.create(URL, EVENTS)
    answer = await register(stripe, URL, WEBHOOK_EVENTS)
    assert answer.verdict == "several" and set(answer.ids) == {*first.ids, twin}
    left = await stripe.endpoints()
    assert {each.id for each in left} == {*first.ids, twin}
    assert {each.events for each in left} == {EVENTS}


async def test_an_endpoint_that_lacks_events_learns_them_and_keeps_its_own(
    stripe: StripeProvider,
) -> None:
    id_, _ = await stripe.create(URL, ("charge.dispute.created",))
    await stripe.create("https://elsewhere.example/hook", ("*",))
    assert (await look(stripe, URL, EVENTS)).verdict == "outdated"
    assert await register(stripe, URL, EVENTS) == Registered("registered", (id_,))
    events = {each.id: each.events for each in await stripe.endpoints()}
    assert set(events[id_]) == {"charge.dispute.created", *EVENTS}
    assert len(events) == 2


@pytest.mark.parametrize(
    ("endpoint", "verdict"),
    [
        (Endpoint("we_1", URL, ("*",), is_enabled=True), "registered"),
        (Endpoint("we_1", URL, EVENTS, is_enabled=False), "outdated"),
        (Endpoint("we_1", URL, EVENTS[:1], is_enabled=True), "outdated"),
        (Endpoint("we_1", "https://other.example/", ("*",), is_enabled=True), "missing"),
    ],
)
def test_how_it_stands(endpoint: Endpoint, verdict: str) -> None:
    assert judge([endpoint], URL, EVENTS).verdict == verdict
