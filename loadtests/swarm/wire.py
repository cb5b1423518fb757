"""What a client writes on its socket: the handshake and masked text frames (RFC 6455).

A WebSocket library spends more on a message than the hub does, and both share the machine. So the
load tools write frames themselves, mostly before the clock runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import orjson

PATH = "/socket.io/?EIO=4&transport=websocket"
# What Chrome sends. That it offers deflate decides what a server spends on it; that it sends half
# a kilobyte of headers, what a server keeps.
BROWSER_HEADERS: Mapping[str, str] = {
    "Pragma": "no-cache",
    "Cache-Control": "no-cache",
    "User-Agent": (
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Mobile Safari/537.36"
    ),
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-IN,en;q=0.9,hi;q=0.8",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}


def upgrade(netloc: str, headers: Mapping[str, str]) -> bytes:
    """The request that turns the connection into a WebSocket."""
    wanted = {
        "Host": netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    lines = [f"GET {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in wanted.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def masked_frame(payload: bytes) -> bytes:
    """A text frame as a client must send it (RFC 6455 5.3)."""
    mask = os.urandom(4)
    size = len(payload)
    if size < 126:
        head = bytes((0x81, 0x80 | size))
    elif size < 65_536:
        head = b"\x81\xfe" + size.to_bytes(2, "big")
    else:
        head = b"\x81\xff" + size.to_bytes(8, "big")
    stretched = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
    return head + mask + masked.to_bytes(size, "big")


def event_frame(number: int, event: str, payload: Mapping[str, Any]) -> bytes:
    """An event that wants the acknowledgement `number`."""
    return masked_frame(b"42%d" % number + orjson.dumps([event, payload]))


def connect_frame(auth: Mapping[str, Any]) -> bytes:
    """Socket.IO's CONNECT to the root namespace."""
    return masked_frame(b"40" + orjson.dumps(auth))


PONG = masked_frame(b"3")
