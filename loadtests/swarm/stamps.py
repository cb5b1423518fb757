"""When the server said what is in an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def told_at_ms(event: str, payload: Mapping[str, Any]) -> Iterator[float]:
    """By the server's clock, once per thing said; nothing for events that do not say it."""
    if event == "chat.posted":
        for message in payload["messages"]:
            yield message["sent_at_ms"]
    elif event == "chat.announced":
        yield payload["message"]["sent_at_ms"]
