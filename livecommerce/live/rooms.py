"""The live sessions that this process hosts: loaded on the first join, kept up by the bus.

Loading: subscribe to the bus, which gives a position; then read Postgres, the chat and the media
  state. Whatever is newer than the position arrives as a fact meanwhile and is applied on top;
  facts carry what is now, so applying one that the reading contained already is harmless. After a
  loss of the bus the same happens again, and everybody in the room is told to take a fresh
  snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

import structlog

from db import DatabaseUnavailable
from livecommerce import clock
from livecommerce.bus import BusUnavailable, SessionBus
from livecommerce.facts import HOLE, KNOWN, Fact, Position
from livecommerce.live import chat_state
from livecommerce.live import room as pure
from livecommerce.live.chat_pace import Pace
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.counters import Counters
from livecommerce.live.gatherings import Gatherings
from livecommerce.live.membership import Membership
from livecommerce.live.playback import Playback
from livecommerce.live.presence import Presence
from livecommerce.live.recovery import Recovery, past_of, taken_back
from livecommerce.live.sessions import OVER, LiveSessions
from livecommerce.live.standings import Standings
from livecommerce.live.video import Video
from signaling import payloads as wire
from signaling.gateway import Gateway
from signaling.refusals import Refused
from signaling.rooms import Kind, Room

log = structlog.get_logger(__name__)

TICK_S: Final = 1.0
# Sales figures change without an order too (joins, clicks); they are flushed every two seconds.
SALES_EVERY_TICKS: Final = 2
UNLOAD_AFTER_TICKS: Final = 60
_RETRY_S: Final = 0.5
# More live sessions than one process serves people for; beyond it, joining is refused.
ROOMS_MAX: Final = 1_000

_ON_AIR: Final = frozenset(("session.ended", "media.changed"))

_Work = Callable[[], Coroutine[Any, Any, None]]
_NOTICED: Final = (BusUnavailable, DatabaseUnavailable)


@dataclass(slots=True)
class HostedRoom:
    """What this process holds of one live session.

    early: facts that came while the state was being read. is_lost: facts were missed, so the room
    is being loaded again. refreshing: held while what Postgres knows is read anew. past: what was
    announced, for those who come back. remembering: held while more of it is read from the bus.
    moved: where the bus went while the state was being read. sales: being read.
    pace: when people last wrote.
    """

    state: pure.RoomState | None = None
    early: list[Fact] = field(default_factory=list)
    is_lost: bool = False
    refreshing: asyncio.Lock = field(default_factory=asyncio.Lock)
    past: Recovery | None = None
    remembering: asyncio.Lock = field(default_factory=asyncio.Lock)
    pace: Pace = field(default_factory=Pace)
    moved: Position | None = None
    viewers: int = 0
    sales_due: bool = True
    sales: asyncio.Task[None] | None = None
    empty_ticks: int = 0

    @property
    def ready(self) -> pure.RoomState:
        assert self.state is not None, "only rooms that were loaded are handed out"
        return self.state

    @property
    def recovery(self) -> Recovery:
        assert self.past is not None, "as above"
        return self.past


class LiveRooms:
    """Every hosted room. `run` must be running."""

    def __init__(
        self,
        sessions: LiveSessions,
        bus: SessionBus,
        presence: Presence,
        counters: Counters,
        video: Video,
        gateway: Gateway,
    ) -> None:
        self._sessions = sessions
        self._bus = bus
        self._presence = presence
        self._counters = counters
        self._video = video
        self._gateway = gateway
        self._rooms: dict[UUID, HostedRoom] = {}
        self._loading: dict[UUID, asyncio.Task[HostedRoom]] = {}
        self.standings = Standings(sessions.db, clock.monotonic_s)
        self.playback = Playback(video)
        self.membership = Membership(gateway, self.playback, self.standings.is_following)
        self.gatherings = Gatherings(bus, self._viewers_of, clock.epoch_s)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, live_session_id: UUID) -> HostedRoom:
        """The room, loaded when it was not; does not wait when it was.

        Raises Refused("session.not_found"), BusUnavailable or DatabaseUnavailable.
        """
        room = self._rooms.get(live_session_id)
        if room is not None and not room.is_lost:
            return room
        task = self._loading.get(live_session_id)
        if task is None:
            task = asyncio.create_task(self._load(live_session_id))
            self._loading[live_session_id] = task
            task.add_done_callback(lambda task: self._loaded(live_session_id, task))
        # Several may wait for one loading; none of them may cancel it for the others.
        return await asyncio.shield(task)

    def pinned(self, live_session_id: UUID) -> UUID | None:
        """What is on the video of a live session, as far as this process hosts it."""
        room = self._rooms.get(live_session_id)
        return None if room is None or room.state is None else room.state.pinned

    def note_buyer(self, live_session_id: UUID, user_id: UUID) -> None:
        """Somebody has just bought there."""
        room = self._rooms.get(live_session_id)
        if room is not None and room.state is not None:
            self.standings.renew(room.state.live_session.influencer.id, user_id)

    async def sales(self, live_session_id: UUID, room: HostedRoom) -> wire.Sales:
        """What the influencer sees. May raise DatabaseUnavailable."""
        return await self._sessions.sales(live_session_id, room.viewers)

    def _viewers_of(self, live_session_id: UUID) -> int:
        room = self._rooms.get(live_session_id)
        return 0 if room is None else room.viewers

    def settle(self, connection_id: str) -> None:
        """Take a connection out of what its person, another one now, may not hear."""
        for joined in self._gateway.rooms_of(connection_id):
            hosted = self._rooms.get(joined.id) if joined.kind is Kind.LIVE_SESSION else None
            if hosted is not None:
                self.membership.settle(connection_id, hosted.ready)

    async def run(self) -> None:
        """Count, tell and tidy for ever. Cancel to stop."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.gatherings.run())
                group.create_task(self.standings.run())
                group.create_task(self._tick_for_ever())
        finally:
            self.playback.close()
            sales = (room.sales for room in self._rooms.values() if room.sales is not None)
            for task in (*self._tasks, *self._loading.values(), *sales):
                task.cancel()

    # ---- loading

    def _loaded(self, live_session_id: UUID, task: asyncio.Task[HostedRoom]) -> None:
        del self._loading[live_session_id]
        if not task.cancelled():
            task.exception()  # Whoever waits has it; nobody may be waiting any more.

    async def _load(self, live_session_id: UUID) -> HostedRoom:
        if len(self._rooms) >= ROOMS_MAX and live_session_id not in self._rooms:
            raise Refused("service.unavailable", "The server is full. Please try again.", 5)
        await self._sessions.get(live_session_id)  # A stranger's id costs one query and no more.
        former = self._rooms.get(live_session_id)
        room = HostedRoom(
            viewers=0 if former is None else former.viewers,
            pace=Pace() if former is None else former.pace,
        )
        position = await self._bus.subscribe(
            live_session_id,
            lambda fact: self._take(live_session_id, room, fact),
            lambda: self._lose(live_session_id, room),
            lambda position, is_degraded: self._move(live_session_id, room, position, is_degraded),
        )
        try:
            said = ChatRoom() if former is None else former.ready.chat
            room.state = await self._read(live_session_id, position, said)
            room.past = Recovery(room.state.position)
        except BaseException:
            await self._bus.unsubscribe(live_session_id)
            raise
        self._rooms[live_session_id] = room
        early, room.early = room.early, []
        for fact in early:
            _stand(room, pure.following(room.ready, fact).position)
            self._take(live_session_id, room, fact)
        if room.moved is not None and room.moved.epoch != room.ready.position.epoch:
            _stand(room, room.moved)
        self.membership.settle_all(room.ready)
        return room

    async def _read(
        self, live_session_id: UUID, position: Position, said: ChatRoom
    ) -> pure.RoomState:
        """said: what this process knows of the chat, which Redis may have lost."""
        history = await self._bus.history(live_session_id, 2 * pure.CHAT_KEPT)
        past = [
            fact for fact in history if fact.position and fact.position.offset <= position.offset
        ]
        chat = await self._sessions.chat(live_session_id, chat_state.after(said, past))
        media = await self._video.media_of(live_session_id)
        products, pinned = await self._sessions.products(live_session_id)
        deals = await self._sessions.deals(live_session_id)
        engagement = await self._sessions.engagement(live_session_id)
        row = await self._sessions.get(live_session_id)
        return pure.RoomState(
            live_session=row.wire(),
            host_user_id=row.influencer_user_id,
            is_private=row.visibility == "private",
            position=position,
            media=media,
            pinned=pinned,
            products=products,
            chat=chat,
            deals=deals,
            hold_policy=row.hold_policy,  # type: ignore[arg-type]  # the column's check, as above
            hold_ttl_s=row.hold_ttl_s,
            takes_claims=row.takes_claims,
            engagement=engagement,
        )

    def _take(self, live_session_id: UUID, room: HostedRoom, fact: Fact) -> None:
        """Apply a fact and tell the room. Called by the bus, in order."""
        if room.state is None:
            room.early.append(fact)
            return
        if room.refreshing.locked():
            room.early.append(fact)
        before = room.state
        room.state, announcement = pure.apply(room.state, fact)
        if room.state.position != before.position:
            self._keep(room, announcement, fact)
        if announcement is not None:
            self._gateway.publish(
                Room(Kind.LIVE_SESSION, live_session_id),
                announcement.name,
                announcement.payload,
                only_moderators=announcement.is_for_moderators,
            )
        if fact.name == "orders.placed":
            room.sales_due = True
        elif fact.name == "hold.changed":
            self._tell_holder(live_session_id, fact)
        elif fact.name == "chat.posted":
            self._said(room, announcement)
        elif fact.name == HOLE:
            self._start_over(live_session_id, room)
        elif fact.name in _ON_AIR and room.state.live_session.status in OVER:
            # Also of a sender who was let in just before the end.
            self.playback.end(live_session_id)
        if room.state.chat is not before.chat:
            self.membership.after(before, room.state, fact)
        if fact.name in pure.RELOADING:
            self._start(lambda: self._refresh(live_session_id, room))

    def _keep(self, room: HostedRoom, announcement: pure.Announcement | None, fact: Fact) -> None:
        """Remember what is announced, for those who come back; of what is taken back nobody
        hears."""
        state, now_s = room.ready, asyncio.get_running_loop().time()
        past = past_of(state.position, announcement, now_s)
        told_at = Position(**fact.data) if fact.name == KNOWN else None
        room.recovery.add(replace(past, told_at=told_at))
        is_gone = chat_state.takes_back(fact, state.chat)
        if is_gone is not None:
            room.recovery.take_back(is_gone)

    async def remember(self, live_session_id: UUID, room: HostedRoom, position: Position) -> None:
        """Have what came after `position` at hand, if the bus still knows it. May raise
        BusUnavailable."""
        async with room.remembering:
            start = room.recovery.start
            if room.is_lost or not room.recovery.may_reach(position):
                return
            asked = room.recovery
            facts = await self._bus.between(live_session_id, position, start)
            if room.recovery is not asked or asked.start != start:
                return
            announced = facts and pure.replayed(room.ready, position, facts)
            if not facts or not announced:
                asked.give_up(position)
            else:
                now_s = asyncio.get_running_loop().time()
                steps = [past_of(*step, now_s) for step in announced]
                for number, fact in enumerate(facts):
                    is_gone = chat_state.takes_back(fact, room.ready.chat)
                    if is_gone is not None:
                        steps[:number] = [taken_back(step, is_gone) for step in steps[:number]]
                room.recovery.prepend(position, steps)

    def _move(
        self, live_session_id: UUID, room: HostedRoom, position: Position, is_degraded: bool
    ) -> None:
        """The next facts count from another position; nothing was missed."""
        if room.state is None:
            room.moved = position
            return
        room.state = replace(room.state, position=position)
        moved = wire.SyncMoved(
            live_session_id=live_session_id,
            position=wire.Position(epoch=position.epoch, offset=position.offset),
            is_degraded=is_degraded,
        )
        now_s = asyncio.get_running_loop().time()
        room.recovery.add(past_of(position, pure.Announcement("sync.moved", moved), now_s))
        live = Room(Kind.LIVE_SESSION, live_session_id)
        self._gateway.publish(live, "sync.moved", moved)

    def _said(self, room: HostedRoom, announcement: pure.Announcement | None) -> None:
        """A hidden person's other connections hear of the message as of every other."""
        if announcement is None:
            return
        assert isinstance(announcement.payload, wire.ChatPosted)
        (message,) = announcement.payload.messages
        room.pace.note(message.author_id, message.id, message.sent_at_ms)
        if announcement.is_for_moderators:
            seen = announcement.payload.model_copy(
                update={"messages": (chat_state.unmarked(message),)}
            )
            self._gateway.publish(Room(Kind.PERSON, message.author_id), "chat.posted", seen)

    def _tell_holder(self, live_session_id: UUID, fact: Fact) -> None:
        """What is promised to somebody is nobody else's to know."""
        holder = Room(Kind.PERSON, UUID(fact.data["user_id"]))
        hold = wire.Hold.model_validate(fact.data["hold"])
        payload = wire.HoldChanged(
            live_session_id=live_session_id, hold=hold, version=fact.version or 0
        )
        self._gateway.publish(holder, "hold.changed", payload)

    async def _refresh(self, live_session_id: UUID, room: HostedRoom) -> None:
        """Read what Postgres knows anew; whoever is there is told to look when it differs.

        As in loading, what is heard meanwhile is applied on top: it may be newer.
        """
        async with room.refreshing:
            read, room.early = room.ready, []
            products, pinned = await self._sessions.products(live_session_id)
            deals = await self._sessions.deals(live_session_id)
            row = await self._sessions.get(live_session_id)
            read = replace(
                read,
                products=products,
                pinned=pinned,
                deals=deals,
                hold_policy=row.hold_policy,  # type: ignore[arg-type]  # as below
                hold_ttl_s=row.hold_ttl_s,
                takes_claims=row.takes_claims,
                live_session=row.wire(),
                is_private=row.visibility == "private",
            )
            for fact in room.early:
                read, _ = pure.apply(pure.following(read, fact), fact)
            # The bus may have moved since, with or without a fact behind it.
            read = replace(read, position=room.ready.position)
            former, room.state, room.early = room.ready, read, []
        if _shown(former) != _shown(read):
            # Whoever is away would not hear of it: it was no event.
            self._start_over(live_session_id, room)

    def _start_over(self, live_session_id: UUID, room: HostedRoom) -> None:
        """Something changed that was no event: a snapshot for all, also for who comes back."""
        room.past = Recovery(room.ready.position, is_all=True)
        self._tell_gap(live_session_id, room.ready)

    def _lose(self, live_session_id: UUID, room: HostedRoom) -> None:
        """The bus has lost facts for good: load again."""
        room.is_lost = True
        if self._rooms.get(live_session_id) is room:
            self._start(lambda: self._reload(live_session_id))

    async def _reload(self, live_session_id: UUID) -> None:
        room = await self.open(live_session_id)
        self._tell_gap(live_session_id, room.ready)

    def _tell_gap(self, live_session_id: UUID, state: pure.RoomState) -> None:
        """Have everybody join again. Whoever may not, since it is private now, hears no more."""
        live = Room(Kind.LIVE_SESSION, live_session_id)
        self._gateway.publish(live, "sync.gap", wire.SyncGap(live_session_id=live_session_id))
        self.membership.settle_all(state)

    def _start(self, work: _Work) -> None:
        task = asyncio.create_task(_persistent(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- every second

    async def _tick_for_ever(self) -> None:
        tick = 0
        while True:
            await asyncio.sleep(TICK_S)
            tick += 1
            try:
                await asyncio.gather(
                    *(self._tick(id, room, tick) for id, room in list(self._rooms.items()))
                )
            except Exception:
                # The top of one second; whatever failed is tried again in the next.
                log.exception("tick_failed")

    async def _tick(self, live_session_id: UUID, room: HostedRoom, tick: int) -> None:
        live = Room(Kind.LIVE_SESSION, live_session_id)
        hosts = self._gateway.size(Room(Kind.HOST, live_session_id))
        here = self._gateway.size(live)
        room.empty_ticks = 0 if here else room.empty_ticks + 1
        viewers = here - self.membership.own_connections(room.ready)
        await self._count_viewers(live_session_id, room, viewers)
        is_due = room.sales_due or tick % SALES_EVERY_TICKS == 0
        if hosts and is_due and (room.sales is None or room.sales.done()):
            room.sales_due = False
            # Beside the seconds: a slow Postgres must not stop the counting of viewers.
            room.sales = asyncio.create_task(self._tell_sales(live_session_id, room))
        # Somebody may have come while this second's work waited.
        is_left = room.empty_ticks >= UNLOAD_AFTER_TICKS and not self._gateway.size(live)
        is_loading = live_session_id in self._loading
        if is_left and not is_loading and self._rooms.get(live_session_id) is room:
            del self._rooms[live_session_id]
            await self._bus.unsubscribe(live_session_id)

    async def _tell_sales(self, live_session_id: UUID, room: HostedRoom) -> None:
        try:
            sales = await self.sales(live_session_id, room)
        except _NOTICED as error:
            room.sales_due = True
            log.warning("sales_delayed", live_session=str(live_session_id), reason=str(error))
            return
        payload = wire.SalesCounted(live_session_id=live_session_id, sales=sales)
        self._gateway.publish(Room(Kind.HOST, live_session_id), "sales.counted", payload)

    async def _count_viewers(self, live_session_id: UUID, room: HostedRoom, here: int) -> None:
        try:
            viewers = await self._presence.report(live_session_id, here)
        except BusUnavailable:
            viewers = here  # What this process knows is better than a frozen number.
        if viewers != room.viewers:
            room.viewers = viewers
            payload = wire.ViewersCounted(live_session_id=live_session_id, viewers=viewers)
            live = Room(Kind.LIVE_SESSION, live_session_id)
            self._gateway.publish(live, "viewers.counted", payload)
        if viewers:
            self._counters.sample_viewers(live_session_id, viewers)


def _stand(room: HostedRoom, position: Position) -> None:
    """Go on from where the bus went while the room was read: nobody was told how it went there."""
    if room.ready.position != position:
        room.state = replace(room.ready, position=position)
        room.past = Recovery(position)


def _shown(state: pure.RoomState) -> tuple[Any, ...]:
    """What a reading may change without an event that says so."""
    terms = state.hold_policy, state.hold_ttl_s, state.takes_claims
    return state.products, state.live_session, state.is_private, terms


async def _persistent(work: _Work) -> None:
    """Background work of a room, until Redis and Postgres let it be done."""
    while True:
        try:
            await work()
            return
        except Refused as refused:
            log.warning("room_work_refused", reason=str(refused))
            return
        except _NOTICED as error:
            log.warning("room_work_delayed", reason=str(error))
            await asyncio.sleep(_RETRY_S)
