"""One viewer's WebSocket: frames out, limits in. It knows neither Socket.IO events nor rooms'
contents.

All writing is synchronous: a frame goes straight to the transport, whoever sends it (a room, an
acknowledgement, a ping), so frames leave in the order of the calls and nothing queues here. How far
a viewer lags is what its transport holds: above the soft limit frames that may be skipped are
skipped and the viewer is told to take a fresh snapshot once drained; above the hard limit, or after
ten seconds above the soft one, the transport is aborted, which frees everything at once.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass

from signaling.caller import Identity
from signaling.rate_limit import Bucket, Rate

# Centrifugo closes at 1 MB, uWebSockets skips at 1 MB, NATS closes at 64 MB or 10 s. A phone on a
# weak network holds a minute of chat in 64 KB; half a megabyte is a snapshot and then some.
SOFT_LIMIT_BYTES = 64 * 1024
HARD_LIMIT_BYTES = 512 * 1024
LAG_LIMIT_S = 10.0
# The kernel's own buffer grows to megabytes, behind which no lag would show.
KERNEL_BUFFER_BYTES = 128 * 1024
TCP_USER_TIMEOUT_MS = 20_000
CLOSE_GRACE_S = 2.0
# Refused messages that a connection may send before it is taken for a flood: 100 at once, 10/s.
FLOOD = Rate(per_s=10, burst=100)

CLOSE_GOING_AWAY = 1001
CLOSE_PROTOCOL_ERROR = 1002
CLOSE_UNSUPPORTED = 1003
CLOSE_POLICY = 1008
CLOSE_RESTART = 1012


def text_frame(payload: bytes) -> bytes:
    """A complete unmasked WebSocket text frame (RFC 6455 5.2); equal for every connection."""
    return _header(0x81, len(payload)) + payload


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


PING_FRAME = text_frame(b"2")


@dataclass(frozen=True, slots=True)
class Inflow:
    """What one connection may send: messages and bytes a second, counted before JSON is parsed."""

    messages: Rate
    bytes: Rate


class Connection:
    """The server's end of one WebSocket. Also stands in for engine.io's socket object."""

    def __init__(
        self, sid: str, address: str, transport: asyncio.Transport, inflow: Inflow, now_s: float
    ) -> None:
        self.sid = sid
        self.address = address
        self.identity: Identity | None = None
        self.is_ready = False
        """True between a successful Socket.IO CONNECT and the end."""
        self.is_busy = False
        """True while a message waits or is worked on: pongs cannot be heard then."""
        self.is_lagging = False
        self.close_reason = "transport close"
        self.protocol_errors = 0
        self.last_heard_s = now_s
        self.last_ping_s = now_s
        self.event_buckets: dict[str, Bucket] = {}
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._lagging_since_s: float | None = None
        self._messages = Bucket(inflow.messages, now_s)
        self._bytes = Bucket(inflow.bytes, now_s)
        self._refused = Bucket(FLOOD, now_s)
        # Attributes that engine.io reads on its socket objects.
        self.closed = False
        self.connected = True
        self.upgraded = True
        self.session: dict[str, object] = {}
        self._set_socket_options()

    def _set_socket_options(self) -> None:
        sock = self._transport.get_extra_info("socket")
        if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
            return
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)

    # ---- in

    def admit(self, size: int, now_s: float) -> float:
        """Count a message of `size` bytes; 0.0 when it may pass, else the seconds to wait.

        Above FLOOD refused messages the connection is shut.
        """
        self.last_heard_s = now_s
        wait_s = max(self._messages.take(now_s), self._bytes.take(now_s, size))
        if wait_s > 0 and self._refused.take(now_s) > 0:
            self.shut(CLOSE_POLICY, "flood")
        return wait_s

    # ---- out

    def write(self, frame: bytes, *, may_skip: bool = False) -> bool:
        """Write a frame; False when it was skipped or the connection is over."""
        if self.closed:
            return False
        held = self._transport.get_write_buffer_size()
        if held > HARD_LIMIT_BYTES:
            self.abort("slow")
            return False
        if held > SOFT_LIMIT_BYTES:
            if self._lagging_since_s is None:
                self._lagging_since_s = self._loop.time()
            if may_skip:
                self.is_lagging = True
                return False
        self._transport.write(frame)
        return True

    def caught_up(self, now_s: float) -> bool:
        """Whether a viewer that skipped something has drained and must be told; asked each second.

        Aborts a viewer that stayed above the soft limit for LAG_LIMIT_S.
        """
        if self._lagging_since_s is None or self.closed:
            return False
        if self._transport.get_write_buffer_size() > SOFT_LIMIT_BYTES // 2:
            if now_s - self._lagging_since_s > LAG_LIMIT_S:
                self.abort("slow")
            return False
        self._lagging_since_s = None
        skipped, self.is_lagging = self.is_lagging, False
        return skipped

    def pong(self, payload: bytes) -> None:
        self.write(_header(0x8A, len(payload)) + payload)

    def shut(self, code: int, reason: str) -> None:
        """Send a close frame and close; what cannot be flushed within CLOSE_GRACE_S is dropped."""
        if self.closed:
            return
        self.closed = True
        self.close_reason = reason
        self._transport.write(_header(0x88, 2) + struct.pack("!H", code))
        self._transport.close()
        self._loop.call_later(CLOSE_GRACE_S, self._transport.abort)

    def abort(self, reason: str) -> None:
        """End at once, dropping what is buffered."""
        if not self.closed:
            self.closed = True
            self.close_reason = reason
        self._transport.abort()

    # ---- engine.io's socket interface

    async def send(self, packet: object) -> None:
        encoded = packet.encode()  # type: ignore[attr-defined]  # engineio.packet.Packet
        self.write(text_frame(encoded.encode()))

    async def close(self, wait: bool = True, abort: bool = False, reason: str = "") -> None:
        self.shut(CLOSE_GOING_AWAY, reason or "server disconnect")
