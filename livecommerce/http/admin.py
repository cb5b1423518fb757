"""The operator's aiohttp application, which every process has: health and metrics.

It listens on a port of its own that is not meant to be reachable from outside.
"""

from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from livecommerce.http.health import Health, add_health_routes

# The framework's own limit is an hour, which lets anybody hold connections by never asking. A proxy
# in front should keep idle connections to us for less, or it will meet one that is just closing.
IDLE_S: Final = 15.0


def make_runner(
    app: web.Application, *, idle_s: float = IDLE_S, shutdown_s: float = 1.0
) -> web.AppRunner:
    """What serves either application.

    idle_s: a connection without a whole request for that long is closed; that is also all the time
    a client has for sending its headers. shutdown_s: how long running requests may take at the end.
    """
    return web.AppRunner(
        app, access_log=None, keepalive_timeout=idle_s, shutdown_timeout=shutdown_s
    )


def make_admin_app(health: Health) -> web.Application:
    """Health and metrics of one process; also measures the lag of its event loop."""
    app = web.Application()
    add_health_routes(app, health)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(health.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def measured(_: web.Application) -> AsyncIterator[None]:
        async with health.loop_lag.measured():
            yield

    app.router.add_get("/metrics", metrics)
    app.cleanup_ctx.append(measured)
    return app
