"""The public aiohttp application, which only a hub has: REST, documents, pictures and pages."""

from collections.abc import Sequence
from typing import Final

import orjson
from aiohttp import web

from livecommerce import __version__
from livecommerce.http import (
    address_routes,
    affiliate_routes,
    auth_routes,
    cart_routes,
    chat_routes,
    coupon_routes,
    engagement_routes,
    figures_routes,
    order_routes,
    own_product_routes,
    part_order_routes,
    payment_desk_routes,
    payment_details_routes,
    payment_event_routes,
    payment_routes,
    payout_routes,
    product_routes,
    public_routes,
    review_routes,
    statement_routes,
    studio_routes,
    support_routes,
)
from livecommerce.http.api import MAX_BODY_BYTES, Route, add_api_routes
from livecommerce.http.deps import HttpDeps
from livecommerce.http.health import add_health_routes
from livecommerce.http.openapi import openapi
from livecommerce.http.pages import add_image_routes, add_page_routes
from livecommerce.http.payment_callbacks import add_payment_callbacks
from livecommerce.http.product_pages import add_product_page
from livecommerce.http.requests import AccessLog, Surroundings, surround

ROUTES: Final[Sequence[Route]] = (
    *auth_routes.ROUTES,
    *public_routes.ROUTES,
    *engagement_routes.ROUTES,
    *chat_routes.ROUTES,
    *studio_routes.ROUTES,
    *figures_routes.ROUTES,
    *payment_details_routes.ROUTES,
    *support_routes.ROUTES,
    *order_routes.ROUTES,
    *part_order_routes.ROUTES,
    *product_routes.ROUTES,
    *review_routes.ROUTES,
    *own_product_routes.ROUTES,
    *cart_routes.ROUTES,
    *coupon_routes.ROUTES,
    *address_routes.ROUTES,
    *affiliate_routes.ROUTES,
    *payment_routes.ROUTES,
    *payment_desk_routes.ROUTES,
    *payment_event_routes.ROUTES,
    *payout_routes.ROUTES,
    *statement_routes.ROUTES,
)

JWKS_PATH: Final = "/auth/v1/.well-known/jwks.json"


def make_app(deps: HttpDeps) -> web.Application:
    """The public application. The Socket.IO gateway attaches itself to it under `/socket.io/`."""
    surroundings = Surroundings(deps.metrics, deps.trusted_proxies, deps.origins, AccessLog())
    app = web.Application(
        middlewares=[surround(surroundings)],
        client_max_size=MAX_BODY_BYTES,
    )
    add_api_routes(app, deps, ROUTES)
    document = orjson.dumps(openapi(ROUTES, __version__))
    _add_document(app, "/api/openapi.json", document, "no-cache")
    # The age that verifiers use for their own copies: reference of Supabase, ten minutes.
    _add_document(app, JWKS_PATH, orjson.dumps(deps.issuer.jwks()), "public, max-age=600")
    affiliate_routes.add_affiliate_links(app, deps)
    add_payment_callbacks(app, deps)
    add_health_routes(app, deps.health)
    add_image_routes(app, deps.images_dir)
    add_page_routes(app, deps.dist_dir, deps.origins)
    add_product_page(app, deps)
    return app


def _add_document(app: web.Application, path: str, body: bytes, caching: str) -> None:
    async def send(_: web.Request) -> web.Response:
        return web.Response(
            body=body, content_type="application/json", headers={"Cache-Control": caching}
        )

    app.router.add_get(path, send)
