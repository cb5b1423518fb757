"""Which media processes there are, and which live session is on which: names and keys in Redis.

Redis keys: `media:nodes` (names), `media:node:{name}` (JSON of NodeInfo, gone 5 s after the last
heartbeat), `media:{live_session_id}` (hash: source, node, available), `media:owned:{name}` (live
session -> source).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

NODES_KEY: Final = "media:nodes"


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A media process as the hubs see it."""

    name: str
    incarnation: str
    subscribers: int
    sources: int


def node_key(name: str) -> str:
    return f"media:node:{name}"


def source_key(live_session_id: UUID) -> str:
    return f"media:{{{live_session_id}}}"
