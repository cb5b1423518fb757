import pytest

from shop.money import spoken


@pytest.mark.parametrize(
    ("amount_minor", "text"),
    [
        (129900, "₹1,299"),
        (99, "₹0.99"),
        (0, "₹0"),
        (12990050, "₹1,29,900.50"),
        (123456789000, "₹1,23,45,67,890"),
        (100000, "₹1,000"),
        (-500, "-₹5"),
    ],
)
def test_amounts_are_written_as_in_india(amount_minor: int, text: str) -> None:
    assert spoken(amount_minor) == text
