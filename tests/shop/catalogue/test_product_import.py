"""Imports: what each line becomes, with no database in sight."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.product_import import Wish, wishes_of
from shop.product_rules import EMPTY, EMPTY_VARIANT, faults_of
from shop.product_table import (
    COLUMNS,
    MOST_LINES,
    TableUnreadable,
    read_table,
    template,
    write_table,
)

SHIRT: dict[str, Any] = {
    **EMPTY,
    "id": "p-1",
    "sku": "SHIRT",
    "name": "Linen shirt",
    "mrp_minor": 199900,
    "price_minor": 129900,
    "variants": [
        {**EMPTY_VARIANT, "id": "v-1", "sku": "SHIRT-M", "size": "M", "stock": 7},
        {**EMPTY_VARIANT, "id": "v-2", "sku": "SHIRT-L", "size": "L", "stock": 3},
    ],
}


def file(*lines: dict[str, str], names: str = "product_sku,name,mrp") -> bytes:
    columns = [*dict.fromkeys([*names.split(","), *(key for line in lines for key in line)])]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


def wishes(
    content: bytes, *existing: dict[str, Any], is_stock_set: bool = False
) -> tuple[Wish, ...]:
    return wishes_of(read_table(content).lines, existing, is_stock_set=is_stock_set)


def one(content: bytes, *existing: dict[str, Any], is_stock_set: bool = False) -> Wish:
    (wish,) = wishes(content, *existing, is_stock_set=is_stock_set)
    return wish


def outcomes(found: tuple[Wish, ...]) -> list[tuple[int, str]]:
    return [(line.line, line.outcome) for wish in found for line in wish.lines]


def faults(wish: Wish) -> list[tuple[int, str, str]]:
    return [(line.line, f.column, f.code) for line in wish.lines for f in line.faults]


def test_lines_of_one_number_are_one_product_with_its_variants() -> None:
    wish = one(template())
    assert wish.part["name"] == "Hand-block cotton kurta"
    assert wish.part["mrp_minor"] == 249900 and wish.part["weight_g"] == 350
    assert [variant["size"] for variant in wish.part["variants"]] == ["M", "L"]
    assert [line.outcome for line in wish.lines] == ["create", "create"]


def test_an_empty_cell_leaves_what_is_there() -> None:
    wish = one(file({"product_sku": "SHIRT", "variant_sku": "SHIRT-M", "price": "1199"}), SHIRT)
    assert wish.part == {"price_minor": 119900}
    assert [line.outcome for line in wish.lines] == ["update"]


def test_stock_of_what_is_there_counts_only_when_it_is_wished() -> None:
    content = file({"product_sku": "SHIRT", "variant_sku": "SHIRT-L", "stock": "9"})
    kept = one(content, SHIRT)
    assert not kept.is_to_do and kept.lines[0].outcome == "unchanged"
    counted = one(content, SHIRT, is_stock_set=True)
    assert [(c.variant_id, c.pieces) for c in counted.counted] == [("v-2", 9)]
    assert counted.lines[0].outcome == "update"


def test_a_variant_without_a_number_is_known_by_what_it_is() -> None:
    plain = {**SHIRT, "variants": [{**variant, "sku": None} for variant in SHIRT["variants"]]}
    wish = one(file({"product_sku": "SHIRT", "size": "L", "variant_price": "1399"}), plain)
    assert [v["id"] for v in wish.part["variants"]] == ["v-2"]


def test_a_wrong_line_takes_its_product_along_and_no_other() -> None:
    found = wishes(
        file(
            {"product_sku": "A", "name": "A", "mrp": "100", "size": "S"},
            {"product_sku": "A", "size": "M", "variant_price": "a lot"},
            {"product_sku": "B", "name": "B", "mrp": "100"},
        )
    )
    assert outcomes(found) == [(2, "refused"), (3, "refused"), (4, "create")]
    assert faults(found[0]) == [(2, "", "sibling"), (3, "variant_price", "not_a_number")]
    assert not found[0].is_to_do and found[1].is_to_do


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"price": "2000"}, "price", "above_mrp"),
        ({"variant_price": "2000"}, "variant_price", "above_mrp"),
        ({"hsn_code": "12"}, "hsn_code", "malformed"),
        ({"gst_percent": "17"}, "gst_percent", "unknown_rate"),
        ({"mrp": "999.999"}, "mrp", "too_exact"),
        ({"status": "sold"}, "status", "unknown"),
        ({"show_live": "perhaps"}, "show_live", "not_a_flag"),
        ({"stock": "-4"}, "stock", "out_of_range"),
        ({"images": "https://elsewhere.example/a.jpg"}, "images", "not_uploaded"),
        ({"option_1_name": "Fit"}, "option_1_value", "required"),
        ({"name": ""}, "name", "required"),
        ({"product_sku": ""}, "product_sku", "required"),
    ],
)
def test_a_cell_that_cannot_be_says_which_and_why(
    cells: dict[str, str], column: str, code: str
) -> None:
    line = {"product_sku": "A", "name": "A", "mrp": "1000", **cells}
    assert (2, column, code) in faults(one(file(line)))


def test_a_second_line_that_says_something_else_is_refused() -> None:
    wish = one(
        file(
            {"product_sku": "A", "name": "A", "mrp": "100", "size": "S"},
            {"product_sku": "A", "name": "B", "size": "M"},
        )
    )
    assert (3, "name", "differs") in faults(wish)


def test_the_same_variant_twice_is_refused_where_it_comes_again() -> None:
    lines = [{"product_sku": "A", "name": "A", "mrp": "100", "size": "S"}] * 2
    assert (3, "", "twice") in faults(one(file(*lines)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"name\nA\n", "columns_missing"),
        (b"product_sku,name,mrp,name\n", "columns_twice"),
        ("product_sku,name,mrp\nA,Sari \u092a,1\n".encode("utf-16-be"), "not_a_table"),
        (b"product_sku,name,mrp\nA,\xff\xfe,1\n", "not_utf8"),
        (b"PK\x03\x04\x00\x00" + b"\x00" * 50, "not_a_table"),
        (file(*[{"product_sku": "A", "name": "A", "mrp": "1"}] * (MOST_LINES + 1)), "too_long"),
    ],
)
def test_what_is_no_table_of_products_is_refused_as_a_whole(content: bytes, reason: str) -> None:
    with pytest.raises(TableUnreadable) as refused:
        read_table(content)
    assert refused.value.reason == reason


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_of_any_spreadsheet_is_read(separator: str) -> None:
    rows = [["Product SKU", "NAME", "mrp", "Colour of box"], ["A", "साड़ी", "₹1,299.50", "red"]]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    for encoded in (text.encode("utf-8-sig"), text.encode("utf-16")):
        table = read_table(encoded)
        assert dict(table.lines[0].cells) == {
            "product_sku": "A", "name": "साड़ी", "mrp": "₹1,299.50",
        }  # fmt: skip
        assert table.ignored_columns == ("colour_of_box",)
        assert wishes_of(table.lines, (), is_stock_set=False)[0].part["mrp_minor"] == 129950


def test_a_formula_is_no_formula_in_a_file_and_itself_again_when_read() -> None:
    product = {**SHIRT, "name": "=SUM(A1:A9)"}
    content = write_table([product])
    assert b"'=SUM" in content
    assert not one(content, product).is_to_do


# ---- any product comes back as it went out

words = st.text(
    st.characters(codec="utf-8", exclude_characters="|\0\r", exclude_categories=("Cs", "Cc")),
    min_size=1,
    max_size=12,
).map(str.strip).filter(lambda text: text and not text.startswith("'"))  # fmt: skip
variants = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.uuids().map(str),
            "sku": st.none() | words,
            "color": st.none() | words,
            "size": st.none() | words,
            "options": st.dictionaries(words, words, max_size=2),
            "price_minor": st.none() | st.integers(0, 1000),
            "stock": st.integers(0, 50),
        }
    ),
    min_size=1,
    max_size=4,
)
products = st.fixed_dictionaries(
    {
        "sku": words,
        "name": words,
        "description": st.just("") | words,
        "mrp_minor": st.integers(1000, 9_999_999),
        "price_minor": st.none() | st.integers(0, 1000),
        "tax_rate_bp": st.sampled_from([0, 25, 500, 1800]),
        "weight_g": st.none() | st.integers(0, 99_999),
        "dimensions_mm": st.none()
        | st.fixed_dictionaries(dict.fromkeys(("length", "width", "height"), st.integers(1, 9999))),
        "tags": st.lists(words, max_size=3),
        "is_live_stream_eligible": st.booleans(),
        "variants": variants,
    }
).map(lambda some: {**EMPTY, "id": "p-1", **some})


@given(products.filter(lambda product: not faults_of(product)))
def test_what_was_exported_changes_nothing_when_it_is_imported(product: dict[str, Any]) -> None:
    wish = one(write_table([product]), product, is_stock_set=True)
    assert {line.outcome for line in wish.lines} == {"unchanged"}, wish
    assert not wish.is_to_do


@given(st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=6))
def test_whatever_is_in_a_file_it_has_a_report_and_no_traceback(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows(rows)
    try:
        table = read_table(out.getvalue().encode("utf-8", "replace"))
    except TableUnreadable:
        return
    found = wishes_of(table.lines, (), is_stock_set=True)
    assert sum(len(wish.lines) for wish in found) == len(table.lines)
