"""What a product may be: pure rules over the document that its wholesaler edits.

The document is what the pages send and what lines of an import become: money in paise, weight in
grams, lengths in millimetres. `faults_of` judges a whole one; `columns_of` turns the part that is
given into columns of `products`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

Document: TypeAlias = Mapping[str, Any]
"""A product, or the part of one that is to change; see `EMPTY` for the keys."""

HIGHEST_PRICE_MINOR: Final = 9_999_999_999
MOST_VARIANTS: Final = 200
MOST_IMAGES: Final = 12
MOST_VIDEOS: Final = 5
MOST_WORDS: Final = 30
MOST_OPTIONS: Final = 2
HIGHEST_STOCK: Final = 1_000_000

GST_RATES_BP: Final = (0, 25, 100, 150, 300, 500, 600, 750, 1200, 1800, 2800, 4000)
"""Rates on goods that are or were in force: today's, and those of goods that keep an older one."""

LOCALES: Final = ("en", "hi")
STANDARD_LABEL: Final = "Standard"

EMPTY: Final[Document] = {
    "name": "",
    "short_description": "",
    "description": "",
    "sku": None,
    "barcode": None,
    "category": "",
    "subcategory": "",
    "brand": "",
    "tags": [],
    "keywords": [],
    "mrp_minor": None,
    "price_minor": None,
    "wholesale_price_minor": 0,
    "hsn_code": None,
    "tax_rate_bp": 0,
    "country_of_origin": None,
    "importer": None,
    "net_quantity": None,
    "weight_g": None,
    "dimensions_mm": None,
    "images": [],
    "videos": [],
    "meta_title": None,
    "meta_description": None,
    "min_stock_level": 10,
    "status": "active",
    "is_live_stream_eligible": True,
    "translations": {},
    "variants": [],
}
"""A product of which nothing is said yet."""

EMPTY_VARIANT: Final[Document] = {
    "id": None,
    "sku": None,
    "color": None,
    "size": None,
    "options": {},
    "price_minor": None,
    "stock": 0,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be. path: of the field, `variants.0.price_minor`; code: stable, for the
    words of the pages; message: a sentence."""

    path: str
    code: str
    message: str


_LONGEST: Final = {
    "name": 255,
    "short_description": 500,
    "description": 10_000,
    "sku": 100,
    "category": 100,
    "subcategory": 100,
    "brand": 100,
    "country_of_origin": 100,
    "importer": 500,
    "net_quantity": 50,
    "meta_title": 255,
    "meta_description": 500,
}
_HSN: Final = re.compile(r"[0-9]{4}(?:[0-9]{2}){0,2}")
_BARCODE: Final = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_IMAGE: Final = re.compile(r"/images/products/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_OPTIONAL: Final = (
    "sku", "barcode", "hsn_code", "country_of_origin", "importer", "net_quantity", "meta_title",
    "meta_description",
)  # fmt: skip
_PRICED: Final = {"mrp_minor", "price_minor", "variants"}
_TEXTS: Final = ("short_description", "description", "category", "subcategory", "brand")


def faults_of(product: Document) -> tuple[Fault, ...]:
    """Everything that is wrong with a whole product, in the order of its form."""
    return (
        *_faults_of_texts(product),
        *_faults_of_prices(product),
        *_faults_of_goods(product),
        *_faults_of_lists(product),
        *_faults_of_translations(product),
        *_faults_of_variants(product),
    )


def faults_of_change(whole: Document, part: Document) -> tuple[Fault, ...]:
    """What is wrong with a product because of this part of it. What was wrong before, as another
    client of the schema may have written it, is in nobody's way."""
    touched = set(part)
    if touched & _PRICED:
        touched |= _PRICED
    return tuple(fault for fault in faults_of(whole) if fault.path.partition(".")[0] in touched)


def columns_of(part: Document) -> dict[str, Any]:
    """The columns of `products` that this part of a document sets."""
    columns: dict[str, Any] = {}
    if "name" in part:
        columns["name"] = part["name"].strip()
    for name in (*_OPTIONAL, *_TEXTS):
        if name in part:
            columns[name] = (part[name] or "").strip() or None
    for name in ("tags", "keywords", "images", "videos"):
        if name in part:
            columns[name] = list(part[name])
    for name in ("min_stock_level", "is_live_stream_eligible"):
        if name in part:
            columns[name] = part[name]
    columns |= _price_columns(part)
    if "tax_rate_bp" in part:
        columns["tax_rate"] = _shifted(part["tax_rate_bp"], 2)
    if "weight_g" in part:
        columns["weight"] = _shifted(part["weight_g"], 3)
    if "dimensions_mm" in part:
        sides = part["dimensions_mm"]
        columns["dimensions"] = (
            None if sides is None else {name: float(mm) / 10 for name, mm in sides.items()}
        )
    if "status" in part:
        columns["status"] = part["status"]
        columns["is_active"] = part["status"] == "active"
    return columns


def variant_rows(variants: Sequence[Document]) -> list[dict[str, Any]]:
    """Variants as the database takes them, at the `position` that is given or in their order. The
    label says which one it is."""
    return [
        {
            "id": variant.get("id"),
            "sku": (variant.get("sku") or "").strip() or None,
            "color": (variant.get("color") or "").strip() or None,
            "size": (variant.get("size") or "").strip() or None,
            "options": dict(variant.get("options") or {}) or None,
            "label": label_of(variant),
            "price": _shifted(variant.get("price_minor"), 2),
            "position": variant.get("position", place),
            "stock": variant.get("stock") or 0,
        }
        for place, variant in enumerate(variants)
    ]


def label_of(variant: Document) -> str:
    """'Blue / M', or 'Standard' of a product that comes in one kind."""
    options = dict(variant.get("options") or {})
    parts = [variant.get("color"), variant.get("size"), *options.values()]
    label = " / ".join(text.strip() for text in parts if text and text.strip())
    return label[:120] or STANDARD_LABEL


def _price_columns(part: Document) -> dict[str, Any]:
    names = {
        "mrp_minor": "retail_price",
        "price_minor": "sale_price",
        "wholesale_price_minor": "wholesale_price",
    }
    return {column: _shifted(part[name], 2) for name, column in names.items() if name in part}


def _shifted(number: int | None, places: int) -> str | None:
    """A whole number of small units as the decimal of the large one: 1299, 2 -> '12.99'."""
    return None if number is None else str(Decimal(number).scaleb(-places))


def _faults_of_texts(product: Document) -> Iterator[Fault]:
    if not (product.get("name") or "").strip():
        yield Fault("name", "required", "A product needs a name.")
    for name, longest in _LONGEST.items():
        if len(product.get(name) or "") > longest:
            yield Fault(name, "too_long", f"At most {longest} characters.")
    hsn, barcode = product.get("hsn_code"), product.get("barcode")
    if hsn and not _HSN.fullmatch(hsn):
        yield Fault("hsn_code", "malformed", "An HSN code has 4, 6 or 8 digits.")
    if barcode and not _BARCODE.fullmatch(barcode):
        yield Fault("barcode", "malformed", "A barcode has 8, 12, 13 or 14 digits.")


def _faults_of_prices(product: Document) -> Iterator[Fault]:
    mrp, price = product.get("mrp_minor"), product.get("price_minor")
    if mrp is None or mrp <= 0:
        yield Fault("mrp_minor", "required", "A product needs its maximum retail price.")
    for name in ("mrp_minor", "price_minor", "wholesale_price_minor"):
        if not 0 <= (product.get(name) or 0) <= HIGHEST_PRICE_MINOR:
            yield Fault(name, "out_of_range", "This is no price.")
    if mrp is not None and price is not None and price > mrp:
        yield Fault("price_minor", "above_mrp", "The price may not be above the MRP.")
    if product.get("tax_rate_bp", 0) not in GST_RATES_BP:
        yield Fault("tax_rate_bp", "unknown_rate", "This is not a rate of GST.")


def _faults_of_goods(product: Document) -> Iterator[Fault]:
    weight, sides = product.get("weight_g"), product.get("dimensions_mm")
    if weight is not None and not 0 <= weight < 100_000_000:
        yield Fault("weight_g", "out_of_range", "This is no weight.")
    if sides is not None and not all(0 < mm <= 100_000 for mm in sides.values()):
        yield Fault("dimensions_mm", "out_of_range", "Each length is between 0 and 100 m.")
    if not 0 <= product.get("min_stock_level", 0) <= HIGHEST_STOCK:
        yield Fault("min_stock_level", "out_of_range", "This is no number of pieces.")


def _faults_of_lists(product: Document) -> Iterator[Fault]:
    for name, most in (("tags", MOST_WORDS), ("keywords", MOST_WORDS), ("images", MOST_IMAGES),
                       ("videos", MOST_VIDEOS)):  # fmt: skip
        if len(product.get(name) or ()) > most:
            yield Fault(name, "too_many", f"At most {most}.")
    for name in ("tags", "keywords"):
        if any(not 0 < len(word.strip()) <= 50 for word in product.get(name) or ()):
            yield Fault(name, "malformed", "Each word has 1 to 50 characters.")
    if not all(_IMAGE.fullmatch(url) for url in product.get("images") or ()):
        yield Fault("images", "not_uploaded", "Pictures are uploaded here first.")
    if not all(_is_https(url) for url in product.get("videos") or ()):
        yield Fault("videos", "not_https", "A video is given by its https address.")


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and len(url) <= 500


def _faults_of_translations(product: Document) -> Iterator[Fault]:
    for locale, text in (product.get("translations") or {}).items():
        if locale not in LOCALES:
            yield Fault(
                f"translations.{locale}", "unknown", "The pages do not speak this language."
            )
        elif text is not None and not (text.get("name") or "").strip():
            yield Fault(f"translations.{locale}.name", "required", "A translation needs a name.")


def _faults_of_variants(product: Document) -> Iterator[Fault]:
    variants = product.get("variants") or []
    if not variants:
        yield Fault("variants", "required", "A product needs at least one variant.")
    if len(variants) > MOST_VARIANTS:
        yield Fault("variants", "too_many", f"At most {MOST_VARIANTS} variants.")
    seen: set[object] = set()
    skus: set[str] = set()
    for place, variant in enumerate(variants[:MOST_VARIANTS]):
        kind, sku = kind_of(variant), (variant.get("sku") or "").strip()
        if kind in seen:
            yield Fault(f"variants.{place}", "twice", f"{label_of(variant)} is there twice.")
        if sku and sku in skus:
            yield Fault(f"variants.{place}.sku", "twice", "Two variants have this number.")
        seen.add(kind)
        skus.add(sku)
        yield from _faults_of_variant(product, variant, f"variants.{place}")


def kind_of(variant: Document) -> tuple[object, ...]:
    """What makes a variant another one than its neighbours."""
    options = {
        name.strip(): value.strip() for name, value in (variant.get("options") or {}).items()
    }
    color, size = (variant.get("color") or "").strip(), (variant.get("size") or "").strip()
    return color, size, tuple(sorted(options.items()))


def _faults_of_variant(product: Document, variant: Document, path: str) -> Iterator[Fault]:
    price, mrp = variant.get("price_minor"), product.get("mrp_minor")
    if price is not None and not 0 <= price <= HIGHEST_PRICE_MINOR:
        yield Fault(f"{path}.price_minor", "out_of_range", "This is no price.")
    elif price is not None and mrp is not None and price > mrp:
        yield Fault(f"{path}.price_minor", "above_mrp", "The price may not be above the MRP.")
    if not 0 <= (variant.get("stock") or 0) <= HIGHEST_STOCK:
        yield Fault(f"{path}.stock", "out_of_range", "This is no number of pieces.")
    for name, longest in (("sku", 100), ("color", 50), ("size", 50)):
        if len(variant.get(name) or "") > longest:
            yield Fault(f"{path}.{name}", "too_long", f"At most {longest} characters.")
    options = variant.get("options") or {}
    if len(options) > MOST_OPTIONS:
        yield Fault(f"{path}.options", "too_many", f"At most {MOST_OPTIONS} options.")
    for name, value in options.items():
        if not 0 < len(name.strip()) <= 30 or not 0 < len(value.strip()) <= 50:
            yield Fault(f"{path}.options", "malformed", "An option has a name and a value.")
            break
