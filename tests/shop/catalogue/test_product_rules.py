"""What a product may be."""

from typing import Any

import pytest

from shop.product_rules import (
    EMPTY,
    columns_of,
    faults_of,
    faults_of_change,
    label_of,
    variant_rows,
)

LAMP: dict[str, Any] = {**EMPTY, "name": "Lamp", "mrp_minor": 100000, "variants": [{"stock": 1}]}


def reasons(**changed: Any) -> dict[str, str]:
    return {fault.path: fault.code for fault in faults_of({**LAMP, **changed})}


def test_a_product_of_one_kind_needs_a_name_and_an_mrp() -> None:
    assert reasons() == {}
    assert reasons(name="  ", mrp_minor=None) == {"name": "required", "mrp_minor": "required"}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"price_minor": 100001}, {"price_minor": "above_mrp"}),
        ({"variants": [{"price_minor": 100001}]}, {"variants.0.price_minor": "above_mrp"}),
        ({"variants": []}, {"variants": "required"}),
        ({"variants": [{"size": "M"}, {"size": " M "}]}, {"variants.1": "twice"}),
        (
            {"variants": [{"sku": "A", "size": "M"}, {"sku": "A", "size": "L"}]},
            {"variants.1.sku": "twice"},
        ),
        ({"hsn_code": "62052"}, {"hsn_code": "malformed"}),
        ({"barcode": "12"}, {"barcode": "malformed"}),
        ({"tax_rate_bp": 1700}, {"tax_rate_bp": "unknown_rate"}),
        ({"images": ["/images/products/../secret.webp"]}, {"images": "not_uploaded"}),
        ({"videos": ["javascript:alert(1)"]}, {"videos": "not_https"}),
        ({"videos": ["https://[::1"]}, {"videos": "not_https"}),
        ({"tags": [""]}, {"tags": "malformed"}),
        ({"dimensions_mm": {"length": 0, "width": 1, "height": 1}},
         {"dimensions_mm": "out_of_range"}),
        ({"translations": {"hi": {"name": ""}}}, {"translations.hi.name": "required"}),
        ({"variants": [{"options": {"Fit": ""}}]}, {"variants.0.options": "malformed"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(
    changed: dict[str, Any], fault: dict[str, str]
) -> None:
    assert reasons(**changed) == fault


def test_what_was_wrong_before_is_in_nobodys_way() -> None:
    old = {**LAMP, "images": ["/media/1.webp"]}
    assert faults_of_change({**old, "name": "Big lamp"}, {"name": "Big lamp"}) == ()
    assert faults_of_change(old, {"images": old["images"]}) != ()


def test_the_label_says_which_variant_it_is() -> None:
    assert label_of({"color": "Blue", "size": "M", "options": {"Fit": "Slim"}}) == "Blue / M / Slim"
    assert label_of({}) == "Standard"


def test_columns_are_set_for_what_is_given_only() -> None:
    assert columns_of({"weight_g": 350, "dimensions_mm": {"length": 305}}) == {
        "weight": "0.350",
        "dimensions": {"length": 30.5},
    }
    assert columns_of({"status": "inactive"}) == {"status": "inactive", "is_active": False}
    assert columns_of({"brand": " "}) == {"brand": None}


def test_variants_keep_the_order_of_the_list() -> None:
    rows = variant_rows([{"size": "L", "price_minor": 5}, {"size": "M"}])
    assert [(row["position"], row["label"], row["price"]) for row in rows] == [
        (0, "L", "0.05"),
        (1, "M", None),
    ]
