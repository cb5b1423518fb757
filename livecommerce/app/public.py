"""The side of a hub that browsers connect to."""

import contextlib
import socket
from contextlib import AsyncExitStack

from aiohttp import web

from livecommerce.app import parts
from livecommerce.child import Parent
from livecommerce.http.admin import make_runner
from livecommerce.listening import BACKLOG, listening_socket
from livecommerce.settings import Settings


class Public:
    """What takes connections in, and stops doing so."""

    def __init__(self, app: web.Application) -> None:
        self._is_closed = False
        self._runner = make_runner(app)
        app.on_response_prepare.append(self._say_farewell)

    async def open(self, stack: AsyncExitStack, listening: socket.socket) -> None:
        await self._runner.setup()
        stack.push_async_callback(self._runner.cleanup)
        self._shared = listening.dup()  # the site closes the handle that it was given
        self._site = web.SockSite(self._runner, listening, backlog=BACKLOG)
        await self._site.start()

    async def close(self, *, is_replaced: bool) -> None:
        """Take nobody in any more, and give those who are in no second answer.

        Who waits in the queue is the next process's. Where none has come, the kernel sends whoever
        connects from now on to another hub of the port, or away, which a proxy understands.
        """
        self._is_closed = True
        await self._site.stop()
        if not is_replaced:
            with contextlib.suppress(OSError):
                self._shared.shutdown(socket.SHUT_RDWR)
        self._shared.close()

    async def _say_farewell(self, _: web.Request, response: web.StreamResponse) -> None:
        # The framework's own way to close idle connections makes all WebSockets deaf.
        if self._is_closed and not isinstance(response, web.WebSocketResponse):
            response.headers["Connection"] = "close"
            response.force_close()


async def open_public(
    stack: AsyncExitStack, app: web.Application, settings: Settings, parent: Parent
) -> Public:
    """Raises PortRefused."""
    public = Public(app)
    host, port = settings.http.host, settings.http.port
    with parts.opening(host, port, "LIVECOMMERCE_HTTP_PORT"):
        listening = parent.listening_socket() or listening_socket(host, port)
    await public.open(stack, listening)
    return public
