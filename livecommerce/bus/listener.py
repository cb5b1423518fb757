"""One subscribing connection for all channels of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import redis.asyncio as aioredis
import redis.exceptions
import structlog

from livecommerce.bus.client import Redis, library_call

log = structlog.get_logger(__name__)

# A dead server is noticed after two of these; Redis answers a PING in far less.
_SILENCE_S: Final = 2.5
_RECONNECT_FIRST_S: Final = 0.05
_RECONNECT_MAX_S: Final = 2.0

OnMessage = Callable[[bytes], None]
OnReady = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Heard:
    on_message: OnMessage
    on_ready: OnReady
    is_sharded: bool


class Listener:
    """One subscribing connection with a function for each channel; reconnects for ever.

    `on_ready` of a channel is called each time its subscription has become effective, which after
    an interruption means: something may have been missed.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._channels: dict[bytes, _Heard] = {}
        self._connection: aioredis.connection.AbstractConnection | None = None
        self._delay_s = _RECONNECT_FIRST_S

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def listen(
        self, channel: str, on_message: OnMessage, on_ready: OnReady, *, is_sharded: bool = False
    ) -> None:
        """is_sharded: what is said there is said by SPUBLISH, so that in a cluster one node
        carries it."""
        self._channels[channel.encode()] = _Heard(on_message, on_ready, is_sharded)
        await self._send("SSUBSCRIBE" if is_sharded else "SUBSCRIBE", channel)

    async def forget(self, channel: str) -> None:
        heard = self._channels.pop(channel.encode(), None)
        if heard is not None:
            await self._send("SUNSUBSCRIBE" if heard.is_sharded else "UNSUBSCRIBE", channel)

    async def _send(self, *command: str) -> None:
        if self._connection is None:
            return  # `run` subscribes to everything when it connects.
        try:
            await _sent(self._connection, *command)
        except (redis.exceptions.RedisError, OSError) as error:
            # The reading side sees the same failure and connects again.
            log.info("subscription_interrupted", reason=str(error))

    async def run(self) -> None:
        """Read for ever. Cancel to stop."""
        while True:
            connection = self._redis.subscriber()
            try:
                await library_call(connection.connect())
                self._connection = connection
                await self._subscribe_to_all(connection)
                await self._read(connection)
            except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
                log.warning("subscription_lost", reason=str(error), retry_after_s=self._delay_s)
            except Exception:
                # The top of the subscription: without it the process would hear nothing any more.
                log.exception("subscription_failed", retry_after_s=self._delay_s)
            finally:
                self._connection = None
                await connection.disconnect(nowait=True)
            await asyncio.sleep(self._delay_s)
            self._delay_s = min(2 * self._delay_s, _RECONNECT_MAX_S)

    async def _subscribe_to_all(self, connection: aioredis.connection.AbstractConnection) -> None:
        plain = [name for name, heard in self._channels.items() if not heard.is_sharded]
        if plain:
            await _sent(connection, "SUBSCRIBE", *plain)
        for name, heard in list(self._channels.items()):
            # One each: in a cluster they are in different slots.
            if heard.is_sharded:
                await _sent(connection, "SSUBSCRIBE", name)

    async def _read(self, connection: aioredis.connection.AbstractConnection) -> None:
        is_asked = False
        while True:
            try:
                message = await library_call(
                    connection.read_response(timeout=_SILENCE_S, disconnect_on_error=False)
                )
            except redis.exceptions.ResponseError as error:
                # One channel was refused; connecting again would interrupt all the others.
                log.error("subscription_refused", reason=str(error))
                continue
            if message is not None:
                is_asked = False
                # Not sooner: who connects and is not served would be back at once, for ever.
                self._delay_s = _RECONNECT_FIRST_S
                self._take(message)
            elif is_asked:
                raise TimeoutError("the server is silent")
            else:
                is_asked = True
                await _sent(connection, "PING")

    def _take(self, message: list[Any]) -> None:
        kind, channel = message[0], message[1]
        heard = self._channels.get(channel)
        if heard is None:
            return
        try:
            if kind in (b"message", b"smessage"):
                heard.on_message(message[2])
            elif kind in (b"subscribe", b"ssubscribe"):
                heard.on_ready()
        except Exception:
            # The top of one message: a bad one must not end the subscription of all.
            log.exception("bus_message_failed", channel=channel.decode(errors="replace"))


async def _sent(connection: aioredis.connection.AbstractConnection, *command: str | bytes) -> None:
    # The library would connect again by itself, and nothing would be subscribed there.
    if not connection.is_connected:
        raise redis.exceptions.ConnectionError("the connection has ended")
    await library_call(connection.send_command(*command))
