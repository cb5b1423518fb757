"""The media process's shell: makes media.Sfu reachable for the hubs through Redis.

A node has a name that it keeps (`media-1`) and an incarnation that is new at each start. The
incarnation is the `source` of the wire, the name under which calls reach the process, and the first
part of every peer id, so a peer id says where its peer lives. What the node carries is kept in
Redis beside that; a node that was killed finds there, when it starts again, which live sessions its
earlier incarnation left without a picture, and says so on their buses: their publishers then
publish again. Redis may lose what it held, too: a node looks every second whether what it carries
is known there, and tells it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
import structlog

from livecommerce.bus import BusUnavailable, Redis, RemoteRefused, Rpc, SessionBus
from livecommerce.media_registry import NODES_KEY, NodeInfo, node_key, source_key
from media.contract import (
    CloseReason,
    MediaRefused,
    PublisherConnected,
    PublisherLost,
    SfuEvent,
    SubscriberClosed,
    SubscriberConnected,
)
from media.sfu import Sfu

log = structlog.get_logger(__name__)

HEARTBEAT_S: Final = 1.0
HEARTBEAT_TTL_S: Final = 5
_RETRY_S: Final = 0.2
# Sources come and go at human speed; a full queue means that Redis is away for long.
_EVENTS_MAX: Final = 10_000


class MediaNode:
    """One media process. Give `take` to the Sfu as its on_event, then `run`.

    new_peer_id: an unguessable text; incarnation: unguessable too, without dots.
    """

    def __init__(
        self,
        redis: Redis,
        rpc: Rpc,
        bus: SessionBus,
        name: str,
        incarnation: str,
        new_peer_id: Callable[[], str],
    ) -> None:
        assert "." not in incarnation, "a peer id is <incarnation>.<secret>"
        self._redis = redis
        self._rpc = rpc
        self._bus = bus
        self._name = name
        self._incarnation = incarnation
        self._new_peer_id = new_peer_id
        self._events: asyncio.Queue[SfuEvent] = asyncio.Queue(_EVENTS_MAX)
        self._sequence = 0
        # Live session -> the peer that publishes it at this moment, told already or not.
        self._on_air: dict[str, str] = {}
        # Live session -> each peer that watches it and whose it is; None where nobody has said.
        self._watching: dict[str, dict[str, str | None]] = {}
        self._sfu: Sfu | None = None
        self._methods: Mapping[str, Callable[[Sfu, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "publish": self._publish,
            "watch": self._watch,
            "answer": self._answer,
            "restart": self._restart,
            "claim": self._claim,
            "close": self._close,
            "cut": self._cut,
            "cut_all_but": self._cut_all_but,
            "end": self._end,
        }

    def take(self, event: SfuEvent) -> None:
        """What the Sfu reports; never waits."""
        if isinstance(event, PublisherConnected):
            self._on_air[event.source_id] = event.peer_id
        elif isinstance(event, PublisherLost):
            self._on_air.pop(event.source_id, None)
        else:
            if isinstance(event, SubscriberClosed):
                self._forget(event.source_id, event.peer_id)
            return
        self._events.put_nowait(event)

    async def run(self, sfu: Sfu) -> None:
        """Serve until cancelled; then say that this node is gone."""
        self._sfu = sfu
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell_for_ever())
                await self._rpc.serve(self._incarnation, self._serve, lambda: None)
                group.create_task(self._beat_for_ever(sfu))
        finally:
            await self._sign_off()

    async def _beat_for_ever(self, sfu: Sfu) -> None:
        while True:
            stats = sfu.stats()
            info = NodeInfo(self._name, self._incarnation, stats.subscribers, stats.sources)
            try:
                await self._redis.repeatable_all(
                    [
                        ("SADD", NODES_KEY, self._name),
                        (
                            "SET",
                            node_key(self._name),
                            orjson.dumps(asdict(info)),
                            "EX",
                            HEARTBEAT_TTL_S,
                        ),
                    ]
                )
            except BusUnavailable as error:
                log.warning("heartbeat_delayed", reason=str(error))
            await asyncio.sleep(HEARTBEAT_S)

    async def _sign_off(self) -> None:
        try:
            for live_session_id in await self._owned(self._incarnation):
                await self._lost(live_session_id, self._incarnation)
            await self._redis.repeatable("DEL", node_key(self._name))
        except BusUnavailable as error:
            log.warning("sign_off_failed", reason=str(error))

    # ---- what happened

    async def _tell_for_ever(self) -> None:
        """Clean up after an earlier incarnation, then tell what the Sfu reports, in order, and in
        between what Redis has forgotten."""
        await _until_done(self._clean_up)
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    event = await self._events.get()
            except TimeoutError:
                await _until_done(self._remind)
            else:
                await _until_done(partial(self._tell, event))

    async def _tell(self, event: SfuEvent) -> None:
        match event:
            case PublisherLost(reason=CloseReason.REPLACED):
                return  # The next publisher's connection follows.
            case PublisherConnected():
                await self._available(UUID(event.source_id))
            case PublisherLost():
                await self._lost(UUID(event.source_id), self._incarnation)
            case SubscriberConnected() | SubscriberClosed():
                return

    async def _remind(self) -> None:
        for source_id in list(self._on_air):
            live_session_id = UUID(source_id)
            if not await self._redis.repeatable("EXISTS", source_key(live_session_id)):
                log.warning("media_forgotten", live_session=source_id)
                await self._available(live_session_id)

    async def _clean_up(self) -> None:
        for live_session_id, source in (await self._owned()).items():
            if source != self._incarnation:
                await self._lost(live_session_id, source)

    async def _owned(self, source: str | None = None) -> dict[UUID, str]:
        owned: dict[bytes, bytes] = await self._redis.repeatable("HGETALL", self._owned_key)
        return {
            UUID(id.decode()): owner.decode()
            for id, owner in owned.items()
            if source is None or owner.decode() == source
        }

    async def _available(self, live_session_id: UUID) -> None:
        await self._redis.repeatable(
            "HSET", self._owned_key, str(live_session_id), self._incarnation
        )
        await self._redis.effect(
            "media_available", [source_key(live_session_id)], [self._incarnation, self._name]
        )
        await self._append(live_session_id, self._incarnation, available=True)

    async def _lost(self, live_session_id: UUID, source: str) -> None:
        was_current = await self._redis.effect(
            "media_lost", [source_key(live_session_id)], [source]
        )
        if was_current:
            await self._append(live_session_id, source, available=False)
        await self._redis.repeatable("HDEL", self._owned_key, str(live_session_id))

    async def _append(self, live_session_id: UUID, source: str, *, available: bool) -> None:
        self._sequence += 1
        await self._bus.append(
            live_session_id,
            "media.changed",
            {"source": source, "available": available},
            f"media:{self._incarnation}:{self._sequence}",
        )

    @property
    def _owned_key(self) -> str:
        return f"media:owned:{self._name}"

    # ---- calls

    async def _serve(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self._sfu is not None, "run gives the Sfu before it serves"
        try:
            return await self._methods[method](self._sfu, params)
        except MediaRefused as refused:
            raise RemoteRefused(refused.code, refused.message, refused.retry_after_s) from refused

    async def _publish(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        current, continues = self._on_air.get(params["live_session_id"]), params["continues"]
        if continues is not None and current not in (None, continues):
            raise RemoteRefused("media.elsewhere", "You are live from another device.")
        peer_id = self._peer_id()
        answer = await sfu.publish(params["live_session_id"], peer_id, params["sdp"])
        return {"peer_id": peer_id, "sdp": answer}

    async def _watch(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        peer_id = self._peer_id()
        offer = await sfu.watch(params["live_session_id"], peer_id)
        watching = self._watching.setdefault(params["live_session_id"], {})
        watching[peer_id] = params.get("viewer")
        return {"peer_id": peer_id, "sdp": offer, "source": self._incarnation}

    async def _answer(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        await sfu.answer(params["peer_id"], params["sdp"])
        return {}

    async def _restart(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        return {"sdp": await sfu.restart(params["peer_id"])}

    async def _close(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        await sfu.close(params["peer_id"])
        return {}

    async def _claim(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        for watching in self._watching.values():
            if params["peer_id"] in watching:
                watching[params["peer_id"]] = params["viewer"]
        return {}

    async def _cut(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        viewers = set(params["viewers"])
        return await self._hang_up(sfu, params["live_session_id"], viewers.__contains__)

    async def _cut_all_but(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        viewer = params["viewer"]
        return await self._hang_up(sfu, params["live_session_id"], lambda each: each != viewer)

    async def _hang_up(
        self, sfu: Sfu, live_session_id: str, may_not: Callable[[str | None], bool]
    ) -> dict[str, Any]:
        watching = self._watching.get(live_session_id, {})
        for peer_id in [peer_id for peer_id, viewer in watching.items() if may_not(viewer)]:
            await sfu.close(peer_id)
        return {}

    def _forget(self, live_session_id: str, peer_id: str) -> None:
        watching = self._watching.get(live_session_id)
        if watching is not None:
            watching.pop(peer_id, None)
            if not watching:
                del self._watching[live_session_id]

    async def _end(self, sfu: Sfu, params: dict[str, Any]) -> dict[str, Any]:
        sfu.end_source(params["live_session_id"])
        return {}

    def _peer_id(self) -> str:
        return f"{self._incarnation}.{self._new_peer_id()}"


async def _until_done(act: Callable[[], Awaitable[None]]) -> None:
    """Do it again until Redis takes it; each of these acts may be done twice."""
    while True:
        try:
            await act()
            return
        except BusUnavailable as error:
            log.warning("media_news_delayed", reason=str(error))
            await asyncio.sleep(_RETRY_S)
