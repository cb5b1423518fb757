"""One viewer's socket, as thin as a client can be: frames are counted, not understood.

Only a sampled viewer decodes what it hears. All of them answer pings, because a server closes those
who do not, and undo deflate where a server has agreed to it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
import zlib
from typing import cast

import orjson

from loadtests.swarm.stamps import told_at_ms
from loadtests.swarm.tally import Tally
from loadtests.swarm.wire import PONG

_SERVER_CLOSE = 0x88
_COMPRESSED = 0x40
_TWO_BYTE_LENGTH = b"\x81\x7e"
_RETRY_AFTER = re.compile(rb"(?i)\r\nretry-after: *(\d{1,6})")
_SYNC_FLUSH = b"\x00\x00\xff\xff"
_LINGER_NOT = struct.pack("ii", 1, 0)


class NotLetIn(Exception):
    """The server did not take the connection, or refused the first event; the text says how.

    retry_after_s: when the server said that there will be a place.
    """

    def __init__(self, text: str, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class Viewer(asyncio.Protocol):
    """A connection that passes the handshake, CONNECT and one first event, and then listens.

    greeting: the upgrade request. connect: CONNECT's frame. join: the frame of an event with the
    acknowledgement 0, or empty.
    """

    __slots__ = (
        "_connect",
        "_greeting",
        "_inflate",
        "_is_leaving",
        "_is_open",
        "_join",
        "_rest",
        "_tally",
        "_transport",
        "events",
        "is_lazy",
        "is_ready",
        "is_sampled",
        "ready",
    )

    def __init__(
        self, tally: Tally, greeting: bytes, connect: bytes, join: bytes, *, is_sampled: bool
    ) -> None:
        self.events = 0
        self.is_lazy = False
        """Whether it reads only when it is resumed, and then once."""
        self.is_sampled = is_sampled
        self.is_ready = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tally = tally
        self._greeting, self._connect, self._join = greeting, connect, join
        self._transport: asyncio.Transport | None = None
        self._is_open = False
        self._is_leaving = False
        self._rest = b""
        self._inflate: zlib._Decompress | None = None

    # ---- what a mode does with it

    def send(self, frame: bytes) -> None:
        """Write a frame that was made before."""
        if self._transport is not None:
            self._transport.write(frame)

    def pause(self) -> None:
        """Read nothing more."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again; whoever was put out meanwhile notices."""
        if self._transport is not None:
            self._transport.resume_reading()

    def drop(self) -> None:
        """End without a word, as a phone does that loses its network."""
        self._is_leaving = True
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_gone(self) -> bool:
        return self._transport is None

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # Closed by a reset: thousands of ports that linger would be in the way of the next run.
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._transport.write(self._greeting)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if not self.ready.done():
            self.ready.set_exception(NotLetIn(str(error or "the server closed the connection")))
        if self.is_ready:
            self._tally.ready -= 1
            self._tally.lost += not self._is_leaving
        self.is_ready = False

    def data_received(self, data: bytes) -> None:
        tally, size = self._tally, len(data)
        tally.received_bytes += size
        # Nearly always one whole event, for which there is no time to call functions.
        if (
            size > 6
            and data.startswith(_TWO_BYTE_LENGTH)
            and (data[2] << 8) + data[3] + 4 == size
            and data.startswith(b"42", 4)
            and not self.is_sampled
            and not self._rest
        ):
            events = data.count(tally.marker) if tally.marker else 1
            self.events += events
            tally.frames += 1
            tally.events += events
            if tally.events >= tally.target:
                tally.hit()
        else:
            self._take_all(self._rest + data)
        if self.is_lazy and not self._is_leaving:
            self.pause()

    def _take_all(self, data: bytes) -> None:
        at = 0 if self._is_open else self._opened_at(data)
        if not self._is_open:
            self._rest = data
            return
        size = len(data)
        while size - at >= 2:
            begin, length = at + 2, data[at + 1]
            if length == 126:
                begin, length = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
            elif length == 127:
                begin, length = at + 10, int.from_bytes(data[at + 2 : at + 10], "big")
            end = begin + length
            if begin > size or end > size:
                break
            first, at = data[at], end
            if first & _COMPRESSED:
                self._take(*self._inflated(data[begin:end]))
            elif first == _SERVER_CLOSE:
                self._tally.close_codes[int.from_bytes(data[begin : begin + 2], "big")] += 1
            else:
                self._take(data, begin, end)
        self._rest = data[at:] if at < size else b""

    def _opened_at(self, data: bytes) -> int:
        """Where the frames begin, behind the answer to the handshake."""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            after = _RETRY_AFTER.search(data)
            self._refuse(
                data[: data.find(b"\r\n")].decode(errors="replace"),
                None if after is None else float(after[1]),
            )
            return 0
        if b"permessage-deflate" in data[:end]:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._is_open = True
        return end

    def _inflated(self, payload: bytes) -> tuple[bytes, int, int]:
        assert self._inflate is not None, "the server has agreed to deflate"
        text = self._inflate.decompress(payload + _SYNC_FLUSH)
        return text, 0, len(text)

    # ---- messages

    def _take(self, data: bytes, begin: int, end: int) -> None:
        """One text message: an event of the room, a ping, or a step of being let in."""
        if data.startswith(b"42", begin):
            tally = self._tally
            events = data.count(tally.marker, begin, end) if tally.marker else 1
            self.events += events
            tally.frames += 1
            tally.events += events
            if self.is_sampled and events:
                self._hear(data[begin:end])
            if tally.events >= tally.target:
                tally.hit()
        elif end - begin == 1:
            self.send(PONG)
        elif not self.is_ready:
            self._step(data[begin:end])
        elif data.startswith(b"43", begin):
            self._answered(data[begin:end])

    def _step(self, message: bytes) -> None:
        """The way in: `0` open, `40` connected, `430` the first event was done."""
        if message.startswith(b"0"):
            self.send(self._connect)
        elif message.startswith(b"44"):
            self._refuse(message.decode())
        elif message.startswith(b"40") and self._join:
            self.send(self._join)
        elif message.startswith(b'430[{"refused"'):
            self._refuse(orjson.loads(message[3:])[0]["refused"]["code"])
        elif message.startswith((b"40", b"430")):
            self._let_in(message)

    def _let_in(self, _message: bytes) -> None:
        self.is_ready = True
        self._tally.ready += 1
        self.ready.set_result(None)

    def _answered(self, message: bytes) -> None:
        """The acknowledgement of an event that a mode has sent."""
        answer = orjson.loads(message[message.index(b"[") :])[0]
        if "refused" in answer:
            self._tally.refused[answer["refused"]["code"]] += 1
        else:
            self._tally.accepted += 1

    def _refuse(self, why: str, retry_after_s: float | None = None) -> None:
        self._tally.refused[why] += 1
        if not self.ready.done():
            self.ready.set_exception(NotLetIn(why, retry_after_s))
        self.drop()

    def _hear(self, message: bytes) -> None:
        """An event, of a sampled viewer. Notes how old chat messages are; both clocks are this
        machine's."""
        name, *arguments = orjson.loads(message[message.index(b"[") :])
        payload, now_ms = arguments[0] if arguments else {}, time.time() * 1000
        self._tally.latencies_ms += [now_ms - at_ms for at_ms in told_at_ms(name, payload)]
