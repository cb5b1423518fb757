"""`livecommerce webhooks`: where payment providers have to call, and whether they know it.

Looking changes nothing. `--register` registers at Stripe, which has an interface for it; run again
it changes nothing either, and it never deletes. Razorpay is told by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from livecommerce.http.payment_callbacks import RETURN_PATH, WEBHOOK_PATH
from livecommerce.settings import Settings
from shop.payments.provider import ProviderRefused, ProviderUnavailable
from shop.payments.registration import Registered, Registry, look, register

_SETTING: Final = "LIVECOMMERCE_PAYMENTS_STRIPE_WEBHOOK_SECRET"
Tell = Callable[[str], None]


async def run(settings: Settings, *, is_registering: bool, tell: Tell) -> int:
    """0 when the providers know us, as far as can be seen; else 1."""
    given, code = settings.payments, 0
    if given.stripe_secret_key is None and given.razorpay_key_id is None:
        tell("No payment provider that calls back has its keys in the settings.")
        return 0
    if settings.http.public_url is None:
        tell(
            f"LIVECOMMERCE_HTTP_PUBLIC_URL is not set, and nobody else reaches "
            f"{settings.public_url}."
        )
        return 1
    if given.stripe_secret_key is not None:
        code = await _stripe(settings, is_registering=is_registering, tell=tell)
    if given.razorpay_key_id is not None:
        _razorpay(settings, tell)
    return code


def address(settings: Settings, provider: str) -> str:
    """Where this provider calls."""
    return settings.public_url + WEBHOOK_PATH.format(provider=provider)


async def _stripe(settings: Settings, *, is_registering: bool, tell: Tell) -> int:
    from shop.payments.stripe import WEBHOOK_EVENTS, StripeConfig, StripeProvider

    given, url = settings.payments, address(settings, "stripe")
    assert given.stripe_secret_key is not None, "asked before"
    back = settings.public_url + RETURN_PATH.format(provider="stripe")
    config = StripeConfig(given.stripe_secret_key.get_secret_value(), "", back, given.stripe_url)
    stripe = StripeProvider(config)
    tell(f"stripe: {url}")
    try:
        return await _at(stripe, url, WEBHOOK_EVENTS, is_registering=is_registering, tell=tell)
    except (ProviderUnavailable, ProviderRefused) as error:
        tell(f"  Stripe could not be asked: {error}")
        return 1
    finally:
        stripe.close()


async def _at(
    registry: Registry, url: str, events: Sequence[str], *, is_registering: bool, tell: Tell
) -> int:
    found = await (register if is_registering else look)(registry, url, events)
    for line in _lines(found, events):
        tell(f"  {line}")
    return 0 if found.verdict == "registered" else 1


def _lines(found: Registered, events: Sequence[str]) -> list[str]:
    ids = ", ".join(found.ids)
    match found.verdict:
        case "missing":
            return [
                "Not registered. `livecommerce webhooks --register` does it, or by hand with:",
                *(f"  {event}" for event in events),
            ]
        case "outdated":
            return [
                f"{ids} is disabled or does not hear all that is needed; "
                "`livecommerce webhooks --register` puts it right and keeps its secret."
            ]
        case "several":
            return [
                f"Registered {len(found.ids)} times: {ids}. Nothing was changed: compare their "
                f"signing secrets with {_SETTING} in the dashboard of Stripe, and remove those "
                "that differ."
            ]
        case "registered" if found.secret is not None:
            return [
                f"Registered now, as {ids}. Its secret is shown this once; put it into the "
                "settings:",
                f"{_SETTING}={found.secret}",
            ]
        case _:
            return [f"Registered, as {ids}."]


def _razorpay(settings: Settings, tell: Tell) -> None:
    from shop.payments.razorpay import WEBHOOK_EVENTS

    tell(f"razorpay: {address(settings, 'razorpay')}")
    tell("  Register it by hand, once, in the dashboard of Razorpay (Account & Settings, Webhooks)")
    tell("  with the secret LIVECOMMERCE_PAYMENTS_RAZORPAY_WEBHOOK_SECRET and these events:")
    for event in WEBHOOK_EVENTS:
        tell(f"    {event}")
