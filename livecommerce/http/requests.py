"""What happens around every request: its id, where it came from, its refusals, its count, its log
line, and the headers that every answer carries.

Socket.IO's path passes through untouched: one of its "requests" is a connection of hours, with its
own counting and its own refusals.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from livecommerce import clock
from livecommerce.http.metrics import HttpMetrics
from livecommerce.http.origins import OriginPolicy
from livecommerce.http.plain import plain_page
from livecommerce.http.refusals import refusal_of, refused
from signaling.addresses import TrustedProxies, client_address

REQUEST_ID: Final = web.RequestKey("request_id", str)
CLIENT_ADDRESS: Final = web.RequestKey("client_address", str)

SOCKET_IO_PREFIX: Final = "/socket.io/"
API_PREFIX: Final = "/api/"

# Long enough for a trace id or a UUID, and nothing that could break a log line or a header.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")

_SLOW_S: Final = 1.0
# One line in so many good answers is enough to see that the log works and what is asked for.
_SAMPLE_EVERY: Final = 100
_LINES_PER_S: Final = 10.0

_log = structlog.get_logger(__name__)


class LineBudget:
    """How many log lines clients may cause: `per_s`, and as many at once. The rest are counted."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = per_s
        self._at_s = 0.0
        self._suppressed = 0

    def take(self, now_s: float) -> int | None:
        """How many lines were left out since the last one, or None when this one is, too."""
        self._left = min(self._per_s, self._left + max(0.0, now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1:
            self._suppressed += 1
            return None
        self._left -= 1
        suppressed, self._suppressed = self._suppressed, 0
        return suppressed


class AccessLog:
    """One short line per failed or slow request and per hundredth good one, within the budget.

    The line names the route, never the path: paths and queries may hold what is nobody's business.
    """

    def __init__(self) -> None:
        self._budget = LineBudget(_LINES_PER_S)
        self._good = 0

    def note(self, request: web.Request, route: str, status: int, seconds: float) -> None:
        is_good = status < 400 and seconds < _SLOW_S
        if is_good:
            self._good += 1
            if self._good % _SAMPLE_EVERY != 1:
                return
        suppressed = self._budget.take(asyncio.get_running_loop().time())
        if suppressed is None:
            return
        fields: dict[str, object] = {
            "method": request.method if request.method in _METHODS else "other",
            "route": route,
            "status": status,
            "ms": round(seconds * 1000),
        }
        if suppressed:
            fields["suppressed"] = suppressed
        _log.info("http.request", **fields)


_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    metrics: HttpMetrics
    trusted_proxies: TrustedProxies
    origins: OriginPolicy
    access_log: AccessLog


def surround(surroundings: Surroundings) -> Middleware:
    """The outermost middleware."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(SOCKET_IO_PREFIX):
            return await handler(request)
        started_s = asyncio.get_running_loop().time()
        request_id = _request_id(request)
        request[REQUEST_ID] = request_id
        request[CLIENT_ADDRESS] = client_address(
            request.remote,
            request.headers.getall("X-Forwarded-For", []),
            surroundings.trusted_proxies,
        )
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = await _answer(request, handler, surroundings.metrics)
            if not response.prepared:
                response.headers["X-Request-Id"] = request_id
                _add_standing_headers(response, surroundings.origins)
            route, seconds = _route_of(request), asyncio.get_running_loop().time() - started_s
            surroundings.metrics.answered(route, response.status, seconds)
            surroundings.access_log.note(request, route, response.status, seconds)
        return response

    return around


async def _answer(
    request: web.Request, handler: Handler, metrics: HttpMetrics
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as error:
        # The top of every request: a refusal is answered as one, anything else is our defect, which
        # is logged with its traceback and answered without.
        request_id = request[REQUEST_ID]
        refusal = refusal_of(error, request_id)
        if refusal is None:
            _log.exception("http.failed", route=_route_of(request))
            code = "server.failed"
            sentence = "Something went wrong on our side. Please try again."
            response = refused(code, sentence, request_id)
        else:
            code, response = refusal
        metrics.refused(code)
        if code == "path.unknown" and _is_for_eyes(request):
            sentence = "The address may be old or mistyped."
            return plain_page(404, "There is nothing here", sentence, way_home=True)
        return response


def _is_for_eyes(request: web.Request) -> bool:
    wanted = request.headers.get("Accept", "")
    return "text/html" in wanted and not request.path.startswith(API_PREFIX)


def _request_id(request: web.Request) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(clock.uuid7())


def _route_of(request: web.Request) -> str:
    """The template of the route, e.g. `/live/{live_session_id}`, or `other` when there is none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "other"


def _add_standing_headers(response: web.StreamResponse, origins: OriginPolicy) -> None:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if origins.is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
