"""How a server ended a WebSocket."""

from __future__ import annotations

import aiohttp


async def code_of(websocket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read to the end, answering pings of engine.io; the code that the server gave.

    Not the socket's own `close_code`: that says 1006 whenever the server was gone before our answer
    to its close frame.
    """
    while True:
        message = await websocket.receive()
        if message.type is aiohttp.WSMsgType.CLOSE:
            code: int = message.data
            return code
        if message.type is not aiohttp.WSMsgType.TEXT:
            return None
        if message.data == "2":
            await websocket.send_str("3")
