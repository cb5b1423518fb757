"""aiohttp's WebSocket with our limits, and with a word for those whose frames it does not take."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from aiohttp import ClientError, EofStream, WebSocketError, WSMessage, web

from signaling import metrics
from signaling.closing import MALFORMED, TOO_BIG, Closing
from signaling.connection import Connection

# The codes by which aiohttp closes of its own accord: a frame that breaks RFC 6455, text that is
# not UTF-8, and a message beyond the limit.
_FAULTS: Final[dict[int, Closing]] = {
    1002: MALFORMED,
    1007: replace(MALFORMED, code=1007),
    1009: TOO_BIG,
}


class WebSocket(web.WebSocketResponse):
    """connection: told of what is wrong with its frames, once it is there."""

    connection: Connection | None

    def __init__(self, max_message_bytes: int) -> None:
        super().__init__(
            # Deflate costs 100 KB of memory a connection and a zlib run per frame and viewer.
            compress=False,
            # aiohttp refuses a message that is as long as its limit; ours still passes.
            max_msg_size=max_message_bytes + 1,
            autoping=False,
            timeout=2.0,
        )
        self.connection = None

    async def next(self) -> WSMessage | None:
        """The next message; None when there will be none. Answers none by itself."""
        # Not `receive`: when five thousand go at once, each costs what it does for an end.
        reader = self._reader
        assert reader is not None, "it was prepared"
        try:
            return cast(WSMessage, await reader.read())  # text is decoded: its default
        except WebSocketError as error:
            metrics.PROTOCOL_ERRORS.inc()
            if self.connection is not None:
                self.connection.shut(_FAULTS.get(error.code, MALFORMED))
        except (EofStream, ConnectionError, ClientError):
            pass
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        # The connection has closed it, or it was lost; aiohttp would wait for an answer.
        self._eof_sent = True
        if self.connection is not None:
            await self.connection.lingered()
