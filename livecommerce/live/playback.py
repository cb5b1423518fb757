"""Whose video it is: media processes are told who may watch no more, and what is over.

Video goes past the hubs, and a peer outlives the socket that asked for it. Whoever is banned, or
may not see a live session that has become private, would therefore go on watching. So would they
who watch, and whoever sends, after the end: a page stops by itself, another program need not. Every
hub that hosts the live session hears of each of these and tells the media process that carries it;
told twice it is done once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final
from uuid import UUID

import structlog
from prometheus_client import Counter

from livecommerce.bus import BusUnavailable, RemoteRefused
from livecommerce.live.video import NodeSilent, Video
from signaling.refusals import Refused

log = structlog.get_logger(__name__)

_RETRY_S: Final = 0.5
# A media process that is not heard of for so many tries is dead, and its peers with it.
_SILENT_MAX: Final = 60
# Beyond it nothing more is told: so many wait only while Redis has been away for long.
_WAITING_MAX: Final = 1_000
# Of one connection in one live session; a page has one, and for a moment two.
_PEERS_MAX: Final = 4

UNTOLD: Final = Counter(
    "livecommerce_playback_untold_total",
    "Orders to cut somebody's video off that no media process was told",
    ["reason"],
)


class Playback:
    """Nothing here waits, except what runs beside it until `close`."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self._peers: dict[str, dict[UUID, list[str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- who watches

    def watches(self, connection_id: str, live_session_id: UUID, peer_id: str) -> None:
        """A connection that has joined has got a peer."""
        peers = self._peers.setdefault(connection_id, {}).setdefault(live_session_id, [])
        peers.append(peer_id)
        del peers[:-_PEERS_MAX]

    def leave(self, connection_id: str, live_session_id: UUID) -> None:
        """It is no longer there; its peer may be."""
        joined = self._peers.get(connection_id)
        if joined is not None:
            joined.pop(live_session_id, None)
            if not joined:
                del self._peers[connection_id]

    def identify(self, connection_id: str, user_id: UUID) -> None:
        """Who has watched by this connection has said who they are."""
        for peers in self._peers.get(connection_id, {}).values():
            for peer_id in peers:
                self._tell(lambda peer_id=peer_id: self._video.claim(peer_id, user_id))  # type: ignore[misc]

    # ---- who may not

    def cut(self, live_session_id: UUID, user_ids: Collection[UUID]) -> None:
        """These people watch no more."""
        if user_ids:
            self._tell(lambda: self._video.cut(live_session_id, user_ids))

    def cut_all_but(self, live_session_id: UUID, user_id: UUID) -> None:
        self._tell(lambda: self._video.cut_all_but(live_session_id, user_id))

    def end(self, live_session_id: UUID) -> None:
        """Nobody sends or watches any more."""
        self._tell(lambda: self._video.end(live_session_id))

    # ----

    def _tell(self, act: Callable[[], Awaitable[None]]) -> None:
        if len(self._tasks) >= _WAITING_MAX:
            UNTOLD.labels("too_many").inc()
            log.error("playback_untold", reason="too many wait")
            return
        task = asyncio.create_task(_told(act))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


async def _told(act: Callable[[], Awaitable[None]]) -> None:
    """Do it, until Redis and the media process let it be done."""
    silent = 0
    while silent < _SILENT_MAX:
        try:
            await act()
            return
        except (Refused, RemoteRefused) as refused:
            UNTOLD.labels("refused").inc()
            log.error("playback_untold", reason=str(refused))
            return
        except NodeSilent:
            silent += 1
        except BusUnavailable as error:
            log.warning("playback_delayed", reason=str(error))
        await asyncio.sleep(_RETRY_S)
