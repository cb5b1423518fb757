"""The office that tests of payments work in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shop.payments.desk import PaymentDesk
from shop.payments.paying import Payments
from shop.payments.razorpay import RazorpayConfig, RazorpayProvider
from shop.payments.scripted import TestProvider
from shop.payments.upi import UpiConfig, UpiProvider
from tests.livecommerce.http.payments.payment_office import ADMIN_ID, SECRET, Office
from tests.shop.payments.razorpay_stub import KEY_ID, KEY_SECRET, WEBHOOK_SECRET


@pytest.fixture
async def office(
    database: Any, database_url: str, serve: Any, world: Any, bearer: Any, now: Any
) -> AsyncIterator[Office]:
    sql = await asyncpg.connect(database_url)
    # The clock of the tests stands still where the database's does not.
    now.at = (await sql.fetchval("select now()")) + timedelta(seconds=1)
    customer_id = await world.user("customer", "Asha")
    await world.product()
    await sql.execute(
        "insert into auth.users (id, email, raw_app_meta_data)"
        " values ($1, 'desk@example.com', '{\"role\": \"admin\"}')",
        ADMIN_ID,
    )
    config = RazorpayConfig(KEY_ID, KEY_SECRET, WEBHOOK_SECRET, "Jaipur Cottons", "https://x/back")
    providers: dict[str, Any] = {
        "test": TestProvider(database, SECRET),
        "upi": UpiProvider(UpiConfig("shop@examplebank", "Jaipur Cottons")),
        "razorpay": (razorpay := RazorpayProvider(config)),
    }
    desk = PaymentDesk(database, providers, lambda: now.at)
    offered = Payments(("cod", "test", "upi"), providers, desk.kick)
    client = await serve(payments=offered)
    yield Office(
        sql,
        desk,
        client,
        customer_id,
        bearer("customer", customer_id),
        bearer("admin", ADMIN_ID),
        now,
    )
    razorpay.close()
    await sql.close()
