"""Keeps one live session on air with the test card, as an ordinary influencer's client would.

Two loops that know of each other as little as possible. The socket loop connects, starts the live
session, joins it, and connects again after a loss. The media loop publishes, and publishes again
when its peer is lost or when the live session's media state says that the picture is gone. A lost
socket does not stop the picture; a lost picture does not touch the socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import structlog

from signaling.client import Client, ConnectionLost
from signaling.refusals import Refused

log = structlog.get_logger(__name__)

Publish = Callable[[str], Awaitable[str]]
Broadcast = Callable[[Publish, asyncio.Event], Awaitable[None]]

GREETING: Final = "Welcome! Tap the product to see it, and ask anything here."
_FIRST_DELAY_S: Final = 0.1
# The picture should be back within seconds of whatever was killed.
_MAX_DELAY_S: Final = 1.0
_RENEW_EVERY_S: Final = 120.0


class Broadcaster:
    """url: of the hub. new_token: an access token of the influencer. new_id: for the greeting.
    broadcast: publishes through the function it gets until the event is set; raises a
    ConnectionError when it is lost.
    """

    def __init__(
        self,
        url: str,
        live_session_id: UUID,
        first_product_id: UUID,
        new_token: Callable[[], str],
        new_id: Callable[[], UUID],
        broadcast: Broadcast,
    ) -> None:
        self._url = url
        self._live_session_id = str(live_session_id)
        self._first_product_id = str(first_product_id)
        self._new_token = new_token
        self._new_id = new_id
        self._broadcast = broadcast
        self._client: Client | None = None
        self._is_connected = asyncio.Event()
        self._may_send = asyncio.Event()
        """Set while the live session is live or paused."""
        self._again = asyncio.Event()
        """Ends the running broadcast."""
        self._source: str | None = None
        """Who carries the running broadcast, once it is on air."""

    async def run(self, stopped: asyncio.Event) -> None:
        """Broadcast until stopped."""
        loops = [
            asyncio.create_task(_for_ever("socket", self._be_there)),
            asyncio.create_task(_for_ever("media", self._be_on_air)),
        ]
        try:
            await stopped.wait()
        finally:
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    # ---- the socket

    async def _be_there(self) -> None:
        """One connection, from its opening to its loss."""
        client = Client(self._hear)
        try:
            await client.connect(self._url, self._new_token())
            await self._begin(client)
            self._client = client
            self._is_connected.set()
            log.info("broadcaster_connected")
            await self._stay(client)
        finally:
            self._is_connected.clear()
            self._client = None
            await client.close()

    async def _begin(self, client: Client) -> None:
        """Start what is not started, join, and prepare the stage of a stage that is empty."""
        this = {"live_session_id": self._live_session_id}
        try:
            await client.call("session.start", this)
        except Refused as refused:
            # It may be paused, over, or this influencer may be on air elsewhere: watch it, then.
            log.info("broadcast_not_started", reason=refused.message)
        snapshot = await client.call("session.join", this)
        self._hear_status(snapshot["live_session"]["status"])
        self._hear_media(snapshot["media"])
        if not self._may_send.is_set():
            return
        if snapshot["pinned"] is None:
            await client.call("product.pin", this | {"product_id": self._first_product_id})
        if not snapshot["chat"]:
            await client.call("chat.send", this | {"id": str(self._new_id()), "text": GREETING})

    async def _stay(self, client: Client) -> None:
        while not client.lost.is_set():
            try:
                async with asyncio.timeout(_RENEW_EVERY_S):
                    await client.lost.wait()
            except TimeoutError:
                await client.call("auth.renew", {"token": self._new_token()})
        raise ConnectionLost("the hub closed the connection")

    def _hear(self, name: str, payload: Any) -> None:
        if name == "media.changed":
            self._hear_media(payload)
        elif name.startswith("session."):
            self._hear_status(payload["live_session"]["status"])

    def _hear_status(self, status: str) -> None:
        if status in ("live", "paused"):
            self._may_send.set()
        else:
            self._may_send.clear()
            self._again.set()

    def _hear_media(self, media: dict[str, Any]) -> None:
        if media["available"] and self._source is None:
            self._source = media["source"]
        elif self._source is not None and (
            not media["available"] or media["source"] != self._source
        ):
            self._again.set()

    # ---- the picture

    async def _be_on_air(self) -> None:
        """One broadcast, from its publishing to its loss."""
        await self._may_send.wait()
        await self._is_connected.wait()
        self._source = None
        self._again.clear()
        log.info("broadcast_publishing")
        await self._broadcast(self._publish, self._again)
        raise ConnectionLost("the picture is gone, or the live session is over")

    async def _publish(self, sdp: str) -> str:
        client = self._client
        if client is None:
            raise ConnectionLost("there is no connection to the hub")
        answer = await client.call(
            "webrtc.publish", {"live_session_id": self._live_session_id, "sdp": sdp}
        )
        sdp_answer: str = answer["sdp"]
        return sdp_answer


async def _for_ever(what: str, once: Callable[[], Awaitable[None]]) -> None:
    """Do it again after each loss, soon at first, then once a second."""
    delay_s = _FIRST_DELAY_S
    loop = asyncio.get_running_loop()
    while True:
        began_s = loop.time()
        try:
            await once()
        except (ConnectionLost, ConnectionError, Refused, TimeoutError) as error:
            log.info("broadcaster_retries", what=what, reason=str(error))
        except Exception:
            # The top of the loop: the demo's picture must outlive any one surprise.
            log.exception("broadcaster_failed", what=what)
        if loop.time() - began_s > 5:
            delay_s = _FIRST_DELAY_S
        await asyncio.sleep(delay_s)
        delay_s = min(2 * delay_s, _MAX_DELAY_S)
