"""The sockets that hubs listen on: opened by who starts the hubs, inherited by the hubs.

Each hub has a socket of its own, its slot, which outlives it: what connects while it is started
again waits in the queue of the slot, and the next process takes it from there. On a shared port the
kernel gives each new connection to one of the slots, evenly.
"""

import socket

BACKLOG = 4096
"""Connections that may wait in a slot, as many as Linux allows by default (net.core.somaxconn): a
hub that was started again finds everybody at once. What is more tries again after a second."""


def listening_socket(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """A listening TCP socket. Raises OSError.

    is_shared: whether `sharing` will be asked for more on its port.
    """
    if is_shared:
        # Any program of the same user may join a port that is shared, a second server of ours,
        # say, and takes its part of the connections. So it is tried unshared first.
        _bound(host, port).close()
    found = _bound(host, port, is_shared=is_shared)
    try:
        found.listen(BACKLOG)
    except BaseException:
        found.close()
        raise
    return found


def sharing(first: socket.socket, count: int) -> list[socket.socket]:
    """The first one, opened as shared, and as many more on its port as make `count`."""
    host, port = first.getsockname()[:2]
    found = [first]
    for _ in range(count - 1):
        another = _bound(host, port, is_shared=True)
        another.listen(BACKLOG)
        found.append(another)
    return found


def is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    """Whether a port can be bound at this moment."""
    try:
        _bound(host, port, kind).close()
    except OSError:
        return False
    return True


def _bound(
    host: str,
    port: int,
    kind: socket.SocketKind = socket.SOCK_STREAM,
    *,
    is_shared: bool = False,
) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((host, port))
    except BaseException:
        found.close()
        raise
    return found
