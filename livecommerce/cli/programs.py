"""The commands that run the shop, all of it or one process."""

import argparse
import asyncio
import gc
import importlib
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from livecommerce import child, logs
from livecommerce import settings as configuration
from livecommerce.cli.running import AddCommand, require_databases, run_work
from livecommerce.cli.schema import apply_migrations
from livecommerce.settings import Settings

PROCESSES = {
    "hub": "Socket.IO, REST and pages: what browsers talk to",
    "media": "the SFU: video and sound from one publisher to many viewers",
    "worker": "counters to Postgres, outbox to the live session's bus, jobs by the clock",
    "broadcast": "a moving test card published like a camera (for the demo)",
}


def add_to(add: AddCommand) -> None:
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
    require_databases(settings)
    if options.migrate and (code := apply_migrations(settings)) != 0:
        return code
    logs.configure(settings.log.level, settings.log.format, process="supervisor")
    return asyncio.run(serve.run(settings))


def _process(options: argparse.Namespace) -> int:
    settings = configuration.report()
    require_databases(settings)
    process = child.process_name(options.name)
    logs.configure(settings.log.level, settings.log.format, process=process)
    child.dump_stacks_on_signal()
    app = _loaded(f"livecommerce.app.{options.name}")
    return run_work(_until_stopped(app.run, settings), options.name)


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
