"""Whose GSTIN an order takes. The number is a public example."""

import pytest

from shop.buyer import buyer_gstin
from shop.refusal import ShopRefused


def test_a_gstin_is_kept_in_its_one_spelling() -> None:
    assert buyer_gstin(" 27 aapfu0939f 1zv ") == "27AAPFU0939F1ZV"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_who_buys_for_themselves_has_none(text: str | None) -> None:
    assert buyer_gstin(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("27AAPFU0939F1ZO", "gst.check_digit"),
        ("72AAPFU0939F1ZV", "gst.state_unknown"),
        ("27AAPFU0939F1ZV and more", "gst.malformed"),
    ],
)
def test_a_gstin_that_cannot_be_one_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ShopRefused) as refused:
        buyer_gstin(text)
    assert refused.value.code == "order.gstin_invalid"
    assert refused.value.details == {"reason": reason, "gstin": text}
