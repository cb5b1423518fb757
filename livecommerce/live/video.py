"""The hub's way to the media processes: which one carries a live session, and calls to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import orjson

from livecommerce.bus import BusUnavailable, Redis, Rpc
from livecommerce.media_registry import NODES_KEY, NodeInfo, node_key, source_key
from signaling import payloads as wire
from signaling.refusals import Refused

# An answer takes single milliseconds; a node that needs this long is dead or drowning.
_CALL_TIMEOUT_S: Final = 3.0


class NodeSilent(BusUnavailable):
    """Redis answers, and no media process of that name does: dead, or frozen."""


class Video:
    """Finds nodes and calls them. Every method raises Refused, or RemoteRefused of the node, or
    BusUnavailable.
    """

    def __init__(self, redis: Redis, rpc: Rpc) -> None:
        self._redis = redis
        self._rpc = rpc

    async def media_of(self, live_session_id: UUID) -> wire.Media:
        """Who carries the live session, and whether there is a picture."""
        record = await self._record(live_session_id)
        return wire.Media(source=record.get("source"), available=record.get("available") == "1")

    async def publish(
        self, live_session_id: UUID, sdp: str, continues: str | None
    ) -> wire.PublishOk:
        """The answer for a broadcast, on the node that has it already, else the emptiest one.

        continues: see WebrtcPublish. Refused media.elsewhere.
        """
        nodes = await self._nodes()
        if not nodes:
            raise Refused(
                "service.unavailable", "Video is not available right now. Please try again.", 1
            )
        source = (await self._record(live_session_id)).get("source")
        current = [node for node in nodes if node.incarnation == source]
        node = current[0] if current else min(nodes, key=lambda n: (n.sources, n.subscribers))
        params = {"live_session_id": str(live_session_id), "sdp": sdp, "continues": continues}
        answer = await self._call(node.incarnation, "publish", params)
        return wire.PublishOk(peer_id=answer["peer_id"], sdp=answer["sdp"])

    async def watch(self, live_session_id: UUID, viewer: UUID | None) -> wire.WatchOk:
        """An offer to a viewer, None for who is not signed in. Refused media.no_source while there
        is no picture."""
        record = await self._record(live_session_id)
        source = record.get("source")
        if source is None or record.get("available") != "1":
            raise Refused("media.no_source", "The video has not started yet.", 1)
        params = {"live_session_id": str(live_session_id), "viewer": _text(viewer)}
        try:
            answer = await self._call(source, "watch", params)
        except BusUnavailable as error:
            # The process that had it is gone, or frozen: the same to a viewer.
            raise Refused("media.no_source", "The video is coming back.", 1) from error
        return wire.WatchOk(peer_id=answer["peer_id"], source=answer["source"], sdp=answer["sdp"])

    async def answer(self, peer_id: str, sdp: str) -> None:
        await self._call_peer(peer_id, "answer", {"peer_id": peer_id, "sdp": sdp})

    async def restart(self, peer_id: str) -> str:
        answer = await self._call_peer(peer_id, "restart", {"peer_id": peer_id})
        sdp: str = answer["sdp"]
        return sdp

    async def close(self, peer_id: str) -> None:
        """Hang up; a peer that is gone with its process is hung up already."""
        try:
            await self._call_peer(peer_id, "close", {"peer_id": peer_id})
        except Refused:
            return

    async def end(self, live_session_id: UUID) -> None:
        """Take the live session off its node, publisher and viewers with it. May raise NodeSilent,
        as those below."""
        await self._tell_node(live_session_id, "end", {})

    async def claim(self, peer_id: str, viewer: UUID) -> None:
        """Say who watches by a peer; nothing where it is gone."""
        incarnation = peer_id.partition(".")[0]
        await self._told(incarnation, "claim", {"peer_id": peer_id, "viewer": str(viewer)})

    async def cut(self, live_session_id: UUID, viewers: Collection[UUID]) -> None:
        """Hang up on these people."""
        await self._tell_node(live_session_id, "cut", {"viewers": [str(each) for each in viewers]})

    async def cut_all_but(self, live_session_id: UUID, viewer: UUID) -> None:
        """Hang up on everybody else, also on who is not signed in."""
        await self._tell_node(live_session_id, "cut_all_but", {"viewer": str(viewer)})

    async def _tell_node(self, live_session_id: UUID, method: str, params: dict[str, Any]) -> None:
        """Where nobody has it, nobody watches it."""
        source = (await self._record(live_session_id)).get("source")
        if source is not None:
            params = {"live_session_id": str(live_session_id)} | params
            await self._told(source, method, params)

    async def _told(self, incarnation: str, method: str, params: dict[str, Any]) -> None:
        try:
            await self._call(incarnation, method, params)
        except BusUnavailable as error:
            if all(node.incarnation != incarnation for node in await self._nodes()):
                raise NodeSilent(f"{incarnation} is gone") from error
            raise

    async def _call_peer(self, peer_id: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        incarnation, dot, _ = peer_id.partition(".")
        if not dot:
            raise Refused("media.no_peer", "This connection to the video is over.")
        try:
            return await self._call(incarnation, method, params)
        except BusUnavailable as error:
            raise Refused("media.no_peer", "This connection to the video is over.") from error

    async def _call(self, incarnation: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return await self._rpc.call(incarnation, method, params, _CALL_TIMEOUT_S)

    async def _record(self, live_session_id: UUID) -> dict[str, str]:
        fields: dict[bytes, bytes] = await self._redis.repeatable(
            "HGETALL", source_key(live_session_id)
        )
        return {field.decode(): value.decode() for field, value in fields.items()}

    async def _nodes(self) -> list[NodeInfo]:
        names = sorted(
            name.decode() for name in await self._redis.repeatable("SMEMBERS", NODES_KEY)
        )
        if not names:
            return []
        # One by one: in a cluster their keys are in different slots.
        found = await self._redis.repeatable_all([("GET", node_key(name)) for name in names])
        return [NodeInfo(**orjson.loads(info)) for info in found if info is not None]


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
