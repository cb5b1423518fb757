"""Media processes behind a hub: real Sfu, real peers over loopback, calls through real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from livecommerce import clock
from livecommerce.bus import BusConfig, Listener, Redis, Rpc, SessionBus
from livecommerce.media_node import MediaNode
from media import Sfu, SfuConfig
from media.peer import Peer
from tests.livecommerce.live.hub_process import Person


@dataclass
class MediaProcess:
    incarnation: str
    node: MediaNode
    sfu: Sfu
    task: asyncio.Task[None]
    listening: asyncio.Task[None]

    async def kill(self) -> None:
        """As kill -9 does: nothing is said, to nobody."""

        async def say_nothing() -> None:
            return None

        self.node._sign_off = say_nothing  # type: ignore[method-assign]  # it is dead
        for task in (self.task, self.listening):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.sfu._mux.close()


@asynccontextmanager
async def media_process(redis_url: str, name: str = "media-1") -> AsyncIterator[MediaProcess]:
    config = BusConfig(redis_url)
    redis = Redis(config)
    listener = Listener(redis)
    bus = SessionBus(redis, listener, config, lambda: clock.secret(6))
    rpc = Rpc(redis, listener, clock.secret(6), lambda: clock.secret(6))
    incarnation = clock.secret(8)
    node = MediaNode(redis, rpc, bus, name, incarnation, lambda: clock.secret(16))
    sfu = Sfu(SfuConfig(), node.take)
    await sfu.start()
    listening = asyncio.create_task(listener.run())
    task = asyncio.create_task(node.run(sfu))
    while await redis.publish(f"rpc:{incarnation}", b'{"id":"","method":"close","params":{}}') == 0:
        await asyncio.sleep(0.005)
    try:
        yield MediaProcess(incarnation, node, sfu, task, listening)
    finally:
        for each in (task, listening):
            each.cancel()
            with suppress(asyncio.CancelledError):
                await each
        await sfu.stop()
        await redis.close()


async def publish(host: Person, live: UUID) -> Peer:
    async def exchange(offer: str) -> str:
        answer = await host.call("webrtc.publish", live_session_id=live, sdp=offer)
        sdp: str = answer["sdp"]
        return sdp

    peer = Peer()
    await peer.publish(exchange)
    return peer


async def watch(viewer: Person, live: UUID) -> tuple[Peer, dict[str, Any]]:
    offered = await viewer.call("webrtc.watch", live_session_id=live)

    async def reply(answer: str) -> None:
        await viewer.call("webrtc.answer", peer_id=offered["peer_id"], sdp=answer)

    peer = Peer()
    await peer.watch(offered["sdp"], reply)
    return peer, offered
