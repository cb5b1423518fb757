"""Sign-up, log-in, refresh and log-out over HTTP.

The refresh token travels in a cookie that no script can read and that comes with requests below
`/api/v1/auth` only. It proves nothing elsewhere: every other route takes the access token in the
`Authorization` header, so another site cannot make a browser do anything in a person's name. The
two routes that do take the cookie need a header that only our own pages can send.
"""

from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from livecommerce.accounts.accounts import LoggedIn
from livecommerce.accounts.refusals import AuthRefused
from livecommerce.http.api import ANYONE, REFRESH_COOKIE, Call, Cookie, Reply, Route
from signaling.addresses import throttle_key
from signaling.payloads import Empty, Id, Role, Wire

# Generous: the rules for each field, with a sentence of their own, are in accounts/.
_Email = Annotated[str, StringConstraints(max_length=320)]
_Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
_Name = Annotated[str, StringConstraints(max_length=200)]
_Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]

NO_COOKIE: Final = Cookie("", 0)


class SignUp(Wire):
    """An admin is never made by sign-up."""

    email: _Email
    password: _Password
    display_name: _Name
    role: Literal["customer", "influencer", "wholesaler"] = "customer"


class LogIn(Wire):
    email: _Email
    password: _Password


class LinkToken(Wire):
    """What stands behind `#link=` in the address of a one-time log-in link."""

    token: _Token


class User(Wire):
    id: Id
    role: Role
    display_name: str
    email: str | None


class Granted(Wire):
    """The access token is for `Authorization: Bearer`, for `expires_in_s` seconds."""

    access_token: str
    expires_in_s: int
    user: User


async def sign_up(call: Call[SignUp]) -> Reply:
    return _granted(
        await call.deps.accounts.sign_up(
            email=call.body.email,
            password=call.body.password,
            display_name=call.body.display_name,
            role=call.body.role,
            client_address=throttle_key(call.client_address),
            now=call.now,
        )
    )


async def log_in(call: Call[LogIn]) -> Reply:
    return _granted(
        await call.deps.accounts.log_in(
            email=call.body.email,
            password=call.body.password,
            client_address=throttle_key(call.client_address),
            now=call.now,
        )
    )


async def redeem_link(call: Call[LinkToken]) -> Reply:
    return _granted(
        await call.deps.accounts.redeem_link(
            call.body.token, client_address=throttle_key(call.client_address), now=call.now
        )
    )


async def refresh(call: Call[Empty]) -> Reply:
    return _granted(
        await call.deps.accounts.refresh(
            _refresh_token(call), client_address=throttle_key(call.client_address), now=call.now
        )
    )


async def log_out(call: Call[Empty]) -> Reply:
    """Also without a cookie, or with one that is no good: the outcome is the same."""
    token = call.request.cookies.get(REFRESH_COOKIE)
    if token:
        await call.deps.accounts.log_out(token, now=call.now)
    return Reply(Empty(), NO_COOKIE)


def _refresh_token(call: Call[Empty]) -> str:
    token = call.request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise AuthRefused("auth.required", "Please log in first.")
    return token


def _granted(logged_in: LoggedIn) -> Reply:
    person = logged_in.person
    return Reply(
        Granted(
            access_token=logged_in.access_token,
            expires_in_s=logged_in.expires_in_s,
            user=User(
                id=person.id,
                role=person.role,
                display_name=person.display_name,
                email=person.email or None,
            ),
        ),
        Cookie(logged_in.refresh_token, logged_in.refresh_expires_in_s),
    )


_PREFIX: Final = "/api/v1/auth"
_THROTTLED: Final = ("auth.origin_refused", "rate.limited")

ROUTES: Final = (
    Route(
        "POST", f"{_PREFIX}/sign-up", "Make an account and log in.", ANYONE, sign_up, Granted,
        SignUp, status=201, from_pages_only=True,
        errors=("auth.email_invalid", "auth.email_taken", "auth.display_name_invalid",
                "auth.password_too_short", "auth.password_too_long", "auth.password_invalid",
                "auth.busy", *_THROTTLED),
    ),
    Route(
        "POST", f"{_PREFIX}/log-in", "Log in with e-mail address and password.", ANYONE, log_in,
        Granted, LogIn, from_pages_only=True,
        errors=("auth.wrong_credentials", "auth.account_closed", "auth.busy", *_THROTTLED),
    ),
    Route(
        "POST", f"{_PREFIX}/link", "Log in by a one-time link.", ANYONE, redeem_link, Granted,
        LinkToken, from_pages_only=True,
        errors=("auth.link_invalid", "auth.account_closed", *_THROTTLED),
    ),
    Route(
        "POST", f"{_PREFIX}/refresh", "Spend the refresh cookie for a fresh access token.", ANYONE,
        refresh, Granted, by_cookie=True,
        errors=("auth.required", "auth.invalid", "auth.account_closed", *_THROTTLED),
    ),
    Route(
        "POST", f"{_PREFIX}/log-out", "End this log-in on every tab.", ANYONE, log_out, Empty,
        by_cookie=True, errors=("auth.origin_refused",),
    ),
)  # fmt: skip
