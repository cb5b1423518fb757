"""The private parts of python-socketio, engine.io, aiohttp and uvloop that the hub stands on.

Each test fails when an upgrade moves what the hub replaces or relies upon, and the list of what it
relies upon is read from its source, so that nothing is used that is not pinned here.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import engineio
import pytest
import socketio
from aiohttp import web
from aiohttp._websocket.reader_py import WebSocketDataQueue
from engineio import packet as eio_packet
from socketio import packet as sio_packet

from signaling import engine, websocket
from signaling.connection import Connection
from tests.hub_stress.raw_client import RawClient
from tests.signaling.hub_under_test import running_hub


def parameters(function: Callable[..., object]) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_versions_are_those_that_were_read() -> None:
    assert version("python-socketio") == "5.18.1"
    assert version("python-engineio") == "4.15.1"
    assert aiohttp.__version__ == "3.14.5"
    assert version("uvloop") == "0.23.0"


# ---- nothing is used that is not pinned below

# By our class: the library's, and what of it ours uses or replaces.
USED: dict[str, tuple[type, set[str]]] = {
    "_Engine": (
        engineio.AsyncServer,
        {
            "_handle_connect",
            "generate_id",
            "max_http_buffer_size",
            "ping_interval",
            "ping_timeout",
        },
    ),
    "_Manager": (
        socketio.AsyncManager,
        {
            "basic_disconnect",
            "basic_leave_room",
            "callbacks",
            "pending_connect",
            "pending_disconnect",
        },
    ),
    "SocketIOServer": (
        socketio.AsyncServer,
        {
            "__init__",
            "_engineio_server_class",
            "_handle_connect",
            "_handle_eio_connect",
            "_handle_eio_disconnect",
            "_handle_eio_message",
            "_handle_event",
            "eio",
            "manager",
            "on",
            "packet_class",
        },
    ),
    "WebSocket": (web.WebSocketResponse, {"__init__", "_eof_sent", "_reader", "write_eof"}),
}


def _classes(module: object) -> list[ast.ClassDef]:
    source = Path(inspect.getfile(module)).read_text()  # type: ignore[arg-type]
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]


def _own(node: ast.ClassDef) -> set[str]:
    return {
        each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _of_self(node: ast.ClassDef) -> set[str]:
    return {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
    }


def _has(library: type, name: str) -> bool:
    """A method, or an attribute that its constructors set."""
    sources = ""
    for each in library.__mro__:
        with suppress(OSError, TypeError):  # compiled
            sources += inspect.getsource(each)
    return hasattr(library, name) or f"self.{name} " in sources or f"self.{name}:" in sources


@pytest.mark.parametrize("name", sorted(USED))
def test_all_that_is_used_of_a_library_class_is_listed(name: str) -> None:
    library, listed = USED[name]
    (node,) = (
        each for module in (engine, websocket) for each in _classes(module) if each.name == name
    )
    used = {each for each in _own(node) | _of_self(node) if _has(library, each)}
    assert used == listed


def test_every_class_that_stands_on_a_library_is_listed() -> None:
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for module in (engine, websocket)
        for node in _classes(module)
    }
    foreign = ("engineio.", "socketio.", "web.")
    standing = {name for name, of in bases.items() if any(b.startswith(foreign) for b in of)}
    assert standing == set(USED)


def test_libraries_are_imported_where_their_hooks_are_pinned_only() -> None:
    allowed = {"engine.py", "client.py"}
    folder = Path(inspect.getfile(engine)).parent
    importing = {
        path.name
        for path in folder.rglob("*.py")
        if any(
            line.startswith(
                ("import socketio", "from socketio", "import engineio", "from engineio")
            )
            for line in path.read_text().splitlines()
        )
    }
    assert importing == allowed


# ---- engine.io and python-socketio


def test_replaced_methods_have_the_signatures_that_the_library_calls() -> None:
    server, library = socketio.AsyncServer, engineio.AsyncServer
    assert parameters(server._handle_eio_message) == ["self", "eio_sid", "data"]
    assert parameters(server._handle_event) == ["self", "eio_sid", "namespace", "id", "data"]
    assert parameters(server._handle_connect) == ["self", "eio_sid", "namespace", "data"]
    assert parameters(server._handle_eio_connect) == ["self", "eio_sid", "environ"]
    assert parameters(server._handle_eio_disconnect) == ["self", "eio_sid", "reason"]
    assert parameters(server._engineio_server_class) == ["self"]
    assert parameters(library._handle_connect) == ["self", "environ", "transport", "jsonp_index"]
    assert parameters(library.generate_id) == ["self"]
    manager = socketio.AsyncManager
    assert parameters(manager.basic_disconnect) == ["self", "sid", "namespace", "kwargs"]
    assert parameters(manager.basic_leave_room) == ["self", "sid", "namespace", "room"]
    assert parameters(manager.eio_sid_from_sid) == ["self", "sid", "namespace"]


def test_engine_hands_a_websocket_handshake_to_the_replaced_method() -> None:
    source = inspect.getsource(engineio.AsyncServer.handle_request)
    assert "r = await self._handle_connect(environ, transport," in source
    assert "if not isinstance(r, dict):\n            return r" in source
    translate = importlib.import_module("engineio.async_drivers.aiohttp").translate_request
    assert "'aiohttp.request': request" in inspect.getsource(translate)


def test_library_sends_through_the_socket_object_that_the_hub_provides() -> None:
    assert "socket = self._get_socket(sid)" in inspect.getsource(engineio.AsyncServer.send_packet)
    assert "await socket.send(pkt)" in inspect.getsource(engineio.AsyncServer.send_packet)
    assert "s.closed" in inspect.getsource(engineio.AsyncServer._get_socket)


def test_engine_reads_no_attribute_of_sockets_that_a_connection_lacks() -> None:
    """Of those in its server; its own socket class is not used."""
    tree = ast.parse(
        inspect.getsource(importlib.import_module("engineio.async_server"))
        + inspect.getsource(importlib.import_module("engineio.base_server"))
    )
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("socket", "s")
    }
    # Polling and upgrades do not happen, nobody monitors the clients.
    unused = {"handle_get_request", "handle_post_request", "upgrading", "check_ping_timeout"}
    unused |= {"closing", "poll", "schedule_ping"}
    assert {each for each in read - unused if not hasattr(Connection, each)} == set()


def test_a_client_is_in_two_rooms_of_the_library_only() -> None:
    source = inspect.getsource(socketio.AsyncManager.__mro__[1].pre_connect)
    assert source.count("basic_enter_room") == 2
    assert "pending_connect" in source


async def test_library_keeps_nothing_of_a_client_that_left() -> None:
    """Its own disconnect would also walk the rooms of everybody else."""
    async with running_hub() as hub:
        server = hub.gateway._server
        client = await RawClient.open(hub.url)
        await client.connect({"token": "customer"})
        (sid,) = [sid for room in server.manager.rooms["/"].values() for sid in room][:1]
        assert server.manager.eio_sid_from_sid(sid, "/") == client.hello["sid"]
        assert set(server.environ) == set(server.eio.sockets) == {client.hello["sid"]}
        client.leave()
        await client.ended()
        while hub.gateway.connection_count:
            await asyncio.sleep(0.005)
        assert not any(room for room in server.manager.rooms.get("/", {}).values())
        assert not server.environ
        assert not server.eio.sockets
        assert not server.manager.callbacks
        assert not any(server.manager.pending_connect.values())
        assert not any(server.manager.pending_disconnect.values())


async def test_refused_connect_becomes_the_error_packet_with_message_and_data() -> None:
    async with running_hub() as hub:
        client = await RawClient.open(hub.url)
        packets: list[bytes] = []
        client.on_packet = packets.append
        client.text('40{"token":"nobody"}')
        await client.until(lambda: bool(client.of["refused"]), "the refusal")
        assert packets[-1].startswith(b'44{"message":"')
        assert set(client.of["refused"][0]) == {"message", "data"}
        client.leave()
        await client.ended()


def test_json_of_both_libraries_is_one_attribute_each() -> None:
    assert hasattr(sio_packet.Packet, "json")
    assert hasattr(eio_packet.Packet, "json")
    assert (sio_packet.CONNECT, sio_packet.DISCONNECT, sio_packet.EVENT) == (0, 1, 2)
    assert eio_packet.OPEN == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", (0, "/", None, None)),
        ('0{"token":"x"}', (0, "/", None, {"token": "x"})),
        ("0/admin,", (0, "/admin", None, None)),
        ("1", (1, "/", None, None)),
        ('2["a",{}]', (2, "/", None, ["a", {}])),
        ('27["a",{}]', (2, "/", 7, ["a", {}])),
        ('2/admin,7["a",{}]', (2, "/admin", 7, ["a", {}])),
        ('37["x"]', (3, "/", 7, ["x"])),
    ],
)
def test_library_reads_packets_as_the_protocol_writes_them(
    text: str, expected: tuple[Any, ...]
) -> None:
    packet = socketio.packet.Packet(encoded_packet=text)
    namespace = packet.namespace or "/"
    assert (packet.packet_type, namespace, packet.id, packet.data) == expected


@pytest.mark.parametrize("text", ["x", "2{", '2["a"', "9[]", "5999999999999-[]", "2" + "[" * 2000])
def test_what_the_library_cannot_read_raises_what_is_caught(text: str) -> None:
    try:
        packet = socketio.packet.Packet(encoded_packet=text)
    except (ValueError, TypeError, IndexError):
        return
    assert packet.packet_type not in (sio_packet.CONNECT, sio_packet.EVENT, sio_packet.DISCONNECT)


# ---- aiohttp


def test_websocket_response_takes_the_options_that_bound_it() -> None:
    options = parameters(web.WebSocketResponse.__init__)
    assert {"compress", "max_msg_size", "autoping", "timeout"} <= set(options)


def test_request_exposes_the_transport_that_frames_are_written_to() -> None:
    assert isinstance(inspect.getattr_static(web.BaseRequest, "transport"), property)


def test_messages_are_read_from_a_queue_that_holds_no_more_than_its_limit() -> None:
    """`_reader` is that queue; it stops the transport's reading when it is full."""
    assert parameters(WebSocketDataQueue.__init__)[:3] == ["self", "protocol", "limit"]
    assert parameters(WebSocketDataQueue.read) == ["self"]
    source = inspect.getsource(WebSocketDataQueue)
    assert "pause_reading()" in source
    assert "resume_reading()" in source
    start = inspect.getsource(web.WebSocketResponse._post_start)
    assert "self._reader = WebSocketDataQueue(" in start


def test_end_of_a_response_is_what_write_eof_leaves() -> None:
    """aiohttp calls it when the handler has returned; `_eof_sent` keeps it from closing again."""
    assert parameters(web.WebSocketResponse.write_eof) == ["self"]
    assert "self._eof_sent" in inspect.getsource(web.WebSocketResponse.write_eof)
    assert "await resp.write_eof()" in inspect.getsource(
        importlib.import_module("aiohttp.web_protocol").RequestHandler.finish_response
    )


# ---- the client for programs


async def test_client_of_the_library_hears_why_it_is_refused() -> None:
    """`connect_error` gets the packet's object before `connect` raises."""
    async with running_hub() as hub:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        told: list[Any] = []
        client.on("connect_error", told.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(hub.url, auth={"token": "nobody"}, transports=["websocket"])
        assert told[0]["data"]["code"] == "auth.invalid"
        await client.shutdown()


def test_client_of_the_library_takes_the_options_that_are_given() -> None:
    options = parameters(socketio.AsyncClient.__mro__[1].__init__)
    assert {"reconnection", "json", "handle_sigint", "logger"} <= set(options)
    assert "timeout" in parameters(socketio.AsyncClient.call)
    assert {"auth", "transports", "wait_timeout"} <= set(parameters(socketio.AsyncClient.connect))
