"""Whether payment providers can tell of payments, and do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from db import SERVICE, Database, DatabaseUnavailable, LoginRefused, Query
from livecommerce import clock
from livecommerce.database import logins
from livecommerce.doctor.finding import Finding, Patient

HEARD_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Heard:
    """Of a payment provider: events that it told of, and payments that were found by asking."""

    provider: str
    told: int
    found: int


_HEARD = Query("payments.heard", Heard)


async def check_payments(patient: Patient) -> Finding:
    """Payments that nobody told of are found all the same, later: it has to be said."""
    given, named = patient.settings.payments, patient.settings.database
    offered = f"offered: {', '.join(given.methods)}"
    calling = {"stripe", "razorpay"} & set(given.methods)
    if not calling:
        return Finding("payments", "pass", offered)
    if not patient.settings.public_url.startswith("https://"):
        return Finding(
            "payments",
            "warn",
            f"{offered}; providers cannot call {patient.settings.public_url}",
            "Set LIVECOMMERCE_HTTP_PUBLIC_URL to the https address of this server.",
        )
    if named.url is None and named.service_url is None:
        return Finding("payments", "pass", f"{offered}; no database is named to look into")
    urls = logins(patient.settings)
    try:
        database = await Database.connect(service=urls.service, api=urls.api, pool_size=1)
    except (DatabaseUnavailable, LoginRefused):
        return Finding("payments", "pass", f"{offered}; there is no database to look into")
    try:
        heard = await database.acting_as(SERVICE).all(_HEARD, clock.now() - HEARD_WITHIN)
    finally:
        await database.close()
    return judge_heard(offered, heard)


def judge_heard(offered: str, heard: Sequence[Heard]) -> Finding:
    silent = [each for each in heard if each.found and not each.told]
    if silent:
        seen = ", ".join(f"{each.found} of {each.provider}" for each in silent)
        return Finding(
            "payments",
            "warn",
            f"{offered}; payments were found by asking ({seen}), and no webhook came in a week",
            "`livecommerce webhooks` says where they have to call; docs/payments.md.",
        )
    return Finding("payments", "pass", offered)
