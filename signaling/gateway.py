"""The Socket.IO server: the only importer of python-socketio and engine.io on the server's side.

python-socketio keeps the protocol (packets, namespaces, CONNECT and its refusal), engine.io the
handshake's checks. Replaced underneath are the parts that cost a crowd: the socket object with its
queue and tasks (signaling.connection writes frames directly), the room emit (a frame is encoded and
framed once per room and the same bytes go to every transport), the O(all clients) disconnect and
the per-client timers. Every hook used for that is pinned by tests/signaling/test_hooks.py.

An inward event passes, in this order: limits counted on raw frames; packet shape; name; payload
model; role; the event's own rate; its handler; the acknowledgement. Each step may refuse; none
shows a traceback. Handlers of one connection run one at a time.

The gateway knows nothing of live sessions: handlers are a mapping from event name to
`async def (Caller, payload) -> ok model`, given at start, and what a room hears is given by
`publish`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import engineio
import orjson
import socketio
import structlog
from aiohttp import WSMsgType, web
from engineio import packet as eio_packet
from pydantic import ValidationError
from socketio import packet as sio_packet

from signaling import json as wire_json
from signaling import metrics
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.connection import (
    CLOSE_POLICY,
    CLOSE_PROTOCOL_ERROR,
    CLOSE_RESTART,
    CLOSE_UNSUPPORTED,
    PING_FRAME,
    Connection,
    Inflow,
    text_frame,
)
from signaling.contract import BY_NAME, INWARD, OUTWARD_BY_NAME, Inward, Lane
from signaling.lanes import Departure, RoomLanes
from signaling.rate_limit import Bucket, Rate
from signaling.refusals import Refused
from signaling.rooms import Kind, Room, Rooms
from signaling.turns import Turns

Handler = Callable[[Caller, Any], Awaitable[wire.Wire]]
Verify = Callable[[str], Awaitable[Identity]]

PATH: Final = "/socket.io/"
NAMESPACE: Final = "/"
RESERVED: Final = frozenset(
    (
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
        "*",
    )
)
PROTOCOL_ERRORS_MAX: Final = 3
BEAT_S: Final = 1.0
HANDLER_BUDGET_S: Final = 30.0
LOG_RATE: Final = Rate(per_s=5, burst=10)
# An event of the root namespace with or without an acknowledgement; the library takes the rest.
_EVENT: Final = re.compile(r"42([0-9]{0,18})(?=\[)")

log = structlog.get_logger("signaling")


def _is_own_host(origin: str, host: str | None) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == host


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Limits and addresses. Each limit says what happens beyond it.

    may_connect: whether a page of this Origin may, given the Host that was asked. A request
      without an Origin is no browser and brings no cookie that could be abused.
    trusted_proxies: whose X-Forwarded-For is believed.
    max_message_bytes: a longer message closes the connection (1009).
    events_per_s, events_burst, bytes_per_s, bytes_burst: beyond, `rate.limited`; far beyond,
      closed.
    connect_deadline_s: without a successful CONNECT by then, closed.
    ping_interval_s, ping_timeout_s: silence that long after a ping ends the connection.
    max_connections: beyond, 503 with Retry-After.
    rates: replaces the contract's rate of the named events.
    """

    may_connect: Callable[[str, str | None], bool] = _is_own_host
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    max_message_bytes: int = 65_536
    events_per_s: float = 10
    events_burst: float = 20
    bytes_per_s: float = 65_536
    bytes_burst: float = 262_144
    connect_deadline_s: float = 10
    ping_interval_s: int = 20
    ping_timeout_s: int = 15
    max_connections: int = 5_000
    rates: Mapping[str, Rate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert 0 < self.ping_timeout_s < self.ping_interval_s, (
            "a ping is judged before the next one is due"
        )

    @property
    def inflow(self) -> Inflow:
        return Inflow(
            Rate(self.events_per_s, self.events_burst), Rate(self.bytes_per_s, self.bytes_burst)
        )


class Gateway:
    """All Socket.IO connections of one process.

    `bind` gives it its handlers before the first connection; they may hold the gateway.

    verify: turns an access token into an Identity or raises Refused.
    epoch_s: wall clock in seconds, to judge whether an identity has expired.
    """

    def __init__(self, verify: Verify, config: GatewayConfig, epoch_s: Callable[[], float]) -> None:
        self._handlers: dict[str, Handler] = {}
        self._verify = verify
        self._config = config
        self._epoch_s = epoch_s
        self._rooms = Rooms()
        self._lanes: dict[Room, RoomLanes] = {}
        self._timers: dict[Room, asyncio.TimerHandle] = {}
        self._connections: dict[str, Connection] = {}
        self._wheel: list[set[str]] = [set() for _ in range(config.ping_interval_s)]
        self._log_bucket = Bucket(LOG_RATE, 0.0)
        self._turns = Turns()
        self._unanswered = 0
        self._is_draining = False
        self._server = _Server(self, config)

    # ---- life

    def bind(self, handlers: Mapping[str, Handler]) -> None:
        """Exactly one handler per inward event of the contract; ValueError otherwise."""
        wanted, given = {event.name for event in INWARD}, set(handlers)
        if wanted != given:
            raise ValueError(
                f"handlers do not fit the contract: missing {sorted(wanted - given)}, "
                f"extra {sorted(given - wanted)}"
            )
        self._handlers = dict(handlers)

    def attach(self, app: web.Application) -> None:
        """Serve PATH of an aiohttp application."""
        app.router.add_route("*", PATH, self.handle)

    async def run(self) -> None:
        """Ping, resync and time out connections, for ever. Cancel to stop."""
        tick = 0
        while True:
            await asyncio.sleep(BEAT_S)
            tick += 1
            self._beat(tick)

    def drain(self) -> None:
        """Turn away new connections and close the open ones so that their clients come back
        elsewhere.
        """
        self._is_draining = True
        for connection in list(self._connections.values()):
            connection.shut(CLOSE_RESTART, "drain")

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    @property
    def unanswered(self) -> int:
        """How many messages have come and are not answered yet."""
        return self._unanswered

    # ---- rooms

    def enter(self, connection_id: str, room: Room) -> None:
        """Let a connection hear a room from the next event on; nothing when it
        has gone meanwhile.
        """
        connection = self._connections.get(connection_id)
        if connection is not None and not self._rooms.enter(connection, room):
            raise Refused("rate.limited", "This connection has joined too many live sessions.")

    def leave(self, connection_id: str, room: Room) -> None:
        self._rooms.leave(connection_id, room)

    def rooms_of(self, connection_id: str) -> frozenset[Room]:
        return self._rooms.of(connection_id)

    def is_in_live_session(self, connection_id: str, live_session_id: UUID) -> bool:
        return Room(Kind.LIVE_SESSION, live_session_id) in self._rooms.of(connection_id)

    def size(self, room: Room) -> int:
        """How many of this process's connections are in the room."""
        return len(self._rooms.members(room))

    def members(self, room: Room) -> frozenset[str]:
        """This process's connections in the room."""
        return frozenset(connection.sid for connection in self._rooms.members(room))

    def is_connected(self, connection_id: str) -> bool:
        return connection_id in self._connections

    def identify(self, connection_id: str, identity: Identity) -> None:
        """Change who a connection is; its rooms stay, except the rooms of the person it was."""
        connection = self._connections.get(connection_id)
        if connection is None:
            return
        former = connection.identity
        if former is not None:
            self._rooms.leave(connection_id, Room(Kind.PERSON, former.user_id))
        connection.identity = identity
        self._rooms.enter(connection, Room(Kind.PERSON, identity.user_id))

    # ---- out

    def publish(self, room: Room, name: str, payload: wire.Wire) -> None:
        """Tell a room's members, in the event's lane. The order of calls is the order on the wire,
        except that `state` events may come later.
        """
        if room not in self._rooms:
            return
        event = OUTWARD_BY_NAME[name]
        assert isinstance(payload, event.payload), f"{name} carries {event.payload.__name__}"
        lanes = self._lanes.get(room)
        if lanes is None:
            lanes = self._lanes[room] = RoomLanes()
        now_s = asyncio.get_running_loop().time()
        self._write_departures(room, lanes.push(event, payload, now_s))
        self._schedule(room, lanes)

    def _schedule(self, room: Room, lanes: RoomLanes) -> None:
        due_s = lanes.next_due_s()
        timer = self._timers.get(room)
        if due_s is None or (timer is not None and timer.when() <= due_s):
            return
        if timer is not None:
            timer.cancel()
        self._timers[room] = asyncio.get_running_loop().call_at(due_s, self._flush, room)

    def _flush(self, room: Room) -> None:
        self._timers.pop(room, None)
        lanes = self._lanes[room]
        self._write_departures(room, lanes.due(asyncio.get_running_loop().time()))
        if room in self._rooms or lanes.next_due_s() is not None:
            self._schedule(room, lanes)
        else:
            del self._lanes[room]

    def _write_departures(self, room: Room, departures: tuple[Departure, ...]) -> None:
        for departure in departures:
            lane = departure.event.lane
            frame = event_frame(departure.event.name, departure.payload)
            may_skip = lane is not Lane.NOW
            written = skipped = 0
            for connection in self._rooms.members(room):
                if connection.write(frame, may_skip=may_skip):
                    written += 1
                else:
                    skipped += 1
            metrics.FRAMES.labels(lane.value).inc(written)
            if skipped:
                metrics.SKIPPED.labels(lane.value).inc(skipped)

    # ---- a connection's life

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The HTTP side of PATH: turn away, or hand the WebSocket to engine.io's checks."""
        refusal = self._turned_away(request)
        if refusal is not None:
            reason, response = refusal
            metrics.REFUSED_CONNECTIONS.labels(reason).inc()
            return response
        response = await self._server.eio.handle_request(request)
        assert isinstance(response, web.StreamResponse)
        return response

    def _turned_away(self, request: web.Request) -> tuple[str, web.Response] | None:
        if self._is_draining or len(self._connections) >= self._config.max_connections:
            refused = Refused(
                "service.unavailable", "The server is full. Please try again in a moment.", 5
            )
            return "full", _http_refusal(503, refused, {"Retry-After": "5"})
        origin = request.headers.get("Origin")
        if origin is not None and not self._config.may_connect(origin, request.headers.get("Host")):
            refused = Refused("auth.forbidden", "This page may not connect to this server.")
            return "origin", _http_refusal(403, refused, {})
        return None

    async def serve(self, request: web.Request, sid: str, hello: bytes) -> web.StreamResponse:
        """Carry one WebSocket from its handshake to its end. Called by the engine below."""
        websocket = web.WebSocketResponse(
            # Deflate costs 100 KB of memory a connection and a zlib run per frame and viewer.
            compress=False,
            # aiohttp refuses a message that is as long as its limit; ours still passes.
            max_msg_size=self._config.max_message_bytes + 1,
            autoping=False,
            timeout=2.0,
        )
        try:
            await websocket.prepare(request)
        except ConnectionError:
            # It left while it waited in the queue of the socket, as many do after a restart. What
            # is returned reaches nobody.
            return web.Response()
        transport = request.transport
        if transport is None:
            return websocket
        loop = asyncio.get_running_loop()
        address = client_address(request, self._config.trusted_proxies)
        connection = Connection(sid, address, transport, self._config.inflow, loop.time())
        self._open(connection)
        deadline = loop.call_later(self._config.connect_deadline_s, _require_ready, connection)
        try:
            connection.write(text_frame(hello))
            await self._server.opened(connection, request)
            await self._read(connection, websocket)
        finally:
            deadline.cancel()
            await self._gone(connection)
        return websocket

    def _open(self, connection: Connection) -> None:
        self._connections[connection.sid] = connection
        self._wheel[hash(connection.sid) % len(self._wheel)].add(connection.sid)
        metrics.CONNECTIONS.inc()

    async def _gone(self, connection: Connection) -> None:
        connection.closed = True
        connection.is_ready = False
        sid = connection.sid
        try:
            await self._server.ended(connection)
        finally:
            del self._connections[sid]
            self._wheel[hash(sid) % len(self._wheel)].discard(sid)
            rooms = self._rooms.drop(sid)
            for room in rooms:
                if room not in self._rooms and room not in self._timers:
                    self._lanes.pop(room, None)
            metrics.CONNECTIONS.dec()
            metrics.CLOSED.labels(connection.close_reason).inc()

    async def _read(self, connection: Connection, websocket: web.WebSocketResponse) -> None:
        loop = asyncio.get_running_loop()
        while not connection.closed:
            message = await websocket.receive()
            if message.type is WSMsgType.TEXT:
                wait_s = connection.admit(len(message.data), loop.time())
                if wait_s > 0:
                    _refuse_unparsed(connection, message.data, wait_s)
                else:
                    await self._take(connection, message.data)
            elif message.type is WSMsgType.PING:
                if connection.admit(len(message.data), loop.time()) == 0:
                    connection.pong(message.data)
            elif message.type is WSMsgType.PONG:
                connection.admit(len(message.data), loop.time())
            elif message.type is WSMsgType.BINARY:
                metrics.PROTOCOL_ERRORS.inc()
                connection.shut(CLOSE_UNSUPPORTED, "binary")
            else:
                return

    async def _take(self, connection: Connection, text: str) -> None:
        self._unanswered += 1
        connection.is_busy = True
        try:
            await self._turns.take()
            await self._server.take(connection, text)
        finally:
            connection.is_busy = False
            self._unanswered -= 1

    def protocol_error(self, connection: Connection, what: str) -> None:
        """Count a malformed message; the third one closes the connection."""
        metrics.PROTOCOL_ERRORS.inc()
        connection.protocol_errors += 1
        self.log_bounded("malformed_message", what=what, address=connection.address)
        if connection.protocol_errors >= PROTOCOL_ERRORS_MAX:
            connection.shut(CLOSE_PROTOCOL_ERROR, "protocol error")

    def log_bounded(self, event: str, **values: Any) -> None:
        """Log a line that a client can provoke; at most LOG_RATE of them leave."""
        if self._log_bucket.take(asyncio.get_running_loop().time()) == 0:
            log.warning(event, **values)

    # ---- heart beat

    def _beat(self, tick: int) -> None:
        """One second's work: 1/interval of the connections are pinged, as many
        judged, all drained.
        """
        now_s = asyncio.get_running_loop().time()
        slots = len(self._wheel)
        for sid in self._wheel[(tick - self._config.ping_timeout_s) % slots]:
            self._judge(self._connections[sid])
        for sid in self._wheel[tick % slots]:
            connection = self._connections[sid]
            connection.last_ping_s = now_s
            connection.write(PING_FRAME)
        for connection in self._connections.values():
            if connection.caught_up(now_s):
                self._tell_gap(connection)

    def _judge(self, connection: Connection) -> None:
        # A message that is worked on keeps the pong unread; its budget bounds how long.
        if connection.last_heard_s < connection.last_ping_s and not connection.is_busy:
            connection.abort("ping timeout")

    def _tell_gap(self, connection: Connection) -> None:
        for room in self._rooms.of(connection.sid):
            if room.kind is Kind.LIVE_SESSION:
                connection.write(event_frame("sync.gap", wire.SyncGap(live_session_id=room.id)))

    # ---- identity

    async def authenticate(self, connection: Connection, auth: object) -> None:
        """Judge a CONNECT's `auth`; raises Refused."""
        token = _token(auth)
        if token is not None:
            connection.identity = await self._verify(token)
            self._rooms.enter(connection, Room(Kind.PERSON, connection.identity.user_id))
        connection.is_ready = True

    # ---- in

    async def event(self, connection: Connection, ack_id: int | None, data: object) -> None:
        """Judge and perform one event packet, and acknowledge it."""
        try:
            name, argument = self._shape(connection, data)
            reply = await self._perform(connection, name, argument)
        except Refused as refused:
            body = orjson.dumps({"refused": refused.wire()}).decode()
        else:
            body = f'{{"ok":{reply.model_dump_json()}}}'
        if ack_id is not None:
            connection.write(text_frame(f"43{ack_id}[{body}]".encode()))

    def _shape(self, connection: Connection, data: object) -> tuple[str, dict[str, Any]]:
        """The name and the one object argument; anything else is a protocol error, refused."""
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            self.protocol_error(connection, "event without a name")
            raise Refused("payload.invalid")
        name = data[0]
        if name in RESERVED:
            self.protocol_error(connection, "reserved event name")
            raise Refused("event.unknown")
        if name not in BY_NAME:
            metrics.event("unknown", "event.unknown").inc()
            raise Refused("event.unknown")
        if len(data) != 2 or not isinstance(data[1], dict):
            self.protocol_error(connection, "event without one object argument")
            raise Refused("payload.invalid", "The event takes one object.")
        return name, data[1]

    async def _perform(
        self, connection: Connection, name: str, argument: dict[str, Any]
    ) -> wire.Wire:
        event = BY_NAME[name]
        try:
            payload = _validated(event, argument)
            caller = self._caller(connection)
            _require_role(event, caller)
            self._require_rate(event, connection)
            async with asyncio.timeout(HANDLER_BUDGET_S):
                ok = await self._handlers[name](caller, payload)
        except Refused as refused:
            metrics.event(name, refused.code).inc()
            raise
        except Exception as error:
            # The top of one event: whatever a handler missed ends here, told and counted.
            metrics.event(name, "service.unavailable").inc()
            log.exception("handler_failed", event_name=name, connection=connection.sid)
            raise Refused("service.unavailable", retry_after_s=2) from error
        metrics.event(name, "ok").inc()
        return ok

    def _caller(self, connection: Connection) -> Caller:
        identity = connection.identity
        if identity is not None and identity.expires_at_s <= self._epoch_s():
            identity = None
        return Caller(connection.sid, identity, connection.address)

    def _require_rate(self, event: Inward, connection: Connection) -> None:
        now_s = asyncio.get_running_loop().time()
        bucket = connection.event_buckets.get(event.name)
        if bucket is None:
            rate = self._config.rates.get(event.name, event.rate)
            bucket = connection.event_buckets[event.name] = Bucket(rate, now_s)
        wait_s = bucket.take(now_s)
        if wait_s > 0:
            raise _too_fast(wait_s)


class _Engine(engineio.AsyncServer):  # type: ignore[misc]  # engineio has no types
    """engine.io's request checks over our own connections: no queue, no writer task, no timers."""

    gateway: Gateway

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> web.StreamResponse:
        sid: str = self.generate_id()
        hello = eio_packet.Packet(
            eio_packet.OPEN,
            {
                "sid": sid,
                "upgrades": [],
                "pingTimeout": int(self.ping_timeout * 1000),
                "pingInterval": int(self.ping_interval * 1000),
                "maxPayload": self.max_http_buffer_size,
            },
        )
        request = environ["aiohttp.request"]
        return await self.gateway.serve(request, sid, hello.encode().encode())


class _Manager(socketio.AsyncManager):  # type: ignore[misc]  # socketio has no types
    """python-socketio's client list, whose disconnect does not search every other client's room."""

    def basic_disconnect(self, sid: str, namespace: str, **_kwargs: Any) -> None:
        # A client is in two rooms of the library: all clients, and the one named after itself.
        # Rooms of live sessions are the gateway's own.
        self.basic_leave_room(sid, namespace, sid)
        self.basic_leave_room(sid, namespace, None)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            waiting = pending.get(namespace, [])
            if sid in waiting:
                waiting.remove(sid)
                if not waiting:
                    del pending[namespace]


class _Server(socketio.AsyncServer):  # type: ignore[misc]  # socketio has no types
    """python-socketio, with its event dispatch replaced by the gateway's."""

    def __init__(self, gateway: Gateway, config: GatewayConfig) -> None:
        super().__init__(
            client_manager=_Manager(),
            async_mode="aiohttp",
            transports=["websocket"],
            async_handlers=False,
            json=wire_json,
            logger=False,
            engineio_logger=False,
            monitor_clients=False,
            ping_interval=config.ping_interval_s,
            ping_timeout=config.ping_timeout_s,
            max_http_buffer_size=config.max_message_bytes,
            # Origins are judged by the gateway, exactly and also when the list is empty.
            cors_allowed_origins=[],
        )
        self._gateway = gateway
        self.eio.gateway = gateway
        self.on("connect", self._connected, namespace=NAMESPACE)

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    async def opened(self, connection: Connection, request: web.Request) -> None:
        self.eio.sockets[connection.sid] = connection
        await self._handle_eio_connect(connection.sid, {"aiohttp.request": request})

    async def ended(self, connection: Connection) -> None:
        try:
            await self._handle_eio_disconnect(connection.sid, connection.close_reason)
        finally:
            self.eio.sockets.pop(connection.sid, None)

    async def take(self, connection: Connection, text: str) -> None:
        """One engine.io text message: a pong, a close, or a Socket.IO packet."""
        if (event := _EVENT.match(text)) is not None:
            await self._take_event(connection, event[1], text[event.end() :])
        elif text.startswith("4"):
            await self._handle_eio_message(connection.sid, text[1:])
        elif text == "1":
            connection.shut(1000, "client disconnect")
        elif text != "3":
            self._gateway.protocol_error(connection, "unexpected engine.io packet")

    async def _take_event(self, connection: Connection, ack_id: str, body: str) -> None:
        """What nearly every message is, without the library's packet."""
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError:
            self._gateway.protocol_error(connection, "malformed Socket.IO packet")
        else:
            await self._event(connection, int(ack_id) if ack_id else None, data)

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        connection = self._gateway_connection(eio_sid)
        try:
            packet = self.packet_class(encoded_packet=data) if data else None
        except (ValueError, TypeError, IndexError):
            packet = None
        if packet is None or (packet.namespace or NAMESPACE) != NAMESPACE:
            self._gateway.protocol_error(connection, "malformed Socket.IO packet")
        elif packet.packet_type == sio_packet.CONNECT:
            await self._handle_connect(eio_sid, packet.namespace, packet.data)
        elif packet.packet_type == sio_packet.EVENT:
            await self._handle_event(eio_sid, packet.namespace, packet.id, packet.data)
        elif packet.packet_type == sio_packet.DISCONNECT:
            connection.shut(1000, "client disconnect")
        else:
            # The server asks for no acknowledgements and takes no attachments.
            self._gateway.protocol_error(connection, "unexpected Socket.IO packet")

    async def _handle_event(
        self, eio_sid: str, namespace: str | None, id: int | None, data: Any
    ) -> None:
        await self._event(self._gateway_connection(eio_sid), id, data)

    async def _event(self, connection: Connection, ack_id: int | None, data: Any) -> None:
        if connection.is_ready:
            await self._gateway.event(connection, ack_id, data)
        else:
            self._gateway.protocol_error(connection, "event before CONNECT")

    async def _connected(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        """python-socketio's connect handler; what it raises becomes the CONNECT_ERROR."""
        connection = self._gateway_connection(self.manager.eio_sid_from_sid(sid, NAMESPACE))
        try:
            await self._gateway.authenticate(connection, auth)
        except Refused as refused:
            raise _refused_connect(refused) from refused
        except Exception as error:
            log.exception("authentication_failed", connection=connection.sid)
            raise _refused_connect(Refused("service.unavailable", retry_after_s=2)) from error

    def _gateway_connection(self, eio_sid: str) -> Connection:
        connection = self.eio.sockets[eio_sid]
        assert isinstance(connection, Connection)
        return connection


def event_frame(name: str, payload: wire.Wire) -> bytes:
    """A complete frame of a Socket.IO event packet, ready for every transport."""
    return text_frame(f'42["{name}",{payload.model_dump_json()}]'.encode())


def client_address(
    request: web.Request, trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
) -> str:
    """The nearest address that is not a trusted proxy; a forwarded header from
    others is ignored.
    """
    address = request.remote or ""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    while hops and _is_trusted(address, trusted_proxies):
        address = hops.pop()
    return address


def _is_trusted(address: str, trusted_proxies: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted_proxies)


def _http_refusal(status: int, refused: Refused, headers: dict[str, str]) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps({"refused": refused.wire()}),
        content_type="application/json",
        headers=headers,
    )


def _require_ready(connection: Connection) -> None:
    if not connection.is_ready:
        connection.shut(CLOSE_POLICY, "connect deadline")


def _token(auth: object) -> str | None:
    if auth is None:
        return None
    token = auth.get("token") if isinstance(auth, dict) else ""
    if token is None:
        return None
    if not isinstance(token, str) or not token or len(token) > 8192:
        raise Refused("auth.invalid")
    return token


def _refused_connect(refused: Refused) -> Exception:
    error = socketio.exceptions.ConnectionRefusedError(refused.message, refused.wire())
    assert isinstance(error, Exception)
    return error


def _refuse_unparsed(connection: Connection, text: str, wait_s: float) -> None:
    """Answer an event that came too fast without parsing it: its
    acknowledgement id leads the text.
    """
    if not text.startswith("42"):
        return
    end = 2
    while end < len(text) and end < 12 and text[end] in "0123456789":
        end += 1
    if end > 2:
        body = orjson.dumps([{"refused": _too_fast(wait_s).wire()}])
        connection.write(text_frame(b"43" + text[2:end].encode() + body))


def _too_fast(wait_s: float) -> Refused:
    seconds = max(1, round(wait_s + 0.5))
    unit = "second" if seconds == 1 else "seconds"
    return Refused("rate.limited", f"Too fast. Please wait {seconds} {unit}.", max(wait_s, 0.1))


def _validated(event: Inward, argument: dict[str, Any]) -> wire.Wire:
    try:
        return event.payload.model_validate(argument)
    except ValidationError as error:
        fields = {
            ".".join(str(part) for part in problem["loc"]): problem["msg"]
            for problem in error.errors(
                include_url=False, include_context=False, include_input=False
            )
        }
        raise Refused("payload.invalid", details={"fields": fields}) from None


def _require_role(event: Inward, caller: Caller) -> None:
    if caller.identity is None:
        if "anonymous" not in event.roles:
            raise Refused("auth.required")
    elif caller.identity.role not in event.roles:
        raise Refused("auth.forbidden")
