"""Customers of a flash sale: a socket each, as thin as a client can be.

A WebSocket library spends more on a message than the hub does, and both share the machine. What
these customers say is put into frames before the clock runs, and of what they hear only the answers
are looked at. They speak Socket.IO 5 on Engine.IO 4: everything is one text frame.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from loadtests.swarm.wire import PONG, connect_frame, upgrade

_TIMEOUT_S = 60


class Buyer(asyncio.Protocol):
    """One customer's socket. answered_s: when the last answer came, by time.perf_counter."""

    def __init__(self, user_id: UUID, token: str) -> None:
        self.user_id = user_id
        self.answered_s = 0.0
        self._token = token
        self._transport: asyncio.Transport | None = None
        self._is_open = False
        self._rest = b""
        self._answer: asyncio.Future[bytes] | None = None

    async def connect(self, url: str) -> None:
        """Open the socket and be let in."""
        host = urlsplit(url).netloc
        name, _, port = host.partition(":")
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, name, int(port))
        await self._hears(upgrade(host, {}))
        answer = await self._hears(connect_frame({"token": self._token}))
        assert answer.startswith(b"40"), answer

    async def call(self, frame: bytes) -> Any:
        """The acknowledgement of an event_frame."""
        return answer_in(await self._hears(frame))

    def ask(self, frame: bytes) -> asyncio.Future[bytes]:
        """Send; the answer comes as it is on the wire."""
        assert self._transport is not None, "connected before it asks"
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._transport.write(frame)
        return answer

    async def _hears(self, sent: bytes) -> bytes:
        return await asyncio.wait_for(self.ask(sent), _TIMEOUT_S)

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # Closed by a reset: thousands of ports that linger would be in the way of the next run.
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the hub has closed the socket"))

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        at = 0 if self._is_open else self._opened_at(data)
        size = len(data)
        while size - at >= 4 or (size - at >= 2 and data[at + 1] < 126):
            begin, length = at + 2, data[at + 1]
            if length == 126:
                begin, length = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
            assert length != 127, "no message of the hub is that long"
            if begin + length > size:
                break
            at = begin + length
            self._take(data, begin, at)
        self._rest = data[at:]

    def _opened_at(self, data: bytes) -> int:
        """Where the frames begin, behind the answer to the handshake; 0 while it is not there."""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return 0
        assert data.startswith(b"HTTP/1.1 101"), data
        self._is_open = True
        return end

    def _take(self, data: bytes, begin: int, end: int) -> None:
        """One message: an answer, a ping, or something that the room hears."""
        if data.startswith((b"43", b"40", b"44", b"0"), begin):
            self.answered_s = time.perf_counter()
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(data[begin:end])
        elif end - begin == 1 and data[begin] == ord("2"):
            assert self._transport is not None
            self._transport.write(PONG)


def answer_in(message: bytes) -> Any:
    """The object of an acknowledgement: `{"ok": ...}` or `{"refused": ...}`."""
    return orjson.loads(message[message.index(b"[") :])[0]
