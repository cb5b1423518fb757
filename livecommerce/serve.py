"""`livecommerce serve`: hubs, media and worker under one supervisor, on databases of your own."""

import asyncio
import os
import signal
import sys

from livecommerce import child, clock, logs
from livecommerce.embedded.process import ServerFailed
from livecommerce.hub_slots import admin_sockets, hub_programs, public_sockets
from livecommerce.program import Program
from livecommerce.settings import Settings
from livecommerce.supervisor import Supervisor, unless

log = logs.get_logger(__name__)

AFTER_DRAIN_S = 10.0
"""What a hub may take beyond its drain: to hand over what it counted and to close."""


async def run(settings: Settings) -> int:
    """Serve until a signal. Returns the exit code of the program."""
    stopped, forced, renewals = asyncio.Event(), asyncio.Event(), asyncio.Event()
    child.stop_on_signals(stopped, forced)
    if not _is_on_a_terminal():  # there SIGHUP says that it was closed
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, renewals.set)
    supervisor = Supervisor(clock.fraction)
    try:
        hubs = await unless(stopped, _start(settings, supervisor))
        if hubs is not None:
            await unless(stopped, _renew(supervisor, hubs, renewals))
        log.info("stopping; a second signal does not wait", at_most_s=settings.hub.drain_s)
    except ServerFailed as failed:
        log.error(str(failed))
        return 1
    finally:
        hurrying = asyncio.create_task(_hurry(supervisor, forced))
        await supervisor.stop()
        hurrying.cancel()
    return 0


async def _start(settings: Settings, supervisor: Supervisor) -> list[Program]:
    """Start all; the hubs."""
    stop_s = settings.hub.drain_s + AFTER_DRAIN_S
    hubs = hub_programs(public_sockets(settings), admin_sockets(settings), {}, stop_s=stop_s)
    await supervisor.start(Program("media", {}, stop_s=1.0), Program("worker", {}, stop_s=1.0))
    await supervisor.start(*hubs)
    log.info("serving", url=settings.public_url, hubs=len(hubs))
    return hubs


async def _renew(supervisor: Supervisor, hubs: list[Program], wanted: asyncio.Event) -> None:
    """Each time that it is wanted, replace one hub after the other; for ever.

    The next one starts in the slot first and the former one leaves only when that serves, so a
    release or a setting that cannot start costs a line in the log.
    """
    while True:
        await wanted.wait()
        wanted.clear()
        log.info("replacing the hubs", hubs=len(hubs))
        try:
            for hub in hubs:
                await supervisor.replace(hub)
                log.info("replaced", service=hub.name)
        except ServerFailed as failed:
            log.error(f"{failed}; the former one goes on, and so do those after it")


async def _hurry(supervisor: Supervisor, forced: asyncio.Event) -> None:
    """Hand the second request to stop on to those who are still stopping."""
    await forced.wait()
    supervisor.hurry()


def _is_on_a_terminal() -> bool:
    return os.isatty(sys.stdin.fileno()) if sys.stdin is not None else False
