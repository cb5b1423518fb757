"""UPI without a payment provider: the customer's app pays our address, a person looks for the
money on the bank's statement and confirms its reference (UTR).

The link is the one that UPI apps agree on (NPCI, "UPI linking specification"): `pa` whom, `pn` by
what name, `am` how much, `cu`, `tr` our reference, `tn` a note.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import segno

from shop.payments.provider import (
    Attempt,
    Capabilities,
    Event,
    Intent,
    ProviderRefused,
    Refund,
    RefundAnswer,
    SignatureInvalid,
)

UTR: Final = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class UpiConfig:
    """address: of the payee, e.g. shop@bank. name: shown by the customer's app."""

    address: str
    name: str


class UpiProvider:
    capabilities = Capabilities(refunds_itself=False, can_be_asked=False, can_cancel=False)

    def __init__(self, config: UpiConfig) -> None:
        self._config = config

    async def create_intent(self, attempt: Attempt, now: datetime) -> Intent:
        # `tr` takes 35 letters and digits; ours has 32.
        reference = attempt.id.hex
        client: dict[str, Any] = {
            "link": upi_link(self._config, attempt, reference),
            "payee_name": self._config.name,
            "reference": reference,
        }
        return Intent(reference, client)

    async def fetch(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return ()

    async def capture(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return ()

    async def cancel(self, attempt: Attempt, now: datetime) -> tuple[Event, ...]:
        return ()

    async def refund(self, refund: Refund, now: datetime) -> RefundAnswer:
        raise ProviderRefused("a person gives this back")

    def parse_webhook(
        self, headers: Mapping[str, str], raw: bytes, now: datetime
    ) -> tuple[Event, ...]:
        raise SignatureInvalid("nobody calls for UPI")

    def verify_return(self, fields: Mapping[str, str]) -> tuple[Event, ...]:
        raise SignatureInvalid("nobody comes back from UPI")


def upi_link(config: UpiConfig, attempt: Attempt, reference: str) -> str:
    fields = {
        "pa": config.address,
        "pn": config.name,
        "am": f"{attempt.amount_minor // 100}.{attempt.amount_minor % 100:02}",
        "cu": attempt.currency,
        "tr": reference,
        "tn": attempt.order_number,
    }
    # Apps read `+` as a plus sign and `%40` as written.
    return "upi://pay?" + urlencode(fields, quote_via=quote, safe="@")


def qr_svg(link: str) -> str:
    """The link as a QR code: an SVG for putting into a page."""
    out = io.BytesIO()
    code = segno.make(link, error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff")
    return out.getvalue().decode()
