"""Why the shop says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

RefusalCode = Literal[
    "order.sold_out",
    "order.price_changed",
    "order.product_unavailable",
    "order.key_reused",
    "order.address_invalid",
    "order.quantity_invalid",
    "order.payment_declined",
    "order.not_customer",
    "session.not_found",
    "query.not_found",
    "query.not_customer",
    "query.order_unknown",
    "query.too_many",
    "query.key_reused",
    "query.closed",
    "query.wrong_state",
]


class ShopRefused(Exception):
    """A wish the shop cannot fulfil, with a sentence for the person who has it.

    details holds JSON values only: the new state of what was asked for, so that the page can show
    it without asking again. retry_after_s: set where trying again later can help.
    """

    def __init__(
        self,
        code: RefusalCode,
        message: str,
        details: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        self.retry_after_s = retry_after_s
