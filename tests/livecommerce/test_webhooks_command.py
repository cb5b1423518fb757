"""`livecommerce webhooks` against a Stripe on this machine."""

from collections.abc import AsyncIterator

import pytest

from livecommerce import settings as configuration
from livecommerce import webhooks
from tests.shop.payments.localstripe_server import SECRET_KEY, LocalStripe, local_stripe

PUBLIC = {"LIVECOMMERCE_HTTP_PUBLIC_URL": "https://shop.example"}
_RAZORPAY = "LIVECOMMERCE_PAYMENTS_RAZORPAY_"
RAZORPAY = {
    f"{_RAZORPAY}{name}": "not a secret" for name in ("KEY_ID", "KEY_SECRET", "WEBHOOK_SECRET")
}


@pytest.fixture
async def there() -> AsyncIterator[LocalStripe]:
    async with local_stripe() as server:
        yield server


def keys(url: str) -> dict[str, str]:
    return {
        "LIVECOMMERCE_PAYMENTS_STRIPE_SECRET_KEY": SECRET_KEY,
        "LIVECOMMERCE_PAYMENTS_STRIPE_URL": url,
    }


async def said(variables: dict[str, str], *, register: bool = False) -> tuple[int, str]:
    lines: list[str] = []
    settings = configuration.load(variables)
    code = await webhooks.run(settings, is_registering=register, tell=lines.append)
    return code, "\n".join(lines)


async def test_b25_the_webhook_is_registered_once_and_its_secret_shown_once(
    there: LocalStripe,
) -> None:
    here = PUBLIC | keys(there.url)
    code, text = await said(here)
    assert code == 1 and "Not registered." in text
    assert "https://shop.example/api/v1/webhooks/stripe" in text
    code, text = await said(here, register=True)
    assert code == 0 and "STRIPE_WEBHOOK_SECRET=whsec_of_we_" in text
    for register in (True, False):
        code, text = await said(here, register=register)
        assert code == 0 and "Registered, as we_" in text and "whsec" not in text
    listed = await there.get("/v1/webhook_endpoints")
    assert len(listed["data"]) == 1 and listed["data"][0]["api_version"]


async def test_b25_a_webhook_that_is_there_twice_is_left_to_a_person(there: LocalStripe) -> None:
    here = PUBLIC | keys(there.url)
    await said(here, register=True)
    url, event = "https://shop.example/api/v1/webhooks/stripe", "checkout.session.completed"
    await there.post(
        "/v1/webhook_endpoints", **{"url": url, "enabled_events[0]": event, "api_version": "1"}
    )
    code, text = await said(here, register=True)
    assert code == 1 and "Registered 2 times: we_" in text and "Nothing was changed" in text


async def test_a_stripe_that_is_away_is_said_in_a_line() -> None:
    code, text = await said(PUBLIC | keys("http://127.0.0.1:9"))
    assert code == 1 and "Stripe could not be asked: " in text


async def test_a_server_that_nobody_can_reach_registers_nothing(there: LocalStripe) -> None:
    code, text = await said(keys(there.url), register=True)
    assert code == 1 and "LIVECOMMERCE_HTTP_PUBLIC_URL is not set" in text
    assert (await there.get("/v1/webhook_endpoints"))["data"] == []


async def test_razorpay_is_registered_by_hand() -> None:
    code, text = await said(PUBLIC | RAZORPAY)
    assert code == 0 and "razorpay: https://shop.example/api/v1/webhooks/razorpay" in text
    assert "payment.captured" in text and "RAZORPAY_WEBHOOK_SECRET" in text


async def test_stripe_is_not_offered_before_its_webhook_has_a_secret(there: LocalStripe) -> None:
    offered = {"LIVECOMMERCE_PAYMENTS_METHODS": "cod,stripe"}
    with pytest.raises(configuration.SettingsRefused, match="STRIPE_WEBHOOK_SECRET"):
        configuration.load(PUBLIC | keys(there.url) | offered)


async def test_a_shop_without_such_a_provider_has_nothing_to_do() -> None:
    assert (await said(PUBLIC, register=True))[0] == 0
