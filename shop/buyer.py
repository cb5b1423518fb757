"""Who buys, where it is a business: what goes on its invoice so that it can claim the tax back."""

from __future__ import annotations

from shop.identifiers import Malformed, gst_number
from shop.refusal import ShopRefused


def buyer_gstin(text: str | None) -> str | None:
    """The GSTIN of the buyer in its one spelling; None for who buys for themselves.

    Raises ShopRefused with `reason` and `gstin` in its details. An invoice cannot be changed
    afterwards, so a mistyped GSTIN must not get as far as an order.
    """
    if text is None or not text.strip():
        return None
    try:
        return gst_number(text)
    except Malformed as malformed:
        raise ShopRefused(
            "order.gstin_invalid", malformed.sentence, {"reason": malformed.reason, "gstin": text}
        ) from malformed
