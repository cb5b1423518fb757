"""Log-ins over HTTP: the cookie, who may use it, and hostile bodies."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from db import Database
from livecommerce.accounts.links import make_link
from livecommerce.http.origins import OriginPolicy

SIGN_UP = {"email": "asha@example.com", "password": "correct horse", "display_name": "Asha"}
FROM_PAGE = {"X-Livecommerce": "1"}


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


@pytest.fixture
async def signed_up(client: Any) -> Any:
    response = await client.post("/api/v1/auth/sign-up", json=SIGN_UP)
    assert response.status == 201
    return response


async def test_sign_up_answers_a_token_and_a_cookie_no_script_can_read(
    client: Any, signed_up: Any
) -> None:
    granted = await signed_up.json()
    assert granted.keys() == {"access_token", "expires_in_s", "user"}
    assert granted["expires_in_s"] == 600
    assert granted["user"]["role"] == "customer"
    cookie = signed_up.headers["Set-Cookie"]
    for part in ("lc_refresh=", "HttpOnly", "SameSite=Lax", "Path=/api/v1/auth", "Max-Age=2592000"):
        assert part in cookie
    assert "Secure" not in cookie
    assert signed_up.headers["Cache-Control"] == "no-store"
    authorised = {"Authorization": f"Bearer {granted['access_token']}"}
    me = await client.get("/api/v1/me", headers=authorised)
    assert (await me.json())["user"] == granted["user"]


async def test_cookie_is_confined_to_tls_where_the_public_url_has_it(serve: Any) -> None:
    client = await serve(origins=OriginPolicy("https://live.example.com"))
    response = await client.post("/api/v1/auth/sign-up", json=SIGN_UP)
    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize("role", ["influencer", "wholesaler"])
async def test_role_can_be_chosen(client: Any, role: str) -> None:
    response = await client.post("/api/v1/auth/sign-up", json=SIGN_UP | {"role": role})
    assert (await response.json())["user"]["role"] == role


async def test_nobody_signs_up_as_admin(client: Any) -> None:
    response = await client.post("/api/v1/auth/sign-up", json=SIGN_UP | {"role": "admin"})
    assert response.status == 400
    assert "role" in (await response.json())["refused"]["details"]["fields"]


async def test_log_in_refresh_and_log_out(client: Any, signed_up: Any, now: Any) -> None:
    credentials = {"email": "Asha@example.com", "password": "correct horse"}
    assert (await client.post("/api/v1/auth/log-in", json=credentials)).status == 200
    now.pass_(minutes=9)
    refreshed = await client.post("/api/v1/auth/refresh", json={}, headers=FROM_PAGE)
    assert refreshed.status == 200
    assert (await refreshed.json())["user"]["email"] == "asha@example.com"
    out = await client.post("/api/v1/auth/log-out", json={}, headers=FROM_PAGE)
    assert (out.status, await out.json()) == (200, {})
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    again = await client.post("/api/v1/auth/refresh", json={}, headers=FROM_PAGE)
    assert (again.status, await code_of(again)) == (401, "auth.required")


async def test_log_out_without_a_log_in_is_no_error(client: Any) -> None:
    response = await client.post("/api/v1/auth/log-out", headers=FROM_PAGE)
    assert response.status == 200


async def test_link_logs_in_once(client: Any, signed_up: Any, database: Database, now: Any) -> None:
    user_id = UUID((await signed_up.json())["user"]["id"])
    link = {"token": await make_link(database, user_id, now.at)}
    first = await client.post("/api/v1/auth/link", json=link)
    assert first.status == 200 and "lc_refresh=" in first.headers["Set-Cookie"]
    second = await client.post("/api/v1/auth/link", json=link)
    assert (second.status, await code_of(second)) == (401, "auth.link_invalid")
    assert "Set-Cookie" not in second.headers


async def test_wrong_password_and_unknown_address_look_the_same(
    client: Any, signed_up: Any
) -> None:
    answers = []
    for email in ("asha@example.com", "nobody@example.com"):
        body = {"email": email, "password": "incorrect horse"}
        headers = {"X-Request-Id": "the-same-one"}
        response = await client.post("/api/v1/auth/log-in", json=body, headers=headers)
        dropped = ("Date",)
        answers.append(
            (
                response.status,
                await response.text(),
                {k: v for k, v in response.headers.items() if k not in dropped},
            )
        )
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


async def test_guesser_is_told_when_to_come_back(client: Any, signed_up: Any) -> None:
    wrong = {"email": "asha@example.com", "password": "incorrect horse"}
    statuses = [(await client.post("/api/v1/auth/log-in", json=wrong)).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    refused = await client.post("/api/v1/auth/log-in", json=wrong)
    assert int(refused.headers["Retry-After"]) >= 1
    assert 0 < (await refused.json())["refused"]["retry_after_s"] <= 2


FORGERIES = {
    "no header": {},
    "header with another value": {"X-Livecommerce": "true"},
    "another site": FROM_PAGE | {"Origin": "https://evil.example"},
    "opaque origin": FROM_PAGE | {"Origin": "null"},
    "look-alike": FROM_PAGE | {"Origin": "http://127.0.0.1.evil.example"},
    "forwarded host": FROM_PAGE
    | {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
}


@pytest.mark.parametrize("path", ["refresh", "log-out"])
@pytest.mark.parametrize("headers", FORGERIES.values(), ids=FORGERIES)
async def test_other_sites_cannot_use_the_cookie(
    client: Any, signed_up: Any, path: str, headers: dict[str, str]
) -> None:
    response = await client.post(f"/api/v1/auth/{path}", json={}, headers=headers)
    assert (response.status, await code_of(response)) == (403, "auth.origin_refused")
    still = await client.post("/api/v1/auth/refresh", json={}, headers=FROM_PAGE)
    assert still.status == 200


async def test_our_own_origin_may(client: Any, signed_up: Any) -> None:
    ours = FROM_PAGE | {"Origin": f"http://{client.host}:{client.port}"}
    assert (await client.post("/api/v1/auth/refresh", json={}, headers=ours)).status == 200


@pytest.mark.parametrize("path", ["sign-up", "log-in", "link"])
async def test_other_sites_cannot_log_somebody_in(client: Any, path: str) -> None:
    headers = {"Origin": "https://evil.example"}
    response = await client.post(f"/api/v1/auth/{path}", json={}, headers=headers)
    assert (response.status, await code_of(response)) == (403, "auth.origin_refused")


async def test_cookie_proves_nothing_elsewhere(client: Any, signed_up: Any) -> None:
    refresh_token = signed_up.cookies["lc_refresh"].value
    headers = {"Cookie": f"lc_refresh={refresh_token}"}
    assert (await client.get("/api/v1/me", headers=headers)).status == 401
    headers = {"Authorization": f"Bearer {refresh_token}"}
    assert (await client.get("/api/v1/me", headers=headers)).status == 401


HOSTILE_BODIES = {
    "not JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"email": "\xff"}',
    "NaN": b'{"email": NaN}',
    "deep": b"[" * 10_000,
    "lone surrogate": b'{"email": "\\ud800", "password": "correct horse"}',
    "zero character": b'{"email": "a\\u0000@example.com", "password": "correct horse"}',
    "number for a text": b'{"email": 1, "password": "correct horse"}',
    "list for a text": b'{"email": ["a@example.com"], "password": "correct horse"}',
    "extra field": b'{"email": "a@example.com", "password": "correct horse", "role": "admin"}',
    "prototype": b'{"email": "a@example.com", "password": "x", "__proto__": {"role": "admin"}}',
    "missing field": b'{"email": "a@example.com"}',
    "empty": b"",
    "long field": orjson.dumps({"email": "a" * 400, "password": "correct horse"}),
}


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
async def test_hostile_body_is_refused_and_not_repeated(client: Any, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await client.post("/api/v1/auth/log-in", data=body, headers=headers)
    text = await response.text()
    assert (response.status, await code_of(response)) == (400, "payload.invalid")
    assert "correct horse" not in text and "Traceback" not in text and len(text) < 2000


async def test_body_of_64_kb_is_the_largest(client: Any) -> None:
    headers = {"Content-Type": "application/json"}
    for size, code in ((64 * 1024, "payload.invalid"), (64 * 1024 + 1, "payload.too_large")):
        body = b'"' + b"a" * (size - 2) + b'"'
        response = await client.post("/api/v1/auth/log-in", data=body, headers=headers)
        assert await code_of(response) == code


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_body_that_a_form_could_send_is_refused(client: Any, content_type: str) -> None:
    body = orjson.dumps({"email": "asha@example.com", "password": "correct horse"})
    headers = {"Content-Type": content_type}
    response = await client.post("/api/v1/auth/log-in", data=body, headers=headers)
    assert (response.status, await code_of(response)) == (415, "payload.not_json")


@pytest.mark.parametrize("value", ["", "Basic YTpi", "Bearer", "Bearer ", "Bearer a.b.c", "token"])
async def test_header_that_holds_no_token_is_refused(client: Any, value: str) -> None:
    response = await client.get("/api/v1/live-sessions", headers={"Authorization": value})
    assert (response.status, await code_of(response)) == (401, "auth.invalid")


async def test_database_that_is_away_is_a_reason_to_wait(client: Any, database: Database) -> None:
    await database.close()
    response = await client.post(
        "/api/v1/auth/log-in", json={"email": "asha@example.com", "password": "correct horse"}
    )
    assert (response.status, await code_of(response)) == (503, "service.unavailable")
    assert int(response.headers["Retry-After"]) >= 1
