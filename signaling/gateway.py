"""The Socket.IO hub of one process.

Three parts share the work: signaling.engine keeps the protocol, signaling.fanout the rooms and all
that is written to many, and this module a connection's life and what comes in.

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
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from aiohttp import WSMsgType, web

from signaling import metrics
from signaling import payloads as wire
from signaling.admission import Admission, TurnedAway, draining, place_of, token_in
from signaling.admission import client_address as client_address
from signaling.caller import Caller, Identity
from signaling.closing import BINARY, CLIENT_LEFT, DRAINING, MALFORMED, NOT_CONNECTED
from signaling.connection import Connection, text_frame
from signaling.connection_payloads import MessageRefused
from signaling.contract import BY_NAME, INWARD, Inward
from signaling.draining import let_go
from signaling.engine import SocketIOServer
from signaling.fanout import Fanout, event_frame
from signaling.gateway_config import GatewayConfig as GatewayConfig
from signaling.heartbeat import Heartbeat
from signaling.identities import Identities
from signaling.judging import require_role, too_fast, validated
from signaling.rate_limit import Bucket, Rate
from signaling.refusals import Refused
from signaling.rooms import Kind, Room
from signaling.turns import Rounds, Turns
from signaling.websocket import WebSocket

Handler = Callable[[Caller, Any], Awaitable[wire.Wire]]
Verify = Callable[[str], Awaitable[Identity]]

PATH: Final = "/socket.io/"
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
HANDLER_BUDGET_S: Final = 30.0
# An event of the root namespace that asks for an acknowledgement.
_EVENT_AND_ID: Final = re.compile(r"42(?:/,)?([0-9]{1,18})")
LOG_RATE: Final = Rate(per_s=5, burst=10)

log = structlog.get_logger("signaling")


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
        self._connections: dict[str, Connection] = {}
        self._heartbeat = Heartbeat(config.ping_interval_s, config.ping_timeout_s, self._tell_gap)
        self._fanout = Fanout()
        self._fanout.rooms.most = config.rooms_per_connection
        self._admission = Admission(config)
        self._identities = Identities(
            self._fanout, config.of_person, config.parties_remembered, epoch_s
        )
        self._log_bucket = Bucket(LOG_RATE, 0.0)
        self._turns = Turns()
        self._leaving = Turns()
        self._endings = Rounds()
        self._unanswered = 0
        self._is_draining = False
        self._server = SocketIOServer(self, config.engine)

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
        """Ping, resync and time out connections and identities, for ever. Cancel to stop."""
        await self._heartbeat.run(self._identities.expire)

    def drain(self) -> None:
        """Turn away new connections and close the open ones at once so that their clients come
        back elsewhere.
        """
        self._is_draining = True
        for connection in list(self._connections.values()):
            connection.shut(DRAINING)

    async def let_go(
        self,
        over_s: float,
        forced: asyncio.Event,
        fraction: Callable[[], float],
        *,
        is_replaced: bool = False,
    ) -> None:
        """The same without haste: see signaling.draining.

        is_replaced: whoever connects reaches another process, except who had come in already and
        asks only now; those are served until their turn, rather than refused.
        """
        self._is_draining = not is_replaced
        await let_go(self._connections.values, self._runs_a_live_session, over_s, forced, fraction)
        self._is_draining = True

    def _runs_a_live_session(self, connection: Connection) -> bool:
        rooms = self._fanout.rooms.of(connection)
        return any(room.kind in (Kind.HOST, Kind.MODERATORS) for room in rooms)

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    @property
    def unanswered(self) -> int:
        """How many messages have come and are not answered yet."""
        return self._unanswered

    # ---- rooms

    def enter(self, connection_id: str, room: Room, heard: wire.Position | None = None) -> None:
        """Let a connection hear a room from the next event on; nothing when it
        has gone meanwhile. heard: up to where it knows the live session.
        """
        connection = self._connections.get(connection_id)
        if connection is not None and not self._fanout.enter(connection, room, heard):
            raise Refused("rate.limited", "This connection has joined too many live sessions.")

    def leave(self, connection_id: str, room: Room) -> None:
        connection = self._connections.get(connection_id)
        if connection is not None:
            self._fanout.leave(connection, room)

    def rooms_of(self, connection_id: str) -> frozenset[Room]:
        connection = self._connections.get(connection_id)
        return frozenset() if connection is None else frozenset(self._fanout.rooms.of(connection))

    def is_in_live_session(self, connection_id: str, live_session_id: UUID) -> bool:
        connection = self._connections.get(connection_id)
        room = Room(Kind.LIVE_SESSION, live_session_id)
        return connection is not None and connection in self._fanout.rooms.members(room)

    def hear_leaves(self, on_left: Callable[[str, UUID], None]) -> None:
        """Have on_left called with a connection's and a live session's id, whenever one is no
        longer in the other. It must not wait.
        """
        self._fanout.rooms.on_left = on_left

    def size(self, room: Room) -> int:
        """How many of this process's connections are in the room."""
        return len(self._fanout.rooms.members(room))

    def members(self, room: Room) -> frozenset[str]:
        """This process's connections in the room."""
        return frozenset(connection.sid for connection in self._fanout.rooms.members(room))

    def is_connected(self, connection_id: str) -> bool:
        return connection_id in self._connections

    def identify(self, connection_id: str, identity: Identity) -> None:
        """Change who a connection is; its rooms stay, except the rooms of the person it was."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            self._identities.assign(connection, identity)

    def end_identities(self, user_id: UUID, is_ended: Callable[[Identity], bool]) -> int:
        """Close the connections of a person whose identity is one of those; how many there were."""
        return self._identities.end(user_id, is_ended)

    def hear_expiries(self, on_expired: Callable[[str], None]) -> None:
        """Have on_expired called with the id of each connection that has become anonymous because
        its identity ran out. It must not wait.
        """
        self._identities.on_expired = on_expired

    # ---- out

    def publish(
        self, room: Room, name: str, payload: wire.Wire, *, only_moderators: bool = False
    ) -> None:
        """Tell a room's members, in the event's lane. The order of calls is the order on the wire,
        except that `state` events may come later. only_moderators: of those in the live session,
        tell the ones who are in its room of moderators, too.
        """
        self._fanout.publish(room, name, payload, only_moderators=only_moderators)

    # ---- a connection's life

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The HTTP side of PATH: turn away, or hand the WebSocket to engine.io's checks."""
        refusal = self._turned_away(request)
        if refusal is not None:
            return refusal.response
        try:
            response = await self._server.eio.handle_request(request)
        finally:
            self._admission.leave(request)
        assert isinstance(response, web.StreamResponse)
        return response

    def _turned_away(self, request: web.Request) -> TurnedAway | None:
        if self._is_draining:
            refusal: TurnedAway | None = draining(request.remote)
        else:
            refusal = self._admission.enter(request, asyncio.get_running_loop().time())
        if refusal is not None:
            metrics.REFUSED_CONNECTIONS.labels(refusal.reason).inc()
            if refusal.is_by_address:
                # Not one client but a proxy of ours, if nobody has told us of it.
                self.log_bounded(refusal.reason, address=refusal.address)
        return refusal

    async def serve(self, request: web.Request, sid: str, hello: bytes) -> web.StreamResponse:
        """Carry one WebSocket from its handshake to its end. Called by the engine below."""
        websocket = WebSocket(self._config.max_message_bytes)
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
        place, inflow = place_of(request), self._config.inflow
        connection = Connection(
            sid, place.address, transport, inflow, place.neighbours, loop.time(), self._endings
        )
        websocket.connection = connection
        self._open(connection)
        deadline = loop.call_later(self._config.connect_deadline_s, _require_ready, connection)
        try:
            connection.write(text_frame(hello))
            await self._server.opened(connection, request)
            await self._read(connection, websocket)
        finally:
            deadline.cancel()
            # When a whole crowd goes, the loop does other things between them.
            await self._leaving.take()
            await self._gone(connection)
        return websocket

    def _open(self, connection: Connection) -> None:
        self._connections[connection.sid] = connection
        self._heartbeat.add(connection)
        connection.on_lag = self._heartbeat.watch
        metrics.CONNECTIONS.inc()

    async def _gone(self, connection: Connection) -> None:
        connection.lose()
        connection.is_ready = False
        try:
            await self._server.ended(connection)
        finally:
            del self._connections[connection.sid]
            self._heartbeat.remove(connection)
            self._identities.drop(connection)
            self._fanout.drop(connection)
            metrics.CONNECTIONS.dec()
            metrics.CLOSED.labels(connection.close_reason).inc()

    async def _read(self, connection: Connection, websocket: WebSocket) -> None:
        loop = asyncio.get_running_loop()
        while not connection.closed:
            message = await websocket.next()
            if message is None:
                connection.lose()
                return
            if message.type is WSMsgType.TEXT:
                text, now_s = message.data, loop.time()
                wait_s = connection.admit(len(text), now_s)
                if wait_s == 0 and text.startswith("42"):
                    wait_s = connection.admit_event(len(text), now_s)
                if wait_s > 0:
                    self._refuse_unparsed(connection, text, wait_s)
                else:
                    await self._take(connection, text)
            elif message.type is WSMsgType.PING:
                if connection.admit(len(message.data), loop.time()) == 0:
                    connection.pong(message.data)
            elif message.type is WSMsgType.PONG:
                connection.admit(len(message.data), loop.time())
            elif message.type is WSMsgType.BINARY:
                metrics.PROTOCOL_ERRORS.inc()
                connection.shut(BINARY)
            else:
                connection.shut(CLIENT_LEFT)

    def _refuse_unparsed(self, connection: Connection, text: str, wait_s: float) -> None:
        """Answer an event that came too fast without parsing it: its acknowledgement id leads the
        text.
        """
        leading = _EVENT_AND_ID.match(text)
        if leading is not None:
            body = orjson.dumps([{"refused": too_fast(wait_s).wire()}])
            self._fanout.write(connection, text_frame(b"43" + leading[1].encode() + body))

    async def _take(self, connection: Connection, text: str) -> None:
        self._unanswered += 1
        connection.is_busy = True
        try:
            await self._turns.take()
            await self._server.take(connection, text)
        finally:
            connection.is_busy = False
            self._unanswered -= 1

    def protocol_error(
        self, connection: Connection, what: str, *, is_answered: bool = False
    ) -> None:
        """Count a malformed message, and say so unless its acknowledgement will; the third one
        closes the connection.
        """
        metrics.PROTOCOL_ERRORS.inc()
        connection.protocol_errors += 1
        self.log_bounded("malformed_message", what=what, address=connection.address)
        if connection.is_ready and not is_answered:
            refused = Refused("payload.invalid")
            told = MessageRefused(
                code=refused.code,
                message=refused.message,
                left=max(0, PROTOCOL_ERRORS_MAX - connection.protocol_errors),
            )
            self._fanout.write(connection, event_frame("message.refused", told))
        if connection.protocol_errors >= PROTOCOL_ERRORS_MAX:
            connection.shut(MALFORMED)

    def log_bounded(self, event: str, **values: Any) -> None:
        """Log a line that a client can provoke; at most LOG_RATE of them leave."""
        if self._log_bucket.take(asyncio.get_running_loop().time()) == 0:
            log.warning(event, **values)

    def _tell_gap(self, connection: Connection) -> None:
        self._fanout.tell_gaps(connection)

    # ---- identity

    async def authenticate(self, connection: Connection, auth: object) -> None:
        """Judge a CONNECT's `auth`; raises Refused."""
        token = token_in(auth)
        if token is not None:
            self._identities.assign(connection, await self._verify(token))
        connection.is_ready = True

    # ---- in

    async def event(self, connection: Connection, ack_id: int | None, data: object) -> None:
        """Judge and perform one event packet, and acknowledge it."""
        try:
            name, argument = self._shape(connection, ack_id, data)
            reply = await self._perform(connection, name, argument)
        except Refused as refused:
            body = orjson.dumps({"refused": refused.wire()}).decode()
        else:
            body = f'{{"ok":{reply.model_dump_json()}}}'
        if ack_id is not None:
            self._fanout.write(connection, text_frame(f"43{ack_id}[{body}]".encode()))

    def _shape(
        self, connection: Connection, ack_id: int | None, data: object
    ) -> tuple[str, dict[str, Any]]:
        """The name and the one object argument; anything else is a protocol error, refused."""
        is_answered = ack_id is not None
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            self.protocol_error(connection, "event without a name", is_answered=is_answered)
            raise Refused("payload.invalid")
        name = data[0]
        if name in RESERVED:
            self.protocol_error(connection, "reserved event name", is_answered=is_answered)
            raise Refused("event.unknown")
        if name not in BY_NAME:
            metrics.event("unknown", "event.unknown").inc()
            raise Refused("event.unknown")
        if len(data) != 2 or not isinstance(data[1], dict):
            self.protocol_error(
                connection, "event without one object argument", is_answered=is_answered
            )
            raise Refused("payload.invalid", "The event takes one object.")
        return name, data[1]

    async def _perform(
        self, connection: Connection, name: str, argument: dict[str, Any]
    ) -> wire.Wire:
        event = BY_NAME[name]
        try:
            payload = validated(event, argument)
            caller = self._caller(connection)
            require_role(event, caller)
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
        if wait_s == 0 and connection.identity is None:
            wait_s = connection.neighbours.take_event(event.name, now_s)
        if wait_s > 0:
            raise too_fast(wait_s)


def _require_ready(connection: Connection) -> None:
    if not connection.is_ready:
        connection.shut(NOT_CONNECTED)
