"""The session bus: what a live session's viewers hear, in one order on every process.

Whatever they hear is appended to the live session's stream and published on its channel by one
script, which gives it an offset; every hub process, the sender included, delivers on receipt. So
all processes deliver the same events in the same order. A process that sees an offset missing, or
whose subscription was interrupted, reads what it missed from the stream; when the stream no longer
holds it, the reader is told to start again. Every publish carries an id, so that a repeated one is
one event.

A Redis that was killed, or whose replica took over, may have lost the latest of what was told. An
event therefore has a mark, which stands for it and all before it; whoever reads what it missed says
the mark of the last that it knows. A server that was started since, or a mark that is another one,
begins a new epoch: a process whose mark is right goes on in it, any other starts again, and no
viewer comes back to an offset that means something else now.

While Redis is away, what a process says is heard by its own viewers, under an epoch of the process,
and is appended when Redis is back: the others hear it then, and whoever has heard it knows it by
its publish id.

Keys of one live session share the hash tag `{live_session_id}`, so they share a slot of a cluster,
and their channel is a sharded one, so that in a cluster only that slot's node carries it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import orjson
import structlog

from livecommerce.bus.answers import channel_of, entries_of, fact_of, keys_of, position_of
from livecommerce.bus.client import BusConfig, BusUnavailable, Redis
from livecommerce.bus.listener import Listener
from livecommerce.bus.subscription import Entry, OnFact, OnMove, OnReset, Subscription
from livecommerce.bus.unsaid import Unsaid
from livecommerce.facts import HOLE, Fact, Position

log = structlog.get_logger(__name__)

_RECONNECT_FIRST_S: Final = 0.05
_RECONNECT_MAX_S: Final = 2.0
# How soon a subscription that went deaf unnoticed is found out.
_COMPARE_EVERY_S: Final = 10.0
# How long somebody who says something waits for Redis before it is said here only.
_PATIENCE_S: Final = 0.4
# After a failure nobody waits for another one for so long.
_AWAY_S: Final = 1.0
OnWord = Callable[[UUID, str, dict[str, Any]], None]
_PEOPLE: Final = "people"


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
        self._unsaid: dict[UUID, Unsaid] = {}

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
        event: dict[str, Any] = {"n": name, "d": data, "p": publish_id}
        if version is not None:
            event["v"] = version
        meta, stream = keys_of(live_session_id)
        answer = await self._redis.effect(
            "bus_append",
            [meta, stream, f"bus:{{{live_session_id}}}:seen:{publish_id}"],
            [
                self._new_epoch(),
                orjson.dumps(event),
                channel_of(live_session_id),
                self._config.stream_max,
                self._config.keep_s,
                self._config.dedupe_s,
            ],
        )
        return Said(position_of(answer), is_new=answer.endswith(b"|1"))

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
        when it is back. Raises BusUnavailable when nobody can hear it here.
        """
        give_up_s = asyncio.get_running_loop().time() + _PATIENCE_S
        while not self._has_failed:
            try:
                # What was said before comes before it, also for the others.
                await self._say_unsaid(live_session_id)
                # Said again it is still said once: a broken connection changes nobody's order.
                return await self._append(live_session_id, name, data, publish_id, None)
            except BusUnavailable as error:
                now_s = asyncio.get_running_loop().time()
                if now_s >= give_up_s:
                    log.warning("said_here_only", reason=str(error))
                    self._away_until_s = now_s + _AWAY_S
                    break
                await asyncio.sleep(_RECONNECT_FIRST_S)
        unsaid = self._unsaid.get(live_session_id)
        if unsaid is not None and (before := unsaid.place_of(publish_id)) is not None:
            return Said(before, is_new=False)
        here = self.tell_here(live_session_id, name, data, publish_id)
        if unsaid is None:
            unsaid = self._unsaid[live_session_id] = Unsaid(self._config.dedupe_s, self._new_epoch)
        unsaid.add(publish_id, name, data, here, asyncio.get_running_loop().time())
        return Said(here, is_new=True)

    def tell_here(
        self,
        live_session_id: UUID,
        name: str,
        data: dict[str, Any],
        publish_id: str,
        version: int | None = None,
    ) -> Position:
        """Tell a fact to those whom this process serves, which the bus will tell later. Raises
        BusUnavailable when it serves nobody there."""
        subscription = self._subscriptions.get(live_session_id)
        if subscription is None or subscription.last is None or subscription.is_lost:
            raise BusUnavailable("Redis is away")
        position = subscription.deliver_here(name, data, publish_id, version, self._new_epoch)
        self._start_fill(live_session_id, subscription)
        return position

    async def _say_unsaid(self, live_session_id: UUID) -> None:
        """What only this process has heard, now that Redis is back. Raises BusUnavailable, and what
        fails is kept."""
        unsaid = self._unsaid.get(live_session_id)
        if unsaid is None:
            return
        async with unsaid.turn:
            if self._has_failed:
                # Whoever waited for a turn would wait for Redis one after the other.
                raise BusUnavailable("Redis is away")
            while unsaid:
                unsaid.give_up(asyncio.get_running_loop().time())
                if unsaid.hole is not None:
                    hole = unsaid.hole
                    await self.append(live_session_id, HOLE, {}, hole)
                    unsaid.fill_hole(hole)
                for publish_id, word in unsaid.waiting():
                    await self.append(live_session_id, word.name, word.data, publish_id)
                    unsaid.remove(publish_id)
        if not unsaid and self._unsaid.get(live_session_id) is unsaid:
            self._unsaid.pop(live_session_id, None)

    async def publish_transient(
        self, live_session_id: UUID, name: str, data: dict[str, Any]
    ) -> None:
        """Make something known to whoever listens now, while Redis is away those whom this process
        serves; in no history. Raises BusUnavailable when nobody hears it."""
        if not self._has_failed:
            try:
                body = b"||||" + orjson.dumps({"n": name, "d": data})
                await self._redis.publish_sharded(channel_of(live_session_id), body)
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
        epoch, entries = await self._redis.effect("bus_history", keys_of(live_session_id), [count])
        newest_first = entries_of(entries)
        return [fact_of(epoch.decode(), offset, body) for offset, _, body in reversed(newest_first)]

    async def between(
        self, live_session_id: UUID, after: Position, until: Position
    ) -> list[Fact] | None:
        """The facts after one position up to another, oldest first; None when the stream no longer
        holds all of them. Raises BusUnavailable."""
        count = until.offset - after.offset
        epoch, found = await self._redis.effect(
            "bus_between", keys_of(live_session_id), [after.offset, count]
        )
        entries = entries_of(found)
        if epoch.decode() != after.epoch or len(entries) != count:
            return None
        if entries[0][0] != after.offset + 1 or entries[-1][0] != until.offset:
            return None
        return [fact_of(after.epoch, offset, body) for offset, _, body in entries]

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
                channel_of(live_session_id),
                lambda message: self._take(live_session_id, subscription, message),
                lambda: self._ready(live_session_id, subscription),
                is_sharded=True,
            )
            try:
                await asyncio.wait_for(subscription.ready.wait(), 2 * self._config.socket_timeout_s)
            except TimeoutError as error:
                raise BusUnavailable("the subscription was not confirmed") from error
            position, mark = await self._open(live_session_id)
        except BaseException:
            await self.unsubscribe(live_session_id)
            raise
        has_gap = subscription.start(position, mark)
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
        await self._listener.forget(channel_of(live_session_id))

    async def run(self) -> None:
        """Compare with the streams now and then, which heals one that went deaf unnoticed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._compare_for_ever())
            # Apart: while Redis is slow, many of them take their time.
            group.create_task(self._say_abandoned_for_ever())

    async def _compare_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_COMPARE_EVERY_S)
            for live_session_id in list(self._subscriptions):
                self.compare(live_session_id)

    async def _say_abandoned_for_ever(self) -> None:
        """Nobody is there any more, and it was promised."""
        while True:
            await asyncio.sleep(_COMPARE_EVERY_S)
            for live_session_id in set(self._unsaid) - set(self._subscriptions):
                with suppress(BusUnavailable):
                    await self._say_unsaid(live_session_id)

    def compare(self, live_session_id: UUID) -> None:
        """Look now whether something was missed, or Redis lost what was told."""
        subscription = self._subscriptions.get(live_session_id)
        if subscription is not None:
            self._start_fill(live_session_id, subscription)

    def _take(self, live_session_id: UUID, subscription: Subscription, message: bytes) -> None:
        epoch, offset, before, mark, body = message.split(b"|", 4)
        if not epoch:
            if subscription.last is not None and not subscription.is_lost:
                event = orjson.loads(body)
                subscription.on_fact(Fact(event["n"], event["d"], None))
            return
        position = Position(epoch.decode(), int(offset))
        if subscription.take(Entry(position, before.decode(), mark.decode(), body)):
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
        epoch, top, mark, entries = await self._since(live_session_id, subscription)
        self._away_until_s = 0.0
        if subscription.is_lost:
            return  # It is loaded again, and what is unsaid goes with that.
        subscription.filling = None
        if subscription.fill(epoch.decode(), int(top), mark.decode(), entries_of(entries)):
            self._start_fill(live_session_id, subscription)
        with suppress(BusUnavailable):
            await self._say_unsaid(live_session_id)

    async def _since(self, live_session_id: UUID, subscription: Subscription) -> list[Any]:
        """bus_since.lua's answer, however long it takes Redis to come back."""
        assert subscription.last is not None
        last, delay_s = subscription.last, _RECONNECT_FIRST_S
        asked: list[str | bytes | int] = [
            last.epoch,
            last.offset,
            subscription.mark,
            self._config.stream_max * 2,
        ]
        while True:
            try:
                answer = await self._redis.effect(
                    "bus_since",
                    keys_of(live_session_id),
                    [
                        *asked,
                        self._new_epoch(),
                        self._config.keep_s,
                        int(subscription.here is not None),
                    ],
                )
                return cast(list[Any], answer)
            except BusUnavailable:
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _RECONNECT_MAX_S)

    async def _open(self, live_session_id: UUID) -> tuple[Position, str]:
        answer = await self._redis.effect(
            "bus_open", keys_of(live_session_id), [self._new_epoch(), self._config.keep_s]
        )
        return position_of(answer), answer.decode().split("|")[2]
