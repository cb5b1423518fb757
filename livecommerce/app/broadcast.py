"""The demo's broadcaster: an ordinary client that puts the test card on air."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from livecommerce import clock, testcard
from livecommerce.accounts.tokens import Issuer
from livecommerce.app import parts
from livecommerce.broadcaster import Broadcaster
from livecommerce.child import Parent
from livecommerce.seed import SeedResult, seed
from livecommerce.settings import Settings

log = structlog.get_logger(__name__)


async def run(settings: Settings, parent: Parent, stopped: asyncio.Event) -> None:
    """Broadcast until `stopped`."""
    card = await asyncio.to_thread(
        testcard.prepare,
        parts.test_card_dir(settings),
        lambda text: log.info("testcard", step=text),
    )
    async with AsyncExitStack() as stack:
        database = await parts.open_database(stack, settings, pool_size=1, for_people=True)
        seeded = await seed(database, parts.images_dir(settings), clock.now())
    issuer = parts.issuer(settings)
    broadcaster = Broadcaster(
        url=f"http://{_dialable(settings.http.host)}:{settings.http.port}",
        live_session_id=seeded.live_session_id,
        first_product_id=seeded.first_product_id,
        new_token=lambda: _token_of(issuer, seeded),
        new_id=clock.uuid7,
        broadcast=lambda publish, until: testcard.broadcast(card, publish, until),
    )
    parent.ready()
    await broadcaster.run(stopped)


def _token_of(issuer: Issuer, seeded: SeedResult) -> str:
    """An access token of the influencer whose live session the test card keeps on air."""
    return issuer.issue(
        user_id=seeded.on_air_influencer_user_id,
        role="influencer",
        display_name=seeded.on_air_influencer_name,
        email=None,
        login_id=clock.uuid7(),
        now_s=clock.epoch_s(),
    )


def _dialable(host: str) -> str:
    """Where a process on this machine reaches what listens on `host`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared only
    return everywhere.get(host, f"[{host}]" if ":" in host else host)
