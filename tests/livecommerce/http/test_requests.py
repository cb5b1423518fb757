"""What surrounds every request."""

import dataclasses
import json
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from aiohttp import web

from livecommerce.http.app import make_app
from livecommerce.http.origins import OriginPolicy
from livecommerce.http.requests import CLIENT_ADDRESS, LineBudget
from signaling.addresses import TrustedProxies


def test_lines_are_bounded_and_what_is_left_out_is_counted() -> None:
    budget = LineBudget(10)
    written = [budget.take(5.0) for _ in range(100)]
    assert written.count(0) == 10 and written.count(None) == 90
    assert [budget.take(5.25) for _ in range(3)] == [90, 0, None]


@pytest.mark.parametrize("given", ["0123abcd", "trace_01-ABC", "a" * 64])
async def test_well_formed_request_id_is_kept(client: Any, given: str) -> None:
    response = await client.get("/livez", headers={"X-Request-Id": given})
    assert response.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "has space", 'quote"', "ünïcode!!"])
async def test_malformed_request_id_is_replaced(client: Any, given: str) -> None:
    response = await client.get("/livez", headers={"X-Request-Id": given})
    assert len(response.headers["X-Request-Id"]) == 36


async def test_refusal_names_its_request(client: Any) -> None:
    response = await client.get("/api/v1/me", headers={"X-Request-Id": "quote-me-01"})
    assert (await response.json())["refused"] == {
        "code": "auth.required",
        "message": "Please log in first.",
        "request_id": "quote-me-01",
    }
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def seen_address(serve_app: Any, headers: dict[str, str]) -> str:
    response = await serve_app.get("/probe", headers=headers)
    return str(await response.text())


@pytest.mark.parametrize(
    ("proxies", "address"), [((), "127.0.0.1"), (("127.0.0.0/8",), "203.0.113.9")]
)
async def test_forwarded_address_counts_from_a_trusted_proxy_only(
    deps: Any, aiohttp_client: Any, proxies: tuple[str, ...], address: str
) -> None:
    trusted = TrustedProxies(tuple(map(ip_network, proxies)))
    trusting = dataclasses.replace(deps, trusted_proxies=trusted)
    app = make_app(trusting)

    async def probe(request: web.Request) -> web.Response:
        return web.Response(text=request[CLIENT_ADDRESS])

    app.router.add_get("/probe", probe)
    client = await aiohttp_client(app)
    assert await seen_address(client, {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}) == address


async def test_defect_is_answered_without_its_traceback(deps: Any, aiohttp_client: Any) -> None:
    app = make_app(deps)

    async def fail(request: web.Request) -> web.Response:
        raise RuntimeError("the secret of the database")

    app.router.add_get("/fail", fail)
    client = await aiohttp_client(app)
    with structlog.testing.capture_logs() as lines:
        response = await client.get("/fail")
    text = await response.text()
    assert response.status == 500
    assert json.loads(text)["refused"]["code"] == "server.failed"
    assert "secret" not in text and "Traceback" not in text
    failures = [line for line in lines if line["event"] == "http.failed"]
    assert failures and failures[0]["route"] == "/fail"


async def test_socket_io_passes_through_untouched(deps: Any, aiohttp_client: Any) -> None:
    app = make_app(deps)

    async def socket(request: web.Request) -> web.Response:
        assert CLIENT_ADDRESS not in request
        return web.Response(text="0{}")

    app.router.add_get("/socket.io/", socket)
    response = await (await aiohttp_client(app)).get("/socket.io/")
    assert "X-Request-Id" not in response.headers
    assert "Content-Security-Policy" not in response.headers


async def test_unknown_address_is_json_for_programs_and_a_page_for_people(client: Any) -> None:
    api = await client.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert (api.status, (await api.json())["refused"]["code"]) == (404, "path.unknown")
    page = await client.get("/nothing/here", headers={"Accept": "text/html,*/*"})
    assert (page.status, page.content_type) == (404, "text/html")
    assert 'href="/"' in await page.text()
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy and "script" not in policy


async def test_wrong_method_says_which_is_right(client: Any) -> None:
    response = await client.get("/api/v1/auth/log-in")
    assert response.status == 405
    assert response.headers["Allow"] == "POST"
    assert (await response.json())["refused"]["code"] == "method.not_allowed"


async def test_every_answer_keeps_browsers_from_guessing(client: Any) -> None:
    for path in ("/", "/api/v1/live-sessions", "/api/v1/me", "/livez", "/nothing"):
        response = await client.get(path)
        assert response.headers["X-Content-Type-Options"] == "nosniff", path
        assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin", path
        assert "Content-Security-Policy" in response.headers, path
        assert "Strict-Transport-Security" not in response.headers, path


async def test_tls_is_kept_where_there_is_tls(serve: Any) -> None:
    client = await serve(origins=OriginPolicy("https://live.example.com"))
    response = await client.get("/livez")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_requests_are_counted_by_template_and_class(client: Any, registry: Any) -> None:
    await client.get("/live/01930000-0000-7000-8000-000000000001")
    await client.get("/api/v1/me")
    await client.get("/made/up/1")
    await client.get("/made/up/2")

    def count(route: str, status: str) -> float | None:
        labels = {"route": route, "status": status}
        value: float | None = registry.get_sample_value("livecommerce_http_requests_total", labels)
        return value

    assert count("/live/{live_session_id}", "2xx") == 1
    assert count("/api/v1/me", "4xx") == 1
    assert count("other", "4xx") == 2
    refused = {"code": "auth.required"}
    assert registry.get_sample_value("livecommerce_http_refusals_total", refused) == 1
