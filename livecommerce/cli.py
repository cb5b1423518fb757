"""The command line: `livecommerce demo | serve | hub | media | worker | ...`.

Each command reads the settings once and hands them on. What a process consists of is in app/,
which is imported only by the commands that run one, so that `--help` and `doctor` stay quick and
work where the rest does not.
"""

import argparse
import asyncio
import contextlib
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livecommerce import __version__, child, logs
from livecommerce import settings as configuration
from livecommerce.settings import BAD_CONFIGURATION, Settings

if TYPE_CHECKING:
    from db import Database, MigrationState

MIGRATIONS_WAIT = 3
"""Exit code of `migrate --status`, for scripts."""

PROCESSES = {
    "hub": "Socket.IO, REST and pages: what browsers talk to",
    "media": "the SFU: video and sound from one publisher to many viewers",
    "worker": "counters to Postgres, outbox to the live session's bus, jobs by the clock",
    "broadcast": "a moving test card published like a camera (for the demo)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except ImportError as error:
        print(f"livecommerce: {error}; `make setup` installs what is missing.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="livecommerce",
        description="Live commerce: broadcast from a browser; viewers watch, chat and buy.",
        epilog="Settings are variables LIVECOMMERCE_* (also in .env); `livecommerce settings` "
        "lists them all.",
    )
    top.add_argument("--version", action="version", version=f"livecommerce {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str, **more: Any
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", **more
        )
        sub.set_defaults(command=run, name=name)
        return sub

    _add_programs(add)
    _add_schema(add)
    _add_maintenance(add)
    doctor = add("doctor", _doctor, "check what could be wrong here, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for programs")
    contract = add("contract", _contract, "print the wire: every event and its payload")
    contract.add_argument(
        "--typescript", action="store_true", help="as TypeScript types instead of AsyncAPI"
    )
    _add_sealing(add)
    webhooks = add("webhooks", _webhooks, "where payment providers call, and whether they know it")
    webhooks.epilog = (
        "Exit codes: 0 they know it, as far as can be seen; 1 something is to be done."
    )
    webhooks.add_argument(
        "--register",
        action="store_true",
        help="register at Stripe; run again it changes nothing, and it never deletes",
    )
    add("settings", _settings, "list every setting with its default and what it takes")
    return top


def _add_programs(add: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands that run the shop, all of it or one process."""
    demo = add(
        "demo", _demo, "everything on this machine: databases, sample data, a live test card"
    )
    demo.add_argument("--json", action="store_true", help="for programs: where to look, as JSON")
    serve = add("serve", _serve, "hub, media and worker under one supervisor, on your databases")
    serve.add_argument("--migrate", action="store_true", help="bring the database up to date first")
    serve.add_argument(
        "--hubs",
        metavar="N",
        help="hub processes on the one port, best one a core (LIVECOMMERCE_HUB_PROCESSES)",
    )
    serve.epilog = (
        "SIGTERM lets everybody go within LIVECOMMERCE_HUB_DRAIN_S; a second one does not wait. "
        "SIGHUP replaces one hub after the other by a fresh process, and refuses nobody."
    )
    for name, text in PROCESSES.items():
        add(name, _process, f"one process alone: {text}")


def _add_schema(add: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands about the schema of the database."""
    migrate = add("migrate", _migrate, "bring the database up to date")
    migrate.epilog = (
        "Exit codes: 0 up to date (--plan: said what it would do); 1 refused or the database is "
        f"away; 3 --status: migrations wait; {BAD_CONFIGURATION} DATABASE_URL is missing or wrong."
    )
    asked = migrate.add_mutually_exclusive_group()
    asked.add_argument(
        "--status", action="store_true", help="list every migration and when it ran; change nothing"
    )
    asked.add_argument(
        "--plan", action="store_true", help="list what would run, in order; change nothing"
    )
    schema = add("schema", _schema, "print the schema that all migrations together make, as SQL")
    schema.add_argument(
        "--page", action="store_true", help="as a page with diagrams (Markdown, Mermaid)"
    )
    types = add("types", _types, "write the TypeScript types of the database")
    types.add_argument(
        "--output",
        type=Path,
        help="the file to write (default: livecommerce/web/types/database.ts)",
    )
    types.add_argument(
        "--check", action="store_true", help="write nothing; fail when the file is out of date"
    )


def _add_sealing(add: Callable[..., argparse.ArgumentParser]) -> None:
    sealing = add(
        "sealing-keys", _sealing_keys, "the keys of bank and tax details: status, rotation"
    )
    sealing.add_argument(
        "action",
        nargs="?",
        choices=("status", "rotate", "forget", "new"),
        default="status",
        help="status: which keys, and how many values under each; rotate: a new key, and every "
        "value under it (run again, it finishes what was begun); forget: take out an old key; "
        "new: print a key for LIVECOMMERCE_SEALING_KEYS",
    )
    sealing.add_argument("key", nargs="?", metavar="KEY_ID", help="of the key to forget")
    sealing.add_argument("--dry-run", action="store_true", help="rotate: only say what is due")


def _add_maintenance(add: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands of operators: what the worker does by the clock, now, and its results."""
    maintain = add(
        "maintain",
        _maintain,
        "do now what the worker does by the clock",
        add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    maintain.add_argument("-h", "--help", action=_HelpWithJobs)
    maintain.add_argument("job", metavar="JOB", help="one of the list below, or `all`")
    maintain.add_argument(
        "--dry-run", action="store_true", help="say what would be done; change nothing"
    )
    report = add("report", _report, "print a report as CSV, as `maintain reports` left it")
    report.add_argument(
        "report",
        metavar="REPORT",
        help="sales, wholesalers, influencers, live-sessions, support or abandoned-carts",
    )
    report.add_argument(
        "--from", type=_day, dest="first", metavar="DAY", help="YYYY-MM-DD (default: the first)"
    )
    report.add_argument(
        "--to", type=_day, dest="last", metavar="DAY", help="YYYY-MM-DD (default: today)"
    )
    report.add_argument("--output", type=Path, help="the file to write (default: print it)")
    check = add("check", _check, "ask the live database whether stock, money and counters hold")
    check.epilog = (
        "Exit codes: 0 all hold; 1 some are broken, with the ids of the rows; 2 it could not ask."
    )
    check.add_argument("--json", action="store_true", help="for programs")


class _HelpWithJobs(argparse.Action):
    """The list of jobs is read when somebody asks for it: `livecommerce --help` stays quick."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show this help message and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from livecommerce.maintenance.table import JOBS

        lines = [f"  {job.name:<23} {job.schedule!s:<16} {job.text}" for job in JOBS]
        parser.epilog = "\n".join(["jobs, and when the worker runs them (India):", *lines])
        parser.print_help()
        parser.exit()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-04-01") from None


# -------------------------------------------------------------------------------- the commands


def _demo(options: argparse.Namespace) -> int:
    from livecommerce import demo

    settings = configuration.report()
    if "MAKELEVEL" in os.environ:  # `make demo`: when make is killed, nobody could stop us
        child.follow_parent(signal.SIGTERM)
    logs.configure(settings.log.level, settings.log.format)
    app = importlib.import_module("livecommerce.app.demo")
    return asyncio.run(demo.run(settings, app.prepare, as_json=options.json))


def _serve(options: argparse.Namespace) -> int:
    from livecommerce import serve

    chosen = {} if options.hubs is None else {"LIVECOMMERCE_HUB_PROCESSES": options.hubs}
    settings = configuration.report({**os.environ, **chosen})
    _require_databases(settings)
    if options.migrate and (code := _apply_migrations(settings)) != 0:
        return code
    logs.configure(settings.log.level, settings.log.format, process="supervisor")
    return asyncio.run(serve.run(settings))


def _process(options: argparse.Namespace) -> int:
    settings = configuration.report()
    _require_databases(settings)
    process = child.process_name(options.name)
    logs.configure(settings.log.level, settings.log.format, process=process)
    child.dump_stacks_on_signal()
    app = _loaded(f"livecommerce.app.{options.name}")
    return _run(_until_stopped(app.run, settings), options.name)


def _loaded(name: str) -> Any:
    """Import what a process consists of, out of the garbage collector's sight.

    Modules live as long as the process. Not looked at while they load they load a tenth faster;
    frozen afterwards they do not lengthen the pauses of every later collection.
    """
    gc.disable()
    module = importlib.import_module(name)
    gc.freeze()
    gc.enable()
    return module


async def _until_stopped(run: Callable[..., Awaitable[None]], settings: Settings) -> None:
    """Run one process until a signal or the end of its parent; give signs of life meanwhile.

    Also while it stops, which takes a hub half a minute: silence would be taken for a hang.
    """
    parent, stopped = child.Parent.from_environment(), asyncio.Event()
    parent.hear_signals(stopped)
    beside = [asyncio.create_task(parent.beat(stopped)), asyncio.create_task(parent.end_forced())]
    try:
        await run(settings, parent, stopped)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def _migrate(options: argparse.Namespace) -> int:
    settings = _of_the_shop()
    if options.status or options.plan:
        return _describe_migrations(settings, only_waiting=options.plan)
    return _apply_migrations(settings)


def _apply_migrations(settings: Settings) -> int:
    from livecommerce.database import derived_logins
    from livecommerce.migration import bring_up_to_date

    url = settings.database.url
    if url is None:
        return _refuse("DATABASE_URL is not set; it says which database to bring up to date.")
    logs.configure(settings.log.level, settings.log.format, process="migrate")

    async def apply() -> None:
        if not await bring_up_to_date(
            url.get_secret_value(), tell=_say, passwords_of=derived_logins(settings)
        ):
            print("nothing to apply")

    return _run(apply(), "migrate")


def _describe_migrations(settings: Settings, *, only_waiting: bool) -> int:
    """--status and --plan."""
    from db import MigrationState, migration_states

    url = settings.database.url
    if url is None:
        return _refuse("DATABASE_URL is not set; it says which database to look at.")
    logs.configure(settings.log.level, settings.log.format, process="migrate")
    states: list[MigrationState] = []

    async def ask() -> None:
        states.extend(await migration_states(url.get_secret_value()))

    code = _run(ask(), "migrate")
    if code != 0:
        return code
    is_waiting = any(state.applied_at is None for state in states)
    shown = [s for s in states if s.applied_at is None or s.fault] if only_waiting else states
    print("\n".join(map(_in_words, shown)) or "nothing to apply")
    if any(state.fault for state in states):
        return 1
    return MIGRATIONS_WAIT if is_waiting and not only_waiting else 0


def _in_words(state: "MigrationState") -> str:
    if state.fault:
        return f"{state.full_name}  REFUSED: {state.fault}"
    if state.applied_at is not None:
        return f"{state.full_name}  applied {state.applied_at:%Y-%m-%d %H:%M:%S} UTC"
    if state.in_transaction:
        return f"{state.full_name}  waits"
    return f"{state.full_name}  waits; runs beside requests, statement by statement"


def _say(line: str) -> None:
    print(line, flush=True)


def _doctor(options: argparse.Namespace) -> int:
    from livecommerce import doctor

    return doctor.main(as_json=options.json)


def _webhooks(options: argparse.Namespace) -> int:
    from livecommerce import webhooks

    settings = configuration.report()
    return asyncio.run(webhooks.run(settings, is_registering=options.register, tell=print))


def _contract(options: argparse.Namespace) -> int:
    from signaling import asyncapi, typescript

    if options.typescript:
        sys.stdout.write(typescript.source())
    else:
        print(json.dumps(asyncapi.document(), indent=2))
    return 0


def _types(options: argparse.Namespace) -> int:
    from livecommerce.database_types import command

    settings = configuration.report()
    logs.configure(settings.log.level, settings.log.format, process="types")

    async def write() -> None:
        print(await command.run(settings, options.output or command.FILE, only_check=options.check))

    return _run(write(), "types", on_uvloop=False)


def _sealing_keys(options: argparse.Namespace) -> int:
    from contextlib import AsyncExitStack

    from livecommerce.accounts import sealing_command
    from livecommerce.accounts.sealing_keys import existing_keys
    from livecommerce.app import parts

    if options.action == "new":
        print(sealing_command.fresh_key())
        return 0
    settings = _of_the_shop()
    if not _names_database(settings):
        return _refuse("DATABASE_URL is not set; it says which database the values are in.")
    logs.configure(settings.log.level, settings.log.format, process="sealing-keys")
    code = 0

    async def act() -> None:
        nonlocal code
        async with AsyncExitStack() as stack:
            database = await parts.open_database(stack, settings, pool_size=1)
            keys = existing_keys(settings.sealing_key_file, settings.sealing_keys)
            code = await sealing_command.run(
                options.action, database, keys, options.key, dry_run=options.dry_run, tell=print
            )

    return _run(act(), "sealing-keys") or code


def _schema(options: argparse.Namespace) -> int:
    from db import migrate
    from db.catalogue import read_catalogue
    from db.schema_dump import schema_sql
    from db.schema_page import schema_page
    from livecommerce.embedded import scratch_postgres

    settings = configuration.report()
    logs.configure(settings.log.level, settings.log.format, process="schema")

    async def describe() -> None:
        async with scratch_postgres(settings.embedded.user, settings.embedded.pg_bin) as owner:
            await migrate(owner)
            catalogue = await read_catalogue(owner)
        sys.stdout.write(schema_page(catalogue) if options.page else schema_sql(catalogue))

    return _run(describe(), "schema", on_uvloop=False)


def _maintain(options: argparse.Namespace) -> int:
    from livecommerce import clock
    from livecommerce.app import parts
    from livecommerce.maintenance.command import maintain
    from livecommerce.maintenance.table import ALL, JOBS

    jobs = [job for job in JOBS if options.job in (job.name, ALL)]
    if not jobs:
        names = ", ".join(job.name for job in JOBS)
        return _refuse(f"{options.job} is not a job; there are {names}, and all.")

    async def act(database: "Database", settings: Settings) -> int:
        return await maintain(
            jobs,
            database,
            clock.now(),
            parts.limits(settings),
            sys.stdout,
            dry_run=options.dry_run,
        )

    return _with_database("maintain", act)


def _report(options: argparse.Namespace) -> int:
    from livecommerce import clock
    from livecommerce.maintenance.reports import BEGINNING, REPORTS, write_report

    if options.report not in REPORTS:
        return _refuse(f"{options.report} is not a report; there are {', '.join(REPORTS)}.")

    async def act(database: "Database", _: Settings) -> int:
        first, last = options.first or BEGINNING, options.last or clock.now().date()
        with contextlib.ExitStack() as stack:
            to = sys.stdout
            if options.output:
                # The rows end their lines themselves.
                to = stack.enter_context(options.output.open("w", encoding="utf-8", newline=""))
            rows = await write_report(options.report, database, first, last, to)
        if options.output:
            print(f"wrote {rows:,} {'row' if rows == 1 else 'rows'} to {options.output}")
        return 0

    return _with_database("report", act)


def _check(options: argparse.Namespace) -> int:
    from livecommerce.maintenance.checks import check, tell

    async def act(database: "Database", _: Settings) -> int:
        return tell(await check(database), sys.stdout, as_json=options.json)

    return _with_database("check", act, could_not=2)


def _with_database(
    name: str,
    act: "Callable[[Database, Settings], Awaitable[int]]",
    *,
    could_not: int = 1,
) -> int:
    """Run a command on one connection of the service login; could_not: when there is none."""
    from contextlib import AsyncExitStack

    from livecommerce.app import parts

    settings = _of_the_shop()
    if settings.database.url is None and settings.database.service_url is None:
        return _refuse("DATABASE_URL is not set; it says which database to look after.")
    logs.configure(settings.log.level, settings.log.format, process=name)
    code = could_not

    async def run() -> None:
        nonlocal code
        async with AsyncExitStack() as stack:
            database = await parts.open_database(
                stack,
                settings,
                pool_size=1,
                statement_timeout_ms=settings.maintenance.statement_timeout_ms,
            )
            code = await act(database, settings)

    failed = _run(run(), name)
    return could_not if failed else code


def _settings(_: argparse.Namespace) -> int:
    sys.stdout.write(configuration.markdown())
    return 0


# --------------------------------------------------------------------------------------- common


def _run(work: Any, name: str, *, on_uvloop: bool = True) -> int:
    """Run a coroutine on uvloop where there is one; a failure is logged once.

    on_uvloop=False is for work that starts Postgres: uvloop starts no process as another user.
    What can happen to anybody (a database that is away, a port that is taken) is one line; only
    what we did not foresee comes with a traceback.
    """
    import db

    run: Callable[..., None] = asyncio.run
    with contextlib.suppress(ImportError):
        if on_uvloop:
            run = importlib.import_module("uvloop").run
    try:
        run(work)
    except db.DatabaseUrlRefused as error:
        return _refuse(str(error))
    except Exception as error:
        log = logs.get_logger("livecommerce")
        tell = log.error if isinstance(error, _foreseen()) else log.exception
        tell(f"{name} failed: {error}")
        return 1
    return 0


def _foreseen() -> tuple[type[Exception], ...]:
    from db import DatabaseUnavailable, LoginRefused, MigrationRefused
    from livecommerce.accounts.sealing_keys import SealingKeysInvalid
    from livecommerce.app.parts import PortRefused
    from livecommerce.bus import BusUnavailable
    from livecommerce.database_types.command import TypesRefused
    from livecommerce.embedded import AccountRefused, PlaceRefused, ServerFailed

    return (
        *(DatabaseUnavailable, LoginRefused, MigrationRefused, BusUnavailable),
        *(PortRefused, SealingKeysInvalid, OSError),
        *(AccountRefused, PlaceRefused, ServerFailed, TypesRefused),
    )


def _require_databases(settings: Settings) -> None:
    """Only the demo brings databases of its own."""
    missing = [
        name
        for name, is_named in (
            ("DATABASE_URL", _names_database(settings)),
            ("REDIS_URL", settings.redis.url is not None),
        )
        if not is_named
    ]
    if missing:
        raise SystemExit(
            _refuse(f"{' and '.join(missing)} must be set; `livecommerce demo` needs neither.")
        )


def _of_the_shop() -> Settings:
    """The settings; where they name no database, those of the demo that runs here."""
    from livecommerce.demo import demo_variables

    settings = configuration.report()
    database = settings.database
    if database.url or database.api_url or database.service_url:
        return settings
    running = demo_variables(settings.data.dir)
    if running is None:
        return settings
    print("livecommerce: this is about the demo that runs here", file=sys.stderr)
    return configuration.load({**os.environ, **running[1]})


def _names_database(settings: Settings) -> bool:
    """With both logins named the owner is not needed."""
    database = settings.database
    return database.url is not None or (
        database.api_url is not None and database.service_url is not None
    )


def _refuse(text: str) -> int:
    print(f"livecommerce: {text}", file=sys.stderr)
    return BAD_CONFIGURATION
