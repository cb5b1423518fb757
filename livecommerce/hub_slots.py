"""The hubs of one machine: a slot each, with sockets that outlive the process that serves them."""

import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from livecommerce import child
from livecommerce.embedded.process import ServerFailed
from livecommerce.listening import listening_socket, sharing
from livecommerce.program import Program
from livecommerce.settings import Settings

ALONE = {"LIVECOMMERCE_HUB_PROCESSES": "1", "LIVECOMMERCE_HUB_PORTS": "shared"}
"""What a hub is told: the settings of how many there are have been carried out by then."""


def public_sockets(settings: Settings) -> list[socket.socket]:
    """One for each hub, on the one port or on one each. Raises ServerFailed."""
    host, port, count = settings.http.host, settings.http.port, settings.hub.processes
    if settings.hub.ports == "own":
        return [_opened(host, port + hub, "LIVECOMMERCE_HTTP_PORT") for hub in range(count)]
    first = _opened(host, port, "LIVECOMMERCE_HTTP_PORT", is_shared=count > 1)
    return sharing(first, count)


def admin_sockets(settings: Settings) -> list[socket.socket]:
    """The same for the side of operators, always on a port each. Raises ServerFailed."""
    host, first = settings.admin.host, settings.admin.port
    numbers = range(1, settings.hub.processes + 1)
    return [_opened(host, admin_port(first, hub), "LIVECOMMERCE_ADMIN_PORT") for hub in numbers]


def hub_programs(
    public: Sequence[socket.socket],
    admin: Sequence[socket.socket],
    environment: Mapping[str, str],
    *,
    stop_s: float,
    log: Path | None = None,
) -> list[Program]:
    """A hub for each pair of sockets."""
    found = []
    for number, (listening, operators) in enumerate(zip(public, admin, strict=True), 1):
        own = {"LIVECOMMERCE_ADMIN_PORT": str(operators.getsockname()[1]), **ALONE}
        if len(public) > 1:
            own[child.SLOT] = str(number)
        program = Program(
            child.process_name("hub", own),
            {**environment, **own},
            sockets={child.LISTEN_FD: listening, child.ADMIN_FD: operators},
            log=log,
            stop_s=stop_s,
            command=[sys.executable, "-m", "livecommerce", "hub"],
        )
        found.append(program)
    return found


def _opened(host: str, port: int, setting: str, *, is_shared: bool = False) -> socket.socket:
    try:
        return listening_socket(host, port, is_shared=is_shared)
    except OSError as error:
        reason = f"cannot listen on {host} port {port} ({setting}): {error.strerror}"
        raise ServerFailed(reason) from error


def admin_port(first: int, hub: int) -> int:
    """Of the hub with this number, from 1. Media and worker stand behind the first one, where they
    were before there were more."""
    return first if hub == 1 else first + 1 + hub
