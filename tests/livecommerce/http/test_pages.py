from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from livecommerce.http.origins import OriginPolicy

LIVE = "/live/01930000-0000-7000-8000-000000000001"
PAGES = {
    "/": "home",
    LIVE: "live",
    "/studio": "studio",
    "/log-in": "log-in",
    "/account": "account",
    "/help": "help",
    "/orders": "orders",
    f"/orders{LIVE.removeprefix('/live')}": "orders",
    "/admin/queries": "admin",
    "/business/orders": "business-orders",
    "/business/money": "business-money",
    "/studio/money": "studio-money",
    "/admin/money": "admin-money",
    "/admin/reviews": "admin-reviews",
    "/admin/orders": "admin-orders",
}


def directives(policy: str) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize(("path", "title"), PAGES.items())
async def test_page_comes_with_a_policy_that_confines_it(
    client: Any, path: str, title: str
) -> None:
    response = await client.get(path)
    assert response.status == 200
    assert f"<title>{title}</title>" in await response.text()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = directives(response.headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert f"ws://{client.host}:{client.port}" in policy["connect-src"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "*" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
async def test_camera_and_microphone_exist_in_the_studio_only(client: Any, path: str) -> None:
    permissions = (await client.get(path)).headers["Permissions-Policy"]
    granted = "(self)" if path == "/studio" else "()"
    for feature in ("camera", "microphone", "display-capture"):
        assert f"{feature}={granted}" in permissions
    wake_lock = "(self)" if path in ("/studio", LIVE) else "()"
    assert f"screen-wake-lock={wake_lock}" in permissions


@pytest.mark.parametrize("path", PAGES)
async def test_forms_leave_for_a_payment_provider_from_orders_only(client: Any, path: str) -> None:
    policy = directives((await client.get(path)).headers["Content-Security-Policy"])
    away = " https://api.razorpay.com" if path.startswith("/orders") else ""
    assert policy["form-action"] == f"'self'{away}"


async def test_policy_names_the_public_host(serve: Any) -> None:
    client = await serve(origins=OriginPolicy("https://live.example.com"))
    policy = (await client.get("/")).headers["Content-Security-Policy"]
    assert "wss://live.example.com" in policy


@pytest.mark.parametrize("host", ["evil;script-src *", "a b", "'unsafe-inline'", "[::1", ""])
async def test_host_header_cannot_write_the_policy(client: Any, host: str) -> None:
    policy = (await client.get("/", headers={"Host": host})).headers["Content-Security-Policy"]
    assert directives(policy)["connect-src"] == "'self'"
    assert policy.count("script-src") == 1


@pytest.mark.parametrize(
    "path", ["/live/", "/live/1", "/live/01930000-0000-7000-8000-00000000000g", f"{LIVE}/x"]
)
async def test_page_of_no_live_session_is_not_there(client: Any, path: str) -> None:
    assert (await client.get(path)).status == 404


async def test_unchanged_page_is_not_sent_again(client: Any) -> None:
    etag = (await client.get("/")).headers["ETag"]
    again = await client.get("/", headers={"If-None-Match": etag})
    assert again.status == 304
    assert "Content-Security-Policy" in again.headers


async def test_assets_are_kept_for_ever_and_sent_compressed(client: Any, dist_dir: Path) -> None:
    path = "/assets/live-3f2a.js"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Content-Encoding" not in plain.headers and plain.headers["Vary"] == "Accept-Encoding"
    packed = await client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert await packed.read() == await plain.read()
    (dist_dir / "assets" / "live-3f2a.js.br").write_bytes(b"brotli")
    best = await client.head(path, headers={"Accept-Encoding": "gzip, br"})
    assert best.headers["Content-Encoding"] == "br"


async def test_missing_asset_is_not_kept(client: Any) -> None:
    response = await client.get("/assets/gone-1234.js")
    assert response.status == 404
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/link.txt",
        "/assets/.hidden.js",
        "/assets/notes.exe",
        "/assets/live-3f2a.js%00.txt",
        "/assets//etc/hosts.txt",
        "/assets/",
        "/images/products/..%2f..%2fsecret.txt",
        "/images/products/../../secret.txt",
    ],
)
async def test_nothing_outside_the_folder_is_sent(client: Any, path: str) -> None:
    response = await client.get(URL(path, encoded=True))
    assert response.status == 404
    assert "the secret" not in await response.text()


async def test_files_beside_the_pages_are_asked_for_anew(client: Any) -> None:
    response = await client.get("/icon.svg")
    assert response.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"


async def test_picture_is_sent_as_what_it_is(client: Any) -> None:
    response = await client.get("/images/products/linen-shirt-1.webp")
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (await client.get("/images/products/none.webp")).status == 404


async def test_drawing_with_scripts_in_it_is_no_picture(client: Any) -> None:
    assert (await client.get("/images/products/drawing.svg")).status == 404


async def test_missing_build_says_what_is_missing_and_what_to_run(
    serve: Any, tmp_path: Path
) -> None:
    client = await serve(dist_dir=tmp_path / "nowhere")
    response = await client.get("/studio")
    text = await response.text()
    assert response.status == 503
    assert "studio.html" in text and "make demo" in text
    assert "Content-Security-Policy" in response.headers
