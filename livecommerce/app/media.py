"""A media process: the SFU, reachable for the hubs through Redis."""

import asyncio
import secrets
from contextlib import AsyncExitStack

import structlog

from livecommerce import clock
from livecommerce.app import parts
from livecommerce.bus import Rpc, SessionBus
from livecommerce.child import Parent
from livecommerce.media_metrics import MediaCollector
from livecommerce.media_node import MediaNode
from livecommerce.settings import Settings
from media import Sfu, SfuConfig

log = structlog.get_logger(__name__)


async def run(settings: Settings, parent: Parent, stopped: asyncio.Event) -> None:
    """Forward media until `stopped`."""
    async with AsyncExitStack() as stack:
        redis, listener = parts.open_redis(stack, settings)
        bus = SessionBus(redis, listener, parts.bus_config(settings), parts.new_epoch)
        node = MediaNode(
            redis,
            Rpc(redis, listener, clock.secret(12), parts.new_call_id),
            bus,
            settings.media.node,
            incarnation=secrets.token_hex(8),
            new_peer_id=_new_peer_id,
        )
        sfu = Sfu(_sfu_config(settings), node.take)
        host, wanted = settings.media.host, settings.media.port
        with parts.opening(host, wanted, "UDP, LIVECOMMERCE_MEDIA_PORT"):
            port = await sfu.start()
        stack.push_async_callback(sfu.stop)
        health = parts.health("media", parts.redis_probe(redis))
        health.registry.register(MediaCollector(sfu.stats))
        async with parts.running(listener.run(), node.run(sfu)):
            admin_port = settings.admin.port + 1
            await parts.serve_admin(stack, health, settings.admin.host, admin_port)
            parent.ready(media=port, admin=admin_port)
            log.info("media.ready", udp_port=port)
            await stopped.wait()


def _sfu_config(settings: Settings) -> SfuConfig:
    return SfuConfig(
        host=settings.media.host,
        port=settings.media.port,
        announce=settings.media.announce,
        max_bitrate_bps=settings.media.max_bitrate_bps,
        max_subscribers=settings.media.max_subscribers,
        consent_timeout_s=settings.media.consent_timeout_s,
    )


def _new_peer_id() -> str:
    return clock.secret(16)
