"""Coming, coming back, and going."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from uuid import UUID

from livecommerce.bus import BusUnavailable
from livecommerce.facts import Position
from livecommerce.live import chat_state, room
from livecommerce.live.engagement import Engagement
from livecommerce.live.membership import rights_of
from livecommerce.live.permissions import Permission
from livecommerce.live.promises import Promises
from livecommerce.live.recovery import EncodedRecovered
from livecommerce.live.rooms import HostedRoom, LiveRooms
from livecommerce.live.visits import Visits
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.chat_payloads import ChatStanding
from signaling.gateway import Gateway, Handler, Verify
from signaling.rooms import Kind, Room

OpenRoom = Callable[[Caller, UUID], Awaitable[HostedRoom]]


class Joining:
    """open_room: the room, if the caller may be there; raises Refused. terms: what holds in it."""

    def __init__(
        self,
        rooms: LiveRooms,
        promises: Promises,
        engagement: Engagement,
        visits: Visits,
        gateway: Gateway,
        verify: Verify,
        epoch_ms: Callable[[], int],
        open_room: OpenRoom,
        terms: Callable[[HostedRoom], wire.Terms],
    ) -> None:
        self._rooms = rooms
        self._promises = promises
        self._engagement = engagement
        self._visits = visits
        self._gateway = gateway
        self._verify = verify
        self._epoch_ms = epoch_ms
        self._open_room = open_room
        self._terms = terms

    def table(self) -> Mapping[str, Handler]:
        return {
            "session.join": self.session_join,
            "session.recover": self.session_recover,
            "session.leave": self.session_leave,
            "auth.renew": self.auth_renew,
        }

    async def session_join(self, caller: Caller, payload: wire.SessionJoin) -> wire.Snapshot:
        return await self._join(caller, payload, is_returning=False)

    async def _join(
        self, caller: Caller, payload: wire.SessionJoin, *, is_returning: bool
    ) -> wire.Snapshot:
        live_session_id = payload.live_session_id
        hosted = await self._open_room(caller, live_session_id)
        is_host = is_host_of(hosted, caller.identity)
        self._expect(caller, hosted)
        sales = await self._sales_for(caller, hosted)
        holds = await self._promises.of(caller, live_session_id)
        mine = await self._engagement.of(caller, live_session_id, hosted.ready)
        is_following = await self._is_following(caller, hosted)
        hosted = await self._open_room(caller, live_session_id)
        # From here on nothing waits: what the snapshot holds and what the room hears next fit.
        self._enter(caller, payload, hosted, hosted.ready.position, is_returning=is_returning)
        return room.snapshot(
            hosted.ready,
            viewers=_viewers(hosted, is_host=is_host),
            you=you(caller.identity, is_host),
            now_ms=self._epoch_ms(),
            terms=self._terms(hosted),
            sales=sales,
            holds=holds,
            mine=mine,
            standing=_standing(hosted, caller.identity, is_following),
        )

    async def session_recover(self, caller: Caller, payload: wire.SessionRecover) -> wire.Recovered:
        live_session_id = payload.live_session_id
        hosted = await self._open_room(caller, live_session_id)
        position = Position(payload.position.epoch, payload.position.offset)
        with suppress(BusUnavailable):  # then there is a snapshot
            await self._rooms.remember(live_session_id, hosted, position)
        is_host = is_host_of(hosted, caller.identity)
        self._expect(caller, hosted)
        sales = await self._sales_for(caller, hosted)
        holds = await self._promises.of(caller, live_session_id)
        mine = await self._engagement.of(caller, live_session_id, hosted.ready)
        is_following = await self._is_following(caller, hosted)
        hosted = await self._open_room(caller, live_session_id)
        # As above: from the last page on everything is heard as it comes.
        user_id = None if caller.identity is None else caller.identity.user_id
        is_moderator = _moderates(hosted, caller.identity)
        page = hosted.recovery.since(position, for_moderator=is_moderator, user_id=user_id)
        if page is None:
            return await self._start_over(caller, payload)
        if page.is_complete:
            self._enter(caller, payload, hosted, page.position, is_returning=True)
        answer = EncodedRecovered(
            events=(),
            position=_wire_position(page.position),
            is_complete=page.is_complete,
            snapshot=None,
            viewers=_viewers(hosted, is_host=is_host),
            you=you(caller.identity, is_host),
            holds=holds,
            sales=sales,
            standing=_standing(hosted, caller.identity, is_following),
            mine=mine,
            server_time_ms=self._epoch_ms(),
        )
        return answer.with_events(page.events)

    async def _start_over(self, caller: Caller, payload: wire.SessionRecover) -> wire.Recovered:
        """What was missed is no longer known."""
        snapshot = await self._join(caller, payload, is_returning=True)
        return wire.Recovered(
            events=(),
            position=snapshot.position,
            is_complete=True,
            snapshot=snapshot,
            viewers=snapshot.viewers,
            you=snapshot.you,
            holds=snapshot.holds,
            sales=snapshot.sales,
            standing=snapshot.chat_state.you,
            mine=snapshot.engagement.mine,
            server_time_ms=snapshot.server_time_ms,
        )

    async def _sales_for(self, caller: Caller, hosted: HostedRoom) -> wire.Sales | None:
        user_id = None if caller.identity is None else caller.identity.user_id
        if Permission.SEE_ORDERS not in rights_of(hosted.ready, user_id):
            return None
        return await self._rooms.sales(hosted.ready.live_session.id, hosted)

    def _expect(self, caller: Caller, hosted: HostedRoom) -> None:
        """Have it asked, beside what else is read, whether they follow."""
        if caller.identity is not None:
            influencer_id = hosted.ready.live_session.influencer.id
            self._rooms.standings.expect(influencer_id, caller.identity.user_id)

    async def _is_following(self, caller: Caller, hosted: HostedRoom) -> bool | None:
        if caller.identity is None:
            return None
        influencer_id = hosted.ready.live_session.influencer.id
        return await self._rooms.standings.soon(influencer_id, caller.identity.user_id)

    def _enter(
        self,
        caller: Caller,
        payload: wire.SessionJoin,
        hosted: HostedRoom,
        heard: Position,
        *,
        is_returning: bool,
    ) -> None:
        live = Room(Kind.LIVE_SESSION, payload.live_session_id)
        is_there = live in self._gateway.rooms_of(caller.connection_id)
        self._gateway.enter(caller.connection_id, live, _wire_position(heard))
        self._rooms.membership.settle(caller.connection_id, hosted.ready)
        if not is_there and not is_host_of(hosted, caller.identity):
            self._begin_visit(caller, hosted, payload, is_returning=is_returning)

    def _begin_visit(
        self,
        caller: Caller,
        hosted: HostedRoom,
        payload: wire.SessionJoin,
        *,
        is_returning: bool,
    ) -> None:
        # Of one that went while it was joining, nobody would hear that it left.
        if self._gateway.is_in_live_session(caller.connection_id, payload.live_session_id):
            self._visits.begin(
                caller.connection_id,
                payload.live_session_id,
                caller.identity,
                client_id=payload.client_id,
                is_returning=is_returning,
                pinned=hosted.ready.pinned,
            )
            if not is_returning:
                self._rooms.gatherings.join(payload.live_session_id)

    async def session_leave(self, caller: Caller, payload: wire.InLiveSession) -> wire.Empty:
        self._rooms.membership.leave(caller.connection_id, payload.live_session_id)
        return wire.Empty()

    async def auth_renew(self, caller: Caller, payload: wire.AuthRenew) -> wire.RenewOk:
        identity = await self._verify(payload.token)
        self._gateway.identify(caller.connection_id, identity)
        self._visits.identify(caller.connection_id, identity)
        self._rooms.playback.identify(caller.connection_id, identity.user_id)
        hosts_any = False
        for joined in self._gateway.rooms_of(caller.connection_id):
            if joined.kind is not Kind.LIVE_SESSION:
                continue
            hosted = await self._rooms.open(joined.id)
            self._rooms.membership.settle(caller.connection_id, hosted.ready)
            hosts_any = hosts_any or is_host_of(hosted, identity)
        return wire.RenewOk(you=you(identity, hosts_any))


def is_host_of(hosted: HostedRoom, identity: Identity | None) -> bool:
    return identity is not None and identity.user_id == hosted.ready.host_user_id


def you(identity: Identity | None, is_host: bool) -> wire.You:
    if identity is None:
        return wire.You(role="anonymous", display_name=None, user_id=None, is_host=False)
    return wire.You(
        role=identity.role,
        display_name=identity.display_name,
        user_id=identity.user_id,
        is_host=is_host,
    )


def _moderates(hosted: HostedRoom, identity: Identity | None) -> bool:
    state = hosted.ready
    return identity is not None and Permission.MODERATE_CHAT in rights_of(state, identity.user_id)


def _standing(
    hosted: HostedRoom, identity: Identity | None, is_following: bool | None
) -> ChatStanding:
    state = hosted.ready
    user_id = None if identity is None else identity.user_id
    return chat_state.standing(state.chat, user_id, state.host_user_id, is_following)


def _viewers(hosted: HostedRoom, *, is_host: bool) -> int:
    # Whoever asks is there, though the count of this second is not in yet.
    return max(hosted.viewers, 0 if is_host else 1)


def _wire_position(position: Position) -> wire.Position:
    return wire.Position(epoch=position.epoch, offset=position.offset)
