"""The session bus: what a live session's viewers hear, in one order on every process.

Whatever they hear is appended to the live session's stream and published on its channel by one
script, which gives it an offset; every hub process, the sender included, delivers on receipt. So
all processes deliver the same events in the same order. A process that sees an offset missing, or
whose subscription was interrupted, reads what it missed from the stream; when the stream no longer
holds it, or its epoch is another (Redis lost its data), the reader is told to start again. Every
publish carries an id, so that a repeated one is one event.

While Redis is away, what a process says is heard by its own viewers, under an epoch of the process,
and is appended when Redis is back: the others hear it then, and whoever has heard it knows it by
its id.

Keys of one live session share the hash tag `{live_session_id}`, so they share a slot of a cluster,
and their channel is a sharded one, so that in a cluster only that slot's node carries it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import orjson
import structlog

from livecommerce.bus.client import BusConfig, BusUnavailable, Redis
from livecommerce.bus.listener import Listener
from livecommerce.bus.subscription import OnFact, OnMove, OnReset, Subscription
from livecommerce.facts import Fact, Position

log = structlog.get_logger(__name__)

_RECONNECT_FIRST_S: Final = 0.05
_RECONNECT_MAX_S: Final = 2.0
# How soon a subscription that went deaf unnoticed is found out.
_COMPARE_EVERY_S: Final = 10.0
# How long somebody who says something waits for Redis before it is said here only.
_PATIENCE_S: Final = 0.4
# After a failure nobody waits for another one for so long.
_AWAY_S: Final = 1.0
# Chat of some seconds in a busy room. Beyond it, saying something is refused. Less than the
# messages of which a room knows the ids: by these it knows its own again.
_UNSAID_MAX: Final = 200
OnWord = Callable[[UUID, str, dict[str, Any]], None]
_PEOPLE: Final = "people"


@dataclass(frozen=True, slots=True)
class _Unsaid:
    """What only this process has heard. here: its place in this process's own epoch."""

    name: str
    data: dict[str, Any]
    here: Position


@dataclass(frozen=True, slots=True)
class Said:
    """is_new: nothing was said under this publish id before."""

    position: Position
    is_new: bool


class SessionBus:
    """Appends to live sessions and hears those that this process hosts.

    new_epoch: makes a name that no other epoch had.
    """

    def __init__(
        self, redis: Redis, listener: Listener, config: BusConfig, new_epoch: Callable[[], str]
    ) -> None:
        self._redis = redis
        self._listener = listener
        self._config = config
        self._new_epoch = new_epoch
        self._subscriptions: dict[UUID, Subscription] = {}
        self._on_word: OnWord | None = None
        self._away_until_s = 0.0
        self._unsaid: dict[UUID, dict[str, _Unsaid]] = {}
        """Of each live session by publish id what only this process has heard, oldest first."""

    async def append(
        self,
        live_session_id: UUID,
        name: str,
        data: dict[str, Any],
        publish_id: str,
        version: int | None = None,
    ) -> Position:
        """Make something known to everyone in the live session; its place on the bus.

        publish_id: the same id within ten minutes is the same event. Raises BusUnavailable, after
        which the same call may be made again.
        """
        said = await self._append(live_session_id, name, data, publish_id, version)
        return said.position

    async def _append(
        self,
        live_session_id: UUID,
        name: str,
        data: dict[str, Any],
        publish_id: str,
        version: int | None,
    ) -> Said:
        event: dict[str, Any] = {"n": name, "d": data}
        if version is not None:
            event["v"] = version
        meta, stream = _keys(live_session_id)
        answer = await self._redis.effect(
            "bus_append",
            [meta, stream, f"bus:{{{live_session_id}}}:seen:{publish_id}"],
            [
                self._new_epoch(),
                orjson.dumps(event),
                _channel(live_session_id),
                self._config.stream_max,
                self._config.keep_s,
                self._config.dedupe_s,
            ],
        )
        return Said(_position(answer), is_new=answer.endswith(b"|1"))

    @property
    def is_away(self) -> bool:
        """Redis did not answer just now, or nothing is heard from it."""
        return self._has_failed or not self._listener.is_connected

    @property
    def _has_failed(self) -> bool:
        return asyncio.get_running_loop().time() < self._away_until_s

    async def say(
        self, live_session_id: UUID, name: str, data: dict[str, Any], publish_id: str
    ) -> Said:
        """Like `append`; while Redis is away, to those whom this process serves, and to the others
        when it is back. Raises BusUnavailable when nobody can hear it here, or too much waits.
        """
        give_up_s = asyncio.get_running_loop().time() + _PATIENCE_S
        while not self._has_failed:
            try:
                # Said again it is still said once: a broken connection changes nobody's order.
                return await self._append(live_session_id, name, data, publish_id, None)
            except BusUnavailable as error:
                now_s = asyncio.get_running_loop().time()
                if now_s >= give_up_s:
                    log.warning("said_here_only", reason=str(error))
                    self._away_until_s = now_s + _AWAY_S
                    break
                await asyncio.sleep(_RECONNECT_FIRST_S)
        unsaid = self._unsaid.get(live_session_id, {})
        if publish_id in unsaid:
            return Said(unsaid[publish_id].here, is_new=False)
        if len(unsaid) >= _UNSAID_MAX:
            raise BusUnavailable("too much waits for Redis")
        here = self.tell_here(live_session_id, name, data)
        self._unsaid.setdefault(live_session_id, unsaid)[publish_id] = _Unsaid(name, data, here)
        return Said(here, is_new=True)

    def tell_here(
        self, live_session_id: UUID, name: str, data: dict[str, Any], version: int | None = None
    ) -> Position:
        """Tell a fact to those whom this process serves, which the others hear later. Raises
        BusUnavailable when it serves nobody there."""
        subscription = self._subscriptions.get(live_session_id)
        if subscription is None or subscription.last is None or subscription.is_lost:
            raise BusUnavailable("Redis is away")
        position = subscription.deliver_here(name, data, version, self._new_epoch)
        self._start_fill(live_session_id, subscription)
        return position

    async def _say_unsaid(self, live_session_id: UUID) -> None:
        """What only this process has heard, now that Redis is back; what fails is kept."""
        unsaid = self._unsaid.get(live_session_id, {})
        for publish_id, each in list(unsaid.items()):
            try:
                await self.append(live_session_id, each.name, each.data, publish_id)
            except BusUnavailable:
                return
            unsaid.pop(publish_id, None)
        if not unsaid:
            self._unsaid.pop(live_session_id, None)

    async def publish_transient(
        self, live_session_id: UUID, name: str, data: dict[str, Any]
    ) -> None:
        """Make something known to whoever listens now, while Redis is away those whom this process
        serves; in no history. Raises BusUnavailable when nobody hears it."""
        if not self._has_failed:
            try:
                body = b"||" + orjson.dumps({"n": name, "d": data})
                await self._redis.publish_sharded(_channel(live_session_id), body)
                return
            except BusUnavailable:
                self._away_until_s = asyncio.get_running_loop().time() + _AWAY_S
        subscription = self._subscriptions.get(live_session_id)
        if subscription is None:
            raise BusUnavailable("Redis is away")
        subscription.on_fact(Fact(name, data, None))

    async def tell_person(self, user_id: UUID, name: str, data: dict[str, Any]) -> None:
        """Tell the connections that one person has now, on whatever process; in no history."""
        body = orjson.dumps({"u": str(user_id), "n": name, "d": data})
        await self._redis.publish(_PEOPLE, body)

    async def hear_people(self, on_word: OnWord) -> None:
        """Hear what is told to anybody; on_word gets (user id, name, data) and must not wait."""

        def take(message: bytes) -> None:
            word = orjson.loads(message)
            on_word(UUID(word["u"]), word["n"], word["d"])

        self._on_word = on_word
        await self._listener.listen(_PEOPLE, take, lambda: None)

    def tell_person_here(self, user_id: UUID, name: str, data: dict[str, Any]) -> None:
        """Tell the connections that one person has in this process."""
        if self._on_word is not None:
            self._on_word(user_id, name, data)

    async def history(self, live_session_id: UUID, count: int) -> list[Fact]:
        """The last `count` facts, oldest first."""
        epoch, entries = await self._redis.effect("bus_history", _keys(live_session_id), [count])
        newest_first = _entries(entries)
        return [_fact(epoch.decode(), offset, body) for offset, body in reversed(newest_first)]

    async def between(
        self, live_session_id: UUID, after: Position, until: Position
    ) -> list[Fact] | None:
        """The facts after one position up to another, oldest first; None when the stream no longer
        holds all of them. Raises BusUnavailable."""
        count = until.offset - after.offset
        answer = await self._redis.effect(
            "bus_since", _keys(live_session_id), [after.offset, count]
        )
        entries = _entries(answer[2])
        if answer[0].decode() != after.epoch or len(entries) != count:
            return None
        if entries[0][0] != after.offset + 1 or entries[-1][0] != until.offset:
            return None
        return [_fact(after.epoch, offset, body) for offset, body in entries]

    async def subscribe(
        self, live_session_id: UUID, on_fact: OnFact, on_reset: OnReset, on_moved: OnMove
    ) -> Position:
        """Hear a live session from the returned position on.

        on_fact: called, without waiting, for every later fact in order, each once. on_reset: called
        when facts were lost for good; subscribe again and take a snapshot. on_moved: called with
        another position from which the next facts count, and whether Redis is away; nothing was
        missed. One subscription per live session. Raises BusUnavailable.
        """
        await self.unsubscribe(live_session_id)
        subscription = Subscription(on_fact, on_reset, on_moved)
        self._subscriptions[live_session_id] = subscription
        try:
            await self._listener.listen(
                _channel(live_session_id),
                lambda message: self._take(live_session_id, subscription, message),
                lambda: self._ready(live_session_id, subscription),
                is_sharded=True,
            )
            try:
                await asyncio.wait_for(subscription.ready.wait(), 2 * self._config.socket_timeout_s)
            except TimeoutError as error:
                raise BusUnavailable("the subscription was not confirmed") from error
            position = await self._open(live_session_id)
        except BaseException:
            await self.unsubscribe(live_session_id)
            raise
        has_gap = subscription.start(position)
        if has_gap or live_session_id in self._unsaid:
            self._start_fill(live_session_id, subscription)
        return position

    async def unsubscribe(self, live_session_id: UUID) -> None:
        subscription = self._subscriptions.pop(live_session_id, None)
        if subscription is None:
            return
        subscription.is_lost = True
        if subscription.filling is not None:
            subscription.filling.cancel()
        await self._listener.forget(_channel(live_session_id))

    async def run(self) -> None:
        """Compare with the streams now and then, which heals a subscription that went deaf
        unnoticed.
        """
        while True:
            await asyncio.sleep(_COMPARE_EVERY_S)
            for live_session_id, subscription in list(self._subscriptions.items()):
                self._start_fill(live_session_id, subscription)
            for live_session_id in set(self._unsaid) - set(self._subscriptions):
                # Nobody is there any more, and it was promised.
                await self._say_unsaid(live_session_id)

    def _take(self, live_session_id: UUID, subscription: Subscription, message: bytes) -> None:
        epoch, offset, body = message.split(b"|", 2)
        if not epoch:
            if subscription.last is not None and not subscription.is_lost:
                event = orjson.loads(body)
                subscription.on_fact(Fact(event["n"], event["d"], None))
        elif subscription.take(Position(epoch.decode(), int(offset)), body):
            self._start_fill(live_session_id, subscription)

    def _ready(self, live_session_id: UUID, subscription: Subscription) -> None:
        subscription.ready.set()
        self._start_fill(live_session_id, subscription)

    def _start_fill(self, live_session_id: UUID, subscription: Subscription) -> None:
        if subscription.last is None or subscription.filling is not None or subscription.is_lost:
            return
        filling = asyncio.create_task(self._fill(live_session_id, subscription))
        subscription.filling = filling

        def end(_: asyncio.Task[None]) -> None:
            # Whatever went wrong: the next look begins another.
            if subscription.filling is filling:
                subscription.filling = None

        filling.add_done_callback(end)

    async def _fill(self, live_session_id: UUID, subscription: Subscription) -> None:
        assert subscription.last is not None
        epoch, top, entries = await self._since(live_session_id, subscription.last.offset)
        self._away_until_s = 0.0
        subscription.filling = None
        if subscription.fill(epoch.decode(), int(top), _entries(entries)):
            self._start_fill(live_session_id, subscription)
        await self._say_unsaid(live_session_id)

    async def _since(self, live_session_id: UUID, offset: int) -> list[Any]:
        """bus_since.lua's answer, however long it takes Redis to come back."""
        delay_s = _RECONNECT_FIRST_S
        while True:
            try:
                answer = await self._redis.effect(
                    "bus_since", _keys(live_session_id), [offset, self._config.stream_max * 2]
                )
                return cast(list[Any], answer)
            except BusUnavailable:
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _RECONNECT_MAX_S)

    async def _open(self, live_session_id: UUID) -> Position:
        answer = await self._redis.effect(
            "bus_open", _keys(live_session_id), [self._new_epoch(), self._config.keep_s]
        )
        return _position(answer)


def _keys(live_session_id: UUID) -> tuple[str, str]:
    return f"bus:{{{live_session_id}}}:meta", f"bus:{{{live_session_id}}}:stream"


def _channel(live_session_id: UUID) -> str:
    return f"bus:{{{live_session_id}}}"


def _position(answer: bytes) -> Position:
    epoch, offset, *_ = answer.decode().split("|")
    return Position(epoch, int(offset))


def _fact(epoch: str, offset: int, body: bytes) -> Fact:
    event = orjson.loads(body)
    return Fact(event["n"], event["d"], Position(epoch, offset), event.get("v"))


def _entries(entries: list[Any]) -> list[tuple[int, bytes]]:
    return [(int(entry[0].split(b"-")[0]), entry[1][1]) for entry in entries]
