"""What an import would do: lines of a table against the products that are there. Pure.

`SKU` is the key, of the product and of the variant; a variant without one is known by colour, size
and options. The same file twice changes nothing: only what differs becomes a wish. A line that
cannot be taken takes the other lines of its product with it, and no other product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from shop.product_rules import EMPTY, HIGHEST_STOCK, Document, Fault, faults_of, kind_of
from shop.product_table import BY_NAME, CellRefused, Line, value_of

Outcome = Literal["create", "update", "unchanged", "refused"]

_STATUSES: Final = ("active", "inactive", "discontinued")
# The column that a fault of the document is about.
_COLUMN_OF: Final = {
    ("product", column.key.partition(".")[0]): name
    for name, column in BY_NAME.items()
    if column.of == "product"
} | {
    ("variant", column.key.partition(".")[0]): name
    for name, column in BY_NAME.items()
    if column.of == "variant"
}


@dataclass(frozen=True, slots=True)
class CellFault:
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LineReport:
    """What becomes of a line. faults: why it is refused; '' as column for the line as a whole."""

    line: int
    sku: str
    product_name: str
    outcome: Outcome
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """So many pieces of a variant are to be there."""

    variant_id: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of one product. product_id: None for a new one. part: what changes of it,
    the whole of a new one. counted: stock to set, of variants that are there already."""

    sku: str
    product_id: str | None
    part: Document
    counted: tuple[Counted, ...]
    lines: tuple[LineReport, ...]

    @property
    def is_to_do(self) -> bool:
        return bool(self.part or self.counted) and all(
            line.outcome != "refused" for line in self.lines
        )


@dataclass(slots=True)
class _Reading:
    """A product as its lines say it, while they are read."""

    sku: str
    product: dict[str, Any] = field(default_factory=dict)
    variants: list[dict[str, Any]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    faults: dict[int, list[CellFault]] = field(default_factory=dict)

    def blame(self, line: int, column: str, code: str, message: str) -> None:
        self.faults.setdefault(line, []).append(CellFault(column, code, message))


def skus_of(lines: Iterable[Line]) -> list[str]:
    """Every number that the lines name, to look the products up by."""
    names = ("product_sku", "variant_sku")
    return sorted({line.cells[name] for line in lines for name in names if name in line.cells})


def wishes_of(
    lines: Sequence[Line], existing: Iterable[Document], *, is_stock_set: bool
) -> tuple[Wish, ...]:
    """One wish per product, in the order of the file. existing: products with these numbers.

    is_stock_set: whether `stock` counts for variants that are there already, or for new ones only.
    """
    by_sku = {product["sku"]: product for product in existing if product["sku"]}
    return tuple(
        _wish(reading, by_sku.get(reading.sku), is_stock_set) for reading in _readings(lines)
    )


def _readings(lines: Sequence[Line]) -> list[_Reading]:
    readings: dict[str, _Reading] = {}
    for line in lines:
        sku = line.cells.get("product_sku", "")
        # Each line without a number stands for itself, refused.
        reading = readings.setdefault(sku or f"\0{line.number}", _Reading(sku))
        reading.lines.append(line)
        if not sku:
            reading.blame(line.number, "product_sku", "required", "A line needs a product_sku.")
        _read(reading, line)
    return list(readings.values())


def _read(reading: _Reading, line: Line) -> None:
    variant: dict[str, Any] = {}
    for name, cell in line.cells.items():
        column = BY_NAME[name]
        try:
            value = value_of(column, cell)
        except CellRefused as error:
            reading.blame(line.number, name, error.code, error.message)
            continue
        document = variant if column.of == "variant" else reading.product
        if column.of == "product" and document.get(column.key, value) != value:
            reading.blame(
                line.number, name, "differs", "It says something else than a line before it."
            )
        document[column.key] = value
        if name == "stock" and not 0 <= value <= HIGHEST_STOCK:
            reading.blame(line.number, name, "out_of_range", "This is no number of pieces.")
    if reading.product.get("status", "active") not in _STATUSES and "status" in line.cells:
        reading.blame(line.number, "status", "unknown", "Write active, inactive or discontinued.")
    reading.variants.append(_with_options(reading, line, variant))


def _with_options(reading: _Reading, line: Line, flat: dict[str, Any]) -> dict[str, Any]:
    options = {}
    for place in "01":
        name, value = flat.pop(f"option_names.{place}", ""), flat.pop(f"option_values.{place}", "")
        if bool(name) != bool(value):
            column = f"option_{int(place) + 1}_{'value' if name else 'name'}"
            reading.blame(line.number, column, "required", "An option has a name and a value.")
        elif name:
            options[name] = value
    return {**flat, "options": options} if options else flat


def _wish(reading: _Reading, before: Document | None, is_stock_set: bool) -> Wish:
    product = _nested(reading.product, before)
    found = [_variant_of(variant, before) for variant in reading.variants]
    merged = [
        {**(known or {}), **{k: v for k, v in variant.items() if k != "stock" or known is None}}
        for variant, known in zip(reading.variants, found, strict=True)
    ]
    named = {str(variant["id"]) for variant in merged if variant.get("id")}
    rest = [v for v in (before or {}).get("variants", ()) if str(v["id"]) not in named]
    whole = {**EMPTY, **(before or {}), **product, "variants": [*merged, *rest]}
    for fault in faults_of(whole):
        _blame_line(reading, fault)
    changes = {key: value for key, value in product.items() if (before or {}).get(key) != value}
    if merged != found and any(_differs(*pair) for pair in zip(merged, found, strict=True)):
        changes["variants"] = merged
    counted = _counted(reading, found) if is_stock_set else ()
    part = whole if before is None else changes
    return Wish(
        sku=reading.sku,
        product_id=None if before is None else str(before["id"]),
        part=part,
        counted=counted,
        lines=_reports(reading, whole, before, found, changes, counted),
    )


def _nested(flat: Mapping[str, Any], before: Document | None) -> dict[str, Any]:
    """Lengths become the sides of one thing; a side that is not said stays as it was."""
    product = {key: value for key, value in flat.items() if "." not in key}
    sides = {
        key.partition(".")[2]: value
        for key, value in flat.items()
        if key.startswith("dimensions_mm.")
    }
    if sides:
        product["dimensions_mm"] = {**((before or {}).get("dimensions_mm") or {}), **sides}
    return product


def _variant_of(variant: Document, before: Document | None) -> Document | None:
    """The one that is there already: by its number, else by what it is."""
    for known in (before or {}).get("variants", ()):
        if variant.get("sku") and known["sku"] == variant["sku"]:
            return dict(known)
    for known in (before or {}).get("variants", ()):
        if kind_of(known) == kind_of(variant) and not (known["sku"] and variant.get("sku")):
            return dict(known)
    return None


def _differs(merged: Document, known: Document | None) -> bool:
    return known is None or any(merged[key] != known.get(key) for key in merged)


def _blame_line(reading: _Reading, fault: Fault) -> None:
    """A fault of the document belongs to the line that says it, or to the first one."""
    root, *more = fault.path.split(".")
    if root == "variants" and more:
        place = int(more[0])
        line = reading.lines[place] if place < len(reading.lines) else reading.lines[0]
        column = _COLUMN_OF.get(("variant", more[1]), "") if len(more) > 1 else ""
    else:
        line, column = reading.lines[0], _COLUMN_OF.get(("product", root), "")
    said = [fault.column for fault in reading.faults.get(line.number, ())]
    if column not in said:
        reading.blame(line.number, column, fault.code, fault.message)


def _counted(reading: _Reading, found: Sequence[Document | None]) -> tuple[Counted, ...]:
    return tuple(
        Counted(str(known["id"]), variant["stock"])
        for variant, known in zip(reading.variants, found, strict=True)
        if known is not None and "stock" in variant and variant["stock"] != known["stock"]
    )


def _reports(
    reading: _Reading,
    whole: Document,
    before: Document | None,
    found: Sequence[Document | None],
    changes: Document,
    counted: Sequence[Counted],
) -> tuple[LineReport, ...]:
    recounted = {one.variant_id for one in counted}
    reports = []
    for place, line in enumerate(reading.lines):
        known, merged = found[place], whole["variants"][place]
        faults = tuple(reading.faults.get(line.number, ()))
        if reading.faults and not faults:
            faults = (CellFault("", "sibling", "Another line of this product cannot be taken."),)
        is_changed = (
            (place == 0 and changes.keys() - {"variants"})
            or _differs(merged, known)
            or (known is not None and str(known["id"]) in recounted)
        )
        outcome: Outcome = "update" if is_changed else "unchanged"
        if faults:
            outcome = "refused"
        elif before is None:
            outcome = "create"
        sku = line.cells.get("variant_sku") or reading.sku
        reports.append(LineReport(line.number, sku, str(whole["name"]), outcome, faults))
    return tuple(reports)
