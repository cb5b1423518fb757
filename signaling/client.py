"""A small Socket.IO client for programs: the test-card broadcaster, tools and tests.

It speaks the same contract as the browser: `call` sends an event and answers the `ok` object or
raises Refused. It does not reconnect by itself; its user decides what to do after a loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import socketio

from signaling import json as wire_json
from signaling.refusals import Refused


class ConnectionLost(Exception):
    """There is no connection, or it ended before the answer came."""


class Client:
    """One connection. Make a new one after a loss.

    on_event: called with (event name, payload) for every outward event, in order.
    """

    def __init__(self, on_event: Callable[[str, Any], None] = lambda _name, _payload: None) -> None:
        self.lost = asyncio.Event()
        """Set when the connection has ended, for whatever reason."""
        self._sio = socketio.AsyncClient(
            reconnection=False, json=wire_json, handle_sigint=False, logger=False
        )
        self._sio.on("disconnect", self._on_disconnect)

        async def take(name: str, *arguments: Any) -> None:
            on_event(name, arguments[0] if arguments else None)

        self._sio.on("*", take)

    def _on_disconnect(self, *_reason: Any) -> None:
        self.lost.set()

    async def connect(self, url: str, token: str | None = None, timeout_s: float = 5.0) -> None:
        """Open the connection; raises ConnectionLost, or Refused for a bad token."""
        refusal: list[Any] = []
        self._sio.on("connect_error", refusal.append)
        try:
            await self._sio.connect(
                url,
                auth={} if token is None else {"token": token},
                transports=["websocket"],
                wait_timeout=timeout_s,
            )
        except socketio.exceptions.ConnectionError as error:
            raise _refusal_in(refusal) or ConnectionLost(str(error)) from error

    async def call(
        self, event: str, payload: dict[str, Any], timeout_s: float = 10.0
    ) -> dict[str, Any]:
        """Send an event and wait for its acknowledgement's `ok`; raises Refused
        or ConnectionLost.
        """
        answer = await self._answer(event, payload, timeout_s)
        if "refused" in answer:
            refused = answer["refused"]
            raise Refused(
                refused["code"],
                refused["message"],
                refused.get("retry_after_s"),
                refused.get("details"),
            )
        ok: dict[str, Any] = answer["ok"]
        return ok

    async def _answer(
        self, event: str, payload: dict[str, Any], timeout_s: float
    ) -> dict[str, Any]:
        """The acknowledgement. The library would wait for it on a dead connection too."""
        answering = asyncio.ensure_future(self._sio.call(event, payload, timeout=timeout_s))
        losing = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait({answering, losing}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise ConnectionLost("the connection ended before the answer came")
            answer: dict[str, Any] = await answering
            return answer
        except (socketio.exceptions.SocketIOError, OSError) as error:
            raise ConnectionLost(str(error)) from error
        finally:
            answering.cancel()
            losing.cancel()

    async def close(self) -> None:
        await self._sio.disconnect()
        self.lost.set()


def _refusal_in(errors: list[Any]) -> Refused | None:
    for error in errors:
        data = error.get("data") if isinstance(error, dict) else None
        if isinstance(data, dict) and "code" in data:
            return Refused(
                data["code"], data["message"], data.get("retry_after_s"), data.get("details")
            )
    return None
