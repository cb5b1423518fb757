"""What the demo needs before its processes start: schema, sample data, test card, log-in links."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

from db import Database
from livecommerce import clock, testcard
from livecommerce.accounts.links import make_link
from livecommerce.app import parts
from livecommerce.database import derived_logins
from livecommerce.demo import DemoFacts, LoginLink, Progress
from livecommerce.migration import bring_up_to_date
from livecommerce.seed import SeedResult, seed
from livecommerce.settings import Settings


async def prepare(settings: Settings, progress: Progress) -> DemoFacts:
    """Bring the database up to date, fill in what the demo shows, make log-in links."""
    assert settings.database.url is not None, "the demo has started its Postgres by now"
    with progress.step("migrations"):
        await bring_up_to_date(
            settings.database.url.get_secret_value(), passwords_of=derived_logins(settings)
        )
    async with AsyncExitStack() as stack:
        database = await parts.open_database(stack, settings, pool_size=2, for_people=True)
        with progress.step("sample data") as step:
            seeded = await seed(database, parts.images_dir(settings), clock.now())
            step.detail = f"{seeded.products} products of {seeded.wholesalers} wholesalers"
        with progress.step("test card") as step:
            # Drawn and encoded once; later starts find it.
            await asyncio.to_thread(testcard.prepare, parts.test_card_dir(settings), step.show)
        links = await _links(database, settings, seeded)
    return DemoFacts(f"{settings.public_url}/live/{seeded.live_session_id}", links)


async def _links(
    database: Database, settings: Settings, seeded: SeedResult
) -> tuple[LoginLink, ...]:
    people: tuple[tuple[str, UUID, str], ...] = (
        ("influencer", seeded.influencer_user_id, "the studio"),
        ("customer", seeded.customer_user_id, "the live sessions"),
        ("wholesaler", seeded.wholesaler_user_id, "products and orders"),
        ("admin", seeded.admin_user_id, "the support queries"),
    )
    links = []
    for role, user_id, opens in people:
        token = await make_link(database, user_id, clock.now(), ttl_s=settings.accounts.link_ttl_s)
        links.append(LoginLink(role, opens, f"{settings.public_url}/log-in#link={token}"))
    return tuple(links)
