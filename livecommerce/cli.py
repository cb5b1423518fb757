"""The command line: `livecommerce demo | serve | hub | media | worker | ...`.

Each command reads the settings once and hands them on. What a process consists of is in app/,
which is imported only by the commands that run one, so that `--help` and `doctor` stay quick and
work where the rest does not.
"""

import argparse
import asyncio
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from livecommerce import __version__, child, logs
from livecommerce import settings as configuration
from livecommerce.settings import BAD_CONFIGURATION, Settings

PROCESSES = {
    "hub": "Socket.IO, REST and pages: what browsers talk to",
    "media": "the SFU: video and sound from one publisher to many viewers",
    "worker": "counters to Postgres, outbox to the live session's bus",
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
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        sub.set_defaults(command=run, name=name)
        return sub

    demo = add(
        "demo", _demo, "everything on this machine: databases, sample data, a live test card"
    )
    demo.add_argument("--json", action="store_true", help="for programs: where to look, as JSON")
    serve = add("serve", _serve, "hub, media and worker under one supervisor, on your databases")
    serve.add_argument("--migrate", action="store_true", help="bring the database up to date first")
    for name, text in PROCESSES.items():
        add(name, _process, f"one process alone: {text}")
    add("migrate", _migrate, "bring the database up to date")
    doctor = add("doctor", _doctor, "check what could be wrong here, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for programs")
    contract = add("contract", _contract, "print the wire: every event and its payload")
    contract.add_argument(
        "--typescript", action="store_true", help="as TypeScript types instead of AsyncAPI"
    )
    add("settings", _settings, "list every setting with its default and what it takes")
    return top


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

    settings = configuration.report()
    _require_databases(settings)
    if options.migrate and (code := _migrate(options)) != 0:
        return code
    logs.configure(settings.log.level, settings.log.format, process="supervisor")
    return asyncio.run(serve.run(settings))


def _process(options: argparse.Namespace) -> int:
    settings = configuration.report()
    _require_databases(settings)
    logs.configure(settings.log.level, settings.log.format, process=options.name)
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
    """Run one process until a signal or the end of its parent; give signs of life meanwhile."""
    parent, stopped = child.Parent.from_environment(), asyncio.Event()
    child.stop_on_signals(stopped)
    beating = asyncio.create_task(parent.beat_until(stopped))
    try:
        await run(settings, parent, stopped)
    finally:
        stopped.set()
        await beating


def _migrate(_: argparse.Namespace) -> int:
    from db import migrate

    settings = configuration.report()
    url = settings.database.url
    if url is None:
        return _refuse("DATABASE_URL is not set; it says which database to bring up to date.")
    logs.configure(settings.log.level, settings.log.format, process="migrate")

    async def apply() -> None:
        applied = await migrate(url.get_secret_value())
        print("\n".join(f"applied {name}" for name in applied) or "nothing to apply")

    return _run(apply(), "migrate")


def _doctor(options: argparse.Namespace) -> int:
    from livecommerce import doctor

    return doctor.main(as_json=options.json)


def _contract(options: argparse.Namespace) -> int:
    from signaling import asyncapi, typescript

    if options.typescript:
        sys.stdout.write(typescript.source())
    else:
        print(json.dumps(asyncapi.document(), indent=2))
    return 0


def _settings(_: argparse.Namespace) -> int:
    sys.stdout.write(configuration.markdown())
    return 0


# --------------------------------------------------------------------------------------- common


def _run(work: Any, name: str) -> int:
    """Run a coroutine on uvloop where there is one; a failure is logged once.

    What can happen to anybody (a database that is away, a port that is taken) is one line; only
    what we did not foresee comes with a traceback.
    """
    try:
        import uvloop
    except ImportError:
        run = asyncio.run
    else:
        run = uvloop.run
    try:
        run(work)
    except Exception as error:
        log = logs.get_logger("livecommerce")
        tell = log.error if isinstance(error, _foreseen()) else log.exception
        tell(f"{name} failed: {error}")
        return 1
    return 0


def _foreseen() -> tuple[type[Exception], ...]:
    from db import DatabaseUnavailable, MigrationRefused
    from livecommerce.app.parts import PortRefused
    from livecommerce.bus import BusUnavailable

    return (DatabaseUnavailable, MigrationRefused, BusUnavailable, PortRefused, OSError)


def _require_databases(settings: Settings) -> None:
    """Only the demo brings databases of its own."""
    missing = [
        name
        for name, url in (
            ("DATABASE_URL", settings.database.url),
            ("REDIS_URL", settings.redis.url),
        )
        if url is None
    ]
    if missing:
        raise SystemExit(
            _refuse(f"{' and '.join(missing)} must be set; `livecommerce demo` needs neither.")
        )


def _refuse(text: str) -> int:
    print(f"livecommerce: {text}", file=sys.stderr)
    return BAD_CONFIGURATION
