"""The shop as everybody sees it: products in lists and one by one, and a customer's wishlist."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from db import ANONYMOUS, Actor
from livecommerce.accounts.tokens import Identity
from livecommerce.http.api import ANYONE, Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from livecommerce.http.reviews import ReviewWire
from shop import search, wishlist
from shop.money import CURRENCY
from shop.pages import Place
from shop.pages import wishlist as wishlist_page
from shop.search import Cursor, Sort, Wanted
from shop.support import Cursor as TimeCursor
from signaling.payloads import Empty, Id, ProductText, Wire

CUSTOMER: Final[Who] = frozenset(("customer",))

_PER_PAGE: Final = 24
_PER_WISHLIST_PAGE: Final = 50

_Words = Annotated[str, StringConstraints(max_length=100)]
_After = Annotated[str, StringConstraints(max_length=100)]
# In a query string everything is text.
_Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,12}$")]
_Flag = Literal["true", "false"]


class ProductFilter(Wire):
    """search: words, parts of words, words with a mistake. Prices in minor units. after: `next` of
    the page before, of the same order."""

    search: _Words = ""
    category: _Words = ""
    brand: _Words = ""
    price_min_minor: _Amount = ""
    price_max_minor: _Amount = ""
    in_stock: _Flag = "false"
    sort: Sort = "relevance"
    after: _After = ""


class OfCategory(Wire):
    category: _Words = ""


class Older(Wire):
    """after: `next` of the page before."""

    after: _After = ""


class ProductCard(Wire):
    """A product in a list, at its price outside live sessions. compare_at_minor: the MRP, where it
    is higher. stock: what whoever asks can have of all variants, as of a moment ago: without what
    is held for others. is_wished: by the customer who asks."""

    id: Id
    name: str
    short_description: str
    category: str
    brand: str
    wholesaler_name: str
    image_url: str | None
    price_minor: int
    compare_at_minor: int | None
    currency: str = CURRENCY
    in_stock: bool
    stock: int
    average_rating: Annotated[float, Strict(False)]
    total_reviews: int
    is_wished: bool
    translations: dict[str, ProductText]


Cards = Annotated[tuple[ProductCard, ...], Strict(False)]
Texts = Annotated[tuple[str, ...], Strict(False)]


class Products(Wire):
    """next: what to send as `after` for more; null at the end. A page may be short although there
    is a next one. is_fuzzy: nothing has the words as they were typed; these look like them."""

    products: Cards
    next: str | None
    is_fuzzy: bool


class RelatedProducts(Wire):
    products: Cards


class ProductFilters(Wire):
    categories: Texts
    brands: Texts


class Dimensions(Wire):
    length: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=0)]
    height: Annotated[int, Field(ge=0)]


class ShopVariant(Wire):
    """options: what it is beside colour and size."""

    id: Id
    label: str
    sku: str | None
    color: str | None
    size: str | None
    options: dict[str, str]
    price_minor: int
    stock: int


class ShopProduct(ProductCard):
    """ratings: how many reviews gave 1 to 5 stars. can_review: it was delivered to who asks."""

    wholesaler_id: Id
    description: str
    subcategory: str
    tags: Texts
    keywords: Texts
    images: Texts
    videos: Texts
    mrp_minor: int
    tax_rate_bp: int
    hsn_code: str | None
    country_of_origin: str | None
    importer: str | None
    net_quantity: str | None
    weight_g: int | None
    dimensions_mm: Dimensions | None
    meta_title: str | None
    meta_description: str | None
    variants: Annotated[tuple[ShopVariant, ...], Strict(False)]
    ratings: dict[str, int]
    can_review: bool
    my_review: ReviewWire | None


class ShopProductOk(Wire):
    product: ShopProduct


class WishlistItem(Wire):
    """only_variant_id: what to put into the bag; null where there is something to choose first."""

    id: Id
    product: ProductCard
    only_variant_id: Id | None
    added_at_ms: int


class Wishlist(Wire):
    items: Annotated[tuple[WishlistItem, ...], Strict(False)]
    next: str | None


class ProductId(Wire):
    product_id: Id


class Wished(Wire):
    product_id: Id
    is_wished: bool


async def shop_products(call: Call[ProductFilter]) -> Reply:
    found = await search.find_products(
        call.deps.db, actor_of(call.identity), _wanted(call.body), _PER_PAGE
    )
    return Reply(
        Products.model_validate(
            {"products": found.products, "next": found.next, "is_fuzzy": found.is_fuzzy}
        )
    )


async def product_filters(call: Call[OfCategory]) -> Reply:
    found = await search.product_filters(call.deps.db, actor_of(call.identity), call.body.category)
    return Reply(ProductFilters.model_validate(found))


async def shop_product(call: Call[Empty]) -> Reply:
    found = await search.product_for_sale(
        call.deps.db, actor_of(call.identity), product_id_of(call)
    )
    return Reply(ShopProductOk(product=ShopProduct.model_validate(found)))


async def related(call: Call[Empty]) -> Reply:
    found = await search.related_products(
        call.deps.db, actor_of(call.identity), product_id_of(call)
    )
    return Reply(RelatedProducts.model_validate({"products": found}))


async def my_wishlist(call: Call[Older]) -> Reply:
    page = await wishlist_page(
        call.deps.db, _customer(call), place_of(call.body.after), _PER_WISHLIST_PAGE
    )
    items = tuple(
        WishlistItem(
            id=row.id,
            product=ProductCard.model_validate(row.product),
            only_variant_id=row.only_variant_id,
            added_at_ms=ms(row.added_at),
        )
        for row in page.rows
    )
    return Reply(Wishlist(items=items, next=next_of(page.next_place)))


async def wish(call: Call[ProductId]) -> Reply:
    return await _wish(call, call.body.product_id, is_wished=True)


async def wish_no_more(call: Call[Empty]) -> Reply:
    return await _wish(call, product_id_of(call), is_wished=False)


async def _wish(call: Call[Any], product_id: UUID, *, is_wished: bool) -> Reply:
    await wishlist.set_wish(call.deps.db, call.caller.user_id, product_id, is_wished)
    return Reply(Wished(product_id=product_id, is_wished=is_wished))


def actor_of(identity: Identity | None) -> Actor:
    return ANONYMOUS if identity is None else Actor(identity.role, identity.user_id)


def product_id_of(call: Call[Any]) -> UUID:
    try:
        return UUID(call.request.match_info["product_id"])
    except ValueError:
        raise ApiRefused("product.not_found", "There is no such product.") from None


def place_of(after: str) -> Place | None:
    """Raises ApiRefused for what no page gave."""
    try:
        cursor = TimeCursor.parse(after) if after else None
    except ValueError:
        raise not_a_place() from None
    return Place(cursor.at, cursor.id) if cursor else None


def next_of(place: Place | None) -> str | None:
    return str(TimeCursor(place.at, place.id)) if place else None


def not_a_place() -> ApiRefused:
    return ApiRefused(
        "payload.invalid",
        "The request is not well formed.",
        details={"fields": {"after": "is not what a page gave as next"}},
    )


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _customer(call: Call[Any]) -> Actor:
    return Actor("customer", call.caller.user_id)


def _wanted(body: ProductFilter) -> Wanted:
    try:
        after = (
            Cursor.parse(body.after, body.sort, bool(body.search.strip())) if body.after else None
        )
    except ValueError:
        raise not_a_place() from None
    return Wanted(
        search=body.search,
        category=body.category,
        brand=body.brand,
        price_min_minor=int(body.price_min_minor) if body.price_min_minor else None,
        price_max_minor=int(body.price_max_minor) if body.price_max_minor else None,
        in_stock=body.in_stock == "true",
        sort=body.sort,
        after=after,
    )


_PREFIX: Final = "/api/v1/products"
_ONE: Final = f"{_PREFIX}/{{product_id}}"
_WISHLIST: Final = "/api/v1/wishlist"

ROUTES: Final = (
    Route("GET", _PREFIX, "What is for sale: searched, narrowed, sorted.", ANYONE, shop_products,
          Products, ProductFilter),
    Route("GET", f"{_PREFIX}/filters", "Categories, and the brands of one or of all.", ANYONE,
          product_filters, ProductFilters, OfCategory),
    Route("GET", _ONE, "A product for sale, with its variants.", ANYONE, shop_product,
          ShopProductOk, errors=("product.not_found",)),
    Route("GET", f"{_ONE}/related", "What goes with a product, at most 8.", ANYONE, related,
          RelatedProducts, errors=("product.not_found",)),
    Route("GET", _WISHLIST, "What the customer keeps in mind, newest first.", CUSTOMER,
          my_wishlist, Wishlist, Older),
    Route("POST", _WISHLIST, "Keep a product in mind.", CUSTOMER, wish, Wished, ProductId,
          errors=("product.not_found", "wishlist.full", "wishlist.not_customer")),
    Route("POST", f"{_WISHLIST}/{{product_id}}/remove", "Keep a product in mind no more.", CUSTOMER,
          wish_no_more, Wished, errors=("product.not_found", "wishlist.not_customer")),
)  # fmt: skip
