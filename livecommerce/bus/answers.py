"""How a live session's bus is named in Redis, and what the scripts answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from livecommerce.facts import Fact, Position


def keys_of(live_session_id: UUID) -> tuple[str, str]:
    return f"bus:{{{live_session_id}}}:meta", f"bus:{{{live_session_id}}}:stream"


def channel_of(live_session_id: UUID) -> str:
    return f"bus:{{{live_session_id}}}"


def position_of(answer: bytes) -> Position:
    epoch, offset, *_ = answer.decode().split("|")
    return Position(epoch, int(offset))


def fact_of(epoch: str, offset: int, body: bytes) -> Fact:
    event = orjson.loads(body)
    return Fact(event["n"], event["d"], Position(epoch, offset), event.get("v"))


def entries_of(entries: list[Any]) -> list[tuple[int, str, bytes]]:
    """Of each its offset, mark and body."""
    return [
        (int(id.split(b"-")[0]), fields[3].decode() if len(fields) > 3 else "", fields[1])
        for id, fields in entries
    ]
