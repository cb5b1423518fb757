"""The page of a product, with what search engines and messengers read in its head.

The page itself is a file of the browser app, as every page is. Here its title is replaced, and
before the end of its head come description, canonical address, pictures for previews, and the
product as schema.org has it. Nothing of it runs: browsers do not execute a block of that type.
"""

import asyncio
import re
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from aiohttp import web

from db import ANONYMOUS, DatabaseUnavailable
from livecommerce.http.deps import HttpDeps
from livecommerce.http.pages import Page, host_of, not_built, page_headers
from shop.money import CURRENCY
from shop.refusal import ShopRefused
from shop.search import product_for_sale

PAGE: Final = Page(
    r"/products/{product_id:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}", "product.html"
)
_TITLE: Final = re.compile(r"<title>[^<]*</title>")
# What search engines show of a description, and messengers of a title.
_LONGEST: Final = 300


def add_product_page(app: web.Application, deps: HttpDeps) -> None:
    async def show(request: web.Request) -> web.StreamResponse:
        path = deps.dist_dir / PAGE.file
        text = await asyncio.to_thread(_text_of, path)
        if text is None:
            return not_built(PAGE.file)
        product_id = UUID(request.match_info["product_id"])
        status, head = await _head(deps, product_id, _origin(request, deps))
        title = head["title"]
        page = _TITLE.sub(lambda _: f"<title>{escape(title)}</title>", text, count=1)
        page = page.replace("</head>", f"{head['tags']}</head>", 1)
        return web.Response(
            status=status,
            text=page,
            content_type="text/html",
            headers=page_headers(PAGE, request, deps.origins) | {"Cache-Control": "no-cache"},
        )

    app.router.add_get(PAGE.path, show)


def tags_of(product: Mapping[str, Any], origin: str) -> dict[str, str]:
    """title, and the tags of the head, of a product for sale."""
    title = product["meta_title"] or product["name"]
    about = product["meta_description"] or product["short_description"] or product["description"]
    about = " ".join(about.split())[:_LONGEST] or title
    address = f"{origin}/products/{product['id']}"
    picture = f"{origin}{product['images'][0]}" if product["images"] else None
    shown = {
        "og:type": "product",
        "og:title": title,
        "og:description": about,
        "og:url": address,
        "og:image": picture,
        "product:price:amount": str(_rupees(product["price_minor"])),
        "product:price:currency": CURRENCY,
    }
    tags = [
        f'<meta name="description" content="{escape(about)}" />',
        f'<link rel="canonical" href="{escape(address)}" />',
        *(
            f'<meta property="{name}" content="{escape(value)}" />'
            for name, value in shown.items()
            if value
        ),
        f'<script type="application/ld+json">{_data(product, address, origin)}</script>',
    ]
    return {"title": title, "tags": "\n    ".join(tags) + "\n  "}


def _data(product: Mapping[str, Any], address: str, origin: str) -> str:
    """The product as schema.org has it. No sign of HTML is left in it that could end the block."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product["name"],
        "description": product["short_description"] or product["description"],
        "image": [f"{origin}{url}" for url in product["images"]],
        "category": product["category"],
        "offers": _offers(product, address),
    }
    if product["brand"]:
        data["brand"] = {"@type": "Brand", "name": product["brand"]}
    if product["total_reviews"]:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": float(product["average_rating"]),
            "reviewCount": product["total_reviews"],
        }
    text = orjson.dumps(data).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _offers(product: Mapping[str, Any], address: str) -> dict[str, Any]:
    prices = [variant["price_minor"] for variant in product["variants"]]
    is_there = any(variant["stock"] > 0 for variant in product["variants"])
    offers: dict[str, Any] = {
        "@type": "AggregateOffer",
        "url": address,
        "priceCurrency": CURRENCY,
        "lowPrice": str(_rupees(min(prices, default=product["price_minor"]))),
        "highPrice": str(_rupees(max(prices, default=product["price_minor"]))),
        "offerCount": len(prices),
        "availability": f"https://schema.org/{'InStock' if is_there else 'OutOfStock'}",
    }
    if product["wholesaler_name"]:
        offers["seller"] = {"@type": "Organization", "name": product["wholesaler_name"]}
    return offers


async def _head(deps: HttpDeps, product_id: UUID, origin: str) -> tuple[int, dict[str, str]]:
    try:
        product = await product_for_sale(deps.db, ANONYMOUS, product_id)
    except ShopRefused:
        # The page says so in words; whoever reads only the head learns it from the status.
        return 404, {"title": "livecommerce", "tags": '<meta name="robots" content="noindex" />'}
    except DatabaseUnavailable:
        return 503, {"title": "livecommerce", "tags": '<meta name="robots" content="noindex" />'}
    return 200, tags_of(product, origin)


def _origin(request: web.Request, deps: HttpDeps) -> str:
    """Before every address; '' leaves them relative, when the request names no host."""
    host = host_of(request, deps.origins)
    is_https = deps.origins.is_https or request.secure
    return f"{'https' if is_https else 'http'}://{host}" if host else ""


def _rupees(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
