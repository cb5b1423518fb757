"""python-socketio and engine.io, with what costs a crowd replaced: the only importer of both on the
server's side.

python-socketio keeps the protocol (packets, namespaces, CONNECT and its refusal), engine.io the
handshake's checks. Replaced are the socket object with its queue and tasks (signaling.connection
writes frames directly), the event dispatch, the O(all clients) disconnect and the per-client
timers. Every hook used for that is pinned by tests/signaling/test_hooks.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

import engineio
import orjson
import socketio
import structlog
from aiohttp import web
from engineio import packet as eio_packet
from socketio import packet as sio_packet

from signaling import json as wire_json
from signaling.closing import CLIENT_LEFT
from signaling.connection import Connection, text_frame
from signaling.refusals import Refused

NAMESPACE: Final = "/"
# An event of the root namespace with or without an acknowledgement; the library takes the rest.
_EVENT: Final = re.compile(r"42([0-9]{0,18})(?=\[)")

log = structlog.get_logger("signaling")


class Hub(Protocol):
    """What the gateway does for the engine."""

    async def serve(self, request: web.Request, sid: str, hello: bytes) -> web.StreamResponse:
        """Carry one WebSocket from its handshake to its end."""

    async def authenticate(self, connection: Connection, auth: object) -> None:
        """Judge a CONNECT's `auth`; raises Refused."""

    async def event(self, connection: Connection, ack_id: int | None, data: object) -> None:
        """Judge and perform one event packet, and acknowledge it."""

    def protocol_error(self, connection: Connection, what: str) -> None:
        """Count a malformed message."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """What the handshake tells the client."""

    ping_interval_s: int
    ping_timeout_s: int
    max_message_bytes: int


class _Engine(engineio.AsyncServer):  # type: ignore[misc]  # engineio has no types
    """engine.io's request checks over our own connections: no queue, no writer task, no timers."""

    gateway: Hub

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


class SocketIOServer(socketio.AsyncServer):  # type: ignore[misc]  # socketio has no types
    """python-socketio, with its event dispatch replaced by the gateway's."""

    def __init__(self, gateway: Hub, config: EngineConfig) -> None:
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
            connection.shut(CLIENT_LEFT)
        elif text != "3":
            self._gateway.protocol_error(connection, "unexpected engine.io packet")

    async def _take_event(self, connection: Connection, ack_id: str, body: str) -> None:
        """What nearly every message is, without the library's packet."""
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError:
            data = None  # Refused as what it is: no event.
        await self._event(connection, int(ack_id) if ack_id else None, data)

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        connection = self._gateway_connection(eio_sid)
        try:
            packet = self.packet_class(encoded_packet=data) if data else None
        except (ValueError, TypeError, IndexError):
            packet = None
        if packet is None or (packet.namespace or NAMESPACE) != NAMESPACE:
            if packet is not None and packet.packet_type == sio_packet.CONNECT:
                # A client that asked for it waits for this answer.
                refused = f'44{packet.namespace},{{"message":"Invalid namespace"}}'
                connection.write(text_frame(refused.encode()))
            self._gateway.protocol_error(connection, "malformed Socket.IO packet")
        elif packet.packet_type == sio_packet.CONNECT:
            await self._handle_connect(eio_sid, packet.namespace, packet.data)
        elif packet.packet_type == sio_packet.EVENT:
            await self._handle_event(eio_sid, packet.namespace, packet.id, packet.data)
        elif packet.packet_type == sio_packet.DISCONNECT:
            connection.shut(CLIENT_LEFT)
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


def _refused_connect(refused: Refused) -> Exception:
    error = socketio.exceptions.ConnectionRefusedError(refused.message, refused.wire())
    assert isinstance(error, Exception)
    return error
