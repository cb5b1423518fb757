"""The payment providers that the settings name, and the desk that works at them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from db import Database
from livecommerce import clock
from livecommerce.http.payment_callbacks import RETURN_PATH
from livecommerce.settings import Settings, SettingsRefused
from shop.payments.desk import DeskTerms, PaymentDesk
from shop.payments.paying import Payments
from shop.payments.provider import Provider
from shop.payments.scripted import TestProvider
from shop.payments.upi import UpiConfig, UpiProvider

# The worker finds what nobody kicked for; hubs are kicked by the orders that they take.
WORKER_INTERVAL_S: Final = 1.0
HUB_INTERVAL_S: Final = 10.0


def open_payments(
    stack: AsyncExitStack, settings: Settings, database: Database, interval_s: float
) -> tuple[Payments, PaymentDesk]:
    """What this process offers, and its desk (run it). Providers are closed with the stack.

    Raises SettingsRefused when a provider's library is not installed.
    """
    given = settings.payments
    providers = _providers(stack, settings, database)
    desk = PaymentDesk(
        database,
        providers,
        clock.now,
        DeskTerms(
            interval_s=interval_s,
            grace=timedelta(seconds=given.grace_s),
            upi_grace=timedelta(seconds=given.upi_grace_s),
            watch=timedelta(days=given.watch_days),
        ),
    )
    return Payments(given.methods, providers, desk.kick), desk


def _providers(
    stack: AsyncExitStack, settings: Settings, database: Database
) -> dict[str, Provider]:
    """Every provider that can be reached, offered or not: what was paid there is refunded there."""
    given = settings.payments
    providers: dict[str, Provider] = {
        "test": TestProvider(database, _secret(given.test_webhook_secret))
    }
    if given.upi_address is not None:
        providers["upi"] = UpiProvider(UpiConfig(given.upi_address, given.name))
    if given.stripe_secret_key is not None:
        providers["stripe"] = _stripe(stack, settings)
    if given.razorpay_key_id is not None:
        providers["razorpay"] = _razorpay(stack, settings)
    return providers


def _stripe(stack: AsyncExitStack, settings: Settings) -> Provider:
    try:
        from shop.payments.stripe import StripeConfig, StripeProvider
    except ModuleNotFoundError as error:
        raise _not_installed("stripe") from error
    given = settings.payments
    provider = StripeProvider(
        StripeConfig(
            secret_key=_secret(given.stripe_secret_key) or "",
            webhook_secret=_secret(given.stripe_webhook_secret) or "",
            return_url=settings.public_url + RETURN_PATH.format(provider="stripe"),
            api_base=given.stripe_url,
        )
    )
    stack.callback(provider.close)
    return provider


def _razorpay(stack: AsyncExitStack, settings: Settings) -> Provider:
    try:
        from shop.payments.razorpay import API, RazorpayConfig, RazorpayProvider
    except ModuleNotFoundError as error:
        raise _not_installed("razorpay") from error
    given = settings.payments
    provider = RazorpayProvider(
        RazorpayConfig(
            key_id=given.razorpay_key_id or "",
            key_secret=_secret(given.razorpay_key_secret) or "",
            webhook_secret=_secret(given.razorpay_webhook_secret) or "",
            name=given.name,
            return_url=settings.public_url + RETURN_PATH.format(provider="razorpay"),
            base_url=given.razorpay_url or API,
        )
    )
    stack.callback(provider.close)
    return provider


def _not_installed(library: str) -> SettingsRefused:
    return SettingsRefused(
        f"the settings have keys for {library}, but its library is not installed: "
        "`pip install 'livecommerce[payments]'`"
    )


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
