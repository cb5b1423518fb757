"""The hub: pages, REST and Socket.IO."""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

import structlog
from aiohttp import web

from db import Database
from livecommerce import clock
from livecommerce.accounts.accounts import Accounts, AccountsConfig
from livecommerce.accounts.passwords import HashingConfig, PasswordHasher
from livecommerce.accounts.sealing_keys import open_keys
from livecommerce.accounts.tokens import Issuer, SupabaseConfig, Verifier
from livecommerce.app import parts
from livecommerce.bus import Rpc, SessionBus
from livecommerce.child import Parent
from livecommerce.demo import listening_socket
from livecommerce.http.addresses import TrustedProxies
from livecommerce.http.admin import make_runner
from livecommerce.http.app import make_app
from livecommerce.http.deps import HttpDeps
from livecommerce.http.fetch import fetch
from livecommerce.http.health import Health, migrations_probe, postgres_probe
from livecommerce.http.metrics import HttpMetrics
from livecommerce.http.origins import OriginPolicy
from livecommerce.live.counters import VISIT, Counters
from livecommerce.live.handlers import Handlers, HandlersConfig
from livecommerce.live.identity import verifying
from livecommerce.live.presence import Presence
from livecommerce.live.rooms import LiveRooms
from livecommerce.live.sessions import LiveSessions
from livecommerce.live.video import Video
from livecommerce.live.visits import Visits
from livecommerce.relay import Relay
from livecommerce.settings import Settings
from shop.checkout import ShopTerms
from signaling.gateway import Gateway, GatewayConfig
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
        verifier = Verifier(issuer, _supabase(settings), fetch)
        stack.push_async_callback(verifier.close)
        health = parts.health(
            "hub",
            postgres_probe(database),
            migrations_probe(database),
            parts.redis_probe(redis),
        )
        presence = Presence(redis, f"hub-{os.getpid()}-{clock.secret(6)}")
        counters = Counters(redis, clock.uuid7, clock.epoch_s)
        visits = Visits(lambda id_, record: counters.keep(id_, VISIT, record), clock.uuid7)
        relay, sessions = Relay(database, bus), LiveSessions(database)
        gateway = Gateway(verifying(verifier), _gateway_config(settings), clock.epoch_s)
        rooms = LiveRooms(sessions, bus, presence, counters, video, gateway)
        gateway.bind(
            Handlers(
                db=database,
                bus=bus,
                relay=relay,
                sessions=sessions,
                rooms=rooms,
                counters=counters,
                visits=visits,
                video=video,
                gateway=gateway,
                verify=verifying(verifier),
                epoch_ms=clock.epoch_ms,
                config=HandlersConfig(settings.chat.max_chars, _terms(settings)),
            ).table()
        )
        app = make_app(_http_deps(stack, settings, database, issuer, verifier, health, presence))
        gateway.attach(app)
        async with parts.running(
            listener.run(),
            bus.run(),
            relay.run(),
            counters.run(),
            visits.run(gateway.is_in_live_session, clock.epoch_ms),
            rooms.run(),
            gateway.run(),
        ):
            await _serve(stack, app, settings, parent)
            await parts.serve_admin(stack, health, settings.admin.host, settings.admin.port)
            parent.ready(http=settings.http.port, admin=settings.admin.port)
            log.info("hub.ready", url=settings.public_url)
            await stopped.wait()
            health.readiness.drain()
            gateway.drain()
        visits.end_all(clock.epoch_ms())
        await counters.send()


def _http_deps(
    stack: AsyncExitStack,
    settings: Settings,
    database: Database,
    issuer: Issuer,
    verifier: Verifier,
    health: Health,
    presence: Presence,
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
    )


async def _serve(
    stack: AsyncExitStack, app: web.Application, settings: Settings, parent: Parent
) -> None:
    runner = make_runner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    host, port = settings.http.host, settings.http.port
    with parts.opening(host, port, "LIVECOMMERCE_HTTP_PORT"):
        listening = parent.listening_socket() or listening_socket(host, port)
    await web.SockSite(runner, listening).start()


def _origins(settings: Settings) -> OriginPolicy:
    # The configured address as it is: None means "whatever host was asked".
    return OriginPolicy(settings.http.public_url, settings.http.allowed_origins)


def _gateway_config(settings: Settings) -> GatewayConfig:
    return GatewayConfig(
        may_connect=_origins(settings).allows,
        trusted_proxies=settings.http.trusted_proxies,
        max_message_bytes=settings.hub.max_message_bytes,
        events_per_s=settings.hub.events_per_s,
        events_burst=settings.hub.events_burst,
        connect_deadline_s=settings.hub.auth_deadline_s,
        ping_interval_s=round(settings.hub.ping_interval_s),
        ping_timeout_s=round(settings.hub.ping_timeout_s),
        max_connections=settings.hub.max_connections,
        rates={"chat.send": Rate(settings.chat.per_s, settings.chat.burst)},
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
    return ShopTerms(settings.shop.max_quantity, settings.shop.shipping_minor)
