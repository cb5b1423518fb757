"""A wholesaler's products on the wire; see own_product_routes.py for what is done with them."""

from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from livecommerce.http.product_routes import Dimensions
from signaling.payloads import Id, Wire

# Lengths and the like are the shop's rules, which say what is wrong; here is only what may arrive.
_Line = Annotated[str, StringConstraints(max_length=1000)]
_Long = Annotated[str, StringConstraints(max_length=20_000)]
_Lines = Annotated[tuple[_Line, ...], Strict(False), Field(max_length=100)]
_Minor = Annotated[int, Field(ge=0, le=1_000_000_000_000)]
_Whole = Annotated[int, Field(ge=0, le=1_000_000_000)]

Status = Literal["active", "inactive", "discontinued"]


class Translation(Wire):
    name: _Line
    short_description: _Line | None = None
    description: _Long | None = None


class VariantDraft(Wire):
    """id: of one that is there. stock: of a new one; that of others is adjusted, with a reason."""

    id: Id | None = None
    sku: _Line | None = None
    color: _Line | None = None
    size: _Line | None = None
    options: dict[_Line, _Line] = Field({}, max_length=10)
    price_minor: _Minor | None = None
    stock: _Whole = 0


class ProductPart(Wire):
    """What is left out stays as it is. variants: those to change or to add, in their order."""

    name: _Line | None = None
    short_description: _Line | None = None
    description: _Long | None = None
    sku: _Line | None = None
    barcode: _Line | None = None
    category: _Line | None = None
    subcategory: _Line | None = None
    brand: _Line | None = None
    tags: _Lines = ()
    keywords: _Lines = ()
    mrp_minor: _Minor | None = None
    price_minor: _Minor | None = None
    wholesale_price_minor: _Minor = 0
    hsn_code: _Line | None = None
    tax_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    country_of_origin: _Line | None = None
    importer: _Line | None = None
    net_quantity: _Line | None = None
    weight_g: _Whole | None = None
    dimensions_mm: Dimensions | None = None
    images: _Lines = ()
    videos: _Lines = ()
    meta_title: _Line | None = None
    meta_description: _Line | None = None
    min_stock_level: _Whole = 10
    status: Status = "active"
    is_live_stream_eligible: bool = True
    translations: dict[Literal["en", "hi"], Translation | None] = Field({}, max_length=2)
    variants: Annotated[tuple[VariantDraft, ...], Strict(False), Field(max_length=250)] = ()
    removed_variant_ids: Annotated[tuple[Id, ...], Strict(False), Field(max_length=250)] = ()


class NewProduct(ProductPart):
    """id: made by the caller; the same product sent twice with it is made once."""

    id: Id


class OwnVariant(Wire):
    id: Id
    label: str
    sku: str | None
    color: str | None
    size: str | None
    options: dict[str, str]
    price_minor: int | None
    stock: int


class OwnProduct(Wire):
    """A product as it is edited. price_minor: null sells at the MRP."""

    id: Id
    wholesaler_id: Id
    name: str
    short_description: str
    description: str
    sku: str | None
    barcode: str | None
    category: str
    subcategory: str
    brand: str
    tags: Annotated[tuple[str, ...], Strict(False)]
    keywords: Annotated[tuple[str, ...], Strict(False)]
    mrp_minor: int
    price_minor: int | None
    wholesale_price_minor: int
    hsn_code: str | None
    tax_rate_bp: int
    country_of_origin: str | None
    importer: str | None
    net_quantity: str | None
    weight_g: int | None
    dimensions_mm: Dimensions | None
    images: Annotated[tuple[str, ...], Strict(False)]
    videos: Annotated[tuple[str, ...], Strict(False)]
    meta_title: str | None
    meta_description: str | None
    min_stock_level: int
    status: Status
    is_live_stream_eligible: bool
    translations: dict[str, Translation]
    variants: Annotated[tuple[OwnVariant, ...], Strict(False)]
    average_rating: Annotated[float, Strict(False)]
    total_reviews: int
    total_sales: int
    created_at_ms: int
    updated_at_ms: int


class OwnProductOk(Wire):
    product: OwnProduct


class ListedOwnProduct(Wire):
    """is_low: as few pieces are left as min_stock_level, or fewer."""

    id: Id
    name: str
    sku: str
    category: str
    image_url: str | None
    status: Status
    price_minor: int
    mrp_minor: int
    stock: int
    min_stock_level: int
    is_low: bool
    variants: int
    total_sales: int
    created_at_ms: int
    updated_at_ms: int


class OwnProductCounts(Wire):
    """Of the newest 5000 products."""

    all: int
    for_sale: int
    hidden: int
    low_stock: int
    sold_out: int
    discontinued: int


class OwnProducts(Wire):
    """next: what to send as `after` for more; null at the end."""

    products: Annotated[tuple[ListedOwnProduct, ...], Strict(False)]
    next: str | None
    counts: OwnProductCounts


class StockChange(Wire):
    """delta: so many more or fewer. counted: so many there are. One of the two."""

    variant_id: Id
    delta: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    counted: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class StockAdjustment(Wire):
    """id: made by the caller; the same adjustment sent twice with it is made once."""

    id: Id
    reason: Literal["received", "returned", "damaged", "lost", "counted", "correction"]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    changes: Annotated[tuple[StockChange, ...], Strict(False), Field(min_length=1, max_length=200)]


class StockMove(Wire):
    """reason: null of a move by an order, and of one written without. by: whose, by name."""

    id: int
    variant_id: Id
    label: str
    delta: int
    reason: str | None
    note: str | None
    by: str | None
    order_number: str | None
    at_ms: int


class StockMoves(Wire):
    moves: Annotated[tuple[StockMove, ...], Strict(False)]
    next: str | None


class ProductImage(Wire):
    url: str
    width: int
    height: int


class ProductImageOk(Wire):
    image: ProductImage


class CellFault(Wire):
    """column: '' for the line as a whole. code: stable, for the words of a page."""

    column: str
    code: str
    message: str


class ImportLine(Wire):
    line: int
    sku: str
    product_name: str
    outcome: Literal["create", "update", "unchanged", "refused"]
    faults: Annotated[tuple[CellFault, ...], Strict(False)]


class ImportCounts(Wire):
    create: int
    update: int
    unchanged: int
    refused: int


class ImportReport(Wire):
    mode: Literal["dry_run", "apply"]
    counts: ImportCounts
    lines: Annotated[tuple[ImportLine, ...], Strict(False)]
    ignored_columns: Annotated[tuple[str, ...], Strict(False)]


class ImportReportOk(Wire):
    report: ImportReport
