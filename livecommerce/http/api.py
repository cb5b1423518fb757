"""The REST interface as a table: one row per route, everything else derived from it.

From a row come the binding of its handler, the checks before it (who may, what shape), the shape of
the answer and the entry in `/api/openapi.json`. A new route is a new row and a new function.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from livecommerce.accounts.tokens import Identity, Role
from livecommerce.http.deps import HttpDeps
from livecommerce.http.refusals import ApiRefused
from livecommerce.http.requests import CLIENT_ADDRESS
from livecommerce.http.uploads import PLACES, Upload, read_upload
from signaling.payloads import Empty, Wire

MAX_BODY_BYTES: Final = 64 * 1024
# 64 KB over the slowest phone network that can still show video take under 5 s.
BODY_TIMEOUT_S: Final = 10.0

Who: TypeAlias = Literal["anyone"] | frozenset[Role]
ANYONE: Final[Who] = "anyone"
SIGNED_IN: Final[Who] = frozenset(("customer", "influencer", "wholesaler", "admin"))

Body = TypeVar("Body", bound=Wire)


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """One call of a route, after all its checks.

    identity: who calls; None on a route for anyone when no token came with the call.
    body: of a POST or PATCH; the query string of a GET or of an upload; Empty when the route takes
    nothing. upload: the file that was sent, on a route that takes one.
    """

    deps: HttpDeps
    request: web.Request
    identity: Identity | None
    body: Body
    client_address: str
    now: datetime
    upload: bytes = b""

    @property
    def caller(self) -> Identity:
        assert self.identity is not None, "the route is in the table as one for people with a token"
        return self.identity


@dataclass(frozen=True, slots=True)
class Cookie:
    """The refresh cookie to set; an empty value takes it away."""

    value: str
    max_age_s: int


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON: a document or a table to keep. name: under which it is kept."""

    body: bytes
    content_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    body: Wire | File
    cookie: Cookie | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """from_pages_only: `Origin`, when there is one, must be one of ours. by_cookie: the call is
    proven by the refresh cookie, so it needs the header `X-Livecommerce: 1` as well, which no other
    site can make a browser send. file_type: the answer is a File of this type, and `answer` Empty.
    upload: the body is a file, and what the route takes beside it stands in the query string."""

    method: Literal["GET", "POST", "PATCH"]
    path: str
    summary: str
    who: Who
    handler: Callable[[Call[Any]], Awaitable[Reply]]
    answer: type[Wire]
    takes: type[Wire] = Empty
    status: int = 200
    errors: tuple[str, ...] = ()
    from_pages_only: bool = False
    by_cookie: bool = False
    file_type: str = ""
    upload: Upload | None = None


REFRESH_COOKIE: Final = "lc_refresh"
_COOKIE_PATH: Final = "/api/v1/auth"


def add_api_routes(app: web.Application, deps: HttpDeps, routes: Iterable[Route]) -> None:
    for route in routes:
        app.router.add_route(route.method, route.path, _bound(route, deps))


def _bound(route: Route, deps: HttpDeps) -> Handler:
    """The aiohttp handler of a row: check, call, answer."""

    async def handle(request: web.Request) -> web.StreamResponse:
        _check_origin(route, request, deps)
        identity = await _identity(request, deps)
        _check_role(route.who, identity)
        if route.upload is not None:
            return await _with_upload(route, route.upload, request, identity, deps)
        call = Call(
            deps=deps,
            request=request,
            identity=identity,
            body=_parsed(route.takes, await _given(request)),
            client_address=request[CLIENT_ADDRESS],
            now=deps.now(),
        )
        return _response(await route.handler(call), route.status, deps)

    return handle


async def _with_upload(
    route: Route,
    upload: Upload,
    request: web.Request,
    identity: Identity | None,
    deps: HttpDeps,
) -> web.Response:
    body = _parsed(route.takes, _once_each(request))
    with PLACES.one():
        call = Call(
            deps=deps,
            request=request,
            identity=identity,
            body=body,
            client_address=request[CLIENT_ADDRESS],
            now=deps.now(),
            upload=await read_upload(request, upload),
        )
        return _response(await route.handler(call), route.status, deps)


def _check_origin(route: Route, request: web.Request, deps: HttpDeps) -> None:
    if not (route.from_pages_only or route.by_cookie):
        return
    origin = request.headers.get("Origin")
    is_ours = origin is None or deps.origins.allows(origin, request.headers.get("Host"))
    if not is_ours or (route.by_cookie and request.headers.get("X-Livecommerce") != "1"):
        raise ApiRefused(
            "auth.origin_refused", "This can only be done from the pages of this server."
        )


async def _identity(request: web.Request, deps: HttpDeps) -> Identity | None:
    """From `Authorization: Bearer`, and from nothing else: no cookie, no query string."""
    given = request.headers.get("Authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer":
        raise ApiRefused("auth.invalid", "Send the access token as: Authorization: Bearer <token>.")
    return await deps.verifier.verify(token.strip())


def _check_role(who: Who, identity: Identity | None) -> None:
    if who == ANYONE:
        return
    if identity is None:
        raise ApiRefused("auth.required", "Please log in first.")
    if identity.role not in who:
        raise ApiRefused("auth.forbidden", "This account may not do that.")


async def _given(request: web.Request) -> object:
    """The JSON value of the body, or the query string as an object."""
    if request.method == "GET":
        return _once_each(request)
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    if not body:
        return {}
    if request.content_type != "application/json":
        # A form on another site can send text/plain and two more types, but never this one unasked.
        raise ApiRefused("payload.not_json", "Send the body as application/json.")
    # PostgreSQL's text cannot hold a zero character, and no field here needs one.
    if b"\\u0000" in body:
        raise _not_well_formed({"": "contains a zero character"})
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _not_well_formed({"": "is not JSON"}) from error


def _once_each(request: web.Request) -> dict[str, str]:
    query = request.query
    if len(query) > len(set(query)) or any("\0" in value for value in query.values()):
        raise _not_well_formed({"": "has a parameter twice, or a zero character in one"})
    return dict(query)


Parsed = TypeVar("Parsed", bound=Wire)


def _parsed(model: type[Parsed], value: object) -> Parsed:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # The text of the error would repeat what was sent, which may be a password.
        raise _not_well_formed(
            {
                ".".join(str(part) for part in entry["loc"]): entry["msg"]
                for entry in error.errors(include_input=False, include_url=False)[:20]
            }
        ) from None


def _not_well_formed(fields: Mapping[str, str]) -> ApiRefused:
    return ApiRefused(
        "payload.invalid", "The request is not well formed.", details={"fields": dict(fields)}
    )


def _response(reply: Reply, status: int, deps: HttpDeps) -> web.Response:
    if isinstance(reply.body, File):
        return _file(reply.body)
    response = web.Response(
        status=status,
        body=orjson.dumps(reply.body.model_dump()),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
    if reply.cookie is not None:
        response.set_cookie(
            REFRESH_COOKIE,
            reply.cookie.value,
            max_age=reply.cookie.max_age_s,
            path=_COOKIE_PATH,
            httponly=True,
            secure=deps.origins.is_https,
            samesite="Lax",
        )
    return response


def _file(file: File) -> web.Response:
    return web.Response(
        body=file.body,
        content_type=file.content_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
