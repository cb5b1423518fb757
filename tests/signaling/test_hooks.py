"""The private parts of python-socketio, engine.io and aiohttp that the gateway stands on.

Each test fails when an upgrade moves what the gateway replaces or relies upon.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable

import aiohttp
import engineio
import socketio
from aiohttp import web
from engineio import packet as eio_packet
from socketio import packet as sio_packet


def parameters(function: Callable[..., object]) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_versions_are_those_that_were_read() -> None:
    from importlib.metadata import version

    assert version("python-socketio") == "5.18.1"
    assert version("python-engineio") == "4.15.1"
    assert aiohttp.__version__ == "3.14.5"


def test_replaced_methods_have_the_signatures_that_the_library_calls() -> None:
    server, engine = socketio.AsyncServer, engineio.AsyncServer
    assert parameters(server._handle_eio_message) == ["self", "eio_sid", "data"]
    assert parameters(server._handle_event) == ["self", "eio_sid", "namespace", "id", "data"]
    assert parameters(server._handle_connect) == ["self", "eio_sid", "namespace", "data"]
    assert parameters(server._handle_eio_connect) == ["self", "eio_sid", "environ"]
    assert parameters(server._handle_eio_disconnect) == ["self", "eio_sid", "reason"]
    assert parameters(server._engineio_server_class) == ["self"]
    assert parameters(engine._handle_connect) == ["self", "environ", "transport", "jsonp_index"]
    assert parameters(socketio.AsyncManager.basic_disconnect) == [
        "self", "sid", "namespace", "kwargs",
    ]  # fmt: skip


def test_engine_hands_a_websocket_handshake_to_the_replaced_method() -> None:
    source = inspect.getsource(engineio.AsyncServer.handle_request)
    assert "r = await self._handle_connect(environ, transport," in source
    assert "if not isinstance(r, dict):\n            return r" in source
    translate = importlib.import_module("engineio.async_drivers.aiohttp").translate_request
    assert "'aiohttp.request': request" in inspect.getsource(translate)


def test_library_sends_through_the_socket_object_that_the_gateway_provides() -> None:
    assert "socket = self._get_socket(sid)" in inspect.getsource(engineio.AsyncServer.send_packet)
    assert "await socket.send(pkt)" in inspect.getsource(engineio.AsyncServer.send_packet)
    assert "s.closed" in inspect.getsource(engineio.AsyncServer._get_socket)


def test_a_client_is_in_two_rooms_of_the_library_only() -> None:
    source = inspect.getsource(socketio.AsyncManager.__mro__[1].pre_connect)
    assert source.count("basic_enter_room") == 2
    assert "pending_connect" in source


def test_json_of_both_libraries_is_one_attribute_each() -> None:
    assert hasattr(sio_packet.Packet, "json")
    assert hasattr(eio_packet.Packet, "json")
    assert (sio_packet.CONNECT, sio_packet.DISCONNECT, sio_packet.EVENT) == (0, 1, 2)
    assert eio_packet.OPEN == 0


def test_websocket_response_takes_the_options_that_bound_it() -> None:
    options = parameters(web.WebSocketResponse.__init__)
    assert {"compress", "max_msg_size", "autoping", "timeout"} <= set(options)


def test_request_exposes_the_transport_that_frames_are_written_to() -> None:
    assert isinstance(inspect.getattr_static(web.BaseRequest, "transport"), property)
