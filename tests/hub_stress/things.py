"""Outward payloads that carry a number, so that whoever hears them can be checked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from signaling import payloads as wire
from signaling.rooms import Kind, Room
from tests.signaling.hub_under_test import LIVE, PERSON, ROOM

EPOCH = "stress"
# The bus counts from one, these scenarios from zero.
BEFORE_FIRST = 1
MODERATORS = Room(Kind.MODERATORS, LIVE)


def live_room(number: int) -> Room:
    return Room(Kind.LIVE_SESSION, UUID(int=1000 + number))


def pin(offset: int, room: Room = ROOM) -> wire.ProductPinned:
    """Of the lane *now*."""
    return wire.ProductPinned(
        live_session_id=room.id,
        epoch=EPOCH,
        offset=offset + BEFORE_FIRST,
        product_id=UUID(int=offset),
    )


def said(offset: int, room: Room = ROOM, *, is_host: bool = True) -> wire.ChatPosted:
    """Of the lane *chat*. Messages of the host are always shown."""
    message = wire.PostedMessage(
        id=UUID(int=offset),
        text=f"message {offset}",
        name="Meera",
        role="influencer" if is_host else "customer",
        is_host=is_host,
        sent_at_ms=0,
        author_id=PERSON,
        offset=offset + BEFORE_FIRST,
    )
    return wire.ChatPosted(
        live_session_id=room.id, epoch=EPOCH, offset=message.offset, messages=(message,)
    )


def stocked(offset: int, variant: int, room: Room = ROOM) -> wire.StockChanged:
    """Of the lane *count*."""
    return wire.StockChanged(
        live_session_id=room.id,
        epoch=EPOCH,
        offset=offset + BEFORE_FIRST,
        product_id=UUID(int=1),
        variant_id=UUID(int=variant),
        stock=offset,
    )


def viewers(count: int, room: Room = ROOM) -> wire.ViewersCounted:
    """Of the lane *state*."""
    return wire.ViewersCounted(live_session_id=room.id, viewers=count)


def number(payload: Any) -> int:
    """Which one of these it is, as it came over the wire."""
    return int(payload["offset"]) - BEFORE_FIRST
