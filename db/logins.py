"""The two logins of the server: their names, their URLs, their passwords, what they may not be.

The owner of the schema migrates it and does nothing else. What is done for a person goes through
`livecommerce_api`, which has no right of its own; the program's own work goes through
`livecommerce_service`. Neither is exempt from row security, so a mistake in a statement, or an
injected one, meets it (docs/adr/0006-two-logins.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import asyncpg

from db.errors import connecting, place, translated

API_LOGIN = "livecommerce_api"
SERVICE_LOGIN = "livecommerce_service"
LOGINS = (API_LOGIN, SERVICE_LOGIN)
SETTINGS = {
    API_LOGIN: "LIVECOMMERCE_DATABASE_API_URL",
    SERVICE_LOGIN: "LIVECOMMERCE_DATABASE_SERVICE_URL",
}
"""What names another URL for a login, for the sentences that refuse one."""

_SCRAM_ITERATIONS = 4096
"""Postgres's own default. The passwords are 256 random-looking bits: stretching adds nothing."""
# Any number will do, as long as no other program on the same database picks it.
_ADVISORY_LOCK = 0x6C69_7665_7077


class LoginRefused(Exception):
    """A login cannot be used, or may more than it should; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The URLs of the two logins."""

    api: str
    service: str


def logins_of(owner: str) -> Logins:
    """The logins beside the owner of a database, from the owner's URL.

    Same server, database and options. The password is derived from the owner's; without one (peer,
    trust) there is none.
    """
    return Logins(_login_url(owner, API_LOGIN), _login_url(owner, SERVICE_LOGIN))


def _login_url(owner: str, login: str) -> str:
    parts = urlsplit(owner)
    options = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in options if name not in ("user", "password")]
    query = parts.query if len(kept) == len(options) else urlencode(kept, safe="/")
    user = quote(login + _tenant(owner), safe="")
    password = password_of(owner, login)
    if password is not None:
        user += f":{password}"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}", query=query))


def _tenant(owner: str) -> str:
    """The end of the user's name that tells Supabase's pooler the project: `.ref`, or nothing."""
    parts = urlsplit(owner)
    user = unquote(parts.username or dict(parse_qsl(parts.query)).get("user", ""))
    name, dot, project = user.partition(".")
    is_pooler = name == "postgres" or (parts.hostname or "").endswith(".pooler.supabase.com")
    return dot + project if is_pooler else ""


def password_of(owner: str, login: str) -> str | None:
    """A login's password: computed from the owner's, which cannot be computed from it."""
    secret = _owners_password(owner)
    if secret is None:
        return None
    digest = hmac.digest(secret.encode(), login.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _owners_password(owner: str) -> str | None:
    parts = urlsplit(owner)
    if parts.password:
        return unquote(parts.password)
    return dict(parse_qsl(parts.query)).get("password")


def scram_verifier(password: str, salt: bytes) -> str:
    """What Postgres keeps of a password (RFC 5803), one that SASLprep leaves alone (ASCII)."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(p).decode() for p in (salt, _sha256(client_key), server_key)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


async def set_passwords(owner: str, logins: Collection[str] = LOGINS) -> None:
    """Give the logins the passwords that `logins_of` derives; nothing to do without a password.

    Postgres is told verifiers, never passwords. The salt is derived too, so doing it again changes
    nothing, also for a pooler that keeps a copy.
    Raises LoginRefused when a login is not the owner's to change.
    """
    wanted = {login: password_of(owner, login) for login in logins}
    if None in wanted.values() or not wanted:
        return
    address, _ = without_pooler_mark(owner)
    with connecting(owner):
        connection = await asyncpg.connect(address, timeout=10, statement_cache_size=0)
    try:
        with translated():
            async with connection.transaction():
                # Two that change a role at once get into each other's way.
                await connection.execute("select pg_advisory_xact_lock($1)", _ADVISORY_LOCK)
                for login, password in wanted.items():
                    assert password is not None, "all or none have one"
                    await _set_password(connection, owner, login, password)
    except asyncpg.InsufficientPrivilegeError as error:
        raise LoginRefused(
            f"the owner of the schema may not set the passwords of {' and '.join(wanted)} "
            f"({error}); set them yourself and name the logins with "
            f"{' and '.join(SETTINGS[login] for login in wanted)}"
        ) from error
    finally:
        await connection.close(timeout=5)


async def _set_password(
    connection: asyncpg.Connection[asyncpg.Record], owner: str, login: str, password: str
) -> None:
    if not await connection.fetchval("select to_regrole($1) is not null", login):
        return
    salt = hmac.digest(password.encode(), b"salt", "sha256")[:16]
    # A statement of this kind takes no arguments; a verifier consists of base64, '$' and ':'.
    await connection.execute(f"alter role {login} password '{scram_verifier(password, salt)}'")


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """What the server says of the login of a connection (the query health.login)."""

    name: str
    is_superuser: bool
    bypasses_row_security: bool
    owns_tables: bool
    may_be_person: bool
    may_be_service: bool
    works_as_service: bool


def fault_of(login: str, facts: LoginFacts) -> str | None:
    """Why this login must not be used for the work of `login` (one of LOGINS); None: it may."""
    if facts.is_superuser:
        return "is a superuser, whom row security does not hold"
    if facts.bypasses_row_security:
        return "has BYPASSRLS, so row security does not hold it"
    if facts.owns_tables:
        return "owns tables or may become their owner, whom row security does not hold"
    if login == API_LOGIN and facts.may_be_service:
        return "may become service_role"
    if login == API_LOGIN and not facts.may_be_person:
        return "may not become anon and authenticated (grant anon, authenticated to it)"
    if login == SERVICE_LOGIN and not facts.works_as_service:
        return "does not inherit from service_role (grant service_role to it)"
    return None


def not_let_in(dsn: str, login: str, reason: object) -> LoginRefused:
    return LoginRefused(
        f"{place(dsn)} does not let {login} in ({reason}); `livecommerce migrate` makes the "
        f"login, and {SETTINGS[login]} names another"
    )


def unfit(dsn: str, login: str, facts: LoginFacts) -> LoginRefused | None:
    """The refusal of a login that is let in but not fit for the work of `login`; None: it is."""
    fault = fault_of(login, facts)
    if fault is None:
        return None
    return LoginRefused(
        f"{facts.name} at {place(dsn)} {fault}; {SETTINGS[login]} names another login"
    )


def without_pooler_mark(dsn: str) -> tuple[str, bool]:
    """The URL as the driver takes it, and whether a pooler in transaction mode stands behind it."""
    parts = urlsplit(dsn)
    options = parse_qsl(parts.query)
    kept = [(name, value) for name, value in options if name != "pgbouncer"]
    is_pooled = ("pgbouncer", "true") in options or parts.netloc.endswith(":6543")
    return urlunsplit(parts._replace(query=urlencode(kept, safe="/"))), is_pooled
