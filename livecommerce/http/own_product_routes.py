"""What a wholesaler does with products: list, write, count, import, export, load pictures."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from pydantic import StringConstraints

from db import Actor, Query
from livecommerce import clock
from livecommerce.http import own_products as wire
from livecommerce.http.api import Call, File, Reply, Route, Who
from livecommerce.http.product_routes import (
    Older,
    ms,
    next_of,
    not_a_place,
    place_of,
    product_id_of,
)
from livecommerce.http.refusals import ApiRefused
from livecommerce.http.uploads import Upload
from shop import images, product_table, products, products_by_file
from shop.products import State
from shop.refusal import ShopRefused
from signaling.payloads import Empty, Wire

WHOLESALER: Final[Who] = frozenset(("wholesaler",))

_PER_PAGE: Final = 50
_HOURLY_IMAGES: Final = 500
_MOST_IMAGES: Final = 20_000

# One picture at a time: a decoder holds some 100 MB while it works.
_DECODER: Final = ThreadPoolExecutor(1, thread_name_prefix="pictures")

_NOTE_IMAGE: Final = Query("products.note_image", str)


class OwnFilter(Wire):
    """search: part of a name, or how a SKU begins. after: `next` of the page before."""

    search: Annotated[str, StringConstraints(max_length=100)] = ""
    state: State = "all"
    after: Annotated[str, StringConstraints(max_length=100)] = ""


class ImportWish(Wire):
    """mode: a dry run says what an import would do. set_stock: whether `stock` counts for variants
    that are there already, or for new ones only."""

    mode: Literal["dry_run", "apply"] = "dry_run"
    set_stock: Literal["true", "false"] = "false"


async def own_products(call: Call[OwnFilter]) -> Reply:
    user_id, body = call.caller.user_id, call.body
    page = await products.own_products(
        call.deps.db, user_id, body.search, body.state, place_of(body.after), _PER_PAGE
    )
    counts = await products.own_product_counts(call.deps.db, user_id)
    listed = tuple(
        wire.ListedOwnProduct.model_validate(
            {
                **{name: value for name, value in asdict(row).items() if not name.endswith("_at")},
                "created_at_ms": ms(row.created_at),
                "updated_at_ms": ms(row.updated_at),
            }
        )
        for row in page.rows
    )
    return Reply(
        wire.OwnProducts(
            products=listed,
            next=next_of(page.next_place),
            counts=wire.OwnProductCounts.model_validate(counts),
        )
    )


async def own_product(call: Call[Empty]) -> Reply:
    return _one(await products.product_of(call.deps.db, call.caller.user_id, product_id_of(call)))


async def create_product(call: Call[wire.NewProduct]) -> Reply:
    draft = _given(call.body)
    return _one(await products.create(call.deps.db, call.caller.user_id, call.body.id, draft))


async def change_product(call: Call[wire.ProductPart]) -> Reply:
    part = _given(call.body)
    return _one(
        await products.change(
            call.deps.db,
            call.caller.user_id,
            product_id_of(call),
            part,
            call.body.removed_variant_ids,
        )
    )


async def adjust_stock(call: Call[wire.StockAdjustment]) -> Reply:
    body = call.body
    if any((one.delta is None) == (one.counted is None) for one in body.changes) or len(
        {one.variant_id for one in body.changes}
    ) < len(body.changes):
        raise ApiRefused(
            "payload.invalid",
            "Each variant once, with what is more or fewer, or with what was counted.",
            details={"fields": {"changes": "needs delta or counted, each variant once"}},
        )
    changes = [products.StockChange(one.variant_id, one.delta, one.counted) for one in body.changes]
    return _one(
        await products.adjust_stock(
            call.deps.db,
            call.caller.user_id,
            product_id_of(call),
            body.id,
            body.reason,
            body.note or None,
            changes,
        )
    )


async def stock_moves(call: Call[Older]) -> Reply:
    before = call.body.after
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise not_a_place()
    moves = await products.stock_moves(
        call.deps.db,
        call.caller.user_id,
        product_id_of(call),
        int(before) if before else None,
        _PER_PAGE + 1,
    )
    shown = tuple(
        wire.StockMove(
            id=move.id,
            variant_id=move.variant_id,
            label=move.label,
            delta=move.delta,
            reason=move.reason,
            note=move.note,
            by=move.moved_by,
            order_number=move.order_number,
            at_ms=ms(move.moved_at),
        )
        for move in moves[:_PER_PAGE]
    )
    return Reply(
        wire.StockMoves(moves=shown, next=str(shown[-1].id) if len(moves) > _PER_PAGE else None)
    )


async def add_image(call: Call[Empty]) -> Reply:
    loop, folder = asyncio.get_running_loop(), call.deps.images_dir / "products"
    picture = await loop.run_in_executor(_DECODER, images.encoded, call.upload)
    size = sum(map(len, picture.files.values()))
    user_id = call.caller.user_id
    async with call.deps.db.acting_as(Actor("service", user_id)) as transaction:
        word = await transaction.one(
            _NOTE_IMAGE,
            user_id,
            picture.name,
            picture.width,
            picture.height,
            size,
            _HOURLY_IMAGES,
            _MOST_IMAGES,
        )
    if word == "too_many":
        raise ShopRefused("image.too_many", "These are many pictures. Please try again later.")
    if word != "done":
        raise products.refused(str(word))
    await asyncio.to_thread(images.write, folder, picture)
    return Reply(
        wire.ProductImageOk(
            image=wire.ProductImage(url=picture.url, width=picture.width, height=picture.height)
        )
    )


async def import_template(_: Call[Empty]) -> Reply:
    return Reply(File(product_table.template(), "text/csv", "products-template.csv"))


async def export_products(call: Call[Empty]) -> Reply:
    table = await products_by_file.export_products(call.deps.db, call.caller.user_id)
    return Reply(File(table, "text/csv", f"products-{call.now:%Y-%m-%d}.csv"))


async def import_products(call: Call[ImportWish]) -> Reply:
    report = await products_by_file.import_products(
        call.deps.db,
        call.caller.user_id,
        call.upload,
        call.body.mode,
        clock.uuid7,
        is_stock_set=call.body.set_stock == "true",
    )
    return Reply(
        wire.ImportReportOk(
            report=wire.ImportReport.model_validate(
                {
                    "mode": report.mode,
                    "counts": report.counts,
                    "lines": [asdict(line) for line in report.lines],
                    "ignored_columns": report.ignored_columns,
                }
            )
        )
    )


def _given(body: wire.ProductPart) -> Mapping[str, Any]:
    """What the call says, and nothing of what it leaves out."""
    part = body.model_dump(include=body.model_fields_set - {"id", "removed_variant_ids"})
    if "variants" in part:
        part["variants"] = [
            {
                **variant.model_dump(include=variant.model_fields_set),
                **({"id": str(variant.id)} if variant.id else {}),
            }
            for variant in body.variants
        ]
    return part


def _one(product: Mapping[str, Any]) -> Reply:
    return Reply(wire.OwnProductOk(product=wire.OwnProduct.model_validate(product)))


_PREFIX: Final = "/api/v1/wholesaler"
_LIST: Final = f"{_PREFIX}/products"
_ONE: Final = f"{_LIST}/{{product_id}}"
_WRITING: Final = (
    "product.invalid",
    "product.sku_taken",
    "product.not_found",
    "product.not_wholesaler",
)

ROUTES: Final = (
    Route("GET", _LIST, "The wholesaler's own products, newest first.", WHOLESALER, own_products,
          wire.OwnProducts, OwnFilter),
    Route("POST", _LIST, "A new product.", WHOLESALER, create_product, wire.OwnProductOk,
          wire.NewProduct, status=201, errors=_WRITING),
    Route("GET", _ONE, "One of the wholesaler's own products, as it is edited.", WHOLESALER,
          own_product, wire.OwnProductOk, errors=("product.not_found",)),
    Route("PATCH", _ONE, "Change a product.", WHOLESALER, change_product, wire.OwnProductOk,
          wire.ProductPart, errors=(*_WRITING, "product.in_deal")),
    Route("POST", f"{_ONE}/stock", "Adjust stock, with a reason.", WHOLESALER, adjust_stock,
          wire.OwnProductOk, wire.StockAdjustment,
          errors=("product.not_found", "product.invalid", "stock.too_little",
                  "stock.key_reused")),
    Route("GET", f"{_ONE}/stock-moves", "How the stock of a product moved, newest first.",
          WHOLESALER, stock_moves, wire.StockMoves, Older, errors=("product.not_found",)),
    Route("POST", f"{_PREFIX}/product-images", "Load a picture up; it is encoded anew.", WHOLESALER,
          add_image, wire.ProductImageOk,
          errors=("image.unreadable", "image.too_large", "image.too_many",
                  "product.not_wholesaler"),
          upload=Upload(("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif",
                         "image/bmp", "image/tiff"), images.MOST_BYTES)),
    Route("GET", f"{_PREFIX}/product-import/template", "An example of a file of products.",
          WHOLESALER, import_template, Empty, file_type="text/csv"),
    Route("GET", f"{_PREFIX}/product-export", "The newest 10,000 products as such a file.",
          WHOLESALER, export_products, Empty, file_type="text/csv"),
    Route("POST", f"{_PREFIX}/product-import", "Make and change products by a file, line by line.",
          WHOLESALER, import_products, wire.ImportReportOk, ImportWish,
          errors=("import.unreadable", "product.not_wholesaler"),
          upload=Upload(("text/csv",), product_table.MOST_BYTES)),
)  # fmt: skip
