"""One viewer's WebSocket: frames out, limits in. It knows neither Socket.IO events nor rooms'
contents.

All writing is synchronous: a frame goes straight to the kernel, whoever sends it (a room, an
acknowledgement, a ping), so frames leave in the order of the calls and nothing queues here. What
the kernel does not take, its buffer being full, is left to the transport, and so is all that comes
until that has drained: then order is the transport's. Passing the transport by costs a fifth less a
frame than its own `write`, which looks after much that a viewer on a good network never needs.

How far a viewer lags is what its transport holds: above the soft limit frames that may be skipped
are skipped and the viewer is told to take a fresh snapshot once drained; above the hard limit, or
after ten seconds above the soft one, the transport is aborted, which frees everything at once.

A socket's number is another socket's as soon as it is closed. Both asyncio and uvloop close it
after their call of `connection_lost`, at which the connection forgets it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from signaling import metrics
from signaling.caller import Identity
from signaling.closing import (
    BINARY,
    FLOOD,
    LAGGING,
    LOST,
    MALFORMED,
    SERVER_LEFT,
    SLOW,
    TOO_BIG,
    Closing,
)
from signaling.limits import Party
from signaling.rate_limit import Bucket, Rate
from signaling.turns import Rounds

# Centrifugo closes at 1 MB, uWebSockets skips at 1 MB, NATS closes at 64 MB or 10 s. A phone on a
# weak network holds a minute of chat in 64 KB; half a megabyte is a snapshot and then some.
SOFT_LIMIT_BYTES = 64 * 1024
HARD_LIMIT_BYTES = 512 * 1024
# Looked at once a second: after ten seconds nothing of a stopped reader is left.
LAG_LIMIT_S = 8.0
# The kernel's own buffer grows to megabytes, behind which no lag would show.
KERNEL_BUFFER_BYTES = 128 * 1024
TCP_USER_TIMEOUT_MS = 20_000
CLOSE_GRACE_S = 2.0
# The kernel answers what comes in after a close with a reset, which ends a client before it has
# read why. So whoever is likely to be still sending is not read any more, but not closed for a
# moment.
LINGER_S = 0.25
_STILL_SENDING = frozenset(each.reason for each in (BINARY, FLOOD, MALFORMED, TOO_BIG))
# Refused messages that a connection may send before it is taken for a flood: 100 at once, 10/s.
REFUSALS = Rate(per_s=10, burst=100)


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
# The protocol's own way to say that a client shall not come back by itself.
_DISCONNECT_FRAME = text_frame(b"41")


@dataclass(frozen=True, slots=True)
class Inflow:
    """What one connection may send: messages and bytes a second, counted before JSON is parsed."""

    messages: Rate
    bytes: Rate


def _number_of(transport: asyncio.Transport) -> int:
    """Of its socket, when the bytes that are written are those on the wire; else -1."""
    sock = transport.get_extra_info("socket")
    if sock is None or transport.get_extra_info("sslcontext") is not None:
        return -1
    number: int = sock.fileno()
    return number


def _unheard(connection: Connection) -> None:
    """Nobody looks after it yet."""


class _Ending(asyncio.Protocol):
    """The protocol of a transport, with a word to the connection at the moment it ends.

    The protocol itself hears of it in its turn: when a whole crowd goes, the loop does other things
    between them.
    """

    __slots__ = ("_connection", "_endings", "_protocol")

    def __init__(self, protocol: asyncio.Protocol, connection: Connection, endings: Rounds) -> None:
        self._protocol = protocol
        self._connection = connection
        self._endings = endings

    def data_received(self, data: bytes) -> None:
        self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.forget_socket()
        self._endings.add(partial(self._protocol.connection_lost, exc))


class Connection:
    """The server's end of one WebSocket. Also stands in for engine.io's socket object."""

    # Ten thousand of them are walked through for each event.
    __slots__ = (
        "_bytes",
        "_lagging_since_s",
        "_loop",
        "_messages",
        "_refused",
        "_socket_fd",
        "_transport",
        "address",
        "beat_slot",
        "close_reason",
        "closed",
        "connected",
        "event_buckets",
        "fd",
        "identity",
        "is_busy",
        "is_lagging",
        "is_ready",
        "last_heard_s",
        "last_ping_s",
        "neighbours",
        "on_lag",
        "person",
        "protocol_errors",
        "session",
        "sid",
        "upgraded",
    )

    def __init__(
        self,
        sid: str,
        address: str,
        transport: asyncio.Transport,
        inflow: Inflow,
        neighbours: Party,
        now_s: float,
        endings: Rounds,
    ) -> None:
        self.sid = sid
        self.address = address
        self.identity: Identity | None = None
        self.person: Party | None = None
        """All connections of the signed-in person together."""
        self.neighbours = neighbours
        """All connections from this address together."""
        self.is_ready = False
        """True between a successful Socket.IO CONNECT and the end."""
        self.is_busy = False
        """True while a message waits or is worked on: pongs cannot be heard then."""
        self.is_lagging = False
        self.close_reason = LOST.reason
        self.protocol_errors = 0
        self.last_heard_s = now_s
        self.last_ping_s = now_s
        self.event_buckets: dict[str, Bucket] = {}
        self.on_lag: Callable[[Connection], None] = _unheard
        """Told when more is held than the soft limit, whatever was written; must not wait."""
        self.beat_slot = 0
        """Where the heartbeat keeps it."""
        self._transport = transport
        self._socket_fd = _number_of(transport)
        self.fd = -1
        """Where a frame may be written at once, beside `write`; -1 when only `write` knows how."""
        self._loop = asyncio.get_running_loop()
        self._lagging_since_s: float | None = None
        self._messages = Bucket(inflow.messages, now_s)
        self._bytes = Bucket(inflow.bytes, now_s)
        self._refused = Bucket(REFUSALS, now_s)
        # Attributes that engine.io reads on its socket objects.
        self.closed = False
        self.connected = True
        self.upgraded = True
        self.session: dict[str, object] = {}
        self._set_socket_options()
        protocol = transport.get_protocol()
        assert isinstance(protocol, asyncio.Protocol), "aiohttp's"
        transport.set_protocol(_Ending(protocol, self, endings))

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

        Above REFUSALS refused messages the connection is shut.
        """
        self.last_heard_s = now_s
        wait_s = self._messages.take(now_s) or self._bytes.take(now_s, size)
        if wait_s > 0:
            self._refuse("connection", now_s)
        return wait_s

    def admit_event(self, size: int, now_s: float) -> float:
        """The same for what is about to be parsed, by the person and by the address behind it.

        What others of the same address did closes nobody.
        """
        if self.person is not None and (wait_s := self.person.take_message(size, now_s)) > 0:
            self._refuse("person", now_s)
            return wait_s
        wait_s = self.neighbours.take_message(size, now_s)
        if wait_s > 0:
            metrics.limited("address").inc()
        return wait_s

    def _refuse(self, by: str, now_s: float) -> None:
        metrics.limited(by).inc()
        if self._refused.take(now_s) > 0:
            self.shut(FLOOD)

    # ---- out

    def held(self) -> int:
        """How many bytes the kernel has not taken yet."""
        return self._transport.get_write_buffer_size()

    def write(self, frame: bytes, *, may_skip: bool = False) -> bool:
        """Write a frame; False when it was skipped or the connection is over."""
        if self.closed:
            return False
        if self.fd < 0 and not self._may_pass(may_skip):
            return False
        self.put(frame)
        return not self.closed

    def _may_pass(self, may_skip: bool) -> bool:
        """Whether one more frame fits behind what is held."""
        held = self.held()
        if held == 0:
            if not self.is_lagging:  # else it must be told first what it lacks
                self.fd = self._socket_fd
        elif held > HARD_LIMIT_BYTES:
            self.abort(SLOW.reason)
            return False
        elif held > SOFT_LIMIT_BYTES:
            if self._lagging_since_s is None:
                self._lagging_since_s = self._loop.time()
                self.on_lag(self)
            if may_skip:
                self.is_lagging = True
                return False
        return True

    def put(self, frame: bytes) -> None:
        """Write, however much is held."""
        sent = 0
        if self.fd >= 0:
            try:
                sent = os.write(self.fd, frame)
            except BlockingIOError:
                pass
            except OSError:
                # The peer has reset it, and the loop has not said so yet. What has come from it
                # before is still worked on.
                self.forget_socket()
                self._transport.abort()
                return
        if sent < len(frame):
            self.leave_to_transport(frame[sent:])

    def leave_to_transport(self, rest: bytes) -> None:
        """What the kernel did not take: this, and all that comes until it has drained."""
        self.fd = -1
        try:
            self._transport.write(rest)
        except RuntimeError:
            # uvloop's, for what `put` calls reset.
            self.lose()

    def forget_socket(self) -> None:
        """Its number may soon be another's."""
        self.fd = self._socket_fd = -1

    def lose(self) -> None:
        """It is over: nothing is written any more, and nothing more is heard."""
        self.closed = True
        self.forget_socket()

    @property
    def is_on_time(self) -> bool:
        """It lacks nothing, and holds no more than the soft limit."""
        return not (self.closed or self.is_lagging or self.held() > SOFT_LIMIT_BYTES)

    @property
    def is_behind(self) -> bool:
        """It lacks something, or holds more than the soft limit."""
        return self._lagging_since_s is not None and not self.closed

    def caught_up(self, now_s: float) -> bool:
        """Whether a viewer that skipped something has drained and must be told; asked each second.

        Aborts a viewer that stayed above the soft limit for LAG_LIMIT_S.
        """
        if self._lagging_since_s is None or self.closed:
            return False
        if self.held() > SOFT_LIMIT_BYTES // 2:
            if now_s - self._lagging_since_s > LAG_LIMIT_S:
                self.abort(LAGGING.reason)
            return False
        self._lagging_since_s = None
        has_skipped, self.is_lagging = self.is_lagging, False
        return has_skipped

    def pong(self, payload: bytes) -> None:
        self.write(_header(0x8A, len(payload)) + payload)

    def shut(self, closing: Closing) -> None:
        """Send a close frame and close; what cannot be flushed within CLOSE_GRACE_S is dropped."""
        if self.closed:
            return
        body = struct.pack("!H", closing.code) + closing.text.encode()
        frame = _header(0x88, len(body)) + body
        self.put(_DISCONNECT_FRAME + frame if closing.is_final else frame)
        self.close_reason = closing.reason
        self.lose()
        if closing.reason in _STILL_SENDING and not self._transport.is_closing():
            self._transport.pause_reading()
            self._loop.call_later(LINGER_S, self._transport.close)
        else:
            self._transport.close()
        self._loop.call_later(CLOSE_GRACE_S, self._transport.abort)

    async def lingered(self) -> None:
        """Wait until the transport may be closed for good; after `shut`."""
        if not self._transport.is_closing():
            await asyncio.sleep(LINGER_S)

    def abort(self, reason: str) -> None:
        """End at once, dropping what is buffered."""
        if not self.closed:
            self.close_reason = reason
        self.lose()
        self._transport.abort()

    # ---- engine.io's socket interface

    async def send(self, packet: object) -> None:
        encoded = packet.encode()  # type: ignore[attr-defined]  # engineio.packet.Packet
        self.write(text_frame(encoded.encode()))

    async def close(self, wait: bool = True, abort: bool = False, reason: str = "") -> None:
        self.shut(SERVER_LEFT)
