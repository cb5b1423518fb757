"""A Socket.IO client of bare bytes that remembers everything it hears, in order.

It speaks Socket.IO 5 on Engine.IO 4 over a WebSocket whose frames it makes itself, so that it can
also do what no library does: send half a frame, a frame with reserved bits, an event cut into
pieces, nothing at all. Nothing here sleeps: whoever waits is looked at whenever bytes arrive.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

import orjson

# Long, because it is never waited for in vain unless something is broken.
DEADLINE_S: Final = float(os.environ.get("LIVECOMMERCE_STRESS_DEADLINE_S", "30"))
ABNORMAL: Final = 1006
"""The close code of a connection that ended without a close frame."""
PATH: Final = "/socket.io/?EIO=4&transport=websocket"
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0


def frame(payload: bytes, opcode: int = TEXT, *, first: int | None = None) -> bytes:
    """A masked frame. first: the whole first byte, for what RFC 6455 forbids."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | size,))
    elif size < 65536:
        head = b"\xfe" + size.to_bytes(2, "big")
    else:
        head = b"\xff" + size.to_bytes(8, "big")
    mask = os.urandom(4)
    stretched = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
    opening = 0x80 | opcode if first is None else first
    return bytes((opening,)) + head + mask + masked.to_bytes(size, "big")


@dataclass(frozen=True, slots=True)
class Heard:
    """One message. name: of the event; `ack:7` for an acknowledgement; `connect`, `refused`."""

    name: str
    payload: Any


class Refusal(Exception):
    """A call was refused."""

    def __init__(self, refused: dict[str, Any]) -> None:
        super().__init__(refused["code"])
        self.code: str = refused["code"]
        self.refused = refused


class Gone(Exception):
    """The connection ended before the answer came."""


class RawClient(asyncio.Protocol):
    """heard: every event and acknowledgement, in order. of: the events of each name, in order.
    sent: what was asked, by name and payload.
    faults: what a server must never send. status: of the handshake, 0 before its answer."""

    def __init__(self, name: str = "client") -> None:
        self.name = name
        self.heard: list[Heard] = []
        self.of: defaultdict[str, list[Any]] = defaultdict(list)
        self.sent: list[tuple[str, Any]] = []
        self.faults: list[str] = []
        self.status = 0
        self.head = b""
        self.hello: dict[str, Any] = {}
        self.pings = 0
        self.received_bytes = 0
        self.close_code: int | None = None
        """None while the connection is open."""
        self.close_text = ""
        self.answers_pings = True
        self.on_heard: Callable[[Heard], None] | None = None
        self.on_end: Callable[[], None] | None = None
        self.on_packet: Callable[[bytes], None] | None = None
        """Called with every Socket.IO packet as it is on the wire."""
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self.next_ack = 0

    # ---- opening

    @classmethod
    async def open(
        cls,
        url: str,
        name: str = "client",
        *,
        path: str = PATH,
        headers: Mapping[str, str] | None = None,
        receive_buffer: int | None = None,
        sock: socket.socket | None = None,
    ) -> RawClient:
        """Connect and shake hands; `status` says how that ended."""
        client = cls(name)
        host = urlsplit(url).netloc
        address, _, port = host.partition(":")
        loop = asyncio.get_running_loop()
        if sock is None:
            sock = socket.socket()
            if receive_buffer is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.setblocking(False)
            try:
                async with asyncio.timeout(DEADLINE_S):
                    await loop.sock_connect(sock, (address, int(port)))
            except TimeoutError:
                sock.close()
                raise AssertionError(f"{client} could not connect to {url}") from None
            except OSError:
                sock.close()
                raise
        await loop.create_connection(lambda: client, sock=sock)
        lines = {
            "Host": host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version": "13",
        } | dict(headers or {})
        text = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
        client.write(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
        await client.until(lambda: client.status != 0, "an answer to the handshake", or_end=True)
        return client

    async def connect(self, auth: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send the Socket.IO CONNECT; the answer's data. Raises Refusal, or Gone."""
        self.text("40" + ("" if auth is None else orjson.dumps(auth).decode()))
        await self.until(lambda: bool(self.of["connect"] or self.of["refused"]), "CONNECT's answer")
        if self.of["refused"]:
            refused = self.of["refused"][-1]
            raise Refusal(refused["data"])
        return cast(dict[str, Any], self.of["connect"][-1])

    # ---- out

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        assert self._transport is not None, "connected first"
        # Of uvloop's a lost transport refuses to be written to before it says that it is lost.
        with suppress(RuntimeError):
            self._transport.write(data)

    def text(self, text: str) -> None:
        self.write(frame(text.encode()))

    def packet(self, name: str, payload: Any, ack_id: int | None = None) -> str:
        return f"42{'' if ack_id is None else ack_id}" + orjson.dumps([name, payload]).decode()

    def ask(self, name: str, payload: Any) -> asyncio.Future[Any]:
        """Send an event; its acknowledgement's object, whatever it says."""
        self.next_ack += 1
        self.sent.append((name, payload))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.close_code is not None:
            answer.set_exception(Gone(self.name))
            return answer
        self._acks[self.next_ack] = answer
        self.text(self.packet(name, payload, self.next_ack))
        return answer

    async def call(self, name: str, payload: Any) -> dict[str, Any]:
        """The acknowledgement's `ok`. Raises Refusal, or Gone."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await self.ask(name, payload)
        except TimeoutError:
            raise AssertionError(f"{self} had no answer to {name}") from None
        if "refused" in answer:
            raise Refusal(answer["refused"])
        return cast(dict[str, Any], answer["ok"])

    # ---- ending, pausing

    def reset(self) -> None:
        """End by a TCP reset, without a word."""
        assert self._transport is not None, "connected first"
        sock = self._transport.get_extra_info("socket")
        # Of a transport that is gone there is none, or one that takes no options.
        with suppress(OSError, ValueError, AttributeError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def hang_up(self) -> None:
        """End TCP without a close frame."""
        assert self._transport is not None, "connected first"
        self._transport.close()

    def leave(self) -> None:
        """A proper close frame."""
        self.write(frame(struct.pack("!H", 1000), CLOSE))

    def stop_reading(self) -> None:
        assert self._transport is not None, "connected first"
        self._transport.pause_reading()

    def go_on_reading(self) -> None:
        assert self._transport is not None, "connected first"
        if self.close_code is None:
            self._transport.resume_reading()

    # ---- waiting

    async def until(
        self, condition: Callable[[], bool], what: str, *, or_end: bool = False
    ) -> None:
        """Wait until `condition`; raises Gone when the connection ends before that."""
        if condition():
            return
        if self.close_code is not None:
            if or_end:
                return
            raise Gone(f"{self} ended before it had {what}")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await future
        except TimeoutError:
            raise AssertionError(f"{self} has not had {what}") from None
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
        if not or_end and not condition():
            raise Gone(f"{self} ended before it had {what}")

    async def hears(self, name: str, count: int = 1) -> Any:
        """The count-th event of this name."""
        events = self.of[name]
        await self.until(lambda: len(events) >= count, f"{count} of {name}")
        return events[count - 1]

    async def ended(self) -> int:
        """Wait for the end; its close code."""
        await self.until(lambda: self.close_code is not None, "its end", or_end=True)
        assert self.close_code is not None
        return self.close_code

    def __str__(self) -> str:
        counts = {name: len(events) for name, events in self.of.items()}
        return f"{self.name} (closed: {self.close_code}, heard: {counts})"

    def _look(self) -> None:
        for entry in list(self._waiting):
            condition, future = entry
            if self.close_code is not None or condition():
                self._waiting.remove(entry)
                if not future.done():
                    future.set_result(None)

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.close_code is None:
            self.close_code = ABNORMAL
        for answer in self._acks.values():
            if not answer.done():
                answer.set_exception(Gone(f"{self} ended before its answer"))
                answer.exception()  # Nobody may be waiting for it.
        self._acks.clear()
        self._look()
        if self.on_end is not None:
            self.on_end()

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        data = self._rest + data if self._rest else data
        at = 0
        if self.status == 0:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._rest = data
                return
            self.head = data[:end]
            self.status = int(data[9:12])
            at = end + 4
        if self.status != 101:
            self._rest = data  # The body of a refusal.
        else:
            self._rest = data[self._take_frames(data, at) :]
        self._look()

    @property
    def body(self) -> bytes:
        """What came with a refused handshake."""
        return self._rest[len(self.head) + 4 :] if self.status != 101 else b""

    def _take_frames(self, data: bytes, at: int) -> int:
        """Take all whole frames from `at` on; where the rest begins."""
        size = len(data)
        while size - at >= 2:
            begin, length = at + 2, data[at + 1]
            if length & 0x80:
                self.faults.append("a masked frame from the server")
                return size
            if length == 126:
                begin, length = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
            elif length == 127:
                begin, length = at + 10, int.from_bytes(data[at + 2 : at + 10], "big")
            if size < begin + length:
                break
            self._take_frame(data[at], data[begin : begin + length])
            at = begin + length
        return at

    def _take_frame(self, opening: int, payload: bytes) -> None:
        if opening == 0x81:
            if payload == b"2":
                self.pings += 1
                if self.answers_pings:
                    self.text("3")
            else:
                self._take_packet(payload)
        elif opening == 0x88:
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self.close_code = self.close_code or code
            self.close_text = self.close_text or payload[2:].decode()
            assert self._transport is not None
            self._transport.close()
        elif opening in (0x89, 0x8A):
            self._hear(Heard("ws.ping" if opening == 0x89 else "ws.pong", payload))
        else:
            self.faults.append(f"a frame that begins with {opening:#x}")

    def _take_packet(self, packet: bytes) -> None:
        if self.on_packet is not None:
            self.on_packet(packet)
        if packet.startswith(b"42"):
            name, *arguments = orjson.loads(packet[2:])
            self._hear(Heard(name, arguments[0] if arguments else None))
        elif packet.startswith(b"43"):
            bracket = packet.index(b"[")
            number, body = int(packet[2:bracket]), orjson.loads(packet[bracket:])[0]
            answer = self._acks.pop(number, None)
            if answer is not None and not answer.done():
                answer.set_result(body)
            self._hear(Heard(f"ack:{number}", body))
        elif packet.startswith(b"40{"):
            self._hear(Heard("connect", orjson.loads(packet[2:])))
        elif packet.startswith(b"44{"):
            self._hear(Heard("refused", orjson.loads(packet[2:])))
        elif packet.startswith(b"0"):
            self.hello = orjson.loads(packet[1:])
        else:
            self._hear(Heard("packet", packet.decode()))

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self.of[heard.name].append(heard.payload)
        if self.on_heard is not None:
            self.on_heard(heard)
