"""The browser app's files, each page with the policy that confines what it can do.

The build names everything under `/assets/` by its content, so those never change and are kept for a
year; the pages that name them are asked for anew every time (an ETag makes that cheap). A `.br` or
`.gz` beside a file is sent to whoever accepts it.

The policy is strict because nothing needs it otherwise: scripts and styles come from this server
alone, nothing is inline, a page is in no frame and posts no form, and strings never become scripts
or HTML. Camera and microphone exist on the studio page only.
"""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from livecommerce.http.origins import OriginPolicy
from livecommerce.http.plain import plain_page

_YEAR: Final = "public, max-age=31536000, immutable"

# Spelled out: a machine's own table may call a script text/plain, and nosniff then stops it.
_TYPES: Final = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_TEXTS: Final = frozenset((".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest"))
# One folder deep at most, no hidden files, nothing that could climb out.
_FILE_NAME: Final = re.compile(r"(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-][A-Za-z0-9._-]*")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")

_DENIED: Final = {
    "camera": "()",
    "microphone": "()",
    "display-capture": "()",
    "screen-wake-lock": "()",
    "geolocation": "()",
    "payment": "()",
    "usb": "()",
}


@dataclass(frozen=True, slots=True)
class Page:
    """allowed: the powerful features that this page's own scripts may use. posts_to: origins other
    than ours that its forms may go to."""

    path: str
    file: str
    allowed: tuple[str, ...] = ()
    posts_to: tuple[str, ...] = ()

    @property
    def permissions(self) -> str:
        granted = _DENIED | dict.fromkeys(self.allowed, "(self)")
        return ", ".join(f"{feature}={who}" for feature, who in granted.items())


PAGES: Final = (
    Page("/", "home.html"),
    Page(
        r"/live/{live_session_id:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}",
        "live.html",
        ("screen-wake-lock",),
    ),
    Page(
        "/studio",
        "studio.html",
        ("camera", "microphone", "display-capture", "screen-wake-lock"),
    ),
    Page("/log-in", "log-in.html"),
    Page("/account", "account.html"),
    Page("/help", "help.html"),
    Page("/products", "products.html"),
    Page("/business", "business.html"),
    # Razorpay takes over with a form that the browser posts, and sends people back to their order.
    *(
        Page(path, "orders.html", posts_to=("https://api.razorpay.com",))
        for path in (
            "/orders",
            r"/orders/{order_id:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}",
        )
    ),
    Page("/bag", "bag.html"),
    Page("/wishlist", "wishlist.html"),
    Page("/admin/queries", "admin.html"),
    Page("/business/orders", "business-orders.html"),
    Page("/business/money", "business-money.html"),
    Page("/studio/money", "studio-money.html"),
    Page("/admin/money", "admin-money.html"),
    Page("/admin/reviews", "admin-reviews.html"),
    Page("/admin/orders", "admin-orders.html"),
)


def content_security_policy(socket_host: str | None, posts_to: tuple[str, ...] = ()) -> str:
    """socket_host: host and port of our own WebSocket; Safari before 15.4 does not include it in
    'self'. None when the request named none that could be one."""
    forms = " ".join(("'self'", *posts_to))
    sockets = f" wss://{socket_host} ws://{socket_host}" if socket_host else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; connect-src 'self'{sockets}; worker-src 'self'; "
        f"manifest-src 'self'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types sw"
    )


def add_page_routes(app: web.Application, dist_dir: Path, origins: OriginPolicy) -> None:
    for page in PAGES:
        app.router.add_get(page.path, _page_handler(page, dist_dir, origins))
    app.router.add_get("/assets/{name:.+}", _file_handler(dist_dir / "assets", _YEAR))
    app.router.add_get(r"/{name:[a-z0-9-]+\.[a-z0-9]+}", _file_handler(dist_dir, "no-cache"))


def add_image_routes(app: web.Application, images_dir: Path) -> None:
    """Pictures of products: made by this server or re-encoded by it, never a file as uploaded."""
    app.router.add_get(
        "/images/products/{name}",
        _file_handler(images_dir / "products", "public, max-age=3600", pictures_only=True),
    )


def _page_handler(page: Page, dist_dir: Path, origins: OriginPolicy) -> Handler:
    async def show(request: web.Request) -> web.StreamResponse:
        path = dist_dir / page.file
        if not await asyncio.to_thread(path.is_file):
            return not_built(page.file)
        response = _file(path, "no-cache")
        response.headers.update(page_headers(page, request, origins))
        return response

    return show


def page_headers(page: Page, request: web.Request, origins: OriginPolicy) -> dict[str, str]:
    """What confines a page."""
    return {
        "Content-Security-Policy": content_security_policy(
            host_of(request, origins), page.posts_to
        ),
        "Permissions-Policy": page.permissions,
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _file_handler(folder: Path, caching: str, *, pictures_only: bool = False) -> Handler:
    async def send(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        content_type = _TYPES.get(Path(name).suffix, "")
        if not _FILE_NAME.fullmatch(name) or not content_type:
            raise web.HTTPNotFound
        if pictures_only and (not content_type.startswith("image/") or name.endswith(".svg")):
            raise web.HTTPNotFound
        path = folder / name
        if not await asyncio.to_thread(_is_file_of, folder, path):
            raise web.HTTPNotFound
        return _file(path, caching)

    return send


def _is_file_of(folder: Path, path: Path) -> bool:
    """Also when a symbolic link in the folder points elsewhere."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def _file(path: Path, caching: str) -> web.FileResponse:
    content_type = _TYPES[path.suffix]
    if path.suffix in _TEXTS:
        content_type += "; charset=utf-8"
    headers = {"Content-Type": content_type, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    return web.FileResponse(path, headers=headers)


def host_of(request: web.Request, origins: OriginPolicy) -> str | None:
    """Host and port that people open this server under; None when the request names none that could
    be one."""
    host = origins.public_host or request.headers.get("Host") or ""
    return host if _HOST.fullmatch(host) else None


def not_built(file: str) -> web.Response:
    return plain_page(
        503,
        "The pages are not built yet",
        f"The file {file} of the browser app is missing. The server itself is running.",
        "In a clone of the repository `make demo` builds the pages; an installed package has them.",
        "A build in another folder is named by LIVECOMMERCE_WEB_DIST_DIR.",
    )
