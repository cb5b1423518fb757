"""The two addresses that payment providers know: their own calls, and browsers they send back.

Neither is of the interface for people: what comes is judged by its signature, over the body as it
came. A call is answered with 2xx once its events are stored, so what was answered is never lost,
and what was not is sent again.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from aiohttp import web

from livecommerce.http.api import BODY_TIMEOUT_S
from livecommerce.http.deps import HttpDeps
from livecommerce.http.refusals import ApiRefused
from shop.payments import inbox, paying
from shop.payments.provider import Event, Provider, SignatureInvalid

WEBHOOK_PATH: Final = "/api/v1/webhooks/{provider}"
RETURN_PATH: Final = "/api/v1/payments/return/{provider}"

log = structlog.get_logger(__name__)


def add_payment_callbacks(app: web.Application, deps: HttpDeps) -> None:
    async def webhook(request: web.Request) -> web.StreamResponse:
        return await _webhook(request, deps)

    async def come_back(request: web.Request) -> web.StreamResponse:
        return await _come_back(request, deps)

    app.router.add_post(WEBHOOK_PATH, webhook)
    app.router.add_post(RETURN_PATH, come_back)
    app.router.add_get(RETURN_PATH, come_back)


async def _webhook(request: web.Request, deps: HttpDeps) -> web.Response:
    name = request.match_info["provider"]
    provider = _provider(deps, name)
    raw = await _raw(request)
    headers = {key.lower(): value for key, value in request.headers.items()}
    try:
        events = _parsed(provider, headers, raw, deps)
    except SignatureInvalid as error:
        log.warning("webhook.refused", provider=name, reason=str(error))
        raise ApiRefused("payment.signature_invalid", "The signature does not fit.") from None
    await inbox.receive(deps.db, name, "webhook", events)
    deps.payments.kick()
    body = orjson.dumps({"received": len(events)})
    return web.Response(body=body, content_type="application/json")


def _parsed(
    provider: Provider, headers: Mapping[str, str], raw: bytes, deps: HttpDeps
) -> tuple[Event, ...]:
    """A call that is signed and yet not to be read is kept for people to look at: the provider
    changed something."""
    try:
        return provider.parse_webhook(headers, raw, deps.now())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        text: dict[str, Any] = {"raw": raw.decode(errors="replace")}
        name = f"unread:{hashlib.sha256(raw).hexdigest()}"
        return (Event(name, "unknown", "unread", note=repr(error)[:500], body=text),)


async def _come_back(request: web.Request, deps: HttpDeps) -> web.Response:
    """A browser that comes back sees its order, whatever it brings."""
    name = request.match_info["provider"]
    provider = _provider(deps, name)
    fields = request.query if request.method == "GET" else await request.post()
    given = {key: value for key, value in fields.items() if isinstance(value, str)}
    try:
        events = provider.verify_return(given)
    except SignatureInvalid as error:
        # As when the customer turned back, too: there is nothing to prove then.
        log.info("payment_return.unproven", provider=name, reason=str(error))
        events = ()
    await inbox.receive(deps.db, name, "return", events)
    reference = events[0].reference if events else None
    found = await paying.came_back(deps.db, name, _payment_id(request), reference)
    deps.payments.kick()
    path = "/orders"
    if found is not None:
        how = "turned_back" if "turned_back" in request.query else "back"
        path = f"/orders/{found.order_id}?do=pay&{how}={found.payment_id}"
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


def _payment_id(request: web.Request) -> UUID | None:
    """Of the address that we gave the provider for coming back; anybody may write another there."""
    try:
        return UUID(request.query["payment"])
    except (KeyError, ValueError):
        return None


def _provider(deps: HttpDeps, name: str) -> Provider:
    provider: Provider | None = deps.payments.providers.get(name)
    if provider is None:
        raise ApiRefused("payment.provider_unknown", "There is no such payment provider.")
    return provider


async def _raw(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
