from typing import Any
from uuid import UUID

import pytest

from shop.pricing import (
    MAX_LINES,
    OrderLine,
    Quote,
    QuotedLine,
    refusal_of_price_changed,
    refusal_of_sold_out,
    refusal_of_unavailable,
    summed,
)
from shop.refusal import ShopRefused

A, B, P = UUID(int=1), UUID(int=2), UUID(int=9)


def line(**changes: Any) -> QuotedLine:
    values: dict[str, Any] = {
        "variant_id": A,
        "product_id": P,
        "name": "Linen shirt",
        "label": "Blue / M",
        "quantity": 3,
        "unit_price_minor": 129900,
        "stock": 10,
        "sellable": True,
    }
    return QuotedLine(**(values | changes))


def test_equal_variants_are_summed_in_the_order_of_the_cart() -> None:
    lines = (OrderLine(B, 1), OrderLine(A, 2), OrderLine(B, 3))
    assert summed(lines, max_quantity=10) == (OrderLine(B, 4), OrderLine(A, 2))


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (OrderLine(A, 0),),
        (OrderLine(A, -1),),
        (OrderLine(A, 5), OrderLine(A, -3)),
        (OrderLine(A, 11),),
        (OrderLine(A, 6), OrderLine(A, 5)),
        tuple(OrderLine(UUID(int=i), 1) for i in range(MAX_LINES + 1)),
    ],
)
def test_quantities_out_of_bounds_are_refused(lines: tuple[OrderLine, ...]) -> None:
    with pytest.raises(ShopRefused) as refusal:
        summed(lines, max_quantity=10)
    assert refusal.value.code == "order.quantity_invalid"


def test_a_sold_out_line_is_named_with_what_is_left() -> None:
    quote = Quote((line(variant_id=B), line(stock=2)), 100)
    refusal = refusal_of_sold_out(quote)
    assert refusal.message == "Only 2 left of 'Linen shirt / Blue / M'; you asked for 3."
    assert refusal.details["variant_id"] == str(A)
    assert refusal.details["available"] == 2
    assert [state["stock"] for state in refusal.details["lines"]] == [10, 2]


def test_a_product_of_one_variant_is_named_without_it() -> None:
    refusal = refusal_of_sold_out(Quote((line(stock=0, label="Standard"),), 100))
    assert refusal.message == "'Linen shirt' is sold out."


def test_a_changed_price_is_told_with_both_totals() -> None:
    refusal = refusal_of_price_changed(Quote((line(),), 389700), shown_total_minor=300000)
    assert "₹3,897" in refusal.message
    assert "₹3,000" in refusal.message
    assert refusal.details["total_minor"] == 389700


def test_a_variant_that_does_not_exist_is_refused_without_a_name() -> None:
    gone = line(product_id=None, name=None, label=None, unit_price_minor=None, sellable=False)
    refusal = refusal_of_unavailable(Quote((gone,), None))
    assert refusal.message == "This product is not for sale any more."
    assert refusal.details["product_id"] is None
