"""`livecommerce serve`: hub, media and worker under one supervisor, on databases of your own."""

import asyncio
import socket

from livecommerce import child, clock, logs
from livecommerce.demo import listening_socket
from livecommerce.embedded.process import ServerFailed
from livecommerce.settings import Settings
from livecommerce.supervisor import Program, Supervisor, unless

log = logs.get_logger(__name__)


async def run(settings: Settings) -> int:
    """Serve until a signal. Returns the exit code of the program."""
    stopped = asyncio.Event()
    child.stop_on_signals(stopped)
    try:
        listening = listening_socket(settings.http.host, settings.http.port)
    except OSError as error:
        log.error(
            f"cannot listen on {settings.http.host} port {settings.http.port} "
            f"(LIVECOMMERCE_HTTP_PORT): {error.strerror}"
        )
        return 1
    supervisor = Supervisor(clock.fraction)
    try:
        await unless(stopped, _start(settings, supervisor, listening))
        await stopped.wait()
    except ServerFailed as failed:
        log.error(str(failed))
        return 1
    finally:
        await supervisor.stop()
    return 0


async def _start(settings: Settings, supervisor: Supervisor, listening: socket.socket) -> None:
    await supervisor.start(Program("media", {}, stop_s=1.0), Program("worker", {}, stop_s=1.0))
    await supervisor.start(Program("hub", {}, listening=listening, stop_s=2.0))
    log.info("serving", url=settings.public_url)
