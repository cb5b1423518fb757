"""Products as a table in a file: the columns, reading and writing. Pure.

A line is a variant. Lines with the same `product_sku` are one product, whose own columns stand in
its first line and may be left empty in the others. An empty cell says nothing: what is there stays.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from shop.product_rules import Document

MOST_LINES: Final = 2000
MOST_BYTES: Final = 2 * 1024 * 1024
_LONGEST_CELL: Final = 12_000

Kind = Literal["text", "money", "percent", "kilograms", "centimetres", "whole", "list", "flag"]
Of = Literal["product", "variant"]


@dataclass(frozen=True, slots=True)
class Column:
    """key: where the value goes in the document; after a dot, which part of it."""

    name: str
    of: Of
    kind: Kind
    key: str


COLUMNS: Final = (
    Column("product_sku", "product", "text", "sku"),
    Column("variant_sku", "variant", "text", "sku"),
    Column("name", "product", "text", "name"),
    Column("short_description", "product", "text", "short_description"),
    Column("description", "product", "text", "description"),
    Column("category", "product", "text", "category"),
    Column("subcategory", "product", "text", "subcategory"),
    Column("brand", "product", "text", "brand"),
    Column("color", "variant", "text", "color"),
    Column("size", "variant", "text", "size"),
    Column("option_1_name", "variant", "text", "option_names.0"),
    Column("option_1_value", "variant", "text", "option_values.0"),
    Column("option_2_name", "variant", "text", "option_names.1"),
    Column("option_2_value", "variant", "text", "option_values.1"),
    Column("mrp", "product", "money", "mrp_minor"),
    Column("price", "product", "money", "price_minor"),
    Column("wholesale_price", "product", "money", "wholesale_price_minor"),
    Column("variant_price", "variant", "money", "price_minor"),
    Column("stock", "variant", "whole", "stock"),
    Column("low_stock_at", "product", "whole", "min_stock_level"),
    Column("hsn_code", "product", "text", "hsn_code"),
    Column("gst_percent", "product", "percent", "tax_rate_bp"),
    Column("barcode", "product", "text", "barcode"),
    Column("country_of_origin", "product", "text", "country_of_origin"),
    Column("importer", "product", "text", "importer"),
    Column("net_quantity", "product", "text", "net_quantity"),
    Column("weight_kg", "product", "kilograms", "weight_g"),
    Column("length_cm", "product", "centimetres", "dimensions_mm.length"),
    Column("width_cm", "product", "centimetres", "dimensions_mm.width"),
    Column("height_cm", "product", "centimetres", "dimensions_mm.height"),
    Column("images", "product", "list", "images"),
    Column("videos", "product", "list", "videos"),
    Column("tags", "product", "list", "tags"),
    Column("keywords", "product", "list", "keywords"),
    Column("meta_title", "product", "text", "meta_title"),
    Column("meta_description", "product", "text", "meta_description"),
    Column("status", "product", "text", "status"),
    Column("show_live", "product", "flag", "is_live_stream_eligible"),
)
BY_NAME: Final[Mapping[str, Column]] = {column.name: column for column in COLUMNS}
REQUIRED: Final = ("product_sku", "name", "mrp")

_EXAMPLES: Final[tuple[Mapping[str, str], ...]] = (
    {
        "product_sku": "KURTA-01", "variant_sku": "KURTA-01-M", "name": "Hand-block cotton kurta",
        "short_description": "Soft cotton, printed by hand.", "category": "Fashion",
        "subcategory": "Kurtas", "brand": "Jaipur Loom", "color": "Indigo", "size": "M",
        "mrp": "2499", "price": "1299", "wholesale_price": "780", "stock": "20",
        "low_stock_at": "5", "hsn_code": "620520", "gst_percent": "5", "country_of_origin": "India",
        "weight_kg": "0.35", "tags": "cotton | festive", "status": "active", "show_live": "yes",
    },
    {
        "product_sku": "KURTA-01", "variant_sku": "KURTA-01-L", "color": "Indigo", "size": "L",
        "stock": "15",
    },
)  # fmt: skip

_SCALES: Final[Mapping[Kind, int]] = {
    "money": 2, "percent": 2, "kilograms": 3, "centimetres": 1, "whole": 0,
}  # fmt: skip
_FLAGS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
# Of a spreadsheet, a cell that begins so is a formula; so it gets an apostrophe before it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number in the file, and its cells by column, empty ones left out."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    lines: tuple[Line, ...]
    ignored_columns: tuple[str, ...]


class TableUnreadable(Exception):
    """The file is no table of products. reason: stable; columns: which, when it is about some."""

    def __init__(self, reason: str, message: str, columns: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.columns = tuple(columns)


class CellRefused(Exception):
    """A cell that holds no value of its kind."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_table(file: bytes) -> Table:
    """Raises TableUnreadable."""
    text = _decoded(file)
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        rows = [
            (reader.line_num, row)
            for reader in [csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        raise TableUnreadable("not_a_table", "This file is not a table.") from None
    if not rows:
        raise TableUnreadable("empty", "This file is empty.")
    names = [_column_name(cell) for cell in rows[0][1]]
    _check_columns(names)
    if len(rows) - 1 > MOST_LINES:
        raise TableUnreadable(
            "too_long", f"A file has at most {MOST_LINES} lines; please split it."
        )
    lines = tuple(Line(number, _cells(names, row)) for number, row in rows[1:])
    return Table(lines, tuple(name for name in names if name and name not in BY_NAME))


def value_of(column: Column, cell: str) -> Any:
    """What a cell says, as the document has it. Raises CellRefused."""
    if column.kind == "text":
        return cell
    if column.kind == "list":
        return [word.strip() for word in cell.split("|") if word.strip()]
    if column.kind == "flag":
        if cell.lower() not in _FLAGS:
            raise CellRefused("not_a_flag", "Write yes or no.")
        return _FLAGS[cell.lower()]
    return _whole_units(cell, _SCALES[column.kind])


def text_of(column: Column, value: Any) -> str:
    """The cell that says this value; '' for none."""
    if value is None or value == [] or value == "":
        return ""
    if column.kind == "text":
        return _neutral(str(value))
    if column.kind == "list":
        return _neutral(" | ".join(value))
    if column.kind == "flag":
        return "yes" if value else "no"
    number = Decimal(int(value)).scaleb(-_SCALES[column.kind])
    return format(number.quantize(Decimal("0.01")) if column.kind == "money" else number, "f")


def write_table(products: Iterable[Document]) -> bytes:
    """A table that a spreadsheet opens and `read_table` reads again."""
    return _written(cells for product in products for cells in cells_of(product))


def template() -> bytes:
    """An example to fill in."""
    return _written(_EXAMPLES)


def cells_of(product: Document) -> list[dict[str, str]]:
    """The lines of a product; its own columns are in the first one."""
    lines = []
    for place, variant in enumerate(product["variants"]):
        cells = {"product_sku": text_of(BY_NAME["product_sku"], product.get("sku"))}
        for column in COLUMNS:
            if column.of == "variant":
                cells[column.name] = text_of(column, _in_variant(variant, column.key))
            elif place == 0:
                cells[column.name] = text_of(column, _in_product(product, column.key))
        lines.append(cells)
    return lines


def _in_product(product: Document, key: str) -> Any:
    name, _, part = key.partition(".")
    value = product.get(name)
    return (value or {}).get(part) if part else value


def _in_variant(variant: Document, key: str) -> Any:
    name, _, part = key.partition(".")
    if not part:
        return variant.get(name)
    options = sorted((variant.get("options") or {}).items())
    place = int(part)
    return options[place][name == "option_values"] if place < len(options) else None


def _decoded(file: bytes) -> str:
    try:
        if file.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = file.decode("utf-16")
        else:
            text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableUnreadable(
            "not_utf8", "Please save the file as CSV UTF-8: its letters cannot be read."
        ) from None
    if "\0" in text:
        raise TableUnreadable("not_a_table", "This file is not a table.")
    return text


def _check_columns(names: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise TableUnreadable(
            "columns_missing", "Columns are missing: " + ", ".join(missing) + ".", missing
        )
    twice = sorted({name for name in names if name in BY_NAME and names.count(name) > 1})
    if twice:
        raise TableUnreadable("columns_twice", "Columns are there twice.", twice)


def _column_name(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().lower())


def _cells(names: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    cells = {}
    for name, cell in zip(names, row, strict=False):
        text = cell.strip()
        if text.startswith("'") and text[1:2] in _FORMULA:
            text = text[1:].strip()
        if name in BY_NAME and text:
            cells[name] = text[:_LONGEST_CELL]
    return cells


def _whole_units(cell: str, places: int) -> int:
    """'₹1,299.50' with two places -> 129950. Raises CellRefused for more places than there are."""
    text = re.sub(r"^(?:₹|rs\.?|inr)\s*|[,\s%]", "", cell, flags=re.IGNORECASE)
    try:
        if not _NUMBER.fullmatch(text) or len(text) > 20:
            raise InvalidOperation
        number = Decimal(text).scaleb(places)
    except InvalidOperation:
        raise CellRefused("not_a_number", "This is not a number.") from None
    if number != number.to_integral_value():
        raise CellRefused("too_exact", f"At most {places} digits after the point.")
    return int(number)


def _neutral(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(lines: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in COLUMNS], restval="")
    writer.writeheader()
    writer.writerows(lines)
    # The mark by which a spreadsheet knows that Hindi is not noise.
    return b"\xef\xbb\xbf" + text.getvalue().encode()
