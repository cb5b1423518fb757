"""A viewer that understands all it hears, and that knows after a loss what it has missed.

It does what the page does: remember the position of the last event, come back by `session.recover`,
and take what was missed, page by page, or a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from loadtests.swarm.tally import Tally
from loadtests.swarm.viewer import Viewer
from loadtests.swarm.wire import event_frame


@dataclass(slots=True)
class Journey:
    """What one person has heard over all connections.

    message_ids: of the chat, in the order in which they came. first: from which position on.
    """

    live_session_id: UUID
    position: dict[str, Any] | None = None
    message_ids: list[str] = field(default_factory=list)
    recovered: int = 0
    snapshots: int = 0
    disorder: int = 0
    """Messages that came behind a later one."""
    _last_offset: int = -1

    def way_in(self) -> tuple[str, dict[str, Any]]:
        """The first event of the next connection."""
        this = {"live_session_id": str(self.live_session_id)}
        if self.position is None:
            return "session.join", this
        return "session.recover", this | {"position": self.position}

    def hear(self, name: str, payload: dict[str, Any]) -> None:
        """An event, as it was told or as it was missed."""
        if "epoch" in payload and "offset" in payload:
            self.position = {"epoch": payload["epoch"], "offset": payload["offset"]}
        if name == "chat.posted":
            for message in payload["messages"]:
                self.disorder += message["offset"] <= self._last_offset
                self._last_offset = message["offset"]
                self.message_ids.append(message["id"])

    def take(self, answer: dict[str, Any]) -> bool:
        """The answer to the way in; whether that was all, and the room is heard from now on."""
        snapshot = answer.get("snapshot")
        if snapshot is not None or "live_session" in answer:
            # What was before is unknown: nothing can be said about it.
            self.snapshots += snapshot is not None
            self.message_ids.clear()
            self.position = (snapshot or answer)["position"]
            self._last_offset = -1
            return True
        for event in answer["events"]:
            self.hear(event["name"], event["payload"])
        self.position = answer["position"]
        self.recovered += bool(answer["is_complete"])
        return bool(answer["is_complete"])


class Follower(Viewer):
    """One connection of a journey."""

    __slots__ = ("_journey",)

    def __init__(self, tally: Tally, greeting: bytes, connect: bytes, journey: Journey) -> None:
        join = event_frame(0, *journey.way_in())
        super().__init__(tally, greeting, connect, join, is_sampled=True)
        self._journey = journey

    def _let_in(self, message: bytes) -> None:
        if message.startswith(b"430"):
            answer = orjson.loads(message[3:])[0]["ok"]
            if not self._journey.take(answer):
                self.send(event_frame(0, *self._journey.way_in()))
                return
        super()._let_in(message)

    def _hear(self, message: bytes) -> None:
        name, *arguments = orjson.loads(message[message.index(b"[") :])
        self._journey.hear(name, arguments[0] if arguments else {})
