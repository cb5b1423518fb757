"""What each inward event does. One method per row of the contract.

A handler changes a fact, in Postgres (whose outbox row the relay carries to the bus) or by
appending to the bus, and answers its caller. It never tells a room anything: rooms hear from the
bus.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from db import Database, DatabaseUnavailable, TransactionConflict
from livecommerce import clock
from livecommerce.bus import BusUnavailable, RemoteRefused, SessionBus
from livecommerce.live.chat import Chat
from livecommerce.live.counters import Counters
from livecommerce.live.engagement import Engagement
from livecommerce.live.follows import Follows
from livecommerce.live.ground import Ground
from livecommerce.live.joining import Joining, is_host_of
from livecommerce.live.membership import may_enter
from livecommerce.live.moderation import Moderation
from livecommerce.live.people import wire_order
from livecommerce.live.promises import Promises
from livecommerce.live.rooms import HostedRoom, LiveRooms
from livecommerce.live.sessions import OVER, LiveSessions, not_found, not_yours
from livecommerce.live.shopping import Shopping, Touches
from livecommerce.live.video import Video
from livecommerce.live.visits import Visits
from livecommerce.relay import Relay
from shop.address import Address
from shop.buyer import buyer_gstin
from shop.checkout import Checkout, OrderRequest
from shop.orders import order_by_id
from shop.pricing import OrderLine
from shop.refusal import ShopRefused
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.gateway import Gateway, Handler, Verify
from signaling.refusals import Refused


@dataclass(frozen=True, slots=True)
class HandlersConfig:
    """chat_max_chars: as a reader counts them. claim_keyword: what begins a
    claim in the chat; '' for none."""

    chat_max_chars: int = 200
    claim_keyword: str = "SOLD"


@dataclass(eq=False, kw_only=True)
class Handlers:
    """The hub's answers, put together from what a hub process has. epoch_ms: wall clock."""

    db: Database
    bus: SessionBus
    relay: Relay
    sessions: LiveSessions
    rooms: LiveRooms
    counters: Counters
    visits: Visits
    touches: Touches
    video: Video
    checkout: Checkout
    gateway: Gateway
    verify: Verify
    epoch_ms: Callable[[], int]
    config: HandlersConfig

    def __post_init__(self) -> None:
        self.gateway.hear_leaves(self._left)
        self.gateway.hear_expiries(self.rooms.settle)
        db, relay, max_chars = self.db, self.relay, self.config.chat_max_chars
        terms = self.checkout.terms
        self._promises = Promises(
            db, relay, self._open, terms.max_quantity, self.config.claim_keyword
        )
        self._shopping = Shopping(db, self.counters, terms)
        ground = Ground(self._open, self.gateway.is_in_live_session)
        self._engagement = Engagement(
            db, relay, ground, self.epoch_ms, max_chars, clock.random_bytes
        )
        self._joining = self._make_joining()
        self._chat = self._make_chat()
        self._moderation = Moderation(
            db, relay, self.counters, self._open, self.epoch_ms, max_chars
        )
        self._follows = Follows(db, relay, self.rooms.standings)

    def _make_joining(self) -> Joining:
        return Joining(
            self.rooms,
            self._promises,
            self._engagement,
            self.visits,
            self.gateway,
            self.verify,
            self.epoch_ms,
            self._open,
            self._terms,
        )

    def _make_chat(self) -> Chat:
        return Chat(
            self.db,
            self.relay,
            self.bus,
            self.counters,
            self.visits,
            self._promises,
            self.rooms.standings,
            self._open,
            self.epoch_ms,
            self.config.chat_max_chars,
        )

    async def close(self) -> None:
        """Answer everything that was asked."""
        await self._engagement.close()

    def table(self) -> Mapping[str, Handler]:
        """For Gateway.bind."""
        handlers: dict[str, Handler] = {
            **self._joining.table(),
            "session.start": self._step("start"),
            "session.pause": self._step("pause"),
            "session.resume": self._step("resume"),
            "session.end": self.session_end,
            "reaction.send": self.reaction_send,
            "product.pin": self.product_pin,
            "product.unpin": self.product_unpin,
            "product.click": self.product_click,
            **self._promises.table(),
            **self._shopping.table(),
            **self._chat.table(),
            **self._moderation.table(),
            **self._follows.table(),
            **self._engagement.table(),
            "order.place": self.order_place,
            "order.get": self.order_get,
            "webrtc.publish": self.webrtc_publish,
            "webrtc.watch": self.webrtc_watch,
            "webrtc.answer": self.webrtc_answer,
            "webrtc.restart": self.webrtc_restart,
            "webrtc.close": self.webrtc_close,
        }
        return {name: _translated(handler) for name, handler in handlers.items()}

    def _terms(self, hosted: HostedRoom) -> wire.Terms:
        terms, state = self.checkout.terms, hosted.ready
        return wire.Terms(
            chat_max_chars=self.config.chat_max_chars,
            shipping_minor=terms.shipping_minor,
            cod_fee_minor=terms.cod_fee_minor,
            hold_policy=state.hold_policy,
            hold_ttl_s=state.hold_ttl_s,
            claim_keyword=self.config.claim_keyword if state.takes_claims else "",
        )

    # ---- the broadcast

    def _step(self, name: str) -> Callable[[Caller, wire.InLiveSession], Awaitable[wire.Wire]]:
        async def handler(caller: Caller, payload: wire.InLiveSession) -> wire.LiveSessionOk:
            live_session = await self.sessions.take_step(
                payload.live_session_id, _user_id(caller), name, self._now()
            )
            self.relay.kick()
            return wire.LiveSessionOk(live_session=live_session)

        return handler

    async def session_end(self, caller: Caller, payload: wire.InLiveSession) -> wire.Wire:
        ended = await self._step("end")(caller, payload)
        try:
            await self.video.end(payload.live_session_id)
        except (BusUnavailable, RemoteRefused):
            # The publisher stops sending when it hears of the end; consent expiry does the rest.
            return ended
        return ended

    async def product_pin(self, caller: Caller, payload: wire.ProductChoice) -> wire.Empty:
        await self.sessions.pin(
            payload.live_session_id, _user_id(caller), payload.product_id, self._now()
        )
        self.relay.kick()
        return wire.Empty()

    async def product_unpin(self, caller: Caller, payload: wire.ProductChoice) -> wire.Empty:
        await self.sessions.unpin(payload.live_session_id, _user_id(caller), payload.product_id)
        self.relay.kick()
        return wire.Empty()

    # ---- people

    async def reaction_send(self, caller: Caller, payload: wire.ReactionSend) -> wire.Empty:
        await self._open(caller, payload.live_session_id)
        self.rooms.gatherings.react(payload.live_session_id, payload.kind, payload.count)
        self.counters.add_reactions(payload.live_session_id, payload.kind, payload.count)
        self.visits.note(
            caller.connection_id, payload.live_session_id, "reactions_sent", payload.count
        )
        return wire.Empty()

    async def product_click(self, caller: Caller, payload: wire.ProductClick) -> wire.Empty:
        hosted = await self._open(caller, payload.live_session_id)
        if all(product.id != payload.product_id for product in hosted.ready.products):
            raise Refused("product.not_in_session", "This product is not part of the live session.")
        if not is_host_of(hosted, caller.identity):
            self.counters.add_click(payload.live_session_id, payload.product_id, payload.id)
            self.visits.note(caller.connection_id, payload.live_session_id, "products_clicked")
            if caller.identity is not None and caller.identity.role == "customer":
                self.touches.note(
                    caller.identity.user_id, payload.product_id, payload.live_session_id
                )
        return wire.Empty()

    # ---- buying

    async def order_place(self, caller: Caller, payload: wire.OrderPlace) -> wire.OrderPlaced:
        request = OrderRequest(
            key=payload.id,
            live_session_id=payload.live_session_id,
            items=tuple(
                OrderLine(line.variant_id, line.quantity, line.live_session_id, line.deal_id)
                for line in payload.items
            ),
            address=Address(**dict(payload.address)),
            payment_method=payload.payment_method,
            shown_total_minor=payload.shown_total_minor,
            coupon_code=payload.coupon_code,
            from_cart=payload.from_cart,
            buyer_gstin=buyer_gstin(payload.buyer_gstin),
        )
        placed = await self.checkout.place(_user_id(caller), request)
        self.relay.kick()
        if payload.live_session_id is not None and not placed.is_duplicate:
            self.visits.note(caller.connection_id, payload.live_session_id, "orders_placed")
            self.rooms.note_buyer(payload.live_session_id, _user_id(caller))
        outcome: Literal["placed", "duplicate"] = "duplicate" if placed.is_duplicate else "placed"
        return wire.OrderPlaced(order=wire_order(placed.order), outcome=outcome)

    async def order_get(self, caller: Caller, payload: wire.OrderGet) -> wire.OrderOk:
        order = await order_by_id(self.db, _user_id(caller), payload.order_id)
        if order is None:
            raise Refused("order.not_found", "There is no such order of yours.")
        return wire.OrderOk(order=wire_order(order))

    # ---- video

    async def webrtc_publish(self, caller: Caller, payload: wire.WebrtcPublish) -> wire.PublishOk:
        row = await self.sessions.get(payload.live_session_id)
        if row.influencer_user_id != _user_id(caller):
            raise not_yours(is_private=row.visibility == "private")
        if row.status not in ("live", "paused"):
            raise Refused("session.wrong_state", "Start the live session first.")
        published = await self.video.publish(
            payload.live_session_id, payload.sdp, payload.continues
        )
        row = await self.sessions.get(payload.live_session_id)
        if row.status in OVER:
            # Whoever ended it has hung up before this peer was there.
            await self.video.end(payload.live_session_id)
            await self.video.close(published.peer_id)
            raise Refused("session.wrong_state", "This live session is over.")
        return published

    async def webrtc_watch(self, caller: Caller, payload: wire.InLiveSession) -> wire.WatchOk:
        live_session_id = payload.live_session_id
        await self._open(caller, live_session_id)
        viewer = None if caller.identity is None else caller.identity.user_id
        offered = await self.video.watch(live_session_id, viewer)
        try:
            await self._open(caller, live_session_id)
        except Refused:
            # Put out meanwhile, of which the media process heard before this peer was there.
            await self.video.close(offered.peer_id)
            raise
        if self.gateway.is_in_live_session(caller.connection_id, live_session_id):
            self.rooms.playback.watches(caller.connection_id, live_session_id, offered.peer_id)
        return offered

    async def webrtc_answer(self, caller: Caller, payload: wire.WebrtcAnswer) -> wire.Empty:
        await self.video.answer(payload.peer_id, payload.sdp)
        return wire.Empty()

    async def webrtc_restart(self, caller: Caller, payload: wire.PeerChoice) -> wire.RestartOk:
        return wire.RestartOk(sdp=await self.video.restart(payload.peer_id))

    async def webrtc_close(self, caller: Caller, payload: wire.PeerChoice) -> wire.Empty:
        await self.video.close(payload.peer_id)
        return wire.Empty()

    # ----

    def _left(self, connection_id: str, live_session_id: UUID) -> None:
        self.visits.end(connection_id, live_session_id)
        self.rooms.playback.leave(connection_id, live_session_id)

    async def _open(self, caller: Caller, live_session_id: UUID) -> HostedRoom:
        """The room, if the caller may be there."""
        hosted = await self.rooms.open(live_session_id)
        if hosted.ready.is_private and not is_host_of(hosted, caller.identity):
            raise not_found()
        user_id = None if caller.identity is None else caller.identity.user_id
        if not may_enter(hosted.ready, user_id):
            raise Refused("session.banned")
        return hosted

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch_ms() / 1000, UTC)


def _translated(handler: Handler) -> Handler:
    """What the parts below refuse or cannot do, in the wire's terms."""

    async def translating(caller: Caller, payload: Any) -> wire.Wire:
        try:
            return await handler(caller, payload)
        except ShopRefused as refused:
            raise Refused(refused.code, refused.message, details=refused.details) from refused
        except RemoteRefused as refused:
            raise Refused(refused.code, refused.message, refused.retry_after_s) from refused
        except (DatabaseUnavailable, BusUnavailable) as error:
            raise Refused("service.unavailable", retry_after_s=error.retry_after_s) from error
        except TransactionConflict as error:
            raise Refused("service.unavailable", retry_after_s=1) from error

    return translating


def _identity(caller: Caller) -> Identity:
    assert caller.identity is not None, "the contract's roles of this event are signed in"
    return caller.identity


def _user_id(caller: Caller) -> UUID:
    return _identity(caller).user_id
