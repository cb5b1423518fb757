"""The hub: pages, REST and Socket.IO."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
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
from livecommerce.app.live import Live, Stores, open_stores
from livecommerce.app.payments import HUB_INTERVAL_S, open_payments
from livecommerce.app.public import open_public
from livecommerce.child import Parent, process_name
from livecommerce.http.app import make_app
from livecommerce.http.deps import HttpDeps
from livecommerce.http.fetch import fetch
from livecommerce.http.health import Health, migrations_probe, postgres_probe
from livecommerce.http.metrics import HttpMetrics
from livecommerce.http.origins import OriginPolicy
from livecommerce.live.handlers import HandlersConfig
from livecommerce.live.identity import verifying
from livecommerce.live.presence import Presence
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
        stores = await open_stores(stack, settings)
        logged_in = _logged_in(stack, settings)
        health = _health(stores)
        payments, desk = open_payments(stack, settings, stores.database, HUB_INTERVAL_S)
        verify = verifying(logged_in.verifier)
        gateway = Gateway(verify, gateway_config(settings), clock.epoch_s)
        checkout = _checkout(stack, settings, stores.database)
        config = HandlersConfig(settings.chat.max_chars, settings.chat.claim_keyword)
        live = Live(stores, gateway, verify, checkout, desk, config)
        deps = _http_deps(
            stack, settings, stores.database, logged_in, health, live.presence, payments
        )
        app = make_app(deps)
        gateway.attach(app)
        logins = await _login_watch(stores.database, logged_in.ended, gateway)
        async with parts.running(
            stores.listener.run(),
            stores.bus.run(),
            desk.run(),
            *live.loops(),
            gateway.run(),
            logins.run(),
            GarbageCollection(lambda: gateway.unanswered).run(),
        ):
            await _serve(stack, app, settings, parent, stopped, health, gateway)
        await live.leave()


async def _serve(
    stack: AsyncExitStack,
    app: web.Application,
    settings: Settings,
    parent: Parent,
    stopped: asyncio.Event,
    health: Health,
    gateway: Gateway,
) -> None:
    """From the first connection that is taken in to the last one that is let go."""
    public = await open_public(stack, app, settings, parent)
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
    log.info("hub.draining", connections=gateway.connection_count)
    await gateway.let_go(
        settings.hub.drain_s, parent.forced, clock.fraction, is_replaced=parent.is_replaced
    )


@dataclass(frozen=True, slots=True)
class _LoggedIn:
    """Who issues and believes tokens, and which log-ins have ended."""

    issuer: Issuer
    verifier: Verifier
    ended: EndedLogins


def _logged_in(stack: AsyncExitStack, settings: Settings) -> _LoggedIn:
    issuer = parts.issuer(settings)
    ended = EndedLogins(_token_life_s(settings))
    verifier = Verifier(issuer, _supabase(settings), fetch, is_ended=ended.is_ended)
    stack.push_async_callback(verifier.close)
    return _LoggedIn(issuer, verifier, ended)


def _health(stores: Stores) -> Health:
    return parts.health(
        process_name("hub"),
        postgres_probe(stores.database),
        migrations_probe(stores.database),
        parts.redis_probe(stores.redis),
    )


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
    logged_in: _LoggedIn,
    health: Health,
    presence: Presence,
    payments: Payments,
) -> HttpDeps:
    passwords = PasswordHasher(HashingConfig(settings.accounts.hash_concurrency))
    stack.callback(passwords.close)
    config = AccountsConfig(settings.tokens.refresh_ttl_s)
    return HttpDeps(
        db=database,
        accounts=Accounts(database, logged_in.issuer, passwords, config),
        verifier=logged_in.verifier,
        issuer=logged_in.issuer,
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
