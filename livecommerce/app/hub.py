"""The hub: pages, REST and Socket.IO."""

import asyncio
import contextlib
import os
import socket
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path

import structlog
from aiohttp import web

from db import Database, DatabaseUnavailable
from livecommerce import clock
from livecommerce.accounts.accounts import Accounts, AccountsConfig
from livecommerce.accounts.ended_logins import EndedLogins, LoginWatch
from livecommerce.accounts.passwords import HashingConfig, PasswordHasher
from livecommerce.accounts.sealing_keys import open_keys
from livecommerce.accounts.tokens import Issuer, SupabaseConfig, Verifier
from livecommerce.app import parts
from livecommerce.app.garbage import GarbageCollection
from livecommerce.app.payments import HUB_INTERVAL_S, open_payments
from livecommerce.bus import BusUnavailable, Rpc, SessionBus
from livecommerce.child import Parent, process_name
from livecommerce.http.admin import make_runner
from livecommerce.http.app import make_app
from livecommerce.http.deps import HttpDeps
from livecommerce.http.fetch import fetch
from livecommerce.http.health import Health, migrations_probe, postgres_probe
from livecommerce.http.metrics import HttpMetrics
from livecommerce.http.origins import OriginPolicy
from livecommerce.listening import BACKLOG, listening_socket
from livecommerce.live.counters import Counters
from livecommerce.live.handlers import Handlers, HandlersConfig
from livecommerce.live.identity import verifying
from livecommerce.live.people import People
from livecommerce.live.presence import Presence
from livecommerce.live.rooms import LiveRooms
from livecommerce.live.sessions import LiveSessions
from livecommerce.live.shopping import Touches
from livecommerce.live.video import Video
from livecommerce.live.visits import Visits
from livecommerce.relay import Relay
from livecommerce.settings import Hub as HubSettings
from livecommerce.settings import Settings
from shop.checkout import Checkout, ShopTerms
from shop.combiner import CombinerConfig
from shop.payments.paying import Payments
from shop.returns import ReturnTerms
from signaling.addresses import TrustedProxies
from signaling.gateway import Gateway, GatewayConfig
from signaling.limits import PartyLimits
from signaling.rate_limit import Rate

log = structlog.get_logger(__name__)

WEB_DIST = Path(__file__).parent.parent / "web" / "dist"


async def run(settings: Settings, parent: Parent, stopped: asyncio.Event) -> None:
    """Serve browsers until `stopped`."""
    async with AsyncExitStack() as stack:
        database = await parts.open_database(stack, settings, for_people=True)
        redis, listener = parts.open_redis(stack, settings)
        bus = SessionBus(redis, listener, parts.bus_config(settings), parts.new_epoch)
        video = Video(redis, Rpc(redis, listener, clock.secret(12), parts.new_call_id))
        issuer = parts.issuer(settings)
        ended = EndedLogins(_token_life_s(settings))
        verifier = Verifier(issuer, _supabase(settings), fetch, is_ended=ended.is_ended)
        stack.push_async_callback(verifier.close)
        health = parts.health(
            process_name("hub"),
            postgres_probe(database),
            migrations_probe(database),
            parts.redis_probe(redis),
        )
        presence = Presence(redis, f"hub-{os.getpid()}-{clock.secret(6)}")
        counters = Counters(redis, clock.uuid7, clock.epoch_s)
        visits = Visits(counters, clock.uuid7, clock.epoch_ms)
        touches = Touches(database, clock.now)
        payments, desk = open_payments(stack, settings, database, HUB_INTERVAL_S)
        relay = Relay(database, bus, beside=desk.kick)
        sessions = LiveSessions(database)
        gateway = Gateway(verifying(verifier), gateway_config(settings), clock.epoch_s)
        rooms = LiveRooms(sessions, bus, presence, counters, video, gateway)
        handlers = Handlers(
            db=database,
            bus=bus,
            relay=relay,
            sessions=sessions,
            rooms=rooms,
            counters=counters,
            visits=visits,
            touches=touches,
            video=video,
            checkout=_checkout(stack, settings, database),
            gateway=gateway,
            verify=verifying(verifier),
            epoch_ms=clock.epoch_ms,
            config=HandlersConfig(settings.chat.max_chars, settings.chat.claim_keyword),
        )
        gateway.bind(handlers.table())
        deps = _http_deps(stack, settings, database, issuer, verifier, health, presence, payments)
        app = make_app(deps)
        gateway.attach(app)
        logins = await _login_watch(database, ended, gateway)
        async with parts.running(
            listener.run(),
            bus.run(),
            relay.run(),
            desk.run(),
            People(database, bus, gateway).run(),
            counters.run(),
            visits.run(rooms.pinned),
            touches.run(),
            rooms.run(),
            gateway.run(),
            logins.run(),
            GarbageCollection(lambda: gateway.unanswered).run(),
        ):
            public = await _serve(stack, app, settings, parent)
            admin = await parts.serve_admin(
                stack, health, settings.admin.host, settings.admin.port, parent.admin_socket()
            )
            parent.ready(http=settings.http.port, admin=settings.admin.port)
            log.info("hub.ready", url=settings.public_url)
            await stopped.wait()
            health.readiness.drain()
            await public.close(is_replaced=parent.is_replaced)
            if parent.is_replaced:
                await admin.stop()  # the port tells of the next one now
            await _let_go(gateway, parent, settings.hub.drain_s)
        with suppress(BusUnavailable):
            await presence.leave()
        visits.end_all()
        await handlers.close()
        await touches.flush()
        await counters.send()


async def _let_go(gateway: Gateway, parent: Parent, drain_s: float) -> None:
    log.info("hub.draining", connections=gateway.connection_count)
    await gateway.let_go(drain_s, parent.forced, clock.fraction, is_replaced=parent.is_replaced)


async def _login_watch(database: Database, ended: EndedLogins, gateway: Gateway) -> LoginWatch:
    """What ended while no process of ours was there is known from the beginning."""
    logins = LoginWatch(
        database,
        ended,
        lambda user_id: gateway.end_identities(user_id, ended.is_ended),
        clock.now,
    )
    with suppress(DatabaseUnavailable):
        await logins.look()
    return logins


def _http_deps(
    stack: AsyncExitStack,
    settings: Settings,
    database: Database,
    issuer: Issuer,
    verifier: Verifier,
    health: Health,
    presence: Presence,
    payments: Payments,
) -> HttpDeps:
    passwords = PasswordHasher(HashingConfig(settings.accounts.hash_concurrency))
    stack.callback(passwords.close)
    config = AccountsConfig(settings.tokens.refresh_ttl_s)
    return HttpDeps(
        db=database,
        accounts=Accounts(database, issuer, passwords, config),
        verifier=verifier,
        issuer=issuer,
        health=health,
        metrics=HttpMetrics(health.registry),
        viewers_of=presence.viewers_of,
        dist_dir=settings.web.dist_dir or WEB_DIST,
        images_dir=parts.images_dir(settings),
        origins=_origins(settings),
        sealing=open_keys(settings.sealing_key_file, settings.sealing_keys),
        trusted_proxies=TrustedProxies(settings.http.trusted_proxies),
        payments=payments,
        shop_terms=_terms(settings),
        payout_terms=parts.payout_terms(settings),
        return_terms=ReturnTerms(timedelta(days=settings.shop.return_days)),
    )


class _Public:
    """What takes connections in, and stops doing so."""

    def __init__(self, app: web.Application) -> None:
        self._is_closed = False
        self._runner = make_runner(app)
        app.on_response_prepare.append(self._say_farewell)

    async def open(self, stack: AsyncExitStack, listening: socket.socket) -> None:
        await self._runner.setup()
        stack.push_async_callback(self._runner.cleanup)
        self._shared = listening.dup()  # the site closes the handle that it was given
        self._site = web.SockSite(self._runner, listening, backlog=BACKLOG)
        await self._site.start()

    async def close(self, *, is_replaced: bool) -> None:
        """Take nobody in any more, and give those who are in no second answer.

        Who waits in the queue is the next process's. Where none has come, the kernel sends whoever
        connects from now on to another hub of the port, or away, which a proxy understands.
        """
        self._is_closed = True
        await self._site.stop()
        if not is_replaced:
            with contextlib.suppress(OSError):
                self._shared.shutdown(socket.SHUT_RDWR)
        self._shared.close()

    async def _say_farewell(self, _: web.Request, response: web.StreamResponse) -> None:
        # The framework's own way to close idle connections makes all WebSockets deaf.
        if self._is_closed and not isinstance(response, web.WebSocketResponse):
            response.headers["Connection"] = "close"
            response.force_close()


async def _serve(
    stack: AsyncExitStack, app: web.Application, settings: Settings, parent: Parent
) -> _Public:
    public = _Public(app)
    host, port = settings.http.host, settings.http.port
    with parts.opening(host, port, "LIVECOMMERCE_HTTP_PORT"):
        listening = parent.listening_socket() or listening_socket(host, port)
    await public.open(stack, listening)
    return public


def _origins(settings: Settings) -> OriginPolicy:
    # The configured address as it is: None means "whatever host was asked".
    return OriginPolicy(settings.http.public_url, settings.http.allowed_origins)


def _token_life_s(settings: Settings) -> float:
    """The longest that an access token can be believed, with some time for clocks to differ."""
    own_s = settings.tokens.access_ttl_s
    # How long those of Supabase live is set there; by itself an hour, at most what we keep.
    return (own_s if settings.tokens.supabase_issuer is None else 86_400) + 120


def gateway_config(settings: Settings) -> GatewayConfig:
    """The limits of the Socket.IO side, as they are set."""
    return GatewayConfig(
        may_connect=_origins(settings).allows,
        trusted_proxies=settings.http.trusted_proxies,
        max_message_bytes=settings.hub.max_message_bytes,
        events_per_s=settings.hub.events_per_s,
        events_burst=settings.hub.events_burst,
        bytes_per_s=settings.hub.bytes_per_s,
        bytes_burst=max(settings.hub.bytes_burst, settings.hub.max_message_bytes),
        connect_deadline_s=settings.hub.auth_deadline_s,
        ping_interval_s=round(settings.hub.ping_interval_s),
        ping_timeout_s=round(settings.hub.ping_timeout_s),
        max_connections=settings.hub.max_connections,
        rooms_per_connection=settings.hub.rooms_per_connection,
        handshakes=Rate(settings.hub.handshakes_per_s, settings.hub.handshakes_burst),
        of_address=_of_address(settings.hub),
        of_person=PartyLimits(
            connections=settings.hub.user_connections,
            messages=Rate(settings.hub.user_events_per_s, settings.hub.user_events_burst),
        ),
        parties_remembered=settings.hub.parties_remembered,
        rates={"chat.send": Rate(settings.chat.per_s, settings.chat.burst)},
    )


def _of_address(hub: HubSettings) -> PartyLimits:
    watches = Rate(hub.anonymous_watches_per_s, hub.anonymous_watches_burst)
    return PartyLimits(
        connections=hub.address_connections,
        handshakes=Rate(hub.address_handshakes_per_s, hub.address_handshakes_burst),
        messages=Rate(hub.address_events_per_s, hub.address_events_burst),
        events={"webrtc.watch": watches},
    )


def _supabase(settings: Settings) -> SupabaseConfig | None:
    tokens = settings.tokens
    if tokens.supabase_issuer is None:
        return None
    secret = tokens.supabase_hs256_secret
    return SupabaseConfig(
        issuer=tokens.supabase_issuer,
        audience=tokens.supabase_audience,
        jwks_url=tokens.supabase_jwks_url,
        hs256_secret=None if secret is None else secret.get_secret_value(),
    )


def _terms(settings: Settings) -> ShopTerms:
    shop = settings.shop
    return ShopTerms(
        max_quantity=shop.max_quantity,
        shipping_minor=shop.shipping_minor,
        cod_fee_minor=shop.cod_fee_minor,
        pay_within_s=shop.pay_within_s,
        carryover_s=shop.carryover_s,
        replay_s=shop.replay_s,
        link_s=shop.link_s,
        payment_methods=settings.payments.methods,
    )


def _checkout(stack: AsyncExitStack, settings: Settings, database: Database) -> Checkout:
    shop = settings.shop
    combiner = CombinerConfig(
        window_s=shop.combine_ms / 1000,
        batch_size=shop.combine_orders,
        calls=shop.combine_calls,
        waiting=shop.waiting_orders,
    )
    checkout = Checkout(database, _terms(settings), combiner)
    stack.push_async_callback(checkout.close)
    return checkout
