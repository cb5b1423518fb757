"""What a live session's viewers heard in the last two minutes, for those who were away meanwhile.

Each hub process keeps, beside the state of a room, the announcements that it made, ready for the
wire. Whoever comes back says up to where it had heard; it gets all that came after, in order, or,
when that is no longer known without a hole, a snapshot: never a part. What a process does not
hold because it hosts the room for a shorter time is read from the stream of the bus.

An answer is a page: who has missed more asks again from where the page ends, and hears the room
from the last page on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final
from uuid import UUID

import orjson
from pydantic import PrivateAttr

from livecommerce.facts import Position
from livecommerce.live.room import Announcement
from signaling import payloads as wire
from signaling.chat_payloads import ChatAnnounced, ChatMessage, ChatPinned, ChatPosted

# Two minutes and the time that a phone takes to notice and to connect.
KEPT_S: Final = 150.0
# Forty a second for two minutes; about 1.5 MB.
KEPT_MAX: Final = 5_000
# What a slow viewer may lag behind anyway; a phone on a weak network reads it in a second or two.
PAGE_BYTES: Final = 128 * 1024
# Whoever was cut off together asks for the same; 64 of the largest are 8 MB.
_PAGES_MAX: Final = 64


# Beyond it, what came before is not read from the bus any more.
_GONE_MAX: Final = 1_000

# People of whom others do not see what they write; a room that has more looks through its past.
_HIDDEN_MAX: Final = 1_000

IsGone = Callable[[ChatMessage], bool]


@dataclass(frozen=True, slots=True)
class Past:
    """One step of a room. event: `{"name", "payload"}`; empty when nothing was told. message: what
    was said with it. told_at: where it was told before, to those only whom this process
    served then.
    """

    position: Position
    at_s: float
    event: bytes
    is_for_moderators: bool
    message: ChatMessage | None = None
    told_at: Position | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """events: JSON, in order. position: where they lead. is_complete: nothing came after."""

    events: bytes
    position: Position
    is_complete: bool


def past_of(position: Position, announcement: Announcement | None, at_s: float) -> Past:
    if announcement is None:
        return Past(position, at_s, b"", is_for_moderators=False)
    payload = announcement.payload.model_dump_json().encode()
    event = b'{"name":%b,"payload":%b}' % (orjson.dumps(announcement.name), payload)
    message = _message_of(announcement.payload)
    return Past(position, at_s, event, announcement.is_for_moderators, message)


def _message_of(payload: wire.Wire) -> ChatMessage | None:
    if isinstance(payload, ChatPosted):
        return payload.messages[0]
    return payload.message if isinstance(payload, ChatAnnounced | ChatPinned) else None


class Recovery:
    """The past of one room in one process, without a hole. Bounded by KEPT_S and KEPT_MAX.

    start: where the room stands before anything is added. is_all: what came before it must not be
    told, because something else changed then.
    """

    def __init__(self, start: Position, *, is_all: bool = False) -> None:
        self.is_all = is_all
        self._start = start
        self._past: deque[Past] = deque()
        self._first = 0
        self._numbers: dict[Position, int] = {start: -1}
        """Of each position the number of the step that led there, counted from the first that was
        ever added."""
        self._pages: dict[tuple[Position, bool, UUID | None], Page | None] = {}
        """Of what was asked since the last step."""
        self._hidden: set[UUID] = set()
        """Who wrote what others do not see; may hold some of whom nothing is left."""
        self._out_of_reach = -1
        self._gone: list[IsGone] = []
        """What was taken back, for steps that are prepended."""

    @property
    def start(self) -> Position:
        """The oldest position from which this process knows all."""
        return self._start

    def may_reach(self, position: Position) -> bool:
        """Whether the bus may know all between a position and the start."""
        start = self._start
        return (
            not self.is_all
            and position.epoch == start.epoch
            and self._out_of_reach < position.offset < start.offset
            and start.offset - position.offset <= KEPT_MAX
        )

    def give_up(self, position: Position) -> None:
        """The bus does not know it; so for all before, and nobody need ask again."""
        self._out_of_reach = max(self._out_of_reach, position.offset)

    def add(self, past: Past) -> None:
        self._pages.clear()
        # After a move it may stand where it stood before; who stood there then lacks more.
        self._numbers.setdefault(past.position, self._first + len(self._past))
        self._past.append(past)
        self._note_hidden(past)
        while len(self._past) > KEPT_MAX or self._past[0].at_s < past.at_s - KEPT_S:
            self._forget_oldest()

    def prepend(self, start: Position, steps: list[Past]) -> None:
        """What led from `start` to where this process begins."""
        assert steps and steps[-1].position == self._start, "the steps lead to what is known"
        self._pages.clear()
        for step in reversed(steps):
            for is_gone in self._gone:
                step = taken_back(step, is_gone)
            self._numbers[step.position] = self._first - 1
            self._first -= 1
            self._past.appendleft(step)
            self._note_hidden(step)
        self._numbers[start] = self._first - 1
        self._start = start
        while len(self._past) > KEPT_MAX:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        # The bus need not be asked for what is too old to be told.
        self.is_all = True
        oldest = self._past.popleft()
        self._first += 1
        if self._numbers.get(self._start, self._first) < self._first - 1:
            del self._numbers[self._start]
        self._start = oldest.position

    def take_back(self, is_gone: IsGone) -> None:
        """Nobody hears any more of messages that are gone."""
        self._pages.clear()
        for index, step in enumerate(self._past):
            self._past[index] = taken_back(step, is_gone)
        self._gone.append(is_gone)
        if len(self._gone) > _GONE_MAX:
            self._gone.clear()
            self.is_all = True

    def since(
        self, position: Position, *, for_moderator: bool, user_id: UUID | None = None
    ) -> Page | None:
        """What came after; None when that is not known without a hole. user_id: of who asks, who
        is not to notice that others do not see what they write."""
        asked = position, for_moderator, user_id if user_id in self._hidden else None
        if asked not in self._pages:
            if len(self._pages) >= _PAGES_MAX:
                self._pages.clear()
            self._pages[asked] = self._page(*asked)
        return self._pages[asked]

    def _of(self, position: Position) -> int:
        """The number of the step that led there, or of what is forgotten."""
        return self._numbers.get(position, self._first - 1)

    def _note_hidden(self, past: Past) -> None:
        author_id = _hidden_author(past)
        if author_id is not None:
            if len(self._hidden) >= _HIDDEN_MAX:
                self._hidden = {each for each in map(_hidden_author, self._past) if each}
            self._hidden.add(author_id)

    def _page(self, position: Position, for_moderator: bool, hidden_id: UUID | None) -> Page | None:
        number = self._numbers.get(position)
        if number is None:
            return None
        events: list[bytes] = []
        size, epoch = 0, position.epoch
        for step in islice(self._past, number + 1 - self._first, None):
            if step.told_at and step.told_at.epoch != epoch and number >= self._of(step.told_at):
                # Who stands there may have been another process's when that was told.
                return None
            event = _told(step, for_moderator, hidden_id)
            if event:
                if events and size + len(event) > PAGE_BYTES:
                    return Page(_listed(events), position, is_complete=False)
                events.append(event)
                size += len(event)
            position = step.position
        return Page(_listed(events), position, is_complete=True)


def taken_back(step: Past, is_gone: IsGone) -> Past:
    if step.message is None or not is_gone(step.message):
        return step
    return replace(step, event=_in_its_place(step), message=None)


def _in_its_place(step: Past) -> bytes:
    """Nothing; where it was pinned, that what was pinned before is so no more."""
    if not step.event.startswith(b'{"name":"chat.pinned"'):
        return b""
    payload = orjson.loads(step.event)["payload"]
    del payload["message"]
    return b'{"name":"chat.unpinned","payload":%b}' % orjson.dumps(payload)


def _hidden_author(step: Past) -> UUID | None:
    return step.message.author_id if step.is_for_moderators and step.message else None


def _told(step: Past, for_moderator: bool, hidden_id: UUID | None) -> bytes:
    if for_moderator or not step.is_for_moderators:
        return step.event
    if hidden_id is None or _hidden_author(step) != hidden_id:
        return b""
    event = orjson.loads(step.event)
    for message in event["payload"]["messages"]:
        message["marks"].remove("hidden")
    return orjson.dumps(event)


def _listed(events: list[bytes]) -> bytes:
    return b"[" + b",".join(events) + b"]"


class EncodedRecovered(wire.Recovered):
    """An answer whose events are encoded already: of a thousand who come back at once, each gets
    the same."""

    _events: bytes = PrivateAttr(default=b"[]")

    def with_events(self, events: bytes) -> EncodedRecovered:
        self._events = events
        return self

    def model_dump_json(self, **_options: object) -> str:
        rest = super().model_dump_json(exclude={"events"})
        return f'{{"events":{self._events.decode()},{rest[1:]}'
